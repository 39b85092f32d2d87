//! The active computer hangs, is given up, and wakes.

use super::site::documents;
use super::{ATLANTA, EDGE, REDMOND, SEED, Site, Writer};
use reeve::store::Role;
use std::time::{Duration, Instant};

/// How long a command at a computer that hangs may take on a busy machine: a few seconds otherwise, and far less than
/// waiting for the computer would.
const SOON: Duration = Duration::from_secs(40);

/// Rule: while the active computer hangs a change says so soon, and what to do; Redmond takes over by the published command;
/// the computer that slept through it and wakes acknowledges nothing any more, not even to a client that slept with it over
/// a connection that stands. It follows, and all that was ever acknowledged is there.
#[test]
fn slept_through_a_failover() {
    let site = Site::up();
    let writer = Writer::at(&site, ATLANTA, "Slept");
    writer.goes_on(10);
    // Its client sleeps too: it does not notice that the server does.
    writer.freeze(true);
    site.stands_by(REDMOND, ATLANTA);
    site.freeze(ATLANTA, true);

    let begun = Instant::now();
    let change = site.lab("New-CsVoicePolicy -Identity Hung").fails("HostUnreachable");
    assert_eq!(change.code, Some(4), "{change:?}");
    assert!(change.err.contains(ATLANTA) && change.err.contains("Failover -WhatIf"), "{}", change.err);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());

    let begun = Instant::now();
    site.lab(&format!("{SEED}; New-CsVoicePolicy -Identity Meanwhile | Out-Null")).ok();
    println!("failover and a change, the source hanging: {:?}", begun.elapsed());
    assert_eq!(site.standing(REDMOND).unwrap().role, Role::Active);

    site.freeze(ATLANTA, false);
    writer.freeze(false);
    site.stands_by(ATLANTA, REDMOND);
    let mut acknowledged = writer.end();
    acknowledged.push("Meanwhile".into());
    site.whole(REDMOND, &[ATLANTA], &[ATLANTA, REDMOND, EDGE], &acknowledged);
    assert!(documents(&site.store(REDMOND)).keys().all(|name| !name.contains("hung")), "it ran when the server woke");
}

/// Rule: who slept and was not given up goes on: clients that slept with it lose nothing, and what waits for an
/// acknowledgement gets it.
#[test]
fn slept_and_went_on() {
    let site = Site::up();
    let writer = Writer::at(&site, ATLANTA, "Dozed");
    for _ in 0..3 {
        writer.goes_on(5);
        writer.freeze(true);
        site.freeze(ATLANTA, true);
        std::thread::sleep(Duration::from_secs(1));
        site.freeze(ATLANTA, false);
        writer.freeze(false);
    }
    writer.goes_on(5);
    assert_eq!(site.standing(ATLANTA).unwrap().role, Role::Active);
    site.whole(ATLANTA, &[REDMOND], &[ATLANTA, REDMOND, EDGE], &writer.end());
}
