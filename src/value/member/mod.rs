//! Members of values: properties, methods, elements.

mod common;
mod dates;
mod index;
mod lists;
pub(super) mod objects;
pub(super) mod psobject;
mod strings;
pub(super) mod tables;

pub use index::{index, place, set_index};
pub use tables::entries;

use super::{Str, Value, enumerate, near, same_name, text, types};
use crate::error::{Category, ErrorRecord};

/// The value of a property, in any case; over a list that has no such property itself, the values of its elements', an empty list if none of them has it.
/// `None` where there is no such property: a shell makes `$null` of it.
pub fn get(value: &Value, name: &str) -> Option<Value> {
    if let Some(found) = own(value, name) {
        return Some(found);
    }
    let items = enumerate::items(value)?;
    let found: Vec<Value> = items
        .iter()
        .filter_map(|item| if enumerate::items(item).is_some() { get(item, name) } else { own(item, name) })
        .flat_map(|value| match value {
            // Lists of lists come out flat, as an enumeration does.
            Value::List(inner) => inner.to_vec(),
            other => vec![other],
        })
        .collect();
    match found.len() {
        0 if items.is_empty() => None,
        // Elements there are, but none has it: no value, which is not the same as `$null`.
        0 => Some(Value::list(Vec::new())),
        _ => Some(Value::from_outputs(found)),
    }
}

/// A property of the value itself, without a look at elements.
fn own(value: &Value, name: &str) -> Option<Value> {
    let special = match value {
        Value::Record(record) => objects::get(record, name),
        Value::Map(table) => tables::get(table, name),
        Value::Str(text) => strings::get(text, name),
        Value::DateTime(at) => dates::get_date(*at, name),
        Value::Duration(span) => dates::get_span(*span, name),
        Value::Version(version) => objects::get_version(version, name),
        Value::List(items) => lists::get(items, name),
        Value::Block(block) => objects::get_block(block, name),
        // A switch is a boolean here.
        Value::Bool(on) if same_name(name, "IsPresent") => Some(Value::Bool(*on)),
        _ => None,
    };
    special.or_else(|| psobject::get(value, name)).or_else(|| {
        // A single object counts as a list of one; nothing as an empty one.
        let counts = same_name(name, "Count") || same_name(name, "Length");
        counts.then(|| Value::Int(i64::from(!value.is_null())))
    })
}

/// Sets a property.
///
/// # Errors
/// `PropertyNotFound` (`ExceptionWhenSetting` of an object, as PowerShell has it), `PropertyAssignmentException` over a
/// list; with the near name.
pub fn set(value: &Value, name: &str, to: Value) -> Result<(), ErrorRecord> {
    let missing = |id: &'static str, category| {
        let error = ErrorRecord::new(
            id,
            category,
            format!("The property '{name}' cannot be found on this object; it has to exist to be set."),
        );
        let known = names(value);
        match near::nearest(name, &known) {
            Some(near) => error.hint(format!("Did you mean {near}?")),
            None => error,
        }
    };
    match value {
        Value::Record(record) => {
            if psobject::set(record, name, &to) || objects::set(record, name, &to) {
                return Ok(());
            }
            if let Some(done) = record.kind().node().and_then(|node| node.set(name, &to)) {
                return done;
            }
            Err(missing("ExceptionWhenSetting", Category::NotSpecified).hint("Add a property with Add-Member."))
        }
        Value::Map(table) => {
            table.put(tables::key(table, name), to);
            Ok(())
        }
        Value::List(_) => Err(missing("PropertyAssignmentException", Category::InvalidOperation)),
        Value::Null => Err(missing("PropertyNotFound", Category::InvalidOperation)),
        _ => Err(missing("PropertyAssignmentException", Category::InvalidOperation)),
    }
}

/// The names of the properties, in order: what `Select-Object *` and Get-Member go through.
pub fn names(value: &Value) -> Vec<Str> {
    let fixed = |names: &[&str]| names.iter().map(|name| Str::from(*name)).collect();
    match value {
        Value::Record(record) => record.names().iter().filter(|name| !name.starts_with(' ')).cloned().collect(),
        Value::Map(table) => fixed(tables::names(table.is_ordered())),
        Value::Str(_) => fixed(&["Length"]),
        Value::DateTime(_) => fixed(dates::DATE_NAMES),
        Value::Duration(_) => fixed(dates::SPAN_NAMES),
        Value::Version(_) => fixed(objects::VERSION_NAMES),
        Value::List(_) => fixed(lists::NAMES),
        Value::Block(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Decimal(_)
        | Value::Guid(_) => Vec::new(),
    }
}

/// Calls a method.
///
/// # Errors
/// `MethodNotFound`, with the near name; `InvokeMethodOnNull`; and what the method itself says.
pub fn call(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, ErrorRecord> {
    if value.is_null() {
        return Err(ErrorRecord::new(
            "InvokeMethodOnNull",
            Category::InvalidOperation,
            format!("There is no object to call {name}() on: the expression is null."),
        ));
    }
    let call = Call { name: &name.to_ascii_lowercase(), arguments };
    let found = match value {
        Value::Str(text) => strings::call(text, &call),
        Value::DateTime(at) => dates::call_date(*at, &call),
        Value::Duration(span) => dates::call_span(*span, &call),
        Value::List(items) => lists::call(items, &call),
        Value::Map(table) => tables::call(table, &call),
        Value::Record(record) => objects::call(record, &call),
        Value::Version(version) => objects::call_version(version, &call),
        _ => None,
    };
    if let Some(result) = found.or_else(|| common::call(value, &call)) {
        return result;
    }
    // A method over a list is called on each element.
    if let Some(items) = enumerate::items(value)
        && !items.is_empty()
        && !matches!(value, Value::Record(_))
    {
        let results: Result<Vec<Value>, ErrorRecord> =
            items.iter().map(|item| self::call(item, name, arguments)).collect();
        return results.map(Value::from_outputs);
    }
    Err(not_found(&types::name_of(value), name))
}

/// There is no such method.
pub(super) fn not_found(type_name: &str, method: &str) -> ErrorRecord {
    ErrorRecord::new(
        "MethodNotFound",
        Category::InvalidOperation,
        format!("[{type_name}] has no method '{method}' that takes these arguments."),
    )
}

/// A call: the method's name in lower case, and its arguments.
pub(in crate::value) struct Call<'a> {
    /// Lower case.
    pub name: &'a str,
    /// As given.
    pub arguments: &'a [Value],
}

/// What a method gives; `None` where there is no such method.
pub(in crate::value) type Answer = Option<Result<Value, ErrorRecord>>;

impl Call<'_> {
    /// The argument at a place as text; "" where there is none.
    pub fn text(&self, at: usize) -> Str {
        self.arguments.get(at).map(text::to_text).unwrap_or_default()
    }

    /// The argument at a place as a whole number.
    pub fn int(&self, at: usize) -> Result<i64, ErrorRecord> {
        let argument = self.arguments.get(at).unwrap_or(&Value::Null);
        match super::convert::cast(argument, &super::convert::int64()).map_err(|_| self.unfit(at))? {
            Value::Int(n) => Ok(n),
            _ => Err(self.unfit(at)),
        }
    }

    /// The argument at a place as a number.
    pub fn double(&self, at: usize) -> Result<f64, ErrorRecord> {
        let argument = self.arguments.get(at).unwrap_or(&Value::Null);
        match super::convert::cast(argument, &super::convert::Target::Double).map_err(|_| self.unfit(at))? {
            Value::Float(x) => Ok(x),
            _ => Err(self.unfit(at)),
        }
    }

    /// The argument at a place.
    pub fn value(&self, at: usize) -> Value {
        self.arguments.get(at).cloned().unwrap_or_default()
    }

    /// How many arguments there are.
    pub fn count(&self) -> usize {
        self.arguments.len()
    }

    /// An argument cannot be converted to what the method takes.
    pub fn unfit(&self, at: usize) -> ErrorRecord {
        ErrorRecord::new(
            "MethodArgumentConversionInvalidCastArgument",
            Category::NotSpecified,
            format!("Argument {} of {}() cannot be converted: \"{}\".", at + 1, self.name, self.text(at)),
        )
    }

    /// An argument is outside of what the object has.
    pub fn out_of_range(&self) -> ErrorRecord {
        ErrorRecord::new(
            "ArgumentOutOfRangeException",
            Category::NotSpecified,
            format!("An argument of {}() lies outside of the object.", self.name),
        )
    }
}

#[cfg(test)]
mod tests;
