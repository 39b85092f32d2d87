//! Whatever is cut off or killed: what was taken over is a state that the source was in, and the next attempt goes on.

use super::super::coding::Decoder;
use super::super::follower::{Effect, Event, Follower, FollowerOptions};
use super::super::local::Local;
use super::super::{Mode, Request, respond, sync_once};
use super::{Cut, Place, Wire, change, entries, grant, json_of, role, set};
use crate::env::{FixedRandom, SystemClock};
use crate::store::{Placed, Role, SqliteStore, Store};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Rule: an answer that is cut off after any number of its bytes changes nothing, and the next one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_be_cut_off_anywhere() {
    let wire = Wire::default();
    let source = Place::active(&wire, "a");
    for n in 0..6 {
        set(&source.store(), &format!("D{}", n % 2), n);
    }
    let whole = {
        let probe = Place::new(&wire, "probe", Duration::ZERO);
        usize::try_from(probe.sync(&source).await.unwrap().pulled.received).unwrap()
    };
    // At each line's end and around it there is another state; in between a few are enough.
    let copy = Place::new(&wire, "b", Duration::ZERO);
    for after in (0..whole).step_by(41) {
        wire.cut(Cut { after, times: 1 });
        let mut mode = Mode::ACTIVE;
        mode.attempts = Some(1);
        let failed = sync_once(&copy.options("a", false), mode).await.unwrap_err();
        assert_eq!(failed.id(), "HostUnreachable", "{after}");
        assert_eq!(copy.store().position().unwrap().sequence, 0, "{after}");
    }
    wire.cut(Cut { after: whole / 2, times: 2 });
    let status = copy.sync(&source).await.unwrap();
    assert_eq!((status.pulled.questions, status.pulled.rows), (3, 6));
    assert_eq!(copy.dump(), source.dump());
}

/// Rule: a backlog of any size comes in batches, each of which stays; a line that breaks again and again gets it through.
#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_comes_in_parts_that_stay() {
    let wire = Wire::default();
    let source = Place::active(&wire, "a");
    let store = source.store();
    for n in 0..40 {
        store.commit(&grant(), &[change(&format!("D{n}"), json!(super::wire::noise(100_000, n)))]).unwrap();
    }
    let copy = Place::new(&wire, "b", Duration::ZERO);
    let mut mode = Mode::ACTIVE;
    mode.attempts = Some(1);
    let mut held = Vec::new();
    while held.last() != Some(&40) {
        // The first answer of each attempt gets through, the second does not.
        let options = copy.options("a", false);
        let end = wire.clone();
        let mut first = options.clone();
        first.moved = Arc::new(move |_| end.cut(Cut { after: 500_000, times: 1 }));
        let done = sync_once(&first, mode).await;
        held.push(copy.store().position().unwrap().sequence);
        assert!(done.is_ok() == (held.last() == Some(&40)), "{held:?}");
        wire.cut(Cut { after: 0, times: 0 });
    }
    assert!(held.len() >= 3 && held.windows(2).all(|pair| pair[0] < pair[1]), "{held:?}");
    assert_eq!(copy.dump(), source.dump());
}

/// Does what a follower says, in one process and without waiting, and is killed before the effect of a number.
fn follow(copy: &Place, source: &Place, kill_before: usize) -> Option<usize> {
    let folder = copy.folder.path().join("unsent");
    let local = Local::open(&copy.path(), &folder, "db", "b", Arc::new(SystemClock)).unwrap();
    let (own, highest) = local.own().unwrap();
    let random = Arc::new(FixedRandom::new(1));
    let options = FollowerOptions { synchronous: false, any: false, rewind: true, attempts: Some(1), random };
    let mut follower = Follower::new(options, own, highest);
    let (mut events, mut done) = (std::collections::VecDeque::from([Event::Tick]), 0);
    while let Some(event) = events.pop_front() {
        let mut effects = Vec::new();
        follower.step(0, event, &mut effects);
        for effect in effects {
            if done == kill_before {
                return None;
            }
            done += 1;
            events.extend(match effect {
                Effect::Ask(request) => Some(Event::Answered(answer(source, &request))),
                Effect::Compare(hashes) => {
                    let (common, differs) = local.compare(&hashes).unwrap();
                    Some(Event::Compared { common, differs })
                }
                Effect::Apply(entries) => Some(Event::Applied(local.apply(&entries).unwrap())),
                Effect::Keep(after) => local.keep(after).map(|_| Some(Event::Kept)).unwrap(),
                Effect::Rewind(to) => Some(Event::Rewound(local.rewind(to).unwrap())),
                Effect::Hear(epoch) => local.hear(epoch).map(|()| None).unwrap(),
                Effect::Tell(_) | Effect::Read => None,
                Effect::Finish(result) => {
                    result.unwrap();
                    return Some(done);
                }
            });
        }
    }
    panic!("it waits for something");
}

fn answer(source: &Place, request: &Request) -> super::super::Answer {
    let response = respond(&SqliteStore::open(source.path()).unwrap(), request).unwrap();
    let mut decoder = Decoder::default();
    response.lines.iter().find_map(|line| decoder.line(line).unwrap()).unwrap()
}

/// Rule: killed between any two steps on its way back, a former master goes on where it was: the same in the end, and what
/// only it had is in one file, whole.
#[test]
fn it_may_be_killed_between_any_two_steps() {
    let mut steps = 0;
    for kill_before in 0.. {
        let wire = Wire::default();
        let (old, new) = (Place::active(&wire, "b"), Place::active(&wire, "a"));
        set(&new.store(), "A", 1);
        role(&old, Role::Standby);
        old.store().apply(&entries(&new.store(), 0)).unwrap();
        role(&old, Role::Active);
        set(&old.store(), "Only here", 2);
        set(&old.store(), "A", 3);
        role(&old, Role::Standby);
        new.store().promote(&grant(), 2, 9, &[]).unwrap();
        set(&new.store(), "A", 4);
        let killed = follow(&old, &new, kill_before).is_none();
        let done = follow(&old, &new, usize::MAX).unwrap();
        assert_eq!(old.dump(), new.dump(), "{kill_before}");
        assert_eq!(old.store().highest_epoch().unwrap(), 2);
        let files = old.unsent();
        assert_eq!(files.len(), 1, "{kill_before}");
        let kept = json_of(&files[0]);
        let names: Vec<_> =
            kept["Rows"].as_array().unwrap().iter().map(|row| row["Documents"][0]["Key"].clone()).collect();
        assert_eq!(names, [json!("Only here"), json!("A")]);
        steps = steps.max(done);
        if !killed {
            break;
        }
    }
    assert!(steps >= 1);
}

/// Rule: a rewind takes back only what is in the file: with another row there meanwhile it changes nothing.
#[test]
fn only_what_was_kept_is_taken_back() {
    let wire = Wire::default();
    let place = Place::active(&wire, "a");
    set(&place.store(), "A", 1);
    set(&place.store(), "A", 2);
    let folder = place.folder.path().join("unsent");
    let local = Local::open(&place.path(), &folder, "db", "a", Arc::new(SystemClock)).unwrap();
    assert_eq!(local.rewind(1).unwrap_err().id(), "LogBroken");
    local.keep(1).unwrap();
    set(&place.store(), "A", 3);
    role(&place, Role::Standby);
    let before = place.dump();
    assert_eq!(local.rewind(1).unwrap_err().id(), "LogBroken");
    assert_eq!(local.rewind(0).unwrap_err().id(), "LogBroken");
    assert_eq!(place.dump(), before);
    local.keep(1).unwrap();
    assert_eq!(local.rewind(1).unwrap().sequence, 1);
    assert_eq!(place.store().get(&change("A", json!(0)).id).unwrap().unwrap().body, Some(json!({ "N": 1 })));
}
