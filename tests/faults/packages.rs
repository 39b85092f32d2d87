//! A master that sends what it should not.

use super::line::{Line, ToTest, run};
use super::{DUBLIN, MASTER, Site};
use reeve::env::SystemClock;
use reeve::net::identity::Material;
use reeve::net::verify::AcceptAll;
use reeve::net::{Accepted, Identity, Listener, tls};
use reeve::replication::message::{Announce, ToMaster, ToReplica};
use reeve::replication::{Chain, package};
use reeve::store::Store;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Rule: a package that is corrupt, truncated, oversized, reordered, replayed, of another history or of an older epoch is
/// not applied: the replica says which of these it was, keeps what it has, and is up to date once it gets good ones.
#[test]
fn bad_packages_are_named_and_lose_nothing() {
    let mut site = Site::up(&[MASTER, DUBLIN]);
    let deployment = site.server(MASTER).node().directory().deployment().to_string();
    site.stop(MASTER);
    let store = site.store();
    let (held, epoch) = (store.head().unwrap(), store.epoch().unwrap());
    site.change("new", 400);
    let made = package::build(&store, &deployment, Some(held.version), &site.path("")).unwrap();
    let delta: Announce = (**made.announce()).clone();
    let body = delta.body.clone().unwrap();
    let mut flipped = body.to_vec();
    flipped[body.len() / 2] ^= 1;
    let with = |change: &dyn Fn(&mut Announce)| {
        let mut announce = delta.clone();
        change(&mut announce);
        announce
    };
    let apart = |announce: Announce| Announce { body: None, ..announce };
    let cases = [
        ("corrupt", epoch, with(&|a| a.body = Some(flipped.clone().into())), None, "PackageCorrupt"),
        ("of another hash", epoch, with(&|a| a.hash = Chain([9; 32])), None, "PackageCorrupt"),
        ("truncated", epoch, with(&|a| a.body = Some(body.slice(1..))), None, "PackageTruncated"),
        ("oversized", epoch, apart(with(&|a| a.length = 1 << 40)), None, "PackageTooLarge"),
        ("unpacked oversized", epoch, apart(with(&|a| a.unpacked = 1 << 50)), None, "PackageTooLarge"),
        ("reordered", epoch, apart(delta.clone()), Some((body.slice(1..), 1)), "PackageReordered"),
        (
            "of another history",
            epoch,
            with(&|a| a.from.as_mut().unwrap().chain = Chain([9; 32])),
            None,
            "PackageDoesNotFit",
        ),
        ("of an older epoch", epoch - 1, delta.clone(), None, "EpochOver"),
    ];
    let material = Material::read_folder(&site.lab.host.join("tls")).unwrap();
    let address = site.address(MASTER).to_string();
    run(async {
        let mut listener = Listener::bind(&address).await;
        while listener.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            listener = Listener::bind(&address).await;
        }
        let config = tls::server(Identity::new(material), Arc::new(AcceptAll), Arc::new(SystemClock)).unwrap();
        let (to, mut connections) = mpsc::channel(4);
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(listener.unwrap().serve(config, Arc::new(ToTest(to)), stopped));
        for (what, epoch, announce, chunk, id) in cases {
            // Every epoch but the first is newer than nothing.
            let mut line = greeted(&mut connections).await;
            if id != "EpochOver" {
                line.tell_replica(epoch, ToReplica::Welcome { version: delta.to.version }).await;
            }
            let package = announce.package;
            line.tell_replica(epoch, ToReplica::Announce(Arc::new(announce))).await;
            if let Some((bytes, offset)) = chunk {
                line.tell_replica(epoch, ToReplica::Chunk { package, offset, bytes }).await;
            }
            let told = loop {
                match line.hear_replica().await {
                    Some(ToMaster::Failed { id, .. }) => break id,
                    Some(_) => {}
                    None => break "ended".into(),
                }
            };
            assert_eq!(told, id, "{what}");
            site.complains(DUBLIN, id);
            let probe = site.server(DUBLIN).node().probe().replica;
            assert_eq!(probe.version_held, Some(held.version), "{what}: it keeps what it has");
        }
        // The good one is taken, and when it comes again it is not.
        let mut line = greeted(&mut connections).await;
        line.tell_replica(epoch, ToReplica::Welcome { version: delta.to.version }).await;
        line.tell_replica(epoch, ToReplica::Announce(Arc::new(delta.clone()))).await;
        assert!(matches!(line.hear_replica().await, Some(ToMaster::Report(report)) if report.held == delta.to));
        line.tell_replica(epoch, ToReplica::Announce(Arc::new(delta.clone()))).await;
        assert!(matches!(line.hear_replica().await, Some(ToMaster::Failed { id, .. }) if id == "PackageReplayed"));
        site.complains(DUBLIN, "PackageReplayed");
    });
    drop(store);
    let version = site.change("newer", 400);
    site.start(MASTER);
    let state = site.until(DUBLIN, "up to date", |state| state.up_to_date && state.connected);
    assert_eq!((state.version_held, state.last_error), (Some(version), None));
    crate::host::fleet::wait("it is well", || site.server(DUBLIN).health().healthy);
}

/// The replica's next connection, which has said hello.
async fn greeted(connections: &mut mpsc::Receiver<Accepted>) -> Line {
    loop {
        let accepted = timeout(super::line::LONG, connections.recv()).await.expect("it connects").unwrap();
        if accepted.protocol != reeve::net::Protocol::Replica {
            continue;
        }
        let mut line = Line::of(accepted);
        if let Some(ToMaster::Hello(_)) = line.hear_replica().await {
            return line;
        }
    }
}
