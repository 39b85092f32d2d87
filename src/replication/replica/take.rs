//! Packages: whether one fits, its bytes, what comes of it.

use super::{CORRUPT, Effect, Replica, Work};
use crate::replication::id::{Held, PackageId};
use crate::replication::message::{Announce, INLINE, ToMaster};
use crate::replication::package::{LARGEST, LARGEST_UNPACKED};
#[cfg(feature = "planted-bugs")]
use crate::replication::planted::{self, Bug};
use crate::replication::time::Now;
use bytes::Bytes;
use std::sync::Arc;

/// Why a package is not taken: an error's id and message.
type Refusal = (&'static str, String);

impl Replica {
    /// The master has a package. What is being fetched gives way to it; what is being applied is finished first.
    pub(super) fn announced(&mut self, now: Now, epoch: u64, announce: Arc<Announce>, effects: &mut Vec<Effect>) {
        if let Work::Applying { pending, .. } = &mut self.work {
            *pending = Some(announce.package);
            return;
        }
        if let Err((id, message)) = self.check(epoch, &announce) {
            return self.failed(now, announce.package, id.to_owned(), message, effects);
        }
        self.master_is_at(announce.package.to);
        if announce.body.is_some() {
            return self.apply(now, announce, effects);
        }
        let mut have = 0;
        match self.partial {
            Some((package, hash, there)) if package == announce.package && hash == announce.hash => {
                have = there.min(announce.length);
            }
            Some(_) => {
                self.partial = None;
                effects.push(Effect::Discard);
            }
            None => {}
        }
        if have == announce.length {
            return self.apply(now, announce, effects);
        }
        let package = announce.package;
        self.work = Work::Fetching { announce, have, since: now.millis };
        self.send(now, ToMaster::Fetch { package, offset: have }, effects);
    }

    /// Whether a package is whole, and goes on from what is held.
    fn check(&self, epoch: u64, announce: &Announce) -> Result<(), Refusal> {
        let Announce { package, length, unpacked, to, .. } = *announce;
        let invalid = |what: &str| Err(("PackageInvalid", format!("Its announcement contradicts itself: {what}.")));
        if package.epoch != epoch || to.epoch != epoch {
            return invalid("the epoch");
        }
        if to.version != package.to || announce.from.map(|from| from.version) != package.from {
            return invalid("the versions");
        }
        if length == 0 || length > LARGEST || unpacked > LARGEST_UNPACKED {
            let message =
                format!("It has {length} bytes, {unpacked} unpacked; the most is {LARGEST}, {LARGEST_UNPACKED}.");
            return Err(("PackageTooLarge", message));
        }
        if let Some(body) = &announce.body {
            let there = body.len() as u64;
            if there > INLINE {
                return Err((
                    "PackageTooLarge",
                    format!("It has {there} bytes; the most that come at once is {INLINE}."),
                ));
            }
            if there != length {
                return Err(("PackageTruncated", format!("It has {there} bytes, and was to have {length}.")));
            }
        }
        let replayed = |held: Held| {
            let message = format!("It leads to version {}; version {} is held.", package.to, held.version);
            Err(("PackageReplayed", message))
        };
        match (announce.from, self.held) {
            (Some(from), _) if from.version >= package.to || from.epoch != epoch => invalid("what it starts from"),
            (Some(from), Some(held)) if from == held || applies_twice() => Ok(()),
            (Some(_), Some(held)) if held.epoch == epoch && held.version >= package.to => replayed(held),
            (Some(from), held) => {
                let held = held.map_or("nothing".to_owned(), |held| format!("{} {:?}", held.version, held.chain));
                let message = format!("It goes on from version {} {:?}; {held} is held.", from.version, from.chain);
                Err(("PackageDoesNotFit", message))
            }
            // A full snapshot leads back only where the master itself is behind.
            (None, Some(held)) if held.epoch == epoch && package.to < held.version => {
                if self.master_version.is_some_and(|version| version < held.version) { Ok(()) } else { replayed(held) }
            }
            (None, _) => Ok(()),
        }
    }

    fn apply(&mut self, now: Now, announce: Arc<Announce>, effects: &mut Vec<Effect>) {
        self.work = Work::Applying { announce: announce.clone(), pending: None };
        effects.push(Effect::Apply { announce: announce.clone() });
        #[cfg(feature = "planted-bugs")]
        if planted::is(Bug::ReportBeforeDurability) {
            let held = self.held.replace(announce.to);
            self.report(now, Some(announce.package), effects);
            self.held = held;
        }
        let _ = now;
    }

    /// Bytes of the package that is fetched, in order and no more of them than there are.
    pub(super) fn chunk(&mut self, now: Now, id: PackageId, offset: u64, bytes: Bytes, effects: &mut Vec<Effect>) {
        let Work::Fetching { announce, have, since } = &mut self.work else { return };
        if announce.package != id {
            return;
        }
        let end = offset.saturating_add(bytes.len() as u64);
        let wrong = if offset != *have || bytes.is_empty() {
            Some(("PackageReordered", format!("Byte {offset} came where byte {have} was due.")))
        } else if end > announce.length {
            Some(("PackageTooLarge", format!("Byte {end} came of a package of {} bytes.", announce.length)))
        } else {
            None
        };
        if let Some((error, message)) = wrong {
            return self.failed(now, id, error.to_owned(), message, effects);
        }
        (*have, *since) = (end, now.millis);
        let announce = announce.clone();
        self.partial = Some((id, announce.hash, end));
        effects.push(Effect::Spool { package: id, hash: announce.hash, offset, bytes });
        if end == announce.length {
            self.apply(now, announce, effects);
        }
    }

    pub(super) fn applied(&mut self, now: Now, package: PackageId, held: Held, effects: &mut Vec<Effect>) {
        self.held = Some(held);
        self.highest = self.highest.max(held.epoch);
        let Work::Applying { announce, pending } = &self.work else { return };
        if announce.package != package {
            return;
        }
        let crossed = pending.is_some_and(|pending| pending != package);
        self.work = Work::Idle;
        self.partial = None;
        self.failures = 0;
        self.corrupt = 0;
        self.error = None;
        if crossed {
            // That was announced to what was held before; the master chooses anew.
            self.hello(now, effects);
        } else {
            self.report(now, Some(package), effects);
        }
    }

    pub(super) fn not_applied(
        &mut self,
        now: Now,
        package: PackageId,
        id: String,
        message: String,
        effects: &mut Vec<Effect>,
    ) {
        if matches!(self.work, Work::Fetching { .. }) {
            // What was thought to be on the disk is not.
            self.partial = None;
        }
        match &self.work {
            Work::Fetching { announce, .. } | Work::Applying { announce, .. } if announce.package == package => {
                self.failed(now, package, id, message, effects);
            }
            _ => {}
        }
    }

    /// A package is not taken: the master is told, and asked again after a while.
    fn failed(&mut self, now: Now, package: PackageId, id: String, message: String, effects: &mut Vec<Effect>) {
        // Bytes that are wrong are fetched again; bytes for which there is no room make room.
        let wrong = matches!(id.as_str(), "PackageCorrupt" | "PackageTruncated" | "PackageTooLarge" | "PackageInvalid");
        if wrong || id == "ReplicaDiskFull" || id == "PackageReordered" {
            self.partial = None;
            effects.push(Effect::Discard);
        }
        if wrong {
            self.corrupt = self.corrupt.saturating_add(1).min(CORRUPT);
        }
        let wait = self.back_off(self.failures);
        self.failures = self.failures.saturating_add(1);
        let fetching = matches!(self.work, Work::Fetching { .. });
        self.work = Work::Waiting { until: now.millis.saturating_add(wait) };
        self.error = Some((id.clone(), message.clone()));
        self.send(now, ToMaster::Failed { package, id: id.clone(), message: message.clone() }, effects);
        if fetching {
            // The rest of it is under way: only another connection is free of it.
            self.hang_up(now, &id, message, false, effects);
        }
    }
}

#[cfg(feature = "planted-bugs")]
fn applies_twice() -> bool {
    planted::is(Bug::DeltaAppliedTwice)
}

#[cfg(not(feature = "planted-bugs"))]
fn applies_twice() -> bool {
    false
}
