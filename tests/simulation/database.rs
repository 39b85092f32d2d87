//! A model of a replica's database over a model disk. Packages are applied to it by the product's own code
//! (`replication::storage::apply`); what it holds is what its log gives again.

use super::disk::{Disk, DiskError};
use super::journal::Journal;
use super::package;
use super::record::{Reader, Writer, name};
use reeve::error::{Category, ErrorRecord};
use reeve::replication::message::Announce;
use reeve::replication::storage::{PackedDocument, Target};
use reeve::store::{DocumentId, Held};
use std::collections::BTreeMap;

/// The log's file.
const LOG: &str = "replica";

const PUT: u64 = 1;
const REMOVE: u64 = 2;
const OTHERS: u64 = 3;
const KEEP: u64 = 4;
const EPOCH: u64 = 5;

/// What a replica holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    pub documents: BTreeMap<String, PackedDocument>,
    pub held: Option<Held>,
    pub highest_epoch: u64,
}

impl Content {
    fn recovered(records: &[Vec<u8>]) -> Content {
        let mut content = Content::default();
        records.iter().for_each(|record| content.take(record));
        content
    }

    /// What would be held if the power failed now and nothing unsynced survived.
    pub fn durable(disk: &Disk) -> Content {
        Content::recovered(&Journal::durable(LOG, disk))
    }

    /// Takes a transaction of the log.
    fn take(&mut self, record: &[u8]) {
        let mut reader = Reader(record);
        let mut put = Vec::new();
        while !reader.is_over() {
            match reader.number() {
                PUT => {
                    let id = DocumentId::new(&reader.text(), &reader.text(), &reader.text());
                    let version = reader.number();
                    let body = Some(reader.text().into());
                    let name = name(&id);
                    put.push(name.clone());
                    self.documents.insert(name, PackedDocument { id, version, body });
                }
                REMOVE => drop(self.documents.remove(&reader.text())),
                OTHERS => {
                    put.sort();
                    self.documents.retain(|name, _| put.binary_search(name).is_ok());
                }
                KEEP => {
                    let held = reader.held();
                    self.held = Some(held);
                    self.highest_epoch = self.highest_epoch.max(held.epoch);
                }
                _ => self.highest_epoch = reader.number(),
            }
        }
    }
}

/// The database while a process has it open.
pub struct Database {
    journal: Journal,
    pub content: Content,
}

impl Database {
    /// Opens what the disk has.
    pub fn open(disk: &mut Disk) -> Database {
        let (journal, records) = Journal::recover(LOG, disk);
        Database { journal, content: Content::recovered(&records) }
    }

    /// Writes the highest epoch, durably.
    pub fn persist_epoch(&mut self, disk: &mut Disk, epoch: u64) -> Result<(), ErrorRecord> {
        let mut record = Writer::default();
        record.number(EPOCH).number(epoch);
        self.journal.append(disk, &record.0).and_then(|()| self.journal.sync(disk)).map_err(failed)?;
        self.content.take(&record.0);
        Ok(())
    }

    /// Begins to apply a package. `fails` says that the power fails while the transaction is being written through.
    pub fn target<'a>(&'a mut self, disk: &'a mut Disk, fails: bool) -> Transaction<'a> {
        Transaction { database: self, disk, record: Writer::default(), fails }
    }
}

/// A transaction of the database.
pub struct Transaction<'a> {
    database: &'a mut Database,
    disk: &'a mut Disk,
    record: Writer,
    fails: bool,
}

pub fn failed(error: DiskError) -> ErrorRecord {
    let (id, message) = match error {
        DiskError::Full => ("ReplicaDiskFull", "The disk of the replica is full."),
        DiskError::Sync => ("ReplicaFailed", "The disk of the replica does not write through."),
    };
    ErrorRecord::new(id, Category::ResourceUnavailable, message)
}

impl Target for Transaction<'_> {
    fn begin(&mut self) -> Result<(), ErrorRecord> {
        self.record.0.clear();
        Ok(())
    }

    fn deployment(&self) -> &str {
        package::DEPLOYMENT
    }

    fn held(&mut self) -> Result<Option<Held>, ErrorRecord> {
        Ok(self.database.content.held)
    }

    fn highest_epoch(&mut self) -> Result<u64, ErrorRecord> {
        Ok(self.database.content.highest_epoch)
    }

    fn put(&mut self, document: &PackedDocument) -> Result<(), ErrorRecord> {
        let DocumentId { kind, scope, key } = &document.id;
        let body = document.body.as_deref().unwrap_or_default();
        self.record.number(PUT).text(kind).text(scope).text(key).number(document.version).text(body);
        Ok(())
    }

    fn remove(&mut self, id: &DocumentId) -> Result<(), ErrorRecord> {
        self.record.number(REMOVE).text(&name(id));
        Ok(())
    }

    fn remove_others(&mut self) -> Result<(), ErrorRecord> {
        self.record.number(OTHERS);
        Ok(())
    }

    fn keep(&mut self, announce: &Announce) -> Result<(), ErrorRecord> {
        self.record.number(KEEP).held(&announce.to);
        Ok(())
    }

    fn commit(&mut self, durable: bool) -> Result<(), ErrorRecord> {
        let Database { journal, content } = &mut *self.database;
        journal.append(self.disk, &self.record.0).map_err(failed)?;
        if self.fails {
            // Nobody reads this: the computer is gone.
            return Err(failed(DiskError::Sync));
        }
        if durable {
            journal.sync(self.disk).map_err(failed)?;
        } else {
            journal.keep(self.disk);
        }
        content.take(&self.record.0);
        Ok(())
    }

    fn roll_back(&mut self) {
        self.record.0.clear();
    }
}
