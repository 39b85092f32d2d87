//! Who takes what from whom, as topology and failovers have it.

use super::super::module::Module;
use crate::error::{Category, ErrorRecord};
use crate::topology::{Database, Pool, Topology};
use crate::value::same_name;

/// A module of a pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The pool whose data it is, in lower case.
    pub pool: String,
    /// The module.
    pub module: Module,
}

impl Key {
    /// That of a pool, in whatever case it is named.
    pub fn new(pool: &str, module: Module) -> Key {
        Key { pool: pool.to_lowercase(), module }
    }
}

/// A module on its way from the computer that has it to the one that takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The module.
    pub module: Module,
    /// The pool whose data it is.
    pub pool: String,
    /// The pool that it is paired with.
    pub backup_pool: String,
    /// The computer that has the data.
    pub source: String,
    /// The computer that takes them.
    pub target: String,
    /// The pool failed over: its data go from the backup pool to its own.
    pub turned: bool,
    /// The pool's users are on their way, and these files go only as their failover has it, not by the cycle.
    pub waits: bool,
}

impl Duty {
    /// What it is known by.
    pub fn key(&self) -> Key {
        Key::new(&self.pool, self.module)
    }

    /// Why it does not go now.
    pub(super) fn moving(&self) -> ErrorRecord {
        let message = format!(
            "{} of {} is not synchronised now: its users are on their way to another pool.",
            self.module.name(),
            self.pool
        );
        ErrorRecord::new("FailoverUnderway", Category::ResourceBusy, message)
            .target(self.pool.as_str())
            .hint("The failover carries what is to go. Let it finish, or run it again; then synchronise.")
    }

    /// The database that goes over; `None` of files.
    pub fn database(&self) -> Option<Database> {
        match self.module {
            Module::PresenceFocus => Some(Database::users(&self.pool)),
            Module::CmsMaster => Some(Database::CentralMgmt),
            Module::DataConf => None,
        }
    }
}

/// What there is to do for a module of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// It goes over.
    Duty(Duty),
    /// Nothing goes over.
    Nothing {
        /// Whether that is as it should be.
        expected: bool,
        /// Why.
        cause: String,
    },
}

/// The pool that a pool is paired with.
///
/// # Errors
/// `PoolNotFound` with the near name, `PoolNotPaired`.
pub fn partner<'a>(topology: &'a Topology, pool: &str) -> Result<(&'a Pool, &'a Pool), ErrorRecord> {
    let own = topology.pool(pool)?;
    let Some(partner) = own.backup_pool.as_deref() else {
        let message = format!("The pool {} has no backup pool.", own.fqdn);
        return Err(ErrorRecord::new("PoolNotPaired", Category::InvalidOperation, message)
            .target(own.fqdn.as_str())
            .hint("Pools are paired in the topology: a pool's UserServices name those of its partner with Usage=\"Backup\"; then Publish-CsTopology."));
    };
    Ok((own, topology.pool(partner)?))
}

/// What is known of the deployment beside its topology.
pub trait Situation {
    /// The computer at which a database is active, as far as is known.
    fn active(&self, database: &Database) -> Option<String>;

    /// Whether the users of a pool are on their way to its backup pool, or back.
    fn moves(&self, pool: &str) -> bool;
}

/// What there is to do for a module of a pool.
///
/// # Errors
/// `PoolNotFound`, `PoolNotPaired`.
pub fn part(topology: &Topology, situation: &dyn Situation, pool: &str, module: Module) -> Result<Part, ErrorRecord> {
    let (own, partner) = partner(topology, pool)?;
    let goes = |source: String, target: String, turned: bool| {
        let (pool, backup_pool) = (own.fqdn.clone(), partner.fqdn.clone());
        // Documents go by their log, which knows by itself who has the newer ones.
        let waits = module == Module::DataConf && situation.moves(&own.fqdn);
        Part::Duty(Duty { module, pool, backup_pool, source, target, turned, waits })
    };
    if module == Module::CmsMaster {
        return Ok(cms(topology, situation, own, &goes));
    }
    let database = Database::users(&own.fqdn);
    let places = topology.database(&database);
    let active = situation.active(&database);
    let backup = places.as_ref().and_then(|places| places.backup.as_ref());
    let turned = active.as_deref().zip(places.as_ref()).is_some_and(|(active, places)| places.at_backup(active));
    let (here, there) = match module {
        Module::DataConf => {
            let store = |pool: &Pool| topology.file_store(&pool.fqdn).map(str::to_string);
            (store(own), store(partner))
        }
        _ => {
            let primary = places.as_ref().map(|places| places.primary.computer.clone());
            // Where it is served at its own pool: primary or mirror.
            let kept = backup.map(|backup| backup.computer.clone());
            if turned { (primary, active) } else { (active.or(primary), kept) }
        }
    };
    Ok(match (here, there) {
        (Some(here), Some(there)) if same_name(&here, &there) => {
            nothing(false, format!("{here} keeps the data of both pools: one disk holds both copies."))
        }
        (Some(here), Some(there)) if turned => goes(there, here, true),
        (Some(here), Some(there)) => goes(here, there, false),
        (None, _) => nothing(false, format!("{} has no {}.", own.fqdn, kept_in(module))),
        (_, None) => nothing(false, format!("{} has no {}.", partner.fqdn, kept_in(module))),
    })
}

fn cms(
    topology: &Topology,
    situation: &dyn Situation,
    own: &Pool,
    goes: &dyn Fn(String, String, bool) -> Part,
) -> Part {
    let Some(places) = topology.database(&Database::CentralMgmt) else {
        return nothing(false, "The topology names no active Central Management store.".into());
    };
    if !same_name(&places.pool, &own.fqdn) {
        return nothing(true, format!("The Central Management store is hosted by {}.", places.pool));
    }
    let Some(standby) = places.backup else {
        return nothing(false, "No pool stands by for the Central Management store.".into());
    };
    let active = situation.active(&Database::CentralMgmt);
    goes(active.unwrap_or(places.primary.computer), standby.computer, false)
}

/// Everything that a computer takes.
pub fn duties_of(topology: &Topology, situation: &dyn Situation, computer: &str) -> Vec<Duty> {
    let mut duties = Vec::new();
    for pool in topology.pools().iter().filter(|pool| pool.backup_pool.is_some()) {
        for module in Module::ALL {
            // A pool whose partner is not in the topology takes part in nothing.
            if let Ok(Part::Duty(duty)) = part(topology, situation, &pool.fqdn, module)
                && same_name(&duty.target, computer)
            {
                duties.push(duty);
            }
        }
    }
    duties
}

fn nothing(expected: bool, cause: String) -> Part {
    Part::Nothing { expected, cause }
}

fn kept_in(module: Module) -> &'static str {
    match module {
        Module::DataConf => "file store",
        _ => "user store",
    }
}
