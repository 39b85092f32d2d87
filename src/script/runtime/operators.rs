//! Operators.

use super::super::convert::{is_empty, to_dynamic, to_value};
use super::super::shared::Shared;
use super::super::{blocks, commands, typed};
use super::{Outcome, Register, lists};
use crate::cmdlet::run::BlockRunner;
use crate::error::{Category, ErrorRecord, Halt};
use crate::language::operators;
use crate::value::{Block, Value, ops, text, truth, types};
use rhai::{Dynamic, NativeCallContext};
use std::rc::Rc;

/// Registers the functions.
pub(super) fn register(engine: &mut Register) {
    let named = [("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/"), ("rem", "%"), ("format", "f")];
    let named = named.map(|(name, operator)| (name.to_string(), operator.to_string()));
    for (name, operator) in named.into_iter().chain(operators::called().map(|word| (word.clone(), word))) {
        if operator.ends_with("match") {
            matching(engine, name);
            continue;
        }
        engine.function(&name, 2, move |shared, cx, args| apply(shared, cx, operator.as_str(), args[0], args[1]));
    }
    for (name, operator) in
        [("neg", "-"), ("plus", "+"), ("bnot", "bnot"), ("join_all", "join"), ("split_all", "split")]
    {
        engine.values(name, 1, move |_, args| ops::unary(operator, &args[0]));
    }
    for (name, operator) in [("inc", "+"), ("dec", "-")] {
        engine.values(name, 1, move |_, args| match &args[0] {
            Value::Null => Ok(Value::Int(if operator == "+" { 1 } else { -1 })),
            value => ops::binary(operator, value, &Value::Int(1)),
        });
    }
    engine.function("range", 2, |shared, cx, args| {
        let (left, right) = (to_value(args[0]), to_value(args[1]));
        if let (Value::Int(from), Value::Int(to)) = (&left, &right) {
            if let Some(pipeline) = commands::range(shared, cx, *from, *to) {
                return Ok(pipeline);
            }
            if from.abs_diff(*to) >= shared.limits.array as u64 {
                return Err(shared.raise(Halt::Error(too_large("an array")), cx.call_position()));
            }
            if from <= to && from.abs_diff(*to) < ops::LONGEST_RANGE {
                let mut items = rhai::Array::new();
                for number in *from..=*to {
                    if items.len().is_multiple_of(1 << 18) {
                        shared.session.check_interrupt().map_err(|halt| shared.raise(halt, cx.call_position()))?;
                    }
                    items.push(number.into());
                }
                return Ok(Dynamic::from_array(items));
            }
        }
        ops::binary("..", &left, &right).map(to_dynamic).map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))
    });
    engine.values("case", 3, |shared, args| {
        let flags = text::to_text(&args[2]);
        let has = |flag: &str| flags.split(' ').any(|f| f.trim_start_matches('-') == flag);
        let case = if has("casesensitive") { "c" } else { "i" };
        let (item, pattern) = (&args[0], &args[1]);
        let operator = if has("regex") {
            "match"
        } else if has("wildcard") {
            "like"
        } else {
            "eq"
        };
        let as_text = Value::Str(text::to_text(item));
        let subject = if operator == "eq" { item } else { &as_text };
        if operator == "match" {
            let (answer, captures) = ops::matching(&format!("{case}match"), subject, pattern)?;
            if let Some(captures) = captures {
                shared.set_variable("Matches", Value::Map(captures))?;
            }
            return Ok(Value::Bool(truth::is_true(&answer)));
        }
        Ok(Value::Bool(truth::is_true(&ops::binary(&format!("{case}{operator}"), subject, pattern)?)))
    });
}

/// An operator of two operands.
pub(super) fn apply(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    operator: &str,
    left_arg: &Dynamic,
    right_arg: &Dynamic,
) -> Outcome {
    if let (Ok(a), Ok(b)) = (left_arg.as_int(), right_arg.as_int())
        && let Some(quick) = integers(operator, a, b)
    {
        return Ok(quick);
    }
    // What gives no objects adds none.
    if operator == "+" && left_arg.is_array() && is_empty(right_arg) {
        return Ok(left_arg.clone());
    }
    if let Some(answer) = lists::looked_through(operator, left_arg, right_arg) {
        return Ok(answer);
    }
    let (left, right) = (to_value(left_arg), to_value(right_arg));
    if let "is" | "isnot" = operator
        && let Some(is) = types::named_by(&right).and_then(|wanted| typed::is(left_arg, &wanted))
    {
        return Ok((is == (operator == "is")).into());
    }
    if operator.ends_with("replace") || operator.ends_with("split") {
        let parts = crate::value::enumerate(right.clone());
        let (replaces, runner) = (operator.ends_with("replace"), blocks::Runner { cx, shared });
        let result = match parts.as_slice() {
            [pattern, Value::Block(by)] if replaces => replace_by(&runner, operator, &left, pattern, by),
            [Value::Block(test), ..] if !replaces => split_by(&runner, &left, test),
            _ => ops::binary(operator, &left, &right).map_err(Halt::Error),
        };
        return result.map(to_dynamic).map_err(|halt| shared.raise(halt, cx.call_position()));
    }
    let result = fits(shared, operator, &left, &right).and_then(|()| ops::binary(operator, &left, &right));
    result.map(to_dynamic).map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))
}

/// An operator that sets `$Matches`.
fn matching(engine: &mut Register, operator: String) {
    engine.values(&operator.clone(), 2, move |shared, args| {
        let (value, captures) = ops::matching(&operator, &args[0], &args[1])?;
        if let Some(captures) = captures {
            shared.set_variable("Matches", Value::Map(captures))?;
        }
        Ok(value)
    });
}

/// `-replace pattern, { … }`: the block makes the replacement of each match, which is its `$_`.
pub(super) fn replace_by(
    runner: &blocks::Runner,
    operator: &str,
    left: &Value,
    pattern: &Value,
    by: &Block,
) -> Result<Value, Halt> {
    let mut stopped = None;
    let replaced = ops::replace_with(operator, left, pattern, &mut |found| {
        outputs(runner, by, &found).map(Value::from_outputs).map_err(|halt| stopping(halt, &mut stopped))
    });
    stopped.map_or(replaced.map_err(Halt::Error), Err)
}

/// `-split { … }`: cuts at the characters for which the block is true.
fn split_by(runner: &blocks::Runner, left: &Value, test: &Block) -> Result<Value, Halt> {
    let mut stopped = None;
    let pieces = ops::split_where(left, &mut |c| {
        let answer = outputs(runner, test, &c).map(|values| truth::is_true(&Value::from_outputs(values)));
        answer.map_err(|halt| stopping(halt, &mut stopped))
    });
    stopped.map_or(pieces.map_err(Halt::Error), Err)
}

fn outputs(runner: &blocks::Runner, block: &Block, item: &Value) -> Result<Vec<Value>, Halt> {
    let mut outputs = Vec::new();
    // Operators have the match as `$_`, methods of .NET's hand it over as an argument, too.
    runner.run(block, Some(item), std::slice::from_ref(item), &mut |value| {
        outputs.push(value);
        Ok(())
    })?;
    Ok(outputs)
}

/// Keeps a stop while an operator, which knows only errors, unwinds.
fn stopping(halt: Halt, kept: &mut Option<Halt>) -> ErrorRecord {
    let error = match &halt {
        Halt::Error(error) => error.clone(),
        _ => ErrorRecord::new("PipelineStopped", Category::OperationStopped, "A script block was stopped."),
    };
    *kept = Some(halt);
    error
}

/// Operators on two whole numbers that cannot go wrong.
fn integers(operator: &str, a: i64, b: i64) -> Option<Dynamic> {
    Some(match operator {
        "+" => a.checked_add(b)?.into(),
        "-" => a.checked_sub(b)?.into(),
        "*" => a.checked_mul(b)?.into(),
        "%" if b > 0 => (a % b).into(),
        "eq" => (a == b).into(),
        "ne" => (a != b).into(),
        "gt" => (a > b).into(),
        "ge" => (a >= b).into(),
        "lt" => (a < b).into(),
        "le" => (a <= b).into(),
        _ => return None,
    })
}

/// Whether the result of an operator stays within the limits: what repeats or adds can be made very large.
fn fits(shared: &Shared, operator: &str, left: &Value, right: &Value) -> Result<(), ErrorRecord> {
    let times = |count: &Value| match count {
        Value::Int(n) => usize::try_from(*n).unwrap_or(0),
        other => text::to_text(other).trim().parse().unwrap_or(1),
    };
    match (operator, left) {
        ("*", Value::Str(text)) if text.len().saturating_mul(times(right)) > shared.limits.string => {
            Err(too_large("a string"))
        }
        ("*", Value::List(items)) if items.len().saturating_mul(times(right)) > shared.limits.array => {
            Err(too_large("an array"))
        }
        ("+", Value::Str(a)) if matches!(right, Value::Str(b) if a.len() + b.len() > shared.limits.string) => {
            Err(too_large("a string"))
        }
        ("+", Value::List(a)) if a.len() > shared.limits.array => Err(too_large("an array")),
        _ => Ok(()),
    }
}

/// The error of a result that is larger than it may be.
pub(super) fn too_large(what: &str) -> ErrorRecord {
    let message = format!("The result would be {what} larger than a script may hold.");
    ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message)
}
