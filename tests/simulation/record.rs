//! How the models write what they hold into their logs: lengths and bytes, no more.

use reeve::store::{Chain, Document, DocumentId, Held};

/// Writes a record.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn number(&mut self, number: u64) -> &mut Writer {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Writer {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub fn held(&mut self, held: &Held) -> &mut Writer {
        self.number(held.epoch).number(held.version);
        self.0.extend_from_slice(&held.chain.0);
        self
    }

    pub fn document(&mut self, document: &Document) -> &mut Writer {
        self.text(&document.id.kind).text(&document.id.scope).text(&document.id.key).number(document.version);
        match &document.body {
            Some(body) => self.number(1).text(&body.to_string()),
            None => self.number(0),
        }
    }
}

/// Reads a record that a [`Writer`] wrote. What a checksum has vouched for is not doubted: it panics where it is wrong.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    pub fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().unwrap())
    }

    pub fn text(&mut self) -> String {
        let length = self.number() as usize;
        String::from_utf8(self.take(length).to_vec()).unwrap()
    }

    pub fn held(&mut self) -> Held {
        let (epoch, version) = (self.number(), self.number());
        Held { epoch, version, chain: Chain(self.take(32).try_into().unwrap()) }
    }

    pub fn document(&mut self) -> Document {
        let (kind, scope, key) = (self.text(), self.text(), self.text());
        let version = self.number();
        let body = (self.number() == 1).then(|| serde_json::from_str(&self.text()).unwrap());
        Document { id: DocumentId::new(&kind, &scope, &key), version, body }
    }
}

/// What a document is found by: without regard to case.
pub fn name(id: &DocumentId) -> String {
    format!("{}\u{1f}{}\u{1f}{}", id.kind, id.scope, id.key).to_lowercase()
}
