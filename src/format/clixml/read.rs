//! CLIXML to values.

use super::text::{read_double, read_duration, unescaped};
use super::{DEEPEST, TEXT};
use crate::error::{Category, ErrorRecord};
use crate::value::{
    DateTimeKind, Record, RecordType, Str, Table, TextForm, Value, char_object, date, list_object, number, statics,
    types, uri, xml,
};
use roxmltree::{Document, Node};
use std::collections::HashMap;
use std::sync::Arc;

/// The objects of a document, in order.
///
/// # Errors
/// `System.Xml.XmlException` for what is no CLIXML, or nested deeper than anybody writes it.
pub fn read(text: &str) -> Result<Vec<Value>, ErrorRecord> {
    // A document type is refused: entities that grow have no place in a file of values.
    let document = Document::parse(text.trim()).map_err(|problem| wrong(&problem.to_string()))?;
    let root = document.root_element();
    if root.tag_name().name() != "Objs" {
        return Err(wrong(&format!("its root is {}, not Objs", root.tag_name().name())));
    }
    let mut reader = Reader::default();
    elements(root).map(|node| reader.value(node, 0)).collect()
}

fn wrong(why: &str) -> ErrorRecord {
    let message = format!("This is no CLIXML: {}.", why.trim_end_matches('.'));
    ErrorRecord::new("System.Xml.XmlException", Category::NotSpecified, message)
        .hint("Export-Clixml writes it; ConvertFrom-Json and [xml] read other texts.")
}

#[derive(Default)]
struct Reader {
    objects: HashMap<String, Value>,
    types: HashMap<String, Arc<[Str]>>,
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    elements(node).find(|child| child.tag_name().name() == name)
}

/// The text of an element, of all its pieces.
fn content(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.text()).collect()
}

impl Reader {
    fn value(&mut self, node: Node<'_, '_>, level: usize) -> Result<Value, ErrorRecord> {
        if level > DEEPEST {
            return Err(wrong(&format!("it is nested deeper than {DEEPEST} levels")));
        }
        let tag = node.tag_name().name();
        let text = content(node);
        let bad = || wrong(&format!("\"{text}\" is no value of {tag}"));
        Ok(match tag {
            "Nil" => Value::Null,
            "S" | "SBK" => unescaped(&text).into(),
            "C" => text.parse().ok().and_then(char::from_u32).map(char_object::new).ok_or_else(bad)?,
            "B" => match &*text {
                "true" | "1" => true.into(),
                "false" | "0" => false.into(),
                _ => return Err(bad()),
            },
            "By" | "SB" | "I16" | "U16" | "I32" | "U32" | "I64" | "U64" => match text.parse::<i64>() {
                Ok(number) => Value::Int(number),
                // More than 64 bits with a sign hold.
                Err(_) => Value::Decimal(number::decimal(&text).ok_or_else(bad)?),
            },
            "Db" | "Sg" => Value::Float(read_double(&text).ok_or_else(bad)?),
            "D" => Value::Decimal(number::decimal(&text).ok_or_else(bad)?),
            "DT" => {
                let mut at = date::parse(&text).ok_or_else(bad)?;
                if text.ends_with('Z') && at.kind == DateTimeKind::Local {
                    at = date::to_utc(at);
                }
                Value::DateTime(at)
            }
            "TS" => Value::Duration(read_duration(&text).ok_or_else(bad)?),
            "G" => Value::Guid(text.trim().parse().map_err(|_| bad())?),
            "URI" => uri::parse(&unescaped(&text)).map(Value::Record).ok_or_else(bad)?,
            "Version" => {
                let target = crate::value::convert::Target::Version;
                crate::value::convert::cast(&Value::from(text.clone()), &target).map_err(|_| bad())?
            }
            "XD" => Value::Record(xml::parse(&unescaped(&text)).map_err(|_| bad())?),
            "BA" => Value::list(
                statics::from_base64(&text).ok_or_else(bad)?.into_iter().map(|b| Value::Int(b.into())).collect(),
            ),
            // Only who wrote it, on the computer where it was written, can read it.
            "SS" => {
                let kind = RecordType::new("Deserialized.System.Security.SecureString", TextForm::TypeName);
                Value::Record(Record::new(kind, Vec::<(&str, Value)>::new()))
            }
            "Ref" => {
                let number = node.attribute("RefId").unwrap_or_default();
                self.objects
                    .get(number)
                    .cloned()
                    .ok_or_else(|| wrong(&format!("it refers to object {number}, which is not there before")))?
            }
            "Obj" => self.object(node, level)?,
            other => return Err(wrong(&format!("{other} is no type of value"))),
        })
    }

    fn object(&mut self, node: Node<'_, '_>, level: usize) -> Result<Value, ErrorRecord> {
        let names = self.names(node)?;
        let number = node.attribute("RefId").map(str::to_string);
        let own: &str = names.first().map_or("System.Object", |name| name);
        let bare = own.strip_prefix("Deserialized.").unwrap_or(own);
        if let Some(table) = child(node, "DCT") {
            return self.table(table, bare, number, level);
        }
        let list = ["LST", "IE", "QUE", "STK"].iter().find_map(|tag| child(node, tag));
        if let Some(list) = list {
            return self.list(list, bare, number, level);
        }
        let shown = child(node, "ToString").map(|node| unescaped(&content(node)));
        if names.iter().any(|name| &**name == "System.Enum" || &**name == "Deserialized.System.Enum") {
            let value = shown.unwrap_or_default();
            return Ok(types::enum_value(bare, &value).unwrap_or_else(|| value.into()));
        }
        let custom = names.iter().any(|name| name.ends_with("System.Management.Automation.PSCustomObject"));
        let properties = [child(node, "Props"), child(node, "MS")];
        // A value with properties of its own is the value.
        if !custom
            && properties[0].is_none()
            && let Some(value) = elements(node).find(|node| is_value(*node))
        {
            return self.value(value, level + 1);
        }
        let kind = match (custom, own) {
            (true, "System.Management.Automation.PSCustomObject") => RecordType::custom(),
            (true, own) => RecordType::new(own, TextForm::Custom),
            (false, own) => {
                let name = if own == bare { format!("Deserialized.{bare}") } else { own.to_string() };
                let form = if shown.is_some() { TextForm::Property(TEXT) } else { TextForm::TypeName };
                RecordType::new(&name, form)
            }
        };
        let record = Record::new(kind, Vec::<(&str, Value)>::new());
        self.keep(number, Value::Record(record.clone()));
        for property in properties.into_iter().flatten().flat_map(elements) {
            let name = unescaped(property.attribute("N").unwrap_or_default());
            let value = self.value(property, level + 1)?;
            record.put(&name, value);
        }
        if let Some(shown) = shown.filter(|_| !custom) {
            record.put(TEXT, shown.into());
        }
        Ok(Value::Record(record))
    }

    fn keep(&mut self, number: Option<String>, value: Value) {
        if let Some(number) = number {
            self.objects.insert(number, value);
        }
    }

    fn names(&mut self, node: Node<'_, '_>) -> Result<Arc<[Str]>, ErrorRecord> {
        if let Some(types) = child(node, "TN") {
            let names: Arc<[Str]> = elements(types).map(|name| unescaped(&content(name)).into()).collect();
            if let Some(number) = types.attribute("RefId") {
                self.types.insert(number.to_string(), names.clone());
            }
            return Ok(names);
        }
        match child(node, "TNRef").and_then(|node| node.attribute("RefId")) {
            Some(number) => {
                let known = self.types.get(number).cloned();
                known.ok_or_else(|| wrong(&format!("it refers to type {number}, which is not there before")))
            }
            None => Ok(Arc::new([])),
        }
    }

    fn table(
        &mut self,
        node: Node<'_, '_>,
        name: &str,
        number: Option<String>,
        level: usize,
    ) -> Result<Value, ErrorRecord> {
        let table = Table::new(name.ends_with("OrderedDictionary"));
        self.keep(number, Value::Map(table.clone()));
        for entry in elements(node) {
            let mut part = |name: &str| {
                let node = elements(entry).find(|node| node.attribute("N") == Some(name));
                node.map_or(Ok(Value::Null), |node| self.value(node, level + 1))
            };
            let (key, value) = (part("Key")?, part("Value")?);
            table.put(key, value);
        }
        Ok(Value::Map(table))
    }

    fn list(
        &mut self,
        node: Node<'_, '_>,
        name: &str,
        number: Option<String>,
        level: usize,
    ) -> Result<Value, ErrorRecord> {
        let grows = name.starts_with(list_object::ARRAY_LIST)
            || name.starts_with("System.Collections.Generic.List")
            || matches!(name, list_object::QUEUE | list_object::STACK);
        if !grows {
            let items = elements(node).map(|item| self.value(item, level + 1)).collect::<Result<Vec<_>, _>>()?;
            let list = Value::list(items);
            self.keep(number, list.clone());
            return Ok(list);
        }
        // Of another list PowerShell makes an ArrayList too.
        let kind = if matches!(name, list_object::QUEUE | list_object::STACK) { name } else { list_object::ARRAY_LIST };
        let list = list_object::of_type(kind, Vec::new());
        self.keep(number, Value::Record(list.clone()));
        let mut items: Vec<_> = elements(node).collect();
        if kind == list_object::STACK {
            // The newest is the first there, and the last here.
            items.reverse();
        }
        for item in items {
            let item = self.value(item, level + 1)?;
            list_object::check_not_within(&list, &item).map_err(|_| wrong("a list in it holds itself"))?;
            list_object::push(&list, item);
        }
        Ok(Value::Record(list))
    }
}

fn is_value(node: Node<'_, '_>) -> bool {
    !matches!(node.tag_name().name(), "TN" | "TNRef" | "ToString" | "Props" | "MS")
}
