//! From wishes to ends.

use super::*;
use crate::failover::{Facts, Known, Mode, Placement, Principal, SqlName, Underway, Wish, choose, epoch, preflight};
use crate::topology::Database;
use crate::value::{DateTime, DateTimeKind};

fn sql(fqdn: &str, instance: Option<&str>) -> SqlName {
    SqlName { fqdn: fqdn.to_owned(), instance: instance.map(str::to_owned) }
}

fn backup(fqdn: &str, instance: Option<&str>) -> Wish {
    Wish::Backup { to: sql(fqdn, instance), mirror: None }
}

fn moved(to: &str, from: &str, pool: &str) -> Placement {
    Placement {
        computer: to.to_owned(),
        epoch: 9,
        from: from.to_owned(),
        from_pool: pool.to_owned(),
        failover: "f".to_owned(),
        mode: "Planned".to_owned(),
        since: String::new(),
        by: String::new(),
    }
}

/// Rule: a wish means one source and one target, by what the topology says.
#[test]
fn a_wish_means_a_source_and_a_target() {
    let side = |principal, force| Wish::Side { principal, force };
    let cases = [
        (plain(), Wish::Next, REDMOND, Mode::Planned),
        (mirrored(), Wish::Next, MIRROR, Mode::Planned),
        (mirrored(), side(Principal::Mirror, false), MIRROR, Mode::Planned),
        (mirrored(), side(Principal::Mirror, true), MIRROR, Mode::Disaster),
        (plain(), backup(REDMOND, Some("rtc")), REDMOND, Mode::Disaster),
        (plain(), backup(REDMOND, None), REDMOND, Mode::Disaster),
        (mirrored(), backup(REDMOND, Some("RTC")), REDMOND, Mode::Disaster),
    ];
    for (topology, wish, target, mode) in cases {
        let choice = choose(&topology, &Database::CentralMgmt, &wish, Known::default()).unwrap();
        assert_eq!((choice.source.computer.as_str(), choice.target.computer.as_str()), (ATLANTA, target), "{wish:?}");
        assert_eq!(choice.mode, mode, "{wish:?}");
        assert_eq!(choice.active_pool().is_some(), target == REDMOND, "{wish:?}");
    }
}

/// Rule: each mistake of use has its id, and what is near is named.
#[test]
fn mistakes_of_use_have_their_ids() {
    let mirror = |fqdn: &str| Wish::Backup { to: sql(REDMOND, None), mirror: Some(sql(fqdn, None)) };
    let side = |principal| Wish::Side { principal, force: false };
    let cases = [
        (plain(), backup("redmond-cs-002.litwareinc.com", None), "TargetNotStandby"),
        (plain(), backup(REDMOND, Some("RTCX")), "TargetNotStandby"),
        (plain(), backup(ATLANTA, None), "TargetIsActive"),
        (plain(), side(Principal::Mirror), "NotMirrored"),
        (mirrored(), side(Principal::Primary), "TargetIsActive"),
        (plain(), Wish::Restore, "NothingToRestore"),
        (mirrored(), mirror(MIRROR), "MirrorNotOfTarget"),
    ];
    for (topology, wish, id) in cases {
        let error = choose(&topology, &Database::CentralMgmt, &wish, Known::default()).unwrap_err();
        assert_eq!(error.id(), id, "{wish:?}");
    }
    let wrong = backup("redmond-cs-002.litwareinc.com", None);
    let error = choose(&plain(), &Database::CentralMgmt, &wrong, Known::default()).unwrap_err();
    assert!(error.hints().iter().any(|hint| hint.contains(REDMOND)), "{:?}", error.hints());
    let unknown = choose(&plain(), &Database::users("nowhere.litwareinc.com"), &Wish::Next, Known::default());
    assert_eq!(unknown.unwrap_err().id(), "PoolNotFound");
}

/// Rule: who has the database is whoever says so in the highest epoch, whatever the configuration says.
#[test]
fn the_places_know_better_than_the_configuration() {
    let answers = [said(state(ATLANTA, Role::Active, 1, 5)), said(state(REDMOND, Role::Active, 9, 7))];
    let known = Known { placement: None, answers: &answers };
    let choice = choose(&plain(), &Database::CentralMgmt, &backup(REDMOND, None), known);
    assert_eq!(choice.unwrap_err().id(), "TargetIsActive", "the other claims it in a lower epoch");
    let choice = choose(&plain(), &Database::CentralMgmt, &Wish::Next, known).unwrap();
    assert_eq!((choice.source.computer.as_str(), choice.target.computer.as_str()), (REDMOND, ATLANTA));
}

/// Rule: -Restore undoes what is unfinished, else leads back to where it was.
#[test]
fn restore_undoes_or_leads_back() {
    let mut closed = state(ATLANTA, Role::Closed, 1, 5);
    let underway = Underway {
        id: "f1".to_owned(),
        source: ATLANTA.to_owned(),
        target: REDMOND.to_owned(),
        mode: Some(Mode::Planned),
        epoch: 9,
        by: "Kim".to_owned(),
        since: String::new(),
        step: "Close".to_owned(),
    };
    closed.underway = Some(underway.clone());
    for target in
        [silent(REDMOND), said(PlaceState { underway: Some(underway), ..state(REDMOND, Role::Standby, 1, 5) })]
    {
        let answers = [said(closed.clone()), target];
        let known = Known { placement: None, answers: &answers };
        let undo = choose(&plain(), &Database::CentralMgmt, &Wish::Restore, known).unwrap();
        assert!(undo.unfinished.is_some_and(|unfinished| unfinished.undo && unfinished.underway.id == "f1"));
        let again = choose(&plain(), &Database::CentralMgmt, &Wish::Next, known).unwrap();
        assert!(again.unfinished.is_some_and(|unfinished| !unfinished.undo));
        assert_eq!(again.target.computer, REDMOND);
    }
    let topology = plain().with_active_pool(REDMOND).unwrap();
    let placement = moved(REDMOND, ATLANTA, ATLANTA);
    let known = Known { placement: Some(&placement), answers: &[] };
    let back = choose(&topology, &Database::CentralMgmt, &Wish::Restore, known).unwrap();
    assert_eq!((back.source.computer.as_str(), back.target.computer.as_str()), (REDMOND, ATLANTA));
    assert_eq!(back.mode, Mode::Planned);
}

/// Rule: the computer that has the database is never suggested as its target, however near its name is.
#[test]
fn the_active_one_is_no_suggestion() {
    for wish in [backup("atl-cs-002.litwareinc.com", None), backup(ATLANTA, Some("RTCX"))] {
        let error = choose(&plain(), &Database::CentralMgmt, &wish, Known::default()).unwrap_err();
        assert_eq!(error.id(), "TargetNotStandby");
        let meant = error.hints().iter().find(|hint| hint.starts_with("Did you mean"));
        assert!(meant.is_none_or(|hint| !hint.contains("atl-cs-001")), "{meant:?}");
    }
}

/// Rule: the side that is the principal already is named so, with the side that could take over; where nobody is the
/// principal the side that was is not called active, and the judgement says what to do.
#[test]
fn a_side_is_active_only_where_it_says_so() {
    let side = Wish::Side { principal: Principal::Primary, force: false };
    let error = choose(&mirrored(), &Database::CentralMgmt, &side, Known::default()).unwrap_err();
    assert_eq!(error.id(), "TargetIsActive");
    assert!(error.hints().iter().all(|hint| hint.contains("-NewPrincipal mirror -WhatIf")), "{:?}", error.hints());
    let answers =
        [said(state(ATLANTA, Role::Standby, 1, 20)), silent(MIRROR), said(state(REDMOND, Role::Standby, 1, 20))];
    let choice =
        choose(&mirrored(), &Database::CentralMgmt, &side, Known { placement: None, answers: &answers }).unwrap();
    let now = crate::value::DateTime { ticks: 900_000_000_000_000, kind: crate::value::DateTimeKind::Utc };
    let facts = crate::failover::Facts { now, choice: &choice, places: &answers, replicas: &[] };
    let refused = crate::failover::preflight(&facts).refusal().unwrap();
    assert_eq!(refused.id(), "SourceNotActive");
    assert!(refused.hints().iter().any(|hint| hint.contains("-Force")), "{:?}", refused.hints());
}

/// Rule: what was led back, and what was given up, is not led anywhere by -Restore, whatever moved before that.
#[test]
fn restore_leads_back_once() {
    let placement = moved(ATLANTA, REDMOND, REDMOND);
    let given_up = |source: &str, epoch| Underway {
        id: "f1".to_owned(),
        source: source.to_owned(),
        target: REDMOND.to_owned(),
        mode: Some(Mode::Planned),
        epoch,
        by: "Kim".to_owned(),
        since: String::new(),
        step: "Undone".to_owned(),
    };
    let active = || state(ATLANTA, Role::Active, 9, 5);
    let standby = || state(REDMOND, Role::Standby, 9, 5);
    let cases = [
        (active(), standby(), true),
        (PlaceState { restored: true, ..active() }, standby(), false),
        (active(), PlaceState { given_up: Some(given_up(ATLANTA, 17)), ..standby() }, false),
        // It went on since; and it was one of another place.
        (active(), PlaceState { given_up: Some(given_up(ATLANTA, 3)), ..standby() }, true),
        (active(), PlaceState { given_up: Some(given_up(MIRROR, 17)), ..standby() }, true),
    ];
    for (at, (active, standby, leads)) in cases.into_iter().enumerate() {
        let answers = [said(active), said(standby)];
        let known = Known { placement: Some(&placement), answers: &answers };
        match choose(&plain(), &Database::CentralMgmt, &Wish::Restore, known) {
            Ok(choice) => assert!(leads && choice.target.computer == REDMOND, "case {at}"),
            Err(error) => assert!(!leads && error.id() == "NothingToRestore", "case {at}: {error:?}"),
        }
        let next = choose(&plain(), &Database::CentralMgmt, &Wish::Next, known).unwrap();
        assert_eq!(next.target.computer, REDMOND, "case {at}");
    }
}

/// Rule: where the computer that took over does not answer, and only its epoch is known, it is the one that has the database:
/// every wish and every text begin there, and -Restore leads to where it was before.
#[test]
fn who_took_over_and_is_lost_is_known_by_the_epoch() {
    let places = [ATLANTA, REDMOND];
    let entered = epoch::next(9, epoch::ordinal(places, REDMOND));
    let knows = PlaceState {
        highest_epoch: entered,
        follows: Some(REDMOND.to_owned()),
        feed: Some(FeedState::Unsynchronized),
        error: Some("HostUnreachable: Nobody is there.".to_owned()),
        ..state(ATLANTA, Role::Standby, 9, 20)
    };
    let answers = [said(knows), silent(REDMOND)];
    let known = Known { placement: None, answers: &answers };
    for (wish, mode) in
        [(Wish::Next, Mode::Planned), (Wish::Restore, Mode::Planned), (backup(ATLANTA, None), Mode::Disaster)]
    {
        let choice = choose(&plain(), &Database::CentralMgmt, &wish, known).unwrap();
        let ends = (choice.source.computer.as_str(), choice.target.computer.as_str());
        assert_eq!((ends, choice.mode), ((REDMOND, ATLANTA), mode), "{wish:?}");
        let facts = Facts {
            now: DateTime { ticks: 0, kind: DateTimeKind::Utc },
            choice: &choice,
            places: &answers,
            replicas: &[],
        };
        let found = preflight(&facts);
        let text: Vec<&str> = found.conditions.iter().map(|condition| condition.found.as_str()).collect();
        let text = text.join("\n");
        assert!(text.contains(&format!("took over in epoch {entered}")), "{wish:?}: {text}");
        assert!(!text.contains("has not come back to") && !text.contains("No other failover"), "{wish:?}: {text}");
        let refused = found.refusal().map(|error| error.id().to_owned());
        assert_eq!(refused.as_deref(), (mode == Mode::Planned).then_some("SourceUnreachable"), "{wish:?}: {text}");
    }
    // One that is in that epoch itself, or an epoch of nobody who is silent, says nothing of who has it.
    let known = |highest_epoch: u64| PlaceState { highest_epoch, ..state(ATLANTA, Role::Standby, 9, 20) };
    for highest_epoch in [9, epoch::next(9, epoch::ordinal(places, ATLANTA))] {
        let answers = [said(known(highest_epoch)), silent(REDMOND)];
        let choice =
            choose(&plain(), &Database::CentralMgmt, &Wish::Next, Known { placement: None, answers: &answers });
        assert_eq!(choice.unwrap().source.computer, ATLANTA);
    }
}
