//! Databases that are kept at more than one place, and which computers those are.

use super::Topology;
use super::model::{Service, SqlPlace};
use crate::error::{Category, ErrorRecord};
use crate::value::same_name;
use std::fmt;

/// A database that is kept at more than one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Database {
    /// The Central Management store.
    CentralMgmt,
    /// The user store of a pool: the documents of the users that are homed there.
    Users(String),
}

impl Database {
    /// From its text form: `CentralMgmt`, `User:pool.example.net`.
    pub fn parse(text: &str) -> Option<Database> {
        if same_name(text, "CentralMgmt") {
            return Some(Database::CentralMgmt);
        }
        let pool = text.get(..5).filter(|head| head.eq_ignore_ascii_case("User:")).and_then(|_| text.get(5..))?;
        (!pool.is_empty()).then(|| Database::Users(pool.to_lowercase()))
    }

    /// The user store of a pool.
    pub fn users(pool: &str) -> Database {
        Database::Users(pool.to_lowercase())
    }

    /// As people call it, in a sentence.
    pub fn called(&self) -> String {
        match self {
            Database::CentralMgmt => "the Central Management store".to_owned(),
            Database::Users(pool) => format!("the user store of {pool}"),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::CentralMgmt => f.write_str("CentralMgmt"),
            Database::Users(pool) => write!(f, "User:{pool}"),
        }
    }
}

/// Where a database has its places: at its own pool, with a mirror where one is named, and at the pool that stands by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabasePlaces {
    /// Which database.
    pub database: Database,
    /// The pool whose it is; of the Central Management store the pool that the topology says is active.
    pub pool: String,
    /// Its primary.
    pub primary: SqlPlace,
    /// The mirror of the primary.
    pub mirror: Option<SqlPlace>,
    /// The pool that stands by.
    pub backup_pool: Option<String>,
    /// The primary at that pool.
    pub backup: Option<SqlPlace>,
    /// The mirror at that pool: of the Central Management store alone.
    pub backup_mirror: Option<SqlPlace>,
}

impl DatabasePlaces {
    /// All places: primary, mirror, then those of the pool that stands by.
    pub fn all(&self) -> impl Iterator<Item = &SqlPlace> {
        [Some(&self.primary), self.mirror.as_ref(), self.backup.as_ref(), self.backup_mirror.as_ref()]
            .into_iter()
            .flatten()
    }

    /// The computers of all places.
    pub fn computers(&self) -> impl Iterator<Item = &str> {
        self.all().map(|place| place.computer.as_str())
    }

    /// Whether a computer is one of the places at the pool that stands by, its mirror or not.
    pub fn at_backup(&self, computer: &str) -> bool {
        [&self.backup, &self.backup_mirror].into_iter().flatten().any(|place| same_name(&place.computer, computer))
    }

    /// Whether a computer is one of its places.
    pub fn has(&self, computer: &str) -> bool {
        self.computers().any(|place| same_name(place, computer))
    }
}

impl Topology {
    /// The places of a database; `None` where the topology has no such database.
    pub fn database(&self, database: &Database) -> Option<DatabasePlaces> {
        match database {
            Database::CentralMgmt => {
                let active = self.active_store()?;
                let standby = self.standby_store();
                Some(DatabasePlaces {
                    database: database.clone(),
                    pool: active.pool,
                    primary: active.sql,
                    mirror: active.mirror,
                    backup_pool: standby.as_ref().map(|place| place.pool.clone()),
                    backup: standby.as_ref().map(|place| place.sql.clone()),
                    backup_mirror: standby.and_then(|place| place.mirror),
                })
            }
            Database::Users(pool) => {
                let store = self.part(pool, "UserDatabase")?;
                let owner = self.pool(pool).ok()?;
                let backup_pool = owner.backup_pool.clone();
                let backup = backup_pool.as_ref().and_then(|pool| self.part(pool, "UserDatabase")?.sql.clone());
                Some(DatabasePlaces {
                    database: database.clone(),
                    pool: owner.fqdn.clone(),
                    primary: store.sql.clone()?,
                    mirror: store.mirror.clone(),
                    backup_pool: backup_pool.filter(|_| backup.is_some()),
                    backup,
                    backup_mirror: None,
                })
            }
        }
    }

    /// The same, or the error that says what is missing.
    ///
    /// # Errors
    /// `PoolNotFound`; `RoleNotPresent` where the pool has no such database.
    pub fn require_database(&self, database: &Database) -> Result<DatabasePlaces, ErrorRecord> {
        if let Database::Users(pool) = database {
            self.pool(pool)?;
        }
        self.database(database).ok_or_else(|| {
            let message = match database {
                Database::CentralMgmt => "The topology names no active Central Management store.".to_string(),
                Database::Users(pool) => format!("The role UserDatabase is not present on the pool {pool}."),
            };
            ErrorRecord::new("RoleNotPresent", Category::ObjectNotFound, message)
                .hint("Get-CsService lists the services with their pools.")
        })
    }

    /// Every database that is kept at more than one place, or could be: the store, and each pool's users.
    pub fn databases(&self) -> Vec<DatabasePlaces> {
        let users = self.pools().iter().map(|pool| Database::users(&pool.fqdn));
        std::iter::once(Database::CentralMgmt).chain(users).filter_map(|database| self.database(&database)).collect()
    }

    /// The computer that keeps a pool's file store; `None` where the pool needs none.
    pub fn file_store(&self, pool: &str) -> Option<&str> {
        let store = self.part(pool, "FileStore")?;
        let computer = self.pool(&store.pool).ok()?.computers.first()?;
        Some(&computer.fqdn)
    }

    /// The computers that follow the configuration: those that hold a replica, and those that keep a database or a file
    /// store. The latter are not replicas as administrators count them.
    pub fn followers(&self) -> Vec<String> {
        let mut followers: Vec<String> = self.replicas().map(|computer| computer.fqdn.clone()).collect();
        let mut keepers: Vec<String> = Vec::new();
        // Every place of the store, those of a third pool too.
        for place in self.store_places() {
            keepers.extend([Some(place.sql), place.mirror].into_iter().flatten().map(|sql| sql.computer));
        }
        for places in self.databases() {
            keepers.extend(places.computers().map(str::to_string));
        }
        keepers.extend(self.pools().iter().filter_map(|pool| self.file_store(&pool.fqdn)).map(str::to_string));
        for keeper in keepers {
            if !followers.iter().any(|known| same_name(known, &keeper)) {
                followers.push(keeper);
            }
        }
        followers
    }

    /// The service of a role that a pool's user services need.
    fn part(&self, pool: &str, role: &str) -> Option<&Service> {
        let user_services = self.services().iter().find(|s| s.role == "UserServer" && same_name(&s.pool, pool))?;
        let identity = user_services.needs(role, "Default")?;
        self.services().iter().find(|service| service.identity == identity)
    }
}
