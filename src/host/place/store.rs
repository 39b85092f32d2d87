//! A connection to a database that its place keeps to itself, used off the network's threads.

use crate::error::{Category, ErrorRecord};
use crate::host::renewal::interrupted;
use crate::store::SqliteStore;

/// A connection; away while something is done with it.
pub(super) struct Opened(Option<SqliteStore>);

impl Opened {
    /// Over a connection.
    pub fn new(store: SqliteStore) -> Opened {
        Opened(Some(store))
    }

    /// Does something with it, on a thread that may wait for the disk.
    ///
    /// # Errors
    /// Those of what is done; `OperationStopped` where the thread ended, and ever after.
    pub async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&SqliteStore) -> Result<T, ErrorRecord> + Send + 'static,
    ) -> Result<T, ErrorRecord> {
        let store = self.0.take().ok_or_else(gone)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&store);
            (store, done)
        });
        let (store, done) = done.await.map_err(|error| interrupted(&error))?;
        self.0 = Some(store);
        done
    }
}

fn gone() -> ErrorRecord {
    ErrorRecord::new("OperationStopped", Category::OperationStopped, "The connection to the database is gone.")
}
