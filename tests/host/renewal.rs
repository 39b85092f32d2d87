//! A computer's certificate renews itself.

use super::MASTER;
use super::fleet::{Fleet, wait};
use reeve::deployment::HostDirectory;
use reeve::deployment::certificates::{Holder, of};
use reeve::env::{Clock, FixedClock, SystemClock};
use reeve::host::{Options, Server};
use reeve::net::Identity;
use reeve::value::TimeSpan;
use std::sync::Arc;
use std::time::Duration;

/// Rule: when two thirds of its life are over a certificate is renewed without a restart, and the store knows both; near
/// its end there is a warning where it could not be renewed.
#[test]
fn a_certificate_renews_itself() {
    const DAY: i64 = 24 * 3600 * 10_000_000;
    let fleet = Fleet::new();
    let clock = Arc::new(FixedClock::at(SystemClock.now()));
    let start = || {
        let options = Options {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            clock: clock.clone(),
            checks: Duration::from_millis(20),
            ..Options::default()
        };
        // Threads of the one before let go of the directory a moment after it has stopped.
        let mut held = None;
        wait("the directory is free", || {
            held = HostDirectory::hold(&fleet.lab.host).ok();
            held.is_some()
        });
        Server::start(held.unwrap(), options).unwrap()
    };
    let server = start();
    wait("the services of the master run", || server.node().is_active());
    let serial = |server: &Server| server.node().identity().current().peer.serial.clone();
    let before = serial(&server);
    clock.advance(TimeSpan { ticks: 61 * DAY });
    wait("it is renewed", || serial(&server) != before);
    let renewed = serial(&server);
    assert!(server.node().identity().current().remaining(clock.now()) > TimeSpan { ticks: 89 * DAY });
    let store = server.node().deployment().unwrap();
    let known = of(store.store(), Holder::Computer, MASTER).unwrap();
    assert!(known.len() == 2 && known.iter().all(|certificate| !certificate.revoked), "{known:?}");
    drop(store);
    server.stop();
    let kept = Identity::load_folder(&fleet.lab.host.join("tls")).unwrap();
    assert_eq!(kept.current().peer.serial, renewed, "it is on the disk");

    std::fs::remove_file(fleet.lab.host.join("tls/ca.key")).unwrap();
    let server = start();
    clock.advance(TimeSpan { ticks: 80 * DAY });
    wait("there is a warning", || {
        let warnings = server.health().warnings;
        warnings.contains_key("Certificate") && warnings.contains_key("CertificateRenewal")
    });
    clock.advance(TimeSpan { ticks: 20 * DAY });
    wait("it has expired", || server.health().reasons.contains_key("Certificate"));
}
