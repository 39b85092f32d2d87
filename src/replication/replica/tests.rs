//! The rules of the replica, one by one.

use super::*;
use crate::env::FixedRandom;
use crate::replication::message::{Hello, SILENCE, ToReplica};
use bytes::Bytes;

/// A replica with what it wanted since the last look.
struct Case {
    replica: Replica,
    millis: u64,
    effects: Vec<Effect>,
}

fn chain(version: u64) -> Chain {
    Chain([u8::try_from(version).unwrap(); 32])
}

fn held(version: u64) -> Held {
    Held { epoch: 3, version, chain: chain(version) }
}

fn start(held: Option<Held>) -> Start {
    Start {
        deployment: "d".into(),
        computer: "a".into(),
        product: "1".into(),
        held,
        highest_epoch: 3,
        partial: None,
        random: Arc::new(FixedRandom::new(1)),
    }
}

fn delta(from: u64, to: u64) -> Announce {
    Announce {
        package: PackageId { epoch: 3, from: Some(from), to },
        length: 4,
        unpacked: 9,
        hash: chain(to),
        from: Some(held(from)),
        to: held(to),
        body: Some(Bytes::from_static(b"abcd")),
    }
}

fn full(to: u64) -> Announce {
    Announce { package: PackageId { epoch: 3, from: None, to }, from: None, ..delta(0, to) }
}

/// One that is to be fetched.
fn large(announce: Announce, length: u64) -> Announce {
    Announce { body: None, length, ..announce }
}

impl Case {
    /// A replica that is connected and holds version 5.
    fn new() -> Case {
        let mut case = Case::with(start(Some(held(5))));
        case.connect();
        case.wanted();
        case
    }

    fn with(start: Start) -> Case {
        Case { replica: Replica::new(start), millis: 1_000, effects: Vec::new() }
    }

    fn connect(&mut self) {
        self.connect_to(9);
    }

    /// Connects to a master whose store is at a version.
    fn connect_to(&mut self, version: u64) {
        for _ in 0..200 {
            self.tick(100);
            let finds = self.effects.iter().any(|effect| matches!(effect, Effect::Find));
            if finds {
                self.effects.clear();
                self.step(Event::Found { computer: None });
            }
            if self.effects.iter().any(|effect| matches!(effect, Effect::Connect { .. })) {
                break;
            }
        }
        self.step(Event::Connected);
        self.hear(ToReplica::Welcome { version });
    }

    fn step(&mut self, event: Event) {
        self.replica.step(Now { millis: self.millis, clock: 5 }, event, &mut self.effects);
    }

    fn tick(&mut self, millis: u64) {
        self.millis += millis;
        self.step(Event::Tick);
    }

    fn hear(&mut self, message: ToReplica) {
        self.step(Event::Received { epoch: 3, message });
    }

    fn announce(&mut self, announce: Announce) {
        self.hear(ToReplica::Announce(Arc::new(announce)));
    }

    fn chunk(&mut self, to: u64, offset: u64, bytes: &'static [u8]) {
        let package = PackageId { epoch: 3, from: None, to };
        self.hear(ToReplica::Chunk { package, offset, bytes: Bytes::from_static(bytes) });
    }

    /// What was wanted since the last look, in short.
    fn wanted(&mut self) -> Vec<String> {
        let short = |effect| match effect {
            Effect::PersistEpoch { epoch } => format!("persist {epoch}"),
            Effect::Connect { to } => format!("connect {to:?}"),
            Effect::Find => "find".into(),
            Effect::Send { message, .. } => match message {
                ToMaster::Hello(hello) => {
                    let Hello { held, .. } = *hello;
                    format!("hello {:?}", held.map(|held| held.version))
                }
                ToMaster::Fetch { package, offset } => format!("fetch {package} {offset}"),
                ToMaster::Report(report) => format!("report {} {:?}", report.held.version, report.package.is_some()),
                ToMaster::Failed { id, .. } => format!("failed {id}"),
                ToMaster::Alive => "alive".into(),
            },
            Effect::Close => "close".into(),
            Effect::Spool { offset, bytes, .. } => format!("spool {offset}+{}", bytes.len()),
            Effect::Discard => "discard".into(),
            Effect::Apply { announce } => format!("apply {}", announce.package),
        };
        std::mem::take(&mut self.effects).into_iter().map(short).collect()
    }

    /// Waits until it says hello again on its connection.
    fn until_hello(&mut self) -> String {
        for _ in 0..200 {
            self.tick(100);
            if let Some(hello) = self.wanted().into_iter().find(|wanted| wanted.starts_with("hello")) {
                return hello;
            }
        }
        "no hello".into()
    }
}

/// Rule: what is applied is reported when it is on the disk, not before.
#[test]
fn a_package_is_reported_after_it_is_applied() {
    let mut case = Case::new();
    case.announce(delta(5, 6));
    assert_eq!(case.wanted(), ["apply 3:5-6"]);
    assert_eq!(case.replica.status().held, Some(held(5)));
    case.step(Event::Applied { package: delta(5, 6).package, held: held(6) });
    assert_eq!(case.wanted(), ["report 6 true"]);
    assert_eq!(case.replica.status().held, Some(held(6)));
}

/// Rule: a package that is not what it says, not whole, too large, or does not go on from what is held is refused with
/// its id, and what is held stays.
#[test]
fn what_does_not_fit_is_refused() {
    let with = |change: &dyn Fn(&mut Announce)| {
        let mut announce = delta(5, 6);
        change(&mut announce);
        announce
    };
    let cases = [
        (with(&|a| a.package.epoch = 2), "PackageInvalid"),
        (with(&|a| a.to.epoch = 2), "PackageInvalid"),
        (with(&|a| a.to.version = 8), "PackageInvalid"),
        (with(&|a| a.package.from = Some(4)), "PackageInvalid"),
        (with(&|a| a.from = None), "PackageInvalid"),
        (delta(6, 6), "PackageInvalid"),
        (with(&|a| a.length = 5), "PackageTruncated"),
        (with(&|a| a.length = 3), "PackageTruncated"),
        (with(&|a| a.length = 0), "PackageTooLarge"),
        (with(&|a| a.unpacked = u64::MAX), "PackageTooLarge"),
        (large(delta(5, 6), 1 << 40), "PackageTooLarge"),
        (with(&|a| a.body = Some(vec![0; 300_000].into())), "PackageTooLarge"),
        (delta(4, 5), "PackageReplayed"),
        (delta(3, 5), "PackageReplayed"),
        (full(4), "PackageReplayed"),
        (delta(6, 7), "PackageDoesNotFit"),
        (with(&|a| a.from = Some(Held { chain: chain(99), ..held(5) })), "PackageDoesNotFit"),
    ];
    for (announce, id) in cases {
        let mut case = Case::new();
        case.announce(announce.clone());
        let wanted = case.wanted();
        assert!(wanted.contains(&format!("failed {id}")), "{announce:?} {wanted:?}");
        assert!(!wanted.iter().any(|wanted| wanted.starts_with("apply")));
        assert_eq!(case.replica.status().error.unwrap().0, id);
        assert_eq!(case.until_hello(), "hello Some(5)");
    }
}

/// Rule: a full snapshot is taken whatever is held; one that leads back, only where the master itself is behind.
#[test]
fn a_full_snapshot_is_taken() {
    for (master, to, taken) in [(9, 9, true), (9, 5, true), (9, 4, false), (4, 4, true)] {
        let mut case = Case::with(start(Some(held(5))));
        case.connect_to(master);
        case.announce(full(to));
        let applies = case.wanted().iter().any(|wanted| wanted.starts_with("apply"));
        assert_eq!(applies, taken, "{master} {to}");
    }
}

/// Rule: the epoch never goes back: an older one is refused, a newer one is on the disk before anything of it is done.
#[test]
fn the_epoch_never_goes_back() {
    let mut case = Case::new();
    let of = |epoch: u64| {
        let mut announce = full(9);
        (announce.package.epoch, announce.to.epoch) = (epoch, epoch);
        Event::Received { epoch, message: ToReplica::Announce(Arc::new(announce)) }
    };
    case.step(of(2));
    assert_eq!(case.wanted(), ["failed EpochOver", "close"]);
    assert_eq!(case.replica.status().error.unwrap().0, "EpochOver");
    case.connect();
    case.wanted();
    case.step(of(4));
    assert_eq!(case.wanted(), ["persist 4", "apply 4:full-9"]);
    case.step(Event::NotPersisted { id: "ReplicaDiskFull".into(), message: "no room".into() });
    assert_eq!(case.wanted(), ["close"]);
    assert_eq!(case.replica.status().package, None);
    case.connect();
    // The epoch that could not be written counts all the same.
    assert!(case.wanted().contains(&"close".to_owned()));
    assert_eq!(case.replica.status().highest_epoch, 4);
}

/// Rule: a large package is fetched in order and applied when all of it is there; after a break it goes on where it was,
/// after a restart too.
#[test]
fn a_fetch_goes_on_where_it_was() {
    let mut case = Case::new();
    case.announce(large(full(9), 6));
    assert_eq!(case.wanted(), ["fetch 3:full-9 0"]);
    case.chunk(9, 0, b"ab");
    assert_eq!(case.wanted(), ["spool 0+2"]);
    case.step(Event::Closed { id: "ConnectionLost".into(), message: String::new() });
    case.connect();
    case.wanted();
    case.announce(large(full(9), 6));
    assert_eq!(case.wanted(), ["fetch 3:full-9 2"]);
    case.chunk(9, 2, b"cdef");
    assert_eq!(case.wanted(), ["spool 2+4", "apply 3:full-9"]);

    let partial = Some((full(9).package, chain(9), 4));
    let mut case = Case::with(Start { partial, ..start(None) });
    case.connect();
    case.wanted();
    case.announce(large(full(9), 6));
    assert_eq!(case.wanted(), ["fetch 3:full-9 4"]);
    // Another one takes its place.
    case.announce(large(full(8), 6));
    assert_eq!(case.wanted(), ["discard", "fetch 3:full-8 0"]);
    case.chunk(9, 4, b"ef");
    assert_eq!(case.wanted(), [""; 0]);
}

/// Rule: bytes out of order, or more of them than were announced, are refused, and the connection is made anew.
#[test]
fn chunks_out_of_order_or_too_many_are_refused() {
    for (offset, bytes, id) in [(3, &b"x"[..], "PackageReordered"), (2, b"cdefg", "PackageTooLarge")] {
        let mut case = Case::new();
        case.announce(large(full(9), 6));
        case.chunk(9, 0, b"ab");
        case.wanted();
        case.chunk(9, offset, bytes);
        assert_eq!(case.wanted(), ["discard", &format!("failed {id}"), "close"]);
        assert_eq!(case.replica.status().held, Some(held(5)));
    }
}

/// Rule: bytes that are wrong are fetched again; where they are wrong again, everything is asked for.
#[test]
fn after_two_corrupt_packages_everything_is_asked_for() {
    let mut case = Case::new();
    for expected in ["hello Some(5)", "hello None"] {
        case.announce(delta(5, 6));
        case.wanted();
        let (id, message) = ("PackageCorrupt".into(), String::new());
        case.step(Event::NotApplied { package: delta(5, 6).package, id, message });
        assert_eq!(case.wanted(), ["discard", "failed PackageCorrupt"]);
        assert_eq!(case.until_hello(), expected);
    }
    case.announce(full(6));
    case.step(Event::Applied { package: full(6).package, held: held(6) });
    assert!(case.wanted().contains(&"report 6 true".to_owned()));
    case.step(Event::Closed { id: "ConnectionLost".into(), message: String::new() });
    case.connect();
    assert!(case.wanted().contains(&"hello Some(6)".to_owned()));
}

/// Rule: a full disk is told, loses nothing, and is tried again with patience.
#[test]
fn a_full_disk_is_told_and_tried_again() {
    let mut case = Case::new();
    let mut waits = Vec::new();
    for _ in 0..12 {
        case.announce(delta(5, 6));
        case.wanted();
        let (id, message) = ("ReplicaDiskFull".into(), "no room".into());
        case.step(Event::NotApplied { package: delta(5, 6).package, id, message });
        assert_eq!(case.wanted(), ["discard", "failed ReplicaDiskFull"]);
        let since = case.millis;
        // The master is still there meanwhile.
        case.hear(ToReplica::Beat { version: 9 });
        assert_eq!(case.until_hello(), "hello Some(5)");
        waits.push(case.millis - since);
    }
    assert!(waits[0] <= 200 && waits.iter().all(|wait| (100..=10_100).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > 1_000), "{waits:?}");
}

/// Rule: what comes while a package is applied waits for it: then the master chooses anew.
#[test]
fn an_announcement_in_between_makes_it_say_hello() {
    let mut case = Case::new();
    case.announce(delta(5, 6));
    case.announce(delta(5, 7));
    assert_eq!(case.wanted(), ["apply 3:5-6"]);
    case.step(Event::Applied { package: delta(5, 6).package, held: held(6) });
    assert_eq!(case.wanted(), ["hello Some(6)"]);
}

/// Rule: attempts are spread between 0.1 and 10 s; after a few, others are asked who the master is.
#[test]
fn attempts_are_spread_and_others_are_asked() {
    let mut case = Case::with(start(None));
    case.tick(0);
    assert_eq!(case.wanted(), ["connect None"]);
    let (mut finds, mut last) = (0, case.millis);
    for _ in 0..30 {
        case.step(Event::NotConnected { id: "HostUnreachable".into(), message: String::new() });
        let wake = case.replica.wake();
        assert!((100..=10_000).contains(&(wake - last)), "{}", wake - last);
        case.millis = wake;
        case.step(Event::Tick);
        match &case.wanted()[..] {
            [find] if find == "find" => {
                finds += 1;
                case.step(Event::Found { computer: None });
                let wake = case.replica.wake();
                assert!((100..=10_000).contains(&(wake - case.millis)));
                case.millis = wake;
                case.step(Event::Tick);
                assert_eq!(case.wanted(), ["connect None"]);
            }
            other => assert_eq!(other, ["connect None"]),
        }
        last = case.millis;
    }
    assert_eq!(finds, 10);
}

/// Rule: who is not the master any more says so, and the one that others name is taken at once.
#[test]
fn another_master_is_found() {
    for id in ["NotActive", "EpochOver"] {
        let mut case = Case::new();
        case.hear(ToReplica::Farewell { id: id.into(), message: String::new() });
        assert_eq!(case.wanted(), ["close"]);
        case.tick(0);
        assert_eq!(case.wanted(), ["find"]);
        case.step(Event::Found { computer: Some("b".into()) });
        case.tick(0);
        assert_eq!(case.wanted(), [r#"connect Some("b")"#]);
    }
}

/// Rule: a computer that is no longer wanted does not hammer at the door.
#[test]
fn a_removed_computer_is_patient() {
    let mut waits = 0;
    for seed in 0..20 {
        let mut case = Case::with(Start { random: Arc::new(FixedRandom::new(seed)), ..start(None) });
        case.connect();
        case.hear(ToReplica::Farewell { id: "ComputerRemoved".into(), message: String::new() });
        waits += case.replica.wake() - case.millis;
    }
    assert!(waits / 20 > 2_000, "{waits}");
}

/// Rule: both ends show that they are there; silence is taken for a dead connection.
#[test]
fn silence_ends_a_connection() {
    let mut case = Case::new();
    case.tick(10_000);
    assert_eq!(case.wanted(), ["alive"]);
    case.tick(SILENCE);
    assert_eq!(case.wanted(), ["close"]);
    assert_eq!(case.replica.status().error.unwrap().0, "MasterSilent");
}

/// Rule: what documents or hook come to is told when it changes.
#[test]
fn a_hook_that_fails_is_told() {
    let mut case = Case::new();
    case.step(Event::Hook { error: Some("HookFailed: exit code 1".into()) });
    case.step(Event::Hook { error: Some("HookFailed: exit code 1".into()) });
    assert_eq!(case.wanted(), ["report 5 false"]);
    case.step(Event::Hook { error: None });
    assert_eq!(case.wanted(), ["report 5 false"]);
}

/// Rule: a computer whose disk takes no epoch does not come again and again at once: its welcomes are none.
#[test]
fn an_epoch_that_cannot_be_kept_is_tried_with_patience() {
    let mut waits = 0;
    for seed in 0..20 {
        let random = Arc::new(FixedRandom::new(seed));
        let mut case = Case::with(Start { random, highest_epoch: 0, ..start(None) });
        for _ in 0..10 {
            case.connect();
            let message = "no such folder".to_owned();
            case.step(Event::NotPersisted { id: "ReplicaUnreachable".into(), message });
            case.effects.clear();
        }
        waits += case.replica.wake() - case.millis;
    }
    assert!(waits / 20 > 2_000, "{waits}");
}

/// Rule: two servers that are the same computer do not take the place from each other many times a second.
#[test]
fn whose_place_was_taken_is_patient() {
    let mut waits = 0;
    for seed in 0..20 {
        let mut case = Case::with(Start { random: Arc::new(FixedRandom::new(seed)), ..start(None) });
        case.connect();
        case.hear(ToReplica::Welcome { version: 7 });
        case.hear(ToReplica::Farewell { id: "Replaced".into(), message: String::new() });
        waits += case.replica.wake() - case.millis;
    }
    assert!(waits / 20 > 2_000, "{waits}");
}
