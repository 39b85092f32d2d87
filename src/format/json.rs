//! JSON as ConvertTo-Json writes it: to a depth, below which values are texts.

use crate::env::bounds::LONGEST_TEXT;
use crate::error::{Category, ErrorRecord, go_on};
use crate::value::{Record, Str, Value, date, enumerate, member, number, text, types};

/// Which characters are written as `\u` and four digits beside those that must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escapes {
    /// None.
    #[default]
    Default,
    /// All that ASCII lacks.
    NonAscii,
    /// Those that mean something in HTML.
    Html,
}

/// How JSON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many levels of objects and lists are followed below the first.
    pub depth: usize,
    /// Without line ends and indentation.
    pub compress: bool,
    /// An enumeration's value by its name, not its number.
    pub enums_as_strings: bool,
    /// Which characters are escaped.
    pub escapes: Escapes,
}

impl Default for Options {
    fn default() -> Options {
        Options { depth: 2, compress: false, enums_as_strings: false, escapes: Escapes::Default }
    }
}

/// The JSON of a value, and whether something lay deeper than it goes.
///
/// # Errors
/// `NonStringKeyInDictionary`: JSON has no other keys.
pub fn write(value: &Value, options: Options) -> Result<(String, bool), ErrorRecord> {
    let mut writer = Writer { options, out: String::new(), cut: false };
    writer.value(value, 0)?;
    Ok((writer.out, writer.cut))
}

struct Writer {
    options: Options,
    out: String,
    cut: bool,
}

impl Writer {
    fn value(&mut self, value: &Value, level: usize) -> Result<(), ErrorRecord> {
        // What holds itself twice grows with every level, and ends only where somebody looks.
        go_on()?;
        if self.out.len() > LONGEST_TEXT {
            let message =
                format!("The JSON is longer than {} MiB, which is all that a text may be.", LONGEST_TEXT >> 20);
            let error = ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message);
            return Err(error.hint("Lower -Depth, or convert the objects one by one."));
        }
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) if number.is_finite() => self.number(number::shortest(*number)),
            Value::Float(number) => self.string(&number::shortest(*number)),
            Value::Decimal(number) => self.number(number.to_string()),
            Value::Str(text) => self.string(text),
            Value::DateTime(at) => self.string(&date::iso(*at)),
            Value::Guid(_) | Value::Block(_) => self.string(&text::to_text(value)),
            Value::Record(record) if record.kind().is_scalar() => self.scalar(record, value),
            _ if level > self.options.depth => {
                self.cut = true;
                self.string(&text::to_text(value));
            }
            Value::Duration(_) | Value::Version(_) => {
                let field = |name: Str| (member::get(value, &name).unwrap_or_default(), name);
                let fields: Vec<(Str, Value)> =
                    member::names(value).into_iter().map(field).map(|(value, name)| (name, value)).collect();
                self.object(&fields, level)?;
            }
            Value::List(items) => self.list(items, level)?,
            Value::Map(table) => {
                let mut fields = Vec::new();
                for (key, value) in table.entries() {
                    let Value::Str(key) = key else { return Err(not_text(&key)) };
                    fields.push((key, value));
                }
                self.object(&fields, level)?;
            }
            Value::Record(record) => match enumerate::items(value) {
                Some(items) => self.list(&items, level)?,
                None => {
                    let mut fields = record.fields();
                    // A blank before a name hides it.
                    fields.retain(|(name, _)| !name.starts_with(' '));
                    self.object(&fields, level)?;
                }
            },
        }
        Ok(())
    }

    /// An enumeration's value, a type.
    fn scalar(&mut self, record: &Record, value: &Value) {
        match types::enum_number(record).filter(|_| !self.options.enums_as_strings) {
            Some(number) => self.out.push_str(&number.to_string()),
            None => self.string(&text::to_text(value)),
        }
    }

    /// A number with a fraction says so: `1.0`.
    fn number(&mut self, text: String) {
        self.out.push_str(&text);
        if !text.contains(['.', 'E', 'e']) {
            self.out.push_str(".0");
        }
    }

    fn list(&mut self, items: &[Value], level: usize) -> Result<(), ErrorRecord> {
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            self.separate(at, level + 1);
            self.value(item, level + 1)?;
        }
        self.close(']', items.is_empty(), level);
        Ok(())
    }

    fn object(&mut self, fields: &[(Str, Value)], level: usize) -> Result<(), ErrorRecord> {
        self.out.push('{');
        for (at, (name, value)) in fields.iter().enumerate() {
            self.separate(at, level + 1);
            self.string(name);
            self.out.push_str(if self.options.compress { ":" } else { ": " });
            self.value(value, level + 1)?;
        }
        self.close('}', fields.is_empty(), level);
        Ok(())
    }

    fn separate(&mut self, at: usize, level: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.new_line(level);
    }

    fn close(&mut self, bracket: char, empty: bool, level: usize) {
        if !empty {
            self.new_line(level);
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self, level: usize) {
        if !self.options.compress {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", level));
        }
    }

    fn string(&mut self, text: &str) {
        let html = self.options.escapes == Escapes::Html;
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' if html => self.unicode(c),
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                // The last three end a line in JavaScript.
                '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.unicode(c),
                '<' | '>' | '&' | '\'' if html => self.unicode(c),
                c if !c.is_ascii() && self.options.escapes == Escapes::NonAscii => self.unicode(c),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn unicode(&mut self, c: char) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

fn not_text(key: &Value) -> ErrorRecord {
    ErrorRecord::new(
        "NonStringKeyInDictionary",
        Category::InvalidOperation,
        format!("The key {} of a hashtable is no text, and JSON has no other keys.", text::to_text(key)),
    )
    .hint("Write the key in quotes.")
}
