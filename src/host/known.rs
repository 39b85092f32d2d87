//! What this computer knows of the deployment, kept in memory: who keeps which database, and where each is active.

use crate::backup::service::Situation;
use crate::config::Reader;
use crate::deployment::tls;
use crate::error::ErrorRecord;
use crate::failover::{self, Placement};
use crate::pools::PoolState;
use crate::store::Store;
use crate::topology::{Database, DatabasePlaces, Topology};
use crate::value::same_name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a change of the configuration may take to be here, where whoever asks knows of it already: seconds on a busy
/// machine, and a person waits so long.
pub(super) const HEARS_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked whether it is here.
pub(super) const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// What is known of the deployment, as of one version.
#[derive(Clone)]
pub struct Known {
    /// The topology.
    pub topology: Arc<Topology>,
    /// The computers that may hold the store; they hold the authority's key.
    pub keepers: Vec<String>,
    /// Where each database is active, as the configuration says.
    active: BTreeMap<Database, String>,
    /// Where each database went over to last.
    placements: BTreeMap<Database, Placement>,
    /// Pools whose users are on their way, in lower case.
    moving: BTreeSet<String>,
    /// The version that says so.
    pub version: u64,
    /// The epoch that says so.
    pub epoch: u64,
}

impl Situation for Known {
    fn active(&self, database: &Database) -> Option<String> {
        self.active_of(database).map(str::to_string)
    }

    fn moves(&self, pool: &str) -> bool {
        self.moving.contains(&pool.to_lowercase())
    }
}

impl Known {
    /// What a store says. `active` is where the store is as far as was known before: a draft names no active one.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(store: &dyn Store, topology: Topology, active: Option<&str>) -> Result<Known, ErrorRecord> {
        let head = store.head()?;
        let mut known = Known {
            keepers: Vec::new(),
            active: BTreeMap::new(),
            placements: BTreeMap::new(),
            moving: BTreeSet::new(),
            version: head.version,
            epoch: head.epoch,
            topology: Arc::new(topology),
        };
        for places in known.topology.databases() {
            let database = places.database;
            if let Some(computer) = failover::active_computer(store, &known.topology, &database)? {
                known.active.insert(database.clone(), computer);
            }
            if let Some(placement) = Placement::read(store, &database)? {
                known.placements.insert(database, placement);
            }
        }
        let reader = Reader { store, topology: &known.topology };
        for pool in known.topology.pools().iter().filter(|pool| pool.backup_pool.is_some()) {
            if PoolState::of(&reader, &pool.fqdn)?.is_resiliency() {
                known.moving.insert(pool.fqdn.to_lowercase());
            }
        }
        let named = known.active_of(&Database::CentralMgmt).or(active).map(str::to_string);
        if let Some(named) = named {
            known.keepers = tls::keepers(&known.topology, &named);
            known.active.entry(Database::CentralMgmt).or_insert(named);
        }
        Ok(known)
    }

    /// The computer at which a database is active, as the configuration says.
    pub fn active_of(&self, database: &Database) -> Option<&str> {
        self.active.get(database).map(String::as_str)
    }

    /// Where a database went over to last.
    pub fn placement_of(&self, database: &Database) -> Option<&Placement> {
        self.placements.get(database)
    }

    /// The computers that have a place of a database: of the store, where a draft names no place, the one that holds it.
    pub fn places_of(&self, database: &Database) -> Vec<String> {
        let named = match database {
            Database::CentralMgmt => self.keepers.clone(),
            Database::Users(_) => {
                self.places(database).iter().flat_map(DatabasePlaces::computers).map(Into::into).collect()
            }
        };
        let mut places: Vec<String> = Vec::new();
        for name in named {
            if !places.iter().any(|known| same_name(known, &name)) {
                places.push(name);
            }
        }
        places
    }

    /// The places of a database, as the topology has them.
    pub fn places(&self, database: &Database) -> Option<DatabasePlaces> {
        self.topology.database(database)
    }

    /// Whether a computer has a place of a database.
    pub fn has_place(&self, database: &Database, computer: &str) -> bool {
        self.places_of(database).iter().any(|place| same_name(place, computer))
    }

    /// The databases that have a place at a computer.
    pub fn databases_at(&self, computer: &str) -> Vec<Database> {
        let users = self.topology.pools().iter().map(|pool| Database::users(&pool.fqdn));
        std::iter::once(Database::CentralMgmt)
            .chain(users)
            .filter(|database| self.has_place(database, computer))
            .collect()
    }
}
