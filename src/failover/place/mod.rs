//! The place machine: whether this computer may serve a database.
//!
//! # Why two places never acknowledge in one epoch
//! A place acknowledges only while it serves, and it serves in the epoch of its database. It enters an epoch in one way,
//! [`PlaceEffect::Promote`], and only one above every epoch that it knows of; [`super::epoch`] gives every place epochs
//! that no other can choose. So two places could share an epoch only if one of them entered it twice. It does not: what
//! it entered is in [`PlaceRecord::highest_epoch`] before it becomes a standby, and a log is taken back only at a standby.
//!
//! A place that did not run for a while (its process stopped, its computer suspended) may have been given up: what waits
//! there for an acknowledgement gets none before the others were asked once more ([`PlaceEvent::Slept`]).
//!
//! An epoch that was chosen and not entered (a failover that is given up) is told to nobody as a highest epoch, else the
//! former place would end itself for a successor that never comes.
//!
//! # Why a planned failover loses nothing
//! The source closes durably before it answers where its log stands. Closed, it acknowledges nothing, and it stays so
//! over restarts. The target takes the log to exactly that row, compared by hash, and promotes itself only if its log
//! still stands there. The source takes changes again only for a failover that its target gave up, which the target
//! records durably before it says so, and then never promotes itself for it: [`PlaceRecord::over`] at both refuses what
//! comes late. So of "the source acknowledges more" and "the target takes over" at most one happens.
//!
//! What a failover after a disaster may lose, and how the higher of two epochs wins, stands in [`super::run`].

mod machine;

use super::state::{PlaceState, Underway};
use crate::error::ErrorRecord;
use crate::store::Role;
use crate::value::same_name;
pub use machine::Place;
use serde::{Deserialize, Serialize};

/// Failovers that a place remembers as over: what comes late of them is seconds old, not sixteen failovers.
const REMEMBERED: usize = 16;
/// What a place keeps beside its database, durable, never shipped (`Placed::keep_note` under [`PlaceRecord::NOTE`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PlaceRecord {
    /// The highest epoch that it knows somebody entered. Taking back the log does not take this back.
    pub highest_epoch: u64,
    /// The failover for which it is closed.
    pub closed: Option<Underway>,
    /// Failovers for which it opened again, or that it gave up as the target: what comes late for them is refused. The
    /// newest last, at most 16.
    pub over: Vec<String>,
}

impl PlaceRecord {
    /// The name of the note.
    pub const NOTE: &'static str = "place";

    fn forget(&mut self, failover: &str) {
        if !self.over.iter().any(|id| id == failover) {
            self.over.push(failover.to_owned());
            let more = self.over.len().saturating_sub(REMEMBERED);
            self.over.drain(..more);
        }
    }
}

/// What a place says of itself, in an answer or in any other message: enough to know who is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Claim {
    /// Which computer.
    pub computer: String,
    /// What the database is there; `None` where it holds none, or where the message does not say.
    pub role: Option<Role>,
    /// The epoch of its database.
    pub epoch: u64,
    /// The highest epoch that it knows somebody entered.
    pub highest_epoch: u64,
    /// The failover to it that it gave up, until the source is known to be open again.
    #[serde(default)]
    pub undone: Option<String>,
}

impl Claim {
    /// What the answer of a place claims.
    pub fn of(state: &PlaceState) -> Claim {
        let undone = |underway: &&Underway| underway.step == "Undo" && same_name(&underway.target, &state.computer);
        Claim {
            computer: state.computer.clone(),
            role: state.role,
            epoch: state.position.epoch,
            highest_epoch: state.highest_epoch,
            undone: state.underway.as_ref().filter(undone).map(|underway| underway.id.clone()),
        }
    }
}

/// What came of asking a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It answered.
    Said(Claim),
    /// It refused the connection: nothing runs there.
    Refused,
    /// Nothing came for 2 s.
    Silent,
}

/// What a place is ordered to do by the computer to which the database goes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOrder {
    /// Take no more changes. The answer comes when that is durable; the driver adds where the log stands then.
    Close(Underway),
    /// Take changes again: the failover was given up, durably, by its target.
    Reopen {
        /// Which failover.
        failover: String,
    },
    /// The target serves: follow it.
    Release {
        /// Which failover.
        failover: String,
        /// The computer that serves now.
        computer: String,
        /// Its epoch.
        epoch: u64,
    },
    /// Never take the database over here for a failover that is given up, whatever comes late of it: durable before the
    /// answer, `TargetIsActive` where it happened already.
    Forget {
        /// Which failover.
        failover: String,
        /// The epoch that it would have entered.
        epoch: u64,
    },
    /// Take the database over here.
    Promote {
        /// Which failover.
        failover: String,
        /// In this epoch.
        epoch: u64,
        /// The highest epoch that somebody had entered when the failover was judged. Who entered one since has taken
        /// over first, and what it acknowledged must not be passed over.
        seen: u64,
    },
}

/// What happened.
#[derive(Clone, Debug)]
pub enum PlaceEvent {
    /// It begins: first of all, once.
    Start,
    /// The other places of the database, as the topology says now.
    Places(Vec<String>),
    /// What came of [`PlaceEffect::Ask`], for each that was asked.
    Answer {
        /// Who was asked.
        computer: String,
        /// What came.
        reply: Reply,
    },
    /// A place of the database spoke of epochs in whatever message, proven to be that computer.
    Heard(Claim),
    /// An order. The caller has proven that it may give it: it is a keeper of this database.
    Order {
        /// Names the order in the answer.
        ticket: u64,
        /// What.
        order: PlaceOrder,
    },
    /// The transaction of [`PlaceEffect::Promote`] is durable.
    Promoted {
        /// The epoch.
        epoch: u64,
    },
    /// The transaction of [`PlaceEffect::Promote`] failed, and it is certain that nothing changed.
    PromoteFailed(ErrorRecord),
    /// The log that it follows went on, or back: the epoch of the database now.
    Followed {
        /// The epoch.
        epoch: u64,
    },
    /// The source that it follows cannot be reached, or refuses.
    Lost,
    /// This process did not run for a while, and may have been given up meanwhile. Answers to what was asked before it are
    /// asked for again by the driver, and never given to the machine.
    Slept,
    /// Time goes by: every second or so.
    Tick,
}

/// What is to be done, in the order of the list. Where a durable effect fails the machine is dropped, nothing of the rest
/// is done, the database serves nobody, and it is loaded again.
#[derive(Clone, Debug)]
pub enum PlaceEffect {
    /// Ask these computers for their place; each question ends with [`PlaceEvent::Answer`] within 2 s.
    Ask(Vec<String>),
    /// Keep this; durable before the next effect.
    Keep(PlaceRecord),
    /// Make the database this; durable before the next effect.
    SetRole(Role),
    /// Changes are taken here from now on, or no more: who waits for an acknowledgement gets `EpochOver` then.
    Serve(bool),
    /// The others were asked since [`PlaceEvent::Slept`], and none knows of a newer epoch: what waits for an
    /// acknowledgement since then gets it.
    Assured,
    /// Follow this computer's log; `None`: follow nobody. The follower tells [`Place::highest_epoch`] as its epoch and
    /// takes nothing from a source whose epoch is lower.
    Follow(Option<String>),
    /// Stop following, and promote the database in this epoch; then [`PlaceEvent::Promoted`] or
    /// [`PlaceEvent::PromoteFailed`]. Where it is not known what became of it the machine is dropped: the database says it
    /// when it is loaded again.
    Promote {
        /// The failover.
        failover: String,
        /// The epoch.
        epoch: u64,
        /// The order that is answered after it.
        ticket: u64,
    },
    /// The answer to an order.
    Answer {
        /// Which.
        ticket: u64,
        /// `Ok`, or why not.
        result: Result<(), ErrorRecord>,
    },
}
