//! Finding the end of a bracket, and the body of a statement, before it is known in which mode the inside is read.

use super::characters::is_newline;

/// Behind the bracket that opens at `at`: over strings and comments of either mode, as well as can be told.
pub(super) fn skip_group(text: &str, at: usize) -> usize {
    let mut at = at;
    let mut depth = 0usize;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(behind) = skip_opaque(text, at) {
            at = behind;
            continue;
        }
        at += c.len_utf8();
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Behind the string or comment that begins here, if one does.
fn skip_opaque(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let blank_before = || text.get(..at).and_then(|t| t.chars().next_back()).is_none_or(char::is_whitespace);
    let line_end = || Some(at + rest.find(is_newline).unwrap_or(rest.len()));
    let closed_on_line = |quote: char| {
        let tail = &rest[1..];
        tail.find(|c| c == quote || is_newline(c)).filter(|i| tail[*i..].starts_with(quote)).map(|i| at + i + 2)
    };
    match rest.as_bytes().first()? {
        b'"' => {
            // Rhai's reading first: a backslash escapes. If that leaves the line, PowerShell's: it does not.
            let mut chars = rest.char_indices().skip(1);
            while let Some((i, c)) = chars.next() {
                match c {
                    '\\' | '`' => {
                        chars.next();
                    }
                    '"' => return Some(at + i + 1),
                    _ if is_newline(c) => break,
                    _ => {}
                }
            }
            closed_on_line('"')
        }
        b'\'' => closed_on_line('\''),
        b'`' => closed_on_line('`').or_else(|| Some(at + 1 + rest[1..].chars().next().map_or(0, char::len_utf8))),
        b'/' if rest.starts_with("//") && blank_before() => line_end(),
        b'/' if rest.starts_with("/*") => Some(at + rest.find("*/").map_or(rest.len(), |i| i + 2)),
        b'<' if rest.starts_with("<#") => Some(at + rest.find("#>").map_or(rest.len(), |i| i + 2)),
        b'#' if !rest.starts_with("#{") && blank_before() => line_end(),
        _ => None,
    }
}

/// Where the body of a statement begins whose header, at `start`, is a command: the `{` that begins the next line, or
/// the last `{` of the header's line outside of all brackets.
pub(super) fn find_body(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    let mut body = None;
    let mut joins = false;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(behind) = skip_opaque(text, at) {
            (at, joins) = (behind, false);
            continue;
        }
        match c {
            '{' => {
                body = Some(at);
                at = skip_group(text, at);
                let rest = &text[at..];
                let next = rest.trim_start_matches([' ', '\t']);
                if !next.starts_with(['{', '|', '-', ',', '\n', '\r']) && !next.is_empty() {
                    return body;
                }
                joins = false;
                continue;
            }
            '(' | '[' => {
                at = skip_group(text, at);
                joins = false;
                continue;
            }
            ';' | ')' | ']' | '}' => return body,
            _ if is_newline(c) => {
                let next = text[at..].trim_start();
                if next.starts_with('{') {
                    return Some(text.len() - next.len());
                }
                if !joins && !next.starts_with('|') {
                    return body;
                }
            }
            _ if c.is_whitespace() => {}
            _ => joins = matches!(c, '|' | ',' | '`'),
        }
        at += c.len_utf8();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_an_unbracketed_header() {
        for (text, body) in [
            ("Get-X | Where-Object {$_.A} { print(1) }", "{ print(1) }"),
            ("Get-X -Filter \"*{\" { a }", "{ a }"),
            ("Get-X { a }\n{ b }", "{ b }"),
            ("Get-X |\n  Where-Object { a } { b }", "{ b }"),
            ("Get-X { a } else { b }", "{ a } else { b }"),
            ("Get-X { it(\"}\") }; f({})", "{ it(\"}\") }; f({})"),
        ] {
            assert_eq!(find_body(text, 0).map(|at| &text[at..]), Some(body), "{text}");
        }
        assert_eq!(find_body("Get-X", 0), None);
    }
}
