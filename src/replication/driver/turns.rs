//! Work that may wait for a disk, a few at a time.

use crate::error::ErrorRecord;
use tokio::sync::Semaphore;

/// Replicas of one process that work on their disks at the same time. A computer has one replica; where many share a
/// process they are told of a package all at once, and what reads it from the network must not stand behind what writes
/// it to the disk. So many keep a disk busy, which puts what waits for it together.
const AT_ONCE: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Does it on a thread that may wait, when it is its turn.
pub(super) async fn turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ErrorRecord> {
    // Nobody closes it.
    let _turn = TURNS.acquire().await.ok();
    tokio::task::spawn_blocking(work).await.map_err(|error| super::agent_io::broken(&error.to_string()))
}
