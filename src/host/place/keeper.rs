//! Who may ask a computer something that has to do with places of databases: decided here, for all routes.

use crate::error::{Category, ErrorRecord};
use crate::host::known::Known;
use crate::net::PeerName;
use crate::net::http::Caller;
use crate::topology::Database;
use crate::value::same_name;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What a place says of itself: `GET /v1/place/<database>`.
    Place,
    /// That a place closes, opens again, is let go, or learns that it is over: `POST /v1/place/<database>`.
    Order,
    /// The log: `POST /v1/log/<database>`.
    Log,
    /// That a database goes over: `POST /v1/failover`.
    Failover,
    /// Documents that a replica has beyond a version: `GET /v1/replica/after`.
    After,
    /// The authority's key, for a new place of the store: `POST /v1/authority`.
    Authority,
}

impl Question {
    /// All of them.
    pub const ALL: [Question; 6] = [
        Question::Place,
        Question::Order,
        Question::Log,
        Question::Failover,
        Question::After,
        Question::Authority,
    ];

    /// Whether the keepers of the store may ask it of a database that they keep no place of: the master writes where
    /// databases are, so it asks how they are and hands on what an administrator ordered.
    fn of_keepers(self) -> bool {
        matches!(self, Question::Place | Question::Failover | Question::After)
    }
}

/// The computer that asks, if it may: it has a place of the database by what this computer knows.
///
/// # Errors
/// `ComputerCertificateRequired`, `NotKeeper`; `NotReady` where this computer knows no topology yet.
pub fn keeper(
    question: Question,
    caller: &Caller,
    database: &Database,
    known: Option<&Known>,
) -> Result<String, ErrorRecord> {
    let computer = match caller {
        Caller::Peer(peer) => match &peer.name {
            PeerName::Computer(name) => name,
            PeerName::Person(_) => return Err(no_computer()),
        },
        Caller::Local { .. } | Caller::Anonymous => return Err(no_computer()),
    };
    let Some(known) = known else {
        let message = "This computer does not know the topology yet.";
        return Err(ErrorRecord::new("NotReady", Category::ResourceUnavailable, message).hint("Try again in a moment."));
    };
    let keeps_store = || known.keepers.iter().any(|keeper| same_name(keeper, computer));
    if known.has_place(database, computer) || (question.of_keepers() && keeps_store()) {
        return Ok(computer.clone());
    }
    let message = format!("{computer} has no place of {database}, as far as is known here (version {}).", known.version);
    Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message)
        .hint("Get-CsService -CentralManagement and -UserDatabase name the places; see whether this replica is up to date."))
}

fn no_computer() -> ErrorRecord {
    let message = "Only a computer that keeps the database may ask this, by its certificate.";
    ErrorRecord::new("ComputerCertificateRequired", Category::PermissionDenied, message)
}
