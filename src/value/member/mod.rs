//! Members of values: properties, methods, elements.

use super::{Str, Value};
use crate::error::{Category, ErrorRecord};

/// The value of a property, in any case; over a list that has no such property itself, the values of its elements'.
pub fn get(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Record(record) => record.get(name),
        Value::Map(table) => table.get_str(name),
        _ => None,
    }
}

/// Sets a property.
///
/// # Errors
/// `PropertyAssignmentException`, `PropertyNotFound`, with the near name.
pub fn set(value: &Value, name: &str, to: Value) -> Result<(), ErrorRecord> {
    match value {
        Value::Record(record) if record.set(name, to.clone()) => Ok(()),
        Value::Map(table) => {
            table.put(Value::str(name), to);
            Ok(())
        }
        _ => Err(ErrorRecord::new(
            "PropertyNotFound",
            Category::InvalidOperation,
            format!("The property '{name}' cannot be found on this object."),
        )),
    }
}

/// The names of the properties, in order.
pub fn names(value: &Value) -> Vec<Str> {
    match value {
        Value::Record(record) => record.names().to_vec(),
        _ => Vec::new(),
    }
}

/// Calls a method.
///
/// # Errors
/// `MethodNotFound`, `InvokeMethodOnNull`, and what the method itself says.
pub fn call(_value: &Value, name: &str, _arguments: &[Value]) -> Result<Value, ErrorRecord> {
    Err(ErrorRecord::new("MethodNotFound", Category::InvalidOperation, format!("There is no method named '{name}'.")))
}

/// The element or elements that an index gives: `$a[0]`, `$a[-1]`, `$a[1..3]`, `$h["k"]`.
///
/// # Errors
/// `NullArray`, `CannotIndex`.
pub fn index(_value: &Value, _index: &Value) -> Result<Value, ErrorRecord> {
    Err(ErrorRecord::new("CannotIndex", Category::InvalidOperation, "Unable to index into this object."))
}

/// Sets an element: `$a[1] = 9`. An array becomes a changed copy, so the variable itself must be given.
///
/// # Errors
/// `NullArray`, `System.IndexOutOfRangeException`, `CannotIndex`.
pub fn set_index(_value: &mut Value, _index: &Value, _to: Value) -> Result<(), ErrorRecord> {
    Err(ErrorRecord::new("CannotIndex", Category::InvalidOperation, "Unable to index into this object."))
}
