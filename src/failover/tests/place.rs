//! The place machine.

use super::*;
use crate::failover::{Claim, Mode, Place, PlaceEffect, PlaceEvent, PlaceOrder, PlaceRecord, Reply, Underway};
use crate::replication::Now;

fn at(millis: u64) -> Now {
    Now { millis, clock: 0 }
}

fn place(role: Role, epoch: u64, record: PlaceRecord) -> Place {
    Place::new(ATLANTA, vec![ATLANTA.to_owned(), REDMOND.to_owned(), MIRROR.to_owned()], role, epoch, record)
}

fn claim(computer: &str, role: Role, epoch: u64) -> Claim {
    Claim { computer: computer.to_owned(), role: Some(role), epoch, highest_epoch: epoch, undone: None }
}

fn underway(id: &str, epoch: u64) -> Underway {
    Underway {
        id: id.to_owned(),
        source: ATLANTA.to_owned(),
        target: REDMOND.to_owned(),
        mode: Some(Mode::Planned),
        epoch,
        by: String::new(),
        since: String::new(),
        step: "Close".to_owned(),
    }
}

fn answer(computer: &str, reply: Reply) -> PlaceEvent {
    PlaceEvent::Answer { computer: computer.to_owned(), reply }
}

/// A place that serves in epoch 1.
fn serving() -> Place {
    let mut place = place(Role::Active, 1, PlaceRecord { highest_epoch: 1, ..PlaceRecord::default() });
    place.step(at(0), PlaceEvent::Start);
    place.step(at(1), answer(REDMOND, Reply::Refused));
    place.step(at(2), answer(MIRROR, Reply::Silent));
    assert!(place.serves());
    place
}

fn order(place: &mut Place, order: PlaceOrder) -> (Vec<PlaceEffect>, Result<(), String>) {
    let mut effects = place.step(at(10), PlaceEvent::Order { ticket: 7, order });
    let result = match effects.pop() {
        Some(PlaceEffect::Answer { ticket: 7, result }) => result.map_err(|error| error.id().to_owned()),
        other => panic!("no answer comes last, but {other:?}"),
    };
    (effects, result)
}

/// Rule: who was active serves only after each other place has answered, refused, or been silent; and not at all where one
/// knows of a newer epoch.
#[test]
fn it_asks_before_it_serves() {
    let mut quiet = place(Role::Active, 1, PlaceRecord::default());
    let effects = quiet.step(at(0), PlaceEvent::Start);
    assert!(effects.iter().any(|effect| matches!(effect, PlaceEffect::Ask(others) if others.len() == 2)));
    quiet.step(at(5), answer(REDMOND, Reply::Refused));
    assert!(!quiet.serves(), "one has not answered");
    quiet.step(at(2_400), PlaceEvent::Tick);
    assert!(!quiet.serves());
    quiet.step(at(2_600), PlaceEvent::Tick);
    assert!(quiet.serves(), "it was silent for long enough");

    let mut over = place(Role::Active, 1, PlaceRecord::default());
    over.step(at(0), PlaceEvent::Start);
    let effects = over.step(at(5), answer(REDMOND, Reply::Said(claim(REDMOND, Role::Active, 9))));
    let kept =
        effects.iter().position(|effect| matches!(effect, PlaceEffect::Keep(record) if record.highest_epoch == 9));
    let role = effects.iter().position(|effect| matches!(effect, PlaceEffect::SetRole(Role::Standby)));
    assert!(kept.is_some() && kept < role, "the epoch is kept first: {effects:?}");
    over.step(at(6), answer(MIRROR, Reply::Refused));
    assert!(!over.serves());
    assert_eq!(over.follows(), Some(REDMOND));
}

/// Rule: a newer epoch ends who serves at once, if a place of the database speaks of it; nobody else is believed.
#[test]
fn a_newer_epoch_ends_it() {
    let mut place = serving();
    assert!(place.step(at(9), PlaceEvent::Heard(claim("edge.litwareinc.com", Role::Active, 9))).is_empty());
    assert!(place.serves());
    let effects = place.step(at(9), PlaceEvent::Heard(claim(MIRROR, Role::Standby, 9)));
    assert!(matches!(effects.first(), Some(PlaceEffect::Serve(false))), "it stops first: {effects:?}");
    assert_eq!((place.role(), place.highest_epoch(), place.follows()), (Role::Standby, 9, None));
    place.step(at(10), PlaceEvent::Heard(claim(REDMOND, Role::Active, 9)));
    assert_eq!(place.follows(), Some(REDMOND));
}

/// Rule: who did not run for a while asks the others again before it assures anything, those of a round under way too; a
/// newer epoch that it hears of then ends it, and nothing is assured; one that does not serve has nothing to assure.
#[test]
fn after_a_sleep_it_asks_again() {
    let asks = |effects: &[PlaceEffect]| effects.iter().any(|effect| matches!(effect, PlaceEffect::Ask(_)));
    let assures = |effects: &[PlaceEffect]| effects.iter().any(|effect| matches!(effect, PlaceEffect::Assured));
    let mut well = serving();
    assert!(asks(&well.step(at(90_000), PlaceEvent::Slept)));
    assert!(!assures(&well.step(at(90_001), answer(REDMOND, Reply::Refused))), "one has not answered");
    assert!(asks(&well.step(at(180_000), PlaceEvent::Slept)), "it slept again");
    assert!(!assures(&well.step(at(180_001), answer(MIRROR, Reply::Silent))), "the other was asked before it slept");
    assert!(assures(&well.step(at(180_002), answer(REDMOND, Reply::Refused))));
    assert!(well.serves());

    let mut over = serving();
    over.step(at(90_000), PlaceEvent::Slept);
    let effects = over.step(at(90_001), answer(REDMOND, Reply::Said(claim(REDMOND, Role::Active, 9))));
    assert!(matches!(effects.first(), Some(PlaceEffect::Serve(false))), "{effects:?}");
    assert!(!assures(&over.step(at(90_002), answer(MIRROR, Reply::Refused))));

    let mut starts = place(Role::Active, 1, PlaceRecord::default());
    starts.step(at(0), PlaceEvent::Start);
    assert!(asks(&starts.step(at(90_000), PlaceEvent::Slept)), "the sleep is no answer");
    starts.step(at(90_001), PlaceEvent::Tick);
    assert!(!starts.serves());
}

/// Rule: it closes durably before it says so; again for the same failover; not for another one's; and not for one that is
/// over.
#[test]
fn it_closes_for_one_failover() {
    let mut place = serving();
    let (effects, result) = order(&mut place, PlaceOrder::Close(underway("f1", 9)));
    assert_eq!(result, Ok(()));
    assert!(matches!(
        effects[..],
        [PlaceEffect::Serve(false), PlaceEffect::Keep(_), PlaceEffect::SetRole(Role::Closed)]
    ));
    assert_eq!(order(&mut place, PlaceOrder::Close(underway("f1", 9))).1, Ok(()));
    let other = Underway { target: MIRROR.to_owned(), ..underway("f2", 10) };
    assert_eq!(order(&mut place, PlaceOrder::Close(other)).1, Err("FailoverUnderway".to_owned()));
    let record = place.record().clone();

    // Killed and started again it is closed still, and says for which.
    let mut again = super::place::place(Role::Closed, 1, record.clone());
    again.step(at(0), PlaceEvent::Start);
    again.step(at(1), answer(REDMOND, Reply::Refused));
    again.step(at(1), answer(MIRROR, Reply::Refused));
    assert!(!again.serves());
    assert_eq!(again.closed().map(|underway| underway.id.as_str()), Some("f1"));

    let (effects, result) = order(&mut again, PlaceOrder::Reopen { failover: "f1".to_owned() });
    assert_eq!((result, again.serves()), (Ok(()), true));
    assert!(matches!(
        effects[..],
        [PlaceEffect::Keep(_), PlaceEffect::SetRole(Role::Active), PlaceEffect::Serve(true)]
    ));
    assert_eq!(order(&mut again, PlaceOrder::Close(underway("f1", 9))).1, Err("FailoverOver".to_owned()));
    assert_eq!(order(&mut again, PlaceOrder::Close(underway("f3", 1))).1, Err("EpochOver".to_owned()));

    // One that was cut off between the two writes is what its record says.
    for (role, record, then) in
        [(Role::Active, record, Role::Closed), (Role::Closed, PlaceRecord::default(), Role::Active)]
    {
        let mut torn = super::place::place(role, 1, record);
        let effects = torn.step(at(0), PlaceEvent::Start);
        assert!(
            effects.iter().any(|effect| matches!(effect, PlaceEffect::SetRole(now) if *now == then)),
            "{effects:?}"
        );
    }
}

/// Rule: a closed place follows who took over, and opens when its target gave the failover up.
#[test]
fn a_closed_place_learns_what_became_of_it() {
    let mut place = serving();
    order(&mut place, PlaceOrder::Close(underway("f1", 9))).1.unwrap();
    let mut other = place.clone();
    place.step(at(20), PlaceEvent::Heard(claim(REDMOND, Role::Active, 9)));
    assert_eq!((place.role(), place.closed().is_none(), place.follows()), (Role::Standby, true, Some(REDMOND)));
    assert_eq!(order(&mut place, PlaceOrder::Close(underway("f2", 17))).1, Err("NotActive".to_owned()));
    let undone = Claim { undone: Some("f1".to_owned()), ..claim(REDMOND, Role::Standby, 1) };
    other.step(at(20), PlaceEvent::Heard(Claim { computer: MIRROR.to_owned(), ..undone.clone() }));
    assert_eq!(other.role(), Role::Closed, "only its target can give it up");
    other.step(at(21), PlaceEvent::Heard(undone));
    assert!(other.serves());
}

/// Rule: a target that gave a failover up takes over for it never more, after a restart neither; one that took over does
/// not give it up.
#[test]
fn a_target_keeps_its_word() {
    let promote = || PlaceOrder::Promote { failover: "f1".to_owned(), epoch: 17, seen: 1 };
    let forget = || PlaceOrder::Forget { failover: "f1".to_owned(), epoch: 17 };
    let mut standby = place(Role::Standby, 1, PlaceRecord::default());
    standby.step(at(0), PlaceEvent::Start);
    let (effects, result) = order(&mut standby, forget());
    assert!(matches!(&effects[..], [PlaceEffect::Keep(record)] if record.over == ["f1"]), "{effects:?}");
    assert_eq!(result, Ok(()));
    assert_eq!(order(&mut standby, promote()).1, Err("FailoverOver".to_owned()));
    let mut again = place(Role::Standby, 1, standby.record().clone());
    again.step(at(0), PlaceEvent::Start);
    assert_eq!(order(&mut again, promote()).1, Err("FailoverOver".to_owned()));

    let mut other = place(Role::Standby, 1, PlaceRecord::default());
    other.step(at(0), PlaceEvent::Start);
    other.step(at(1), PlaceEvent::Order { ticket: 1, order: promote() });
    assert_eq!(order(&mut other, forget()).1, Err("FailoverUnderway".to_owned()));
    other.step(at(2), PlaceEvent::Promoted { epoch: 17 });
    assert_eq!(order(&mut other, forget()).1, Err("TargetIsActive".to_owned()));
}

/// Rule: it takes over only in an epoch above all that it knows, and is over at once if it heard of a newer one meanwhile.
#[test]
fn it_takes_over_above_all_epochs() {
    let standby = || {
        let mut standby = place(Role::Standby, 3, PlaceRecord::default());
        standby.step(at(0), PlaceEvent::Start);
        standby.step(at(1), PlaceEvent::Heard(claim(REDMOND, Role::Active, 9)));
        standby
    };
    let promote = |epoch| PlaceOrder::Promote { failover: "f".to_owned(), epoch, seen: 9 };
    let mut low = standby();
    assert_eq!(order(&mut low, promote(9)).1, Err("EpochOver".to_owned()));
    for (heard, serves) in [(10, true), (18, false)] {
        let mut high = standby();
        let effects = high.step(at(2), PlaceEvent::Order { ticket: 1, order: promote(17) });
        assert!(matches!(effects[..], [PlaceEffect::Promote { epoch: 17, ticket: 1, .. }]), "{effects:?}");
        high.step(at(3), PlaceEvent::Heard(claim(MIRROR, Role::Active, heard)));
        let effects = high.step(at(4), PlaceEvent::Promoted { epoch: 17 });
        assert_eq!(high.serves(), serves);
        let answered = effects
            .iter()
            .any(|effect| matches!(effect, PlaceEffect::Answer { result, .. } if result.is_ok() == serves));
        assert!(answered, "{effects:?}");
    }
}

/// Rule: of two that say that they take changes in one epoch none does, from the start on and over restarts, until one of
/// them no longer says so.
#[test]
fn two_in_one_epoch_take_no_changes() {
    let mut one = serving();
    let effects = one.step(at(9), PlaceEvent::Heard(claim(REDMOND, Role::Active, 1)));
    assert!(matches!(effects.first(), Some(PlaceEffect::Serve(false))), "{effects:?}");
    assert_eq!((one.serves(), one.role(), one.double()), (false, Role::Active, Some(REDMOND)));
    one.step(at(10), PlaceEvent::Heard(claim(MIRROR, Role::Standby, 1)));
    assert!(!one.serves(), "a third one's word says nothing of the second");
    one.step(at(11), PlaceEvent::Heard(claim(REDMOND, Role::Standby, 1)));
    assert!(one.serves() && one.double().is_none());

    let mut again = place(Role::Active, 1, PlaceRecord::default());
    again.step(at(0), PlaceEvent::Start);
    again.step(at(1), answer(REDMOND, Reply::Said(claim(REDMOND, Role::Active, 1))));
    again.step(at(2), answer(MIRROR, Reply::Refused));
    assert!(!again.serves());
}
