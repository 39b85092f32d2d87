//! Tests of this room: PowerShell's operators on values, by name.

use super::*;
use crate::value::{DateTime, TimeSpan, Version, date, timespan};
use rust_decimal::Decimal;

fn list(items: &[i64]) -> Value {
    Value::list(items.iter().map(|n| Value::Int(*n)).collect())
}

fn shown(result: Result<Value, ErrorRecord>) -> String {
    match result {
        Ok(Value::List(items)) => format!("({})", items.iter().map(|i| i.to_string()).collect::<Vec<_>>().join(",")),
        Ok(value) => value.to_string(),
        Err(error) => error.id().to_string(),
    }
}

fn at(text: &str) -> Value {
    date::parse(text).map(|d: DateTime| d.into()).unwrap()
}

#[test]
fn arithmetic() {
    let span = || Value::Duration(timespan::parse("01:00:00").unwrap());
    for (op, a, b, expected) in [
        ("+", Value::Int(1), Value::str("2"), "3"),
        ("+", "ab".into(), Value::Int(3), "ab3"),
        ("*", "ab".into(), Value::Int(3), "ababab"),
        ("+", list(&[1, 2]), Value::Int(3), "(1,2,3)"),
        ("+", "a".into(), list(&[1, 2]), "a1 2"),
        ("/", Value::Int(7), Value::Int(2), "3.5"),
        ("/", Value::Int(6), Value::Int(3), "2"),
        ("/", "9".into(), "2".into(), "4.5"),
        ("/", Value::Int(1), Value::Int(0), "RuntimeException"),
        ("/", Value::Float(1.0), Value::Int(0), "Infinity"),
        ("%", Value::Float(7.5), Value::Int(2), "1.5"),
        ("-", "abc".into(), Value::Int(1), "InvalidCastFromStringToInteger"),
        ("+", Value::Int(1), "abc".into(), "InvalidCastFromStringToInteger"),
        ("+", Value::Null, Value::Int(1), "1"),
        ("*", Value::Null, Value::Int(5), ""),
        ("+", true.into(), true.into(), "2"),
        ("*", list(&[1, 2]), Value::Int(2), "(1,2,1,2)"),
        ("-", list(&[1, 2]), Value::Int(1), "MethodNotFound"),
        ("+", Value::Int(1), list(&[2, 3]), "MethodNotFound"),
        ("+", Value::Decimal(Decimal::new(1, 1)), Value::Decimal(Decimal::new(2, 1)), "0.3"),
        ("*", Value::Int(i64::MAX), Value::Int(2), "1.84467440737096E+19"),
        ("-", at("2026-11-21"), at("2026-11-20"), "1.00:00:00"),
        ("+", at("2026-11-21"), span(), "11/21/2026 01:00:00"),
        ("*", span(), Value::Int(2), "02:00:00"),
        ("*", "x".into(), Value::Int(i64::MAX), "DataSizeExceeded"),
        ("..", Value::Int(3), Value::Int(1), "(3,2,1)"),
        ("..", Value::Float(1.5), Value::Float(3.5), "(2,3,4)"),
        ("..", "a".into(), "c".into(), "(a,b,c)"),
        ("..", Value::Int(0), Value::Int(i64::MAX), "DataSizeExceeded"),
        ("band", Value::Int(12), Value::Int(10), "8"),
        ("shl", Value::Int(1), Value::Int(4), "16"),
    ] {
        assert_eq!(shown(binary(op, &a, &b)), expected, "{a:?} {op} {b:?}");
    }
    assert_eq!(shown(unary("-", &"5".into())), "-5");
    assert_eq!(shown(unary("bnot", &Value::Int(5))), "-6");
    assert_eq!(shown(unary("++", &Value::Null)), "1");
}

#[test]
fn comparison_and_text() {
    let names = || Value::list(vec!["a".into(), "b".into(), "A".into()]);
    for (op, a, b, expected) in [
        ("eq", names(), Value::str("a"), "(a,A)"),
        ("ceq", names(), "a".into(), "(a)"),
        ("ne", names(), "a".into(), "(b)"),
        ("gt", list(&[1, 5, 3]), Value::Int(2), "(5,3)"),
        ("contains", names(), "B".into(), "True"),
        ("ccontains", names(), "B".into(), "False"),
        ("notin", Value::Int(3), list(&[1, 2]), "True"),
        ("in", "a".into(), "a".into(), "True"),
        ("like", Value::Int(12345), "12*".into(), "True"),
        ("notlike", names(), "a*".into(), "(b)"),
        ("like", "a".into(), "[a".into(), "RuntimeException"),
        ("match", names(), "^a".into(), "(a,A)"),
        ("cmatch", "Pool".into(), "pool".into(), "False"),
        ("replace", "a-b".into(), "-".into(), "ab"),
        ("creplace", "Pool POOL".into(), Value::list(vec!["POOL".into(), "p".into()]), "Pool p"),
        ("split", "a, b,c".into(), ",\\s*".into(), "(a,b,c)"),
        ("split", "a.b.c".into(), Value::list(vec![".".into(), 0.into(), "SimpleMatch".into()]), "(a,b,c)"),
        ("split", "a;b;c".into(), Value::list(vec![";".into(), Value::Int(-2)]), "(a;b,c)"),
        ("join", list(&[1, 2]), "+".into(), "1+2"),
        ("is", Value::Int(5), "int".into(), "True"),
        ("as", "x".into(), "int".into(), ""),
        ("xor", true.into(), true.into(), "False"),
        ("foo", Value::Null, Value::Null, "UnknownOperator"),
    ] {
        assert_eq!(shown(binary(op, &a, &b)), expected, "{a:?} {op} {b:?}");
    }
    let (found, groups) = matching("match", &"x=1".into(), &"(?<k>\\w)=(?<v>\\d)".into()).unwrap();
    let groups = groups.unwrap();
    assert!(matches!(found, Value::Bool(true)) && groups.len() == 3);
    assert_eq!(groups.get_str("v").unwrap().to_string(), "1");
    assert_eq!(shown(unary("split", &"a\tb  c".into())), "(a,b,c)");
}

#[test]
fn formats() {
    let version = Version { major: 1, minor: 2, build: None, revision: None };
    for (pattern, value, expected) in [
        ("{0:N}", Value::Float(1_234_567.891), "1,234,567.89"),
        ("{0:D5}", Value::Int(42), "00042"),
        ("{0:D3}", Value::Int(-7), "-007"),
        ("{0:P}", Value::Float(0.1234), "12.34 %"),
        ("{0:C}", Value::Float(1234.5), "¤1,234.50"),
        ("{0:C0}", Value::Int(-3), "(¤3)"),
        ("{0:E2}", Value::Int(12345), "1.23E+004"),
        ("{0:e3}", Value::Float(0.00012), "1.200e-004"),
        ("{0:G}", Value::Float(1e20), "1E+20"),
        ("{0:G3}", Value::Float(1234.5), "1.23E+03"),
        ("{0:x}", Value::Int(255), "ff"),
        ("0x{0:X8}", Value::Int(255), "0x000000FF"),
        ("{0:+0;-0;zero}", Value::Int(-5), "-5"),
        ("{0:+0;-0;zero}", Value::Int(5), "+5"),
        ("{0:+0;-0;zero}", Value::Int(0), "zero"),
        ("{0:#,##0.00}", Value::Float(1234.5), "1,234.50"),
        ("{0:0.##}", Value::Float(1.5), "1.5"),
        ("{0:000}", Value::Int(7), "007"),
        ("{0:0.0%}", Value::Float(0.125), "12.5%"),
        ("{0:#}", Value::Int(-12), "-12"),
        // Custom formats round the digits, a half away from zero.
        ("{0:0.0}", Value::Float(0.25), "0.3"),
        ("{0:0}", Value::Float(-2.5), "-3"),
        ("{0:#,##0}", Value::Float(1234.5), "1,235"),
        ("{0:0.00}", Value::Float(1.005), "1.01"),
        ("{0:00.0}", Value::Float(9.95), "10.0"),
        ("{0:0%}", Value::Float(0.125), "13%"),
        ("{0:0.00}", Value::Float(0.004), "0.00"),
        ("{0:0.00}", Value::Float(0.0), "0.00"),
        ("{0:0.###}", Value::Float(1e-5), "0"),
        ("{0:0.0}", Value::Float(1e15), "1000000000000000.0"),
        ("{0:0,,.0}", Value::Int(1_250_000), "1.3"),
        ("{0:0}", Value::Decimal(Decimal::new(25, 1)), "3"),
        ("{0:0.0}", Value::Float(99.96), "100.0"),
        ("[{0,6}] [{0,-6}]", Value::Int(42), "[    42] [42    ]"),
        ("{{{0}}}", Value::Int(5), "{5}"),
        ("{0:N1}", Value::Float(0.25), "0.2"),
        ("{0:N1}", Value::Float(0.35), "0.3"),
        ("{0:N0}", Value::Float(2.5), "2"),
        ("{0:N2}", Value::Float(-1234.5), "-1,234.50"),
        ("{0:N1}", Value::Decimal(Decimal::new(25, 2)), "0.3"),
        ("{0:hh\\:mm}", Value::Duration(TimeSpan::seconds(3720)), "01:02"),
        ("{0}", Value::Version(std::sync::Arc::new(version)), "1.2"),
        ("{0} {1}", Value::Int(1), "FormatError"),
        ("{x}", Value::Int(1), "FormatError"),
    ] {
        assert_eq!(shown(binary("f", &pattern.into(), &value)), expected, "{pattern} {value:?}");
    }
}
