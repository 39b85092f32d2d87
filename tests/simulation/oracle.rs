//! Who sees everything, and says when something is not as it must be.

use super::database::Content;
use super::store::{Documents, ModelStore};
use reeve::replication::{Held, PackageId};
use reeve::store::Chain;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What the oracle knows of a replica.
#[derive(Debug, Default)]
struct Known {
    /// The highest epoch that it ever held or wrote down.
    epoch: u64,
    /// Epoch and version of what it held last.
    last: (u64, u64),
    /// All that it ever held durably.
    held: HashSet<Held>,
}

/// The oracle. Nothing in it is iterated over where order would matter, so that its maps may be hashed.
#[derive(Debug, Default)]
pub struct Oracle {
    /// What the store was, by chain: all that was there at that version.
    states: HashMap<Chain, (u64, Rc<Documents>)>,
    /// What was acknowledged and must not be lost: version and chain.
    acknowledged: Vec<(u64, Chain)>,
    /// One name, one content.
    packages: HashMap<PackageId, Chain>,
    /// Who acknowledged what in which epoch.
    versions: HashMap<(u64, u64), Chain>,
    replicas: HashMap<usize, Known>,
    failure: Option<String>,
}

impl Oracle {
    /// Something is wrong. The first thing is the one that counts.
    pub fn fail(&mut self, what: String) {
        self.failure.get_or_insert(what);
    }

    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// A store is at its version now, and others may see it.
    pub fn visible(&mut self, store: &ModelStore) {
        let at = store.at();
        self.states.entry(at.chain).or_insert_with(|| (at.version, store.live()));
        if *self.versions.entry((at.epoch, at.version)).or_insert(at.chain) != at.chain {
            self.fail(format!("epoch {} has two versions {}", at.epoch, at.version));
        }
    }

    /// A change was acknowledged.
    pub fn acknowledge(&mut self, store: &ModelStore) {
        self.acknowledged.push((store.at().version, store.at().chain));
    }

    /// A disaster: what is later than a version is lost, and known to be.
    pub fn disaster(&mut self, version: u64) -> u64 {
        let before = self.acknowledged.len();
        self.acknowledged.retain(|(acknowledged, _)| *acknowledged <= version);
        (before - self.acknowledged.len()) as u64
    }

    /// The active store must have all that was acknowledged.
    pub fn nothing_lost(&mut self, store: &ModelStore) {
        use reeve::store::Store;
        let lost =
            self.acknowledged.iter().find(|(version, chain)| store.chain(*version).ok().flatten() != Some(*chain));
        if let Some((version, _)) = lost {
            self.fail(format!("the change that made version {version} was acknowledged, and is lost"));
        }
    }

    /// A package was made.
    pub fn package(&mut self, package: PackageId, hash: Chain) {
        if *self.packages.entry(package).or_insert(hash) != hash {
            self.fail(format!("package {package} has two contents"));
        }
    }

    /// What a replica holds, for everybody to read, after anything that may have changed it.
    pub fn replica(&mut self, replica: usize, content: &Content, durable: bool) {
        let known = self.replicas.entry(replica).or_default();
        let mut wrong = None;
        if content.highest_epoch < known.epoch {
            wrong = Some(format!("forgot epoch {}: it knows {}", known.epoch, content.highest_epoch));
        }
        known.epoch = known.epoch.max(content.highest_epoch);
        if let Some(held) = content.held {
            let (at, last) = ((held.epoch, held.version), known.last);
            if at < last {
                wrong = Some(format!("went back from {}:{} to {}:{}", last.0, last.1, at.0, at.1));
            }
            known.last = at.max(last);
            if durable {
                known.held.insert(held);
            }
            match self.states.get(&held.chain) {
                Some((version, _)) if *version != held.version => {
                    wrong = Some(format!("holds version {} with the chain of {version}", held.version));
                }
                Some((_, state)) => {
                    wrong =
                        difference(state, content).map(|what| format!("at version {}: {what}", held.version)).or(wrong);
                }
                None => {
                    wrong = Some(format!("holds version {}, chain {:?}, which no store had", held.version, held.chain))
                }
            }
        } else if !known.held.is_empty() {
            wrong = Some("lost all that it held".to_owned());
        }
        if let Some(wrong) = wrong {
            self.fail(format!("replica {replica} {wrong}"));
        }
    }

    /// A replica takes a package for applied: its epoch must be none that was over for it.
    pub fn applied(&mut self, replica: usize, package: PackageId) {
        let epoch = self.replicas.get(&replica).map_or(0, |known| known.epoch);
        if package.epoch < epoch {
            self.fail(format!("replica {replica} applied package {package} when it knew of epoch {epoch}"));
        }
    }

    /// A replica says what it holds: that must be durable.
    pub fn said(&mut self, replica: usize, held: &Held, durable: &Content) {
        if durable.held.as_ref() != Some(held) {
            let has = durable.held.map_or("nothing".to_owned(), |held| format!("version {}", held.version));
            self.fail(format!("replica {replica} says that it holds version {}; {has} is durable", held.version));
        }
    }

    /// A master believes that a replica holds something: it must have been so.
    pub fn believed(&mut self, replica: usize, held: &Held) {
        if !self.replicas.get(&replica).is_some_and(|known| known.held.contains(held)) {
            self.fail(format!("the status says that replica {replica} holds {held:?}, which it never did durably"));
        }
    }
}

/// In what a replica is not what the store was, if in anything.
pub fn difference(state: &Documents, content: &Content) -> Option<String> {
    for (name, document) in state {
        let body = document.body.as_ref().map(ToString::to_string);
        match content.documents.get(name) {
            None => return Some(format!("'{}' is missing", document.id)),
            Some(held) if held.version != document.version => {
                return Some(format!("'{}' is of version {}, not {}", document.id, held.version, document.version));
            }
            Some(held) if held.id != document.id => return Some(format!("'{}' is spelt '{}'", document.id, held.id)),
            Some(held) if held.body.as_deref() != body.as_deref() => return Some(format!("'{}' differs", document.id)),
            Some(_) => {}
        }
    }
    let more = content.documents.iter().find(|(name, _)| !state.contains_key(*name));
    more.map(|(_, document)| format!("'{}' should be gone", document.id))
}
