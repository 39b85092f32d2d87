//! An epoch that has gone by.

use super::{DUBLIN, LONDON, MASTER, Site};
use crate::host::fleet::wait;
use reeve::replication::storage::ReplicaDb;
use reeve::store::{Grant, Placed, Role};

/// The computer that may hold the store one day: the other place of the store.
const STANDBY: &str = "redmond-cs-001.litwareinc.com";

/// Rule: a replica that saw a newer epoch takes nothing of an older one, and the master that serves the older one learns
/// of it and decides on nothing any more. Under an epoch that is newer still all are up to date, with every change.
#[test]
fn an_older_epoch_is_over() {
    let mut site = Site::up(&[MASTER, STANDBY, LONDON]);
    let held = site.state(STANDBY).unwrap();
    let epoch = held.epoch.unwrap();
    site.stop(STANDBY);
    {
        let deployment = site.server(MASTER).node().directory().deployment().to_string();
        let mut db = ReplicaDb::open(&site.host(STANDBY).join("replica"), &deployment).unwrap();
        db.raise_epoch(epoch + 1).unwrap();
    }
    site.change("of the older epoch", 100);
    site.start(STANDBY);
    wait("the master sees that it is over", || !site.server(MASTER).node().serves());
    site.complains(STANDBY, "");
    let probe = site.server(STANDBY).node().probe().replica;
    assert_eq!((probe.version_held, probe.highest_epoch), (held.version_held, epoch + 1), "nothing was taken");
    let (code, said) = site.said(&["--dir", site.lab.directory.to_str().unwrap(), "-c", "Get-CsUser"]);
    assert!(code == Some(4) && said.contains("NotActive"), "{code:?} {said}");

    site.stop(MASTER);
    // It stands by for whoever entered that epoch; nobody did, so that it is taken over here again.
    assert_eq!(site.store().role().unwrap(), Role::Standby);
    site.store().promote(&Grant::system("test"), epoch + 2, 0, &[]).unwrap();
    site.start(MASTER);
    site.up_to_date(&[MASTER, STANDBY, LONDON]);
    assert_eq!(site.state(STANDBY).unwrap().epoch, Some(epoch + 2));
    let there = site.server(STANDBY).node().probe().replica;
    assert_eq!(there.highest_epoch, epoch + 2);
}

/// Rule: a computer that cannot hold the store does not end the master by speaking of a newer epoch. It is refused, its
/// status says why, and all others go on.
#[test]
fn a_newer_epoch_that_no_place_of_the_store_tells_of_ends_nothing() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let epoch = site.state(DUBLIN).unwrap().epoch.unwrap();
    site.stop(DUBLIN);
    {
        let deployment = site.server(MASTER).node().directory().deployment().to_string();
        let mut db = ReplicaDb::open(&site.host(DUBLIN).join("replica"), &deployment).unwrap();
        db.raise_epoch(epoch + 1).unwrap();
    }
    site.start(DUBLIN);
    let says = || site.state(DUBLIN).and_then(|state| state.last_error).unwrap_or_default();
    wait("its status says why", || says().starts_with("EpochUnknown"));
    site.change("after it", 100);
    site.up_to_date(&[MASTER, LONDON]);
    assert!(site.server(MASTER).node().serves());
}
