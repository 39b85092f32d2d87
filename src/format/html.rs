//! HTML: the fragments of ConvertTo-Html, and a page that is readable as it comes.

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

/// What stands at the head of a page.
#[derive(Debug, Default)]
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// The address of a style sheet, in the place of the plain style for tables.
    pub style_sheet: Option<&'a str>,
    /// What a script gives for the head, in the place of title and style.
    pub own: Option<&'a [Str]>,
    /// The character set, UTF-8 if there is none.
    pub charset: Option<&'a str>,
    /// What else is said of the page, by name.
    pub meta: &'a [(Str, Str)],
    /// It is XHTML as browsers of old took it.
    pub transitional: bool,
}

impl Page<'_> {
    /// All up to the body.
    pub fn head(&self) -> String {
        let mut inside = format!("<meta charset=\"{}\">\n", escape(self.charset.unwrap_or("utf-8")));
        for (name, content) in self.meta {
            inside.push_str(&format!("<meta name=\"{}\" content=\"{}\">\n", escape(name), escape(content)));
        }
        match self.own {
            Some(own) => inside.push_str(&own.join("\n")),
            None => inside.push_str(&format!("<title>{}</title>", escape(self.title))),
        }
        inside.push('\n');
        match self.style_sheet {
            Some(address) => inside.push_str(&format!("<link rel=\"stylesheet\" href=\"{}\">\n", escape(address))),
            None if self.own.is_none() => inside.push_str(&format!("<style>\n{STYLE}</style>\n")),
            None => {}
        }
        let kind = if self.transitional { TRANSITIONAL } else { "<!DOCTYPE html>" };
        format!("{kind}\n<html lang=\"en\">\n<head>\n{inside}</head>")
    }
}

const TRANSITIONAL: &str = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \
\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">";

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

/// One object as a table of names and values.
pub fn list(names: &[Str], values: &[Value]) -> Vec<String> {
    let line =
        |(name, value): (&Str, &Value)| format!("<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(&whole(value)));
    names.iter().zip(values).map(line).collect()
}

/// A value for reading on a page: lists whole, not cut to four.
fn whole(value: &Value) -> String {
    match value {
        Value::List(items) => items.iter().map(whole).collect::<Vec<_>>().join(", "),
        other => cell::of(other, false),
    }
}
