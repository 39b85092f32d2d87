//! Lines: what is written is read, whatever its size, and nothing that is cut off is taken for whole.

use super::super::coding::{Decoder, Encoder};
use super::super::message::{Answer, Begin};
use super::super::{Ask, Request, respond};
use super::{Place, Wire, change, entries, grant, set};
use crate::error::{Category, ErrorRecord};
use crate::store::{LogEntry, Placed, Role, Store};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

fn lines(begin: Begin, entries: &[LogEntry]) -> Vec<Bytes> {
    let mut encoder = Encoder::default();
    encoder.begin(begin).unwrap();
    entries.iter().for_each(|entry| encoder.entry(entry.clone()).unwrap());
    encoder.end(false).unwrap();
    encoder.finish().unwrap()
}

fn decode(lines: &[Bytes]) -> Option<Answer> {
    let mut decoder = Decoder::default();
    lines.iter().find_map(|line| decoder.line(line).unwrap())
}

/// Rule: an entry is the same at the other end: many documents, huge ones, denials, tombstones, epochs, any text.
#[test]
fn what_is_written_is_read() {
    let wire = Wire::default();
    let place = Place::active(&wire, "a");
    let store = place.store();
    let many: Vec<_> = (0..3_000).map(|n| change(&format!("D{n}"), json!({ "Text": "x".repeat(300) }))).collect();
    store.commit(&grant(), &many).unwrap();
    // Longer than any line may be, of characters that are escaped or take several bytes.
    store.commit(&grant(), &[change("Huge", json!("\u{1}\"ü\n".repeat(1 << 19)))]).unwrap();
    store.commit(&grant(), &[change("Odd \u{2028}", json!({ "": [null, true, -1, "\u{0}"] }))]).unwrap();
    let mut gone = change("D7", json!(0));
    gone.body = None;
    store.commit(&grant(), &[gone]).unwrap();
    store.set_epoch(&grant(), 9).unwrap();
    let all = entries(&store, 0);
    let begin = Begin { role: Role::Active, position: store.position().unwrap() };
    let sent = lines(begin, &all);
    assert!(sent.len() > 3 && sent.iter().all(|line| line.len() < crate::net::http::LONGEST_LINE));
    assert!(sent.iter().all(|line| line.iter().filter(|byte| **byte == b'\n').count() == 1));
    match decode(&sent) {
        Some(Answer::Batch { begin: read, entries, more: false, .. }) => assert!(read == begin && entries == all),
        other => panic!("{other:?}"),
    }
    for end in 0..sent.len() {
        assert!(decode(&sent[..end]).is_none(), "{end}");
    }
}

/// Text that does not get smaller by packing.
pub(super) fn noise(length: usize, seed: u64) -> String {
    let mut text = String::new();
    let mut reader = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    while text.len() < length {
        let mut bytes = [0; 48];
        reader.fill(&mut bytes);
        text.push_str(&crate::value::statics::to_base64(&bytes));
    }
    text
}

/// Rule: what can be packed is.
#[test]
fn a_backlog_is_packed() {
    let wire = Wire::default();
    let place = Place::active(&wire, "a");
    let store = place.store();
    for n in 0..200 {
        set(&store, &format!("Document {n}"), n);
    }
    let all = entries(&store, 0);
    let begin = Begin { role: Role::Active, position: store.position().unwrap() };
    let sent = lines(begin, &all);
    let bytes: usize = sent.iter().map(Bytes::len).sum();
    assert!(sent.len() == 1 && bytes < 60_000, "{bytes}");
    match decode(&sent) {
        Some(Answer::Batch { entries, .. }) => assert!(entries == all),
        other => panic!("{other:?}"),
    }
    // A packed line in a packed line is refused, as are bytes that unpack to more than anybody sends.
    let packed = |bytes: &[u8]| {
        let packed = zstd::bulk::compress(bytes, 1).unwrap();
        format!("{{\"Packed\":\"{}\"}}", crate::value::statics::to_base64(&packed))
    };
    for line in [packed(&sent[0]), packed(&vec![b'\n'; 100 << 20])] {
        assert_eq!(Decoder::default().line(line.as_bytes()).unwrap_err().id(), "LineInvalid");
    }
}

/// Rule: a refusal keeps id, category and advice.
#[test]
fn a_refusal_is_read() {
    let mut encoder = Encoder::default();
    let error = ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, "no").hint("Go there.");
    encoder.refused(4, &error).unwrap();
    match decode(&encoder.finish().unwrap()) {
        Some(Answer::Refused { epoch: 4, error: read }) => {
            assert_eq!((read.id(), read.category(), read.hints()), (error.id(), error.category(), error.hints()));
        }
        other => panic!("{other:?}"),
    }
}

/// Rule: a batch is bounded, whatever is left, and ends between changes.
#[test]
fn batches_are_bounded() {
    let wire = Wire::default();
    let place = Place::active(&wire, "a");
    let store = place.store();
    for n in 0..30 {
        store.commit(&grant(), &[change(&format!("D{n}"), json!(noise(100_000, n)))]).unwrap();
    }
    let (mut position, mut batches) = (0, 0);
    loop {
        let hash = store.hash_at(position).unwrap().unwrap();
        let ask = Ask::After { sequence: position, hash, version: position, wait: 0 };
        let response = respond(&store, &Request { epoch: 1, synchronous: false, any: false, ask }).unwrap();
        assert!(response.lines.iter().map(Bytes::len).sum::<usize>() < 1_300_000);
        let Some((last, _)) = response.last else { break };
        (position, batches) = (last, batches + 1);
    }
    assert_eq!((position, batches), (30, 3));
}

proptest! {
    /// Rule: whatever comes over the wire, nothing panics.
    #[test]
    fn nonsense_is_an_error(noise in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..8), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut decoder = Decoder::default();
        for line in &noise {
            let _ = decoder.line(line);
        }
        let mut encoder = Encoder::default();
        encoder.end(true).unwrap();
        let mut line = encoder.finish().unwrap()[0].to_vec();
        let at = at.index(line.len());
        line[at] = with;
        let _ = Decoder::default().line(&line);
    }
}

/// Rule: who is asked by somebody of a later epoch refuses and says so; who stands by gives nothing, but to one that takes
/// over; who is closed gives what it took.
#[test]
fn who_answers_whom() {
    let wire = Wire::default();
    let place = Place::active(&wire, "a");
    let store = place.store();
    set(&store, "A", 1);
    let ask = |role: Role, epoch: u64, any: bool| {
        store.set_role(role).unwrap();
        let ask = Ask::After { sequence: 0, hash: Default::default(), version: 0, wait: 0 };
        let response = respond(&store, &Request { epoch, synchronous: false, any, ask }).unwrap();
        match decode(&response.lines) {
            Some(Answer::Refused { error, .. }) => (error.id().to_owned(), response.over),
            Some(Answer::Batch { entries, .. }) => (format!("{}", entries.len()), response.over),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask(Role::Active, 1, false), ("1".into(), false));
    assert_eq!(ask(Role::Closed, 1, false), ("1".into(), false));
    assert_eq!(ask(Role::Standby, 1, false), ("StoreNotActive".into(), false));
    assert_eq!(ask(Role::Standby, 1, true), ("1".into(), false));
    assert_eq!(ask(Role::Active, 2, true), ("EpochOver".into(), true));
}
