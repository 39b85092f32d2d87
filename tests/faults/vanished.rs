//! A replica whose files are taken away under its server.

use super::{DUBLIN, MASTER, Site};
use reeve::store::{Change, DocumentId, Expected, Grant};

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

/// Rule: a change that went into files of the active store which nobody finds any more is not acknowledged, over a
/// connection from before either.
#[test]
fn a_store_that_was_moved_away_acknowledges_nothing() {
    let mut site = Site::up(&[MASTER]);
    let open = site.server(MASTER).node().deployment().unwrap();
    let change = |name: &str| {
        let id = DocumentId::new("Noise", "Global", name);
        let body = Some(serde_json::json!({ "Noise": name }));
        open.store().commit(&Grant::system("test"), &[Change { id, expected: Expected::Any, body }])
    };
    change("before").unwrap();
    let folder = site.host(MASTER).join("store");
    std::fs::rename(&folder, site.path("elsewhere")).unwrap();
    assert_eq!(change("moved").unwrap_err().id(), "StoreMoved");

    // Another in its place is not the one that it has open.
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(site.path("elsewhere").join("cms.db"), folder.join("cms.db")).unwrap();
    assert_eq!(change("copied").unwrap_err().id(), "StoreMoved");
    site.kill(MASTER);
}

/// Removes a folder into which somebody else is writing.
fn remove(folder: &std::path::Path) {
    crate::host::fleet::wait("it is removed", || std::fs::remove_dir_all(folder).is_ok() || !folder.exists());
}
