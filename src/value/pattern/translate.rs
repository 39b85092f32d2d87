//! .NET's regular expressions written as the regex crate reads them, and what fancy-regex is needed for.

/// A translated pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    /// For the regex crates.
    pub text: String,
    /// Look-around, back-references or atomic groups: needs fancy-regex.
    pub fancy: bool,
    /// It has a `$` or `\Z`, which in .NET also holds before a line end at the very end of the text.
    pub end_anchor: bool,
}

/// Translates; `strict_end` writes `$` so that a final line end counts, at the price of look-ahead.
pub(super) fn translate(pattern: &str, multiline: bool, strict_end: bool) -> Translated {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out =
        Translator { chars, at: 0, out: String::new(), fancy: false, end_anchor: false, multiline, strict_end };
    out.run();
    Translated { text: out.out, fancy: out.fancy, end_anchor: out.end_anchor }
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    fancy: bool,
    end_anchor: bool,
    multiline: bool,
    strict_end: bool,
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn rest_starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c))
    }

    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            match c {
                '\\' => self.escape(false),
                '[' => self.class(),
                '(' => self.group(),
                '{' if !self.is_quantifier() => {
                    self.out.push_str("\\{");
                    self.at += 1;
                }
                '$' if !self.multiline => {
                    self.end_anchor = true;
                    if self.strict_end {
                        self.fancy = true;
                        self.out.push_str(r"(?=\n?\z)");
                    } else {
                        self.out.push('$');
                    }
                    self.at += 1;
                }
                other => {
                    self.out.push(other);
                    self.at += 1;
                }
            }
        }
    }

    /// Whether the brace here begins `{2}`, `{2,}` or `{2,3}`.
    fn is_quantifier(&self) -> bool {
        let body: String = self.chars[self.at + 1..].iter().take_while(|c| **c != '}').collect();
        let closed = self.chars.get(self.at + 1 + body.chars().count()) == Some(&'}');
        let (low, high) = body.split_once(',').unwrap_or((&body, ""));
        closed && !low.is_empty() && low.bytes().all(|b| b.is_ascii_digit()) && high.bytes().all(|b| b.is_ascii_digit())
    }

    fn escape(&mut self, in_class: bool) {
        let Some(c) = self.peek(1) else {
            // A lone backslash at the end is wrong in both worlds.
            self.out.push('\\');
            self.at += 1;
            return;
        };
        self.at += 2;
        match c {
            'Z' if !in_class => {
                self.end_anchor = true;
                if self.strict_end {
                    self.fancy = true;
                    self.out.push_str(r"(?=\n?\z)");
                } else {
                    self.out.push_str(r"\z");
                }
            }
            'e' => self.out.push_str(r"\x1B"),
            'b' if in_class => self.out.push_str(r"\x08"),
            'u' => {
                let digits: String = self.chars[self.at..].iter().take(4).collect();
                self.out.push_str("\\x{");
                self.out.push_str(&digits);
                self.out.push('}');
                self.at += digits.chars().count();
            }
            'c' => {
                let letter = self.peek(0).unwrap_or('@');
                self.at += 1;
                self.out.push_str(&format!("\\x{:02X}", u32::from(letter.to_ascii_uppercase()) & 0x1F));
            }
            '1'..='9' if !in_class => {
                self.fancy = true;
                self.out.push('\\');
                self.out.push(c);
            }
            '0' => self.out.push_str(r"\x00"),
            'k' => {
                self.fancy = true;
                self.out.push_str("\\k");
                if self.peek(0) == Some('\'') {
                    let name: String = self.chars[self.at + 1..].iter().take_while(|c| **c != '\'').collect();
                    self.at += name.chars().count() + 2;
                    self.out.push_str(&format!("<{name}>"));
                }
            }
            'G' => {
                self.fancy = true;
                self.out.push_str("\\G");
            }
            c if c.is_ascii_alphanumeric() => {
                self.out.push('\\');
                self.out.push(c);
            }
            // Escapes of what is plain: the crate knows some of them as something else.
            '<' | '>' | '"' | '\'' | '=' | ':' | ',' | ';' | '!' | '%' | '@' | '`' | '_' => self.out.push(c),
            ' ' | '#' => self.out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if c.is_ascii() => {
                self.out.push('\\');
                self.out.push(c);
            }
            c => self.out.push(c),
        }
    }

    fn class(&mut self) {
        self.out.push('[');
        self.at += 1;
        if self.peek(0) == Some('^') {
            self.out.push('^');
            self.at += 1;
        }
        let mut first = true;
        while let Some(c) = self.peek(0) {
            match c {
                ']' if !first => {
                    self.out.push(']');
                    self.at += 1;
                    return;
                }
                ']' => {
                    self.out.push_str("\\]");
                    self.at += 1;
                }
                '\\' => self.escape(true),
                // [a-z-[aeiou]] takes a class away.
                '-' if self.peek(1) == Some('[') && !first => {
                    self.out.push_str("--");
                    self.at += 1;
                    self.class();
                }
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(c);
                    self.at += 1;
                }
                other => {
                    self.out.push(other);
                    self.at += 1;
                }
            }
            first = false;
        }
    }

    fn group(&mut self) {
        if self.rest_starts("(?#") {
            let length = self.chars[self.at..].iter().take_while(|c| **c != ')').count();
            self.at += length + 1;
            return;
        }
        let looks = ["(?=", "(?!", "(?<=", "(?<!", "(?>", "(?("];
        if looks.iter().any(|look| self.rest_starts(look)) {
            self.fancy = true;
        } else if self.rest_starts("(?'") {
            let name: String = self.chars[self.at + 3..].iter().take_while(|c| **c != '\'').collect();
            self.at += 4 + name.chars().count();
            self.out.push_str(&format!("(?<{name}>"));
            return;
        }
        // The mark and what follows it are copied, so that a `?` is not taken for a quantifier.
        self.out.push('(');
        self.at += 1;
        if self.peek(0) == Some('?') {
            while let Some(c) = self.peek(0) {
                if matches!(c, ':' | '>' | '=' | '!' | ')') {
                    self.out.push(c);
                    self.at += 1;
                    // `(?<=` and `(?<!` go on behind the `<`; `(?<n>` ends at the `>`.
                    break;
                }
                if c == 'm' {
                    self.multiline = true;
                }
                self.out.push(c);
                self.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_crate_reads() {
        for (from, to, fancy) in [
            ("abc", "abc", false),
            ("a{b", r"a\{b", false),
            ("a{2,3}", "a{2,3}", false),
            ("[[abc]", r"[\[abc]", false),
            ("[a-z-[aeiou]]", "[a-z--[aeiou]]", false),
            ("(?'n'x)", "(?<n>x)", false),
            (r"\<x\>", "<x>", false),
            (r"\u0041", r"\x{0041}", false),
            ("Cs(?=Help)", "Cs(?=Help)", true),
            (r"(a)\1", r"(a)\1", true),
            ("(?#note)a", "a", false),
            ("(?<k>x)", "(?<k>x)", false),
            (r"[]a]", r"[\]a]", false),
        ] {
            let found = translate(from, false, false);
            assert_eq!((found.text.as_str(), found.fancy), (to, fancy), "{from}");
        }
        assert!(translate("a$", false, false).end_anchor);
        assert_eq!(translate("a$", false, true).text, r"a(?=\n?\z)");
        assert!(!translate(r"a\$", false, false).end_anchor);
    }
}
