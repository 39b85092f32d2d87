//! `-like`, `-match`, `-replace`, `-split`, `-join`.

use super::super::pattern::{self, Captures, IGNORE_CASE, Pattern, Replacement};
use super::super::wildcard::Wildcard;
use super::super::{Table, Value, enumerate, let_go, text};
use super::{filter, look};
use crate::error::{Category, ErrorRecord};
use std::rc::Rc;

fn options(case: bool) -> i64 {
    if case { 0 } else { IGNORE_CASE }
}

fn as_object(value: &Value) -> Option<Rc<Pattern>> {
    match value {
        Value::Record(record) => pattern::object::pattern(record),
        _ => None,
    }
}

/// A pattern from what stands on the right: a regular expression as it is, else its text.
fn compiled(value: &Value, case: bool) -> Result<Rc<Pattern>, ErrorRecord> {
    match as_object(value) {
        Some(pattern) => Ok(pattern),
        None => pattern::compile(&text::to_text(value), options(case)),
    }
}

pub(super) fn like(left: &Value, right: &Value, case: bool, not: bool) -> Result<Value, ErrorRecord> {
    let wildcard = Wildcard::with_case(&text::to_text(right), case)?;
    filter(left, |item| Ok(wildcard.matches(&text::to_text(item)) != not))
}

pub(super) fn matching(
    left: &Value,
    right: &Value,
    case: bool,
    not: bool,
) -> Result<(Value, Option<Table>), ErrorRecord> {
    let pattern = compiled(right, case)?;
    if enumerate::items(left).is_some() {
        return Ok((filter(left, |item| Ok(pattern.is_match(&text::to_text(item))? != not))?, None));
    }
    let subject = text::to_text(left);
    let found = pattern.captures(&subject, 0)?;
    let table = found.as_ref().map(|captures| matches_table(&pattern, captures, &subject));
    Ok((Value::Bool(found.is_some() != not), table))
}

/// `$Matches`: groups that took part, by name or number, the whole match last.
fn matches_table(pattern: &Pattern, captures: &Captures, subject: &str) -> Table {
    let table = Table::new(false);
    let groups = pattern.groups(captures, subject);
    for (group, found) in groups.into_iter().rev() {
        if let Some(found) = found {
            let key = match group.name {
                Some(name) => Value::from(name),
                None => Value::Int(i64::try_from(group.number).unwrap_or(0)),
            };
            table.put(key, found.into());
        }
    }
    table
}

/// Applies a change to each text: a list gives a list.
fn map(left: &Value, mut change: impl FnMut(&str) -> Result<String, ErrorRecord>) -> Result<Value, ErrorRecord> {
    match enumerate::items(left) {
        Some(items) => {
            let one = |(at, item)| look(at).and_then(|()| change(&text::to_text(item)).map(Value::from));
            let changed: Result<Vec<Value>, ErrorRecord> = items.iter().enumerate().map(one).collect();
            changed.map(Value::list)
        }
        None => change(&text::to_text(left)).map(Value::from),
    }
}

/// The operands behind `-replace`: the pattern and the replacement.
fn replace_operands(right: &Value) -> Result<(Value, Value), ErrorRecord> {
    match enumerate::items(right) {
        None => Ok((right.clone(), "".into())),
        Some(items) => match items.as_slice() {
            [] => Ok(("".into(), "".into())),
            [one] => Ok((one.clone(), "".into())),
            [pattern, by] => Ok((pattern.clone(), by.clone())),
            _ => Err(ErrorRecord::new(
                "BadReplaceArgument",
                Category::InvalidOperation,
                "-replace takes a pattern and a replacement, not more.",
            )),
        },
    }
}

pub(super) fn replace(left: &Value, right: &Value, case: bool) -> Result<Value, ErrorRecord> {
    let (pattern, by) = replace_operands(right)?;
    let pattern = compiled(&pattern, case)?;
    let by = Replacement::new(&text::to_text(&by), &pattern);
    map(left, |subject| {
        pattern.replace(subject, usize::MAX, &mut |captures| Ok(by.expand(&pattern, captures, subject)))
    })
}

/// `-replace` with a script block: `by` gets each match as an object.
///
/// # Errors
/// As the operator, and what `by` gives.
pub fn replace_with(
    op: &str,
    left: &Value,
    pattern: &Value,
    by: &mut dyn FnMut(Value) -> Result<Value, ErrorRecord>,
) -> Result<Value, ErrorRecord> {
    let pattern = compiled(pattern, op.starts_with('c'))?;
    map(left, |subject| {
        pattern.replace(subject, usize::MAX, &mut |captures| {
            let found = pattern::object::of_match(&pattern, Some(captures), subject);
            Ok(text::to_text(&by(Value::Record(found))?).to_string())
        })
    })
}

pub(super) fn join(left: &Value, right: &Value) -> Value {
    let separator = text::to_text(right);
    match enumerate::items(left) {
        Some(items) => text::joined(&items, &separator).into(),
        None => Value::Str(text::to_text(left)),
    }
}

/// `-split` with nothing but a text: at blanks, empty pieces left out.
pub(super) fn split_blanks(operand: &Value) -> Value {
    let texts = enumerate::enumerate(operand.clone());
    let pieces =
        texts.iter().flat_map(|item| text::to_text(item).split_whitespace().map(Value::from).collect::<Vec<Value>>());
    Value::list(pieces.collect())
}

pub(super) fn split(left: &Value, right: &Value, case: bool) -> Result<Value, ErrorRecord> {
    let operands = enumerate::enumerate(right.clone());
    let delimiter = operands.first().cloned().unwrap_or_default();
    let most = match operands.get(1) {
        None | Some(Value::Null) => 0,
        Some(other) => match super::super::convert::cast(other, &super::super::convert::int64())? {
            Value::Int(n) => n,
            _ => 0,
        },
    };
    let flags = operands.get(2).map(text::to_text).unwrap_or_default().to_lowercase();
    let flag = |name: &str| flags.split(',').any(|f| f.trim() == name);
    let case = case && !flag("ignorecase");
    let mut all = options(case);
    for (name, bit) in [
        ("multiline", pattern::MULTILINE),
        ("singleline", pattern::SINGLE_LINE),
        ("ignorepatternwhitespace", pattern::EXTENDED),
    ] {
        if flag(name) {
            all |= bit;
        }
    }
    let pattern = match as_object(&delimiter) {
        Some(pattern) => pattern,
        None if flag("simplematch") => pattern::compile(&pattern::escape(&text::to_text(&delimiter)), all)?,
        None => pattern::compile(&text::to_text(&delimiter), all)?,
    };
    let limit = usize::try_from(most.unsigned_abs()).unwrap_or(0);
    let mut pieces = Vec::new();
    for (at, item) in enumerate::enumerate(left.clone()).into_iter().enumerate() {
        look(at)?;
        let subject = text::to_text(&item);
        if most < 0 {
            pieces.extend(from_the_end(&pattern, &subject, limit)?);
        } else {
            texts(&mut pieces, pattern.split(&subject, limit)?)?;
        }
    }
    Ok(Value::list(pieces))
}

/// Adds pieces of a text as strings of their own.
///
/// # Errors
/// `PipelineStopped`; the list is empty then.
pub(in crate::value) fn texts(list: &mut Vec<Value>, pieces: Vec<&str>) -> Result<(), ErrorRecord> {
    list.reserve(pieces.len());
    for piece in pieces {
        if let Err(stopped) = look(list.len()) {
            let many = list.len();
            let_go(std::mem::take(list), many);
            return Err(stopped);
        }
        list.push(Value::from(piece));
    }
    Ok(())
}

/// A limit below zero counts from the end.
fn from_the_end(pattern: &Pattern, subject: &str, limit: usize) -> Result<Vec<Value>, ErrorRecord> {
    let mut pieces = Vec::new();
    let mut end = subject.len();
    for captures in pattern.all(subject)?.into_iter().rev().take(limit.saturating_sub(1)) {
        let (start, behind) = captures.whole();
        pieces.push(Value::from(&subject[behind..end]));
        end = start;
    }
    pieces.push(Value::from(&subject[..end]));
    pieces.reverse();
    Ok(pieces)
}

/// `-split` with a script block: cuts at each character for which `test` holds.
///
/// # Errors
/// What `test` gives.
pub fn split_where(
    left: &Value,
    test: &mut dyn FnMut(Value) -> Result<bool, ErrorRecord>,
) -> Result<Value, ErrorRecord> {
    let mut pieces = Vec::new();
    for item in enumerate::enumerate(left.clone()) {
        let mut piece = String::new();
        for c in text::to_text(&item).chars() {
            if test(c.to_string().into())? {
                pieces.push(std::mem::take(&mut piece).into());
            } else {
                piece.push(c);
            }
        }
        pieces.push(piece.into());
    }
    Ok(Value::list(pieces))
}
