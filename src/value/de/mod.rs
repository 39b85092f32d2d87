//! Values into Rust structs: what the parameters of a cmdlet and the bodies of documents arrive by.

mod impls;

use super::{Str, Value, date, enumerate, text};
use crate::error::{Category, ErrorRecord};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
};
use serde::de::{VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::cell::RefCell;
use std::fmt;

/// A struct from named values. Names match the fields in any case; one value does where a list is asked.
///
/// # Errors
/// `CannotConvertArgument`, naming the field.
pub fn from_fields<T: DeserializeOwned>(fields: &[(Str, Value)]) -> Result<T, ErrorRecord> {
    T::deserialize(Fields(fields)).map_err(Error::record)
}

/// A Rust value from a [`Value`].
///
/// # Errors
/// `CannotConvertArgument`.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, ErrorRecord> {
    T::deserialize(Of(value)).map_err(Error::record)
}

/// What is wrong, with the path to it.
#[derive(Debug)]
struct Error {
    path: Vec<String>,
    message: String,
}

impl Error {
    fn within(mut self, name: &str) -> Error {
        self.path.insert(0, name.to_string());
        self
    }

    fn record(self) -> ErrorRecord {
        let place = if self.path.is_empty() { String::new() } else { format!("{}: ", self.path.join(".")) };
        ErrorRecord::new("CannotConvertArgument", Category::InvalidArgument, format!("{place}{}", self.message))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error { path: Vec::new(), message: message.to_string() }
    }
}

struct Fields<'a>(&'a [(Str, Value)]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Entries { fields: self.0, at: 0, known: &[] })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Entries { fields: self.0, at: 0, known: fields })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

/// Fields of a record or the like as serde's map. Names are handed on as the struct spells them.
struct Entries<'a> {
    fields: &'a [(Str, Value)],
    at: usize,
    known: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, _)) = self.fields.get(self.at) else { return Ok(None) };
        let name = self.known.iter().copied().find(|known| super::same_name(known, name)).unwrap_or(name);
        let name: StrDeserializer<'_, Error> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some((name, value)) = self.fields.get(self.at) else {
            return Err(de::Error::custom("a value without a name"));
        };
        self.at += 1;
        seed.deserialize(Of(value)).map_err(|error| error.within(name))
    }
}

struct Of<'a>(&'a Value);

/// The name by which [`Value`] asks for itself.
const WHOLE: &str = "reeve::Value";

thread_local! {
    /// The value on its way into a field of type [`Value`].
    static SLOT: RefCell<Option<Value>> = const { RefCell::new(None) };
}

impl<'de> Deserializer<'de> for Of<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Int(n) => visitor.visit_i64(*n),
            Value::Float(x) => visitor.visit_f64(*x),
            Value::DateTime(at) => visitor.visit_string(date::iso(*at)),
            Value::List(items) => visitor.visit_seq(Items { items, at: 0 }),
            Value::Map(table) => visitor.visit_map(Entries { fields: &table.named(), at: 0, known: &[] }),
            Value::Record(record) => match enumerate::items(self.0) {
                Some(items) => visitor.visit_seq(Items { items: &items, at: 0 }),
                None if record.kind().is_scalar() => visitor.visit_str(&text::to_text(self.0)),
                None => visitor.visit_map(Entries { fields: &record.fields(), at: 0, known: &[] }),
            },
            other => visitor.visit_str(&text::to_text(other)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null | Value::List(_) | Value::Map(_) => self.deserialize_any(visitor),
            Value::Record(record) if !record.kind().is_scalar() => self.deserialize_any(visitor),
            Value::DateTime(_) => self.deserialize_any(visitor),
            other => visitor.visit_str(&text::to_text(other)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Decimal(d) => visitor.visit_f64(d.to_string().parse().map_err(de::Error::custom)?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match enumerate::items(self.0) {
            Some(items) => visitor.visit_seq(Items { items: &items, at: 0 }),
            None => visitor.visit_seq(Items { items: std::slice::from_ref(self.0), at: 0 }),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Map(table) => visitor.visit_map(Entries { fields: &table.named(), at: 0, known: fields }),
            Value::Record(record) => visitor.visit_map(Entries { fields: &record.fields(), at: 0, known: fields }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == WHOLE {
            SLOT.with_borrow_mut(|slot| *slot = Some(self.0.clone()));
            return visitor.visit_unit();
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name = text::to_text(self.0);
        let name = variants.iter().copied().find(|known| super::same_name(known, &name)).unwrap_or(&name);
        visitor.visit_enum(Variant(name))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

struct Items<'a> {
    items: &'a [Value],
    at: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(item) = self.items.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Of(item)).map(Some)
    }
}

struct Variant<'a>(&'a str);

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Error;
    type Variant = Unit;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Unit), Error> {
        let name: StrDeserializer<'_, Error> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, Unit))
    }
}

/// The variants that a value can name have no content.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _seed: S) -> Result<S::Value, Error> {
        Err(de::Error::custom("a name alone does not do here"))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, _visitor: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("a name alone does not do here"))
    }
    fn struct_variant<V: Visitor<'de>>(self, _f: &'static [&'static str], _visitor: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("a name alone does not do here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Record, TimeSpan};
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    enum Color {
        Red,
        Green,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Args {
        identity: Option<String>,
        site: Vec<String>,
        count: Option<u16>,
        #[serde(default)]
        force: bool,
        interval: TimeSpan,
        anything: Value,
        color: Color,
        filter: Option<Value>,
    }

    #[test]
    fn parameters_become_a_struct() {
        let args: Args = from_fields(&[
            ("identity".into(), Value::Int(5)),
            ("Site".into(), "Redmond".into()),
            ("Count".into(), Value::Int(7)),
            ("FORCE".into(), true.into()),
            ("Interval".into(), Value::Duration(TimeSpan::seconds(60))),
            ("Anything".into(), Record::custom([("A", Value::Int(1))]).into()),
            ("Color".into(), "green".into()),
            ("Unknown".into(), Value::list(vec![Value::Null])),
        ])
        .unwrap();
        assert_eq!(args.identity.as_deref(), Some("5"));
        assert_eq!((args.site, args.count, args.force), (vec!["Redmond".to_string()], Some(7), true));
        assert_eq!(args.interval, TimeSpan::seconds(60));
        assert!(matches!(&args.anything, Value::Record(r) if matches!(r.get("A"), Some(Value::Int(1)))));
        assert_eq!(args.color, Color::Green);
        assert!(args.filter.is_none());
        let wrong = from_fields::<Args>(&[("Site".into(), "x".into()), ("Count".into(), Value::Int(70_000))]);
        let wrong = wrong.unwrap_err();
        assert!(wrong.id() == "CannotConvertArgument" && wrong.message().starts_with("Count"), "{wrong:?}");
    }

    #[test]
    fn json_becomes_a_value_too() {
        let value: Value = serde_json::from_str(r#"{"A":[1,null,"x"]}"#).unwrap();
        assert_eq!(&*text::to_text(&value), "@{A=System.Object[]}");
    }
}
