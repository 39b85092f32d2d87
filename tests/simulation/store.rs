//! A model of the master's store: versioned documents, tombstones, the chain. What it holds is what its log gives again.

use super::record::{Reader, Writer, name};
use reeve::audit;
use reeve::error::{Category, ErrorRecord};
use reeve::store::{Chain, Change, Document, DocumentId, Grant, Head, Store};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Documents by name.
pub type Documents = BTreeMap<String, Document>;

/// A store in memory.
#[derive(Clone, Debug)]
pub struct ModelStore {
    documents: Documents,
    epoch: u64,
    /// The chain at each version.
    chains: Vec<Chain>,
}

const CHANGE: u64 = 1;
const EPOCH: u64 = 2;

impl Default for ModelStore {
    fn default() -> ModelStore {
        ModelStore { documents: Documents::new(), epoch: 1, chains: vec![Chain::default()] }
    }
}

impl ModelStore {
    /// The record of a change, with the version that it would make; `None` if it changes nothing.
    pub fn change(&self, documents: &[(DocumentId, Option<Value>)]) -> Option<Vec<u8>> {
        let version = self.at().version + 1;
        let mut record = Writer::default();
        record.number(CHANGE);
        let before = record.0.len();
        for (id, body) in documents {
            let there = self.documents.get(&name(id));
            let live = there.filter(|document| document.body.is_some());
            if live.is_none() && body.is_none() {
                continue;
            }
            // What is live keeps its spelling; what comes back may be spelt otherwise.
            let id = live.map_or(id, |document| &document.id).clone();
            record.document(&Document { id, version, body: body.clone() });
        }
        (record.0.len() > before).then_some(record.0)
    }

    /// The record of a new epoch.
    pub fn enter(epoch: u64) -> Vec<u8> {
        let mut record = Writer::default();
        record.number(EPOCH).number(epoch);
        record.0
    }

    /// Whether a record of the log is a change.
    pub fn is_change(record: &[u8]) -> bool {
        Reader(record).number() == CHANGE
    }

    /// Takes a record of the log.
    pub fn take(&mut self, record: &[u8]) {
        let mut reader = Reader(record);
        if reader.number() == EPOCH {
            self.epoch = reader.number();
            return;
        }
        while !reader.is_over() {
            let document = reader.document();
            self.documents.insert(name(&document.id), document);
        }
        let before = self.at();
        self.chains.push(before.chain.next(before.version + 1, blake3::hash(record).as_bytes()));
    }

    /// Where it is.
    pub fn at(&self) -> Head {
        let chain = self.chains.last().copied().unwrap_or_default();
        Head { epoch: self.epoch, version: self.chains.len() as u64 - 1, chain }
    }

    /// What is there, without tombstones.
    pub fn live(&self) -> Rc<Documents> {
        let live = self.documents.iter().filter(|(_, document)| document.body.is_some());
        Rc::new(live.map(|(name, document)| (name.clone(), document.clone())).collect())
    }

    /// Ids of everything that ever was.
    pub fn ids(&self) -> Vec<DocumentId> {
        self.documents.values().map(|document| document.id.clone()).collect()
    }

    fn select(&self, keep: impl Fn(&Document) -> bool) -> Vec<Document> {
        let mut found: Vec<_> = self.documents.iter().filter(|(_, document)| keep(document)).collect();
        found.sort_by_key(|(name, document)| (document.version, *name));
        found.into_iter().map(|(_, document)| document.clone()).collect()
    }
}

/// What a master does not need of its store is not modelled.
fn not_modelled<T>() -> Result<T, ErrorRecord> {
    Err(ErrorRecord::new("NotModelled", Category::NotImplemented, "The model of the store does not do this."))
}

impl Store for ModelStore {
    fn version(&self) -> Result<u64, ErrorRecord> {
        Ok(self.at().version)
    }

    fn epoch(&self) -> Result<u64, ErrorRecord> {
        Ok(self.epoch)
    }

    fn get(&self, id: &DocumentId) -> Result<Option<Document>, ErrorRecord> {
        Ok(self.documents.get(&name(id)).filter(|document| document.body.is_some()).cloned())
    }

    fn list(&self, kind: &str) -> Result<Vec<Document>, ErrorRecord> {
        Ok(self.select(|document| document.body.is_some() && document.id.kind.eq_ignore_ascii_case(kind)))
    }

    fn since(&self, version: u64) -> Result<Vec<Document>, ErrorRecord> {
        Ok(self.select(|document| document.version > version))
    }

    fn history(&self, _: &DocumentId) -> Result<Vec<Document>, ErrorRecord> {
        not_modelled()
    }

    fn commit(&self, _: &Grant, _: &[Change]) -> Result<u64, ErrorRecord> {
        not_modelled()
    }

    fn head(&self) -> Result<Head, ErrorRecord> {
        Ok(self.at())
    }

    fn chain(&self, version: u64) -> Result<Option<Chain>, ErrorRecord> {
        Ok(self.chains.get(version as usize).copied())
    }

    fn read_after(
        &self,
        after: Option<u64>,
        begin: &mut dyn FnMut(&Head) -> Result<(), ErrorRecord>,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        begin(&self.at())?;
        let documents = match after {
            Some(version) => self.select(|document| document.version > version),
            None => self.select(|document| document.body.is_some()),
        };
        documents.into_iter().try_for_each(each)
    }

    fn set_epoch(&self, _: &Grant, _: u64) -> Result<(), ErrorRecord> {
        not_modelled()
    }

    fn record(&self, _: &audit::Entry) -> Result<(), ErrorRecord> {
        not_modelled()
    }

    fn audit(&self, _: &audit::Query, _: &mut dyn FnMut(audit::AuditRow) -> bool) -> Result<(), ErrorRecord> {
        not_modelled()
    }

    fn verify_audit(&self) -> Result<audit::Verdict, ErrorRecord> {
        not_modelled()
    }
}
