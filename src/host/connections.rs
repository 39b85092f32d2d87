//! Connections that stand: counted, bounded, and cut when whoever is at the other end is no longer let in.

use crate::net::{Acceptance, Peer, Refusal};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{Notify, mpsc};

/// Connections that a server has at the same time: a thousand replicas and their sessions, several times over. Each
/// costs a descriptor and some kilobytes.
const MOST: usize = 8192;

/// Connections that stand.
pub struct Connections {
    standing: Mutex<HashMap<u64, Standing>>,
    next: AtomicU64,
    /// Every connection holds a copy; when the last is gone, nothing is under way.
    busy: Mutex<Option<mpsc::Sender<()>>>,
    idle: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

struct Standing {
    peer: Option<Peer>,
    cut: Arc<Cut>,
}

/// Says that a connection is to be cut, and why.
#[derive(Default)]
struct Cut {
    told: Notify,
    why: OnceLock<Refusal>,
}

/// One connection, until it is dropped.
pub struct Connection {
    all: Arc<Connections>,
    number: u64,
    cut: Arc<Cut>,
    _busy: mpsc::Sender<()>,
}

impl Default for Connections {
    fn default() -> Connections {
        let (busy, idle) = mpsc::channel(1);
        Connections {
            standing: Mutex::default(),
            next: AtomicU64::new(0),
            busy: Mutex::new(Some(busy)),
            idle: tokio::sync::Mutex::new(idle),
        }
    }
}

impl Connections {
    /// Takes one in; `None` where there are too many, or where the server ends.
    pub fn enter(self: &Arc<Self>, peer: Option<Peer>) -> Option<Connection> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if standing.len() >= MOST {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let cut: Arc<Cut> = Arc::default();
        standing.insert(number, Standing { peer, cut: cut.clone() });
        metrics::gauge!("reeve_connections").increment(1.0);
        Some(Connection { all: self.clone(), number, cut, _busy: busy })
    }

    /// Cuts those whose peers are no longer let in.
    pub fn sift(&self, acceptance: &dyn Acceptance) {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        for one in standing.values() {
            if let Some(peer) = &one.peer
                && let Err(refusal) = acceptance.check(peer)
            {
                tracing::warn!(name = %peer.name, serial = peer.serial, %refusal, "connection cut");
                // The first reason is as good as another.
                let _ = one.cut.why.set(refusal);
                one.cut.told.notify_one();
            }
        }
    }

    /// Takes no more in, and waits until all that stand have ended.
    pub async fn drain(&self) {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // Nobody sends; it ends when the last sender is gone.
        let _ = self.idle.lock().await.recv().await;
    }
}

impl Connection {
    /// Waits until it is to be cut; gives why.
    pub async fn cut(&self) -> Refusal {
        loop {
            if let Some(why) = self.cut.why.get() {
                return *why;
            }
            self.cut.told.notified().await;
        }
    }

    /// Who is at the other end.
    pub fn peer(&self) -> Option<Peer> {
        let standing = self.all.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.get(&self.number).and_then(|one| one.peer.clone())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.standing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
        metrics::gauge!("reeve_connections").decrement(1.0);
    }
}
