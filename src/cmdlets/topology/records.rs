//! Sites, pools and computers as objects of the shell.

use crate::cmdlets::shape::Shape;
use crate::topology::{Computer, Pool, Site, SqlInstance, Topology};
use crate::value::{Record, Value};
use std::sync::LazyLock;

static SITE: LazyLock<Shape> = LazyLock::new(|| {
    Shape::new(
        "Microsoft.Rtc.Management.Deploy.Internal.Site+CentralSite",
        &[
            "Identity",
            "SiteId",
            "Services",
            "Pools",
            "FederationRoute",
            "XmppFederationRoute",
            "DefaultPersistentChatPool",
            "Description",
            "DisplayName",
            "SiteType",
            "ParentSite",
            "City",
            "State",
            "CountryCode",
        ],
    )
});
static POOL: LazyLock<Shape> = LazyLock::new(|| {
    Shape::new(
        "Microsoft.Rtc.Management.Deploy.Internal.Cluster",
        &["Identity", "Services", "Computers", "Fqdn", "BackupPoolFqdn", "Site"],
    )
});
static COMPUTER: LazyLock<Shape> =
    LazyLock::new(|| Shape::new("Microsoft.Rtc.Management.Deploy.Internal.Machine", &["Identity", "Pool", "Fqdn"]));
static SQL_INSTANCE: LazyLock<Shape> = LazyLock::new(|| {
    Shape::new("Microsoft.Rtc.Management.Deploy.Internal.SqlInstance", &["Identity", "Name", "PoolFqdn", "Site"])
});

/// A list of texts.
pub(super) fn texts<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    Value::list(items.into_iter().map(Value::from).collect())
}

/// A site.
pub(super) fn site(topology: &Topology, site: &Site) -> Record {
    let services = topology.services().iter().filter(|s| s.site == site.identity);
    let pools = topology.pools().iter().filter(|p| p.site == site.identity);
    // The Edge that the site's registrars use leads out of the deployment.
    let registrars = topology.services().iter().filter(|s| s.site == site.identity && s.role_name == "Registrar");
    let federation = registrars.filter_map(|s| s.needs("EdgeServer", "Default")).next();
    let kind = if site.parent.is_some() { "RemoteSite" } else { "CentralSite" };
    SITE.record(vec![
        site.identity.as_str().into(),
        site.name.as_str().into(),
        texts(services.map(|s| s.identity.as_str())),
        texts(pools.map(|p| p.fqdn.as_str())),
        federation.into(),
        Value::Null,
        Value::Null,
        site.description.as_deref().into(),
        site.name.as_str().into(),
        kind.into(),
        site.parent.as_deref().into(),
        site.city.as_deref().into(),
        site.state.as_deref().into(),
        site.country.as_deref().into(),
    ])
}

/// A pool.
pub(super) fn pool(pool: &Pool) -> Record {
    POOL.record(vec![
        pool.fqdn.as_str().into(),
        texts(pool.services.iter().map(String::as_str)),
        texts(pool.computers.iter().map(|c| c.fqdn.as_str())),
        pool.fqdn.as_str().into(),
        pool.backup_pool.as_deref().into(),
        pool.site.as_str().into(),
    ])
}

/// A computer.
pub(super) fn computer(computer: &Computer) -> Record {
    COMPUTER.record(vec![computer.fqdn.as_str().into(), computer.pool.as_str().into(), computer.fqdn.as_str().into()])
}

/// An SQL instance.
pub(super) fn sql_instance(sql: &SqlInstance) -> Record {
    let identity = if sql.name.is_empty() { sql.pool.clone() } else { format!("{}\\{}", sql.pool, sql.name) };
    let values = vec![identity.into(), sql.name.as_str().into(), sql.pool.as_str().into(), sql.site.as_str().into()];
    SQL_INSTANCE.record(values)
}
