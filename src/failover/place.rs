//! The place machine: whether this computer may serve a database.

use super::state::Underway;
use crate::error::ErrorRecord;
use crate::replication::Now;
use crate::store::Role;
use serde::{Deserialize, Serialize};

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
}

/// What a place says of itself, in an answer or in any other message: enough to know who is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Claim {
    /// Which computer.
    pub computer: String,
    /// What the database is there; `None` where it holds none.
    pub role: Option<Role>,
    /// The epoch of its database.
    pub epoch: u64,
    /// The highest epoch that it knows somebody entered.
    pub highest_epoch: u64,
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
    /// Take the database over here.
    Promote {
        /// Which failover.
        failover: String,
        /// In this epoch.
        epoch: u64,
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
    /// The transaction of [`PlaceEffect::Promote`] failed; nothing changed.
    PromoteFailed(ErrorRecord),
    /// The source that it follows cannot be reached, or refuses.
    Lost,
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
    /// Follow this computer's log; `None`: follow nobody. The follower tells [`Place::highest_epoch`] as its epoch and
    /// takes nothing from a source whose epoch is lower.
    Follow(Option<String>),
    /// Stop following, and promote the database in this epoch; then [`PlaceEvent::Promoted`] or
    /// [`PlaceEvent::PromoteFailed`].
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

/// The machine.
#[derive(Clone, Debug)]
pub struct Place {
    me: String,
    role: Role,
    epoch: u64,
    record: PlaceRecord,
    serves: bool,
}

impl Place {
    /// A place as its database and its record say.
    pub fn new(me: &str, others: Vec<String>, role: Role, epoch: u64, record: PlaceRecord) -> Place {
        let _ = others;
        Place { me: me.to_owned(), role, epoch, record, serves: false }
    }

    /// An event goes in, effects come out.
    pub fn step(&mut self, now: Now, event: PlaceEvent) -> Vec<PlaceEffect> {
        let _ = (now, event);
        Vec::new()
    }

    /// It serves: it is active and knows of nobody with a newer epoch.
    pub fn serves(&self) -> bool {
        self.serves
    }

    /// What the database is here.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The highest epoch that it knows somebody entered.
    pub fn highest_epoch(&self) -> u64 {
        self.record.highest_epoch.max(self.epoch)
    }

    /// The failover for which it is closed.
    pub fn closed(&self) -> Option<&Underway> {
        self.record.closed.as_ref()
    }

    /// The computer that it follows.
    pub fn follows(&self) -> Option<&str> {
        None
    }

    /// What it says of itself.
    pub fn claim(&self) -> Claim {
        Claim {
            computer: self.me.clone(),
            role: Some(self.role),
            epoch: self.epoch,
            highest_epoch: self.highest_epoch(),
        }
    }
}
