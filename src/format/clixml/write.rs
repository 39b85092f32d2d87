//! Values to CLIXML.

use super::text::{double, duration, escaped};
use super::{DEEPEST, NAMESPACE, ancestors};
use crate::value::{Record, Str, TextForm, Value, char_object, date, list_object, text, types};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// A document in the making. What is in it so far is taken with [`Writer::take`], so that a long one needs no memory.
pub struct Writer {
    out: String,
    depth: usize,
    /// The objects that are written, by their addresses, with their numbers; they are held, so that no other object
    /// comes to lie where one of them was.
    written: HashMap<usize, (u64, Value)>,
    /// The types that are written, with their numbers.
    types: HashMap<Str, u64>,
    begun: bool,
}

impl Writer {
    /// A document that follows properties so deep; what lies deeper is its text.
    pub fn new(depth: usize) -> Writer {
        Writer { out: String::new(), depth, written: HashMap::new(), types: HashMap::new(), begun: false }
    }

    /// Adds an object.
    pub fn add(&mut self, value: &Value) {
        self.begin();
        self.value(value, None, self.depth, 1);
    }

    /// Ends the document.
    pub fn finish(&mut self) {
        self.begin();
        self.out.push_str("</Objs>");
    }

    /// What was written since it was last asked.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.put(&format!("<Objs Version=\"1.1.0.1\" xmlns=\"{NAMESPACE}\">\n"));
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self, level: usize, text: &str) {
        for _ in 0..level {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// `<TAG N="name">text</TAG>`.
    fn simple(&mut self, level: usize, tag: &str, name: Option<&str>, text: &str) {
        let named = named(name);
        let line = if text.is_empty() && tag == "Nil" {
            format!("<Nil{named} />")
        } else {
            format!("<{tag}{named}>{text}</{tag}>")
        };
        self.line(level, &line);
    }

    fn value(&mut self, value: &Value, name: Option<&str>, depth: usize, level: usize) {
        let (tag, shown) = match value {
            Value::Null => ("Nil", String::new()),
            Value::Bool(b) => ("B", b.to_string()),
            Value::Int(n) if i32::try_from(*n).is_ok() => ("I32", n.to_string()),
            Value::Int(n) => ("I64", n.to_string()),
            Value::Float(x) => ("Db", double(*x)),
            Value::Decimal(d) => ("D", d.to_string()),
            Value::Str(text) => ("S", escaped(text)),
            Value::DateTime(at) => ("DT", date::iso(*at)),
            Value::Duration(span) => ("TS", duration(*span)),
            Value::Version(version) => ("Version", version.to_string()),
            Value::Guid(id) => ("G", id.to_string()),
            Value::Block(block) => ("SBK", escaped(block.text())),
            Value::Record(record) => match char_object::of(record) {
                Some(c) => ("C", u32::from(c).to_string()),
                None if &*record.kind().name == "System.Uri" => ("URI", escaped(&text::to_text(value))),
                None => return self.object(value, name, depth, level),
            },
            Value::List(_) | Value::Map(_) => return self.object(value, name, depth, level),
        };
        self.simple(level, tag, name, &shown);
    }

    fn object(&mut self, value: &Value, name: Option<&str>, depth: usize, level: usize) {
        let address = address(value);
        if let Some((number, _)) = address.and_then(|address| self.written.get(&address)) {
            let line = format!("<Ref{} RefId=\"{number}\" />", named(name));
            return self.line(level, &line);
        }
        let is_container =
            matches!(value, Value::List(_) | Value::Map(_)) || crate::value::enumerate::items(value).is_some();
        if level / 2 >= DEEPEST || (depth == 0 && !is_container && !is_enum(value)) {
            let shown = escaped(&text::to_text(value));
            return self.simple(level, "S", name, &shown);
        }
        let number = self.written.len() as u64;
        // Each object has a number, also one that nobody can refer to.
        self.written.insert(address.unwrap_or(usize::MAX - self.written.len()), (number, value.clone()));
        let opened = format!("<Obj{} RefId=\"{number}\">", named(name));
        self.line(level, &opened);
        self.types(value, level + 1);
        self.inside(value, depth, level + 1);
        self.line(level, "</Obj>");
    }

    fn inside(&mut self, value: &Value, depth: usize, level: usize) {
        match value {
            Value::Map(table) => {
                self.line(level, "<DCT>");
                for (key, value) in table.entries() {
                    self.line(level + 1, "<En>");
                    self.value(&key, Some("Key"), depth, level + 2);
                    self.value(&value, Some("Value"), depth, level + 2);
                    self.line(level + 1, "</En>");
                }
                self.line(level, "</DCT>");
            }
            Value::List(items) => self.items("LST", items, depth, level),
            Value::Record(record) => match list_object::items(record) {
                Some(items) => {
                    let tag = match &*record.kind().name {
                        list_object::QUEUE => "QUE",
                        list_object::STACK => "STK",
                        _ => "LST",
                    };
                    let newest_first: Vec<Value> = items.iter().rev().cloned().collect();
                    self.items(tag, if tag == "STK" { &newest_first } else { &items }, depth, level);
                }
                None => self.record(value, record, depth, level),
            },
            _ => {}
        }
    }

    fn items(&mut self, tag: &str, items: &[Value], depth: usize, level: usize) {
        self.line(level, &format!("<{tag}>"));
        for item in items {
            self.value(item, None, depth, level + 1);
        }
        self.line(level, &format!("</{tag}>"));
    }

    fn record(&mut self, value: &Value, record: &Record, depth: usize, level: usize) {
        if let Some(number) = types::enum_number(record) {
            self.simple(level, "ToString", None, &escaped(&text::to_text(value)));
            return self.simple(level, "I32", None, &number.to_string());
        }
        let custom = record.kind().text == TextForm::Custom;
        if !custom {
            self.simple(level, "ToString", None, &escaped(&text::to_text(value)));
        }
        // A blank before a name hides it.
        let fields = record.fields().into_iter().filter(|(name, _)| !name.starts_with(' '));
        let tag = if custom { "MS" } else { "Props" };
        self.line(level, &format!("<{tag}>"));
        for (name, value) in fields {
            self.value(&value, Some(&name), depth.saturating_sub(1), level + 1);
        }
        self.line(level, &format!("</{tag}>"));
    }

    fn types(&mut self, value: &Value, level: usize) {
        let own = types::name_of(value);
        if let Some(number) = self.types.get(&own) {
            let line = format!("<TNRef RefId=\"{number}\" />");
            return self.line(level, &line);
        }
        let number = self.types.len() as u64;
        self.types.insert(own.clone(), number);
        self.line(level, &format!("<TN RefId=\"{number}\">"));
        self.simple(level + 1, "T", None, &escaped(&own));
        let more: &[&str] = if is_enum(value) { &["System.Enum", "System.ValueType"] } else { ancestors(&own) };
        for name in more.iter().copied().chain(["System.Object"]) {
            self.simple(level + 1, "T", None, name);
        }
        self.line(level, "</TN>");
    }
}

fn named(name: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(name) = name {
        // Writing to a string cannot fail.
        let _ = write!(out, " N=\"{}\"", escaped(name));
    }
    out
}

fn is_enum(value: &Value) -> bool {
    matches!(value, Value::Record(record) if types::enum_number(record).is_some())
}

/// What tells an object from all others that live; an array is a value, which many may hold alike.
fn address(value: &Value) -> Option<usize> {
    match value {
        Value::Record(record) => Some(record.address()),
        Value::Map(table) => Some(table.address()),
        Value::List(items) => Some(Arc::as_ptr(items).addr()),
        _ => None,
    }
}
