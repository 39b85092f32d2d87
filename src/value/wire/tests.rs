//! Rule: what travels is what arrives.

use super::*;
use crate::value::compare;
use crate::value::{
    DateTime, DateTimeKind, Record, RecordType, Str, Table, TextForm, TimeSpan, Version, list_object, text,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::Arc;

fn through(value: &Value) -> Value {
    let json = encode(value).unwrap();
    // As on the wire: as text.
    let text = json.to_string();
    decode(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn scalar() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![Just(DateTimeKind::Utc), Just(DateTimeKind::Unspecified), Just(DateTimeKind::Local)];
    let optional = || proptest::option::of(any::<u32>());
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        prop_oneof![Just(f64::NAN), Just(-0.0), Just(f64::INFINITY), Just(f64::MIN_POSITIVE), Just(0.1 + 0.2)]
            .prop_map(Value::Float),
        (any::<i64>(), 0_u32..=28).prop_map(|(n, scale)| Value::Decimal(Decimal::new(n, scale))),
        Just(Value::Decimal(Decimal::MAX)),
        ".*".prop_map(Value::from),
        (0..=crate::value::date::MAX_TICKS, kind).prop_map(|(ticks, kind)| DateTime { ticks, kind }.into()),
        any::<i64>().prop_map(|ticks| TimeSpan { ticks }.into()),
        (any::<u32>(), any::<u32>(), optional(), optional()).prop_map(|(major, minor, build, revision)| Version {
            major,
            minor,
            build,
            revision
        }
        .into()),
        any::<[u8; 16]>().prop_map(|bytes| Value::Guid(uuid::Uuid::from_bytes(bytes))),
    ]
}

fn form() -> impl Strategy<Value = TextForm> {
    prop_oneof![
        Just(TextForm::Custom),
        Just(TextForm::Pairs),
        Just(TextForm::Entry),
        Just(TextForm::Identity),
        Just(TextForm::TypeName),
        Just(TextForm::Property("Name")),
        Just(TextForm::Scalar("No such")),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 6, |inner| {
        let items = || proptest::collection::vec(inner.clone(), 0..6);
        let names = || proptest::collection::vec("[A-Ca-c ]{1,2}", 0..6);
        prop_oneof![
            items().prop_map(Value::list),
            items().prop_map(|items| list_object::new(items.len() > 2, items).into()),
            (any::<bool>(), items(), names()).prop_map(|(ordered, items, names)| {
                Table::from_entries(ordered, names.into_iter().map(Value::from).zip(items)).into()
            }),
            (items(), scalar()).prop_map(|(items, key)| Table::from_entries(
                true,
                items.into_iter().map(|v| (key.clone(), v))
            )
            .into()),
            ("[A-Za-z.]{1,9}", form(), proptest::option::of(0..u64::MAX), items(), names()).prop_map(
                |(kind, form, stamp, items, names)| {
                    let record = Record::new(RecordType::new(&kind, form), names.into_iter().zip(items));
                    if let Some(stamp) = stamp {
                        record.set_stamp(stamp);
                    }
                    record.into()
                }
            ),
            inner.prop_map(|shared| Value::list(vec![shared.clone(), shared])),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_decoded_is_encoded_as_before_and_looks_the_same(value in values()) {
        let back = through(&value);
        prop_assert_eq!(encode(&value).unwrap(), encode(&back).unwrap());
        prop_assert_eq!(text::to_text(&value), text::to_text(&back));
        prop_assert_eq!(text::to_string(&value), text::to_string(&back));
        prop_assert_eq!(format!("{value:?}"), format!("{back:?}"));
        prop_assert_eq!(crate::value::json::to_json(&value), crate::value::json::to_json(&back));
        prop_assert_eq!(std::mem::discriminant(&value), std::mem::discriminant(&back));
        if !matches!(value, Value::Map(_) | Value::Record(_) | Value::List(_)) {
            let nan = matches!(value, Value::Float(x) if x.is_nan());
            prop_assert!(nan || compare::equals(&value, &back, false));
        }
    }

    #[test]
    fn what_strangers_send_is_refused_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in r#"[\[\]{}"lhorfmdtvg^:,0-9 -]{0,80}"#) {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), text] {
            if let Ok(json) = serde_json::from_str(&text) {
                match decode(&json) {
                    Ok(value) => { let _ = encode(&value).unwrap(); }
                    Err(error) => prop_assert!(!error.id().is_empty()),
                }
            }
        }
    }
}

#[test]
fn what_is_shared_comes_back_shared_and_a_record_may_hold_itself() {
    let shared = Record::custom([("A", Value::Int(1))]);
    let table = Table::new(true);
    table.put("x".into(), shared.clone().into());
    let me = Record::custom([("Me", Value::Null), ("T", table.clone().into()), ("S", shared.into())]);
    me.set("Me", me.clone().into());
    table.put("back".into(), me.clone().into());
    let Value::Record(back) = through(&me.clone().into()) else { panic!("a record") };
    let record = |value: Option<Value>| match value {
        Some(Value::Record(record)) => record,
        other => panic!("{other:?}"),
    };
    assert!(record(back.get("Me")).same(&back));
    let Some(Value::Map(table)) = back.get("T") else { panic!("a table") };
    assert!(record(table.get_str("x")).same(&record(back.get("S"))));
    assert!(record(table.get_str("back")).same(&back));
    for one in [me, back] {
        one.set("Me", Value::Null);
        one.set("T", Value::Null);
    }
}

#[test]
fn one_message_may_have_several_values_that_share() {
    let shared: Value = Record::custom([("A", Value::Int(1))]).into();
    let mut encoder = Encoder::default();
    let (one, two) = (encoder.value(&shared).unwrap(), encoder.value(&shared).unwrap());
    let mut decoder = Decoder::default();
    let (Value::Record(one), Value::Record(two)) = (decoder.value(&one).unwrap(), decoder.value(&two).unwrap()) else {
        panic!("records")
    };
    assert!(one.same(&two));
}

fn nested(depth: usize, wrap: fn(Value) -> Value) -> Value {
    (0..depth).fold(Value::Int(1), |inner, _| wrap(inner))
}

#[test]
fn depth_and_size_are_bounded_both_ways() {
    let wraps: [fn(Value) -> Value; 3] = [
        |inner| Value::list(vec![inner]),
        |inner| Record::custom([("A", inner)]).into(),
        |inner| Table::from_entries(false, [("A".into(), inner)]).into(),
    ];
    for wrap in wraps {
        let deepest = nested(DEEPEST, wrap);
        assert_eq!(encode(&through(&deepest)).unwrap(), encode(&deepest).unwrap());
        assert_eq!(encode(&nested(DEEPEST + 1, wrap)).unwrap_err().id(), "ValueTooDeep");
    }
    let text = format!("{}1{}", "[\"l\",".repeat(100), "]".repeat(100));
    assert_eq!(decode(&serde_json::from_str(&text).unwrap()).unwrap_err().id(), "ValueTooDeep");
    // Twice itself, over and over: no more objects than people can count, and more than any memory holds.
    let doubled = nested(40, |inner| Value::list(vec![inner.clone(), inner]));
    assert_eq!(encode(&doubled).unwrap_err().id(), "ValueTooLarge");
}

#[test]
fn what_cannot_be_is_refused() {
    for text in [
        r#"{"f":1}"#,
        r#"{"z":1}"#,
        r#"{}"#,
        r#"{"f":"1","m":"1"}"#,
        r#"[]"#,
        r#"[1]"#,
        r#"["x"]"#,
        r#"["h",1]"#,
        r#"["r","T"]"#,
        r#"["r","T","x",null]"#,
        r#"["r","T","c",-1]"#,
        r#"["r","T","c",null,"A"]"#,
        r#"["r","T","c",null,1,2]"#,
        r#"{"^":0}"#,
        r#"["r","System.Collections.ArrayList","t",null," items",["l",{"^":0}]]"#,
        r#"["h",["l",{"^":0}],1]"#,
        r#"{"d":[-1,"u"]}"#,
        r#"{"d":[9223372036854775807,"u"]}"#,
        r#"{"d":[1,"l",9000000]}"#,
        r#"{"v":[1,2]}"#,
        r#"18446744073709551615"#,
        r#"1.5"#,
    ] {
        let error = decode(&serde_json::from_str(text).unwrap()).unwrap_err();
        assert_eq!(error.id(), "WireDamaged", "{text}");
    }
}

#[test]
fn local_time_of_another_zone_is_the_same_point_in_time() {
    let here = crate::value::date::to_local(crate::value::date::now());
    let utc = crate::value::date::to_utc(here);
    let offset = crate::value::date::offset_seconds(here) + 3600;
    let there = utc.ticks + offset * crate::value::date::SECOND;
    let sent = serde_json::json!({ "d": [there, "l", offset] });
    let Value::DateTime(read) = decode(&sent).unwrap() else { panic!("a point in time") };
    assert_eq!((read.kind, crate::value::date::to_utc(read)), (DateTimeKind::Local, utc));
}

struct Body;

impl crate::value::BlockBody for Body {
    fn text(&self) -> &str {
        " $_.A "
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn a_script_block_cannot_travel_but_an_error_about_one_can() {
    let block = Value::Block(crate::value::Block(Arc::new(Body)));
    assert_eq!(encode(&Value::list(vec![block.clone()])).unwrap_err().id(), "BlockCannotTravel");
    let error = ErrorRecord::new("X", Category::InvalidType, "m").target(block);
    assert_eq!(&*text::to_text(decode_error(&encode_error(&error)).unwrap().target_object()), " $_.A ");
}

#[test]
fn errors_keep_all_their_parts() {
    let plain = || ErrorRecord::new("AccessDenied", Category::PermissionDenied, "no");
    for error in [
        plain(),
        plain().of_command("Get-CsPool").hint("a").hint("b").target(5_i64),
        plain().without_command(),
        plain().stopping(),
        plain().thrown(Record::custom([("Message", Str::from("x").into())]).into()),
    ] {
        let back = decode_error(&serde_json::from_str(&encode_error(&error).to_string()).unwrap()).unwrap();
        assert_eq!(encode_error(&back), encode_error(&error));
        assert_eq!(back.fully_qualified_id(), error.fully_qualified_id());
        assert_eq!((back.hints(), back.category(), back.stops()), (error.hints(), error.category(), error.stops()));
        // A name that is not there yet is added, one that shall not be is not.
        assert_eq!(back.of_command("Z").fully_qualified_id(), error.of_command("Z").fully_qualified_id());
    }
    assert_eq!(decode_error(&Json::Null).unwrap_err().id(), "WireDamaged");
}
