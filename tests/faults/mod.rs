//! Bad input and faults, end to end: real servers over TLS, each with something wrong. Each test asserts what the
//! administrator sees, by its error id, and that nothing is lost: the replica becomes up to date again.

mod certificates;
mod clock;
mod disk;
mod documented;
mod epoch;
mod inactive;
mod lapse;
mod line;
mod metrics;
mod names;
mod packages;
mod probe;
mod process;
mod restart;
mod revoked;
mod site;
mod token;
mod vanished;

use site::Site;

const MASTER: &str = "atl-cs-001.litwareinc.com";
const DUBLIN: &str = "dub-cs-001.litwareinc.com";
const LONDON: &str = "lon-cs-001.litwareinc.com";
