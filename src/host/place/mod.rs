//! The places of databases at this computer: each is fenced at its start, follows the active place or feeds others, and
//! goes over when a failover wants it to.
//!
//! What is decided is decided by the machines of `failover`; the log goes by `backup::log`. Here are their drivers: the
//! questions over the network, the files, and what the rest of the server is told.

pub mod ask;
mod authority;
mod birth;
mod control;
mod driver;
mod follow;
pub mod gate;
pub mod keeper;
mod look_after;
mod orders;
mod removed;
mod replicas;
pub mod routes;
mod run;
mod slot;
mod state;
mod store;
mod vigil;

pub use control::Failovers;

use crate::backup::log::{Feeds, Status, Transport};
use crate::deployment::Active;
use crate::error::{Category, ErrorRecord};
use crate::failover::{Claim, PlaceEvent, PlaceOrder, Report, Underway};
use crate::host::known::Known;
use crate::host::node::Node;
use crate::store::{Position, SqliteStore};
use crate::topology::Database;
use crate::value::same_name;
use driver::{Promotion, Said};
use follow::Following;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use store::Writes;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use vigil::Vigil;

/// All places at this computer.
pub struct Places {
    node: Weak<Node>,
    runtime: Handle,
    places: Mutex<BTreeMap<Database, Arc<Place>>>,
}

/// A place of a database at this computer, while its server runs.
pub struct Place {
    shared: Arc<Shared>,
    inbox: mpsc::Sender<Said>,
    task: JoinHandle<()>,
}

/// What a place says of itself.
#[derive(Clone, Debug, PartialEq)]
struct Says {
    claim: Claim,
    follows: Option<String>,
    closed: Option<Underway>,
    /// Another that takes changes in the same epoch, as it says.
    double: Option<String>,
    serves: bool,
}

/// What all parts of a place share.
struct Shared {
    node: Weak<Node>,
    /// Which database.
    database: Database,
    file: PathBuf,
    /// For those that follow this place.
    feeds: Arc<Feeds>,
    /// Holds back what would be acknowledged after a sleep.
    vigil: Arc<Vigil>,
    /// Where events go.
    inbox: mpsc::Sender<Said>,
    says: watch::Sender<Option<Says>>,
    following: Following,
    /// What the machine writes.
    writes: Writes,
    /// The topology names a mirror, or did when the server began, for all that is known.
    mirrored: AtomicBool,
    /// Others that say that they take changes, each with its epoch.
    rivals: Mutex<BTreeMap<String, u64>>,
    /// A failover runs here, to this place.
    runs: tokio::sync::Mutex<()>,
    /// The report of the failover that was finished here last.
    report: Mutex<Option<Report>>,
}

impl Places {
    /// None yet. Called within the runtime.
    pub fn new(node: &Arc<Node>) -> Arc<Places> {
        let places =
            Arc::new(Places { node: Arc::downgrade(node), runtime: Handle::current(), places: Mutex::default() });
        tokio::spawn(look_after::run(Arc::downgrade(node), Arc::downgrade(&places)));
        places
    }

    /// Begins and ends places as the topology says now, and tells each where the others are.
    pub async fn look(&self, known: &Known) {
        let Some(node) = self.node.upgrade() else { return };
        let wanted = known.databases_at(node.computer());
        let mut gone = Vec::new();
        {
            let mut places = self.lock();
            places.retain(|database, place| {
                let stays = wanted.contains(database);
                if !stays {
                    gone.push(place.clone());
                }
                stays
            });
            for database in wanted {
                if let Entry::Vacant(vacant) = places.entry(database.clone()) {
                    let place = vacant.insert(Arc::new(Place::begin(&node, database)));
                    tokio::spawn(run::resume(node.clone(), place.clone()));
                }
            }
        }
        for place in gone {
            place.end().await;
        }
        let places: Vec<Arc<Place>> = self.lock().values().cloned().collect();
        for place in places {
            place.shared.topology(&node, known);
            place.shared.refit().await;
            let others = ask::others(&node, &place.shared.database);
            place.shared.tell(PlaceEvent::Places(others)).await;
        }
    }

    /// The place of a database here, if it has one.
    pub fn of(&self, database: &Database) -> Option<Arc<Place>> {
        self.lock().get(database).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<Place>> {
        self.lock().values().cloned().collect()
    }

    /// What they run on.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Ends all of them.
    pub async fn end(&self) {
        let places = std::mem::take(&mut *self.lock());
        for place in places.into_values() {
            place.end().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Database, Arc<Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn begin(node: &Arc<Node>, database: Database) -> Place {
        let (inbox, events) = mpsc::channel(driver::WAITING);
        let file = node.directory().database(&database);
        let shared = Arc::new(Shared {
            node: Arc::downgrade(node),
            feeds: follow::feeds(node, &database, &inbox),
            following: Following::default(),
            writes: Writes::default(),
            mirrored: AtomicBool::new(true),
            vigil: Arc::new(Vigil::new(node.awake.clone())),
            rivals: Mutex::default(),
            file,
            database,
            inbox: inbox.clone(),
            says: watch::Sender::new(None),
            runs: tokio::sync::Mutex::default(),
            report: Mutex::default(),
        });
        let task = tokio::spawn(driver::run(shared.clone(), events));
        Place { shared, inbox, task }
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.shared.database
    }

    /// Whether it takes changes here.
    pub fn serves(&self) -> bool {
        self.shared.serves()
    }

    /// The failover for which it is closed.
    pub fn closed(&self) -> Option<Underway> {
        self.shared.says.borrow().as_ref().and_then(|says| says.closed.clone())
    }

    /// Another that holds the database as the active one in the same epoch: neither takes changes.
    pub fn double(&self) -> Option<String> {
        self.shared.says.borrow().as_ref().and_then(|says| says.double.clone())
    }

    /// Those that follow it.
    pub fn feeds(&self) -> &Arc<Feeds> {
        &self.shared.feeds
    }

    /// The computer that it follows.
    pub fn follows(&self) -> Option<String> {
        self.shared.says.borrow().as_ref().and_then(|says| says.follows.clone())
    }

    /// Bytes that its log brought here since the server began, with TLS, both ways.
    pub fn traffic(&self) -> u64 {
        self.shared.following.bytes()
    }

    /// A connection to its database for one thread; what is changed through it waits for the mirror.
    ///
    /// # Errors
    /// Those of the store.
    pub fn open(&self) -> Result<SqliteStore, ErrorRecord> {
        self.shared.open()
    }

    /// Takes the log of the active place once, over a way of the caller's. `moved` is told of each step.
    ///
    /// # Errors
    /// Those of following once: `HostUnreachable`, `ConnectionLost`, `EpochOver`, `StoreNotActive`, `StoreNotStandby`, and
    /// those of the disk.
    pub async fn once(
        &self,
        from: &str,
        transport: Arc<dyn Transport>,
        moved: Arc<dyn Fn(&Position) + Send + Sync>,
    ) -> Result<Status, ErrorRecord> {
        self.shared.once(from, transport, moved).await
    }

    /// A computer that has a place of the database too spoke of an epoch.
    pub async fn heard_of(&self, computer: &str, epoch: u64) {
        self.shared.tell(PlaceEvent::Heard(rumour(computer, epoch))).await;
    }

    /// Carries out an order.
    ///
    /// # Errors
    /// What the machine answers; `OperationStopped` where the place ends meanwhile: then it is not known whether it was
    /// carried out.
    async fn order(&self, order: PlaceOrder, promotion: Option<Box<Promotion>>) -> Result<(), ErrorRecord> {
        let (answer, answered) = oneshot::channel();
        let said = Said::Order { order, promotion, answer };
        self.inbox.send(said).await.map_err(|_| ended(&self.shared.database))?;
        answered.await.map_err(|_| ended(&self.shared.database))?
    }

    async fn end(&self) {
        self.task.abort();
        // What is being written is finished: a promotion is not cut off, and nobody reads what it is about to change.
        self.shared.writes.idle().await;
        self.shared.following.stop().await;
        self.shared.serve(false, false, None);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn node(&self) -> Result<Arc<Node>, ErrorRecord> {
        self.node.upgrade().ok_or_else(|| ended(&self.database))
    }

    /// Sends an event to the machine; one that has ended needs none.
    async fn tell(&self, event: PlaceEvent) {
        let _ = self.inbox.send(Said::Event(event)).await;
    }

    fn serves(&self) -> bool {
        self.says.borrow().as_ref().is_some_and(|says| says.serves)
    }

    fn open(&self) -> Result<SqliteStore, ErrorRecord> {
        let mut store = SqliteStore::open_with(&self.file, self.node()?.clock().clone())?;
        store.gate(self.gate());
        Ok(store)
    }

    /// The database of the place, made empty where the topology has just given it to this computer.
    fn open_or_make(&self) -> Result<SqliteStore, ErrorRecord> {
        if self.file.exists() {
            return self.open();
        }
        crate::deployment::folder_of(&self.file)?;
        let node = self.node()?;
        let lost = self.database == Database::CentralMgmt && node.directory().made_with_store();
        match lost {
            true => {
                tracing::error!(file = %self.file.display(), "the store of this computer is lost: it begins anew as a copy")
            }
            false => tracing::info!(database = %self.database, "a place of a database begins here, as a copy"),
        }
        SqliteStore::create_standby(&self.file, node.clock().clone()).map(drop)?;
        self.open()
    }

    /// Changes are taken here from now on, or no more.
    /// One that only closes gives what it took to the place that takes over.
    fn serve(&self, serves: bool, closes: bool, at: Option<&Position>) {
        match at.filter(|_| serves) {
            Some(position) => self.feeds.begin(position),
            None if closes => self.feeds.close(),
            None => self.feeds.end(),
        }
        self.says.send_modify(|says| {
            if let Some(says) = says {
                says.serves = serves;
            }
        });
        if let Some(position) = at.filter(|_| serves) {
            tracing::info!(database = %self.database, epoch = position.epoch, version = position.version, "active here");
        }
    }

    /// How the place is now. `current`: its content is the newest that this computer knows.
    fn publish(&self, says: Says, current: bool) {
        let (serves, epoch, follows) = (says.serves, says.claim.epoch, says.follows.clone());
        let (highest, double) = (says.claim.highest_epoch, says.double.clone());
        let before = self.says.send_replace(Some(says));
        if let Some(double) = double.filter(|_| before.is_none_or(|before| before.double.is_none())) {
            let database = &self.database;
            tracing::error!(%database, double, epoch, "another takes changes in the same epoch: neither does from now on");
        }
        let Some(node) = self.node.upgrade() else { return };
        if self.database == Database::CentralMgmt {
            if serves {
                node.set_active(Active { computer: node.computer().to_string(), epoch });
            } else if let Some(computer) = follows {
                node.set_active(Active { computer, epoch: highest });
            }
            node.set_role(current, serves);
        }
    }

    /// Another place says that it takes changes, or does not.
    fn rival(&self, computer: &str, epoch: Option<u64>) {
        let mut rivals = self.rivals.lock().unwrap_or_else(PoisonError::into_inner);
        match epoch {
            Some(epoch) => drop(rivals.insert(computer.to_string(), epoch)),
            None => drop(rivals.remove(computer)),
        }
    }

    /// Something keeps the place from being what it is, or, with `None`, no longer.
    fn complain(&self, error: Option<&ErrorRecord>) {
        let Some(node) = self.node.upgrade() else { return };
        let what =
            error.map(|error| format!("A database cannot be opened or kept here, {}: {error}", self.database.called()));
        node.findings.problem("Database", what);
    }

    /// The topology may have changed: who follows this place while it is active, and for whom a change waits.
    fn topology(&self, node: &Node, known: &Known) {
        let mirror = mirror_of(known, &self.database, node.computer());
        let followers = ask::others(node, &self.database).into_iter().map(|computer| {
            let synchronous = mirror.as_ref().is_some_and(|mirror| same_name(mirror, &computer));
            (computer, synchronous)
        });
        self.feeds.expect(&followers.collect::<Vec<_>>());
        let has = mirror.is_some();
        if self.mirrored.swap(has, Ordering::Relaxed) && !has && self.file.exists() {
            let (feeds, database) = (self.feeds.clone(), self.database.clone());
            tokio::task::spawn_blocking(move || {
                if let Err(error) = feeds.forget_mirrors() {
                    tracing::warn!(%database, id = error.id(), "the mirror that it had is remembered: {}", error.message());
                }
            });
        }
    }
}

/// What a computer claims that spoke of an epoch, and said nothing else.
fn rumour(computer: &str, epoch: u64) -> Claim {
    Claim { computer: computer.to_string(), role: None, epoch: 0, highest_epoch: epoch, undone: None }
}

/// The other side of the mirrored instance that a computer is one side of: while one is active a change waits for the
/// other.
fn mirror_of(known: &Known, database: &Database, computer: &str) -> Option<String> {
    let places = known.places(database)?;
    let pairs = [(Some(places.primary), places.mirror), (places.backup, places.backup_mirror)];
    pairs.into_iter().find_map(|(primary, mirror)| {
        let (primary, mirror) = (primary?.computer, mirror?.computer);
        match () {
            () if same_name(&primary, computer) => Some(mirror),
            () if same_name(&mirror, computer) => Some(primary),
            () => None,
        }
    })
}

/// The id of an order that got no answer.
const UNANSWERED: &str = "OperationStopped";

fn ended(database: &Database) -> ErrorRecord {
    let message = format!("The place of {} on this computer is being ended.", database.called());
    ErrorRecord::new(UNANSWERED, Category::OperationStopped, message).hint("Try again in a moment.")
}
