//! What a computer says of its place of a database: the facts from which everything is decided.

use super::wish::Wish;
use crate::store::Role;
use crate::value::DateTime;
use serde::{Deserialize, Serialize};

/// A position as it travels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Source {
    /// The epoch.
    pub epoch: u64,
    /// The last row of the log.
    pub sequence: u64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
    /// The version.
    pub version: u64,
    /// The chain at that version, in hexadecimal digits.
    pub chain: String,
}

/// How well a place follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeedState {
    /// It has everything, and a change is acknowledged only when it is there too (a mirror), or it had everything when it
    /// was last heard (a standby).
    Synchronized,
    /// It is taking what it misses.
    Synchronizing,
    /// Changes are acknowledged without it, or it cannot be reached.
    Unsynchronized,
}

/// What the active place knows of one that follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Feed {
    /// The computer that follows.
    pub computer: String,
    /// A change waits for it (a mirror).
    pub synchronous: bool,
    /// How well.
    pub state: FeedState,
    /// The last row that is durable there.
    pub sequence: u64,
    /// The version there.
    pub version: u64,
    /// When it was last heard.
    #[serde(with = "super::state::ticks")]
    pub last_contact: Option<DateTime>,
}

/// A failover that was begun and is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Underway {
    /// Its id.
    pub id: String,
    /// From this computer.
    pub source: String,
    /// To this one.
    pub target: String,
    /// How.
    #[serde(default)]
    pub mode: Option<super::Mode>,
    /// The epoch that the target enters.
    pub epoch: u64,
    /// Who began it.
    pub by: String,
    /// When, in text (RFC 3339).
    pub since: String,
    /// The last step that is recorded.
    pub step: String,
}

impl Underway {
    /// Whether it is over, done or undone, and only its report is left.
    pub fn is_over(&self) -> bool {
        matches!(self.step.as_str(), "Done" | "Undone")
    }

    /// What it is, in a sentence.
    pub fn sentence(&self) -> String {
        let how = match self.step.as_str() {
            "Done" => "is over, and nobody had its report".to_owned(),
            "Undone" => "was undone, and nobody had its report".to_owned(),
            step => format!("is not over (step {step})"),
        };
        let (id, source, target, by) = (&self.id, &self.source, &self.target, &self.by);
        let since = moment(&self.since);
        format!("The failover {id} from {source} to {target}, which {by} began at {since}, {how}.")
    }
}

/// Whose order a failover carried out last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ordered {
    /// What was wanted.
    pub wish: Wish,
    /// Who wanted it.
    pub by: String,
}

/// A failover that is over, and of which whoever ordered it has had no report: given the same order again its target
/// answers with the report, and does not begin another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unreported {
    /// Which.
    pub underway: Underway,
    /// The order.
    pub order: Ordered,
    /// It was undone.
    pub undone: bool,
}

/// A moment in text (RFC 3339, UTC) as people read it.
pub fn moment(text: &str) -> String {
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) if text.ends_with('Z') => format!("{day} {time} UTC"),
        _ => text.to_owned(),
    }
}

/// What a computer says of its place of a database (`GET /v1/place/<database>`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlaceState {
    /// The computer.
    pub computer: String,
    /// The database.
    pub database: String,
    /// What the database is there; `None` where it holds none.
    pub role: Option<Role>,
    /// It serves: it is active, and knows that nobody else is.
    pub serves: bool,
    /// Where its log stands.
    pub position: Source,
    /// The highest epoch that it heard of.
    pub highest_epoch: u64,
    /// The computer that it follows.
    pub follows: Option<String>,
    /// How well, as it knows itself.
    pub feed: Option<FeedState>,
    /// When it last heard of the one that it follows.
    #[serde(with = "ticks")]
    pub last_contact: Option<DateTime>,
    /// What keeps it from following, `Id: message`.
    pub error: Option<String>,
    /// Those that follow it.
    pub feeds: Vec<Feed>,
    /// A failover that it takes part in.
    pub underway: Option<Underway>,
    /// The failover to here that was over last, where nobody had its report.
    #[serde(default)]
    pub unreported: Option<Unreported>,
    /// A failover is being carried out here, to here, at this moment.
    #[serde(default)]
    pub runs: bool,
    /// The failover to here that was given up last, as long as nobody went on since; none that was to lead back.
    #[serde(default)]
    pub given_up: Option<Underway>,
    /// The database came here by being led back.
    #[serde(default)]
    pub restored: bool,
    /// The file with changes that nobody else has, since it came back.
    pub unsent: Option<String>,
    /// Bytes that are free where its exports go.
    pub free: u64,
    /// Why no export can be written there.
    #[serde(default)]
    pub exports: Option<String>,
    /// Bytes that the database takes.
    pub size: u64,
    /// The version of its program.
    pub product: String,
    /// Until when its certificate is valid.
    #[serde(with = "ticks")]
    pub certificate_not_after: Option<DateTime>,
}

/// What came of asking a computer for its place.
#[derive(Clone, Debug)]
pub struct PlaceAnswer {
    /// The computer.
    pub computer: String,
    /// What it said, or why there is no answer.
    pub state: Result<PlaceState, crate::error::ErrorRecord>,
}

/// Times as ticks, always UTC.
pub(crate) mod ticks {
    use crate::value::{DateTime, DateTimeKind};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(time: &Option<DateTime>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.ticks).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime>, D::Error> {
        let ticks = Option::<i64>::deserialize(from)?;
        Ok(ticks.map(|ticks| DateTime { ticks, kind: DateTimeKind::Utc }))
    }
}
