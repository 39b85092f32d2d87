//! What all parts of one computer's server share.

use super::backup::{self, Central};
use super::current::Current;
use super::doorkeeper::Doorkeeper;
use super::health::{Findings, Health};
use super::known::Known;
use super::own::Own;
use super::place::ask::Channels;
use super::place::gate::{Open, unguarded};
use super::place::{Failovers, Places};
use super::users::Users;
use crate::deployment::{Active, Deployment, HostDirectory, Settings, standing, tls};
use crate::env::{Awake, Clock};
use crate::error::{Category, ErrorRecord};
use crate::net::{Addresses, Dialler, Identity};
use crate::replication::Control;
use crate::replication::driver::Answer;
use crate::replication::replica::Status;
use crate::replication::storage::{ReplicaStore, no_replica};
use crate::store::{SqliteStore, Store};
use crate::topology::Database;
use crate::value::same_name;
use crate::{failover, pools};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// What all parts of one computer's server share. It is handed around in an `Arc`.
pub struct Node {
    directory: Arc<HostDirectory>,
    settings: Settings,
    addresses: Arc<Addresses>,
    clock: Arc<dyn Clock>,
    identity: Arc<Identity>,
    /// How long a replica may be away from the master.
    away: Duration,
    /// What stands in the way.
    pub findings: Findings,
    /// Who is let in.
    pub doorkeeper: Arc<Doorkeeper>,
    /// The version of the store or replica of this computer; it counts up when something changed.
    changes: watch::Sender<u64>,
    /// Told that the replica was discarded, and is to be begun anew.
    pub(super) discarded: Notify,
    /// Counts up when what threads have open is over.
    generation: OnceLock<Arc<AtomicU64>>,
    dialler: OnceLock<Arc<Dialler>>,
    /// Connections to others that are kept.
    pub(super) channels: Channels,
    /// Sees when this process did not run.
    pub(super) awake: Arc<Awake>,
    state: Arc<RwLock<State>>,
}

#[derive(Default)]
pub(super) struct State {
    /// The active master, as far as is known.
    active: Option<Active>,
    /// Replication, while its services run here.
    pub(super) control: Option<Arc<dyn Control>>,
    /// Is told of each commit, while they do.
    commits: Option<Commits>,
    /// What this computer's replica says of itself, while it runs.
    replica: Option<watch::Receiver<Status>>,
    /// What is known of the deployment, once something is.
    known: Option<Arc<Known>>,
    /// What this computer knows is what its store says: it is active here, or closed to go over, and no other place is
    /// known to have taken it over.
    store_counts: bool,
    /// The store takes changes here.
    serves: bool,
    /// The places of databases at this computer, while they run.
    places: Option<Arc<Places>>,
    /// The backup service, while it runs.
    backup: Option<backup::Running>,
}

/// Is told of the version of each commit, on the thread that committed: the first thing that is done then.
pub type Commits = Arc<dyn Fn(u64) + Send + Sync>;

/// What a computer says to who tests the way to it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Probe {
    /// Its replica.
    #[serde(flatten)]
    pub replica: Answer,
    /// The services that run.
    pub services: Vec<String>,
    /// What stands in the way.
    pub reasons: BTreeMap<String, String>,
    /// What will stand in the way.
    pub warnings: BTreeMap<String, String>,
}

impl Node {
    /// The node of a host directory that is held alone. A directory that an older program made gets its certificate.
    ///
    /// # Errors
    /// `SettingsInvalid`, `CertificateMissing`, `IdentityUnreadable`, `IdentityInvalid`; those of the store.
    pub fn new(
        directory: HostDirectory,
        clock: Arc<dyn Clock>,
        awake: Arc<Awake>,
        away: Duration,
    ) -> Result<Node, ErrorRecord> {
        let settings = Settings::read(&directory)?;
        let store = directory.holds_store().then(|| SqliteStore::open_with(directory.store(), clock.clone()));
        let store = store.transpose()?;
        tls::ensure(&directory, store.as_ref().map(|store| store as &dyn Store), &*clock)?;
        let identity = Identity::load_folder(&directory.tls())?;
        let named = identity.current().peer.computer().map(String::from);
        if !named.as_deref().is_some_and(|name| same_name(name, directory.computer())) {
            return Err(not_its_own(&directory, named.as_deref()));
        }
        let active = match (&store, Active::read(&directory)) {
            (_, Some(active)) => Some(active),
            // An older program made it, for the computer that holds the store.
            (Some(store), None) => Some(Active { computer: directory.computer().to_string(), epoch: store.epoch()? }),
            (None, None) => None,
        };
        let store_counts =
            store.as_ref().map(|store| standing::counts(&directory, store)).transpose()?.unwrap_or_default();
        Ok(Node {
            settings,
            addresses: Arc::new(Addresses::file(directory.addresses())),
            directory: Arc::new(directory),
            clock,
            identity,
            away,
            findings: Findings::default(),
            doorkeeper: Arc::default(),
            changes: watch::Sender::new(0),
            discarded: Notify::new(),
            generation: OnceLock::new(),
            dialler: OnceLock::new(),
            channels: Channels::default(),
            awake,
            state: Arc::new(RwLock::new(State { active, store_counts, ..State::default() })),
        })
    }

    /// The host directory.
    pub fn directory(&self) -> &Arc<HostDirectory> {
        &self.directory
    }

    /// The computer's name.
    pub fn computer(&self) -> &str {
        self.directory.computer()
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the others listen.
    pub fn addresses(&self) -> &Arc<Addresses> {
        &self.addresses
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How long a replica may be away from the master before that is a failure.
    pub fn away(&self) -> Duration {
        self.away
    }

    /// What it proves itself with.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// What makes connections to the others.
    ///
    /// # Errors
    /// `IdentityInvalid`.
    pub fn dialler(&self) -> Result<Dialler, ErrorRecord> {
        let dialler = Dialler::new(self.identity.clone(), self.addresses.clone(), self.clock.clone())?;
        Ok(dialler.refusing(self.doorkeeper.clone()))
    }

    /// The same, made once: for questions.
    ///
    /// # Errors
    /// `IdentityInvalid`.
    pub fn asking(&self) -> Result<Arc<Dialler>, ErrorRecord> {
        if let Some(dialler) = self.dialler.get() {
            return Ok(dialler.clone());
        }
        let made = Arc::new(self.dialler()?);
        Ok(self.dialler.get_or_init(|| made).clone())
    }

    /// Replication, while this computer is the active master.
    pub fn control(&self) -> Option<Arc<dyn Control>> {
        self.state().control.clone()
    }

    /// Whether this computer is the active master.
    pub fn is_active(&self) -> bool {
        self.state().control.is_some()
    }

    /// The active master, as far as is known here.
    pub fn active(&self) -> Option<Active> {
        self.state().active.clone()
    }

    /// What is known of the deployment here; `None` where nothing is yet.
    pub fn known(&self) -> Option<Arc<Known>> {
        self.state().known.clone()
    }

    /// What is known of the deployment has changed.
    pub(super) fn set_known(&self, known: Arc<Known>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).known = Some(known);
        if let Some(backup) = self.backup() {
            backup.look_again();
        }
    }

    /// Whether the store takes changes here, as far as this computer knows.
    pub fn serves(&self) -> bool {
        self.state().serves
    }

    /// Whether what this computer knows is what its store says; else it is what its replica says.
    pub fn store_counts(&self) -> bool {
        self.state().store_counts
    }

    /// What the store is here has changed. Threads open anew what they have open, services are looked at.
    pub(super) fn set_role(&self, counts: bool, serves: bool) {
        {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            if (state.store_counts, state.serves) == (counts, serves) {
                return;
            }
            (state.store_counts, state.serves) = (counts, serves);
            if !serves {
                // From now on no cmdlet is decided here, whenever the services end.
                (state.control, state.commits) = (None, None);
            }
        }
        if let Some(generation) = self.generation.get() {
            generation.fetch_add(1, Ordering::Release);
        }
        self.changes.send_modify(|_| {});
    }

    /// What counts the generations of what the threads of calls have open.
    pub(super) fn count_generations(&self, generation: Arc<AtomicU64>) {
        // It is told once.
        let _ = self.generation.set(generation);
    }

    /// Where a cmdlet of the server runs: here, or the error that says where.
    ///
    /// # Errors
    /// `NotActive`.
    pub fn check_active(&self) -> Result<(), ErrorRecord> {
        if self.is_active() {
            return Ok(());
        }
        if let Some(error) = self.closed(&Database::CentralMgmt, "NotActive") {
            return Err(error);
        }
        let place = self.places().and_then(|places| places.of(&Database::CentralMgmt));
        if let Some(double) = place.and_then(|place| place.double()) {
            let message = format!(
                "{} takes no changes: {double} holds the Central Management store as the active one in the same epoch.",
                self.computer()
            );
            let error = ErrorRecord::new("NotActive", Category::ResourceUnavailable, message);
            return Err(error.hint(failover::Doubled::ADVICE));
        }
        let message = format!("{} is not the active Central Management server.", self.computer());
        let error = ErrorRecord::new("NotActive", Category::ResourceUnavailable, message);
        Err(match self.active() {
            Some(active) if same_name(&active.computer, self.computer()) => {
                error.hint("Its services are being started or stopped: try again in a moment.")
            }
            Some(active) => error.hint(format!("As far as is known here that is {}.", active.computer)),
            None => error.hint("Which computer is, is not known here yet."),
        })
    }

    /// The error where a database is closed here for a failover that is not over: which one, and the ways out.
    pub(super) fn closed(&self, database: &Database, id: &'static str) -> Option<ErrorRecord> {
        let underway = self.places()?.of(database)?.closed()?;
        let ways =
            self.known().map(|known| failover::ways_out(&known.topology, database, &underway)).unwrap_or_default();
        let message = format!("{} takes no changes of {}. {}", self.computer(), database.called(), underway.sentence());
        let error = ErrorRecord::new(id, Category::ResourceUnavailable, message);
        Some(ways.into_iter().fold(error, ErrorRecord::hint))
    }

    /// Master's services begin or end here.
    pub(super) fn set_master(&self, services: Option<(Arc<dyn Control>, Commits)>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // The store may have gone over while they were being started.
        let services = services.filter(|_| state.serves);
        (state.control, state.commits) = services.unzip();
    }

    /// The replica's services begin or end here.
    pub(super) fn set_replica(&self, status: Option<watch::Receiver<Status>>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).replica = status;
    }

    /// The places of databases at this computer, while they run.
    pub fn places(&self) -> Option<Arc<Places>> {
        self.state().places.clone()
    }

    /// They begin or end here.
    pub(super) fn set_places(&self, places: Option<Arc<Places>>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).places = places;
    }

    /// Lets go of all services.
    pub(super) fn forget_services(&self) {
        self.set_places(None);
        self.set_backup(None);
        self.doorkeeper.tell(None);
        self.set_master(None);
        self.set_replica(None);
    }

    /// The backup service, while it runs.
    pub(super) fn backup(&self) -> Option<backup::Running> {
        self.state().backup.clone()
    }

    /// The backup service begins or ends here.
    pub(super) fn set_backup(&self, backup: Option<backup::Running>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).backup = backup;
    }

    /// Another computer became active, or a newer epoch began: kept for the next start.
    pub(super) fn set_active(&self, active: Active) {
        {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            // What is known of a later epoch is not forgotten for what an older replica or store says.
            if state.active.as_ref().is_some_and(|known| *known == active || known.epoch > active.epoch) {
                return;
            }
            state.active = Some(active.clone());
        }
        if let Err(error) = active.write(&self.directory) {
            tracing::warn!(id = error.id(), "{}", error.message());
        }
    }

    /// A connection of its own to the store, with replication where it runs here; for one thread, as every deployment.
    /// What is changed through it this node learns at once. Where this computer holds no store it is as the replica has
    /// it, for reading.
    ///
    /// # Errors
    /// `NoReplica` where this computer holds neither; those of the store.
    pub fn deployment(self: &Arc<Self>) -> Result<Deployment, ErrorRecord> {
        if !self.store_counts() {
            // What concerns this computer alone is decided by what its replica knows.
            return match ReplicaStore::open(&self.directory.replica())? {
                Some(replica) if replica.held()?.is_some() => {
                    let own = Some(Own::of(self));
                    let deployment = Deployment::with(self.directory.clone(), Box::new(replica), own);
                    Ok(self.with_services(deployment).read_from_replica())
                }
                _ => Err(no_replica(self.computer())),
            };
        }
        let control = Current(self.state.clone());
        let deployment = Deployment::with(self.directory.clone(), self.open_store()?, Some(Arc::new(control)));
        Ok(self.with_services(deployment))
    }

    /// A deployment with what the server does for its cmdlets.
    fn with_services(self: &Arc<Self>, deployment: Deployment) -> Deployment {
        let failover = self
            .places()
            .map(|places| -> Arc<dyn failover::Control> { Arc::new(Failovers::new(self, places.runtime().clone())) });
        let central = self.backup().zip(self.places()).map(|(running, places)| -> Arc<dyn crate::backup::Control> {
            Arc::new(Central::new(running, places.runtime().clone()))
        });
        let users = self
            .places()
            .map(|places| -> Arc<dyn pools::Control> { Arc::new(Users::new(self, places.runtime().clone())) });
        deployment.with_services(failover, central).with_users(users)
    }

    /// A connection to the store for one thread.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn open_store(&self) -> Result<Box<dyn Store + Send>, ErrorRecord> {
        let mut store = SqliteStore::open_with(self.directory.store(), self.clock.clone())?;
        let (open, state, computer) =
            (Open::at(&self.directory.store()), self.state.clone(), self.computer().to_string());
        // Asked for when a change is made: places come and go while threads keep what they have open.
        store.gate(Arc::new(move |position| {
            let (places, known) = {
                let state = state.read().unwrap_or_else(PoisonError::into_inner);
                (state.places.clone(), state.known.clone())
            };
            let database = Database::CentralMgmt;
            match places.and_then(|places| places.of(&database)) {
                Some(place) => place.pass(&open, position),
                None if known.is_some_and(|known| known.has_place(&database, &computer)) => Err(unguarded(&database)),
                None => Ok(()),
            }
        }));
        let (state, changes) = (self.state.clone(), self.changes.clone());
        store.on_commit(Arc::new(move |version| {
            let told = state.read().unwrap_or_else(PoisonError::into_inner).commits.clone();
            if let Some(told) = told {
                told(version);
            }
            changes.send_modify(|known| *known = (*known).max(version));
        }));
        Ok(Box::new(store))
    }

    /// Tells when store or replica changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The replica of this computer holds another version; where it is a snapshot, the version may be lower.
    pub fn changed(&self, version: u64) {
        self.changes.send_modify(|known| *known = version);
    }

    /// Whether it does what it is there for.
    pub fn health(&self) -> Health {
        let mut health = self.findings.health(self.computer());
        health.active = self.active().map(|active| active.computer);
        // One that asks for a replica and gets none keeps none.
        let held = self.state().replica.as_ref().is_some_and(|status| status.borrow().held.is_some());
        health.services.retain(|service| service != "Replica" || held);
        if let Some(Ok(replicas)) = self.control().map(|control| control.replicas()) {
            health.replicas = Some(replicas.into_iter().map(super::health::Replica::from).collect());
        }
        health
    }

    /// What it says to who tests the way to it.
    pub fn probe(&self) -> Probe {
        let status = self.state().replica.as_ref().map(|status| status.borrow().clone()).unwrap_or_default();
        let health = self.findings.health(self.computer());
        let replica = Answer {
            computer: self.computer().to_string(),
            product: env!("CARGO_PKG_VERSION").to_string(),
            clock: self.clock.now().ticks,
            connected: status.connected,
            master: status.master.as_deref().map(str::to_owned).or_else(|| self.active().map(|active| active.computer)),
            version_held: status.held.map(|held| held.version),
            epoch: status.held.map(|held| held.epoch),
            highest_epoch: status.highest_epoch,
            last_error: status.error.map(|(id, message)| format!("{id}: {message}")),
            hook_error: status.hook_error,
        };
        Probe { replica, services: health.services, reasons: health.reasons, warnings: health.warnings }
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_its_own(directory: &HostDirectory, named: Option<&str>) -> ErrorRecord {
    let message = format!(
        "The certificate in '{}' is that of {}, and the directory is that of {}.",
        directory.tls().display(),
        named.unwrap_or("nobody"),
        directory.computer()
    );
    ErrorRecord::new("NameMismatch", Category::SecurityError, message)
        .hint("Put the computer's own certificate and key back, or let it join again into a new directory.")
}
