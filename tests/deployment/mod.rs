//! Labs and deployments from outside: killed while made, opened by many.

use reeve::deployment::{Deployment, Options, init, lab, locate};
use std::process::{Command, Stdio};
use std::time::Duration;

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

/// Where the child of [`killed_at_any_moment_it_is_whole_or_not_there`] makes a deployment; nothing else sets it.
const PLACE: &str = "REEVE_TEST_MAKE_IN";

#[test]
fn made_by_a_child() {
    if let Some(place) = std::env::var_os(PLACE) {
        init(place.as_ref(), Options::default()).unwrap();
    }
}

#[test]
fn killed_at_any_moment_it_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut whole, mut absent) = (0, 0);
    for round in 0..24 {
        let place = folder.path().join(format!("host{round}"));
        // Half of them are made in a directory that is there.
        if round % 2 == 0 {
            std::fs::create_dir(&place).unwrap();
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "deployment::made_by_a_child"])
            .env(PLACE, &place)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(4 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        match Deployment::open(&place) {
            Ok(deployment) => {
                assert_eq!(deployment.topology().unwrap().sites().len(), 4);
                whole += 1;
            }
            Err(error) => {
                assert_eq!(error.id(), "NoDeployment", "round {round}: {error}");
                init(&place, Options::default()).unwrap();
                let names = std::fs::read_dir(&place).unwrap().map(|e| e.unwrap().file_name());
                let left = names.filter(|name| name.to_string_lossy().contains(".making-")).count();
                assert_eq!(left, 0, "round {round}: the next one sweeps away what was left");
                absent += 1;
            }
        }
    }
    println!("killed while made: {whole} were whole, {absent} not there");
}
