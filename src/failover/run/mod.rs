//! The run machine: a failover, step by step, at the computer that takes the database over.
//!
//! Each step is recorded, durably, before it is taken, and each can be taken again: a target that was killed at any of
//! them goes on from its record, or gives the failover up. Only [`Stage::Promote`] decides, and whether that happened is
//! in the database itself (its epoch), written in the same transaction as the content. Before it the source can be opened
//! again, which needs the target's durable word that it never takes over for this failover (its place forgets it, then
//! [`Stage::Undo`] is recorded); after it there is only forward. Where it is not known whether it happened nothing is
//! undone: the database is asked, now or when the failover is run again.
//!
//! # What a failover after a disaster may lose
//! The target takes what any other place that answers has more of; the source too, which is closed first if it answers:
//! nothing is lost then, as long as it goes on giving what it has. What the replicas have beyond that is listed. What nobody who answers has cannot be listed, and
//! [`RunRecord::uncertain`] says so, unless the target is a mirror which knows that its source acknowledged nothing without
//! it. A source that was cut off and not closed may acknowledge changes until it hears of the new epoch; it keeps them in a
//! file then. Of two places that were promoted without knowing of each other the higher epoch counts. A failover after a
//! disaster goes several epochs beyond what it knows, so that what was forced on one side of a cut counts before what went
//! its ordinary way on the other, and whatever gets lost so, the report of a forced failover had called uncertain.

mod machine;
mod steps;
mod switch;

use super::choose::Choice;
use super::control::{Following, Lost, Preflight, Report, StepReport};
use super::facts::ReplicaFact;
use super::placement::Placement;
use super::state::{Ordered, PlaceAnswer, Source, Underway, Unreported};
use super::wish::Wish;
use crate::error::ErrorRecord;
use crate::store::Role;
use crate::value::DateTime;
pub use machine::Run;
use serde::{Deserialize, Serialize};

/// How far a failover is: what is being done, or was when it was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// The source is being closed.
    Close,
    /// The target takes what it misses: `Drain` of a planned failover, `CatchUp` after a disaster.
    Pull,
    /// The database is exported to a file.
    Export,
    /// The target takes over. Whether it has the database itself says.
    Promote,
    /// The target serves; the others are told.
    Release,
    /// The target serves; the replicas are waited for.
    Follow,
    /// It is over, and done.
    Done,
    /// It is given up; the source is being opened again.
    Undo,
    /// It is over, and undone.
    Undone,
}

/// A failover as its target records it, durable before each step is taken (`Placed::keep_note` under
/// [`RunRecord::NOTE`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunRecord {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub choice: Choice,
    /// Who ordered it.
    pub by: String,
    /// When it began, in text (RFC 3339).
    pub since: String,
    /// How far it is.
    pub stage: Stage,
    /// The epoch that the target enters.
    pub epoch: u64,
    /// The highest epoch that somebody had entered when it was judged.
    #[serde(default)]
    pub seen: u64,
    /// The version above which its versions begin.
    pub above: u64,
    /// Where the source's log stood when it was closed.
    pub closed: Option<Source>,
    /// The export file.
    pub export: Option<String>,
    /// Where the target's log stood when it had taken over.
    pub promoted: Option<Source>,
    /// What was found before.
    pub preflight: Preflight,
    /// The steps so far.
    pub steps: Vec<StepReport>,
    /// The source was asked to close: it must be opened again when this is given up.
    pub asked_to_close: bool,
    /// Changes that are lost.
    pub lost: Vec<Lost>,
    /// What is to be said of losses that cannot be known.
    pub uncertain: Option<String>,
    /// Ticks of the target's clock when the source, which took changes until then, was asked to close.
    pub closing: Option<i64>,
    /// How long no change could be made, in milliseconds.
    pub outage: Option<u64>,
    /// The order that it carries out, the last one where there were several.
    #[serde(default)]
    pub order: Option<Ordered>,
    /// Ticks of the target's clock when it was over: done, or undone by order.
    #[serde(default)]
    pub ended: Option<i64>,
    /// Whoever gave the order had the report.
    #[serde(default)]
    pub reported: bool,
}

/// How long a report that nobody had is kept for whoever gave the order, in ticks: a command that was cut off is given
/// again in minutes, and the same order much later is another.
const KEPT: i64 = 15 * 60 * 10_000_000;

impl RunRecord {
    /// The name of the note.
    pub const NOTE: &'static str = "failover";

    /// What the target says of it in its [`super::PlaceState`]; `None` where it is over.
    pub fn underway(&self) -> Option<Underway> {
        if matches!(self.stage, Stage::Done | Stage::Undone) {
            return None;
        }
        Some(self.as_underway())
    }

    /// What the target says of it where it is over, and nobody had the report: for a while, and as long as the database
    /// here, whose role and epochs are given, is as it left it.
    pub fn unreported(&self, now: DateTime, role: Role, epoch: u64, highest: u64) -> Option<Unreported> {
        let fresh = self.ended.is_some_and(|ended| now.ticks.saturating_sub(ended) < KEPT);
        let stands = match self.stage {
            Stage::Done => role == Role::Active && self.promoted.as_ref().is_some_and(|at| at.epoch == epoch),
            Stage::Undone => role != Role::Active && highest < self.epoch,
            _ => false,
        };
        let order = self.order.clone().filter(|_| fresh && stands && !self.reported)?;
        Some(Unreported { underway: self.as_underway(), order, undone: self.stage == Stage::Undone })
    }

    /// Whether the driver goes on with it by itself when it starts: it is decided, and only others are to be told. Before
    /// the switch an administrator says whether it is finished or undone.
    pub fn goes_on_alone(&self) -> bool {
        matches!(self.stage, Stage::Release | Stage::Follow | Stage::Undo)
    }

    /// Whether it is over because somebody began its epoch or a later one without it, or, where it took over, went on from
    /// there: `epoch` is that of the database here, `highest` the highest that this place knows somebody entered. Nothing
    /// of it can be done any more.
    pub fn overtaken(&self, epoch: u64, highest: u64) -> bool {
        match self.stage {
            Stage::Close | Stage::Pull | Stage::Export | Stage::Promote | Stage::Undo => {
                highest >= self.epoch && epoch != self.epoch
            }
            Stage::Release | Stage::Follow => highest > self.entered(),
            Stage::Done | Stage::Undone => false,
        }
    }

    /// The stage of one that is [`RunRecord::overtaken`].
    pub fn overtaken_stage(&self) -> Stage {
        if matches!(self.stage, Stage::Release | Stage::Follow) { Stage::Done } else { Stage::Undone }
    }

    /// What the target says of it where it was given up and was no way back itself: as long as nobody went on since.
    pub fn given_up(&self, highest: u64) -> Option<Underway> {
        let leads_back = self.choice.wish == Some(Wish::Restore);
        (self.stage == Stage::Undone && !leads_back && highest < self.epoch).then(|| self.as_underway())
    }

    /// Whether the database, whose role and epoch here are given, came here on its way back: there is none to lead further.
    pub fn restored(&self, role: Role, epoch: u64) -> bool {
        let over = matches!(self.stage, Stage::Promote | Stage::Release | Stage::Follow | Stage::Done);
        over && role == Role::Active && self.entered() == epoch && self.choice.wish == Some(Wish::Restore)
    }

    /// The epoch in which it took over, or was to.
    fn entered(&self) -> u64 {
        self.promoted.as_ref().map_or(self.epoch, |at| at.epoch)
    }

    /// What became of it, where it is over.
    pub fn report(self, followers: Vec<Following>) -> Report {
        let promoted = self.promoted.unwrap_or_default();
        Report {
            id: self.id,
            preflight: self.preflight,
            steps: self.steps,
            epoch: promoted.epoch,
            version: promoted.version,
            lost: self.lost,
            uncertain: self.uncertain,
            export: self.export.unwrap_or_default(),
            followers,
            outage: self.outage,
            by: self.by,
            undone: self.stage == Stage::Undone,
        }
    }

    fn as_underway(&self) -> Underway {
        Underway {
            id: self.id.clone(),
            source: self.choice.source.computer.clone(),
            target: self.choice.target.computer.clone(),
            mode: Some(self.choice.mode),
            epoch: self.epoch,
            by: self.by.clone(),
            since: self.since.clone(),
            step: format!("{:?}", self.stage),
        }
    }
}

/// Something that the driver does over the network or on the disk, and of which it tells what came of it.
#[derive(Clone, Debug)]
pub enum Work {
    /// Ask these computers for their place, the target's own too: [`Seen::Places`]. Who is silent for 2 s is an error.
    AskPlaces {
        /// The computers.
        computers: Vec<String>,
    },
    /// Ask what each replica holds, and of those that hold a version above this one the documents after it:
    /// [`Seen::Replicas`]. Who is silent for 2 s did not answer.
    AskReplicas {
        /// The version; `None`: no documents.
        after: Option<u64>,
    },
    /// Let a computer close its place (`PlaceOrder::Close`): [`Seen::At`], where its log stands since it is closed.
    Close {
        /// The computer.
        computer: String,
        /// The failover.
        underway: Underway,
    },
    /// Let the target's own place never take over for this failover (`PlaceOrder::Forget`): [`Seen::Nothing`].
    Forget {
        /// The failover.
        failover: String,
        /// The epoch that it would have entered.
        epoch: u64,
    },
    /// Let a computer open its place again (`PlaceOrder::Reopen`): [`Seen::Nothing`].
    Reopen {
        /// The computer.
        computer: String,
        /// The failover.
        failover: String,
    },
    /// Take the log of another place here until this position, or as far as it goes: [`Seen::At`], where the log stands
    /// here then. Serves a closed and a standby place as source too. What is here and not there goes to the unsent file.
    Pull {
        /// The computer.
        from: String,
        /// The position.
        to: Source,
    },
    /// Write the database to a file: [`Seen::File`], its path.
    Export,
    /// Take over (`PlaceOrder::Promote`, in whose transaction `placement`, the topology with `active_pool` and the audit
    /// entry are written): [`Seen::At`], or [`Seen::Unsure`]. An error says that nothing changed, for certain.
    Promote {
        /// The failover.
        failover: String,
        /// The epoch.
        epoch: u64,
        /// The highest epoch that somebody may have entered: `PlaceOrder::Promote`.
        seen: u64,
        /// Versions begin above this one.
        above: u64,
        /// The log must stand here; else `TargetBehind`, and nothing changes.
        must: Option<Source>,
        /// The document that says where the database is.
        placement: Box<Placement>,
        /// The pool that becomes active in the topology; `None` where that does not change.
        active_pool: Option<String>,
    },
    /// Tell computers who serves now (`PlaceOrder::Release`), all at once: [`Seen::Told`].
    Release {
        /// The computers.
        computers: Vec<String>,
        /// The failover.
        failover: String,
        /// The epoch.
        epoch: u64,
    },
    /// Wait until every replica holds this epoch and version, or `within` is over: [`Seen::Following`].
    WatchReplicas {
        /// The epoch.
        epoch: u64,
        /// The version.
        version: u64,
    },
}

/// What came of a work.
#[derive(Clone, Debug)]
pub enum Seen {
    /// It is done.
    Nothing,
    /// What the places said.
    Places(Vec<PlaceAnswer>),
    /// What the replicas said.
    Replicas(Vec<ReplicaFact>),
    /// Where a log stands.
    At(Source),
    /// A file's path.
    File(String),
    /// It is not known whether it was done: what kept that from being known.
    Unsure(ErrorRecord),
    /// Who was told, and who could not be.
    Told(Vec<(String, Result<(), ErrorRecord>)>),
    /// How the replicas follow.
    Following(Vec<Following>),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// It begins, or goes on from its record: first of all, once.
    Start,
    /// What came of a work.
    Seen {
        /// Which.
        ticket: u64,
        /// What.
        result: Result<Seen, ErrorRecord>,
    },
    /// Somebody entered this epoch after the target took over: nobody is left to be told.
    Overtaken {
        /// The epoch.
        epoch: u64,
    },
    /// The administrator gives up. Undone if the target has not taken over yet.
    Cancel,
    /// Time goes by: every 100 ms or so.
    Tick,
}

/// What is to be done, in the order of the list.
#[derive(Clone, Debug)]
pub enum RunEffect {
    /// Keep this; durable before the next effect. Where it fails the run is dropped and the order fails with the error:
    /// the record that is durable says how it goes on.
    Record(Box<RunRecord>),
    /// Do something; one at a time. After `within` milliseconds the machine goes on without it: what comes later under
    /// its ticket is ignored.
    Do {
        /// Its name.
        ticket: u64,
        /// What.
        work: Work,
        /// Milliseconds that it may take.
        within: u64,
    },
    /// A step began or is over.
    Told(StepReport),
    /// It is over, and done or undone.
    Done(Box<Report>),
    /// It is over, and failed; the record, if there is one, says how it goes on when it is run again.
    Failed(ErrorRecord),
}

/// How the machine's bounds are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Milliseconds that the replicas are waited for.
    pub within: u64,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits { within: 30_000 }
    }
}
