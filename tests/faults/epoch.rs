//! An epoch that has gone by.

use super::{DUBLIN, LONDON, MASTER, Site};
use crate::host::fleet::wait;
use reeve::replication::storage::ReplicaDb;
use reeve::store::{Grant, Store};

/// Rule: a replica that saw a newer epoch takes nothing of an older one, and the master that serves the older one learns
/// of it and decides on nothing any more. Under an epoch that is newer still all are up to date, with every change.
#[test]
fn an_older_epoch_is_over() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let held = site.state(DUBLIN).unwrap();
    let epoch = held.epoch.unwrap();
    site.stop(DUBLIN);
    {
        let deployment = site.server(MASTER).node().directory().deployment().to_string();
        let mut db = ReplicaDb::open(&site.host(DUBLIN).join("replica"), &deployment).unwrap();
        db.raise_epoch(epoch + 1).unwrap();
    }
    site.change("of the older epoch", 100);
    site.start(DUBLIN);
    wait("the master sees that it is over", || site.server(MASTER).health().reasons.contains_key("Epoch"));
    site.complains(DUBLIN, "EpochOver");
    let probe = site.server(DUBLIN).node().probe().replica;
    assert_eq!((probe.version_held, probe.highest_epoch), (held.version_held, epoch + 1), "nothing was taken");
    let (code, said) = site.said(&["--dir", site.lab.directory.to_str().unwrap(), "-c", "Get-CsPool"]);
    assert!(code == Some(4) && said.contains("NotActive"), "{code:?} {said}");

    site.stop(MASTER);
    site.store().set_epoch(&Grant::system("test"), epoch + 2).unwrap();
    site.start(MASTER);
    site.up_to_date(&[MASTER, DUBLIN, LONDON]);
    assert_eq!(site.state(DUBLIN).unwrap().epoch, Some(epoch + 2));
    let there = site.server(DUBLIN).node().probe().replica;
    assert_eq!(there.highest_epoch, epoch + 2);
}
