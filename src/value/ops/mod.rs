//! PowerShell's operators on values, by name: lower case, without dash (`eq`, `cmatch`, `+`, `..`, `f`).

mod arithmetic;
mod custom_format;
mod format;
mod number_format;
mod range;
mod strings;

pub use format::{composite, format_value};
pub use range::LONGEST_RANGE;
pub(in crate::value) use strings::texts;
pub use strings::{replace_with, split_where};

use super::compare;
use super::convert::{self, Target};
use super::{Table, Value, enumerate, text, truth, types};
use crate::error::{Category, ErrorRecord, go_on};
use std::cmp::Ordering;

/// Comparisons that have forms with `c` and `i`, by the word without it.
pub const CASED: &[&str] = &[
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

/// Applies an operator of two operands. `and`, `or`, `xor` take values already evaluated; a shell evaluates the right
/// side of `and`, `or` and `??` only where it must.
///
/// # Errors
/// What the operator says of operands that it cannot take, by PowerShell's ids; `UnknownOperator`.
pub fn binary(op: &str, left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    match op {
        "+" => return arithmetic::add(left, right),
        "-" => return arithmetic::subtract(left, right),
        "*" => return arithmetic::multiply(left, right),
        "/" => return arithmetic::divide(left, right),
        "%" => return arithmetic::remainder(left, right),
        ".." => return range::range(left, right),
        "," => return Ok(Value::list(vec![left.clone(), right.clone()])),
        "f" => return format::operator(left, right),
        "and" => return Ok((truth::is_true(left) && truth::is_true(right)).into()),
        "or" => return Ok((truth::is_true(left) || truth::is_true(right)).into()),
        "xor" => return Ok((truth::is_true(left) != truth::is_true(right)).into()),
        "band" | "bor" | "bxor" | "shl" | "shr" => return bits(op, left, right),
        "is" => return is(left, right).map(Value::Bool),
        "isnot" => return is(left, right).map(|b| Value::Bool(!b)),
        "as" => return as_type(left, right),
        "join" => return Ok(strings::join(left, right)),
        "??" => return Ok(if left.is_null() { right.clone() } else { left.clone() }),
        _ => {}
    }
    let (name, case) = with_case(op);
    match name {
        "eq" => Ok(filter(left, |item| Ok(compare::equals(item, right, case)))?),
        "ne" => Ok(filter(left, |item| Ok(!compare::equals(item, right, case)))?),
        "lt" => ordered(left, right, case, Ordering::is_lt),
        "le" => ordered(left, right, case, Ordering::is_le),
        "gt" => ordered(left, right, case, Ordering::is_gt),
        "ge" => ordered(left, right, case, Ordering::is_ge),
        "contains" => Ok(contains(left, right, case)?.into()),
        "notcontains" => Ok((!contains(left, right, case)?).into()),
        "in" => Ok(contains(right, left, case)?.into()),
        "notin" => Ok((!contains(right, left, case)?).into()),
        "like" | "notlike" => strings::like(left, right, case, name == "notlike"),
        "match" | "notmatch" => strings::matching(left, right, case, name == "notmatch").map(|(value, _)| value),
        "replace" => strings::replace(left, right, case),
        "split" => strings::split(left, right, case),
        _ => Err(unknown(op)),
    }
}

/// Applies an operator of one operand: `not`, `!`, `-`, `+`, `bnot`, `join`, `split`, `csplit`, `isplit`, `,`, `++`,
/// `--` (the value after the change).
///
/// # Errors
/// As [`binary`].
pub fn unary(op: &str, operand: &Value) -> Result<Value, ErrorRecord> {
    match op {
        "not" | "!" => Ok((!truth::is_true(operand)).into()),
        "-" => arithmetic::subtract(&Value::Int(0), operand),
        "+" => arithmetic::add(&Value::Int(0), operand),
        "++" => arithmetic::add(&or_zero(operand), &Value::Int(1)),
        "--" => arithmetic::subtract(&or_zero(operand), &Value::Int(1)),
        "bnot" => match convert::cast(operand, &convert::int64())? {
            Value::Int(n) => Ok(Value::Int(!n)),
            _ => Err(unknown(op)),
        },
        "join" => Ok(strings::join(operand, &"".into())),
        "split" | "csplit" | "isplit" => Ok(strings::split_blanks(operand)),
        "," => Ok(Value::list(vec![operand.clone()])),
        _ => Err(unknown(op)),
    }
}

fn or_zero(value: &Value) -> Value {
    if value.is_null() { Value::Int(0) } else { value.clone() }
}

/// `-match` and its kin, with the captures that `$Matches` takes: none if nothing matched or the left is a list.
///
/// # Errors
/// `System.Text.RegularExpressions.RegexParseException` for a pattern that is none.
pub fn matching(op: &str, left: &Value, right: &Value) -> Result<(Value, Option<Table>), ErrorRecord> {
    let (name, case) = with_case(op);
    match name {
        "match" | "notmatch" => strings::matching(left, right, case, name == "notmatch"),
        _ => Err(unknown(op)),
    }
}

/// The operator's name without the letter that says whether case counts, and whether it does.
pub fn with_case(op: &str) -> (&str, bool) {
    if CASED.contains(&op) {
        return (op, false);
    }
    for (letter, case) in [('c', true), ('i', false)] {
        if let Some(rest) = op.strip_prefix(letter)
            && CASED.contains(&rest)
        {
            return (rest, case);
        }
    }
    (op, false)
}

fn unknown(op: &str) -> ErrorRecord {
    ErrorRecord::new("UnknownOperator", Category::InvalidOperation, format!("There is no operator -{op}."))
}

/// Elements between two looks at whether to go on: some milliseconds.
const LOOKS: usize = 4096;

/// Looks whether to go on after so many elements.
pub(in crate::value) fn look(at: usize) -> Result<(), ErrorRecord> {
    if at % LOOKS == LOOKS - 1 { go_on() } else { Ok(()) }
}

/// A comparison with a list on the left keeps the elements for which it holds; else it is true or false.
fn filter(left: &Value, mut test: impl FnMut(&Value) -> Result<bool, ErrorRecord>) -> Result<Value, ErrorRecord> {
    let Some(items) = enumerate::items(left) else { return test(left).map(Value::Bool) };
    let mut kept = Vec::new();
    for (at, item) in items.iter().enumerate() {
        look(at)?;
        if test(item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn ordered(left: &Value, right: &Value, case: bool, test: fn(Ordering) -> bool) -> Result<Value, ErrorRecord> {
    filter(left, |item| compare::order(item, right, case).map(test))
}

fn contains(list: &Value, wanted: &Value, case: bool) -> Result<bool, ErrorRecord> {
    let Some(items) = enumerate::items(list) else { return Ok(compare::equals(list, wanted, case)) };
    for (at, item) in items.iter().enumerate() {
        look(at)?;
        if compare::equals(item, wanted, case) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is(value: &Value, type_value: &Value) -> Result<bool, ErrorRecord> {
    match types::named_by(type_value) {
        Some(full) => Ok(types::is(value, &full)),
        None => Err(ErrorRecord::new(
            "IsOperatorRequiresType",
            Category::InvalidOperation,
            format!("-is needs a type on its right, as [string]; \"{}\" is none.", text::to_text(type_value)),
        )),
    }
}

fn as_type(value: &Value, type_value: &Value) -> Result<Value, ErrorRecord> {
    let target: Option<Target> = types::named_by(type_value).and_then(|full| convert::target(&full));
    match target {
        Some(target) => Ok(convert::cast(value, &target).unwrap_or(Value::Null)),
        None => Err(ErrorRecord::new(
            "AsOperatorRequiresType",
            Category::InvalidOperation,
            format!("-as needs a type on its right, as [int]; \"{}\" is none.", text::to_text(type_value)),
        )),
    }
}

fn bits(op: &str, left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    let whole = |value: &Value| match convert::cast(value, &convert::int64())? {
        Value::Int(n) => Ok(n),
        _ => Err(unknown(op)),
    };
    let (a, b) = (whole(left)?, whole(right)?);
    // 32-bit numbers shift by the low five bits, as PowerShell's int does.
    let narrow = i32::try_from(a).ok();
    Ok(Value::Int(match op {
        "band" => a & b,
        "bor" => a | b,
        "bxor" => a ^ b,
        "shl" => match narrow {
            Some(a) => i64::from(a.wrapping_shl((b & 31) as u32)),
            None => a.wrapping_shl((b & 63) as u32),
        },
        _ => match narrow {
            Some(a) => i64::from(a.wrapping_shr((b & 31) as u32)),
            None => a.wrapping_shr((b & 63) as u32),
        },
    }))
}

#[cfg(test)]
mod tests;
