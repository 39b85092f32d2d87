//! What is asked of the other computers of a pair.

use super::Backup;
use crate::backup::service::Duty;
use crate::error::{Category, ErrorRecord};
use crate::failover::{PlaceState, moment};
use crate::host::place::ask;
use crate::net::http::Channel;
use crate::topology::Database;
use crate::value::same_name;
use std::time::Duration;

/// How long a place may take to say how it is, where somebody waits for more than that.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What both ends of a database say, where they answer: the source, then the target.
pub(super) async fn ends(
    backup: &Backup,
    duty: &Duty,
    database: &Database,
) -> (Result<PlaceState, ErrorRecord>, Result<PlaceState, ErrorRecord>) {
    tokio::join!(
        ask::place(&backup.node, database, &duty.source, PATIENCE),
        ask::place(&backup.node, database, &duty.target, PATIENCE),
    )
}

/// Whether a computer can be reached, and is the one it should be: what of it is asked otherwise takes longer.
///
/// # Errors
/// Those of connecting; `HostUnreachable` where it takes too long.
pub(super) async fn answers(backup: &Backup, computer: &str) -> Result<(), ErrorRecord> {
    if same_name(computer, backup.node.computer()) {
        return Ok(());
    }
    let asking = async { Channel::over_tls(backup.node.asking()?.http(computer).await?).await.map(drop) };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| {
        let message = format!("{computer} does not answer.");
        Err(ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
            .hint("See whether its server runs, and its log."))
    })
}

/// Refuses while the database goes over to another place.
///
/// # Errors
/// `FailoverUnderway`.
pub(super) fn no_failover(duty: &Duty, database: &Database, ends: &[&PlaceState]) -> Result<(), ErrorRecord> {
    let Some(underway) = ends.iter().find_map(|state| state.underway.as_ref()) else { return Ok(()) };
    let message = format!(
        "{} of {} is not synchronised now: a failover of {} from {} to {} is under way since {} (step {}).",
        duty.module.name(),
        duty.pool,
        database.called(),
        underway.source,
        underway.target,
        moment(&underway.since),
        underway.step,
    );
    Err(ErrorRecord::new("FailoverUnderway", Category::ResourceBusy, message)
        .target(duty.pool.as_str())
        .hint("Let it finish, or finish or undo it by running it again; then synchronise."))
}
