//! Clients that write to whoever they believe serves, and replicas that follow whoever has the newest epoch.

use super::store::{Row, What};
use super::wire::{Back, MS, Node, Outcome, Question};
use super::world::{Event, World};
use reeve::failover::{Lost, ReplicaFact};
use std::rc::Rc;

/// A replica: a copy of the active store as of some version.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    epoch: u64,
    version: u64,
    rows: Rc<Vec<Row>>,
    /// The place that it asks.
    source: usize,
}

impl Replica {
    pub fn held(&self) -> (u64, u64) {
        (self.epoch, self.version)
    }

    /// What it says of itself, with the documents that changed after a version: each as it is now.
    pub fn fact(&self, number: usize, after: Option<u64>, of: (u64, u64)) -> ReplicaFact {
        let computer = format!("replica-{number}");
        let mut documents: Vec<Lost> = Vec::new();
        for row in self.rows.iter().rev() {
            let version = row.entry.row.version_after;
            let document = match &*row.what {
                What::Change { document, .. } => format!("Thing Global {document}"),
                What::Promoted { .. } => "DatabasePlacement Global CentralMgmt".to_owned(),
            };
            let newer = after.is_some_and(|after| version > after);
            if newer && !documents.iter().any(|lost| lost.document == document) {
                documents.push(Lost { version, document, deleted: false, body: None, seen_at: computer.clone() });
            }
        }
        ReplicaFact {
            computer,
            answered: true,
            up_to_date: self.held() == of,
            version: Some(self.version),
            epoch: Some(self.epoch),
            reason: None,
            after: documents,
        }
    }
}

impl World {
    /// A client makes a change.
    pub fn client(&mut self, client: usize) {
        self.changes += 1;
        let (id, document) = (self.changes, self.rng.below(6) as u8);
        let to = self.believed[client];
        self.call(Node::Client(client), to, Question::Write { id, document }, 8_000, Back::Write);
    }

    pub fn written(&mut self, client: usize, by: usize, outcome: Outcome) {
        match outcome {
            Outcome::Written(Ok(())) => {}
            Outcome::Written(Err(Some(other))) if self.rng.chance(700) => self.believed[client] = other,
            _ => {
                self.believed[client] =
                    (by + 1 + self.rng.below(self.hosts.len() as u64 - 1) as usize) % self.hosts.len()
            }
        }
        if !self.calm || self.rng.chance(950) {
            // In bursts, so that whoever follows is behind now and then.
            let wait = if self.rng.chance(700) { self.rng.range(1, 15) } else { self.rng.range(500, 2_500) };
            self.after(wait * MS, Event::Client(client));
        }
    }

    /// A replica asks for what is new.
    pub fn replica(&mut self, replica: usize) {
        let (to, epoch) = (self.replicas[replica].source, self.replicas[replica].epoch);
        self.call(Node::Replica(replica), to, Question::Sync { epoch }, 2_000, Back::Sync(replica));
    }

    pub fn sync_asked(&mut self, id: usize, call: u64, epoch: u64) {
        let host = &self.hosts[id];
        let at = host.disk.position();
        let serves = host.serving && at.epoch >= epoch;
        let content = serves.then(|| (at.epoch, at.version, Rc::new(host.disk.rows.clone())));
        self.answer(call, Outcome::Synced(content));
    }

    pub fn synced(&mut self, number: usize, outcome: Outcome) {
        let places = self.hosts.len();
        let replica = &mut self.replicas[number];
        match outcome {
            Outcome::Synced(Some((epoch, version, rows))) => {
                if (epoch, version) >= (replica.epoch, replica.version) {
                    *replica = Replica { epoch, version, rows, source: replica.source };
                }
            }
            _ => replica.source = (replica.source + 1) % places,
        }
        let wait = self.rng.range(20, 250) * MS;
        self.after(wait, Event::Replica(number));
    }
}
