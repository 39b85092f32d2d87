//! What a pipeline makes of a value: lists are unrolled one level, `$null` is one object.

use super::Value;
use std::sync::Arc;

/// The objects that a value gives to a pipeline. A hashtable and a string are one object each.
pub fn enumerate(value: Value) -> Vec<Value> {
    match items(&value) {
        Some(items) => Arc::unwrap_or_clone(items),
        None => vec![value],
    }
}

/// The elements, if the value is an array, a list object (`ArrayList`, `List[T]`) or a collection of properties.
pub fn items(value: &Value) -> Option<Arc<Vec<Value>>> {
    match value {
        Value::List(items) => Some(items.clone()),
        Value::Record(record) => {
            if let Some(node) = record.kind().node() {
                return node.items().map(Arc::new);
            }
            super::list_object::items(record).or_else(|| super::member::psobject::elements(record).map(Arc::new))
        }
        _ => None,
    }
}
