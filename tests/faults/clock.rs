//! Clocks that differ.

use super::{DUBLIN, LONDON, MASTER, Site};
use reeve::env::{Clock, SystemClock};
use reeve::host::Options;
use reeve::value::{DateTime, TimeSpan};
use std::sync::Arc;

/// A clock that is off by so many hours.
struct Off(i64);

impl Clock for Off {
    fn now(&self) -> DateTime {
        let now = SystemClock.now();
        DateTime { ticks: now.ticks + self.0 * 36_000_000_000, ..now }
    }
}

/// Rule: clocks an hour off in either direction stop nothing, whoever is off: certificates hold, also ones issued now; the
/// status shows the skew, and its times are the master's.
#[test]
fn a_clock_an_hour_off_stops_nothing() {
    for master in [0, 1, -1] {
        let mut site = Site::new(&[MASTER, DUBLIN, LONDON]);
        let with = |hours: i64| move |options: Options| Options { clock: Arc::new(Off(hours)), ..options };
        site.start_with(MASTER, with(master));
        site.start_with(DUBLIN, with(1));
        site.start_with(LONDON, with(-1));
        let version = site.change("now", 100);
        site.up_to_date(&[MASTER, DUBLIN, LONDON]);
        for (computer, hours) in [(DUBLIN, 1), (LONDON, -1)] {
            let state = site.state(computer).unwrap();
            let off = state.clock_skew_seconds.unwrap() - (hours - master) * 3600;
            assert!(off.abs() < 120, "{computer}: {state:?}");
            assert!(state.version_held >= Some(version));
            let reported = state.last_status_report.unwrap().ticks - Off(master).now().ticks;
            assert!(TimeSpan { ticks: reported.abs() } < TimeSpan::seconds(120), "{computer}: {state:?}");
            // A certificate that is made now is good at once, on both ends.
            let before = site.server(computer).node().identity().current().peer.serial.clone();
            assert_eq!(site.serials(computer), [before]);
        }
        site.kill(MASTER);
        site.change("meanwhile", 100);
        site.start_with(MASTER, with(master));
        site.up_to_date(&[DUBLIN, LONDON]);
    }
}

/// Rule: a certificate that was issued under a clock further off than certificates bear is refused with a word about
/// clocks, and good when the clock is.
#[test]
fn a_clock_far_off_is_named() {
    let mut site = Site::new(&[MASTER, DUBLIN]);
    site.start(MASTER);
    // Its own certificate is of now, its clock a day behind: the master's is not valid yet there.
    let behind = |options: Options| Options { clock: Arc::new(Off(-24)), ..options };
    site.start_with(DUBLIN, behind);
    site.complains(DUBLIN, "CertificateNotYetValid");
    site.stop(DUBLIN);
    site.start(DUBLIN);
    site.up_to_date(&[DUBLIN]);
}
