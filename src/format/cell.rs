//! The text of one value in a table or a list.

use crate::value::{Value, text};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Elements of a list that are shown; the rest is an ellipsis.
const SHOWN: usize = 4;

/// The text of a property's value. Tables show two decimals of a double.
pub fn of(value: &Value, in_table: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::Float(number) if in_table && number.is_finite() => format!("{number:.2}"),
        Value::List(items) => braced(items.iter().map(element), items.len()),
        Value::Map(table) => {
            let entries = table.entries();
            let pair = |(key, value): &(Value, Value)| format!("[{}, {}]", text::to_text(key), text::to_text(value));
            braced(entries.iter().map(pair), entries.len())
        }
        other => text::to_text(other).to_string(),
    }
}

fn element(value: &Value) -> String {
    match value {
        Value::Null => "$null".to_string(),
        other => text::to_text(other).to_string(),
    }
}

fn braced(items: impl Iterator<Item = String>, count: usize) -> String {
    let shown: Vec<String> = items.take(SHOWN).collect();
    format!("{{{}{}}}", shown.join(", "), if count > SHOWN { "\u{2026}" } else { "" })
}

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a text to a width, an ellipsis for what is left out: at its end, or at its beginning.
pub fn cut(text: &str, width: usize, from_start: bool) -> String {
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    let whole = line.len() == text.len();
    if whole && self::width(line) <= width {
        return line.to_string();
    }
    if from_start && whole {
        let kept: Vec<char> = take(line.chars().rev(), width.saturating_sub(1));
        return std::iter::once('\u{2026}').chain(kept.into_iter().rev()).collect();
    }
    let room = if self::width(line) < width { self::width(line) } else { width.saturating_sub(1) };
    let mut kept: String = take(line.chars(), room).into_iter().collect();
    kept.push('\u{2026}');
    kept
}

/// Breaks a text into lines of at most so many columns, at its own line ends too.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut rest = line.trim_end_matches('\r');
        loop {
            let head: String = take(rest.chars(), width).into_iter().collect();
            // A character wider than the column is put out whole: nothing is lost, and the loop goes on.
            let length = if head.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { head.len() };
            let (head, tail) = rest.split_at(length);
            lines.push(head.to_string());
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
    }
    lines
}

fn take(chars: impl Iterator<Item = char>, width: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// Fills a text up to a width.
pub fn pad(text: &str, width: usize, align: super::Align) -> String {
    let room = width.saturating_sub(self::width(text));
    let (left, right) = match align {
        super::Align::Left => (0, room),
        super::Align::Right => (room, 0),
        super::Align::Center => (room / 2, room - room / 2),
    };
    format!("{}{text}{}", " ".repeat(left), " ".repeat(right))
}
