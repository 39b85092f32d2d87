//! What is written is read back, and what PowerShell wrote is read.

use super::*;
use crate::value::{
    DateTime, DateTimeKind, Record, RecordType, Table, TextForm, TimeSpan, Value, Version, char_object, date,
    list_object, member, text::to_text, types,
};
use proptest::prelude::*;

fn written(values: &[Value], depth: usize) -> String {
    let mut writer = Writer::new(depth);
    values.iter().for_each(|value| writer.add(value));
    writer.finish();
    writer.take()
}

fn back(value: &Value) -> Value {
    read(&written(std::slice::from_ref(value), 50)).unwrap().remove(0)
}

/// Every type of value comes back as it was.
#[test]
fn values_keep_their_types() {
    let date = |kind| Value::DateTime(DateTime { kind, ..date::parse("2026-11-21T08:35:00.125").unwrap() });
    let table = Table::from_entries(true, [("a".into(), 1.into()), (2.into(), Value::list(vec![true.into()]))]);
    let plain = Table::from_entries(false, [("x y".into(), Value::Null)]);
    for value in [
        Value::Null,
        true.into(),
        5.into(),
        Value::Int(5_000_000_000),
        1.5.into(),
        f64::INFINITY.into(),
        "10.50".parse::<rust_decimal::Decimal>().unwrap().into(),
        "a <b> & \"c\" _x0041_ \u{1}\r\n\u{1f600} é".into(),
        "".into(),
        char_object::new('ä'),
        date(DateTimeKind::Utc),
        date(DateTimeKind::Unspecified),
        date(DateTimeKind::Local),
        TimeSpan { ticks: -937_845_000_001 }.into(),
        TimeSpan { ticks: 0 }.into(),
        Version { major: 7, minor: 6, build: Some(5), revision: None }.into(),
        uuid::Uuid::nil().into(),
        Value::list(vec![1.into(), "two".into(), Value::list(vec![])]),
        Value::Map(table),
        Value::Map(plain),
        Value::Record(list_object::new(false, vec![1.into()])),
        Value::Record(list_object::of_type(list_object::STACK, vec![1.into(), 2.into()])),
        Value::Record(Record::custom([("A", 1.into()), ("B c", Value::Record(Record::custom([("D", 2.into())])))])),
        types::enum_value("DayOfWeek", "Monday").unwrap(),
    ] {
        let read = back(&value);
        assert_eq!(format!("{read:?}"), format!("{value:?}"));
        assert_eq!(types::name_of(&read), types::name_of(&value), "{value:?}");
        if let (Value::Map(a), Value::Map(b)) = (&read, &value) {
            assert_eq!(a.is_ordered(), b.is_ordered());
        }
    }
}

/// An object of another type comes back as what was read of it, and prints as it did.
#[test]
fn objects_of_other_types_are_deserialized() {
    let kind = RecordType::new("Microsoft.Rtc.X", TextForm::Identity);
    let pool = Value::Record(Record::new(kind, [("Identity", Value::str("dub-pool")), ("Site", "Dublin".into())]));
    let read = back(&pool);
    assert_eq!(&*types::name_of(&read), "Deserialized.Microsoft.Rtc.X");
    assert_eq!(&*to_text(&read), "dub-pool");
    assert_eq!(member::names(&read).iter().map(|n| &**n).collect::<Vec<_>>(), ["Identity", "Site"]);
    assert_eq!(format!("{:?}", back(&read)), format!("{read:?}"), "and stays so");
}

/// One object that is there twice is one afterwards, also one that holds itself.
#[test]
fn references_stay_references() {
    let shared = Record::custom([("N", 1.into())]);
    let outer = Record::custom([("A", Value::Record(shared.clone())), ("B", Value::Record(shared))]);
    outer.put("Self", Value::Record(outer.clone()));
    let Value::Record(read) = back(&Value::Record(outer)) else { panic!("a record") };
    let (Some(Value::Record(a)), Some(Value::Record(b))) = (read.get("A"), read.get("B")) else { panic!("records") };
    assert!(a.same(&b));
    assert!(matches!(read.get("Self"), Some(Value::Record(me)) if me.same(&read)));
    // No memory is kept alive by it.
    read.remove("Self");
}

/// -Depth counts levels of properties; what lies deeper is its text.
#[test]
fn depth() {
    let inner = Value::Record(Record::custom([("C", Value::Record(Record::custom([("D", 1.into())])))]));
    let outer = Value::Record(Record::custom([("A", Value::Record(Record::custom([("B", inner)])))]));
    for (depth, path, expected) in [(1, "A", "text"), (2, "A", "record"), (2, "A.B", "text"), (3, "A.B", "record")] {
        let mut at = read(&written(std::slice::from_ref(&outer), depth)).unwrap().remove(0);
        for part in path.split('.') {
            at = member::get(&at, part).unwrap();
        }
        assert_eq!(matches!(at, Value::Record(_)), expected == "record", "{depth} {path}: {at:?}");
    }
}

/// A file as PowerShell writes it.
#[test]
fn powershell_files_are_read() {
    let text = r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0">
      <T>System.Diagnostics.Process</T>
      <T>System.ComponentModel.Component</T>
      <T>System.Object</T>
    </TN>
    <ToString>System.Diagnostics.Process (pwsh)</ToString>
    <Props>
      <I32 N="Id">42</I32>
      <TS N="TotalProcessorTime">PT1M2.5S</TS>
      <B N="HasExited">false</B>
      <DT N="StartTime">2026-11-21T08:35:00.1234567+00:00</DT>
      <U64 N="Big">18446744073709551615</U64>
      <S N="_x0020_odd">a_x000A_b</S>
      <Obj N="Threads" RefId="1">
        <TN RefId="1"><T>System.Object[]</T><T>System.Array</T><T>System.Object</T></TN>
        <LST><By>7</By><Sg>1.5</Sg><BA>AQID</BA><SS>0100</SS></LST>
      </Obj>
    </Props>
    <MS>
      <S N="Name">pwsh</S>
      <Ref N="Again" RefId="1" />
      <Obj N="Day" RefId="2">
        <TN RefId="2"><T>System.DayOfWeek</T><T>System.Enum</T><T>System.ValueType</T><T>System.Object</T></TN>
        <ToString>Friday</ToString>
        <I32>5</I32>
      </Obj>
      <Obj N="List" RefId="3"><TNRef RefId="1" /><LST /></Obj>
    </MS>
  </Obj>
  <S>last</S>
</Objs>"#;
    let values = read(text).unwrap();
    assert_eq!(values.len(), 2);
    for (name, expected) in [
        ("Id", "42"),
        ("TotalProcessorTime", "00:01:02.5000000"),
        ("HasExited", "False"),
        ("Big", "18446744073709551615"),
        ("Name", "pwsh"),
        ("Day", "Friday"),
        ("Again", "7 1.5 System.Object[] Deserialized.System.Security.SecureString"),
    ] {
        assert_eq!(&*to_text(&member::get(&values[0], name).unwrap()), expected, "{name}");
    }
    assert_eq!(&*to_text(&values[0]), "System.Diagnostics.Process (pwsh)");
}

/// What is no CLIXML is said to be none, whatever is in it.
#[test]
fn what_is_wrong_is_refused() {
    let deep = format!("<Objs>{}{}</Objs>", "<Obj><LST>".repeat(2000), "</LST></Obj>".repeat(2000));
    let bomb = "<!DOCTYPE Objs [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><Objs><S>&b;</S></Objs>";
    for text in [
        "",
        "x",
        "<a/>",
        "<Objs><I32>x</I32></Objs>",
        "<Objs><Ref RefId='9'/></Objs>",
        "<Objs><Zz/></Objs>",
        bomb,
        &deep,
    ] {
        let shown: String = text.chars().take(60).collect();
        assert_eq!(read(text).unwrap_err().id(), "System.Xml.XmlException", "{shown}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::Int),
        (-1e12..1e12).prop_map(Value::Float),
        any::<String>().prop_map(Value::from),
        (i64::MIN + 1..i64::MAX).prop_map(|ticks| Value::Duration(TimeSpan { ticks })),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
            prop::collection::vec(("[A-Za-z_][A-Za-z_ äx]{0,8}", inner.clone()), 0..5).prop_map(
                |fields| Value::Record(fields.into_iter().fold(
                    Record::custom(Vec::<(&str, Value)>::new()),
                    |record, (name, value)| {
                        record.put(&name, value);
                        record
                    }
                ))
            ),
            prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|entries| {
                Value::Map(Table::from_entries(true, entries.into_iter().map(|(k, v)| (Value::from(k), v))))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever values there are: they come back.
    #[test]
    fn whatever_is_written_is_read(value in values()) {
        prop_assert_eq!(format!("{:?}", back(&value)), format!("{value:?}"));
    }

    /// Whatever text there is: it is read or refused.
    #[test]
    fn no_text_breaks_the_reader(text in "<Objs>(<(Obj|S|LST|TN|Ref|DCT|En|I32)( N='a'| RefId='[0-2]')?/?>|</(Obj|S|LST)>|x){0,12}</Objs>") {
        let _ = read(&text);
    }
}
