//! Failover: what is chosen, judged, and done in which order.

mod choose;
mod place;
mod preflight;
mod run;
mod walk;

use super::{FeedState, PlaceAnswer, PlaceState, Source};
use crate::error::{Category, ErrorRecord};
use crate::store::Role;
use crate::topology::Topology;
use crate::topology::sample::{LITWAREINC, LITWAREINC_MIRRORED};

const ATLANTA: &str = "atl-cs-001.litwareinc.com";
const MIRROR: &str = "atl-sql-002.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";

fn plain() -> Topology {
    Topology::parse(LITWAREINC).unwrap()
}

fn mirrored() -> Topology {
    Topology::parse(LITWAREINC_MIRRORED).unwrap()
}

/// A place that is well: of an epoch, with so many rows and as many versions.
fn state(computer: &str, role: Role, epoch: u64, rows: u64) -> PlaceState {
    let follows = (role == Role::Standby).then(|| ATLANTA.to_owned());
    PlaceState {
        computer: computer.to_owned(),
        database: "CentralMgmt".to_owned(),
        role: Some(role),
        serves: role == Role::Active,
        position: Source { epoch, sequence: rows, hash: format!("{rows}"), version: rows, chain: String::new() },
        highest_epoch: epoch,
        feed: follows.as_ref().map(|_| FeedState::Synchronized),
        follows,
        last_contact: None,
        error: None,
        feeds: Vec::new(),
        underway: None,
        unreported: None,
        runs: false,
        given_up: None,
        restored: false,
        exports: None,
        unsent: None,
        free: 1 << 40,
        size: 1 << 20,
        product: "1.0".to_owned(),
        certificate_not_after: None,
    }
}

fn said(state: PlaceState) -> PlaceAnswer {
    PlaceAnswer { computer: state.computer.clone(), state: Ok(state) }
}

fn silent(computer: &str) -> PlaceAnswer {
    let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "It does not answer.");
    PlaceAnswer { computer: computer.to_owned(), state: Err(error) }
}
