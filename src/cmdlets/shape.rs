//! Records of one type: the type and the names of the properties are made once.

use crate::value::{Record, RecordType, Str, TextForm, Value};
use std::sync::Arc;

/// The type and the properties of a kind of object, shared by all records of it.
pub(crate) struct Shape {
    kind: Arc<RecordType>,
    names: Arc<[Str]>,
}

impl Shape {
    /// Of objects whose text is their Identity.
    pub fn new(kind: &str, names: &[&str]) -> Shape {
        Shape::with_text(kind, names, TextForm::Identity)
    }

    /// Of objects whose text is something else.
    pub fn with_text(kind: &str, names: &[&str], text: TextForm) -> Shape {
        Shape { kind: RecordType::new(kind, text), names: names.iter().map(|n| Str::from(*n)).collect() }
    }

    /// A record; `values` has one for each name.
    pub fn record(&self, values: Vec<Value>) -> Record {
        Record::from_parts(self.kind.clone(), self.names.clone(), values)
    }
}
