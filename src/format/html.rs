//! HTML: a page that is readable as it comes, for reports.

use super::cell;
use crate::value::{Str, Value};

/// Text as HTML shows it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// All of a page up to its body.
pub fn head(title: &str) -> String {
    let inside = format!("<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n", escape(title));
    format!("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n{inside}</head>")
}

const STYLE: &str = "\
body { font-family: system-ui, sans-serif; margin: 2rem; color: #1c1e21; background: #fff }
table { border-collapse: collapse; font-size: 0.9rem }
th, td { border: 1px solid #c8ccd1; padding: 0.25rem 0.6rem; text-align: left; vertical-align: top }
th { position: sticky; top: 0; background: #eef1f4 }
tr:nth-child(even) td { background: #f8f9fa }
";

/// The first line of a table: its names.
pub fn table_head(names: &[Str]) -> String {
    let cells: String = names.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
    format!("<tr>{cells}</tr>")
}

/// A row of a table.
pub fn row(values: &[Value]) -> String {
    let cells: String = values.iter().map(|value| format!("<td>{}</td>", escape(&whole(value)))).collect();
    format!("<tr>{cells}</tr>")
}

/// A value for reading on a page: lists whole, not cut to four.
fn whole(value: &Value) -> String {
    match value {
        Value::List(items) => items.iter().map(whole).collect::<Vec<_>>().join(", "),
        other => cell::of(other, false),
    }
}
