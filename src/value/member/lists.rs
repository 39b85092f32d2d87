//! Members of arrays and of growing lists.

use super::super::convert::{self, Target};
use super::super::{Record, Value, compare, enumerate, list_object, sorting};
use super::{Answer, Call};
use crate::error::{Category, ErrorRecord};
use std::borrow::Cow;

/// Properties of an array.
pub(super) const NAMES: &[&str] =
    &["Count", "Length", "LongLength", "Rank", "IsReadOnly", "IsFixedSize", "IsSynchronized"];

fn length(items: &[Value]) -> Value {
    Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX))
}

pub(super) fn get(items: &[Value], name: &str) -> Option<Value> {
    Some(match name.to_ascii_lowercase().as_str() {
        "count" | "length" | "longlength" => length(items),
        "rank" => Value::Int(1),
        "isreadonly" | "issynchronized" => false.into(),
        "isfixedsize" => true.into(),
        _ => return None,
    })
}

fn position(items: &[Value], wanted: &Value) -> Option<usize> {
    items.iter().position(|item| compare::equals(item, wanted, true))
}

/// What arrays and growing lists both can.
fn shared(items: &[Value], call: &Call) -> Answer {
    Some(Ok(match call.name {
        "contains" => position(items, &call.value(0)).is_some().into(),
        "indexof" => Value::Int(position(items, &call.value(0)).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)),
        "toarray" | "clone" | "getenumerator" => Value::list(items.to_vec()),
        "getvalue" | "item" | "get_item" => {
            match call.int(0).map(|at| usize::try_from(at).ok().and_then(|at| items.get(at))) {
                Ok(Some(item)) => item.clone(),
                Ok(None) => return Some(Err(call.out_of_range())),
                Err(error) => return Some(Err(error)),
            }
        }
        "getlength" | "getlonglength" => length(items),
        "getlowerbound" => Value::Int(0),
        "getupperbound" => Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX) - 1),
        _ => return None,
    }))
}

pub(super) fn call(items: &[Value], call: &Call) -> Answer {
    match call.name {
        "add" | "addrange" | "remove" | "removeat" | "insert" | "clear" => Some(Err(ErrorRecord::new(
            "NotSupportedException",
            Category::NotSpecified,
            format!("An array has a fixed size: {}() does not work on it.", call.name),
        )
        .hint("Use += to make a longer array, or [System.Collections.Generic.List[object]]::new()."))),
        _ => shared(items, call),
    }
}

/// Members of a growing list.
pub(super) fn call_object(record: &Record, call: &Call) -> Answer {
    let items = list_object::items(record)?;
    let array_list = &*record.kind().name == list_object::ARRAY_LIST;
    let index = |most: usize| {
        call.int(0).and_then(|at| usize::try_from(at).ok().filter(|at| *at < most).ok_or_else(|| call.out_of_range()))
    };
    if let Some(answer) = in_turn(record, &items, call) {
        return Some(answer);
    }
    let arguments = match converted(record, call) {
        Ok(arguments) => arguments,
        Err(error) => return Some(Err(error)),
    };
    let call = &Call { name: call.name, arguments: &arguments };
    let added = match call.name {
        "add" => Some(call.value(0)),
        "addrange" => Some(Value::list(enumerate::enumerate(call.value(0)))),
        "insert" => Some(call.value(1)),
        _ => None,
    };
    if let Some(Err(error)) = added.map(|value| list_object::check_not_within(record, &value)) {
        return Some(Err(error));
    }
    if call.name == "add" {
        // Nobody else may look at the elements, or they would be copied.
        let at = i64::try_from(items.len()).unwrap_or(i64::MAX);
        drop(items);
        list_object::push(record, call.value(0));
        // ArrayList says where; List[T] says nothing.
        return Some(Ok(if array_list { Value::Int(at) } else { nothing() }));
    }
    if let Some(answer) = ranges(record, &items, call) {
        return Some(answer);
    }
    let mut changed = items.to_vec();
    let result = match call.name {
        "addrange" => {
            changed.extend(enumerate::enumerate(call.value(0)));
            nothing()
        }
        "clear" => {
            changed.clear();
            nothing()
        }
        "insert" => match index(changed.len() + 1) {
            Ok(at) => {
                changed.insert(at, call.value(1));
                nothing()
            }
            Err(error) => return Some(Err(error)),
        },
        "removeat" => match index(changed.len()) {
            Ok(at) => {
                changed.remove(at);
                nothing()
            }
            Err(error) => return Some(Err(error)),
        },
        "remove" => {
            let at = position(&changed, &call.value(0));
            if let Some(at) = at {
                changed.remove(at);
            }
            if array_list { nothing() } else { at.is_some().into() }
        }
        "reverse" => {
            changed.reverse();
            nothing()
        }
        "sort" => match sorting::sorted(changed) {
            Ok(sorted) => {
                list_object::replace(record, sorted);
                return Some(Ok(nothing()));
            }
            Err(error) => return Some(Err(error)),
        },
        _ => return shared(&items, call),
    };
    list_object::replace(record, changed);
    Some(Ok(result))
}

/// The arguments of a call; what is added to a list of a type becomes that type.
fn converted<'a>(record: &Record, call: &Call<'a>) -> Result<Cow<'a, [Value]>, ErrorRecord> {
    let (at, many) = match call.name {
        "add" | "contains" | "indexof" | "remove" => (0, false),
        "addrange" => (0, true),
        "insert" => (1, false),
        "insertrange" => (1, true),
        _ => return Ok(Cow::Borrowed(call.arguments)),
    };
    let target = list_object::element(record).and_then(|name| convert::target(&name));
    let (Some(target), Some(value)) = (target, call.arguments.get(at)) else {
        return Ok(Cow::Borrowed(call.arguments));
    };
    let target = if many { Target::Array(Box::new(target)) } else { target };
    let made = convert::cast(value, &target).map_err(|_| call.unfit(at))?;
    let mut arguments = call.arguments.to_vec();
    if let Some(slot) = arguments.get_mut(at) {
        *slot = made;
    }
    Ok(Cow::Owned(arguments))
}

/// What growing lists can with several elements at once.
fn ranges(record: &Record, items: &[Value], call: &Call) -> Answer {
    let number = |at: usize| call.int(at).and_then(|n| usize::try_from(n).map_err(|_| call.out_of_range()));
    let range = || {
        let (from, count) = (number(0)?, number(1)?);
        let to = from.checked_add(count).filter(|to| *to <= items.len()).ok_or_else(|| call.out_of_range())?;
        Ok((from, to))
    };
    let kind = record.kind().name.clone();
    Some(match call.name {
        "getrange" => range().map(|(from, to)| list_object::of_type(&kind, items[from..to].to_vec()).into()),
        "removerange" => range().map(|(from, to)| {
            list_object::replace(record, [&items[..from], &items[to..]].concat());
            nothing()
        }),
        "insertrange" => number(0).and_then(|at| {
            let added = enumerate::enumerate(call.value(1));
            list_object::check_not_within(record, &Value::list(added.clone()))?;
            let (before, behind) = items.split_at_checked(at).ok_or_else(|| call.out_of_range())?;
            list_object::replace(record, [before, &added, behind].concat());
            Ok(nothing())
        }),
        "lastindexof" => {
            let at = items.iter().rposition(|item| compare::equals(item, &call.value(0), true));
            Ok(Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)))
        }
        _ => return None,
    })
}

/// What queues and stacks can.
fn in_turn(record: &Record, items: &[Value], call: &Call) -> Answer {
    let stack = match &*record.kind().name {
        list_object::QUEUE => false,
        list_object::STACK => true,
        _ => return None,
    };
    let next = || if stack { items.last() } else { items.first() };
    let empty = || ErrorRecord::new("InvalidOperationException", Category::NotSpecified, "There is no element left.");
    Some(match call.name {
        "enqueue" | "push" => list_object::check_not_within(record, &call.value(0)).map(|()| {
            list_object::push(record, call.value(0));
            nothing()
        }),
        "peek" => next().cloned().ok_or_else(empty),
        "dequeue" | "pop" => next().cloned().ok_or_else(empty).inspect(|_| {
            let rest = if stack { &items[..items.len() - 1] } else { &items[1..] };
            list_object::replace(record, rest.to_vec());
        }),
        _ => return None,
    })
}

/// What a method without a result gives: an empty list, which a pipeline makes nothing of.
fn nothing() -> Value {
    Value::list(Vec::new())
}
