//! Drills: whole deployments as processes, in which a computer is lost, taken out of service or gets it back, while
//! clients go on. What must hold is read from the files of the computers themselves.

mod asleep;
mod disaster;
mod mirrored;
mod misuse;
mod new_place;
mod planned;
mod pool;
mod site;
mod target_lost;
mod writer;

pub use site::Site;
pub use writer::Writer;

/// The active one at the beginning.
const ATLANTA: &str = "atl-cs-001.litwareinc.com";
/// Its mirror, in the mirrored sample.
const MIRROR: &str = "atl-sql-002.litwareinc.com";
/// The one that stands by.
const REDMOND: &str = "redmond-cs-001.litwareinc.com";
/// A replica that is nothing else.
const EDGE: &str = "atl-edge-001.litwareinc.com";

/// The command of the published page.
const SEED: &str = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force";
