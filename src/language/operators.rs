//! The operators of command mode with PowerShell's precedence.

use crate::value::ops::CASED;

/// Binding powers, weakest first; the comma and unary operators bind more strongly than all of these.
pub(super) mod power {
    /// `-and -or -xor`.
    pub const LOGICAL: u8 = 1;
    /// `-band -bor -bxor`.
    pub const BITWISE: u8 = 2;
    /// `-eq`, `-match`, `-split`, `-is`, `-shl` and their like.
    pub const COMPARISON: u8 = 3;
    /// `??`.
    pub const COALESCE: u8 = 4;
    /// `+ -`.
    pub const ADDITIVE: u8 = 5;
    /// `* / %`.
    pub const MULTIPLICATIVE: u8 = 6;
    /// `-f`.
    pub const FORMAT: u8 = 7;
    /// `..`.
    pub const RANGE: u8 = 8;
}

/// The other operators whose lowering is a call of the function with their name.
const PLAIN: &[(&str, u8)] = &[
    ("band", power::BITWISE),
    ("bor", power::BITWISE),
    ("bxor", power::BITWISE),
    ("join", power::COMPARISON),
    ("is", power::COMPARISON),
    ("isnot", power::COMPARISON),
    ("as", power::COMPARISON),
    ("shl", power::COMPARISON),
    ("shr", power::COMPARISON),
];

/// The words of operators with two operands whose lowering is a call of the function with their name: the runtime
/// defines a function for each.
pub fn called() -> impl Iterator<Item = String> {
    let cased = CASED.iter().flat_map(|word| ["", "i", "c"].map(|case| format!("{case}{word}")));
    PLAIN.iter().map(|(word, _)| word.to_string()).chain(cased)
}

/// Whether a word is one of [`called`].
pub(super) fn is_called(word: &str) -> bool {
    PLAIN.iter().any(|(plain, _)| *plain == word) || is_cased(word)
}

fn is_cased(word: &str) -> bool {
    CASED.contains(&word) || word.strip_prefix(['c', 'i']).is_some_and(|base| CASED.contains(&base))
}

/// The binding power of a binary operator's word, lower case, without dash.
pub(super) fn binary_word(word: &str) -> Option<u8> {
    match word {
        "and" | "or" | "xor" => Some(power::LOGICAL),
        "f" => Some(power::FORMAT),
        _ if is_cased(word) => Some(power::COMPARISON),
        _ => PLAIN.iter().find(|(plain, _)| *plain == word).map(|(_, power)| *power),
    }
}

/// Whether a word, lower case, without dash, is an operator before one operand.
pub(super) fn is_unary_word(word: &str) -> bool {
    matches!(word, "not" | "bnot" | "join" | "split" | "csplit" | "isplit")
}

/// Whether a word, lower case, without dash, is an operator at all.
pub(super) fn is_operator_word(word: &str) -> bool {
    is_unary_word(word) || binary_word(word).is_some()
}

/// What a Rhai or C operator is in command mode.
pub(super) fn foreign(symbol: &str) -> Option<(&'static str, &'static str)> {
    Some(match symbol {
        "==" => ("eq", "-eq"),
        "!=" => ("ne", "-ne"),
        "<=" => ("le", "-le"),
        ">=" => ("ge", "-ge"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cased_forms_are_operators_and_others_are_not() {
        for word in ["ceq", "inotlike", "csplit", "f", "shl", "notin"] {
            assert!(binary_word(word).is_some(), "{word}");
        }
        for word in ["cis", "foo", "not", "c", "", "cc"] {
            assert!(binary_word(word).is_none(), "{word}");
        }
    }
}
