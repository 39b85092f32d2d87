//! `-f` and the formats of single values: `"{0,-8} {1:N2}" -f …`.

use super::super::{Value, date, enumerate, text, timespan};
use super::number_format;
use crate::env::bounds::LONGEST_TEXT;
use crate::error::{Category, ErrorRecord};

/// How wide an item may be made, columns.
const WIDEST: usize = 100_000;

fn bad(why: &str) -> ErrorRecord {
    ErrorRecord::new("FormatError", Category::InvalidOperation, format!("Error formatting a string: {why}."))
        .hint("Number the values from 0, as \"{0} has {1:N2}\" -f a, b; double a brace that is meant plainly.")
}

pub(super) fn operator(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    let arguments = enumerate::enumerate(right.clone());
    composite(&text::to_text(left), &arguments).map(Value::from)
}

/// A composite format with its values: .NET's `String.Format`.
///
/// # Errors
/// `FormatError`.
pub fn composite(pattern: &str, arguments: &[Value]) -> Result<String, ErrorRecord> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let behind = &rest[at + 1..];
        if behind.starts_with(brace) {
            out.push_str(brace);
            rest = &behind[1..];
            continue;
        }
        if brace == "}" {
            return Err(bad("a closing brace stands alone"));
        }
        let end = behind.find('}').ok_or_else(|| bad("a brace is not closed"))?;
        item(&behind[..end], arguments, &mut out)?;
        if out.len() > LONGEST_TEXT {
            let message = "The result would be a string larger than a script may hold.";
            return Err(ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message));
        }
        rest = &behind[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// One item, without its braces: number, alignment, format.
fn item(spec: &str, arguments: &[Value], out: &mut String) -> Result<(), ErrorRecord> {
    let (head, format) = spec.split_once(':').unwrap_or((spec, ""));
    let (index, width) = head.split_once(',').unwrap_or((head, "0"));
    let index: usize = index.trim().parse().map_err(|_| bad("an item does not begin with its number"))?;
    let width: i64 = width.trim().parse().map_err(|_| bad("a width is no number"))?;
    let value = arguments.get(index).ok_or_else(|| bad("there are fewer values than the format names"))?;
    let shown = format_value(value, format)?;
    let columns = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
    if columns > WIDEST {
        return Err(bad("a width is too large"));
    }
    let pad = " ".repeat(columns.saturating_sub(shown.encode_utf16().count()));
    if width < 0 {
        out.push_str(&shown);
        out.push_str(&pad);
    } else {
        out.push_str(&pad);
        out.push_str(&shown);
    }
    Ok(())
}

/// One value by a .NET format, as `ToString("N2")`; an empty format is `ToString()`.
///
/// # Errors
/// `FormatError`.
pub fn format_value(value: &Value, format: &str) -> Result<String, ErrorRecord> {
    if format.is_empty() {
        return Ok(text::to_string_or_braced(value));
    }
    match value {
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => {
            number_format::format(value, format).unwrap_or_else(|| Ok(text::to_text(value).to_string()))
        }
        Value::DateTime(at) => date::format(*at, format),
        Value::Duration(span) => timespan::format(*span, format),
        Value::Guid(id) => match format {
            "N" | "n" => Ok(id.simple().to_string()),
            "D" | "d" => Ok(id.to_string()),
            "B" | "b" => Ok(format!("{{{id}}}")),
            "P" | "p" => Ok(format!("({id})")),
            _ => Err(bad("a guid has the formats N, D, B and P")),
        },
        other => Ok(text::to_string_or_braced(other)),
    }
}
