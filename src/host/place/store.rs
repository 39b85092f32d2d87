//! A connection to a database that its place keeps to itself, used off the network's threads.

use super::UNANSWERED;
use crate::error::{Category, ErrorRecord};
use crate::host::renewal::interrupted;
use crate::store::SqliteStore;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Whether something is being written over a connection: it goes on when nobody waits for it any more.
#[derive(Clone, Default)]
pub(super) struct Writes(Arc<Mutex<()>>);

impl Writes {
    /// Waits until nothing is.
    pub async fn idle(&self) {
        drop(self.0.lock().await);
    }
}

/// A connection; away while something is done with it.
pub(super) struct Opened {
    store: Option<SqliteStore>,
    writes: Writes,
}

impl Opened {
    /// Over a connection.
    pub fn new(store: SqliteStore) -> Opened {
        Opened::writing(store, Writes::default())
    }

    /// The same, telling whether something is being done with it.
    pub fn writing(store: SqliteStore, writes: Writes) -> Opened {
        Opened { store: Some(store), writes }
    }

    /// Whether what was done with it last did not come back: how that ended is not known.
    pub fn is_gone(&self) -> bool {
        self.store.is_none()
    }

    /// Does something with it, on a thread that may wait for the disk.
    ///
    /// # Errors
    /// Those of what is done; `OperationStopped` where the thread ended, and ever after.
    pub async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&SqliteStore) -> Result<T, ErrorRecord> + Send + 'static,
    ) -> Result<T, ErrorRecord> {
        let busy = self.writes.0.clone().lock_owned().await;
        let store = self.store.take().ok_or_else(gone)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&store);
            drop(busy);
            (store, done)
        });
        let (store, done) = done.await.map_err(|error| interrupted(&error))?;
        self.store = Some(store);
        done
    }
}

fn gone() -> ErrorRecord {
    ErrorRecord::new(UNANSWERED, Category::OperationStopped, "The connection to the database is gone.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Rule: what is being written is waited for, though whoever wanted it is gone.
    #[test]
    fn a_write_outlives_who_wanted_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(folder.path().join("cms.db")).unwrap();
        let writes = Writes::default();
        let mut opened = Opened::writing(store, writes.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel());
            let task = tokio::spawn(async move {
                let work = move |_: &SqliteStore| {
                    begun.send(()).unwrap();
                    ends.recv().unwrap();
                    Ok(())
                };
                opened.with(work).await
            });
            tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
            task.abort();
            assert!(task.await.is_err());
            assert!(writes.0.try_lock().is_err(), "it is still being written");
            end.send(()).unwrap();
            writes.idle().await;
        });
    }
}
