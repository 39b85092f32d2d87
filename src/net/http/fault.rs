//! Errors of HTTP: what broke a connection, and error records on their way to the other end.

use crate::error::{Category, ErrorRecord};
use crate::net::fault::Ends;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};

/// What a connection's stream failed with first. HTTP/2 forgets the error itself, and with it why TLS refused.
pub(super) type Noted = Arc<OnceLock<ErrorRecord>>;

/// An error record as it travels in an answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Travelling {
    id: String,
    category: String,
    message: String,
    #[serde(default)]
    hints: Vec<String>,
}

/// An error record as JSON.
pub fn to_json(error: &ErrorRecord) -> Bytes {
    let travelling = Travelling {
        id: error.id().to_string(),
        category: format!("{:?}", error.category()),
        message: error.message().to_string(),
        hints: error.hints().to_vec(),
    };
    serde_json::to_vec(&travelling).unwrap_or_default().into()
}

/// An error record from JSON; `None` where it is none.
pub fn from_json(bytes: &[u8]) -> Option<ErrorRecord> {
    let travelling: Travelling = serde_json::from_slice(bytes).ok()?;
    let category = Category::of_name(&travelling.category).unwrap_or(Category::NotSpecified);
    let record = ErrorRecord::new(travelling.id, category, travelling.message);
    Some(travelling.hints.into_iter().fold(record, ErrorRecord::hint))
}

/// What an error of hyper means.
pub(super) fn explain(error: &hyper::Error, ends: &Ends) -> ErrorRecord {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return ends.explain(io);
        }
        source = error.source();
    }
    // A stream that was reset, or a connection that ended: its text has no more than that.
    ends.explain(&io::ErrorKind::ConnectionReset.into())
}
