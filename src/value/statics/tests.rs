//! Tests of this room: Static members of the types that scripts name.

use super::*;

fn shown(result: Result<Value, ErrorRecord>) -> String {
    match result {
        Ok(Value::List(items)) => format!("({})", items.iter().map(|i| i.to_string()).collect::<Vec<_>>().join(",")),
        Ok(value) => value.to_string(),
        Err(error) => error.id().to_string(),
    }
}

#[test]
fn methods() {
    let int = Value::Int;
    let float = Value::Float;
    let bytes = || Value::list(vec![int(1), int(2), int(3)]);
    for (type_name, method, arguments, expected) in [
        ("math", "Max", vec![int(3), int(7)], "7"),
        ("math", "Round", vec![float(2.5)], "2"),
        ("math", "Round", vec![float(2.345), int(2)], "2.35"),
        ("math", "Round", vec![float(2.5), "AwayFromZero".into()], "3"),
        ("math", "Truncate", vec![float(-2.7)], "-2"),
        ("math", "Nope", vec![int(1)], "MethodNotFound"),
        ("string", "Join", vec!["-".into(), "a".into(), "b".into()], "a-b"),
        ("string", "Join", vec![",".into(), bytes()], "1,2,3"),
        ("string", "IsNullOrWhiteSpace", vec!["  ".into()], "True"),
        ("string", "Compare", vec!["a".into(), "B".into(), true.into()], "-1"),
        ("datetime", "DaysInMonth", vec![int(2024), int(2)], "29"),
        ("datetime", "ParseExact", vec!["20261121".into(), "yyyyMMdd".into(), Value::Null], "11/21/2026 00:00:00"),
        ("timespan", "FromDays", vec![float(1.5)], "1.12:00:00"),
        ("convert", "ToInt32", vec!["ff".into(), int(16)], "255"),
        ("convert", "ToString", vec![int(10), int(2)], "1010"),
        ("convert", "ToBase64String", vec![bytes()], "AQID"),
        ("convert", "FromBase64String", vec!["AQI=".into()], "(1,2)"),
        ("convert", "FromBase64String", vec!["A".into()], "FormatException"),
        ("io.path", "ChangeExtension", vec!["a.txt".into(), "csv".into()], "a.csv"),
        ("io.path", "GetFileNameWithoutExtension", vec!["a/b/role.csv".into()], "role"),
        ("regex", "Replace", vec!["a1".into(), "\\d".into(), "x".into()], "ax"),
        ("char", "IsDigit", vec!["5".into()], "True"),
        ("array", "IndexOf", vec![bytes(), int(2)], "1"),
        ("nosuchtype", "X", vec![], "TypeNotFound"),
        ("int", "Parse", vec!["x".into()], "FormatException"),
        ("datetime", "new", vec![int(2026), int(11), int(21)], "11/21/2026 00:00:00"),
        ("System.Collections.ArrayList", "new", vec![], "()"),
    ] {
        let expected = if expected == "()" { "" } else { expected };
        assert_eq!(shown(call(type_name, method, &arguments)), expected, "{type_name} {method}");
    }
    assert_eq!(shown(get("DayOfWeek", "Monday")), "Monday");
    assert_eq!(shown(get("int", "MaxValue")), "2147483647");
    assert_eq!(shown(get("math", "Nope")), "");
}
