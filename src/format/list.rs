//! Lists: a line for each property, the names filled up to the longest.

use super::cell;
use crate::value::{Str, Value};

/// The lines of one object, and a blank line behind them; nothing for an object without properties.
pub fn object(fields: &[(Str, Value)], width: usize) -> String {
    let longest = fields.iter().map(|(name, _)| cell::width(name)).max().unwrap_or(0);
    let indent = longest + 3;
    // Where the names leave no room the values get at least a little.
    let room = width.saturating_sub(indent).max(8);
    let mut out = String::new();
    for (name, value) in fields {
        let label = cell::pad(name, longest, super::Align::Left);
        for (number, line) in cell::wrap(&cell::of(value, false), room).iter().enumerate() {
            match number {
                0 => out.push_str(&format!("{label} : {line}\n")),
                _ => out.push_str(&format!("{}{line}\n", " ".repeat(indent))),
            }
        }
    }
    if !fields.is_empty() {
        out.push('\n');
    }
    out
}
