//! What can be read out of a value: itself, and the types that it is made of.

use super::super::{Block, DateTime, Record, Table, TimeSpan, Value, date, text, timespan};
use super::{SLOT, WHOLE};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(SLOT.with_borrow_mut(Option::take).unwrap_or_default())
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Int(n))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or(Value::Float(n as f64), Value::Int))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
        Ok(Value::Float(x))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::str(text))
    }
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        Value::deserialize(inner)
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some(entry) = map.next_entry()? {
            fields.push(entry);
        }
        Ok(Value::Record(Record::custom(fields)))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_newtype_struct(WHOLE, WholeVisitor)
    }
}

macro_rules! through_value {
    ($($t:ty, $what:literal, |$v:ident| $take:expr;)*) => {$(
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$t, D::Error> {
                let $v = Value::deserialize(deserializer)?;
                $take.ok_or_else(|| de::Error::custom(format!("{} is not {}", text::to_text(&$v), $what)))
            }
        }
    )*};
}

through_value! {
    DateTime, "a date", |v| match &v {
        Value::DateTime(at) => Some(*at),
        Value::Str(text) => date::parse(text),
        _ => None,
    };
    TimeSpan, "a duration", |v| match &v {
        Value::Duration(span) => Some(*span),
        Value::Str(text) => timespan::parse(text),
        _ => None,
    };
    Record, "an object", |v| match &v {
        Value::Record(record) => Some(record.clone()),
        _ => None,
    };
    Table, "a hashtable", |v| match &v {
        Value::Map(table) => Some(table.clone()),
        _ => None,
    };
    Block, "a script block", |v| match &v {
        Value::Block(block) => Some(block.clone()),
        _ => None,
    };
}
