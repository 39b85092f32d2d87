//! Rule: a store that cannot be used has its own error id and exit code 4, and stays as it is.

use crate::cli::program::Place;
use std::path::PathBuf;

fn database(place: &Place) -> PathBuf {
    let host = reeve::deployment::locate(&place.path("lab")).expect("a lab");
    host.join("store").join("cms.db")
}

#[test]
fn a_locked_store() {
    let place = Place::lab();
    let before = place.store_version();
    let other = rusqlite::Connection::open(database(&place)).expect("a database");
    other.execute_batch("BEGIN EXCLUSIVE").expect("nobody else has it");
    place.shell("New-CsVoicePolicy -Identity Fresh").fails(4, "StoreLocked");
    other.execute_batch("ROLLBACK").expect("it was begun");
    drop(other);
    assert_eq!(place.store_version(), before);
    place.shell("New-CsVoicePolicy -Identity Fresh").ok();
}

#[test]
fn a_store_of_a_newer_program() {
    let place = Place::lab();
    let other = rusqlite::Connection::open(database(&place)).expect("a database");
    other.pragma_update(None, "user_version", 999).expect("written");
    drop(other);
    place.shell("Get-CsPool").fails(4, "StoreNewer");
}
