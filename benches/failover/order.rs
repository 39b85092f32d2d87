//! Orders to fail over, given by a process as a person gives them, and what the files say of it afterwards.

use super::Failure;
use super::fleet::Fleet;
use reeve::env::SystemClock;
use reeve::failover::RunRecord;
use reeve::store::{Placed, Position, SqliteStore};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An order.
#[derive(Clone, Copy)]
pub enum Order {
    /// Planned, to the one that stands by.
    Next,
    /// Planned, back.
    Restore,
    /// After a disaster, to Redmond.
    Backup,
}

impl Order {
    fn text(self) -> &'static str {
        match self {
            Order::Next => "Invoke-CsManagementServerFailover -Confirm:$false",
            Order::Restore => "Invoke-CsManagementServerFailover -Restore -Confirm:$false",
            Order::Backup => {
                "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force"
            }
        }
    }

    /// Gives it at a computer; how long the command took.
    pub fn give(self, fleet: &Fleet, at: &str) -> Result<Duration, Failure> {
        let host = fleet.host(at);
        let begin = Instant::now();
        let ran = fleet.run(&["--dir", &host.to_string_lossy(), "-c", self.text()]);
        let took = begin.elapsed();
        if !ran.status.success() {
            let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            return Err(format!("{}: {out}\n{err}", self.text()).into());
        }
        Ok(took)
    }
}

fn store(host: &Path) -> Result<SqliteStore, Failure> {
    Ok(SqliteStore::open_with(host.join("store/cms.db"), Arc::new(SystemClock))?)
}

/// Where the log of a computer's store stands.
pub fn position(host: &Path) -> Result<Position, Failure> {
    Ok(store(host)?.position()?)
}

/// How long no change could be made in the last failover to a computer, in milliseconds, as it recorded.
pub fn stopped(host: &Path) -> Result<Option<f64>, Failure> {
    let Some(note) = store(host)?.note(RunRecord::NOTE)? else { return Ok(None) };
    let record: RunRecord = serde_json::from_value(note)?;
    Ok(record.outage.map(|millis| millis as f64))
}
