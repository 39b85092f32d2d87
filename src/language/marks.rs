//! The marks of command mode in Rhai: what makes an expression, or a statement, one of PowerShell's.
//!
//! Where both readings are possible, Rhai wins.

use super::characters::{is_blank, is_dash, is_double_quote, is_name, is_name_start, is_newline, is_single_quote};
use super::parser::Parser;
use super::word::operator_word;

/// Behind an alias these make it a name of Rhai's.
const ASSIGNS: &[&str] = &["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^=", "??="];

impl Parser<'_> {
    /// Whether the statement that begins here is one of command mode whatever follows.
    pub fn begins_command_statement(&self) -> bool {
        let Some(c) = self.peek() else { return false };
        match c {
            '$' | '&' => true,
            ':' => self.peek_nth(1).is_some_and(is_name_start),
            '@' => self.at_splat_or_literal(),
            '%' | '?' => self.peek_nth(1).is_some_and(|c| c == ' ' || c == '{'),
            '[' => self.at_attributes() || self.at_type_mark(),
            '.' => self.peek_nth(1).is_some_and(|c| c == ' ' || c == '\\' || c == '/'),
            _ if is_name_start(c) => self.at_command_keyword() || self.at_command_name(true),
            _ => false,
        }
    }

    /// Whether an alias fills the bracket that was opened before it: `(pwd).Path`.
    pub fn at_alias_alone(&self) -> bool {
        let behind = self.rest_at(self.at + self.name_here().len());
        behind.starts_with(')') && self.text[..self.at].ends_with('(') && self.at_command_name(true)
    }

    fn at_splat_or_literal(&self) -> bool {
        let next = self.peek_nth(1);
        next.is_some_and(|c| matches!(c, '(' | '{') || is_name_start(c)) || self.at_here_string()
    }

    fn at_attributes(&self) -> bool {
        let rest = self.rest();
        ["[CmdletBinding", "[Parameter", "[OutputType", "[Alias"]
            .iter()
            .any(|a| rest.get(..a.len()).is_some_and(|head| head.eq_ignore_ascii_case(a)))
    }

    /// Keywords that only PowerShell has, in the form that only it has.
    fn at_command_keyword(&self) -> bool {
        let name = self.name_here();
        let behind = self.rest_at(self.at + name.len());
        let next = behind.trim_start_matches([' ', '\t']);
        let spaced = behind.starts_with([' ', '\t']);
        match name.to_lowercase().as_str() {
            "foreach" => next.starts_with('(') || next.starts_with('$'),
            "function" | "filter" | "class" | "enum" | "using" => spaced && next.starts_with(is_name_start),
            "param" => next.starts_with('(') && !self.is_function(name),
            "trap" => next.starts_with('{') || next.starts_with('['),
            "exit" => !next.starts_with('(') && !self.is_variable(name),
            "elseif" | "begin" | "process" | "end" => false,
            _ => false,
        }
    }

    /// Whether a command's name stands here; an alias counts where a statement or a stage begins.
    pub fn at_command_name(&self, alias_counts: bool) -> bool {
        self.command_name_at(self.at, alias_counts)
    }

    fn command_name_at(&self, at: usize, alias_counts: bool) -> bool {
        let rest = self.rest_at(at);
        let len = rest.find(|c| !is_name(c) && !is_dash(c)).unwrap_or(rest.len());
        let word = &rest[..len];
        if !word.starts_with(is_name_start) || word.ends_with(is_dash) {
            return false;
        }
        let mut parts = word.split(is_dash);
        if parts.all(|part| self.is_variable(part) || self.is_function(part)) {
            return false;
        }
        let behind = &rest[len..];
        let dashed = word.contains(is_dash);
        let plain: String = word.chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
        let followed = || {
            let next = behind.trim_start_matches([' ', '\t']);
            let joined = ["(", ".", "[", "::"].iter().any(|f| behind.starts_with(f));
            joined || (ASSIGNS.iter().any(|f| next.starts_with(f)) && !next.starts_with("=="))
        };
        if self.is_command(&plain) {
            return dashed || !followed();
        }
        if dashed {
            let Some((verb, noun)) = plain.split_once('-') else { return false };
            let capital = |s: &str| s.chars().next().is_some_and(char::is_uppercase);
            return capital(verb) && capital(noun) && self.names.is_verb(verb);
        }
        alias_counts && self.names.alias(word).is_some() && !followed()
    }

    /// `[type]` before a value or `::`.
    pub fn at_type_mark(&self) -> bool {
        let rest = self.rest();
        let Some(end) = type_end(rest) else { return false };
        let word = rest[1..end - 1].split(['[', ']', '.', ',', ' ']).find(|w| !w.is_empty()).unwrap_or("");
        if self.is_variable(word) || self.is_function(word) || matches!(word, "true" | "false") {
            return false;
        }
        let behind = &rest[end..];
        let next = behind.trim_start_matches([' ', '\t']);
        let value = |c: char| matches!(c, '$' | '@') || c.is_ascii_digit() || is_double_quote(c) || is_single_quote(c);
        behind.starts_with("::") || behind.starts_with(['(', '[', '-']) || next.starts_with(value)
    }

    /// Whether an operator word with an operand behind it stands here; a typographic dash makes any word one.
    pub fn at_operator_mark(&self) -> bool {
        let rest = self.rest();
        let Some(dash) = rest.chars().next().filter(|c| is_dash(*c)) else { return false };
        let tail = &rest[dash.len_utf8()..];
        let word = &tail[..tail.find(|c| !is_name(c)).unwrap_or(tail.len())];
        if dash != '-' {
            return word.starts_with(is_name_start);
        }
        let spaced = self.text[..self.at].chars().next_back().is_none_or(|c| c.is_whitespace() || "([{,".contains(c));
        if !spaced || operator_word(rest).is_none() || self.is_variable(word) || self.is_function(word) {
            return false;
        }
        let behind = &tail[word.len()..];
        let next = behind.trim_start();
        !next.starts_with([';', ')', ']', '}', ',', '.', '=']) && !next.is_empty() && !next.starts_with("*")
    }

    /// Whether the `|` that stands here is followed by a stage.
    pub fn at_stage_mark(&self) -> bool {
        let mut rest = self.rest();
        if rest.starts_with("\\|") {
            rest = &rest[1..];
        }
        if !rest.starts_with('|') || rest.starts_with("||") || rest.starts_with("|=") {
            return false;
        }
        let next = rest[1..].trim_start();
        let at = self.text.len() - next.len();
        let Some(c) = next.chars().next() else { return self.text[..self.at].trim_end().ends_with(['}', '"']) };
        if matches!(c, '%' | '?') {
            return next[1..].starts_with([' ', '{', '\t', '(']);
        }
        if c == '&' || c == '|' {
            return c == '|' && next[1..].contains('|') && !next[1..].starts_with('|');
        }
        if self.command_name_at(at, true) {
            return true;
        }
        let name = self.name_at(at);
        let behind = self.rest_at(at + name.len());
        self.is_function(name) && !self.is_variable(name) && !behind.starts_with('(')
    }

    /// Whether a value begins here that only command mode has.
    pub fn at_value_mark(&self) -> bool {
        match self.peek() {
            Some('$') => true,
            Some('@') => self.at_splat_or_literal(),
            Some('[') => self.at_type_mark(),
            Some('\'') => self.at_quoted_text(),
            Some('.') => self.peek_nth(1).is_some_and(|c| c.is_ascii_digit()) && !self.text[..self.at].ends_with('.'),
            Some(c) if c.is_ascii_digit() => self.at_number_with_suffix(),
            Some(c) => matches!(c, '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{2018}' | '\u{2019}'),
            None => false,
        }
    }

    /// `5kb`, `1.5d`, `10L`: Rhai's numbers have nothing behind them.
    fn at_number_with_suffix(&self) -> bool {
        const SUFFIXES: &[&str] = &["kb", "mb", "gb", "tb", "pb", "l", "d"];
        let rest = self.rest();
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let mut len = digits(rest);
        if let Some(behind) =
            rest[len..].strip_prefix('.').filter(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
        {
            len += 1 + digits(behind);
        }
        let word = &rest[len..];
        let word = &word[..word.find(|c| !is_name(c)).unwrap_or(word.len())];
        SUFFIXES.iter().any(|suffix| suffix.eq_ignore_ascii_case(word))
    }

    /// `'text'`, which is no character of Rhai's.
    fn at_quoted_text(&self) -> bool {
        let Some(inside) = self.rest().strip_prefix('\'') else { return false };
        let Some(end) = inside.find(|c| c == '\'' || is_newline(c)).filter(|end| inside[*end..].starts_with('\''))
        else {
            return false;
        };
        !inside.starts_with('\\') && inside[..end].chars().count() != 1
    }

    /// Whether a text in double quotes names a variable that is written as `$name`, or runs a command: what PowerShell
    /// puts into it is meant.
    pub fn interpolates(&self, text: &str) -> bool {
        text.match_indices('$').any(|(at, _)| {
            let rest = &text[at + 1..];
            let inside = rest.strip_prefix(['{', '(']).unwrap_or(rest);
            let len = inside.find(|c| !is_name(c)).unwrap_or(inside.len());
            let (name, behind) = inside.split_at(len);
            if rest.starts_with('(') {
                let verb = behind.strip_prefix('-').and_then(|noun| Some((name, noun.chars().next()?)));
                return verb.is_some_and(|(verb, noun)| noun.is_ascii_uppercase() && self.names.is_verb(verb));
            }
            let is_scope = behind.starts_with(':') && matches!(&*name.to_lowercase(), "env" | "script" | "global");
            let is_automatic = !name.is_empty() && super::lower::is_automatic(name);
            is_scope || is_automatic || self.scope.is_dollar(name) || self.names.is_variable(name)
        })
    }

    /// Whether a new line begins with a statement of command mode, so that what stands before it has ended.
    pub fn line_begins_command(&self) -> bool {
        match self.peek() {
            Some('$') => true,
            // Two operands in a row are nothing in Rhai, so that an alias counts too.
            Some(c) if is_name_start(c) => self.at_command_keyword() || self.at_command_name(true),
            _ => false,
        }
    }
}

/// Behind a balanced `[Name…]` that could be a type's name.
fn type_end(rest: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (i, c) in rest.char_indices().take(300) {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    let inside = &rest[1..i];
                    return inside.starts_with(is_name_start).then_some(i + 1);
                }
            }
            '.' | '+' | '`' | ',' => {}
            _ if is_name(c) || is_blank(c) && !is_newline(c) => {}
            _ => return None,
        }
    }
    None
}
