//! The operators of command mode with PowerShell's precedence.

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

/// Comparisons that have forms with `c` and `i`.
const CASED: &[&str] = &[
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "like",
    "notlike",
    "match",
    "notmatch",
    "contains",
    "notcontains",
    "in",
    "notin",
    "replace",
    "split",
];

/// The binding power of a binary operator's word, lower case, without dash.
pub(super) fn binary_word(word: &str) -> Option<u8> {
    Some(match word {
        "and" | "or" | "xor" => power::LOGICAL,
        "band" | "bor" | "bxor" => power::BITWISE,
        "join" | "is" | "isnot" | "as" | "shl" | "shr" => power::COMPARISON,
        "f" => power::FORMAT,
        _ if CASED.contains(&word) => power::COMPARISON,
        _ => {
            let base = word.strip_prefix(['c', 'i'])?;
            CASED.contains(&base).then_some(power::COMPARISON)?
        }
    })
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
