//! A replica whose files are taken away under its server.

use super::{DUBLIN, MASTER, Site};

/// Rule: what was deleted is not written on as if it were there: a replica is made anew, whole. Where the computer's
/// whole directory is gone the status says so, and the server does not put it back.
#[test]
fn a_replica_that_was_deleted_is_made_anew() {
    let mut site = Site::up(&[MASTER, DUBLIN]);
    let replica = site.host(DUBLIN).join("replica");
    remove(&replica);
    let version = site.change("after", 100);
    site.until(DUBLIN, "made anew", |state| state.up_to_date && state.version_held == Some(version));
    assert!(replica.join("replica.db").exists() && replica.join("epoch").exists());
    crate::host::fleet::wait("the documents are back", || replica.join("documents").is_dir());

    // A package that is fetched needs the folder too.
    remove(&replica);
    let version = site.change("large", 1_000_000);
    site.until(DUBLIN, "made anew", |state| state.up_to_date && state.version_held == Some(version));

    remove(&site.host(DUBLIN));
    site.change("gone", 100);
    site.last_error(DUBLIN, "ReplicaUnreachable");
    assert!(!site.host(DUBLIN).exists());
    site.kill(DUBLIN);
}

/// Removes a folder into which somebody else is writing.
fn remove(folder: &std::path::Path) {
    crate::host::fleet::wait("it is removed", || std::fs::remove_dir_all(folder).is_ok() || !folder.exists());
}
