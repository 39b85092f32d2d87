//! `[xml]`: a document as objects, read as PowerShell's adapter shows it: an element is a property; attributes and
//! child elements are its properties; an element of text alone is that text; several of a name are a list.

use super::{Record, RecordType, Str, TextForm, Value};

/// Reads a document.
///
/// # Errors
/// What is wrong with the text, and where.
pub fn parse(text: &str) -> Result<Record, String> {
    let document = roxmltree::Document::parse(text.trim()).map_err(|error| error.to_string())?;
    let root = document.root_element();
    let kind = RecordType::new("System.Xml.XmlDocument", TextForm::TypeName);
    let fields: [(Str, Value); 2] =
        [(root.tag_name().name().into(), element(root)), ("OuterXml".into(), text.trim().into())];
    Ok(Record::new(kind, fields))
}

fn element(node: roxmltree::Node<'_, '_>) -> Value {
    let children: Vec<_> = node.children().filter(roxmltree::Node::is_element).collect();
    let text: String = node.children().filter(roxmltree::Node::is_text).filter_map(|child| child.text()).collect();
    if children.is_empty() && node.attributes().len() == 0 {
        return text.into();
    }
    let record = Record::new(
        RecordType::new("System.Xml.XmlElement", TextForm::TypeName),
        node.attributes().map(|attribute| (attribute.name(), Value::str(attribute.value()))),
    );
    for child in &children {
        let name = child.tag_name().name();
        let value = element(*child);
        let value = match record.get(name) {
            None => value,
            Some(Value::List(items)) => Value::list(items.iter().cloned().chain([value]).collect()),
            Some(one) => Value::list(vec![one, value]),
        };
        record.put(name, value);
    }
    if children.is_empty() && !text.is_empty() {
        record.put("#text", text.into());
    }
    Value::Record(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes_are_properties() {
        let Some(Value::Record(a)) = parse("<a><b>text</b><c n='v'/><d/><d x='1'>t</d></a>").unwrap().get("a") else {
            panic!("no element");
        };
        assert_eq!(&*a.get("b").unwrap().to_string(), "text");
        assert!(matches!(a.get("c"), Some(Value::Record(c)) if &*c.get("n").unwrap().to_string() == "v"));
        assert!(matches!(a.get("d"), Some(Value::List(d)) if d.len() == 2));
        assert!(parse("<a>").is_err());
    }
}
