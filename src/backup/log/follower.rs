//! What a follower does, decided without I/O: what it asks, what it takes over, and how it finds back where its log parted
//! from that of the place it follows.
//!
//! It asks for what comes after its last row. Where the other place has another row there, it looks for the last one that
//! both have, keeps what it alone has in a file, takes that back, and goes on. It believes no place whose epoch is lower
//! than the highest that it heard of, and keeps in mind each higher one before anything else.

use super::message::{Answer, Ask, Begin, Request};
use super::search::Search;
use crate::env::Random;
use crate::error::{Category, ErrorRecord};
use crate::failover::FeedState;
use crate::net::nobody_listens;
use crate::store::{LogEntry, Position, Role};
use crate::value::amount;
use std::sync::Arc;

/// The first wait after a failure, in milliseconds; it doubles up to the longest.
const FIRST_RETRY: u64 = 100;
/// The longest wait after a failure, in milliseconds: what a standby may be late when its source comes back.
const LONGEST_RETRY: u64 = 5_000;
/// How long an answer may wait for something to come, in milliseconds.
const WAIT: u64 = 10_000;
/// The same for a mirror, and its longest wait after a failure: it knows only from answers that nothing is acknowledged
/// without it, and each is good for [`CERTAIN`].
const MIRROR_WAIT: u64 = 2_000;
/// How long a mirror may be certain, since it asked, that nothing was acknowledged without it: shorter than a source waits
/// for a silent mirror (`ALONE_AFTER`), by what two clocks may differ in that time.
const CERTAIN: u64 = 4_500;

/// How a follower follows.
#[derive(Clone)]
pub struct FollowerOptions {
    /// Changes wait for it: it is a mirror.
    pub synchronous: bool,
    /// It takes what a place has that is not active, too.
    pub any: bool,
    /// It takes back what it alone has. Without, histories that part end it.
    pub rewind: bool,
    /// It ends when it has everything, or after so many failures; `None` follows for ever.
    pub attempts: Option<u32>,
    /// Spreads its attempts.
    pub random: Arc<dyn Random>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Nothing but time.
    Tick,
    /// A question was answered.
    Answered(Answer),
    /// It was not: nobody was reached, or the answer was cut off.
    NotAnswered(ErrorRecord),
    /// Hashes were compared with one's own: the last row that agrees, and the first that does not.
    Compared {
        /// 0 where none agrees.
        common: u64,
        /// `None` where all agree.
        differs: Option<u64>,
    },
    /// Entries were taken over: the log stands here now.
    Applied(Position),
    /// What was after a row is in a file, on the disk.
    Kept,
    /// What was after a row was taken back: the log stands here now.
    Rewound(Position),
    /// Where the log stands, read anew, and the highest epoch.
    Own(Position, u64),
    /// An effect could not be carried out; those after it were not tried.
    Failed(ErrorRecord),
}

/// What is to be done, in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Ask. One question is under way at a time.
    Ask(Request),
    /// Compare hashes with one's own: [`Event::Compared`].
    Compare(Vec<(u64, Option<crate::audit::Hash>)>),
    /// Take entries over: [`Event::Applied`].
    Apply(Vec<LogEntry>),
    /// Keep what comes after a row in a file: [`Event::Kept`].
    Keep(u64),
    /// Take back what comes after a row: [`Event::Rewound`].
    Rewind(u64),
    /// Keep an epoch in mind, on the disk: [`Event::Failed`] if that fails, else nothing.
    Hear(u64),
    /// Tell the owner of an epoch that is higher than any heard before.
    Tell(u64),
    /// Read anew where the log stands: [`Event::Own`].
    Read,
    /// It is over: all is here, or why not.
    Finish(Result<(), ErrorRecord>),
}

#[derive(Debug)]
enum Phase {
    /// Waiting for the moment to ask.
    Idle { at: u64 },
    /// Reading where the log stands.
    Reading,
    /// A question is under way.
    Asked,
    /// Hashes are asked, or compared.
    Searching(Search),
    /// Entries are taken over.
    Applying { more: bool },
    /// What comes after a row is kept.
    Keeping { to: u64 },
    /// What comes after a row is taken back.
    Rewinding,
    /// Over.
    Over,
}

/// A follower.
pub struct Follower {
    options: FollowerOptions,
    own: Position,
    highest: u64,
    phase: Phase,
    failures: u32,
    source: Option<Begin>,
    feed: FeedState,
    error: Option<ErrorRecord>,
    now: u64,
    /// When it asked last.
    asked: u64,
    /// Of what is being taken over: it was asked then, and changes wait for this mirror since.
    promised: Option<u64>,
    /// Nothing that this mirror does not have was acknowledged before [`CERTAIN`] after this.
    certain: Option<u64>,
}

impl Follower {
    /// One whose log stands somewhere, and that heard of epochs up to a highest. [`Event::Tick`] sets it going.
    pub fn new(options: FollowerOptions, own: Position, highest: u64) -> Follower {
        let highest = highest.max(own.epoch);
        let phase = Phase::Idle { at: 0 };
        let (failures, source, feed, error) = (0, None, FeedState::Unsynchronized, None);
        let (now, asked, promised, certain) = (0, 0, None, None);
        Follower { options, own, highest, phase, failures, source, feed, error, now, asked, promised, certain }
    }

    /// Where its log stands.
    pub fn position(&self) -> Position {
        self.own
    }

    /// The highest epoch that it heard of.
    pub fn highest_epoch(&self) -> u64 {
        self.highest
    }

    /// Where the log of the place that it follows stood when it was last heard.
    pub fn source(&self) -> Option<Begin> {
        self.source
    }

    /// How well it follows. A mirror is synchronized as long as nothing can have been acknowledged without it: a while
    /// after its source said so, and on while nothing runs where the source was. A source that starts again waits for it.
    pub fn feed(&self, now: u64) -> FeedState {
        match self.certain_until() {
            Some(until) if now < until => FeedState::Synchronized,
            _ if self.options.synchronous && self.feed == FeedState::Synchronized => FeedState::Synchronizing,
            _ => self.feed,
        }
    }

    /// Until when a mirror is certain that nothing was acknowledged without it.
    pub fn certain_until(&self) -> Option<u64> {
        self.certain.map(|since| since.saturating_add(CERTAIN))
    }

    /// What keeps it from following.
    pub fn error(&self) -> Option<&ErrorRecord> {
        self.error.as_ref()
    }

    /// When it wants to be told the time; `None` while it waits for something else.
    pub fn wake(&self) -> Option<u64> {
        match self.phase {
            Phase::Idle { at } => Some(at),
            _ => None,
        }
    }

    /// Takes what happened, at a time in milliseconds, and says what is to be done.
    pub fn step(&mut self, now: u64, event: Event, effects: &mut Vec<Effect>) {
        self.now = now;
        if let (Event::NotAnswered(error), Some(until)) = (&event, self.certain_until())
            && nobody_listens(error)
            && self.asked < until
        {
            self.certain = Some(self.asked);
        }
        match (event, std::mem::replace(&mut self.phase, Phase::Over)) {
            (_, Phase::Over) => {}
            (Event::Tick, Phase::Idle { at }) if now >= at => {
                if self.error.is_some() {
                    // What failed may have gone half its way.
                    effects.push(Effect::Read);
                    self.phase = Phase::Reading;
                } else {
                    self.ask(effects);
                }
            }
            (Event::Own(own, highest), Phase::Reading) => {
                self.own = own;
                self.highest = self.highest.max(highest);
                self.ask(effects);
            }
            (Event::Answered(answer), Phase::Asked) => self.answered(now, answer, None, effects),
            (Event::Answered(answer), Phase::Searching(search)) => self.answered(now, answer, Some(search), effects),
            (Event::Compared { common, differs }, Phase::Searching(mut search)) => {
                search.learn(common, differs);
                self.search(now, search, effects);
            }
            (Event::Applied(own), Phase::Applying { more }) => {
                self.own = own;
                self.taken(more, false, effects);
            }
            (Event::Kept, Phase::Keeping { to }) => {
                effects.push(Effect::Rewind(to));
                self.phase = Phase::Rewinding;
            }
            (Event::Rewound(own), Phase::Rewinding) => {
                self.own = own;
                self.ask(effects);
            }
            (Event::NotAnswered(error) | Event::Failed(error), _) => self.failed(now, error, effects),
            (_, phase) => self.phase = phase,
        }
    }

    fn ask(&mut self, effects: &mut Vec<Effect>) {
        let Position { sequence, hash, version, .. } = self.own;
        // Nobody waits for what is to be over soon, and who is not sure to be heard finds out at once.
        let longest = if self.options.synchronous { MIRROR_WAIT } else { WAIT };
        let wait =
            if self.options.attempts.is_some() || self.failures > 0 || self.source.is_none() { 0 } else { longest };
        self.asked = self.now;
        self.question(Ask::After { sequence, hash, version, wait }, effects);
        self.phase = Phase::Asked;
    }

    fn question(&self, ask: Ask, effects: &mut Vec<Effect>) {
        let FollowerOptions { synchronous, any, .. } = self.options;
        effects.push(Effect::Ask(Request { epoch: self.highest, synchronous, any, ask }));
    }

    fn answered(&mut self, now: u64, answer: Answer, search: Option<Search>, effects: &mut Vec<Effect>) {
        let begin = match &answer {
            Answer::Refused { epoch, .. } if *epoch > self.highest => {
                self.newer(*epoch, effects);
                None
            }
            Answer::Refused { .. } => None,
            Answer::Batch { begin, .. } | Answer::Differs { begin } | Answer::Hashes { begin, .. } => Some(*begin),
        };
        if let Some(begin) = begin {
            let epoch = begin.position.epoch;
            if epoch < self.highest {
                return self.failed(now, self.over(epoch), effects);
            }
            if begin.role == Role::Standby && !self.options.any {
                return self.failed(now, not_active(), effects);
            }
            if epoch > self.highest {
                self.newer(epoch, effects);
            }
            self.source = Some(begin);
        }
        match (answer, search) {
            (Answer::Refused { error, .. }, _) => self.failed(now, error, effects),
            (Answer::Batch { entries, more, synchronized, .. }, None) => {
                self.promised = (synchronized && !more && self.options.synchronous).then_some(self.asked);
                if entries.is_empty() {
                    self.taken(more, true, effects);
                } else {
                    if more || entries.len() > 1 {
                        self.feed = FeedState::Synchronizing;
                    }
                    effects.push(Effect::Apply(entries));
                    self.phase = Phase::Applying { more };
                }
            }
            (Answer::Differs { begin }, None) => {
                self.certain = None;
                self.feed = FeedState::Synchronizing;
                self.search(now, Search::new(self.own.sequence, begin.position.sequence), effects);
            }
            (Answer::Hashes { hashes, .. }, Some(search)) => {
                effects.push(Effect::Compare(hashes));
                self.phase = Phase::Searching(search);
            }
            _ => self.failed(now, misplaced(), effects),
        }
    }

    /// Looks on for the last row that both have, or goes back to it.
    fn search(&mut self, now: u64, mut search: Search, effects: &mut Vec<Effect>) {
        match search.next() {
            Ok(Some(rows)) => {
                self.question(Ask::Hashes(rows), effects);
                self.phase = Phase::Searching(search);
            }
            Ok(None) if search.common() >= self.own.sequence => {
                // All of it is there by now.
                self.ask(effects);
            }
            Ok(None) if self.options.rewind => {
                effects.push(Effect::Keep(search.common()));
                self.phase = Phase::Keeping { to: search.common() };
            }
            Ok(None) => {
                let error = self.parted(search.common());
                self.error = Some(error.clone());
                effects.push(Effect::Finish(Err(error)));
                self.phase = Phase::Over;
            }
            Err(error) => self.failed(now, error, effects),
        }
    }

    /// All that was sent is here.
    fn taken(&mut self, more: bool, nothing: bool, effects: &mut Vec<Effect>) {
        self.failures = 0;
        self.error = None;
        self.feed = if more { FeedState::Synchronizing } else { FeedState::Synchronized };
        self.certain = self.promised.take().or(self.certain);
        if !more && self.options.attempts.is_some() {
            effects.push(Effect::Finish(Ok(())));
            self.phase = Phase::Over;
        } else if nothing {
            // There is time to see whether this place follows still.
            effects.push(Effect::Read);
            self.phase = Phase::Reading;
        } else {
            self.ask(effects);
        }
    }

    fn newer(&mut self, epoch: u64, effects: &mut Vec<Effect>) {
        self.highest = epoch;
        self.certain = None;
        effects.extend([Effect::Hear(epoch), Effect::Tell(epoch)]);
    }

    fn failed(&mut self, now: u64, error: ErrorRecord, effects: &mut Vec<Effect>) {
        self.failures = self.failures.saturating_add(1);
        self.feed = FeedState::Unsynchronized;
        // Once it takes changes of its own it follows nobody.
        let over = error.id() == "StoreNotStandby" || self.options.attempts.is_some_and(|most| self.failures >= most);
        if over {
            effects.push(Effect::Finish(Err(error.clone())));
            self.phase = Phase::Over;
        } else {
            let most = if self.options.synchronous { MIRROR_WAIT } else { LONGEST_RETRY };
            let longest = FIRST_RETRY.saturating_mul(1 << self.failures.min(10)).min(most);
            // Between half of it and all of it: who lost the same place does not come back all at once.
            let wait = longest / 2 + self.options.random.below(longest / 2 + 1);
            self.phase = Phase::Idle { at: now.saturating_add(wait) };
        }
        self.error = Some(error);
    }

    fn over(&self, epoch: u64) -> ErrorRecord {
        let message = format!("The place that was asked is in epoch {epoch}, and {} has begun.", self.highest);
        ErrorRecord::new("EpochOver", Category::InvalidOperation, message)
            .hint("It takes nothing from there. Follow the place that has taken the database over.")
    }

    fn parted(&self, common: u64) -> ErrorRecord {
        let own = self.own.sequence;
        let message = format!("The histories have parted after row {common}; this place has {}.", amount(own, "row"));
        ErrorRecord::new("HistoriesParted", Category::InvalidOperation, message)
            .hint("Nothing was changed. It must be decided which of the two goes on.")
    }
}

fn not_active() -> ErrorRecord {
    ErrorRecord::new(
        "StoreNotActive",
        Category::ResourceUnavailable,
        "The place that was asked follows another itself.",
    )
    .hint("Follow the place where the database is active.")
}

fn misplaced() -> ErrorRecord {
    ErrorRecord::new("LineInvalid", Category::InvalidData, "The answer is to another question.")
        .hint("See whether both ends run the same version of the program.")
}
