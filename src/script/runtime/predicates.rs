//! Methods of lists that take a script block: `$list.Find({ $args[0] -gt 3 })`. As in PowerShell the block has the element
//! both as `$_` and as its first argument.

use super::super::blocks::Runner;
use super::super::convert::{array, empty, to_dynamic};
use super::super::shared::Shared;
use super::Outcome;
use crate::cmdlet::run::BlockRunner;
use crate::error::Halt;
use crate::value::{Block, Value, list_object, text, truth};
use rhai::NativeCallContext;
use std::cmp::Ordering;
use std::rc::Rc;

/// Runs such a method; `None` for all others.
pub(super) fn call(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    target: &Value,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    let (Value::Record(record), [Value::Block(block)]) = (target, arguments) else { return None };
    let items = list_object::items(record).filter(|_| &*record.kind().name == list_object::GENERIC_LIST)?;
    let runner = Runner { cx, shared };
    let value = |arguments: &[Value]| value_of(&runner, block, arguments);
    let test = |item: &Value| value(std::slice::from_ref(item)).map(|value| truth::is_true(&value));
    let number = |at: Option<usize>| Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1));
    let result = match name.to_ascii_lowercase().as_str() {
        "find" => position(items.iter(), &test).map(|at| at.and_then(|at| items.get(at)).cloned().unwrap_or_default()),
        "findindex" => position(items.iter(), &test).map(number),
        "findlast" => position(items.iter().rev(), &test)
            .map(|at| at.and_then(|at| items.iter().rev().nth(at)).cloned().unwrap_or_default()),
        "findlastindex" => position(items.iter().rev(), &test).map(|at| number(at.map(|at| items.len() - 1 - at))),
        "exists" => position(items.iter(), &test).map(|at| at.is_some().into()),
        "trueforall" => position(items.iter(), &|item| test(item).map(|holds| !holds)).map(|at| at.is_none().into()),
        "findall" => {
            let found: Result<Vec<Value>, Halt> = kept(&items, &test);
            found.map(|found| Value::Record(list_object::new(true, found)))
        }
        "removeall" => kept(&items, &|item| test(item).map(|goes| !goes)).map(|rest| {
            let gone = items.len() - rest.len();
            list_object::replace(record, rest);
            Value::Int(i64::try_from(gone).unwrap_or(i64::MAX))
        }),
        "convertall" => items
            .iter()
            .map(|item| value(std::slice::from_ref(item)))
            .collect::<Result<Vec<Value>, Halt>>()
            .map(|made| Value::Record(list_object::new(true, made))),
        "sort" => sorted(items.to_vec(), &|a, b| value(&[a.clone(), b.clone()])).map(|sorted| {
            list_object::replace(record, sorted);
            Value::Null
        }),
        // What the block puts out is the method's output, as for an array.
        "foreach" => {
            let mut outputs = Vec::new();
            let mut run = |item: &Value| {
                runner.run(block, Some(item), std::slice::from_ref(item), &mut |output| {
                    outputs.push(output);
                    Ok(())
                })
            };
            let done = items.iter().try_for_each(&mut run);
            return Some(done.map(|()| array(outputs)).map_err(|halt| shared.raise(halt, cx.call_position())));
        }
        _ => return None,
    };
    Some(match result {
        Ok(Value::Null) if name.eq_ignore_ascii_case("Sort") => Ok(empty()),
        Ok(value) => Ok(to_dynamic(value)),
        Err(halt) => Err(shared.raise(halt, cx.call_position())),
    })
}

fn value_of(runner: &Runner, block: &Block, arguments: &[Value]) -> Result<Value, Halt> {
    let mut outputs = Vec::new();
    runner.run(block, arguments.first(), arguments, &mut |output| {
        outputs.push(output);
        Ok(())
    })?;
    Ok(Value::from_outputs(outputs))
}

fn position<'a>(
    items: impl Iterator<Item = &'a Value>,
    test: &dyn Fn(&Value) -> Result<bool, Halt>,
) -> Result<Option<usize>, Halt> {
    for (at, item) in items.enumerate() {
        if test(item)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn kept(items: &[Value], test: &dyn Fn(&Value) -> Result<bool, Halt>) -> Result<Vec<Value>, Halt> {
    let mut kept = Vec::new();
    for item in items {
        if test(item)? {
            kept.push(item.clone());
        }
    }
    Ok(kept)
}

/// Sorts by what a block says of two elements: less than, equal to or greater than 0. It merges, so that a block that
/// contradicts itself does no harm.
fn sorted(items: Vec<Value>, compare: &dyn Fn(&Value, &Value) -> Result<Value, Halt>) -> Result<Vec<Value>, Halt> {
    if items.len() < 2 {
        return Ok(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let (left, right) = (sorted(left, compare)?, sorted(right, compare)?);
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let order = match compare(a, b)? {
            Value::Int(number) => number.cmp(&0),
            Value::Float(number) => number.partial_cmp(&0.0).unwrap_or(Ordering::Equal),
            other => text::to_text(&other).parse::<i64>().unwrap_or(0).cmp(&0),
        };
        out.extend(if order == Ordering::Greater { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Ok(out)
}
