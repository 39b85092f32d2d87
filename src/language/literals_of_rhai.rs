//! Rhai's strings and numbers, as far as the front end must know where they end.

use super::characters::is_newline;
use super::parser::{Parser, Place};
use super::tree::{Island, IslandKind};

impl Parser<'_> {
    /// A Rhai string `"…"`; `false`, and nothing read, if it does not end on its line, as only PowerShell's may.
    pub fn rhai_string(&mut self) -> bool {
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    // Rhai doubles a quote to write it.
                    if rest[i + 1..].starts_with('"') {
                        chars.next();
                        continue;
                    }
                    self.at += i + 1;
                    return true;
                }
                '\\' => {
                    if let Some((_, '\r')) = chars.next() {
                        chars.next();
                    }
                }
                _ if is_newline(c) => return false,
                _ => {}
            }
        }
        false
    }

    /// A raw string `#"…"#`, with any number of `#`.
    pub fn rhai_raw_string(&mut self) -> bool {
        let rest = self.rest();
        let hashes = rest.bytes().take_while(|b| *b == b'#').count();
        if hashes == 0 || !rest[hashes..].starts_with('"') {
            return false;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let inside = &rest[hashes + 1..];
        self.at += inside.find(&close).map_or(rest.len(), |end| hashes + 1 + end + close.len());
        true
    }

    /// A character `'x'`.
    pub fn rhai_character(&mut self) {
        let rest = self.rest();
        let escaped = rest.strip_prefix("'\\").and_then(|tail| tail.chars().next());
        let from = escaped.map_or(1, |c| 2 + c.len_utf8());
        let tail = rest.get(from..).unwrap_or("");
        let end = tail.find(|c| c == '\'' || is_newline(c)).unwrap_or(tail.len());
        self.at += (from + end).min(rest.len());
        self.eat('\'');
    }

    /// A string in backticks; what stands in its `${…}` becomes islands.
    pub fn rhai_template(&mut self, islands: &mut Vec<Island>) {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            if self.starts("``") {
                self.at += 2;
            } else if c == '`' {
                self.at += 1;
                return;
            } else if self.starts("${") {
                let open = self.at + 1;
                self.at += 2;
                let block = self.within(Place::default(), |p| p.rhai_block(open, Vec::new(), false, true));
                if let Some(block) = block {
                    let span = block.body.span;
                    islands.push(Island { kind: IslandKind::Block(Box::new(block)), span });
                }
            } else {
                self.at += c.len_utf8();
            }
        }
        if !self.gave_up() {
            let span = self.span_from(start);
            self.error("TerminatorExpectedAtEndOfString", span, "the string has no closing backtick")
                .hint("close it with `");
        }
    }

    /// A number; a point before another point, or before a name, is not its own.
    pub fn rhai_number(&mut self) {
        let bytes = self.rest().as_bytes();
        let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
        let word = |mut i: usize| {
            while at(i).is_ascii_alphanumeric() || at(i) == b'_' {
                i += 1;
            }
            i
        };
        let mut end = word(0);
        if at(end) == b'.' && at(end + 1).is_ascii_digit() {
            end = word(end + 1);
        }
        let exponent = end > 0 && at(end - 1).eq_ignore_ascii_case(&b'e') && !bytes.starts_with(b"0x");
        if exponent && matches!(at(end), b'+' | b'-') && at(end + 1).is_ascii_digit() {
            end = word(end + 1);
        }
        self.at += end.max(1);
    }
}
