//! PowerShell's operators on values, by name: lower case, without dash (`eq`, `cmatch`, `+`, `..`, `f`).

use super::{Table, Value};
use crate::error::{Category, ErrorRecord};

/// Applies an operator of two operands. `and`, `or` and `??` do not come here: they do not evaluate both.
///
/// # Errors
/// What the operator says of operands that it cannot take, by PowerShell's ids; `UnknownOperator`.
pub fn binary(op: &str, left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    let _ = (left, right);
    Err(unknown(op))
}

/// Applies an operator of one operand: `not`, `!`, `-`, `+`, `bnot`, `join`, `split`, `csplit`, `,`.
///
/// # Errors
/// As [`binary`].
pub fn unary(op: &str, operand: &Value) -> Result<Value, ErrorRecord> {
    let _ = operand;
    Err(unknown(op))
}

/// `-match` and its kin, with the captures that `$Matches` takes: none if nothing matched or the left is a list.
///
/// # Errors
/// `System.Text.RegularExpressions.RegexParseException` for a pattern that is none.
pub fn matching(op: &str, left: &Value, right: &Value) -> Result<(Value, Option<Table>), ErrorRecord> {
    let _ = (left, right);
    Err(unknown(op))
}

fn unknown(op: &str) -> ErrorRecord {
    ErrorRecord::new("UnknownOperator", Category::InvalidOperation, format!("There is no operator -{op}."))
}
