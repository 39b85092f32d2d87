//! Which parameters a cmdlet looks at: the field names of its struct, read without a value of it.

use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use std::fmt;

/// The names of a struct's fields as serde sees them; empty for what is no struct or flattens another.
pub fn names<T: DeserializeOwned>() -> Vec<&'static str> {
    let mut found: &'static [&'static str] = &[];
    // It always fails: what counts is what was asked for.
    let _ = T::deserialize(Recorder(&mut found));
    found.to_vec()
}

struct Recorder<'a>(&'a mut &'static [&'static str]);

#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only the names were wanted")
    }
}

impl std::error::Error for Stop {}

impl Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Stop {
        Stop
    }
}

impl<'de> Deserializer<'de> for Recorder<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stop> {
        *self.0 = fields;
        Err(Stop)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn field_names_are_those_of_the_signature() {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[allow(dead_code, reason = "only its field names count")]
        struct Args {
            pool_fqdn: String,
            #[serde(rename = "SID")]
            sid: Option<String>,
        }
        assert_eq!(super::names::<Args>(), ["PoolFqdn", "SID"]);
        assert!(super::names::<()>().is_empty());
    }
}
