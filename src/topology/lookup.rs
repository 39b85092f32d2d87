//! Finding things in a topology, by the names that administrators use.

use super::model::{Computer, Pool, Service, Site, SqlInstance, StorePlace};
use super::{Topology, roles};
use crate::error::{Category, ErrorRecord};
use crate::value::near::nearest;
use crate::value::same_name;

/// The text after a prefix such as `Site:`, in any case.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn not_found<'a>(
    id: &'static str,
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
    list: &str,
) -> ErrorRecord {
    let error = ErrorRecord::new(id, Category::ObjectNotFound, format!("There is no {what} {name} in the topology."))
        .target(name);
    match nearest(name, names) {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error.hint(format!("{list} lists those that are there.")),
    }
}

impl Topology {
    /// The sites, in the document's order.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The pools: every cluster of the document.
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// Every computer.
    pub fn computers(&self) -> impl Iterator<Item = &Computer> {
        self.pools.iter().flat_map(|pool| &pool.computers)
    }

    /// The SQL instances.
    pub fn sql_instances(&self) -> &[SqlInstance] {
        &self.sql_instances
    }

    /// Every service.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The computers that hold a replica of the configuration.
    pub fn replicas(&self) -> impl Iterator<Item = &Computer> {
        self.pools.iter().filter(|pool| pool.requires_replication).flat_map(|pool| &pool.computers)
    }

    /// A site by name, by identity (`Site:Redmond`) or by `SiteId`.
    ///
    /// # Errors
    /// `SiteNotFound`, with the near name.
    pub fn site(&self, name: &str) -> Result<&Site, ErrorRecord> {
        let bare = after(name, "Site:").unwrap_or(name);
        let found =
            self.sites.iter().find(|s| same_name(&s.name, bare)).or_else(|| self.sites.iter().find(|s| s.id == bare));
        found.ok_or_else(|| {
            not_found("SiteNotFound", "site", bare, self.sites.iter().map(|s| s.name.as_str()), "Get-CsSite")
        })
    }

    /// A pool by name.
    ///
    /// # Errors
    /// `PoolNotFound`, with the near name.
    pub fn pool(&self, fqdn: &str) -> Result<&Pool, ErrorRecord> {
        self.pools.iter().find(|pool| same_name(&pool.fqdn, fqdn)).ok_or_else(|| {
            let names = self.pools.iter().map(|pool| pool.fqdn.as_str());
            let error = not_found("PoolNotFound", "pool", fqdn, names, "Get-CsPool");
            match self.computers().find(|computer| same_name(&computer.fqdn, fqdn)) {
                Some(computer) => error.hint(format!("{fqdn} is a computer of the pool {}.", computer.pool)),
                None => error,
            }
        })
    }

    /// A computer by name.
    ///
    /// # Errors
    /// `ComputerNotFound`, with the near name.
    pub fn computer(&self, fqdn: &str) -> Result<&Computer, ErrorRecord> {
        self.computers().find(|computer| same_name(&computer.fqdn, fqdn)).ok_or_else(|| {
            let names = self.computers().map(|computer| computer.fqdn.as_str());
            not_found("ComputerNotFound", "computer", fqdn, names, "Get-CsComputer")
        })
    }

    /// The services that an identity names: `Registrar:pool`, `Service:Registrar:pool`, a service id
    /// (`1-Registrar-1`), or a pool for all on it.
    ///
    /// # Errors
    /// `ServiceNotFound`, with the near name.
    pub fn services_named(&self, identity: &str) -> Result<Vec<&Service>, ErrorRecord> {
        let bare = after(identity, "Service:").unwrap_or(identity);
        let matches =
            |s: &&Service| same_name(&s.identity, bare) || same_name(&s.service_id, bare) || same_name(&s.pool, bare);
        let found: Vec<&Service> = self.services.iter().filter(matches).collect();
        if found.is_empty() {
            let names = self.services.iter().map(|s| s.identity.as_str());
            return Err(not_found("ServiceNotFound", "service", bare, names, "Get-CsService"));
        }
        Ok(found)
    }

    /// One service by its identity.
    ///
    /// # Errors
    /// `ServiceNotFound`, with the near name.
    pub fn service(&self, identity: &str) -> Result<&Service, ErrorRecord> {
        let found = self.services_named(identity)?;
        found
            .first()
            .copied()
            .ok_or_else(|| not_found("ServiceNotFound", "service", identity, std::iter::empty(), "Get-CsService"))
    }

    /// The site of a pool.
    ///
    /// # Errors
    /// `PoolNotFound`.
    pub fn site_of_pool(&self, fqdn: &str) -> Result<&Site, ErrorRecord> {
        let pool = self.pool(fqdn)?;
        self.site(&pool.site)
    }

    /// The pool that a pool is paired with.
    ///
    /// # Errors
    /// `PoolNotFound`.
    pub fn backup_pool(&self, fqdn: &str) -> Result<Option<&Pool>, ErrorRecord> {
        match &self.pool(fqdn)?.backup_pool {
            Some(backup) => self.pool(backup).map(Some),
            None => Ok(None),
        }
    }

    /// Identities of the services that need a service, in the document's order.
    pub fn dependents<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a str> {
        let needs = move |other: &&Service| {
            other.depends_on.iter().any(|d| self.services.get(d.service).is_some_and(|s| std::ptr::eq(s, service)))
        };
        self.services.iter().filter(needs).map(|s| s.identity.as_str())
    }

    /// Every place of the Central Management store, the active one first.
    pub fn store_places(&self) -> Vec<StorePlace> {
        let mut places: Vec<StorePlace> = self
            .services
            .iter()
            .filter(|s| s.role == roles::role("CentralMgmt"))
            .filter_map(|s| {
                let database = s
                    .depends_on
                    .iter()
                    .filter_map(|d| self.services.get(d.service))
                    .find(|d| d.role == roles::role("CentralMgmtStore"))?;
                Some(StorePlace {
                    pool: s.pool.clone(),
                    sql: database.sql.clone()?,
                    mirror: database.mirror.clone(),
                    active: s.setting("IsActive").is_some_and(|active| active.eq_ignore_ascii_case("true")),
                })
            })
            .collect();
        places.sort_by_key(|place| !place.active);
        places
    }

    /// The place of the active store.
    pub fn active_store(&self) -> Option<StorePlace> {
        self.store_places().into_iter().find(|place| place.active)
    }

    /// The place that stands by for the active store: the one of its backup pool, else the first that is not active.
    pub fn standby_store(&self) -> Option<StorePlace> {
        let active = self.active_store()?;
        let backup = self.pool(&active.pool).ok().and_then(|pool| pool.backup_pool.clone());
        let mut standby: Vec<StorePlace> = self.store_places().into_iter().filter(|place| !place.active).collect();
        standby.sort_by_key(|place| Some(&place.pool) != backup.as_ref());
        standby.into_iter().next()
    }
}
