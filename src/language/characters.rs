//! What characters mean in command mode: dashes, quotes, blanks, what ends a word.

/// Hyphen, en dash, em dash, horizontal bar: all introduce parameters and operators.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}

/// A double quote, plain or typographic.
pub(super) fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}')
}

/// A single quote, plain or typographic.
pub(super) fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}')
}

/// White space within a line.
pub(super) fn is_blank(c: char) -> bool {
    c != '\n' && c != '\r' && (c.is_whitespace() || c == '\u{FEFF}' || c == '\u{200B}')
}

/// The end of a line.
pub(super) fn is_newline(c: char) -> bool {
    c == '\n' || c == '\r'
}

/// A character that may begin a name.
pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// A character that may stand in a name.
pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a character ends a bare word wherever it stands.
pub(super) fn ends_word(c: char) -> bool {
    matches!(c, '&' | '(' | ')' | ',' | ';' | '{' | '|' | '}' | '<' | '>') || c.is_whitespace()
}

/// The character behind a backtick: what the escape stands for.
pub(super) fn escaped(c: char) -> char {
    match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}
