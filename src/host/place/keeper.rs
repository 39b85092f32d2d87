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
    pub const ALL: [Question; 6] =
        [Question::Place, Question::Order, Question::Log, Question::Failover, Question::After, Question::Authority];

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
    let message = format!(
        "{computer} has no place of {}, as far as is known here (version {}).",
        database.called(),
        known.version
    );
    Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message).hint(
        "Get-CsService -CentralManagement and -UserDatabase name the places; see whether this replica is up to date.",
    ))
}

fn no_computer() -> ErrorRecord {
    let message = "Only a computer that keeps the database may ask this, by its certificate.";
    ErrorRecord::new("ComputerCertificateRequired", Category::PermissionDenied, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Peer;
    use crate::store::SqliteStore;
    use crate::topology::{Topology, sample};
    use crate::value::{DateTime, DateTimeKind};

    fn peer(name: PeerName) -> Caller {
        let at = DateTime { ticks: 0, kind: DateTimeKind::Utc };
        Caller::Peer(Peer { name, serial: "1".into(), thumbprint: "1".into(), not_before: at, not_after: at })
    }

    /// Rule: who may ask what, for all questions: the places of a database each other; the places of the store beside that
    /// how any database is, and they hand on orders to fail over; nobody else anything.
    #[test]
    fn who_may_ask_what() {
        let topology = Topology::parse(sample::LITWAREINC).unwrap();
        let known = Known::of(&SqliteStore::in_memory().unwrap(), topology, None).unwrap();
        let (store, users) = (Database::CentralMgmt, Database::users("dub-pool.litwareinc.com"));
        let places = known.places_of(&users);
        assert!(!places.is_empty(), "the sample's pool in Dublin has a user store");
        let computer = |name: &str| peer(PeerName::Computer(name.into()));
        let keeper_of_store = computer("REDMOND-cs-001.litwareinc.com");
        let keeper_of_users = computer(&places[0]);
        let replica = known.topology.replicas().map(|replica| replica.fqdn.clone());
        let replica = replica.into_iter().find(|name| !places.contains(name) && !known.keepers.contains(name)).unwrap();
        let nobody = [
            computer(&replica),
            computer("elsewhere.example.net"),
            peer(PeerName::Person("Administrator".into())),
            Caller::Local { uid: 0, gid: 0 },
            Caller::Anonymous,
        ];
        for question in Question::ALL {
            let may = |caller: &Caller, database: &Database| keeper(question, caller, database, Some(&known)).is_ok();
            let of_store = matches!(question, Question::Place | Question::Failover | Question::After);
            assert!(may(&keeper_of_store, &store), "{question:?}");
            assert!(may(&keeper_of_users, &users), "{question:?}");
            assert_eq!(may(&keeper_of_store, &users), of_store, "{question:?}");
            assert!(!may(&keeper_of_users, &store), "{question:?}");
            for caller in &nobody {
                for database in [&store, &users] {
                    let refused = keeper(question, caller, database, Some(&known)).unwrap_err();
                    assert_eq!(refused.category(), Category::PermissionDenied, "{question:?} {caller:?}");
                }
            }
            assert_eq!(keeper(question, &keeper_of_store, &store, None).unwrap_err().id(), "NotReady");
        }
    }
}
