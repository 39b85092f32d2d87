//! What the simulation has found in the state machines, event by event: each was a seed that did not end well.

use reeve::env::FixedRandom;
use reeve::replication::message::{Announce, Hello, Report, ToMaster, ToReplica};
use reeve::replication::replica::{Replica, Start};
use reeve::replication::{Chain, Held, Now, PackageId, master, replica};
use reeve::store::Head;
use std::sync::Arc;

fn held(epoch: u64, version: u64) -> Held {
    Held { epoch, version, chain: Chain::default().next(version, b"change") }
}

fn announce(epoch: u64, from: Option<u64>, to: u64, body: Option<&'static [u8]>) -> Arc<Announce> {
    let package = PackageId { epoch, from, to };
    let (from, to) = (from.map(|version| held(epoch, version)), held(epoch, to));
    let body = body.map(bytes::Bytes::from_static);
    Arc::new(Announce { package, length: 3, unpacked: 3, hash: Chain::default(), from, to, body })
}

/// A replica with its clock.
struct Peer {
    machine: Replica,
    millis: u64,
}

impl Peer {
    /// A replica that holds a version, connected and welcomed by a master of that version.
    fn connected(version: u64) -> Peer {
        let machine = Replica::new(Start {
            deployment: "d".to_owned(),
            computer: "r".into(),
            product: "1".to_owned(),
            held: Some(held(1, version)),
            highest_epoch: 1,
            partial: None,
            random: Arc::new(FixedRandom::new(1)),
        });
        let mut peer = Peer { machine, millis: 0 };
        peer.connect();
        peer.hears(1, ToReplica::Welcome { version });
        peer
    }

    fn happens(&mut self, event: replica::Event) -> Vec<replica::Effect> {
        let mut effects = Vec::new();
        self.machine.step(Now { millis: self.millis, clock: 0 }, event, &mut effects);
        effects
    }

    fn hears(&mut self, epoch: u64, message: ToReplica) -> Vec<replica::Effect> {
        self.happens(replica::Event::Received { epoch, message })
    }

    /// Waits until it wants a connection, and gives it one.
    fn connect(&mut self) {
        self.millis = self.millis.max(self.machine.wake());
        let effects = self.happens(replica::Event::Tick);
        assert!(matches!(effects[..], [replica::Effect::Connect { .. }]), "{effects:?}");
        let effects = self.happens(replica::Event::Connected);
        assert!(matches!(effects[..], [replica::Effect::Send { message: ToMaster::Hello(_), .. }]), "{effects:?}");
    }
}

fn applies(effects: &[replica::Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, replica::Effect::Apply { .. }))
}

fn closes(effects: &[replica::Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, replica::Effect::Close))
}

/// Rule: where a new epoch could not be written, a package that was to be applied after it is not waited for, of whatever
/// epoch it is.
#[test]
fn what_follows_an_epoch_that_was_not_written_is_not_waited_for() {
    let mut peer = Peer::connected(4);
    peer.hears(1, ToReplica::Announce(announce(1, Some(4), 5, None)));
    let bytes = bytes::Bytes::from_static(b"abc");
    let effects = peer.hears(2, ToReplica::Chunk { package: announce(1, Some(4), 5, None).package, offset: 0, bytes });
    assert!(matches!(effects[0], replica::Effect::PersistEpoch { epoch: 2 }), "{effects:?}");
    let (id, message) = ("ReplicaDiskFull".to_owned(), String::new());
    assert!(closes(&peer.happens(replica::Event::NotPersisted { id, message })));
    peer.connect();
    assert!(applies(&peer.hears(2, ToReplica::Announce(announce(2, None, 6, Some(b"abc"))))));
}

/// Rule: the connection ends even where the effect that was to end it was not carried out.
#[test]
fn an_epoch_that_was_not_written_ends_the_connection() {
    let mut peer = Peer::connected(4);
    peer.hears(2, ToReplica::Farewell { id: "Stopping".to_owned(), message: String::new() });
    let (id, message) = ("ReplicaDiskFull".to_owned(), String::new());
    assert!(closes(&peer.happens(replica::Event::NotPersisted { id, message })));
}

/// Rule: an old snapshot that comes again does not lead back, though the master said last that it was at less than is
/// held now.
#[test]
fn an_old_snapshot_does_not_lead_back() {
    let mut peer = Peer::connected(5);
    assert!(applies(&peer.hears(1, ToReplica::Announce(announce(1, Some(5), 6, Some(b"abc"))))));
    let package = announce(1, Some(5), 6, None).package;
    peer.happens(replica::Event::Applied { package, held: held(1, 6) });
    for old in [ToReplica::Beat { version: 3 }, ToReplica::Announce(announce(1, None, 1, Some(b"abc")))] {
        assert!(!applies(&peer.hears(1, old)));
    }
}

/// Rule: a package of which no byte comes is asked for on another connection, though the master says that it is there.
#[test]
fn a_fetch_that_stalls_begins_anew() {
    let mut peer = Peer::connected(5);
    peer.hears(1, ToReplica::Announce(announce(1, Some(5), 6, None)));
    let ended = (0..20).any(|_| {
        peer.millis += 5_000;
        peer.hears(1, ToReplica::Beat { version: 6 });
        closes(&peer.happens(replica::Event::Tick))
    });
    assert!(ended);
    peer.connect();
}

/// A master at a version of epoch 1, which a replica has told that it holds another.
struct Told {
    machine: master::Master,
}

impl Told {
    fn at(version: u64, holds: u64) -> Told {
        let Held { epoch, version, chain } = held(1, version);
        let row = master::Row { held: Some(held(1, holds)), ..master::Row::new("r".into()) };
        let mut told = Told { machine: master::Master::new("d", Head { epoch, version, chain }, vec![row]) };
        told.happens(master::Event::Replicas { computers: vec!["r".into()] });
        told.happens(master::Event::Opened { connection: 1, computer: "r".into(), not_after: None });
        told.hears(ToMaster::Hello(Box::new(Hello {
            format: reeve::replication::message::FORMAT,
            deployment: "d".to_owned(),
            computer: "r".to_owned(),
            product: "1".to_owned(),
            held: Some(held(1, holds)),
            clock: 0,
            hook_error: None,
        })));
        told
    }

    fn happens(&mut self, event: master::Event) -> Vec<master::Effect> {
        let mut effects = Vec::new();
        self.machine.step(Now::default(), event, &mut effects);
        effects
    }

    fn hears(&mut self, message: ToMaster) -> Vec<master::Effect> {
        self.happens(master::Event::Received { connection: 1, epoch: 1, message })
    }

    fn changed(&mut self, version: u64) -> Vec<master::Effect> {
        let Held { epoch, version, chain } = held(1, version);
        self.happens(master::Event::Changed { head: Head { epoch, version, chain } })
    }
}

fn makes(effects: &[master::Effect], wanted: u64) -> bool {
    effects.iter().any(|effect| matches!(effect, master::Effect::Make { from } if *from == Some(wanted)))
}

/// Rule: a report of a package that was announced on an earlier connection counts: the next package goes on from there.
#[test]
fn a_report_that_comes_late_says_what_is_held() {
    let mut master = Told::at(6, 5);
    let package = Some(announce(1, Some(5), 6, None).package);
    master.hears(ToMaster::Report(Box::new(Report { held: held(1, 6), package, hook_error: None, clock: 0 })));
    assert!(makes(&master.changed(7), 6));
}

/// Rule: a failure of another package than the announced one does not keep a replica from the next.
#[test]
fn a_failure_that_comes_late_holds_nothing_up() {
    let mut master = Told::at(5, 5);
    let package = announce(1, Some(3), 4, None).package;
    let (id, message) = ("PackageReplayed".to_owned(), String::new());
    master.hears(ToMaster::Failed { package, id, message });
    assert!(makes(&master.changed(6), 5));
}
