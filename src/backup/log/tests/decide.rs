//! What a follower decides, without a disk or a wire.

use super::super::message::{Answer, Ask, Begin};
use super::super::{Effect, Event, Follower, FollowerOptions};
use crate::audit::Hash;
use crate::env::FixedRandom;
use crate::error::{Category, ErrorRecord};
use crate::failover::FeedState;
use crate::store::{Chain, Position, Role};
use std::sync::Arc;

fn at(epoch: u64, sequence: u64) -> Position {
    let hash = Hash([u8::try_from(sequence % 251).unwrap(); 32]);
    Position { epoch, sequence, hash, version: sequence, chain: Chain::default() }
}

fn begin(epoch: u64, sequence: u64) -> Begin {
    Begin { role: Role::Active, position: at(epoch, sequence) }
}

fn follower(attempts: Option<u32>, own: Position, highest: u64) -> Follower {
    let random = Arc::new(FixedRandom::new(1));
    let any = false;
    Follower::new(FollowerOptions { synchronous: false, any, rewind: true, attempts, random }, own, highest)
}

/// The effects of an event, in short.
fn step(follower: &mut Follower, now: u64, event: Event) -> Vec<String> {
    let mut effects = Vec::new();
    follower.step(now, event, &mut effects);
    effects.iter().map(short).collect()
}

fn short(effect: &Effect) -> String {
    match effect {
        Effect::Ask(request) => match &request.ask {
            Ask::After { sequence, wait, .. } => format!("after {sequence} in {} wait {wait}", request.epoch),
            Ask::Hashes(rows) => format!("hashes {rows:?}"),
        },
        Effect::Compare(hashes) => format!("compare {}", hashes.len()),
        Effect::Apply(entries) => format!("apply {}", entries.len()),
        Effect::Keep(after) => format!("keep {after}"),
        Effect::Rewind(to) => format!("rewind {to}"),
        Effect::Hear(epoch) => format!("hear {epoch}"),
        Effect::Tell(epoch) => format!("tell {epoch}"),
        Effect::Read => "read".into(),
        Effect::Finish(Ok(())) => "done".into(),
        Effect::Finish(Err(error)) => format!("failed {}", error.id()),
    }
}

fn batch(from: Begin, more: bool) -> Event {
    Event::Answered(Answer::Batch { begin: from, entries: Vec::new(), more, synchronized: true })
}

fn refused(epoch: u64, id: &'static str) -> Event {
    Event::Answered(Answer::Refused { epoch, error: ErrorRecord::new(id, Category::InvalidOperation, "no") })
}

/// Rule: a place of an earlier epoch than one that was heard of is not believed, whatever it says.
#[test]
fn an_earlier_epoch_is_not_believed() {
    let answers = [
        batch(begin(2, 9), false),
        Event::Answered(Answer::Differs { begin: begin(2, 9) }),
        Event::Answered(Answer::Hashes { begin: begin(2, 9), hashes: Vec::new() }),
    ];
    for answer in answers {
        let mut follower = follower(None, at(1, 5), 3);
        assert_eq!(step(&mut follower, 0, Event::Tick), ["after 5 in 3 wait 0"]);
        assert_eq!(step(&mut follower, 0, answer), [""; 0]);
        assert_eq!((follower.error().unwrap().id(), follower.feed(0)), ("EpochOver", FeedState::Unsynchronized));
        assert!(follower.wake().unwrap() > 0);
    }
}

/// Rule: a later epoch is kept in mind and told before anything of it is taken, and once.
#[test]
fn a_later_epoch_is_heard_first() {
    let mut follower = follower(None, at(1, 5), 1);
    step(&mut follower, 0, Event::Tick);
    let parted = Event::Answered(Answer::Differs { begin: begin(9, 7) });
    assert_eq!(step(&mut follower, 0, parted), ["hear 9", "tell 9", "hashes [2, 4, 5]"]);
    let hashes = vec![(2, None), (4, None), (5, None)];
    let answer = Event::Answered(Answer::Hashes { begin: begin(9, 7), hashes });
    assert_eq!(step(&mut follower, 0, answer), ["compare 3"]);
    assert_eq!(step(&mut follower, 0, Event::Compared { common: 4, differs: Some(5) }), ["keep 4"]);
    assert_eq!(step(&mut follower, 0, Event::Kept), ["rewind 4"]);
    assert_eq!(step(&mut follower, 0, Event::Rewound(at(1, 4))), ["after 4 in 9 wait 10000"]);
    // Who refuses may speak of a later one too.
    assert_eq!(step(&mut follower, 0, refused(11, "StoreNotActive")), ["hear 11", "tell 11"]);
    assert_eq!(follower.highest_epoch(), 11);
}

/// Rule: after a failure it reads anew where it stands, and waits ever longer, to a bound; an answer ends that.
#[test]
fn failures_are_spaced() {
    let mut follower = follower(None, at(1, 5), 1);
    let (mut now, mut waits) = (0, Vec::new());
    let lost = || Event::NotAnswered(ErrorRecord::new("ConnectionLost", Category::ConnectionError, "lost"));
    step(&mut follower, now, Event::Tick);
    for _ in 0..10 {
        step(&mut follower, now, lost());
        let wake = follower.wake().unwrap();
        waits.push(wake - now);
        assert_eq!(step(&mut follower, wake - 1, Event::Tick), [""; 0]);
        now = wake;
        assert_eq!(step(&mut follower, now, Event::Tick), ["read"]);
        assert_eq!(step(&mut follower, now, Event::Own(at(1, 6), 1)), ["after 6 in 1 wait 0"]);
    }
    assert!(waits[0] <= 200 && waits[9] >= 2_500 && waits.iter().all(|wait| *wait <= 5_000), "{waits:?}");
    assert_eq!(step(&mut follower, now, batch(begin(1, 6), false)), ["read"]);
    assert_eq!(step(&mut follower, now, Event::Own(at(1, 6), 1)), ["after 6 in 1 wait 10000"]);
    assert_eq!((follower.feed(0), follower.error().is_none()), (FeedState::Synchronized, true));
    step(&mut follower, now, lost());
    assert!(follower.wake().unwrap() - now <= 200);
}

/// Rule: one that syncs once is done when nothing is left, and gives up after some failures; one that takes changes itself
/// follows no more.
#[test]
fn once_is_once() {
    let mut once = follower(Some(2), at(1, 5), 1);
    assert_eq!(step(&mut once, 0, Event::Tick), ["after 5 in 1 wait 0"]);
    assert_eq!(step(&mut once, 0, batch(begin(1, 9), true)), ["read"]);
    assert_eq!(step(&mut once, 0, Event::Own(at(1, 5), 1)), ["after 5 in 1 wait 0"]);
    assert_eq!(step(&mut once, 0, batch(begin(1, 5), false)), ["done"]);
    assert_eq!(step(&mut once, 9_999, Event::Tick), [""; 0]);
    let mut failing = follower(Some(2), at(1, 5), 1);
    step(&mut failing, 0, Event::Tick);
    assert_eq!(step(&mut failing, 0, refused(1, "StoreNotActive")), [""; 0]);
    step(&mut failing, 9_999, Event::Tick);
    step(&mut failing, 9_999, Event::Own(at(1, 5), 1));
    assert_eq!(step(&mut failing, 9_999, refused(1, "StoreNotActive")), ["failed StoreNotActive"]);
    let mut promoted = follower(None, at(1, 5), 1);
    step(&mut promoted, 0, Event::Tick);
    let own = ErrorRecord::new("StoreNotStandby", Category::InvalidOperation, "mine");
    assert_eq!(step(&mut promoted, 0, Event::Failed(own)), ["failed StoreNotStandby"]);
}

/// Rule: who may not take back what it alone has ends where histories part, with nothing changed.
#[test]
fn histories_that_part_can_end_it() {
    let random = Arc::new(FixedRandom::new(1));
    let options = FollowerOptions { synchronous: false, any: true, rewind: false, attempts: Some(3), random };
    let mut follower = Follower::new(options, at(1, 1), 1);
    step(&mut follower, 0, Event::Tick);
    let parted = Event::Answered(Answer::Differs { begin: begin(1, 1) });
    assert_eq!(step(&mut follower, 0, parted), ["hashes [1]"]);
    let answer = Event::Answered(Answer::Hashes { begin: begin(1, 1), hashes: vec![(1, Some(Hash::default()))] });
    step(&mut follower, 0, answer);
    let compared = Event::Compared { common: 0, differs: Some(1) };
    assert_eq!(step(&mut follower, 0, compared), ["failed HistoriesParted"]);
}
