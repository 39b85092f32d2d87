//! What cmdlets ask of failover, whether a server runs here or only its files are here.

use super::choose::Unfinished;
use super::facts::ReplicaFact;
use super::state::PlaceAnswer;
use super::wish::{Mode, Wish};
use crate::audit::Entry;
use crate::error::ErrorRecord;
use crate::store::Role;
use crate::topology::Database;
use crate::value::{DateTime, same_name};
use serde::{Deserialize, Serialize};

/// One condition of a failover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Condition {
    /// Its stable name: `Target`, `Source`, `Synchronized`, `Replicas`, `Version`, `Space`, `Certificates`, `Underway`.
    pub name: String,
    /// It holds.
    pub passed: bool,
    /// It refuses the failover where it does not hold; else it is a warning.
    pub refuses: bool,
    /// The id of the error that it would be.
    pub id: Option<String>,
    /// What was found.
    pub found: String,
    /// What to do.
    pub advice: Option<String>,
    /// It does not hold yet, and is likely to in a moment, by itself.
    #[serde(default)]
    pub passes: bool,
}

/// Whether a failover would succeed, and what it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Preflight {
    /// The database.
    pub database: String,
    /// How it would go over.
    pub mode: Mode,
    /// The computer that is active now, as far as is known.
    pub source: String,
    /// Its pool.
    pub source_pool: String,
    /// The computer that would take over; empty where there is none.
    pub target: String,
    /// Its pool.
    pub target_pool: String,
    /// The version that the active one has, as far as is known.
    pub source_version: Option<u64>,
    /// The version that the target has.
    pub target_version: Option<u64>,
    /// The epoch that it would enter.
    pub epoch: u64,
    /// Changes known to be lost.
    pub lost: Vec<Lost>,
    /// What is to be said of losses that cannot be known.
    pub uncertain: Option<String>,
    /// All conditions, those that do not hold too.
    pub conditions: Vec<Condition>,
    /// The failover that was begun before and that this finishes or undoes.
    #[serde(default)]
    pub unfinished: Option<Unfinished>,
    /// The target took over for it already: what is left goes on by itself.
    #[serde(default)]
    pub decided: bool,
    /// What the database is at the source.
    #[serde(default)]
    pub source_role: Option<Role>,
}

impl Preflight {
    /// It undoes a failover that is not over.
    pub fn undoes(&self) -> bool {
        self.unfinished.as_ref().is_some_and(|unfinished| unfinished.undo)
    }

    /// The failover that was ordered so is over, and its report is all that is left of it.
    pub fn is_over(&self) -> bool {
        self.unfinished.as_ref().is_some_and(|unfinished| unfinished.underway.is_over())
    }

    /// It is over, and the order of another one could as well be that of this one, given again.
    pub fn repeats(&self) -> bool {
        self.is_over() && self.refusals().any(|condition| condition.id.as_deref() == Some("FailoverOver"))
    }

    /// The source itself is to take the database up again, without the target that it was closed for.
    pub fn again(&self) -> bool {
        !self.target.is_empty() && same_name(&self.source, &self.target)
    }

    /// The conditions that refuse it.
    pub fn refusals(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.refuses && !condition.passed)
    }
}

/// A change that is known to be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Lost {
    /// The version that it had.
    pub version: u64,
    /// The document, `Kind Scope Key`.
    pub document: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// What it held then; `None` for a deletion, and where it is not known.
    pub body: Option<serde_json::Value>,
    /// The computer that has it.
    pub seen_at: String,
}

/// An order to fail over: what is wanted, and the leave of who gave it, which the target's audit log records.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which database.
    pub database: Database,
    /// Where to.
    pub wish: Wish,
    /// Whose leave: made of the grant that `access::authorize` gave.
    pub entry: Entry,
}

/// A step of a failover that began or is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepReport {
    /// Its name: `Preflight`, `Close`, `Drain`, `Export`, `Promote`, `Release`, `Follow`.
    pub name: String,
    /// When it began.
    #[serde(with = "super::state::ticks")]
    pub began: Option<DateTime>,
    /// How long it took, in milliseconds; `None` while it is under way.
    pub milliseconds: Option<u64>,
    /// What was done or found.
    pub found: String,
}

/// How a computer follows after a failover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Following {
    /// The computer.
    pub computer: String,
    /// It has the new epoch's version.
    pub up_to_date: bool,
    /// The version that it reported.
    pub version: Option<u64>,
    /// Why it does not follow.
    pub reason: Option<String>,
}

/// What became of a failover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Report {
    /// Its id.
    pub id: String,
    /// What was found before.
    pub preflight: Preflight,
    /// The steps.
    pub steps: Vec<StepReport>,
    /// The epoch and version in which the target serves.
    pub epoch: u64,
    /// The version.
    pub version: u64,
    /// Changes that are lost, as far as is known.
    pub lost: Vec<Lost>,
    /// What is to be said of losses that cannot be known.
    pub uncertain: Option<String>,
    /// The file at the target to which the database was exported before the switch.
    pub export: String,
    /// How the replicas follow.
    pub followers: Vec<Following>,
    /// How long no change could be made, in milliseconds, as far as is known.
    pub outage: Option<u64>,
    /// Who ordered it.
    pub by: String,
    /// It was undone instead of done.
    pub undone: bool,
}

/// What cmdlets ask of failover.
pub trait Control: Send + Sync {
    /// What every place of a database says of itself.
    ///
    /// # Errors
    /// `RoleNotPresent` where the topology has no such database; those of the store.
    fn places(&self, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord>;

    /// Whether a failover would succeed that somebody orders; touches nothing.
    ///
    /// # Errors
    /// Errors of use, each with its id: `NoStandby`, `TargetNotStandby`, `TargetIsActive`, `NothingToRestore`,
    /// `NotMirrored`, `RoleNotPresent`. What stands in the way otherwise is a condition.
    fn preflight(&self, database: &Database, wish: &Wish, by: &str) -> Result<Preflight, ErrorRecord>;

    /// How the computers that follow the configuration stand, asked of each of them, for where the active store does not
    /// answer.
    ///
    /// # Errors
    /// `HostUnreachable` where nobody can be asked.
    fn replicas(&self) -> Result<Vec<ReplicaFact>, ErrorRecord>;

    /// Whether failovers can be carried out from here at all.
    ///
    /// # Errors
    /// `HostUnreachable` where no server runs.
    fn acts(&self) -> Result<(), ErrorRecord> {
        Ok(())
    }

    /// Fails over. `told` is told of each step as it begins and as it is over.
    ///
    /// # Errors
    /// Those of [`Control::preflight`]; the id of the first condition that refuses, with all of them in the message;
    /// `FailoverFailed`, saying at which step, and how to go on or back.
    fn fail_over(&self, order: &Order, told: &mut dyn FnMut(&StepReport)) -> Result<Report, ErrorRecord>;

    /// Whoever ordered a failover had its report: given once more the order is another one. Where that cannot be told the
    /// report is given once more.
    fn heard(&self, _database: &Database, _report: &Report) {}
}
