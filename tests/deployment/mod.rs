//! Labs and deployments from outside: killed while made, opened by many.

use reeve::deployment::{Deployment, lab, locate};
use std::time::Instant;

#[test]
fn a_lab_is_found_by_its_own_directory_and_by_the_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab::create(&folder.path().join("lab")).unwrap();
    assert_eq!(locate(&lab.directory).unwrap(), lab.host);
    assert_eq!(locate(&lab.host).unwrap(), lab.host);
    assert_eq!(locate(folder.path()).unwrap_err().id(), "NoDeployment");
}

#[test]
fn two_sessions_share_a_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab::create(&folder.path().join("lab")).unwrap();
    let (one, two) = (Deployment::open(&lab.host).unwrap(), Deployment::open(&lab.host).unwrap());
    assert_eq!(one.store().version().unwrap(), two.store().version().unwrap());
}

#[test]
fn a_lab_is_made_in_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    lab::create(&folder.path().join("lab")).unwrap();
    // A release build takes a fraction of this; a busy machine and a debug build are allowed for.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
