//! From a tree to text, as .NET writes it.

use super::dom::{At, DOCUMENT, Dom, Kind};
use crate::env::bounds;

/// An element that has begun.
struct Begun {
    at: At,
    /// The next of its children.
    next: usize,
    /// Text was written in it, so that no blanks may be put in.
    mixed: bool,
    /// Prefixes that it declares.
    declared: Vec<(String, String)>,
}

/// Writes nodes.
struct Writer<'a> {
    dom: &'a Dom,
    indent: bool,
    begun: Vec<Begun>,
    out: String,
}

/// The text of a node with all that is in it.
pub fn outer(dom: &Dom, at: At) -> String {
    let mut writer = Writer { dom, indent: false, begun: Vec::new(), out: String::new() };
    if at == DOCUMENT {
        return inner(dom, at);
    }
    writer.node(at);
    writer.out
}

/// The text of what is in a node.
pub fn inner(dom: &Dom, at: At) -> String {
    let mut writer = Writer { dom, indent: false, begun: Vec::new(), out: String::new() };
    if dom.item(at).kind == Kind::Element {
        writer.begun.push(Begun { at, next: 0, mixed: false, declared: in_force(dom, at) });
    }
    for child in &dom.item(at).children {
        let depth = writer.begun.len();
        writer.node(*child);
        writer.begun.truncate(depth);
    }
    writer.out
}

/// Prefixes that have a meaning at a node, the nearest last.
fn in_force(dom: &Dom, at: At) -> Vec<(String, String)> {
    let outer: Vec<At> = std::iter::successors(Some(at), |at| dom.item(*at).parent).collect();
    let declared = |at: &At| -> Vec<(String, String)> {
        let declarations = dom.item(*at).attributes.iter().map(|attribute| dom.item(*attribute));
        declarations.filter_map(|a| Some((a.declares()?.to_string(), a.text.clone()))).collect()
    };
    outer.iter().rev().flat_map(declared).collect()
}

/// The text of a document as a file, with its parts on lines of their own.
pub fn document(dom: &Dom) -> String {
    let mut writer = Writer { dom, indent: !dom.preserve, begun: Vec::new(), out: String::new() };
    for child in &dom.item(DOCUMENT).children {
        if !writer.out.is_empty() && writer.indent {
            writer.out.push('\n');
        }
        writer.node(*child);
    }
    writer.out
}

impl Writer<'_> {
    fn node(&mut self, at: At) {
        let depth = self.begun.len();
        self.start(at);
        while self.begun.len() > depth {
            // Whoever follows sees that the run ends here; the text is not used then.
            if self.out.len() > bounds::LONGEST_TEXT {
                bounds::refuse();
            }
            if bounds::spent().is_some() {
                return;
            }
            let Some(begun) = self.begun.last_mut() else { return };
            let children = &self.dom.item(begun.at).children;
            match children.get(begun.next) {
                Some(child) => {
                    begun.next += 1;
                    let is_text = self.dom.item(*child).is_text();
                    begun.mixed |= is_text;
                    if self.indent && !begun.mixed {
                        self.line(self.begun.len());
                    }
                    self.start(*child);
                }
                None => {
                    let (at, mixed, empty) = (begun.at, begun.mixed, children.is_empty());
                    self.begun.pop();
                    if self.indent && !mixed && !empty {
                        self.line(self.begun.len());
                    }
                    self.out.push_str(&format!("</{}>", self.dom.item(at).name));
                }
            }
        }
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn meaning(&self, prefix: &str) -> Option<&str> {
        let declared = self.begun.iter().rev().flat_map(|begun| begun.declared.iter().rev());
        declared.into_iter().find(|(known, _)| known == prefix).map(|(_, space)| space.as_str())
    }

    /// Writes a node, or the beginning of one that has something in it.
    fn start(&mut self, at: At) {
        let item = self.dom.item(at);
        match item.kind {
            Kind::Text => escape(&mut self.out, &item.text, false),
            Kind::CData => self.out.push_str(&format!("<![CDATA[{}]]>", item.text)),
            Kind::Comment => self.out.push_str(&format!("<!--{}-->", item.text)),
            Kind::Instruction | Kind::Declaration => self.out.push_str(&match item.text.as_str() {
                "" => format!("<?{}?>", item.name),
                text => format!("<?{} {text}?>", item.name),
            }),
            Kind::Attribute => {
                self.out.push_str(&format!("{}=\"", item.name));
                escape(&mut self.out, &item.text, true);
                self.out.push('"');
            }
            Kind::Document => {}
            Kind::Element => {
                self.out.push('<');
                self.out.push_str(&item.name);
                let mut declared = Vec::new();
                for attribute in &item.attributes {
                    let attribute = self.dom.item(*attribute);
                    self.out.push_str(&format!(" {}=\"", attribute.name));
                    escape(&mut self.out, &attribute.text, true);
                    self.out.push('"');
                    if let Some(prefix) = attribute.declares() {
                        declared.push((prefix.to_string(), attribute.text.clone()));
                    }
                }
                let named = std::iter::once(item).chain(item.attributes.iter().map(|a| self.dom.item(*a)));
                for named in named.filter(|named| named.declares().is_none()) {
                    let prefix = named.prefix();
                    if prefix == "xml" || (prefix.is_empty() && named.kind == Kind::Attribute) {
                        continue;
                    }
                    let own = declared.iter().rev().find(|(known, _)| known == prefix).map(|(_, space)| space.as_str());
                    if own.or_else(|| self.meaning(prefix)).unwrap_or("") != &*named.space {
                        self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
                        self.out.push_str(&format!("{prefix}=\""));
                        escape(&mut self.out, &named.space, true);
                        self.out.push('"');
                        declared.push((prefix.to_string(), named.space.to_string()));
                    }
                }
                if item.children.is_empty() && item.short {
                    self.out.push_str(" />");
                    return;
                }
                self.out.push('>');
                let mixed = self.begun.last().is_some_and(|begun| begun.mixed);
                self.begun.push(Begun { at, next: 0, mixed, declared });
            }
        }
    }
}

fn escape(out: &mut String, text: &str, in_attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\r' if in_attribute => out.push_str("&#xD;"),
            // What XML has no place for is left out.
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => {}
            c => out.push(c),
        }
    }
}
