//! `[char]`: an object that counts as one value, prints as its character and converts to its code.

use super::{Record, RecordType, TextForm, Value, text};
use crate::env::bounds;
use std::cmp::Ordering;
use std::sync::Arc;

/// Full name of the type.
pub const CHAR: &str = "System.Char";
/// Where the character is; a blank before a name hides it.
const FIELD: &str = " char";

/// A character as a value.
pub fn new(c: char) -> Value {
    thread_local! {
        static KIND: Arc<RecordType> = RecordType::new(CHAR, TextForm::Scalar(FIELD));
        static NAMES: Arc<[super::Str]> = Arc::new([FIELD.into()]);
    }
    let kind = KIND.with(Arc::clone);
    let mut buffer = [0; 4];
    let shown = Value::str(&*c.encode_utf8(&mut buffer));
    Value::Record(Record::from_parts(kind, NAMES.with(Arc::clone), vec![shown]))
}

/// The characters of a text.
pub fn all(text: &str) -> Value {
    const LOOKS: usize = 1 << 16;
    let mut items = Vec::new();
    for (at, c) in text.chars().enumerate() {
        // Each is an object: a long text makes very many, and nobody sees them where what runs is stopped.
        if at.is_multiple_of(LOOKS) && bounds::reason_now().is_some() {
            break;
        }
        items.push(new(c));
    }
    Value::list(items)
}

/// The character that a record is.
pub fn of(record: &Record) -> Option<char> {
    if &*record.kind().name != CHAR {
        return None;
    }
    record.look(FIELD, |value| value.as_str().and_then(|text| text.chars().next())).flatten()
}

/// The character that a value is.
pub fn of_value(value: &Value) -> Option<char> {
    match value {
        Value::Record(record) => of(record),
        _ => None,
    }
}

/// The number of a character.
pub fn code(c: char) -> i64 {
    u32::from(c).into()
}

/// A character in upper case, as .NET has it: one that would become several stays (`ß`).
pub fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The order of a character and another value, which is converted to a character: by their codes, in upper case where
/// case does not count. `None` where the other is no character.
pub fn order(c: char, other: &Value, case_sensitive: bool) -> Option<Ordering> {
    let other = match other {
        Value::Int(n) => u32::try_from(*n).ok().and_then(char::from_u32)?,
        Value::Str(_) | Value::Record(_) => {
            let shown = text::to_text(other);
            let mut chars = shown.chars();
            chars.next().filter(|_| chars.next().is_none())?
        }
        _ => return None,
    };
    let (a, b) = if case_sensitive { (c, other) } else { (upper(c), upper(other)) };
    Some(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::super::{compare, convert, ops, types};
    use super::*;

    fn cast(value: &Value, to: &str) -> String {
        let target = convert::target(to).unwrap();
        convert::cast(value, &target).map_or_else(|error| error.id().to_string(), |value| value.to_string())
    }

    #[test]
    fn a_character_converts_to_its_code_and_its_text() {
        let a = new('a');
        assert_eq!(&*types::type_of(&a).short, "Char");
        assert!(types::is(&a, CHAR) && types::is(&a, "System.ValueType") && !types::is(&a, "System.String"));
        for (to, expected) in [("int", "97"), ("string", "a"), ("char", "a"), ("double", "InvalidCastIConvertible")] {
            assert_eq!(cast(&a, to), expected, "{to}");
        }
        assert_eq!(cast(&Value::Int(8364), "char"), "€");
    }

    #[test]
    fn characters_add_as_texts_and_count_as_numbers() {
        for (op, right, expected) in [
            ("+", new('b'), "ab"),
            ("+", "bc".into(), "abc"),
            ("+", Value::Int(1), "98"),
            ("-", new('A'), "32"),
            ("eq", "A".into(), "True"),
            ("ceq", "A".into(), "False"),
            ("eq", Value::Int(97), "True"),
            ("lt", new('b'), "True"),
        ] {
            assert_eq!(&*ops::binary(op, &new('a'), &right).unwrap().to_string(), expected, "{op} {right:?}");
        }
        assert_eq!(&*ops::binary("..", &"a".into(), &"c".into()).unwrap().to_string(), "a b c");
        assert!(compare::equals(&"A".into(), &new('a'), false));
        assert!(compare::sort_order(&new('B'), &new('a'), true).is_lt());
    }
}
