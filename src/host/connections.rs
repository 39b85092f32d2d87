//! Connections that stand: counted, bounded, and cut when whoever is at the other end is no longer let in.

use crate::net::{Acceptance, Peer, Refusal};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

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
    cut: Cut,
}

/// Says why a connection is to be cut.
type Cut = watch::Sender<Option<Refusal>>;

/// One connection, until it is dropped.
pub struct Connection {
    all: Arc<Connections>,
    number: u64,
    cut: watch::Receiver<Option<Refusal>>,
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
        let (tell, cut) = watch::channel(None);
        standing.insert(number, Standing { peer, cut: tell });
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
                one.cut.send_replace(Some(refusal));
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
        let mut cut = self.cut.clone();
        match cut.wait_for(Option::is_some).await.map(|why| *why) {
            Ok(Some(why)) => why,
            // Whoever would say it is gone: it stands as long as it is.
            _ => std::future::pending().await,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.standing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
        metrics::gauge!("reeve_connections").decrement(1.0);
    }
}
