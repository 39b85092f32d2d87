//! The state of the Central Management store as its places tell it: also when the active one is lost, and when two claim
//! to be it.

use super::{ask, records};
use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{Doubled, FeedState, PlaceAnswer, PlaceState, ReplicaFact, doubled, unheard};
use crate::replication::{CentralState, ReplicaState};
use crate::store::Role;
use crate::topology::{Database, Topology};
use crate::value::{date, same_name};

/// What the places that are not active say.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Their computers.
    pub standby: Vec<String>,
    /// How well each follows, in the same order.
    pub states: Vec<String>,
    /// Files with changes that nobody else has, `computer: file`.
    pub unsent: Vec<String>,
}

/// Puts it out; two claimants are an error too.
pub(super) fn show(cx: &mut Context, topology: &Topology) -> Result<(), Halt> {
    let Some(failover) = cx.session.deployment()?.failover().cloned() else {
        let state = ask(cx, |control| control.central())?;
        return cx.output(records::central(&state, &Others::default()));
    };
    let answers = failover.places(&Database::CentralMgmt)?;
    let claims = claims(&answers);
    let doubled = doubled(&answers);
    if let Some(error) = two(&claims).or_else(|| doubled.as_ref().map(both)) {
        cx.error(error)?;
    }
    let active = claims.last().copied();
    let here = cx.deployment()?.computer().to_string();
    let mut state = match active {
        // What it knows of its replicas only it can tell.
        Some(active) if same_name(&active.computer, &here) => ask(cx, |control| control.central())?,
        _ => CentralState {
            active_replicas: topology.replicas().map(|computer| computer.fqdn.clone()).collect(),
            ..CentralState::default()
        },
    };
    let known = answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    let newest = active.or_else(|| known.max_by_key(|place| (place.position.epoch, place.position.version)));
    state.epoch = newest.map(|place| place.position.epoch);
    state.version = newest.map(|place| place.position.version);
    state.active_master_fqdn = active.map(|active| pool_of(topology, &active.computer));
    // What is shown was asked just now; of a store that does not answer it is as old as what was last heard of it.
    let heard = newest.and_then(|place| place.last_contact).filter(|_| active.is_none());
    state.last_updated_on = state.last_updated_on.or(heard).or_else(|| Some(date::now()));
    if active.is_some() {
        state.active_master_last_heartbeat = state.active_master_last_heartbeat.or_else(|| Some(date::now()));
    } else if doubled.is_none() {
        let who = unheard(&answers).map_or_else(String::new, |(computer, epoch)| {
            format!(" {computer} took it over in epoch {epoch}, and does not answer.")
        });
        cx.warning(format!(
            "No computer of the store answers as the active one.{who} Invoke-CsManagementServerFailover -WhatIf says where it \
             could go."
        ));
    }
    cx.output(records::central(&state, &others(&answers, active)))
}

/// Those that serve as the active one, the one that counts last.
fn claims(answers: &[PlaceAnswer]) -> Vec<&PlaceState> {
    let states = answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    let mut claims: Vec<&PlaceState> =
        states.filter(|place| place.role == Some(Role::Active) && place.serves).collect();
    claims.sort_by_key(|place| (place.position.epoch, place.position.version));
    claims
}

/// More than one serves.
fn two(claims: &[&PlaceState]) -> Option<ErrorRecord> {
    let (counts, over) = claims.split_last().filter(|(_, over)| !over.is_empty())?;
    let one = |place: &&PlaceState| {
        format!("{} (epoch {}, version {})", place.computer, place.position.epoch, place.position.version)
    };
    let all: Vec<String> = claims.iter().map(one).collect();
    let message =
        format!("{} computers serve as the active Central Management store: {}.", claims.len(), all.join(", "));
    let names: Vec<&str> = over.iter().map(|place| place.computer.as_str()).collect();
    Some(
        ErrorRecord::new("TwoActiveStores", Category::InvalidData, message)
            .target(counts.computer.as_str())
            .hint(format!("{} has the newest epoch and counts.", counts.computer))
            .hint(format!(
                "Start the server of {} again: it then follows, and keeps in a file what only it has.",
                names.join(", ")
            )),
    )
}

/// Several hold it in one epoch, and none of them serves.
fn both(doubled: &Doubled) -> ErrorRecord {
    let message = format!("{} That does not mend itself.", doubled.sentence());
    ErrorRecord::new("TwoActiveStores", Category::InvalidData, message).hint(Doubled::ADVICE)
}

fn others(answers: &[PlaceAnswer], active: Option<&PlaceState>) -> Others {
    let mut others = Others::default();
    for answer in answers {
        if let Ok(PlaceState { unsent: Some(file), .. }) = &answer.state {
            others.unsent.push(format!("{}: {file}", answer.computer));
        }
        if active.is_some_and(|active| same_name(&active.computer, &answer.computer)) {
            continue;
        }
        // The active one's word on it is the fresher one: it knows what it acknowledged.
        let fed = active
            .and_then(|active| active.feeds.iter().find(|feed| same_name(&feed.computer, &answer.computer)))
            .map(|feed| feed.state);
        others.standby.push(answer.computer.clone());
        others.states.push(
            match &answer.state {
                Err(_) => "Unreachable",
                Ok(PlaceState { role: None, .. }) => "Empty",
                Ok(PlaceState { role: Some(Role::Closed), .. }) => "Closed",
                Ok(PlaceState { role: Some(Role::Active), .. }) => "Active",
                Ok(PlaceState { role: Some(Role::Standby), feed, .. }) => match fed.or(*feed) {
                    Some(FeedState::Synchronized) => "Synchronized",
                    Some(FeedState::Synchronizing) => "Synchronizing",
                    Some(FeedState::Unsynchronized) | None => "Unsynchronized",
                },
            }
            .to_string(),
        );
    }
    others
}

/// The pool of the store's place at a computer. A mirror is named itself: the pool's own computer may be lost.
fn pool_of(topology: &Topology, computer: &str) -> String {
    let places = topology.store_places();
    let here = places.into_iter().find(|place| same_name(&place.sql.computer, computer));
    here.map_or_else(|| computer.to_string(), |place| place.pool)
}

/// How the replicas stand where the active store does not answer: they are asked themselves, and say less than it knows.
///
/// # Errors
/// `halt`, where that is another matter, or nobody can be asked.
pub(super) fn elsewhere(cx: &mut Context, halt: Halt) -> Result<Vec<ReplicaState>, Halt> {
    let lost = matches!(&halt, Halt::Error(error) if error.id() == "NotActive");
    let Some(failover) = cx.session.deployment()?.failover().cloned().filter(|_| lost) else { return Err(halt) };
    let Ok(facts) = failover.replicas() else { return Err(halt) };
    // Why this computer is asked and not the active one, who came here knows; whether that one answers can be seen.
    let answers = failover.places(&Database::CentralMgmt).unwrap_or_default();
    let why = match claims(&answers).last() {
        Some(active) => format!(
            "What {}, which has the active Central Management store, knows of the replicas only it can say; this is {}.",
            active.computer,
            cx.deployment()?.computer()
        ),
        None => "The active Central Management store does not answer.".to_string(),
    };
    cx.warning(format!(
        "{why} The replicas were asked themselves; they are compared with the newest copy of the store that answers."
    ));
    Ok(facts.into_iter().map(asked).collect())
}

/// What a replica said itself.
fn asked(fact: ReplicaFact) -> ReplicaState {
    ReplicaState {
        replica_fqdn: fact.computer,
        up_to_date: fact.up_to_date,
        version_held: fact.version,
        epoch: fact.epoch,
        last_contact: fact.answered.then(date::now),
        reason: fact.reason,
        ..ReplicaState::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failover::{Feed, Source};

    fn answer(computer: &str, role: Option<Role>, epoch: u64) -> PlaceAnswer {
        PlaceAnswer {
            computer: computer.into(),
            state: Ok(PlaceState {
                computer: computer.into(),
                database: "CentralMgmt".into(),
                role,
                serves: role == Some(Role::Active),
                position: Source { epoch, version: epoch * 10, ..Source::default() },
                highest_epoch: epoch,
                follows: None,
                feed: Some(FeedState::Synchronizing),
                ..PlaceState::default()
            }),
        }
    }

    /// Rule: two that serve are an error with the epoch of each, and the newer one counts; one that only holds an active
    /// database and does not serve yet claims nothing.
    #[test]
    fn two_claimants() {
        let active = Some(Role::Active);
        let answers = [answer("b", active, 9), answer("a", active, 1), answer("c", Some(Role::Standby), 9)];
        let found = claims(&answers);
        assert_eq!(found.last().map(|place| place.computer.as_str()), Some("b"));
        let error = two(&found).unwrap();
        assert_eq!(error.id(), "TwoActiveStores");
        assert!(error.message().contains("a (epoch 1,") && error.message().contains("b (epoch 9,"), "{error:?}");
        let mut waiting = answer("a", active, 1);
        if let Ok(state) = &mut waiting.state {
            state.serves = false;
        }
        let answers = [answer("b", active, 9), waiting];
        assert!(two(&claims(&answers)).is_none());
        assert!(two(&[]).is_none());
    }

    /// Rule: two that hold it in one epoch serve both not, and are an error with that epoch and what mends it.
    #[test]
    fn two_in_one_epoch() {
        let idle = |computer: &str, epoch| {
            let mut answer = answer(computer, Some(Role::Active), epoch);
            if let Ok(state) = &mut answer.state {
                state.serves = false;
            }
            answer
        };
        let error = both(&doubled(&[idle("a", 9), idle("b", 9)]).unwrap());
        assert_eq!(error.id(), "TwoActiveStores");
        assert!(error.message().contains("a and b") && error.message().contains("epoch 9"), "{error:?}");
        assert!(error.hints().iter().any(|hint| hint.contains("keep its database file elsewhere")), "{error:?}");
        assert!(doubled(&[idle("a", 1), idle("b", 9)]).is_none());
    }

    /// Rule: where a mirror is active it is named itself; else the pool.
    #[test]
    fn who_is_active_is_named() {
        let topology = Topology::parse(crate::topology::sample::LITWAREINC_MIRRORED).unwrap();
        for computer in ["atl-cs-001.litwareinc.com", "atl-sql-002.litwareinc.com", "redmond-cs-001.litwareinc.com"] {
            assert_eq!(pool_of(&topology, computer), computer);
        }
    }

    /// Rule: the others are named with how well they follow, as the active one knows it first, and with what only they
    /// have.
    #[test]
    fn the_others() {
        let mut active = answer("a", Some(Role::Active), 1);
        let mut standby = answer("b", Some(Role::Standby), 1);
        if let (Ok(active), Ok(standby)) = (&mut active.state, &mut standby.state) {
            active.feeds.push(Feed {
                computer: "B".into(),
                synchronous: false,
                state: FeedState::Synchronized,
                sequence: 1,
                version: 1,
                last_contact: None,
            });
            standby.unsent = Some("store/unsent/x.json".into());
        }
        let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "silent");
        let gone = PlaceAnswer { computer: "c".into(), state: Err(error) };
        let answers = [active, standby, gone];
        let found = others(&answers, claims(&answers).last().copied());
        assert_eq!(found.standby, ["b", "c"]);
        assert_eq!(found.states, ["Synchronized", "Unreachable"]);
        assert_eq!(found.unsent, ["b: store/unsent/x.json"]);
    }
}
