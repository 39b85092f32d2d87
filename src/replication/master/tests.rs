//! The rules of the master, one by one.

use super::*;
use crate::replication::id::Held;
use crate::replication::message::CHUNKS;
use crate::store::Chain;

/// A master with what it wanted since the last look.
struct Case {
    master: Master,
    millis: u64,
    effects: Vec<Effect>,
}

fn chain(version: u64) -> Chain {
    Chain([u8::try_from(version).unwrap(); 32])
}

fn held(version: u64) -> Held {
    Held { epoch: 3, version, chain: chain(version) }
}

fn head(version: u64) -> Head {
    Head { epoch: 3, version, chain: chain(version) }
}

fn hello(computer: &str, held: Option<Held>) -> ToMaster {
    ToMaster::Hello(Box::new(Hello {
        format: FORMAT,
        deployment: "d".into(),
        computer: computer.into(),
        product: "1".into(),
        held,
        clock: 0,
        hook_error: None,
    }))
}

fn announce(from: Option<u64>, to: u64, length: u64) -> Arc<Announce> {
    let package = PackageId { epoch: 3, from, to };
    let from = from.map(held);
    Arc::new(Announce { package, length, unpacked: length, hash: chain(to), from, to: held(to), body: None })
}

fn report(held: Held, package: PackageId) -> ToMaster {
    ToMaster::Report(Box::new(Report { held, package: Some(package), hook_error: None, clock: 0 }))
}

fn row(computer: &str, held: Option<Held>) -> Row {
    Row { held, ..Row::new(computer.into()) }
}

impl Case {
    /// A master at version 7 whose replicas `a`, `b` and `c` have these rows.
    fn new(rows: Vec<Row>) -> Case {
        let mut case = Case { master: Master::new("d", head(7), rows), millis: 1_000, effects: Vec::new() };
        case.step(Event::Replicas { computers: vec!["a".into(), "b".into(), "c".into()] });
        case
    }

    fn step(&mut self, event: Event) {
        self.master.step(Now { millis: self.millis, clock: 5 }, event, &mut self.effects);
    }

    fn open(&mut self, connection: ConnectionId, computer: &str, held: Option<Held>) {
        self.step(Event::Opened { connection, computer: computer.into(), not_after: None });
        self.say(connection, hello(computer, held));
    }

    fn say(&mut self, connection: ConnectionId, message: ToMaster) {
        self.step(Event::Received { connection, epoch: 3, message });
    }

    /// What was wanted, in short, since the last look; rows are left out.
    fn wanted(&mut self) -> Vec<String> {
        let short = |effect| match effect {
            Effect::Send { connection, message, .. } => Some(match message {
                ToReplica::Welcome { .. } => return None,
                ToReplica::Announce(announce) => format!("{connection}: {}", announce.package),
                ToReplica::Beat { .. } => format!("{connection}: beat"),
                ToReplica::Farewell { id, .. } => format!("{connection}: {id}"),
                ToReplica::Chunk { .. } => "chunk".to_owned(),
            }),
            Effect::SendChunk { connection, offset, length, .. } => Some(format!("{connection}: {offset}+{length}")),
            Effect::Close { connection } => Some(format!("{connection}: close")),
            Effect::Make { from } => Some(format!("make {from:?}")),
            Effect::Delete(computer) => Some(format!("delete {computer}")),
            Effect::Over { epoch, .. } => Some(format!("over {epoch}")),
            Effect::Write(_) => None,
        };
        std::mem::take(&mut self.effects).into_iter().filter_map(short).collect()
    }

    fn state(&self, computer: &str) -> crate::replication::control::ReplicaState {
        self.master.states().into_iter().find(|state| state.replica_fqdn == computer).unwrap()
    }
}

/// Rule: everything without a status, without anything held, of another history, ahead, or of another epoch; else what
/// changed after what is held; nothing if that is all.
#[test]
fn what_a_replica_needs_follows_from_status_and_chain() {
    let other = Held { chain: chain(99), ..held(7) };
    let cases = [
        (None, None, Some("make None")),
        (None, Some(held(7)), Some("make None")),
        (Some(held(7)), None, Some("make None")),
        (Some(held(7)), Some(held(7)), None),
        (Some(held(5)), Some(held(7)), None),
        (Some(held(5)), Some(held(5)), Some("make Some(5)")),
        (Some(held(7)), Some(held(5)), Some("make Some(5)")),
        (Some(held(7)), Some(other), Some("make None")),
        (Some(held(7)), Some(held(9)), Some("make None")),
        (Some(held(7)), Some(Held { epoch: 2, ..held(7) }), Some("make None")),
    ];
    for (status, says, wants) in cases {
        let mut case = Case::new(vec![row("a", status)]);
        case.open(1, "a", says);
        assert_eq!(case.wanted(), wants.into_iter().collect::<Vec<_>>(), "{status:?} {says:?}");
        assert_eq!(case.state("a").up_to_date, wants.is_none());
    }
}

/// Rule: a delta that goes on from another history than the replica's gives way to a full snapshot.
#[test]
fn another_history_is_found_by_the_chain() {
    let mut case = Case::new(vec![row("a", Some(held(5)))]);
    case.open(1, "a", Some(Held { chain: chain(99), ..held(5) }));
    assert_eq!(case.wanted(), ["make Some(5)"]);
    case.step(Event::Made { announce: announce(Some(5), 7, 10) });
    assert_eq!(case.wanted(), ["make None"]);
    case.step(Event::Made { announce: announce(None, 7, 10) });
    assert_eq!(case.wanted(), ["1: 3:full-7"]);
}

/// Rule: whoever is not who the certificate says, or not of this deployment, gets nothing and is told why.
#[test]
fn hello_must_agree_with_certificate_topology_deployment_and_form() {
    let with = |change: &dyn Fn(&mut Hello)| {
        let ToMaster::Hello(mut said) = hello("a", None) else { unreachable!() };
        change(&mut said);
        ToMaster::Hello(said)
    };
    let cases = [
        (with(&|hello| hello.computer = "b".into()), "NameMismatch"),
        (with(&|hello| hello.deployment = "e".into()), "OtherDeployment"),
        (with(&|hello| hello.format = 99), "FormatUnknown"),
        (ToMaster::Alive, "ProtocolError"),
    ];
    for (said, id) in cases {
        let mut case = Case::new(vec![]);
        case.step(Event::Opened { connection: 1, computer: "A".into(), not_after: None });
        case.say(1, said);
        assert_eq!(case.wanted(), [format!("1: {id}"), "1: close".into()]);
        assert!(!case.state("a").connected);
    }
    let mut case = Case::new(vec![]);
    case.step(Event::Opened { connection: 1, computer: "stranger".into(), not_after: None });
    assert_eq!(case.wanted(), ["1: ComputerRemoved", "1: close"]);
}

/// Rule: a computer that leaves the topology is told and let go, and counts as deleted.
#[test]
fn a_computer_that_leaves_is_let_go() {
    let mut case = Case::new(vec![row("a", Some(held(7)))]);
    case.open(1, "a", Some(held(7)));
    case.wanted();
    case.step(Event::Replicas { computers: vec!["b".into()] });
    assert_eq!(case.wanted(), ["1: ComputerRemoved", "1: close"]);
    let central = case.master.central();
    assert_eq!((central.active_replicas, central.deleted_replicas), (vec!["b".into()], vec!["a".into(), "c".into()]));
}

/// Rule: one package is made for all who wait for it, and announced to each.
#[test]
fn a_package_is_made_once_for_all() {
    let rows = ["a", "b", "c"].map(|name| row(name, Some(held(7)))).to_vec();
    let mut case = Case::new(rows);
    for (connection, name) in [(1, "a"), (2, "b"), (3, "c")] {
        case.open(connection, name, Some(held(7)));
    }
    case.step(Event::Changed { head: head(8) });
    assert_eq!(case.wanted(), ["make Some(7)"]);
    case.step(Event::Made { announce: announce(Some(7), 8, 10) });
    assert_eq!(case.wanted(), ["1: 3:7-8", "2: 3:7-8", "3: 3:7-8"]);
}

/// Rule: what a busy replica misses does not queue up: it gets the newest when it is done.
#[test]
fn a_busy_replica_gets_the_newest_when_it_is_done() {
    let mut case = Case::new(vec![row("a", Some(held(7)))]);
    case.open(1, "a", Some(held(7)));
    case.step(Event::Changed { head: head(8) });
    case.step(Event::Made { announce: announce(Some(7), 8, 10) });
    case.wanted();
    for version in 9..20 {
        case.step(Event::Changed { head: head(version) });
    }
    assert_eq!(case.wanted(), [""; 0]);
    case.say(1, report(held(8), PackageId { epoch: 3, from: Some(7), to: 8 }));
    assert_eq!(case.wanted(), ["make Some(8)"]);
    case.step(Event::Made { announce: announce(Some(8), 19, 10) });
    assert_eq!(case.wanted(), ["1: 3:8-19"]);
    case.say(1, report(held(19), PackageId { epoch: 3, from: Some(8), to: 19 }));
    let state = case.state("a");
    assert!(state.up_to_date && state.reason.is_none());
    assert_eq!((state.version_held, state.last_package_kind), (Some(19), Some(PackageKind::Delta)));
}

/// Rule: whose status is deleted gets everything, and nobody else does; a delta under way does not bring the status back.
#[test]
fn forgetting_one_forces_a_full_snapshot_of_that_one() {
    for busy in [false, true] {
        let mut case = Case::new(vec![row("a", Some(held(7))), row("b", Some(held(7)))]);
        case.open(1, "a", Some(held(7)));
        case.open(2, "b", Some(held(7)));
        if busy {
            case.step(Event::Changed { head: head(8) });
            case.step(Event::Made { announce: announce(Some(7), 8, 10) });
        }
        case.wanted();
        case.step(Event::Forget { computer: Some("A".into()) });
        let to = if busy { 8 } else { 7 };
        if busy {
            assert_eq!(case.wanted(), ["delete a"]);
            case.say(1, report(held(8), PackageId { epoch: 3, from: Some(7), to: 8 }));
            assert_eq!(case.wanted(), ["make None"]);
        } else {
            assert_eq!(case.wanted(), ["delete a", "make None"]);
        }
        assert_eq!(case.state("a").version_held, None);
        assert!(!case.state("a").up_to_date);
        case.step(Event::Made { announce: announce(None, to, 10) });
        assert_eq!(case.wanted(), [format!("1: 3:full-{to}")]);
        case.say(1, report(held(to), PackageId { epoch: 3, from: None, to }));
        assert_eq!(case.wanted(), [""; 0]);
        assert_eq!(case.state("a").last_package_kind, Some(PackageKind::Full));
        assert!(case.state("a").up_to_date);
    }
}

/// Rule: a connection has a few chunks under way; the next goes when one was written, and others do not wait for it.
#[test]
fn chunks_go_as_the_network_takes_them() {
    let mut case = Case::new(vec![]);
    case.open(1, "a", None);
    case.open(2, "b", None);
    let length = 6 * 65_536 + 5;
    case.step(Event::Made { announce: announce(None, 7, length) });
    case.wanted();
    let package = PackageId { epoch: 3, from: None, to: 7 };
    case.say(1, ToMaster::Fetch { package, offset: 65_536 });
    assert_eq!(case.wanted().len(), CHUNKS as usize);
    case.say(2, ToMaster::Fetch { package, offset: 0 });
    assert_eq!(case.wanted().len(), CHUNKS as usize);
    case.step(Event::Sent { connection: 1, chunks: 2 });
    assert_eq!(case.wanted(), ["1: 327680+65536", "1: 393216+5"]);
    case.step(Event::Sent { connection: 1, chunks: 4 });
    assert_eq!(case.wanted(), [""; 0]);
    case.say(1, ToMaster::Fetch { package, offset: length });
    assert_eq!(case.wanted(), ["1: ProtocolError", "1: close"]);
}

/// Rule: where a package is no longer kept, the replica is told of the newest.
#[test]
fn a_package_that_is_gone_is_replaced_by_the_newest() {
    let mut case = Case::new(vec![]);
    case.open(1, "a", None);
    case.step(Event::Made { announce: announce(None, 7, 1 << 20) });
    let package = PackageId { epoch: 3, from: None, to: 7 };
    case.say(1, ToMaster::Fetch { package, offset: 0 });
    case.wanted();
    for _ in 0..3 {
        case.step(Event::Lost { package, connection: 1 });
    }
    assert_eq!(case.wanted(), ["make None"]);
    case.step(Event::Made { announce: announce(None, 8, 1 << 20) });
    assert_eq!(case.wanted(), ["1: 3:full-8"]);
}

/// Rule: a replica that knows of a newer epoch ends this master: all are told to look for the other, nobody is served.
#[test]
fn a_newer_epoch_ends_the_master() {
    let mut case = Case::new(vec![row("a", Some(held(7)))]);
    case.open(1, "a", Some(held(7)));
    case.step(Event::Opened { connection: 2, computer: "b".into(), not_after: None });
    case.wanted();
    case.step(Event::Received { connection: 2, epoch: 4, message: hello("b", None) });
    assert_eq!(case.wanted(), ["over 4", "1: EpochOver", "1: close", "2: EpochOver", "2: close"]);
    case.step(Event::Opened { connection: 3, computer: "a".into(), not_after: None });
    assert_eq!(case.wanted(), ["3: EpochOver", "3: close"]);
    assert_eq!(case.master.over(), Some(4));
}

/// Rule: a computer that cannot hold the store does not end the master by speaking of a newer epoch; it is refused, and
/// the status says why.
#[test]
fn a_newer_epoch_is_believed_of_places_of_the_store_alone() {
    let mut case = Case::new(vec![row("a", Some(held(7))), row("b", Some(held(7)))]);
    case.master.believe(&["B".into()]);
    case.open(1, "a", Some(held(7)));
    case.wanted();
    case.step(Event::Received { connection: 1, epoch: 4, message: ToMaster::Alive });
    assert_eq!(case.wanted(), ["1: EpochUnknown", "1: close"]);
    assert!(case.state("a").last_error.unwrap().starts_with("EpochUnknown"));
    assert_eq!(case.master.over(), None);
    case.step(Event::Opened { connection: 2, computer: "b".into(), not_after: None });
    case.step(Event::Received { connection: 2, epoch: 4, message: hello("b", None) });
    assert_eq!(case.master.over(), Some(4));
}

/// Rule: the newer connection of a computer takes the place of the older.
#[test]
fn a_newer_connection_replaces_the_older() {
    let mut case = Case::new(vec![row("a", Some(held(7)))]);
    case.open(1, "a", Some(held(7)));
    case.open(2, "a", Some(held(7)));
    assert_eq!(case.wanted(), ["1: Replaced", "1: close"]);
    case.step(Event::Closed { connection: 1, error: None });
    assert!(case.state("a").connected);
    case.step(Event::Closed { connection: 2, error: Some(("ConnectionLost".into(), "gone".into())) });
    let state = case.state("a");
    assert!(!state.connected);
    assert_eq!(state.last_error.as_deref(), Some("ConnectionLost: gone"));
}

/// Rule: a beat every ten seconds; thirty seconds of silence, or ten without a hello, end a connection.
#[test]
fn silence_ends_a_connection() {
    let mut case = Case::new(vec![row("a", Some(held(7)))]);
    case.open(1, "a", Some(held(7)));
    case.step(Event::Opened { connection: 2, computer: "b".into(), not_after: None });
    case.wanted();
    let mut all = Vec::new();
    for _ in 0..35 {
        case.millis += 1_000;
        case.step(Event::Tick);
        all.extend(case.wanted());
    }
    assert_eq!(all, ["1: beat", "2: close", "1: beat", "1: beat", "1: close"]);
    assert!(case.state("a").last_error.unwrap().starts_with("ReplicaSilent"));
}

/// Rule: a late report of an earlier package says what is held, and the next package starts there; one of a state that
/// the announcement does not lead to makes it all go again.
#[test]
fn reports_are_held_to_what_was_announced() {
    let mut case = Case::new(vec![row("a", Some(held(5)))]);
    case.open(1, "a", Some(held(5)));
    case.step(Event::Made { announce: announce(Some(5), 7, 10) });
    case.wanted();
    case.say(1, report(held(6), PackageId { epoch: 3, from: Some(4), to: 6 }));
    assert_eq!((case.wanted(), case.state("a").version_held), (vec!["make Some(6)".to_string()], Some(6)));

    let mut case = Case::new(vec![row("a", Some(held(5)))]);
    case.open(1, "a", Some(held(5)));
    case.step(Event::Made { announce: announce(Some(5), 7, 10) });
    case.wanted();
    let wrong = Held { chain: chain(99), ..held(7) };
    case.say(1, report(wrong, PackageId { epoch: 3, from: Some(5), to: 7 }));
    assert_eq!(case.wanted(), ["make None"]);
    assert!(case.state("a").last_error.unwrap().starts_with("ReportMismatch"));
}

/// Rule: a replica that failed is left alone until it says hello; its error stands in the status until it succeeds.
#[test]
fn a_failure_stands_in_the_status_until_it_succeeds() {
    let mut case = Case::new(vec![row("a", Some(held(5)))]);
    case.open(1, "a", Some(held(5)));
    case.step(Event::Made { announce: announce(Some(5), 7, 10) });
    case.wanted();
    let package = PackageId { epoch: 3, from: Some(5), to: 7 };
    case.say(1, ToMaster::Failed { package, id: "ReplicaDiskFull".into(), message: "no room".into() });
    case.step(Event::Changed { head: head(8) });
    assert_eq!(case.wanted(), [""; 0]);
    let state = case.state("a");
    assert!(state.last_error.unwrap().starts_with("ReplicaDiskFull"));
    assert!(state.reason.unwrap().contains("no room"));
    case.say(1, hello("a", Some(held(5))));
    case.step(Event::Made { announce: announce(Some(5), 8, 10) });
    case.say(1, report(held(8), PackageId { epoch: 3, from: Some(5), to: 8 }));
    assert_eq!(case.state("a").last_error, None);
}

/// Rule: what a delta cannot tell a full snapshot does; a full one that cannot be made is tried again after a while, and
/// says why meanwhile.
#[test]
fn what_cannot_be_made_is_made_otherwise_or_later() {
    let mut case = Case::new(vec![row("a", Some(held(5)))]);
    case.open(1, "a", Some(held(5)));
    case.wanted();
    let not_made = |from| Event::NotMade { from, id: "StoreFailed".into(), message: "no".into() };
    case.step(not_made(Some(5)));
    assert_eq!(case.wanted(), ["make None"]);
    case.step(not_made(None));
    case.step(Event::Tick);
    assert_eq!(case.wanted(), [""; 0]);
    assert!(case.state("a").reason.unwrap().contains("StoreFailed"));
    case.millis += 1_500;
    case.step(Event::Tick);
    assert_eq!(case.wanted(), ["make None"]);
}

/// Rule: at most so many packages are made at a time, the shortest deltas first.
#[test]
fn the_making_of_packages_is_bounded() {
    let names: Vec<String> = (1..=7).map(|n| format!("r{n}")).collect();
    let rows = names.iter().zip(1..).map(|(name, version)| row(name, Some(held(version)))).collect();
    let mut case = Case::new(rows);
    case.step(Event::Changed { head: head(9) });
    case.step(Event::Replicas { computers: names.iter().map(|name| name.as_str().into()).collect() });
    for (name, version) in names.iter().zip(1..) {
        case.open(version, name, Some(held(version)));
    }
    assert_eq!(case.wanted(), ["make Some(1)", "make Some(2)", "make Some(3)", "make Some(4)"]);
    case.step(Event::Made { announce: announce(Some(1), 9, 10) });
    assert_eq!(case.wanted(), ["1: 3:1-9", "make Some(7)"]);
}

/// Rule: what an idle replica costs the master is small.
#[test]
fn an_idle_replica_is_small() {
    let size = size_of::<Replica>() + size_of::<Connection>();
    assert!(size <= 600, "{size}");
}
