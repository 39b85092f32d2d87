//! What a topology consists of. Names are resolved: a pool knows its site's identity, a service its pool.

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The published topology.
    Published,
    /// Topology Builder's draft.
    Builder,
}

/// A SIP domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Whether subdomains count.
    pub allow_sub_domains: bool,
}

/// An address that users know: meet, dial-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleUrl {
    /// `Meet`, `Dialin`.
    pub component: String,
    /// The domain that it is for, `*` for all.
    pub domain: String,
    /// The address.
    pub active_url: String,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// `SiteId` of the document: `1`.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// `Site:` and the name.
    pub identity: String,
    /// What it is for.
    pub description: Option<String>,
    /// The identity of the central site of a branch; `None` for a central site.
    pub parent: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country code.
    pub country: Option<String>,
}

/// A pool: a cluster of the document, computers under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub fqdn: String,
    /// Identity of its site.
    pub site: String,
    /// Its computers, in the document's order.
    pub computers: Vec<Computer>,
    /// Whether its computers hold a replica of the configuration.
    pub requires_replication: bool,
    /// Whether its computers are set up by the deployment.
    pub requires_setup: bool,
    /// Identities of the services installed on it, those of its SQL instances too.
    pub services: Vec<String>,
    /// The pool that it is paired with.
    pub backup_pool: Option<String>,
    /// The site's index.
    pub(super) site_index: usize,
}

/// A computer of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computer {
    /// Its name.
    pub fqdn: String,
    /// The name of its pool.
    pub pool: String,
    /// Identity of its site.
    pub site: String,
    /// Fault domain, where named.
    pub fault_domain: Option<String>,
    /// Upgrade domain, where named.
    pub upgrade_domain: Option<String>,
}

/// A database server's instance on a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlInstance {
    /// Its name; empty is the default instance.
    pub name: String,
    /// The name of the pool that it runs on.
    pub pool: String,
    /// Identity of its site.
    pub site: String,
    /// The availability group's primary node, where named.
    pub always_on_primary: Option<String>,
    /// The pool's index.
    pub(super) pool_index: usize,
}

/// An SQL instance by name, where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlPlace {
    /// The name of the pool that it runs on.
    pub fqdn: String,
    /// Its name; empty is the default instance.
    pub instance: String,
    /// The computer that it runs on: the first of the pool.
    pub computer: String,
}

/// A port that a service uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// `urn:component:Registrar`.
    pub owner: String,
    /// `SipServer`.
    pub usage: String,
    /// `Primary`, `External`, `Internal`, `Pstn`.
    pub side: String,
    /// The number.
    pub port: u16,
    /// The number that the outside sees, where it differs.
    pub configured_port: Option<u16>,
    /// `Mtls`, `Tcp`, `Udp`.
    pub protocol: String,
    /// How many from there on, for media.
    pub range: Option<u16>,
    /// The name that the outside sees.
    pub configured_fqdn: Option<String>,
}

/// What a service needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// `Default`, or `Backup` for the service that stands in.
    pub usage: String,
    /// Identity of the service needed.
    pub identity: String,
    /// Its index.
    pub(super) service: usize,
}

/// A service on a pool or on an SQL instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `Registrar:pool01.contoso.net`.
    pub identity: String,
    /// The role as `Get-CsService` names it: `Registrar`.
    pub role: String,
    /// The role as the document names it: `UserServices`.
    pub role_name: String,
    /// `1-UserServices-1`.
    pub service_id: String,
    /// Identity of the site.
    pub site: String,
    /// The pool that it is installed on, or whose SQL instance it is in.
    pub pool: String,
    /// The product: 5 is 2010, 6 is 2013, 7 is 2015, 8 is 2019.
    pub version: u32,
    /// The SQL instance, of a database.
    pub sql: Option<SqlPlace>,
    /// The mirror, of a database.
    pub mirror: Option<SqlPlace>,
    /// What it needs.
    pub depends_on: Vec<Dependency>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Attributes of the part of the document that only this role has: `ShareName`, `IsActive`; those of the elements
    /// inside as `ExternalSettings.Host`.
    pub settings: Vec<(String, String)>,
    /// Components that it runs, by `ComponentName`.
    pub components: Vec<String>,
    /// The pool's index.
    pub(super) pool_index: usize,
}

impl Service {
    /// A setting by name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The identity of a service that this one needs, by its role and usage.
    pub fn needs(&self, role: &str, usage: &str) -> Option<&str> {
        let prefix = |identity: &str| identity.split_once(':').is_some_and(|(r, _)| r == role);
        self.depends_on.iter().find(|d| d.usage == usage && prefix(&d.identity)).map(|d| d.identity.as_str())
    }
}

/// One place of the Central Management store: the active one, or a standby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePlace {
    /// The pool of its Central Management service.
    pub pool: String,
    /// The SQL instance that holds it.
    pub sql: SqlPlace,
    /// Its mirror.
    pub mirror: Option<SqlPlace>,
    /// Whether it is the active one.
    pub active: bool,
}
