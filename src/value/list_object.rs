//! Growing lists: what `[System.Collections.ArrayList]` and `[System.Collections.Generic.List[T]]` make.
//!
//! They are records of a type of their own with one hidden property, so that they are shared and mutable.

use super::{Record, RecordType, TextForm, Value};
use crate::error::{Category, ErrorRecord};
use std::collections::HashSet;
use std::sync::Arc;

/// Type name of an ArrayList.
pub const ARRAY_LIST: &str = "System.Collections.ArrayList";
/// Type name of a generic list, without the argument.
pub const GENERIC_LIST: &str = "System.Collections.Generic.List`1";

/// Type name of a queue.
pub const QUEUE: &str = "System.Collections.Queue";
/// Type name of a stack; its elements are the oldest first here.
pub const STACK: &str = "System.Collections.Stack";

/// A blank before it keeps the name out of reach of scripts.
const ITEMS: &str = " items";
/// The name of the type of the elements, hidden likewise.
const ELEMENT: &str = " element";

/// An empty or filled growing list; `generic` chooses which of the two types.
pub fn new(generic: bool, items: Vec<Value>) -> Record {
    of_type(if generic { GENERIC_LIST } else { ARRAY_LIST }, items)
}

/// A growing list by one of the type names above.
pub fn of_type(name: &str, items: Vec<Value>) -> Record {
    Record::new(RecordType::new(name, TextForm::TypeName), [(ITEMS, Value::list(items))])
}

/// Whether a record is a growing list.
pub fn is_list(record: &Record) -> bool {
    matches!(&*record.kind().name, ARRAY_LIST | GENERIC_LIST | QUEUE | STACK)
}

/// Whether a record is an ArrayList, or a generic list.
pub fn is_growing(record: &Record, generic: bool) -> bool {
    *record.kind().name == *(if generic { GENERIC_LIST } else { ARRAY_LIST })
}

/// The elements, if the record is a growing list.
pub fn items(record: &Record) -> Option<Arc<Vec<Value>>> {
    if !is_list(record) {
        return super::set_object::items(record);
    }
    match record.get(ITEMS) {
        Some(Value::List(items)) => Some(items),
        _ => None,
    }
}

/// Refuses a value that would make a list part of itself: nobody could go through it to its end.
///
/// # Errors
/// `InvalidOperationException`.
pub fn check_not_within(record: &Record, value: &Value) -> Result<(), ErrorRecord> {
    let mut waiting = vec![value.clone()];
    let mut seen = HashSet::new();
    while let Some(value) = waiting.pop() {
        let items = match &value {
            Value::Record(other) if other.same(record) => {
                let message = "A list cannot be an element of itself.";
                return Err(ErrorRecord::new("InvalidOperationException", Category::InvalidOperation, message)
                    .hint("Add its elements (AddRange), or a copy of it."));
            }
            Value::Record(other) => items(other),
            Value::List(items) => Some(items.clone()),
            _ => None,
        };
        // Once for each list, however often it is there.
        waiting.extend(items.filter(|items| seen.insert(Arc::as_ptr(items))).iter().flat_map(|i| i.iter().cloned()));
    }
    Ok(())
}

/// A generic list whose elements are of a type: what is added becomes one.
pub fn of_elements(element: &str, items: Vec<Value>) -> Record {
    let fields = [(ITEMS, Value::list(items)), (ELEMENT, Value::str(element))];
    Record::new(RecordType::new(GENERIC_LIST, TextForm::TypeName), fields)
}

/// The name of the type that elements of a list must have.
pub fn element(record: &Record) -> Option<super::Str> {
    match record.get(ELEMENT) {
        Some(Value::Str(name)) => Some(name),
        _ => None,
    }
}

/// Replaces the elements.
pub fn replace(record: &Record, items: Vec<Value>) {
    record.set(ITEMS, Value::list(items));
}

/// Appends one element, in place where nobody else looks at the elements.
pub fn push(record: &Record, item: Value) {
    record.change(ITEMS, |items| {
        if let Value::List(items) = items {
            Arc::make_mut(items).push(item);
        }
    });
}
