//! When a change is acknowledged: by the tracker's rules in its own time, and by real places.

use super::super::tracker::{Tracker, Verdict};
use super::super::{Mode, Puller, sync_once};
use super::{Place, Wire, change, grant, set, until};
use crate::env::{Clock, FixedClock};
use crate::failover::FeedState;
use crate::store::{Placed, Role, SqliteStore, Store};
use crate::value::DateTime;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const MIRROR: (&str, bool) = ("mirror", true);
const STANDBY: (&str, bool) = ("standby", false);

fn time() -> DateTime {
    FixedClock::at_unix_seconds(0).now()
}

fn state(tracker: &Tracker, now: u64) -> Vec<FeedState> {
    tracker.feeds(now).iter().map(|feed| feed.state).collect()
}

/// Rule: a change waits for a mirror that had everything, until it has the change or is silent for too long; then changes
/// go on alone until it has everything again. Nobody waits for a standby.
#[test]
fn a_change_waits_for_a_mirror_that_is_there() {
    let mut tracker = Tracker::new(5_000);
    tracker.expect(0, &[("mirror".into(), true), ("standby".into(), false)]);
    tracker.taken_over();
    tracker.begin(0, 10);
    assert_eq!(state(&tracker, 0), [FeedState::Unsynchronized; 2]);
    // It was never there.
    tracker.written(11);
    assert_eq!(tracker.verdict(0, 0, 11), Verdict::Go);
    // It is behind still.
    tracker.heard(100, time(), MIRROR, 10, 10);
    tracker.heard(100, time(), STANDBY, 10, 10);
    assert_eq!(state(&tracker, 100), [FeedState::Synchronizing; 2]);
    tracker.written(12);
    assert_eq!(tracker.verdict(100, 100, 12), Verdict::Go);
    // It has everything: from here on it is waited for.
    tracker.heard(200, time(), MIRROR, 12, 12);
    tracker.written(13);
    assert_eq!(tracker.verdict(200, 200, 13), Verdict::Until(5_200));
    assert_eq!(state(&tracker, 200), [FeedState::Synchronized, FeedState::Synchronizing]);
    tracker.heard(300, time(), MIRROR, 13, 13);
    assert_eq!(tracker.verdict(300, 200, 13), Verdict::Go);
    // It asks again and again without getting on: that is silence too.
    tracker.written(15);
    for now in (1_000..5_400).step_by(400) {
        tracker.heard(now, time(), MIRROR, 13, 13);
        assert_eq!(tracker.verdict(now, 400, 15), Verdict::Until(5_400), "{now}");
    }
    // It gets on.
    tracker.heard(5_300, time(), MIRROR, 14, 14);
    assert_eq!(tracker.verdict(5_300, 400, 15), Verdict::Until(10_300));
    assert!(tracker.left_behind().is_empty());
    assert_eq!(tracker.verdict(10_300, 400, 15), Verdict::Go);
    assert_eq!(tracker.left_behind(), ["mirror"], "whoever looks after it is told");
    assert!(tracker.left_behind().is_empty(), "once");
    assert_eq!(state(&tracker, 10_300)[0], FeedState::Unsynchronized);
    tracker.written(16);
    assert_eq!(tracker.verdict(10_301, 10_301, 16), Verdict::Go);
    // What was acknowledged alone it must have before it counts again.
    tracker.heard(10_400, time(), MIRROR, 15, 15);
    assert_eq!(state(&tracker, 10_400)[0], FeedState::Synchronizing);
    tracker.heard(10_500, time(), MIRROR, 16, 16);
    assert_eq!(state(&tracker, 10_500)[0], FeedState::Synchronized);
}

/// Rule: one that says nothing for longer than its questions last is not there, and the next change does not wait.
#[test]
fn who_is_silent_for_long_is_not_waited_for() {
    let mut tracker = Tracker::new(5_000);
    tracker.heard(0, time(), MIRROR, 0, 0);
    assert_eq!(state(&tracker, 14_999), [FeedState::Synchronized]);
    assert_eq!(state(&tracker, 15_000), [FeedState::Unsynchronized]);
    tracker.written(1);
    assert_eq!(tracker.verdict(20_000, 20_000, 1), Verdict::Go);
}

/// Rule: a place that has lost its role acknowledges nothing, until it is active again.
#[test]
fn nothing_passes_when_the_role_is_lost() {
    let mut tracker = Tracker::new(5_000);
    tracker.end();
    assert_eq!(tracker.verdict(0, 0, 1), Verdict::Over);
    tracker.begin(0, 4);
    assert_eq!(tracker.verdict(0, 0, 5), Verdict::Go);
    // Who followed before counts only when it is heard.
    tracker.heard(0, time(), MIRROR, 4, 4);
    tracker.taken_over();
    tracker.begin(0, 4);
    tracker.written(5);
    assert_eq!(tracker.verdict(0, 0, 5), Verdict::Go);
}

/// Rule: where a place starts again in the same epoch a mirror is waited for as if it were there, for it may be certain that
/// nothing is acknowledged without it; then changes go on alone.
#[test]
fn who_starts_again_waits_for_its_mirror_as_if_it_were_there() {
    let mut tracker = Tracker::new(5_000);
    tracker.begin(100, 4);
    tracker.expect(100, &[("mirror".into(), true)]);
    tracker.written(5);
    assert_eq!(tracker.verdict(200, 200, 5), Verdict::Until(5_200));
    assert_eq!(tracker.verdict(5_200, 200, 5), Verdict::Go);
    assert_eq!(tracker.verdict(5_300, 5_300, 6), Verdict::Go);
}

/// Rule: at a place that closes a change passes when another place has it, and is not acknowledged alone.
#[test]
fn what_closes_gives_out_what_it_took() {
    let mut tracker = Tracker::new(5_000);
    tracker.heard(0, time(), MIRROR, 4, 4);
    tracker.heard(0, time(), STANDBY, 4, 4);
    tracker.written(5);
    tracker.close();
    assert_eq!(tracker.verdict(0, 0, 5), Verdict::Until(5_000));
    assert_eq!(tracker.verdict(5_000, 0, 5), Verdict::Over);
    tracker.heard(4_000, time(), STANDBY, 5, 5);
    assert_eq!(tracker.verdict(4_000, 0, 5), Verdict::Go);
    tracker.end();
    assert_eq!(tracker.verdict(4_000, 0, 5), Verdict::Over);
    // It opens again.
    tracker.taken_over();
    tracker.begin(5_000, 5);
    assert_eq!(tracker.verdict(5_000, 5_000, 6), Verdict::Go);
}

/// Rule: what is acknowledged is on the mirror's disk; without a mirror changes go on after a while, and wait again when
/// it is back and has everything.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_at_the_mirror() {
    let wire = Wire::default();
    let (source, mirror) = (Place::new(&wire, "a", Duration::from_millis(300)), Place::new(&wire, "b", Duration::ZERO));
    std::fs::create_dir(source.folder.path().join("db")).unwrap();
    drop(SqliteStore::create(source.path()).unwrap());
    source.feeds.begin(&source.store().position().unwrap());
    let puller = Puller::follow(mirror.options("a", true));
    let synchronized = || source.feeds.states().iter().any(|feed| feed.state == FeedState::Synchronized);
    until("the mirror has everything", synchronized).await;
    let work = |from: usize| {
        let (store, copy) = (source.store(), mirror.store());
        tokio::task::spawn_blocking(move || {
            for n in from..from + 20 {
                let version = store.commit(&grant(), &[change("A", json!(n))]).unwrap();
                assert_eq!(copy.version().unwrap(), version);
            }
        })
    };
    work(0).await.unwrap();
    assert_eq!(mirror.dump(), source.dump());
    wire.down(true);
    let store = source.store();
    tokio::task::spawn_blocking(move || set(&store, "B", 1)).await.unwrap();
    assert_eq!(source.feeds.states()[0].state, FeedState::Unsynchronized);
    wire.down(false);
    until("the mirror is back", synchronized).await;
    work(100).await.unwrap();
    until("it says so itself", || puller.status().feed == Some(FeedState::Synchronized)).await;
    puller.stop().await;
    assert_eq!(mirror.dump(), source.dump());
}

/// Rule: before a mirror is told that nothing is acknowledged without it the source keeps that in mind: who has its files
/// alone changes nothing from then on, reads, and may change them again when there is no mirror any more.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_past_a_mirror_that_is_certain() {
    let wire = Wire::default();
    let (source, mirror) = (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO));
    let alone = || SqliteStore::open(source.path()).unwrap().without_server();
    set(&alone(), "A", 1);
    source.feeds.begin(&source.store().position().unwrap());
    let puller = Puller::follow(mirror.options("a", true));
    until("the mirror is certain", || puller.status().feed_now() == Some(FeedState::Synchronized)).await;
    wire.down(true);
    for result in [
        alone().commit(&grant(), &[change("A", json!(2))]).map(drop),
        alone().set_epoch(&grant(), 9),
        alone().record(&grant().entry("AccessDenied")),
    ] {
        assert_eq!(result.unwrap_err().id(), "HostUnreachable");
    }
    assert_eq!(alone().version().unwrap(), 1);
    // The server asks the mirror, or leaves it behind.
    let store = source.store();
    tokio::task::spawn_blocking(move || set(&store, "A", 3)).await.unwrap();
    puller.stop().await;
    let feeds = source.feeds.clone();
    tokio::task::spawn_blocking(move || feeds.forget_mirrors()).await.unwrap().unwrap();
    set(&alone(), "A", 4);
}

/// Rule: a change that waits when its place loses its role fails, at once, and so does the next.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_that_it_is_over() {
    let wire = Wire::default();
    let (source, mirror) = (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO));
    sync_once(&mirror.options("a", true), Mode::ACTIVE).await.unwrap();
    let store = source.store();
    let waits = tokio::task::spawn_blocking(move || store.commit(&grant(), &[change("A", json!(1))]));
    let there = source.store();
    until("it is written", || there.version().unwrap() == 1).await;
    source.feeds.end();
    assert_eq!(waits.await.unwrap().unwrap_err().id(), "EpochOver");
}

/// Rule: a standby has a change within moments, and the answer of a question that waits comes when there is something.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_fed_at_once() {
    let wire = Wire::default();
    let (source, standby) = (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO));
    let puller = Puller::follow(standby.options("a", false));
    let store = source.store();
    set(&store, "A", 0);
    until("it follows", || puller.status().position.is_some_and(|position| position.sequence == 1)).await;
    for n in 2..30 {
        set(&store, "A", 1);
        until("it has it", || puller.status().position.is_some_and(|position| position.sequence == n)).await;
    }
    // Each was told by one question that waited, none by asking over and over.
    let asked = wire.0.lock().unwrap().asked.len();
    assert!(asked < 60, "{asked}");
    source.feeds.end();
    puller.stop().await;
}

/// Rule: many that change at once all get through, each with what it wrote at the mirror.
#[tokio::test(flavor = "multi_thread")]
async fn many_pass_the_gate_at_once() {
    let wire = Wire::default();
    let (source, mirror) = (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO));
    let puller = Puller::follow(mirror.options("a", true));
    until("it follows", || source.feeds.states().iter().any(|feed| feed.state == FeedState::Synchronized)).await;
    let over = Arc::new(AtomicBool::new(false));
    let work: Vec<_> = (0..6)
        .map(|who| {
            let (store, copy) = (source.store(), mirror.store());
            tokio::task::spawn_blocking(move || {
                for n in 0..15 {
                    let version = store.commit(&grant(), &[change(&format!("D{who}"), json!(n))]).unwrap();
                    assert!(copy.version().unwrap() >= version);
                }
            })
        })
        .collect();
    for done in work {
        done.await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    puller.stop().await;
    assert_eq!(mirror.dump(), source.dump());
    assert_eq!(crate::store::Placed::role(&mirror.store()).unwrap(), Role::Standby);
}
