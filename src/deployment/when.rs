//! Points in time in documents: ISO 8601 in coordinated universal time.

use crate::value::{DateTime, date};
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(at: &DateTime, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&date::iso(date::to_utc(*at)))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime, D::Error> {
    let text = String::deserialize(from)?;
    let at = date::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no point in time")))?;
    Ok(date::to_utc(at))
}

/// The same where there may be none.
pub(super) mod optional {
    use super::{DateTime, Deserialize, Deserializer, Serializer, date};

    pub(in super::super) fn serialize<S: Serializer>(at: &Option<DateTime>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, to),
            None => to.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let at = date::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no point in time")))?;
        Ok(Some(date::to_utc(at)))
    }
}
