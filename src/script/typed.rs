//! The types of integers and arrays that a cast gave them. A value knows one integer and one array; in Rhai's hands a
//! mark beside it says which of .NET's it stands for, as long as it is not changed or piped.

use crate::value::{same_name, types};
use rhai::Dynamic;

/// Integers other than `[int]`.
const INTEGERS: &[&str] = &[
    "System.Byte",
    "System.SByte",
    "System.Int16",
    "System.UInt16",
    "System.UInt32",
    "System.Int64",
    "System.UInt64",
    "System.Numerics.BigInteger",
    "System.Int32",
];

/// Elements of arrays.
const ELEMENTS: &[&str] = &[
    "System.String",
    "System.Int32",
    "System.Char",
    "System.Byte",
    "System.Int64",
    "System.Double",
    "System.Boolean",
    "System.DateTime",
    "System.Decimal",
    "System.Int16",
    "System.Guid",
    "System.Version",
    "System.Single",
    "System.Collections.Hashtable",
];

/// Marks of integers and of arrays begin here; smaller ones have other uses.
const INTEGER: i32 = 100;
const ARRAY: i32 = 200;

fn place(list: &[&str], full: &str) -> Option<i32> {
    list.iter().position(|known| same_name(known, full)).and_then(|at| i32::try_from(at).ok())
}

/// Marks what a cast to a type gave.
pub(super) fn marked(mut value: Dynamic, type_name: &str) -> Dynamic {
    let is_array = value.is_array();
    if !is_array && !value.is_int() {
        return value;
    }
    let Some(found) = types::find(type_name) else { return value };
    let mark = match found.full.strip_suffix("[]") {
        Some(element) if is_array => place(ELEMENTS, element).map(|at| ARRAY + at),
        None if !is_array => place(INTEGERS, &found.full).map(|at| INTEGER + at),
        _ => None,
    };
    if let Some(mark) = mark {
        value.set_tag(mark);
    }
    value
}

/// The full name of the type that a value was cast to.
pub(super) fn name(value: &Dynamic) -> Option<String> {
    if value.is_shared() {
        return name(&value.flatten_clone());
    }
    let at = |from: i32| usize::try_from(value.tag() - from).ok();
    if value.is_array() {
        return at(ARRAY).and_then(|at| ELEMENTS.get(at)).map(|element| format!("{element}[]"));
    }
    if !value.is_int() {
        return None;
    }
    at(INTEGER).and_then(|at| INTEGERS.get(at)).map(|full| (*full).to_string())
}

/// Whether a value is of a type, where its mark can say.
pub(super) fn is(value: &Dynamic, wanted: &str) -> Option<bool> {
    let own = name(value)?;
    let says = same_name(&own, wanted) || place(INTEGERS, wanted).is_some();
    says.then(|| same_name(&own, wanted))
}

/// The type of the array that a method of a string gives.
pub(super) fn of_method(method: &str) -> Option<&'static str> {
    if same_name(method, "Split") {
        return Some("string[]");
    }
    same_name(method, "ToCharArray").then_some("char[]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_leaves_its_type_beside_the_value() {
        let five = || Dynamic::from(5_i64);
        for (to, expected) in [("long", Some("System.Int64")), ("byte", Some("System.Byte")), ("string", None)] {
            assert_eq!(name(&marked(five(), to)).as_deref(), expected, "{to}");
        }
        let list = Dynamic::from_array(vec![five()]);
        assert_eq!(name(&marked(list.clone(), "string[]").clone()).as_deref(), Some("System.String[]"));
        assert_eq!(name(&marked(list, "int")), None);
        assert_eq!(name(&five()), None);
    }
}
