//! Tests of this room: Members of values.

use super::*;
use crate::value::{Record, Table, date, list_object, ops, timespan};

fn call_text(value: &Value, name: &str, arguments: &[Value]) -> String {
    match call(value, name, arguments) {
        Ok(Value::List(items)) => format!("({})", items.iter().map(|i| i.to_string()).collect::<Vec<_>>().join(",")),
        Ok(value) => value.to_string(),
        Err(error) => error.id().to_string(),
    }
}

#[test]
fn methods_of_strings() {
    let int = |n: i64| Value::Int(n);
    let option = || crate::value::types::enum_value("StringSplitOptions", "RemoveEmptyEntries").unwrap();
    for (text, name, arguments, expected) in [
        ("7", "PadLeft", vec![int(3), "0".into()], "007"),
        ("xxaxx", "Trim", vec!["x".into()], "a"),
        ("a/", "TrimEnd", vec!["/".into()], "a"),
        ("pool1", "Substring", vec![int(4)], "1"),
        ("pool1", "Substring", vec![int(0), int(4)], "pool"),
        ("abc", "Substring", vec![int(5)], "ArgumentOutOfRangeException"),
        ("abc", "Substring", vec![Value::Float(1.6)], "c"),
        ("abc", "Insert", vec![int(1), "X".into()], "aXbc"),
        ("abcdef", "Remove", vec![int(2), int(3)], "abf"),
        ("a,,b", "Split", vec![",".into(), option()], "(a,b)"),
        ("a.b", "Split", vec![".".into()], "(a,b)"),
        ("abc", "ToCharArray", vec![], "(a,b,c)"),
        ("a.b.c", "Replace", vec![".".into(), "-".into()], "a-b-c"),
        ("Abc", "StartsWith", vec!["a".into()], "False"),
        ("Abc", "startswith", vec!["a".into(), "OrdinalIgnoreCase".into()], "True"),
        ("hello", "IndexOf", vec!["l".into()], "2"),
        ("hello", "LastIndexOf", vec!["l".into()], "3"),
        ("abc", "Nope", vec![], "MethodNotFound"),
        ("abc", "Equals", vec!["ABC".into()], "False"),
    ] {
        assert_eq!(call_text(&text.into(), name, &arguments), expected, "{text} {name}");
    }
    for (text, length) in [("é", 1), ("日本", 2), ("😀", 2)] {
        assert!(matches!(get(&text.into(), "length"), Some(Value::Int(n)) if n == length));
    }
    assert_eq!(call_text(&Value::Null, "Foo", &[]), "InvokeMethodOnNull");
}

#[test]
fn dates_and_durations() {
    let at: Value = date::parse("2026-02-15T20:05:09").unwrap().into();
    for (name, arguments, expected) in [
        ("AddDays", vec![Value::Int(1)], "02/16/2026 20:05:09"),
        ("AddMonths", vec![Value::Int(-12)], "02/15/2025 20:05:09"),
        ("ToString", vec!["h:mm tt".into()], "8:05 PM"),
        ("ToShortDateString", vec![], "02/15/2026"),
        ("AddYears", vec![Value::Int(9000)], "ArgumentOutOfRangeException"),
    ] {
        assert_eq!(call_text(&at, name, &arguments), expected, "{name}");
    }
    assert_eq!(get(&at, "DayOfWeek").unwrap().to_string(), "Sunday");
    let span: Value = timespan::parse("1.02:03:04").unwrap().into();
    assert_eq!(get(&span, "TotalDays").unwrap().to_string(), "1.08546296296296");
}

#[test]
fn lists_tables_and_elements() {
    let numbers = ops::binary("..", &Value::Int(1), &Value::Int(4)).unwrap();
    for (place, expected) in [(0, "1"), (-1, "4"), (9, "")] {
        assert_eq!(index(&numbers, &Value::Int(place)).unwrap().to_string(), expected);
    }
    let places = ops::binary("..", &Value::Int(2), &Value::Int(9)).unwrap();
    assert_eq!(index(&numbers, &places).unwrap().to_string(), "3 4");
    assert_eq!(call_text(&numbers, "Add", &[Value::Int(5)]), "NotSupportedException");
    assert_eq!(index(&Value::Null, &Value::Int(0)).unwrap_err().id(), "NullArray");
    let mut changed = numbers.clone();
    set_index(&mut changed, &Value::Int(0), "x".into()).unwrap();
    assert_eq!((changed.to_string(), numbers.to_string()), ("x 2 3 4".into(), "1 2 3 4".into()));
    assert_eq!(
        set_index(&mut changed, &Value::Int(7), Value::Null).unwrap_err().id(),
        "System.IndexOutOfRangeException"
    );

    let table = Value::Map(Table::from_entries(true, [("b".into(), Value::Int(10)), ("Count".into(), Value::Int(99))]));
    assert_eq!(get(&table, "count").unwrap().to_string(), "99");
    assert_eq!(get(&table, "Keys").unwrap().to_string(), "b Count");
    assert_eq!(index(&table, &Value::Int(0)).unwrap().to_string(), "10");
    assert_eq!(call_text(&table, "Add", &["B".into(), Value::Null]), "ArgumentException");

    let list = Value::Record(list_object::new(false, vec![]));
    assert_eq!(call_text(&list, "Add", &["a".into()]), "0");
    call(&list, "AddRange", &[numbers]).unwrap();
    let queue = crate::value::statics::create("System.Collections.Queue", &[]).unwrap();
    call(&queue, "Enqueue", &["a".into()]).unwrap();
    call(&queue, "Enqueue", &["b".into()]).unwrap();
    assert_eq!((call_text(&queue, "Dequeue", &[]), queue.to_string()), ("a".into(), "b".into()));
    assert_eq!((get(&list, "Count").unwrap().to_string(), list.to_string()), ("5".into(), "a 1 2 3 4".into()));
}

#[test]
fn records_and_their_properties() {
    let record = Record::custom([("A", Value::Int(1)), ("B", Value::Int(2))]);
    let value = Value::Record(record.clone());
    assert!(get(&value, "Z").is_none());
    assert_eq!(set(&value, "AA", Value::Null).unwrap_err().id(), "ExceptionWhenSetting");
    let properties = get(&get(&value, "PSObject").unwrap(), "Properties").unwrap();
    assert_eq!(get(&properties, "Name").unwrap().to_string(), "A B");
    call(&properties, "Remove", &["A".into()]).unwrap();
    assert_eq!(value.to_string(), "@{B=2}");
    let b = index(&properties, &"B".into()).unwrap();
    set(&b, "Value", Value::Int(7)).unwrap();
    assert!(matches!(record.get("B"), Some(Value::Int(7))));
    let both = Value::list(vec![value.clone(), Record::custom([("B", Value::Int(8))]).into()]);
    assert_eq!(get(&both, "B").unwrap().to_string(), "7 8");
    assert_eq!(set(&both, "B", Value::Null).unwrap_err().id(), "PropertyAssignmentException");
    assert_eq!(call_text(&value, "ToString", &[]), "");
    assert_eq!(get(&call(&Value::Int(5), "GetType", &[]).unwrap(), "Name").unwrap().to_string(), "Int32");
}

#[test]
fn a_list_is_no_element_of_itself() {
    let list = Value::Record(list_object::new(false, vec![Value::Int(1)]));
    let outer = Value::Record(list_object::new(true, vec![list.clone()]));
    let around = Value::list(vec![outer.clone()]);
    for (method, arguments) in [
        ("Add", vec![list.clone()]),
        ("Add", vec![outer.clone()]),
        ("Add", vec![around.clone()]),
        ("AddRange", vec![around]),
        ("Insert", vec![Value::Int(0), outer.clone()]),
    ] {
        assert_eq!(call(&list, method, &arguments).unwrap_err().id(), "InvalidOperationException", "{method}");
    }
    let mut target = list.clone();
    assert_eq!(set_index(&mut target, &Value::Int(0), outer.clone()).unwrap_err().id(), "InvalidOperationException");
    assert!(call(&outer, "Add", &[list]).is_ok(), "twice in another one is no circle");
}
