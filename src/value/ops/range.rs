//! `1..5`, `5..1`, `"a".."e"`.

use super::super::Value;
use super::super::{char_object, convert};
use super::arithmetic::too_large;
use crate::error::{Category, ErrorRecord};

/// How many elements a range may have where it becomes an array.
pub const LONGEST_RANGE: u64 = 10_000_000;

pub(super) fn range(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    if let (Some(from), Some(to)) = (letter(left), letter(right)) {
        let (from, to) = (u32::from(from), u32::from(to));
        let codes: Vec<u32> = if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
        let letters = codes.into_iter().filter_map(char::from_u32).map(char_object::new);
        return Ok(Value::list(letters.collect()));
    }
    let whole = |value: &Value| match convert::cast(value, &convert::int64())? {
        Value::Int(n) => Ok(n),
        _ => Err(ErrorRecord::new("InvalidCastIConvertible", Category::InvalidArgument, "A range needs numbers.")),
    };
    let (from, to) = (whole(left)?, whole(right)?);
    if from.abs_diff(to) >= LONGEST_RANGE {
        return Err(too_large("A range", &format!("{LONGEST_RANGE} elements")));
    }
    let items =
        if from <= to { (from..=to).map(Value::Int).collect() } else { (to..=from).rev().map(Value::Int).collect() };
    Ok(Value::list(items))
}

fn letter(value: &Value) -> Option<char> {
    if let Some(c) = char_object::of_value(value) {
        return Some(c);
    }
    let text = value.as_str()?;
    let mut chars = text.chars();
    let first = chars.next()?;
    (chars.next().is_none() && !first.is_ascii_digit()).then_some(first)
}
