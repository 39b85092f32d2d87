//! Values on the wire: a lossless form as JSON, for calls between processes.
//!
//! `$null`, truth values, integers and texts are JSON's own. Every other scalar is an object with one key that says its
//! type, and what holds values is an array that begins with a letter for its kind, so that one level of a value is one
//! level of JSON:
//!
//! | form | value |
//! |---|---|
//! | `{"f":"0.1"}` | a double, as text that reads back to the last bit |
//! | `{"m":"1.50"}` | a decimal with its scale |
//! | `{"d":[ticks,"u"]}`, `"l"` with its seconds from UTC, `"n"` | a point in time: UTC, local, of no zone |
//! | `{"t":ticks}`, `{"v":[5,0,8308,0]}`, `{"g":"…"}` | a length of time, a version, a guid |
//! | `["l",…]` | a list |
//! | `["h",key,value,…]`, `["o",…]` | a table, an ordered table |
//! | `["r",type,text form,stamp,name,value,…]` | a record; a list object is one |
//! | `{"^":n}` | the same table or record as the n-th that began in this message, counted from 0 |
//!
//! What is shared comes back shared, and a record may hold itself. Depth and size are bounded on both ways: what comes
//! from outside is believed to be nothing but bytes.

mod decode;
mod encode;
mod error;
#[cfg(test)]
mod tests;
mod text_form;

pub use decode::Decoder;
pub use encode::Encoder;
pub use error::{decode_error, encode_error};

use super::Value;
use crate::error::{Category, ErrorRecord};
use serde_json::Value as Json;

/// How deep values are nested at most: far deeper than what people make, and less than half of what the reader of JSON
/// takes.
pub const DEEPEST: usize = 64;
/// How many values one message holds at most: a million take some hundred megabytes at the other end.
pub const MOST_VALUES: usize = 1 << 20;

/// One value in its form for the wire.
///
/// # Errors
/// `BlockCannotTravel`, `ValueTooDeep`, `ValueTooLarge`.
pub fn encode(value: &Value) -> Result<Json, ErrorRecord> {
    Encoder::default().value(value)
}

/// The value of its form.
///
/// # Errors
/// `WireDamaged` for what is none; `ValueTooDeep`, `ValueTooLarge`.
pub fn decode(json: &Json) -> Result<Value, ErrorRecord> {
    Decoder::default().value(json)
}

fn too_deep() -> ErrorRecord {
    let message = format!("A value that is nested more than {DEEPEST} deep cannot travel.");
    ErrorRecord::new("ValueTooDeep", Category::LimitsExceeded, message).hint("Send the part of it that is needed.")
}

fn too_large() -> ErrorRecord {
    let message = format!("A value that holds more than {MOST_VALUES} others cannot travel as one.");
    ErrorRecord::new("ValueTooLarge", Category::LimitsExceeded, message)
        .hint("Let objects flow through the pipeline one by one.")
}

fn damaged(what: &str) -> ErrorRecord {
    ErrorRecord::new("WireDamaged", Category::InvalidData, format!("What came over the wire is no value: {what}."))
        .hint("Both ends must be reeve, of versions that know each other.")
}
