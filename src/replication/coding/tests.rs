//! Messages go there and back, and nothing else is taken.

use super::*;
use crate::replication::message::{Hello, Report};
use crate::store::{Chain, Held};
use proptest::prelude::*;

fn held() -> impl Strategy<Value = Held> {
    any::<(u64, u64, [u8; 32])>().prop_map(|(epoch, version, chain)| Held { epoch, version, chain: Chain(chain) })
}

fn package() -> impl Strategy<Value = PackageId> {
    any::<(u64, Option<u64>, u64)>().prop_map(|(epoch, from, to)| PackageId { epoch, from, to })
}

fn replicas() -> impl Strategy<Value = ToMaster> {
    let text = || "\\PC{0,40}";
    let hello =
        (text(), text(), text(), proptest::option::of(held()), any::<(u32, i64)>(), proptest::option::of(text()))
            .prop_map(|(deployment, computer, product, held, (format, clock), hook_error)| {
                ToMaster::Hello(Box::new(Hello { format, deployment, computer, product, held, clock, hook_error }))
            });
    let report = (held(), proptest::option::of(package()), proptest::option::of(text()), any::<i64>()).prop_map(
        |(held, package, hook_error, clock)| ToMaster::Report(Box::new(Report { held, package, hook_error, clock })),
    );
    prop_oneof![
        hello,
        report,
        (package(), any::<u64>()).prop_map(|(package, offset)| ToMaster::Fetch { package, offset }),
        (package(), text(), text()).prop_map(|(package, id, message)| ToMaster::Failed { package, id, message }),
        Just(ToMaster::Alive),
    ]
}

fn masters() -> impl Strategy<Value = ToReplica> {
    let bytes = |least: usize| proptest::collection::vec(any::<u8>(), least..300).prop_map(Bytes::from);
    let announce =
        (package(), any::<(u64, u64, [u8; 32])>(), proptest::option::of(held()), held(), bytes(1), any::<bool>())
            .prop_map(|(package, (length, unpacked, hash), from, to, body, inline)| {
                let body = inline.then_some(body);
                ToReplica::Announce(Arc::new(Announce { package, length, unpacked, hash: Chain(hash), from, to, body }))
            });
    prop_oneof![
        announce,
        any::<u64>().prop_map(|version| ToReplica::Welcome { version }),
        any::<u64>().prop_map(|version| ToReplica::Beat { version }),
        (package(), any::<u64>(), bytes(1)).prop_map(|(package, offset, bytes)| ToReplica::Chunk {
            package,
            offset,
            bytes
        }),
        ("\\PC{0,20}", "\\PC{0,60}").prop_map(|(id, message)| ToReplica::Farewell { id, message }),
    ]
}

proptest! {
    /// Rule: what is said is heard, to the byte.
    #[test]
    fn messages_go_there_and_back(epoch: u64, mine in replicas(), theirs in masters()) {
        let frame = to_master(epoch, &mine).unwrap();
        prop_assert_eq!(frame.epoch, epoch);
        prop_assert_eq!(from_replica(&frame).unwrap(), mine);
        let frame = to_replica(epoch, &theirs).unwrap();
        prop_assert_eq!(from_master(frame).unwrap(), theirs);
    }

    /// Rule: whatever comes is a message or an error, whichever kind it claims to be.
    #[test]
    fn anything_else_is_an_error(kind: u8, head in proptest::collection::vec(any::<u8>(), 0..80), body in "\\PC{0,9}") {
        let frame = Frame { kind, epoch: 1, head: head.into(), body: body.into() };
        let _ = from_replica(&frame);
        let _ = from_master(frame);
    }
}

/// Rule: unknown kinds, kinds that do not match, bytes where none belong, and what is too long are refused with their id.
#[test]
fn what_is_not_a_message_is_refused() {
    let frame = |kind, head: &str, body: usize| Frame {
        kind,
        epoch: 1,
        head: head.to_owned().into(),
        body: vec![0; body].into(),
    };
    let package = r#"{"epoch":1,"from":null,"to":2}"#;
    let chunk = format!(r#"{{"Chunk":{{"package":{package},"offset":0}}}}"#);
    let long = format!(r#"{{"Failed":{{"package":{package},"id":"{}","message":""}}}}"#, "x".repeat(400));
    let replicas = [
        (frame(0, "\"Alive\"", 0), "MessageUnknown"),
        (frame(WELCOME, "\"Alive\"", 0), "MessageUnknown"),
        (frame(HELLO, "\"Alive\"", 0), "MessageInvalid"),
        (frame(ALIVE, "\"Alive\"", 1), "MessageInvalid"),
        (frame(ALIVE, "\"Dead\"", 0), "MessageInvalid"),
        (frame(ALIVE, &" ".repeat(HEAD + 1), 0), "MessageInvalid"),
        (frame(FAILED, &long, 0), "MessageInvalid"),
    ];
    for (frame, id) in replicas {
        assert_eq!(from_replica(&frame).unwrap_err().id(), id, "{frame:?}");
    }
    let masters = [
        (frame(200, "1", 0), "MessageUnknown"),
        (frame(CHUNK_OF, &chunk, 0), "MessageInvalid"),
        (frame(CHUNK_OF, &chunk, CHUNK as usize + 1), "MessageInvalid"),
        (frame(BEAT, &chunk, 1), "MessageInvalid"),
        (frame(BEAT, r#"{"Beat":{"version":1}}"#, 1), "MessageInvalid"),
    ];
    for (frame, id) in masters {
        assert_eq!(from_master(frame.clone()).unwrap_err().id(), id, "{frame:?}");
    }
}

/// Rule: a text that is longer than what is kept is cut, between characters.
#[test]
fn long_texts_are_cut() {
    let message = "ö".repeat(5_000);
    let failed = ToMaster::Failed { package: PackageId { epoch: 1, from: None, to: 2 }, id: "A".into(), message };
    let ToMaster::Failed { message, .. } = from_replica(&to_master(1, &failed).unwrap()).unwrap() else { panic!() };
    assert!(message.len() <= TEXT + 3 && message.ends_with("ö…"));
}
