//! Who follows and how far, and whether a change may be acknowledged. No I/O, no clock: time is told.

use crate::audit::Hash;
use crate::failover::{Feed, FeedState};
use crate::value::{DateTime, same_name};

/// Followers that are kept in mind, at most: a database has four places.
const MOST: usize = 32;
/// How long a follower that says nothing counts as one that is there: its questions wait ten seconds at most.
const SILENT: u64 = 15_000;

/// How many times as long a change waits, at most, for a mirror that gets on but not there.
pub(super) const LONGEST: u32 = 3;

/// One that follows.
#[derive(Clone, Debug)]
struct Known {
    computer: String,
    synchronous: bool,
    state: FeedState,
    sequence: u64,
    version: u64,
    /// When it was last heard.
    heard: Option<u64>,
    last_contact: Option<DateTime>,
    /// When it last had more than before.
    progress: u64,
    /// The last row that was sent to it.
    sent: Option<(u64, Hash)>,
}

/// Whether a change may be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Go,
    /// Not any more: the place has lost its role.
    Over,
    /// Not before a mirror has it, or this moment has come.
    Until(u64),
}

/// Those that follow.
#[derive(Debug)]
pub struct Tracker {
    /// How long a mirror may be silent before changes are acknowledged without it, in milliseconds.
    alone_after: u64,
    over: bool,
    /// It takes no more changes; those that wait pass when another place has them.
    closing: bool,
    /// The epoch of the log when it was last read.
    epoch: u64,
    /// The last row that was written here, as far as was told.
    written: u64,
    /// When it became active without taking over.
    began: Option<u64>,
    /// It is about to become active by taking over.
    new_epoch: bool,
    known: Vec<Known>,
    /// Mirrors that were given up, and of which nobody was told yet: at most those that are known.
    left_behind: Vec<String>,
}

impl Known {
    /// A mirror is waited for from this moment on, as if it had just been there.
    fn expect(&mut self, began: Option<u64>) {
        if let (Some(began), true) = (began, self.synchronous) {
            self.state = FeedState::Synchronized;
            self.sequence = 0;
            self.heard = Some(began);
            self.progress = began;
        }
    }
}

impl Tracker {
    pub fn new(alone_after: u64) -> Tracker {
        Tracker {
            alone_after,
            over: false,
            closing: false,
            epoch: 0,
            written: 0,
            began: None,
            new_epoch: false,
            known: Vec::new(),
            left_behind: Vec::new(),
        }
    }

    /// It takes over in a new epoch: no mirror knows of it yet.
    pub fn taken_over(&mut self) {
        self.new_epoch = true;
    }

    /// The place has become active: who followed it before says so again. A mirror may be certain that this place
    /// acknowledges nothing without it, from before it was started or closed; so it is waited for as if it were there.
    pub fn begin(&mut self, now: u64, sequence: u64) {
        (self.over, self.closing) = (false, false);
        self.written = sequence;
        self.began = (!std::mem::take(&mut self.new_epoch)).then_some(now);
        for known in &mut self.known {
            known.state = FeedState::Unsynchronized;
            known.sent = None;
            known.expect(self.began);
        }
    }

    /// Whether changes wait for a follower.
    pub fn synchronized(&self, computer: &str) -> bool {
        let is = |known: &&Known| same_name(&known.computer, computer);
        !self.over && self.known.iter().find(is).is_some_and(|known| known.state == FeedState::Synchronized)
    }

    /// The place has lost its role.
    pub fn end(&mut self) {
        self.over = true;
    }

    /// The place takes no more changes, and gives out what it took.
    pub fn close(&mut self) {
        self.closing = true;
    }

    pub fn written(&mut self, sequence: u64) {
        self.written = self.written.max(sequence);
    }

    /// Where the log stands, as it was read.
    pub fn stands(&mut self, epoch: u64, sequence: u64) {
        self.epoch = epoch;
        self.written(sequence);
    }

    /// Those that are to follow; others are forgotten.
    pub fn expect(&mut self, now: u64, followers: &[(String, bool)]) {
        self.known.retain(|known| followers.iter().any(|(computer, _)| same_name(computer, &known.computer)));
        let began = self.began.filter(|began| now.saturating_sub(*began) < self.alone_after);
        for (computer, synchronous) in followers.iter().take(MOST) {
            let known = self.known_mut(computer, *synchronous);
            known.synchronous = *synchronous;
            if known.heard.is_none() {
                known.expect(began);
            }
        }
    }

    /// A follower has everything up to a row that both have.
    pub fn heard(&mut self, now: u64, at: DateTime, who: (&str, bool), sequence: u64, version: u64) {
        let written = self.written;
        let known = self.known_mut(who.0, who.1);
        known.heard = Some(now);
        known.last_contact = Some(at);
        if sequence != known.sequence {
            known.progress = now;
        }
        let lost = sequence < known.sequence;
        (known.sequence, known.version) = (sequence, version);
        known.state = match known.state {
            _ if sequence >= written => FeedState::Synchronized,
            // What it does not have yet is what changes wait for. One that has less than it had begins anew.
            FeedState::Synchronized if known.synchronous && !lost => FeedState::Synchronized,
            _ => FeedState::Synchronizing,
        };
    }

    /// A follower is there, though not with a row that both have.
    pub fn seen(&mut self, now: u64, at: DateTime, who: (&str, bool)) {
        let known = self.known_mut(who.0, who.1);
        known.heard = Some(now);
        known.last_contact = Some(at);
        known.state = FeedState::Synchronizing;
    }

    pub fn sent(&mut self, who: (&str, bool), last: (u64, Hash)) {
        self.known_mut(who.0, who.1).sent = Some(last);
    }

    /// Whether a row is the last one that was sent to a follower: then it need not be looked up.
    pub fn was_sent(&self, computer: &str, epoch: u64, last: (u64, Hash)) -> bool {
        epoch <= self.epoch
            && self.known.iter().any(|known| same_name(&known.computer, computer) && known.sent == Some(last))
    }

    /// Whether a row that was written at a moment may be acknowledged now.
    pub fn verdict(&mut self, now: u64, since: u64, sequence: u64) -> Verdict {
        if self.over {
            return Verdict::Over;
        }
        if self.closing {
            return self.verdict_at_the_end(now, since, sequence);
        }
        let mut until = None;
        for known in self.known.iter_mut().filter(|known| known.synchronous && known.sequence < sequence) {
            if known.state != FeedState::Synchronized {
                continue;
            }
            let silent = known.heard.is_none_or(|heard| since.saturating_sub(heard) >= SILENT);
            // One that gets on is waited for, but not for ever.
            let latest = since.saturating_add(self.alone_after.saturating_mul(u64::from(LONGEST)));
            let deadline = since.max(known.progress).saturating_add(self.alone_after).min(latest);
            if silent || now >= deadline {
                known.state = FeedState::Unsynchronized;
                self.left_behind.push(known.computer.clone());
            } else {
                until = Some(until.map_or(deadline, |until: u64| until.min(deadline)));
            }
        }
        until.map_or(Verdict::Go, Verdict::Until)
    }

    /// The mirrors that were given up since this was asked.
    pub fn left_behind(&mut self) -> Vec<String> {
        std::mem::take(&mut self.left_behind)
    }

    /// Of a place that is closed: what it took lasts if the place that takes over has it, which asks for it.
    fn verdict_at_the_end(&self, now: u64, since: u64, sequence: u64) -> Verdict {
        let deadline = since.saturating_add(self.alone_after);
        if self.known.iter().any(|known| known.sequence >= sequence) {
            Verdict::Go
        } else if now >= deadline {
            Verdict::Over
        } else {
            Verdict::Until(deadline)
        }
    }

    pub fn feeds(&self, now: u64) -> Vec<Feed> {
        let feed = |known: &Known| {
            let silent = known.heard.is_none_or(|heard| now.saturating_sub(heard) >= SILENT);
            let behind = !known.synchronous && known.sequence < self.written;
            let state = match known.state {
                _ if silent => FeedState::Unsynchronized,
                FeedState::Synchronized if behind => FeedState::Synchronizing,
                state => state,
            };
            Feed {
                computer: known.computer.clone(),
                synchronous: known.synchronous,
                state,
                sequence: known.sequence,
                version: known.version,
                last_contact: known.last_contact,
            }
        };
        self.known.iter().map(feed).collect()
    }

    fn known_mut(&mut self, computer: &str, synchronous: bool) -> &mut Known {
        let at = self.known.iter().position(|known| same_name(&known.computer, computer)).unwrap_or_else(|| {
            if self.known.len() >= MOST {
                let oldest = self.known.iter().enumerate().min_by_key(|(_, known)| known.heard);
                let oldest = oldest.map_or(0, |(at, _)| at);
                self.known.remove(oldest);
            }
            self.known.push(Known {
                computer: computer.to_owned(),
                synchronous,
                state: FeedState::Unsynchronized,
                sequence: 0,
                version: 0,
                heard: None,
                last_contact: None,
                progress: 0,
                sent: None,
            });
            self.known.len() - 1
        });
        let known = &mut self.known[at];
        // One that asks on the side, to take over, is a mirror still.
        known.synchronous |= synchronous;
        known
    }
}
