//! Documents: those of a pool's users are fetched by their log; the Central Management store's come by themselves, and are
//! waited for.

use super::{Backup, ask};
use crate::backup::SyncReport;
use crate::backup::log::{HttpTransport, Traffic};
use crate::backup::service::{Duty, Teller};
use crate::error::{Category, ErrorRecord};
use crate::host::renewal::interrupted;
use crate::store::{Placed, Position, SqliteStore};
use crate::topology::Database;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How often the standby is looked at while it is waited for.
const STEP: Duration = Duration::from_millis(50);
/// How long the standby may take without coming nearer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches what the user store of a pool has and this computer's copy has not.
///
/// # Errors
/// `FailoverUnderway`; those of connecting, of the log and of the disk.
pub(super) async fn take(backup: &Arc<Backup>, duty: &Duty, told: Teller) -> Result<SyncReport, ErrorRecord> {
    let (node, database) = (&backup.node, Database::users(&duty.pool));
    let source = crate::host::place::ask::place(node, &database, &duty.source, ask::PATIENCE).await?;
    ask::no_failover(duty, &database, &[&source])?;
    told.tell("Comparing the logs", None);
    // A connection of its own: what passes it is what a synchronisation costs.
    let traffic = Traffic::default();
    let transport = Arc::new(HttpTransport::new(node.asking()?, &database.to_string(), traffic.clone()));
    let before = source.position.sequence;
    let moved = move |position: &Position| {
        let percent = position.sequence.saturating_mul(100) / before.max(1);
        let percent = u8::try_from(percent.min(100)).ok();
        told.tell(format!("At row {} of {before}", position.sequence), percent);
    };
    let place = node.places().and_then(|places| places.of(&database)).ok_or_else(|| no_place(&database))?;
    let status = place.once(&duty.source, transport, Arc::new(moved)).await?;
    let left = status.unsent.filter(|_| status.pulled.taken_back > 0);
    Ok(SyncReport {
        documents: status.pulled.documents,
        bytes_on_wire: traffic.bytes(),
        left: left
            .map(|kept| format!("what only this copy had is kept in {}", kept.file.display()))
            .into_iter()
            .collect(),
        ..SyncReport::default()
    })
}

/// Waits until this computer's standby has what the active store has at this moment. Its log comes by itself, all the time:
/// what came since the synchronisation before is what this one reports.
///
/// # Errors
/// `FailoverUnderway`, `HostUnreachable`; `StandbyBehind` where it does not come nearer.
pub(super) async fn follow(backup: &Arc<Backup>, duty: &Duty, told: Teller) -> Result<SyncReport, ErrorRecord> {
    let (node, database) = (&backup.node, Database::CentralMgmt);
    let (source, target) = ask::ends(backup, duty, &database).await;
    let source = source?;
    let wanted = source.position.clone();
    ask::no_failover(duty, &database, &[&source])?;
    if let Ok(target) = &target {
        ask::no_failover(duty, &database, &[target])?;
    }
    // A row of the log that changed nothing, as an order's, is no document: versions are counted.
    let (first, version) = position(backup).await.map_or((0, 0), |position| (position.sequence, position.version));
    let (mut nearest, mut since) = (first, Instant::now());
    loop {
        let now = position(backup).await;
        if let Ok(now) = &now {
            if now.epoch == wanted.epoch && now.sequence >= wanted.sequence {
                let bytes = node.places().and_then(|places| places.of(&database)).map_or(0, |place| place.traffic());
                let before = backup.fed.lock().unwrap_or_else(PoisonError::into_inner).replace((now.version, bytes));
                let (version, before) = before.unwrap_or((version, 0));
                return Ok(SyncReport {
                    documents: now.version.saturating_sub(version),
                    bytes_on_wire: bytes.saturating_sub(before),
                    ..SyncReport::default()
                });
            }
            if now.sequence > nearest {
                (nearest, since) = (now.sequence, Instant::now());
                let percent = now.sequence.saturating_mul(100) / wanted.sequence.max(1);
                let what = format!("The standby is at row {} of {}", now.sequence, wanted.sequence);
                told.tell(what, u8::try_from(percent.min(100)).ok());
            }
        }
        if since.elapsed() >= PATIENCE {
            return Err(behind(duty, nearest, wanted.sequence, target.ok().and_then(|state| state.error)));
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Where this computer's standby stands.
async fn position(backup: &Arc<Backup>) -> Result<Position, ErrorRecord> {
    let (path, clock) = (backup.node.directory().store(), backup.node.clock().clone());
    let look = move || {
        if !path.exists() {
            let message = "The standby is not there yet.";
            return Err(ErrorRecord::new("StandbyMissing", Category::ResourceUnavailable, message));
        }
        SqliteStore::open_with(&path, clock)?.position()
    };
    tokio::task::spawn_blocking(look).await.map_err(|error| interrupted(&error))?
}

fn no_place(database: &Database) -> ErrorRecord {
    let message = format!("This computer keeps no place of {} yet.", database.called());
    ErrorRecord::new("NotReady", Category::ResourceUnavailable, message).hint("Try again in a moment.")
}

fn behind(duty: &Duty, at: u64, wanted: u64, error: Option<String>) -> ErrorRecord {
    let why = error.map_or_else(String::new, |error| format!(" It says: {error}"));
    let message = format!(
        "The standby at {} is at row {at} of {wanted} and did not come nearer for {} s.{why}",
        duty.target,
        PATIENCE.as_secs()
    );
    ErrorRecord::new("StandbyBehind", Category::OperationTimeout, message)
        .hint("Test-CsManagementServerFailover says how the standby follows.")
}
