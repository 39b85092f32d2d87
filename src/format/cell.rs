//! The text of one value in a table or a list.

use crate::env::shown;
use crate::value::{Value, enumerate, text};

/// The text of a property's value. Tables show two decimals of a double.
pub fn of(value: &Value, in_table: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::Float(number) if in_table && number.is_finite() => format!("{number:.2}"),
        Value::Map(table) => {
            let entries = table.entries();
            let pair = |(key, value): &(Value, Value)| format!("[{}, {}]", text::to_text(key), text::to_text(value));
            braced(entries.iter().map(pair), entries.len())
        }
        other => match enumerate::items(other) {
            Some(items) => braced(items.iter().map(element), items.len()),
            None => text::to_text(other).to_string(),
        },
    }
}

fn element(value: &Value) -> String {
    match value {
        Value::Null => "$null".to_string(),
        other => text::to_text(other).to_string(),
    }
}

fn braced(items: impl Iterator<Item = String>, count: usize) -> String {
    // The rest is an ellipsis.
    let most = shown::elements();
    let shown: Vec<String> = items.take(most).collect();
    format!("{{{}{}}}", shown.join(", "), if count > most { "\u{2026}" } else { "" })
}

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char_width).sum() }
}

/// Columns of a character, as PowerShell counts: two of East Asian wide ones and of what lies beyond the basic plane,
/// one of every other, combining marks too.
fn char_width(c: char) -> usize {
    let wide = matches!(
        u32::from(c),
        0x1100..=0x115F
            | 0x2329
            | 0x232A
            | 0x2E80..=0x303E
            | 0x3040..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE10..=0xFE19
            | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60
            | 0xFFE0..=0xFFE6
            | 0x10000..
    );
    if wide { 2 } else { 1 }
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
            used += char_width(*c);
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
