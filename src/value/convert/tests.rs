//! Tests of this room: Casts.

use super::*;
use crate::value::{Record, Table, date, timespan};

fn to(name: &str) -> Target {
    target(name).unwrap()
}

#[test]
fn casts() {
    for (from, name, text) in [
        (Value::str("12"), "int", "12"),
        (" 12 ".into(), "int", "12"),
        ("0x1F".into(), "int", "31"),
        ("1e3".into(), "int", "1000"),
        ("".into(), "int", "0"),
        ("2.5".into(), "int", "2"),
        ("3.5".into(), "int", "4"),
        (Value::Float(-1.5), "int", "-2"),
        (true.into(), "int", "1"),
        ("5000000000".into(), "long", "5000000000"),
        ("1,234.5".into(), "double", "1234.5"),
        ("1.50".into(), "decimal", "1.50"),
        (Value::Int(97), "char", "a"),
        ("5".into(), "timespan", "5.00:00:00"),
        (Value::Int(10_000_000), "timespan", "00:00:01"),
        ("1.2".into(), "version", "1.2"),
        ("{11111111-2222-3333-4444-555555555555}".into(), "guid", "11111111-2222-3333-4444-555555555555"),
        ("mon".into(), "DayOfWeek", "Monday"),
        ("False".into(), "bool", "True"),
        (Value::Null, "string", ""),
        ("abc".into(), "char[]", "a b c"),
        (Value::Int(5), "string[]", "5"),
        (Value::Null, "double", "0"),
    ] {
        assert_eq!(&*cast(&from, &to(name)).unwrap().to_string(), text, "{from:?} {name}");
    }
}

#[test]
fn refusals_have_powershells_ids() {
    let record = Value::Record(Record::custom([("A", Value::Int(1))]));
    let list = Value::list(vec![1.into(), 2.into()]);
    for (from, name, id) in [
        (Value::str("x"), "int", "InvalidCastFromStringToInteger"),
        ("300".into(), "byte", "InvalidCastFromStringToInteger"),
        (Value::Int(2_147_483_648), "int", "InvalidCastIConvertible"),
        ("1".into(), "version", "InvalidCastParseTargetInvocation"),
        ("yesterday".into(), "datetime", "InvalidCastParseTargetInvocationWithFormatProvider"),
        ("ab".into(), "char", "InvalidCastParseTargetInvocation"),
        (record, "hashtable", "InvalidCastConstructorException"),
        (Value::Null, "datetime", "nullToObjectInvalidCast"),
        (list, "int", "ConvertToFinalInvalidCastException"),
        ("x".into(), "double", "InvalidCastFromStringToDoubleOrSingle"),
        ("<a>".into(), "xml", "InvalidCastToXmlDocument"),
    ] {
        assert_eq!(cast(&from, &to(name)).unwrap_err().id(), id, "{from:?} {name}");
    }
    assert_eq!(target("nosuchtype"), None);
}

#[test]
fn tables_become_objects() {
    let table = Table::from_entries(true, [("PSTypeName".into(), "Cs.Role".into()), ("A".into(), Value::Int(1))]);
    let Ok(Value::Record(record)) = cast(&Value::Map(table), &to("pscustomobject")) else { panic!("no record") };
    assert_eq!((&*record.kind().name, record.len()), ("Cs.Role", 1));
    let at = cast(&"2026-11-21".into(), &to("datetime")).unwrap();
    assert!(matches!(at, Value::DateTime(at) if date::iso(at) == "2026-11-21T00:00:00"));
    assert!(timespan::parse("00:10").is_some());
}
