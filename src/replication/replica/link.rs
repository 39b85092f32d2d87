//! The connection to the master: made, greeted, kept, and made again with patience.

use super::{CORRUPT, Effect, Replica, Work};
use crate::replication::id::PackageId;
use crate::replication::message::{BEAT, FORMAT, Hello, Report, SILENCE, ToMaster, ToReplica};
#[cfg(feature = "planted-bugs")]
use crate::replication::planted::{self, Bug};
use crate::replication::time::Now;
use std::sync::Arc;

/// Attempts in a row after which the other computers are asked who the master is.
const ASK_AFTER: u32 = 3;
/// Milliseconds after which an attempt that fails was one at a master that hangs, or is gone without a word: the others are
/// asked at once, for a failover may have taken place. One that only starts again refuses at once, and is back soon.
const SLOW: u64 = 2_000;
/// Exponent of the longest wait: for a master that will not have this computer.
const PATIENT: u32 = 7;

/// The connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    /// There is none. From `retry` on one is made, or the others are asked who the master is.
    Down { retry: u64, find: bool },
    /// It is being made.
    Connecting { since: u64 },
    /// The others are being asked.
    Finding,
    /// It stands.
    Up { welcome: bool, heard: u64, said: u64 },
}

impl Link {
    /// When something is to be done about it.
    pub fn wake(self) -> u64 {
        match self {
            Link::Down { retry, .. } => retry,
            Link::Connecting { .. } | Link::Finding => u64::MAX,
            Link::Up { heard, said, .. } => said.saturating_add(BEAT).min(heard.saturating_add(SILENCE + 1)),
        }
    }
}

impl Replica {
    pub(super) fn connected(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.stopped || !matches!(self.link, Link::Connecting { .. }) {
            return;
        }
        self.link = Link::Up { welcome: false, heard: now.millis, said: now.millis };
        self.master_version = None;
        if matches!(self.work, Work::Waiting { .. }) {
            self.work = Work::Idle;
        }
        self.hello(now, effects);
    }

    /// Says what is held. Without it everything comes: that is asked for where deltas came with wrong bytes.
    pub(super) fn hello(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let hello = Hello {
            format: FORMAT,
            deployment: self.start.deployment.clone(),
            computer: self.start.computer.to_string(),
            product: self.start.product.clone(),
            held: self.held.filter(|_| self.corrupt < CORRUPT),
            clock: now.clock,
            hook_error: self.hook_error.clone(),
        };
        self.send(now, ToMaster::Hello(Box::new(hello)), effects);
    }

    /// Tells what is held, after a package or because documents or hook came to succeed or fail.
    pub(super) fn report(&mut self, now: Now, package: Option<PackageId>, effects: &mut Vec<Effect>) {
        let Some(held) = self.held else { return };
        let report = Report { held, package, hook_error: self.hook_error.clone(), clock: now.clock };
        self.send(now, ToMaster::Report(Box::new(report)), effects);
    }

    pub(super) fn not_connected(&mut self, now: Now, id: String, message: String) {
        if let Link::Connecting { since } = self.link {
            self.down(now, id, message, now.since(since) >= SLOW);
        }
    }

    pub(super) fn closed(&mut self, now: Now, id: String, message: String) {
        if matches!(self.link, Link::Up { .. }) {
            self.down(now, id, message, false);
        }
    }

    /// This side ends the connection.
    pub(super) fn hang_up(&mut self, now: Now, id: &str, message: String, find: bool, effects: &mut Vec<Effect>) {
        if matches!(self.link, Link::Up { .. }) {
            effects.push(Effect::Close);
            self.down(now, id.to_owned(), message, find);
        }
    }

    fn down(&mut self, now: Now, id: String, message: String, find: bool) {
        // What is fetched goes on from where it is; what is being applied is finished.
        if matches!(self.work, Work::Fetching { .. } | Work::Waiting { .. }) {
            self.work = Work::Idle;
        }
        self.attempts = self.attempts.saturating_add(1);
        let find = find || self.attempts.is_multiple_of(ASK_AFTER);
        // The first time the others are asked at once: they may know better.
        let wait = if find && self.attempts <= 1 { 0 } else { self.back_off(self.attempts - 1) };
        self.link = Link::Down { retry: now.millis.saturating_add(wait), find };
        self.error = Some((id, message));
    }

    pub(super) fn found(&mut self, now: Now, computer: Option<Arc<str>>) {
        if !matches!(self.link, Link::Finding) {
            return;
        }
        let news = computer.is_some() && computer != self.master;
        if computer.is_some() {
            self.master = computer;
        }
        let wait = if news { 0 } else { self.back_off(self.attempts) };
        self.link = Link::Down { retry: now.millis.saturating_add(wait), find: false };
    }

    pub(super) fn tick_link(&mut self, now: Now, effects: &mut Vec<Effect>) {
        match self.link {
            Link::Down { retry, find } if now.millis >= retry => {
                if find {
                    self.link = Link::Finding;
                    effects.push(Effect::Find);
                } else {
                    self.link = Link::Connecting { since: now.millis };
                    effects.push(Effect::Connect { to: self.master.clone() });
                }
            }
            Link::Up { heard, .. } if now.since(heard) > SILENCE => {
                let message = format!("Nothing was heard of the master for {} s.", SILENCE / 1000);
                // It hangs, or the way to it is cut off: it would not answer now either.
                self.hang_up(now, "MasterSilent", message, true, effects);
            }
            Link::Up { said, .. } if now.since(said) >= BEAT => self.send(now, ToMaster::Alive, effects),
            _ => {}
        }
    }

    pub(super) fn received(&mut self, now: Now, epoch: u64, message: ToReplica, effects: &mut Vec<Effect>) {
        let Link::Up { heard, .. } = &mut self.link else { return };
        *heard = now.millis;
        if epoch < self.highest && !accepts_older_epochs() {
            let text = format!("The master is of epoch {epoch}; epoch {} has begun.", self.highest);
            if let ToReplica::Announce(announce) = &message {
                let (package, id) = (announce.package, "EpochOver".to_owned());
                self.send(now, ToMaster::Failed { package, id, message: text.clone() }, effects);
            }
            return self.hang_up(now, "EpochOver", text, true, effects);
        }
        if epoch > self.persisted {
            // On the disk before anything of that epoch is done.
            self.highest = self.highest.max(epoch);
            self.persisted = epoch;
            self.went_on = matches!(self.work, Work::Applying { .. });
            effects.push(Effect::PersistEpoch { epoch });
        } else {
            self.unwritten = 0;
        }
        match message {
            ToReplica::Welcome { version } => {
                self.attempts = 0;
                if let Link::Up { welcome, .. } = &mut self.link {
                    *welcome = true;
                }
                self.master_is_at(version);
                if self.failures == 0 {
                    self.error = None;
                }
            }
            ToReplica::Beat { version } => self.master_is_at(version),
            ToReplica::Announce(announce) => self.announced(now, epoch, announce, effects),
            ToReplica::Chunk { package, offset, bytes } => self.chunk(now, package, offset, bytes, effects),
            ToReplica::Farewell { id, message } => {
                match id.as_str() {
                    // That also goes for one whose place another took: who has its files as well would take it back.
                    "ComputerRemoved"
                    | "CertificateRevoked"
                    | "CertificateExpired"
                    | "CertificateUnknown"
                    | "NameMismatch"
                    | "OtherDeployment"
                    | "FormatUnknown"
                    | "ComputerCertificateRequired"
                    | "Replaced" => {
                        self.attempts = self.attempts.max(PATIENT);
                    }
                    _ => {}
                }
                let find = matches!(id.as_str(), "NotActive" | "EpochOver");
                self.hang_up(now, &id, message, find, effects);
            }
        }
    }

    /// The master has said a version. On one connection it never goes back: what says less is old.
    pub(super) fn master_is_at(&mut self, version: u64) {
        self.master_version = self.master_version.max(Some(version));
    }

    /// An epoch could not be written, and what was to come after it was not done.
    pub(super) fn not_persisted(&mut self, now: Now, id: String, message: String, effects: &mut Vec<Effect>) {
        self.persisted = 0;
        // The welcome that came with it was none: without this it would come again and again at once.
        self.attempts = self.attempts.max(self.unwritten);
        self.unwritten = self.unwritten.saturating_add(1);
        // An application that had begun before goes on; one that was to follow does not begin.
        if matches!(self.work, Work::Applying { .. }) && !self.went_on {
            self.work = Work::Idle;
        }
        self.partial = None;
        if !matches!(self.link, Link::Up { .. }) {
            // The connection was to be ended after it, and stands.
            effects.push(Effect::Close);
        }
        self.hang_up(now, &id, message, false, effects);
    }
}

#[cfg(feature = "planted-bugs")]
fn accepts_older_epochs() -> bool {
    planted::is(Bug::OlderEpochAccepted)
}

#[cfg(not(feature = "planted-bugs"))]
fn accepts_older_epochs() -> bool {
    false
}
