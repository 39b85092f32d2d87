//! The services that run on this computer: started and stopped as the topology wants it.

use super::concern::concerned;
use super::connections::Connections;
use super::master::Master;
use super::node::Node;
use super::renewal::interrupted;
use super::replica::Replica;
use super::view::{self, View};
use crate::error::ErrorRecord;
use crate::net::{Accepted, Peer, Refusal};
use crate::store::{Head, Store};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How long it waits before it looks again, after what it looked at could not be read.
const AGAIN: Duration = Duration::from_secs(5);

/// A connection that is kept, unless something went wrong with it.
type Kept = std::sync::Mutex<Option<Box<dyn Store + Send>>>;

/// The services of one computer.
pub struct Services {
    node: Arc<Node>,
    connections: Arc<Connections>,
    running: Mutex<Running>,
    /// The store, kept open: it is looked at after every change.
    store: Arc<Kept>,
    /// Where the store was when all was last looked at, as far as nothing since concerned it, and whether it was what
    /// this computer goes by.
    seen: Mutex<Option<(Head, bool)>>,
}

/// What runs now.
#[derive(Default)]
struct Running {
    /// They were ended: none begins any more.
    ended: bool,
    master: Option<Arc<Master>>,
    /// What the topology wants, as it was read last.
    view: Option<Arc<View>>,
    replica: Option<Replica>,
}

impl Services {
    /// None runs yet.
    pub fn new(node: Arc<Node>, connections: Arc<Connections>) -> Arc<Services> {
        Arc::new(Services {
            node,
            connections,
            running: Mutex::default(),
            store: Arc::default(),
            seen: Mutex::default(),
        })
    }

    /// Follows what store or replica say, until the server ends.
    pub async fn follow(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut changes = self.node.changes();
        loop {
            changes.mark_unchanged();
            let looked = self.look().await;
            self.node.findings.problem("Services", looked.as_ref().err().map(|error| error.to_string()));
            let again = async {
                match looked {
                    Ok(()) => std::future::pending().await,
                    Err(_) => tokio::time::sleep(AGAIN).await,
                }
            };
            let discarded = tokio::select! {
                changed = changes.changed() => if changed.is_err() { return } else { false },
                () = again => false,
                () = self.node.discarded.notified() => true,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            if discarded {
                self.anew().await;
            }
        }
    }

    /// Starts and stops services as store or replica say now, and lets nobody stay who is no longer let in.
    ///
    /// # Errors
    /// Those of the store and of the services.
    pub async fn look(&self) -> Result<(), ErrorRecord> {
        let (node, kept) = (self.node.clone(), self.store.clone());
        let mut seen = self.seen.lock().await;
        // Whatever goes wrong, all of it is looked at the next time.
        let before = seen.take();
        // Asked before it is read: what changes meanwhile leads to another look.
        let read = tokio::task::spawn_blocking(move || {
            let counts = node.store_counts();
            let read = with_kept(&node, &kept, |store| {
                let head = store.head()?;
                // A replica's changes cannot be had by version.
                let by_version = before.filter(|(_, counted)| counts && *counted).map(|(head, _)| head);
                if by_version.map(|before| concerned(store, before)).transpose()? == Some(false) {
                    return Ok((Some((head, counts)), None));
                }
                node.doorkeeper.refresh(store)?;
                Ok((Some((head, counts)), Some(view::of(&node, store)?)))
            })?;
            Ok::<_, ErrorRecord>(read.unwrap_or_else(|| (None, Some(view::unknown(&node)))))
        });
        let (head, view) = read.await.map_err(|error| interrupted(&error))??;
        if let Some(view) = view {
            self.connections.sift(&*self.node.doorkeeper);
            self.apply(view).await?;
        } else {
            let mut running = self.running.lock().await;
            let view = running.view.clone();
            self.master(&mut running, view.as_deref(), false)?;
            self.name(&running);
        }
        *seen = head;
        Ok(())
    }

    /// Starts or stops the services of the master, as the store is active here or not.
    fn master(&self, running: &mut Running, view: Option<&View>, changed: bool) -> Result<(), ErrorRecord> {
        match (&running.master, view.filter(|_| self.node.serves())) {
            (None, Some(view)) => running.master = Some(Arc::new(Master::start(&self.node, view)?)),
            (Some(master), Some(view)) if changed => master.topology(view),
            (Some(_), Some(_)) => {}
            (Some(_), None) => {
                if let Some(master) = running.master.take() {
                    master.stop(&self.node);
                }
            }
            (None, None) => {}
        }
        Ok(())
    }

    async fn apply(&self, view: View) -> Result<(), ErrorRecord> {
        let mut running = self.running.lock().await;
        if running.ended {
            return Ok(());
        }
        if let Some(active) = &view.active {
            self.node.set_active(active.clone());
        }
        if let Some(known) = &view.known {
            self.node.set_known(known.clone());
            if let Some(places) = self.node.places() {
                places.look(known).await;
            }
        }
        let removed = view.removed.then(|| {
            format!(
                "{} is not in the topology (version {}); nobody sends it changes.",
                self.node.computer(),
                view.known.as_ref().map_or(0, |known| known.version)
            )
        });
        self.node.findings.problem("Topology", removed);
        let view = Arc::new(view);
        running.view = Some(view.clone());
        self.master(&mut running, Some(&*view), true)?;
        // A computer that was removed keeps what it has, and asks on: it may be put back.
        let replica = view.replica || (view.removed && self.node.directory().replica().join("replica.db").exists());
        match (&running.replica, replica) {
            (None, true) => running.replica = Some(Replica::start(&self.node)?),
            (Some(_), false) => {
                if let Some(replica) = running.replica.take() {
                    replica.stop(&self.node).await;
                }
            }
            _ => {}
        }
        self.name(&running);
        Ok(())
    }

    /// Says which services run.
    fn name(&self, running: &Running) {
        let names = [("Master", running.master.is_some()), ("Replica", running.replica.is_some())];
        self.node.findings.services(names.into_iter().filter(|(_, runs)| *runs).map(|(name, _)| name).collect());
    }

    /// The replica was discarded: it begins anew when the services are looked at next.
    async fn anew(&self) {
        // All is looked at then, whatever changed.
        *self.seen.lock().await = None;
        let replica = self.running.lock().await.replica.take();
        if let Some(replica) = replica {
            replica.stop(&self.node).await;
        }
    }

    /// A replica connected.
    pub async fn replica(&self, accepted: Box<Accepted>) {
        let master = self.running.lock().await.master.clone();
        match master {
            Some(master) => master.serve(*accepted).await,
            None => Box::pin(super::master::refuse(&self.node, *accepted)).await,
        }
    }

    /// Whoever connected as a replica is no longer let in, and is told. `false` where there is nobody to tell it.
    pub async fn expel(&self, peer: &Peer, why: Refusal) -> bool {
        let master = self.running.lock().await.master.clone();
        if let Some(master) = &master {
            master.expel(peer, why);
        }
        master.is_some()
    }

    /// Ends them, in order.
    pub async fn stop(&self) {
        let mut running = self.running.lock().await;
        running.ended = true;
        if let Some(master) = running.master.take() {
            master.stop(&self.node);
        }
        if let Some(replica) = running.replica.take() {
            replica.stop(&self.node).await;
        }
    }
}

/// As [`view::with_store`], over the store that is kept where this computer holds one.
fn with_kept<T>(
    node: &Node,
    kept: &Kept,
    read: impl FnOnce(&dyn Store) -> Result<T, ErrorRecord>,
) -> Result<Option<T>, ErrorRecord> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if !node.store_counts() {
        *kept = None;
        return view::with_store(node, read);
    }
    let store = match kept.take() {
        Some(store) => store,
        None => node.open_store()?,
    };
    let read = read(&*store)?;
    *kept = Some(store);
    Ok(Some(read))
}
