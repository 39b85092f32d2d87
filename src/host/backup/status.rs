//! How the modules of a pool are that this computer takes.

use super::{Running, ask};
use crate::backup::service::{Left, Looked, Works, judge};
use crate::backup::{ExportState, ImportState, Module, ModuleStatus};
use crate::topology::Database;

/// Those of a pool.
pub(super) async fn of(running: &Running, pool: &str) -> Vec<ModuleStatus> {
    let mut statuses = Vec::new();
    for looked in running.driver.looked(pool) {
        statuses.push(one(running, looked).await);
    }
    statuses
}

async fn one(running: &Running, looked: Looked) -> ModuleStatus {
    let Looked { duty, record, running: under_way } = looked;
    let (left, unreachable) = match duty.database() {
        Some(database) => (behind(running, &duty, &database).await, None),
        None => match ask::answers(&running.backup, &duty.source).await {
            Ok(()) => (Left::Known(record.report.left_count()), None),
            Err(error) => {
                let why = format!("{}: {}", error.id(), error.message());
                (Left::Unknown(why), Some(error.message().to_string()))
            }
        },
    };
    let settings = running.driver.settings();
    let (export, import, cause) = judge(duty.module, &record, under_way, &left, &settings, running.backup.now());
    let expected = match (export, import) {
        (ExportState::FinalState | ExportState::SteadyState, ImportState::NormalState) => true,
        // Before the first one that is right.
        (ExportState::NotInitialized, _) => record.error.is_none(),
        _ => false,
    };
    ModuleStatus {
        module: duty.module,
        pool: duty.pool,
        backup_pool: duty.backup_pool,
        source: duty.source,
        target: duty.target,
        export,
        import,
        expected,
        cause,
        backlog: match left {
            Left::Known(left) => Some(left),
            Left::Unknown(_) => None,
        },
        last_success: record.last_success,
        last_attempt: record.last_attempt,
        error: record.error,
        unreachable,
    }
}

/// How many changes of a database the target has not.
async fn behind(running: &Running, duty: &crate::backup::service::Duty, database: &Database) -> Left {
    let (source, target) = ask::ends(&running.backup, duty, database).await;
    match (source, target) {
        (Ok(source), Ok(target)) => {
            let changes = source.position.sequence.saturating_sub(target.position.sequence);
            // As many rows, and others: what the target has is not what the source has.
            let differs = changes == 0 && source.position.hash != target.position.hash;
            Left::Known(if differs { 1 } else { changes })
        }
        (Err(error), _) | (_, Err(error)) => Left::Unknown(format!("{}: {}", error.id(), error.message())),
    }
}

/// Modules in the order in which they are shown.
pub(super) fn in_order(statuses: &mut [ModuleStatus]) {
    statuses.sort_by_key(|status| Module::ALL.iter().position(|module| *module == status.module));
}
