//! Text in lines of a width: Markdown of our help made plain.

use unicode_width::UnicodeWidthStr;

/// Narrowest useful line.
const NARROWEST: usize = 30;

/// Adds a text, indented, its paragraphs broken at the width; lists, tables and fenced code keep their lines.
pub(super) fn paragraphs(into: &mut String, text: &str, indent: usize, width: usize) {
    let mut fenced = false;
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            flush(into, &mut paragraph, indent, width);
            fenced = !fenced;
            continue;
        }
        if fenced {
            push(into, indent + 4, line);
        } else if line.trim().is_empty() {
            flush(into, &mut paragraph, indent, width);
            if !into.is_empty() && !into.ends_with("\n\n") {
                into.push('\n');
            }
        } else if line.starts_with('|') || line.starts_with('#') {
            flush(into, &mut paragraph, indent, width);
            push(into, indent, line.trim_start_matches('#').trim_start());
        } else {
            if line.starts_with("- ") {
                flush(into, &mut paragraph, indent, width);
            }
            paragraph.push(line.trim());
        }
    }
    flush(into, &mut paragraph, indent, width);
}

fn push(into: &mut String, indent: usize, line: &str) {
    if !line.trim().is_empty() {
        into.extend(std::iter::repeat_n(' ', indent));
        into.push_str(line.trim_end());
    }
    into.push('\n');
}

fn flush(into: &mut String, paragraph: &mut Vec<&str>, indent: usize, width: usize) {
    if paragraph.is_empty() {
        return;
    }
    let room = width.saturating_sub(indent).max(NARROWEST);
    let text = paragraph.join(" ");
    let hang = if text.starts_with("- ") { 2 } else { 0 };
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.trim().is_empty() && line.width() + 1 + word.width() > room {
            push(into, indent, &line);
            line = " ".repeat(hang);
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    push(into, indent, &line);
    paragraph.clear();
}
