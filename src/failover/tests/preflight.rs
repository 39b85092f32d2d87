//! The judgement.

use super::*;
use crate::failover::{
    Facts, Known, Lost, Mode, Placement, ReplicaFact, SqlName, Underway, Wish, choose, epoch, preflight,
};
use crate::topology::Database;
use crate::value::{DateTime, DateTimeKind};

const DAY: i64 = 864_000_000_000;
const NOW: DateTime = DateTime { ticks: 1_000 * DAY, kind: DateTimeKind::Utc };

fn planned() -> Wish {
    Wish::Next
}

fn disaster() -> Wish {
    Wish::Backup { to: SqlName { fqdn: REDMOND.to_owned(), instance: None }, mirror: None }
}

fn well() -> Vec<PlaceAnswer> {
    vec![said(state(ATLANTA, Role::Active, 1, 20)), said(state(REDMOND, Role::Standby, 1, 20))]
}

fn replica(computer: &str, up_to_date: bool) -> ReplicaFact {
    ReplicaFact {
        computer: computer.to_owned(),
        answered: true,
        up_to_date,
        version: Some(20),
        ..ReplicaFact::default()
    }
}

fn judged(wish: &Wish, places: &[PlaceAnswer], replicas: &[ReplicaFact]) -> crate::failover::Preflight {
    let choice = choose(&plain(), &Database::CentralMgmt, wish, Known::default()).unwrap();
    preflight(&Facts { now: NOW, choice: &choice, places, replicas })
}

/// Rule: where all is well nothing refuses and nothing warns, and the epoch is the target's own.
#[test]
fn where_all_is_well_nothing_refuses() {
    let judged = judged(&planned(), &well(), &[replica("r", true)]);
    let failing: Vec<_> = judged.conditions.iter().filter(|condition| !condition.passed).collect();
    assert!(failing.is_empty() && judged.refusal().is_none(), "{failing:?}");
    let own = epoch::ordinal([ATLANTA, REDMOND], REDMOND);
    assert_eq!((judged.epoch, judged.uncertain), (epoch::next(1, own), None));
}

/// Rule: each condition, broken, refuses or warns, planned or not, under its id.
#[test]
fn what_is_wrong_refuses_or_warns() {
    type Break = fn(&mut Vec<PlaceAnswer>, &mut Vec<ReplicaFact>);
    fn of(places: &mut [PlaceAnswer], at: usize) -> &mut PlaceState {
        places[at].state.as_mut().unwrap()
    }
    // What is broken, the condition, whether it refuses planned, and after a disaster; `None`: it holds.
    type Case = (&'static str, Break, &'static str, Option<bool>, Option<bool>);
    let cases: &[Case] = &[
        ("target silent", |p, _| p[1] = silent(REDMOND), "TargetUnreachable", Some(true), Some(true)),
        ("target empty", |p, _| of(p, 1).role = None, "TargetHoldsNothing", Some(true), Some(true)),
        ("source silent", |p, _| p[0] = silent(ATLANTA), "SourceUnreachable", Some(true), None),
        ("source alive", |_, _| {}, "SourceAnswers", None, Some(false)),
        ("target behind", |p, _| of(p, 1).feed = Some(FeedState::Unsynchronized), "TargetNotSynchronized", None, None),
        (
            "target follows nobody",
            |p, _| {
                (of(p, 1).follows, of(p, 1).position.sequence, of(p, 1).feed) = (None, 11, None);
            },
            "TargetNotSynchronized",
            Some(true),
            Some(false),
        ),
        (
            "target ill",
            |p, _| of(p, 1).error = Some("X: y".to_owned()),
            "TargetNotSynchronized",
            Some(true),
            Some(false),
        ),
        ("replica behind", |_, r| r.push(replica("s", false)), "ReplicasBehind", Some(true), Some(false)),
        (
            "a replica of another world",
            |_, r| r.push(ReplicaFact { epoch: Some(u64::MAX), ..replica("s", false) }),
            "ReplicaIncredible",
            Some(false),
            Some(false),
        ),
        ("versions", |p, _| of(p, 1).product = "0.9".to_owned(), "VersionsDiffer", Some(false), Some(false)),
        (
            "exports cannot be written",
            |p, _| of(p, 1).exports = Some("nothing can be written".to_owned()),
            "ExportFailed",
            Some(true),
            Some(true),
        ),
        ("no space", |p, _| of(p, 1).free = 1 << 20, "NotEnoughSpace", Some(true), Some(true)),
        (
            "certificate over",
            |p, _| of(p, 1).certificate_not_after = Some(DateTime { ticks: NOW.ticks - 1, ..NOW }),
            "CertificateExpired",
            Some(true),
            Some(true),
        ),
        (
            "certificate ends",
            |p, _| of(p, 0).certificate_not_after = Some(DateTime { ticks: NOW.ticks + DAY / 2, ..NOW }),
            "CertificateEnds",
            Some(false),
            Some(false),
        ),
        (
            "another failover",
            |p, _| {
                of(p, 0).underway = Some(Underway {
                    id: "other".to_owned(),
                    source: ATLANTA.to_owned(),
                    target: MIRROR.to_owned(),
                    mode: None,
                    epoch: 5,
                    by: "Kim".to_owned(),
                    since: "then".to_owned(),
                    step: "Pull".to_owned(),
                });
            },
            "FailoverUnderway",
            Some(true),
            Some(false),
        ),
    ];
    for (what, spoil, id, when_planned, after_disaster) in cases {
        let (mut places, mut replicas) = (well(), vec![replica("r", true)]);
        spoil(&mut places, &mut replicas);
        for (wish, expected) in [(planned(), when_planned), (disaster(), after_disaster)] {
            let judged = judged(&wish, &places, &replicas);
            let found = judged.conditions.iter().find(|condition| condition.id.as_deref() == Some(id));
            assert_eq!(found.map(|condition| condition.refuses), *expected, "{what}: {wish:?} {:?}", judged.conditions);
            assert!(judged.conditions.len() >= 7, "all conditions are in the list");
        }
    }
}

/// Rule: who cannot fail over by plan is told the command that can, with its names.
#[test]
fn the_other_form_is_printed_with_its_names() {
    let mut places = well();
    places[0] = silent(ATLANTA);
    let error = judged(&planned(), &places, &[]).refusal().unwrap();
    let all = error.hints().join("\n");
    assert_eq!(error.id(), "SourceUnreachable");
    assert!(
        all.contains("-BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force"),
        "{all}"
    );
}

/// Rule: the command that a user store's failover advises goes its own way, not the other.
#[test]
fn each_way_of_a_pool_advises_its_own_command() {
    let database = Database::users("dub-pool.litwareinc.com");
    let places = plain().database(&database).unwrap();
    let (own, partner) = (places.primary.computer, places.backup.unwrap().computer);
    for (source, target, verb) in [(&own, &partner, "FailOver"), (&partner, &own, "FailBack")] {
        for mode in [Mode::Planned, Mode::Disaster] {
            let mut standby = state(target, Role::Standby, 1, 20);
            standby.follows = Some(source.clone());
            let active = if mode == Mode::Planned { silent(source) } else { said(state(source, Role::Active, 1, 20)) };
            let answers = [active, said(standby)];
            let wish = Wish::Computer { computer: target.clone(), mode };
            let placement = Placement {
                computer: source.clone(),
                epoch: 1,
                from: target.clone(),
                from_pool: String::new(),
                failover: String::new(),
                mode: String::new(),
                since: String::new(),
                by: String::new(),
            };
            let known = Known { placement: Some(&placement), answers: &answers };
            let choice = choose(&plain(), &database, &wish, known).unwrap();
            let judged = preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] });
            let advice: String = judged.conditions.iter().filter_map(|condition| condition.advice.clone()).collect();
            let disaster = if mode == Mode::Planned { " -DisasterMode" } else { "" };
            let wanted = format!("Invoke-CsPool{verb} -PoolFqdn \"dub-pool.litwareinc.com\"{disaster}");
            assert!(advice.ends_with(&wanted), "{advice}");
        }
    }
}

/// Rule: what replicas have beyond the target is listed, each change once, and what nobody can know is said.
#[test]
fn what_is_lost_is_listed_and_the_rest_is_said() {
    let lost = |version, document: &str, body: Option<u8>| Lost {
        version,
        document: document.to_owned(),
        deleted: false,
        body: body.map(|body| serde_json::json!(body)),
        seen_at: "r".to_owned(),
    };
    let places = [silent(ATLANTA), said(state(REDMOND, Role::Standby, 1, 20))];
    let mut one = replica("r", false);
    one.after = vec![lost(20, "held", None), lost(22, "b", None), lost(21, "a", Some(1))];
    let mut other = replica("s", false);
    other.after = vec![lost(22, "b", Some(2))];
    let judged = judged(&disaster(), &places, &[one, other]);
    assert_eq!(judged.lost, [lost(21, "a", Some(1)), lost(22, "b", Some(2))]);
    assert!(judged.uncertain.is_some_and(|text| text.contains(ATLANTA)));
    assert!(judged.epoch > 64, "it goes beyond what those that are silent may have entered");
}

/// Rule: what one replica says, and nobody else can believe, neither stands in the way of a failover nor moves its epoch or
/// version; it is named. What it may have by failovers and changes that nobody who answers heard of counts.
#[test]
fn one_replica_does_not_block_a_failover() {
    let places = [silent(ATLANTA), said(state(REDMOND, Role::Standby, 1, 20))];
    let sane = judged(&disaster(), &places, &[replica("r", true)]);
    for (epoch, version) in [(Some(u64::MAX), Some(20)), (Some(1), Some(u64::MAX)), (Some(1 << 40), Some(1 << 40))] {
        let mut liar = ReplicaFact { epoch, version, ..replica("liar", true) };
        liar.after = vec![Lost {
            version: u64::MAX,
            document: "x".to_owned(),
            deleted: false,
            body: None,
            seen_at: "liar".to_owned(),
        }];
        let judged = judged(&disaster(), &places, &[replica("r", true), liar]);
        assert_eq!((judged.epoch, &judged.lost), (sane.epoch, &sane.lost), "{epoch:?} {version:?}");
        assert!(judged.refusal().is_none());
        let named = judged.conditions.iter().find(|condition| condition.id.as_deref() == Some("ReplicaIncredible"));
        assert!(named.is_some_and(|condition| condition.found.contains("liar")), "{:?}", judged.conditions);
    }
    let ahead = 100 * epoch::STRIDE;
    let judged = judged(&disaster(), &places, &[ReplicaFact { epoch: Some(ahead), ..replica("r", false) }]);
    assert!(judged.epoch > ahead, "{}", judged.epoch);
}

/// Rule: of a copy that is taken at intervals it is said when it was taken, as far as that is known, and not that nothing
/// was heard; of one that follows whether it had everything is said only where it knows.
#[test]
fn what_is_known_of_a_silent_source() {
    let database = Database::users("dub-pool.litwareinc.com");
    let places = plain().database(&database).unwrap();
    let (own, partner) = (places.primary.computer, places.backup.unwrap().computer);
    let ago = DateTime { ticks: NOW.ticks - 30 * 10_000_000, ..NOW };
    let cases = [
        (Some(ago), None, "took its last copy 30 s ago, up to version 20"),
        (None, None, "has no record of when it took that"),
    ];
    for (last_contact, feed, part) in cases {
        let follows = Some(own.clone());
        let copy = PlaceState { last_contact, feed, follows, ..state(&partner, Role::Standby, 1, 20) };
        let answers = [silent(&own), said(copy)];
        let wish = Wish::Computer { computer: partner.clone(), mode: Mode::Disaster };
        let choice = choose(&plain(), &database, &wish, Known { placement: None, answers: &answers }).unwrap();
        let judged = preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] });
        let uncertain = judged.uncertain.unwrap();
        assert!(uncertain.contains(part) && !uncertain.contains("since it was started"), "{uncertain}");
    }
    for (feed, part) in [(None, "is not known"), (Some(FeedState::Unsynchronized), "had not everything")] {
        let places = [silent(ATLANTA), said(PlaceState { feed, ..state(REDMOND, Role::Standby, 1, 20) })];
        let uncertain = judged(&disaster(), &places, &[]).uncertain.unwrap();
        assert!(uncertain.contains(part), "{uncertain}");
    }
}

/// A planned failover from Atlanta to Redmond, at a step.
fn at_step(step: &str) -> Underway {
    Underway {
        id: "f1".to_owned(),
        source: ATLANTA.to_owned(),
        target: REDMOND.to_owned(),
        mode: Some(Mode::Planned),
        epoch: 17,
        by: "Kim".to_owned(),
        since: String::new(),
        step: step.to_owned(),
    }
}

/// Rule: after the switch what replicas were told before it, with its ways out, is not repeated.
#[test]
fn after_the_switch_old_advice_is_not_repeated() {
    let target = PlaceState { underway: Some(at_step("Follow")), ..state(REDMOND, Role::Active, 17, 21) };
    let answers = [said(state(ATLANTA, Role::Standby, 17, 21)), said(target)];
    let choice = choose(&plain(), &Database::CentralMgmt, &planned(), Known { placement: None, answers: &answers });
    let late = ReplicaFact { reason: Some("X -Restore undoes it.".to_owned()), ..replica("r", false) };
    let facts = Facts { now: NOW, choice: &choice.unwrap(), places: &answers, replicas: &[late] };
    let judged = preflight(&facts);
    assert!(judged.decided);
    let replicas = judged.conditions.iter().find(|condition| condition.name == "Replicas").unwrap();
    assert!(!replicas.passed && !replicas.found.contains("-Restore"), "{replicas:?}");
    assert!(replicas.advice.as_ref().is_some_and(|advice| advice.contains("by themselves")), "{replicas:?}");
}

/// Rule: what is being carried out at the target refuses as the order itself would, unless it ends by itself or is what is
/// wanted.
#[test]
fn what_runs_at_the_target_is_seen() {
    let cases = [
        ("Close", disaster(), true, true),
        ("Close", disaster(), false, false),
        ("Close", planned(), true, false),
        ("Close", Wish::Restore, true, true),
        ("Undo", disaster(), true, false),
        ("Follow", disaster(), true, false),
    ];
    for (step, wish, runs, refuses) in cases {
        let target = PlaceState { runs, underway: Some(at_step(step)), ..state(REDMOND, Role::Standby, 1, 20) };
        let answers = [said(state(ATLANTA, Role::Active, 1, 20)), said(target)];
        let choice = choose(&plain(), &Database::CentralMgmt, &wish, Known { placement: None, answers: &answers });
        let choice = choice.unwrap();
        let judged = preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] });
        let condition = judged.conditions.iter().find(|condition| condition.name == "Underway").unwrap();
        assert_eq!(!condition.passed, refuses, "{step} {wish:?} {runs}: {condition:?}");
        let id = judged.refusal().map(|error| error.id().to_owned());
        assert_eq!(id.as_deref() == Some("FailoverUnderway"), refuses, "{step} {wish:?} {runs}");
    }
}

/// Rule: two that hold it in one epoch are no matter of a moment, and the one thing that mends it is said.
#[test]
fn two_in_one_epoch_are_told_what_mends_it() {
    let idle = |computer: &str, epoch| said(PlaceState { serves: false, ..state(computer, Role::Active, epoch, 20) });
    let answers = [idle(ATLANTA, 1), idle(REDMOND, 1)];
    let mut wishes = vec![planned()];
    let to = |fqdn: &str| Wish::Backup { to: SqlName { fqdn: fqdn.to_owned(), instance: None }, mirror: None };
    wishes.extend([to(ATLANTA), to(REDMOND)]);
    let mut judged_at_all = 0;
    for wish in wishes {
        let known = Known { placement: None, answers: &answers };
        // One of them is taken for the source.
        let Ok(choice) = choose(&plain(), &Database::CentralMgmt, &wish, known) else { continue };
        judged_at_all += 1;
        let judged = preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] });
        let refusal = judged.refusal().unwrap();
        let hints = refusal.hints().join(" ");
        assert!(hints.contains("keep its database file elsewhere"), "{wish:?}: {refusal:?}");
        assert!(!hints.contains("few seconds") && !hints.contains("lower epoch"), "{wish:?}: {refusal:?}");
    }
    assert_eq!(judged_at_all, 2);
}

/// Rule: what a replica or the target was told before is not repeated where the source answers by now, and a reason that
/// many share is said once.
#[test]
fn old_reasons_are_not_repeated() {
    let told = "NotActive: It takes no changes. The failover f0 is not over (step Close). -Restore undoes it.";
    let late =
        |computer: &str, reason: &str| ReplicaFact { reason: Some(reason.to_owned()), ..replica(computer, false) };
    let replicas = [late("r", told), late("s", told), late("t", "It is off. For long.")];
    let ill = PlaceState {
        error: Some("HostUnreachable: nobody listens.".to_owned()),
        ..state(REDMOND, Role::Standby, 1, 20)
    };
    let places = [said(state(ATLANTA, Role::Active, 1, 20)), said(ill)];
    let silent = judged(&planned(), &places, &[ReplicaFact { answered: false, ..late("q", "It is silent.") }]);
    let judged = judged(&planned(), &places, &replicas);
    let found = |name: &str| judged.conditions.iter().find(|condition| condition.name == name).unwrap();
    let replicas = found("Replicas");
    assert!(!replicas.passed && replicas.found.contains("r, s (it has not come back"), "{replicas:?}");
    for old in ["f0", "-Restore", "For long"] {
        assert!(!replicas.found.contains(old), "{old}: {replicas:?}");
    }
    let synchronized = found("Synchronized");
    assert!(synchronized.refuses && synchronized.found.contains("has not come back"), "{synchronized:?}");
    // Who answers comes back by itself; of who does not that cannot be said.
    assert!(synchronized.passes && replicas.passes && replicas.refuses, "{synchronized:?} {replicas:?}");
    let of_who_is_silent = silent.conditions.iter().find(|condition| condition.name == "Replicas").unwrap();
    assert!(!of_who_is_silent.passes && of_who_is_silent.refuses, "{of_who_is_silent:?}");
}

/// Rule: a mirror that answers and has everything is named, with the command that loses nothing.
#[test]
fn a_mirror_that_has_everything_is_named() {
    let topology = mirrored();
    let answers =
        [silent(ATLANTA), said(state(MIRROR, Role::Standby, 1, 20)), said(state(REDMOND, Role::Standby, 1, 18))];
    for (feed, known) in [(FeedState::Synchronized, true), (FeedState::Unsynchronized, false)] {
        let mut answers = answers.to_vec();
        if let Ok(mirror) = &mut answers[1].state {
            mirror.feed = Some(feed);
        }
        for mode in [Mode::Planned, Mode::Disaster] {
            let wish = Wish::Computer { computer: REDMOND.to_owned(), mode };
            let known_of = Known { placement: None, answers: &answers };
            let choice = choose(&topology, &Database::CentralMgmt, &wish, known_of).unwrap();
            let judged = preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] });
            // What the mirror has the target would take: nothing is lost.
            assert_eq!(judged.uncertain.is_none(), known, "{:?}", judged.uncertain);
            if mode == Mode::Planned {
                let hints = judged.refusal().unwrap().hints().join(" ");
                assert_eq!(hints.contains("-NewPrincipal Mirror -Force"), known, "{hints}");
            }
        }
    }
}
