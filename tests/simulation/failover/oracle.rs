//! Who sees everything, and says when something is not as it must be.

use super::store::{Row, What};
use super::world::World;
use reeve::failover::{Lost, RunRecord};
use std::collections::{BTreeMap, HashMap, HashSet};

type Hash = [u8; 32];

/// An acknowledged change.
#[derive(Debug)]
struct Acknowledged {
    host: usize,
    epoch: u64,
    sequence: u64,
    version: u64,
    document: String,
    hash: Hash,
    time: u64,
}

/// A place that took over.
#[derive(Clone, Debug)]
struct Promotion {
    host: usize,
    epoch: u64,
    planned: bool,
    time: u64,
    /// The source was closed, and all that it had was taken.
    closed: bool,
    lost: Vec<Lost>,
    uncertain: Option<String>,
}

/// The oracle. Nothing in its hashed maps is iterated over where order would matter.
#[derive(Debug, Default)]
pub struct Oracle {
    failure: Option<String>,
    /// Who acknowledged in an epoch.
    acknowledged_in: BTreeMap<u64, usize>,
    entered: BTreeMap<u64, usize>,
    /// Epochs that a planned failover ended.
    ended: BTreeMap<u64, usize>,
    acknowledged: Vec<Acknowledged>,
    promotions: HashMap<Hash, Promotion>,
    parents: HashMap<Hash, Hash>,
    /// Every version of every document that ever was.
    made: HashSet<(u64, String)>,
    last_promotion: u64,
}

impl Oracle {
    /// Something is wrong. The first thing is the one that counts.
    pub fn fail(&mut self, what: String) {
        self.failure.get_or_insert(what);
    }

    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// The document that a row changed.
fn document(row: &Row) -> String {
    match &*row.what {
        What::Change { document, .. } => format!("Thing Global {document}"),
        What::Promoted { .. } => "DatabasePlacement Global CentralMgmt".to_owned(),
    }
}

impl World {
    /// A row was written by a place that is active.
    pub fn made(&mut self, id: usize) {
        let Some(row) = self.hosts[id].disk.rows.last() else { return };
        self.oracle.made.insert((row.entry.row.version_after, document(row)));
        self.oracle.parents.insert(row.hash().0, row.entry.row.previous.0);
    }

    /// A change is acknowledged.
    pub fn acknowledge(&mut self, id: usize, sequence: u64, epoch: u64) {
        self.tally.acknowledged += 1;
        let Some(row) = self.hosts[id].disk.rows.get(sequence as usize - 1) else {
            return self.oracle.fail(format!("{id} acknowledges row {sequence}, which is not there"));
        };
        let first = *self.oracle.acknowledged_in.entry(epoch).or_insert(id);
        if first != id {
            self.oracle.fail(format!("{first} and {id} acknowledge in epoch {epoch}"));
        }
        if let Some(target) = self.oracle.ended.get(&epoch) {
            let what = format!("{id} acknowledges in epoch {epoch}, which went over to {target} by plan");
            self.oracle.fail(what);
        }
        self.oracle.acknowledged.push(Acknowledged {
            host: id,
            epoch,
            sequence,
            version: row.entry.row.version_after,
            document: document(row),
            hash: row.hash().0,
            time: self.now,
        });
    }

    /// A run recorded a step.
    pub fn recorded(&mut self, record: &RunRecord) {
        if record.epoch == 0 {
            self.oracle.fail(format!("{} is recorded without an epoch", record.id));
        }
    }

    /// A place begins to serve. One that was started anew must have heard of a newer epoch from whoever could tell.
    pub fn serves_now(&mut self, id: usize) {
        let host = &self.hosts[id];
        let (epoch, started) = (host.disk.position().epoch, host.started);
        if self.harsh || self.whole_since > started {
            return;
        }
        let newer =
            self.oracle.promotions.values().filter(|promotion| promotion.epoch > epoch && promotion.time < started);
        let told = newer.map(|promotion| promotion.host).filter(|other| {
            let other = &self.hosts[*other];
            other.up && other.started < started && other.disk.position().epoch > epoch
        });
        if let Some(other) = told.min() {
            let what = format!("{id} came back and serves in epoch {epoch}; {other} could have told it of a newer one");
            self.oracle.fail(what);
        }
    }

    /// A place took over: what was just written is its row of that.
    pub fn promoted_now(&mut self, id: usize, epoch: u64, planned: bool) {
        self.made(id);
        let host = &self.hosts[id];
        let Some(record) = host.disk.run.clone() else {
            return self.oracle.fail(format!("{id} takes over without a record"));
        };
        if let Some(other) = self.oracle.entered.insert(epoch, id) {
            self.oracle.fail(format!("epoch {epoch} is entered by {other} and {id}"));
        }
        let has = |at: &Acknowledged| host.disk.hash_at(at.sequence).is_some_and(|hash| hash.0 == at.hash);
        if planned {
            self.tally.planned += 1;
            let source = record.closed.as_ref().map_or(0, |at| at.epoch);
            let lost = self.oracle.acknowledged.iter().find(|at| at.epoch == source && !has(at));
            if let Some(lost) = lost {
                let what = format!(
                    "{id} takes over by plan without row {} that {} acknowledged in epoch {source}",
                    lost.sequence, lost.host
                );
                self.oracle.fail(what);
            }
            self.oracle.ended.insert(source, id);
        } else {
            self.tally.disasters += 1;
            self.tally.certain += u64::from(record.uncertain.is_none());
            self.tally.listed += record.lost.len() as u64;
            let own: HashSet<(u64, String)> =
                host.disk.rows.iter().map(|row| (row.entry.row.version_after, document(row))).collect();
            for lost in &record.lost {
                let change = (lost.version, lost.document.clone());
                if own.contains(&change) {
                    self.oracle.fail(format!("{id} lists {change:?} as lost, and has it"));
                } else if !self.oracle.made.contains(&change) {
                    self.oracle.fail(format!("{id} lists {change:?} as lost, which never was"));
                }
            }
        }
        if let Some(row) = self.hosts[id].disk.rows.last() {
            let promotion = Promotion {
                host: id,
                epoch,
                planned,
                time: self.now,
                closed: record.closed.is_some(),
                lost: record.lost,
                uncertain: record.uncertain,
            };
            self.oracle.last_promotion = self.now;
            self.oracle.promotions.insert(row.hash().0, promotion);
        }
    }

    /// All is quiet: whatever was acknowledged is there, or was said to be lost, and is in a file.
    pub fn check_end(&mut self) {
        let Some(active) = self.hosts.iter().find(|host| host.serving) else { return };
        let rows: Vec<Hash> = active.disk.rows.iter().map(|row| row.hash().0).collect();
        let there: HashMap<Hash, usize> = rows.iter().enumerate().map(|(at, hash)| (*hash, at)).collect();
        let kept: HashSet<Hash> =
            self.hosts.iter().flat_map(|host| host.disk.unsent.iter().map(|row| row.hash().0)).collect();
        let mut failure = None;
        for change in self.oracle.acknowledged.iter().filter(|change| !there.contains_key(&change.hash)) {
            self.tally.lost += 1;
            if !kept.contains(&change.hash) {
                failure.get_or_insert(format!(
                    "row {} that {} acknowledged in epoch {} is in no file",
                    change.sequence, change.host, change.epoch
                ));
            }
            // Back to where its history and the one that counts part; the failovers on either side after that.
            let (mut at, mut own) = (change.hash, None);
            while !there.contains_key(&at) && at != Hash::default() {
                own = self.oracle.promotions.get(&at).or(own);
                at = self.oracle.parents.get(&at).copied().unwrap_or_default();
            }
            let parted = there.get(&at).map_or(0, |at| at + 1);
            let other = rows[parted..].iter().find_map(|hash| self.oracle.promotions.get(hash));
            if let Some(wrong) = unexplained(change, other, own) {
                failure.get_or_insert(format!(
                    "row {}, version {}, that {} acknowledged in epoch {} at {:.3} s is lost: {wrong}",
                    change.sequence,
                    change.version,
                    change.host,
                    change.epoch,
                    change.time as f64 / 1e6
                ));
            }
        }
        if let Some(failure) = failure {
            self.oracle.fail(failure);
        }
    }
}

/// Why a loss is not as it was said to be, if it is not. `other`: the first failover after the histories parted on the side
/// that counts, `own`: on the side of the change.
fn unexplained(change: &Acknowledged, other: Option<&Promotion>, own: Option<&Promotion>) -> Option<String> {
    let Some(other) = other else { return Some("nobody took over".to_owned()) };
    let to = format!("{} took over in epoch {} at {:.3} s", other.host, other.epoch, other.time as f64 / 1e6);
    if own.is_some_and(|own| !own.planned) {
        // Two took over after disasters, or one that nobody knew of at a planned failover: the higher epoch counts.
        return None;
    }
    if other.planned {
        return Some(format!("{to} by plan"));
    }
    let listed = other.lost.iter().any(|lost| lost.document == change.document && lost.version >= change.version);
    // What a source acknowledges that could not be closed, after it was given up, nobody can know.
    let later = change.time > other.time && !other.closed;
    if listed || later || other.uncertain.is_some() || (own.is_some() && change.time > other.time) {
        return None;
    }
    Some(format!("{to} and said that nothing is lost beyond {:?}", other.lost))
}
