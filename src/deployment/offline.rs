//! Failover as the files of one host directory tell it: what would be done can be asked, nothing can be done.

use super::{Deployment, HostDirectory, export};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::failover::{
    Choice, Control, Facts, Known, Order, PlaceAnswer, PlaceRecord, PlaceState, Placement, Preflight, ReplicaFact,
    Report, RunRecord, Source, StepReport, Wish, choose_for, preflight,
};
use crate::net::Identity;
use crate::store::{Placed, Position, Role, SqliteStore};
use crate::topology::{Database, Topology};
use crate::value::same_name;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// What the files of a host directory say of its place of a database, read from the disk.
///
/// # Errors
/// Those of the store.
pub fn place_state(
    host: &HostDirectory,
    database: &Database,
    clock: &Arc<dyn Clock>,
) -> Result<PlaceState, ErrorRecord> {
    let file = host.database(database);
    let (free, exports) = export::room(host, database);
    let mut state = PlaceState {
        computer: host.computer().to_string(),
        database: database.to_string(),
        role: None,
        serves: false,
        position: Source::default(),
        highest_epoch: 0,
        follows: None,
        feed: None,
        last_contact: None,
        error: None,
        feeds: Vec::new(),
        underway: None,
        unreported: None,
        runs: false,
        given_up: None,
        restored: false,
        exports,
        unsent: unsent(&host.unsent(database)).map(|path| path.display().to_string()),
        free,
        size: size(&file),
        product: env!("CARGO_PKG_VERSION").to_string(),
        certificate_not_after: None,
    };
    if file.exists() {
        let store = SqliteStore::open_with(&file, clock.clone())?;
        state.role = Some(store.role()?);
        state.position = source(&store.position()?);
        state.highest_epoch = store.highest_epoch()?;
        let run = store.note(RunRecord::NOTE)?.and_then(|note| serde_json::from_value::<RunRecord>(note).ok());
        let run = run.filter(|run| !run.overtaken(state.position.epoch, state.highest_epoch));
        let role = state.role.unwrap_or_default();
        state.given_up = run.as_ref().and_then(|run| run.given_up(state.highest_epoch));
        state.restored = run.as_ref().is_some_and(|run| run.restored(role, state.position.epoch));
        let unreported = |run: &RunRecord| run.unreported(clock.now(), role, state.position.epoch, state.highest_epoch);
        state.unreported = run.as_ref().and_then(unreported);
        state.underway = run.and_then(|run| run.underway());
        if state.role == Some(Role::Closed) {
            let place = store.note(PlaceRecord::NOTE)?;
            let place = place.and_then(|note| serde_json::from_value::<PlaceRecord>(note).ok()).unwrap_or_default();
            state.underway = place.closed.or(state.underway);
        }
    }
    Ok(state)
}

/// A position as it travels.
pub fn source(position: &Position) -> Source {
    Source {
        epoch: position.epoch,
        sequence: position.sequence,
        hash: position.hash.to_string(),
        version: position.version,
        chain: position.chain.to_string(),
    }
}

/// The newest file with changes that nobody else has, in a folder of such.
pub fn unsent(folder: &Path) -> Option<PathBuf> {
    let is_one = |path: &Path| path.extension().is_some_and(|end| end == "json");
    let files = std::fs::read_dir(folder).ok()?.flatten().filter(|entry| is_one(&entry.path()));
    files.max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok()).map(|entry| entry.path())
}

/// Bytes that a database takes, with what was not written into it yet.
fn size(file: &Path) -> u64 {
    let of = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        std::fs::metadata(name).map_or(0, |data| data.len())
    };
    of("") + of("-wal")
}

/// Failover where no server runs.
pub(super) struct Offline {
    directory: Arc<HostDirectory>,
    clock: Arc<dyn Clock>,
}

impl Offline {
    /// Of a host directory that is held.
    pub fn new(directory: Arc<HostDirectory>, clock: Arc<dyn Clock>) -> Offline {
        Offline { directory, clock }
    }

    fn known(&self, database: &Database) -> Result<(Rc<Topology>, Option<Placement>), ErrorRecord> {
        let deployment = Deployment::of(self.directory.clone(), self.clock.clone())?;
        let topology = deployment.topology()?;
        topology.require_database(database)?;
        Ok((topology, Placement::read(deployment.store(), database)?))
    }

    fn answers(&self, topology: &Topology, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord> {
        let places = topology.require_database(database)?;
        let mut computers: Vec<String> = places.computers().map(str::to_string).collect();
        computers.dedup();
        let answers = computers.into_iter().map(|computer| {
            let here = same_name(&computer, self.directory.computer());
            let state = if here { self.here(database) } else { Err(out_of_reach(&computer)) };
            PlaceAnswer { computer, state }
        });
        Ok(answers.collect())
    }

    fn here(&self, database: &Database) -> Result<PlaceState, ErrorRecord> {
        let mut state = place_state(&self.directory, database, &self.clock)?;
        let identity = Identity::load_folder(&self.directory.tls()).ok();
        state.certificate_not_after = identity.map(|identity| identity.current().peer.not_after);
        // A session that has the files alone changes it; nobody else does meanwhile.
        state.serves = state.role == Some(Role::Active);
        Ok(state)
    }

    fn chosen(&self, database: &Database, wish: &Wish, by: &str) -> Result<(Choice, Vec<PlaceAnswer>), ErrorRecord> {
        let (topology, placement) = self.known(database)?;
        let answers = self.answers(&topology, database)?;
        let known = Known { placement: placement.as_ref(), answers: &answers };
        choose_for(by, &topology, database, wish, known).map(|choice| (choice, answers))
    }
}

impl Control for Offline {
    fn places(&self, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord> {
        let (topology, _) = self.known(database)?;
        self.answers(&topology, database)
    }

    fn preflight(&self, database: &Database, wish: &Wish, by: &str) -> Result<Preflight, ErrorRecord> {
        let (choice, answers) = self.chosen(database, wish, by)?;
        let facts = Facts { now: self.clock.now(), choice: &choice, places: &answers, replicas: &[] };
        Ok(preflight(&facts))
    }

    fn replicas(&self) -> Result<Vec<ReplicaFact>, ErrorRecord> {
        Err(nothing_runs("The replicas cannot be asked"))
    }

    fn acts(&self) -> Result<(), ErrorRecord> {
        Err(nothing_runs("Nothing was failed over"))
    }

    fn fail_over(&self, order: &Order, _told: &mut dyn FnMut(&StepReport)) -> Result<Report, ErrorRecord> {
        let (choice, _) = self.chosen(&order.database, &order.wish, &order.entry.principal)?;
        Err(out_of_reach(&choice.target.computer))
    }
}

/// No server runs here that could ask it.
fn out_of_reach(computer: &str) -> ErrorRecord {
    nothing_runs(&format!("{computer} cannot be asked"))
}

fn nothing_runs(what: &str) -> ErrorRecord {
    let message = format!("{what}: no server runs on this host directory.");
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Start the servers (reeve serve --dir DIR, or reeve lab), and try again.")
}
