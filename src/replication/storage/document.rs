//! A document as packages carry it: its body stays the text that it is.

use crate::error::{Category, ErrorRecord};
use crate::store::{Document, DocumentId};
use serde::{Deserialize, Serialize};

/// Stands before the body, the last of a line's members. It occurs nowhere before: a quotation mark inside a text has a
/// backslash before it.
const BODY: &str = ",\"Body\":";

/// A document as packages carry it, a line each. Nothing parses a body on its way from one disk to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedDocument {
    /// Which.
    pub id: DocumentId,
    /// The version at which it last changed.
    pub version: u64,
    /// Its body as JSON text; `None` is a tombstone.
    pub body: Option<Box<str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Head<'a> {
    kind: &'a str,
    scope: &'a str,
    key: &'a str,
    version: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OwnedHead {
    kind: String,
    scope: String,
    key: String,
    version: u64,
}

impl PackedDocument {
    /// A document of a store, packed.
    pub fn of(document: &Document) -> PackedDocument {
        let body = document.body.as_ref().map(|body| body.to_string().into_boxed_str());
        PackedDocument { id: document.id.clone(), version: document.version, body }
    }

    /// Reads a line, with or without its end.
    ///
    /// # Errors
    /// `PackageCorrupt`.
    pub fn parse(line: &str) -> Result<PackedDocument, ErrorRecord> {
        let line = line.trim_end_matches(['\n', '\r']);
        let read = |head: &str| serde_json::from_str::<OwnedHead>(head).map_err(|error| corrupt(&error.to_string()));
        let (head, body) = match line.split_once(BODY) {
            Some((head, rest)) => {
                let body = rest.strip_suffix('}').filter(|body| !body.is_empty());
                let body = body.ok_or_else(|| corrupt("a document ends too early"))?;
                (read(&format!("{head}}}"))?, Some(body.into()))
            }
            None => (read(line)?, None),
        };
        Ok(PackedDocument { id: DocumentId::new(&head.kind, &head.scope, &head.key), version: head.version, body })
    }

    /// Appends the line, its end included.
    pub fn write(&self, to: &mut Vec<u8>) {
        let DocumentId { kind, scope, key } = &self.id;
        let head = Head { kind, scope, key, version: self.version };
        let start = to.len();
        // Writing texts and a number into memory does not fail; a line that was cut would be refused by its reader.
        if serde_json::to_writer(&mut *to, &head).is_err() {
            to.truncate(start);
        }
        if let Some(body) = &self.body {
            to.pop();
            to.extend_from_slice(BODY.as_bytes());
            to.extend_from_slice(body.as_bytes());
            to.push(b'}');
        }
        to.push(b'\n');
    }
}

pub(super) fn corrupt(what: &str) -> ErrorRecord {
    let message = format!("A package is not as it was made: {what}. Nothing of it was applied.");
    ErrorRecord::new("PackageCorrupt", Category::InvalidData, message)
        .hint("It is fetched again. If that does not help, see whether disk and memory of both computers are well.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: what is packed reads as it was, whatever stands in names and bodies; a tombstone is no body.
    #[test]
    fn a_line_reads_as_it_was_written() {
        let odd = "a\",\"Body\":{}\n\u{1f}ö";
        for body in [None, Some("null"), Some("{}"), Some(r#"{"A":",\"Body\":1}","B":[1,2.50]}"#)] {
            for (kind, key) in [("VoicePolicy", ""), (odd, odd)] {
                let id = DocumentId::new(kind, "Tag:Redmond", key);
                let document = PackedDocument { id, version: 7, body: body.map(Into::into) };
                let mut line = Vec::new();
                document.write(&mut line);
                let line = String::from_utf8(line).unwrap();
                assert_eq!(line.matches('\n').count(), 1, "{line}");
                assert_eq!(PackedDocument::parse(&line).unwrap(), document);
            }
        }
    }

    #[test]
    fn a_line_that_was_cut_is_corrupt() {
        let document =
            PackedDocument { id: DocumentId::new("A", "B", "C"), version: 7, body: Some("{\"N\":1}".into()) };
        let mut line = Vec::new();
        document.write(&mut line);
        let line = String::from_utf8(line).unwrap();
        for end in 0..line.find(":{").unwrap() {
            assert_eq!(PackedDocument::parse(&line[..end]).unwrap_err().id(), "PackageCorrupt", "{end}");
        }
    }
}
