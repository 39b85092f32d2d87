//! Get-CsService: the services of the topology, all or of one role.

use super::select::{Visible, filter};
use super::service_fields;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::copy;
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetService;

/// Its parameters, but for the switches of the roles: see [`ROLES`].
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    pool_fqdn: Option<String>,
}

/// The switches that name a role. Roles that no topology here has select nothing.
const ROLES: &[&str] = &[
    "ApplicationDatabase",
    "ApplicationServer",
    "ArchivingDatabase",
    "ArchivingServer",
    "BackupServer",
    "CentralManagement",
    "CentralManagementDatabase",
    "ConferencingServer",
    "Director",
    "EdgeServer",
    "FileStore",
    "LegalInterceptServer",
    "ManagementServer",
    "MediationServer",
    "MonitoringDatabase",
    "MonitoringServer",
    "PersistentChatComplianceDatabase",
    "PersistentChatDatabase",
    "PersistentChatServer",
    "ProvisionDatabase",
    "ProvisionServer",
    "PstnGateway",
    "Registrar",
    "TrustedApplicationPool",
    "UserDatabase",
    "UserServer",
    "VideoGateway",
    "VideoInteropServer",
    "WacServer",
    "WebServer",
];

impl Cmdlet for GetService {
    const NAME: &'static str = "Get-CsService";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    // It is asked where the store is, also while that is lost.
    const SIDE: Side = Side::Keeper;
    const FROM_BOUND: &'static [&'static str] = ROLES;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All services", run: "Get-CsService" },
        Example { what: "Where the Central Management store is", run: "Get-CsService -CentralManagement" },
        Example {
            what: "Services of one pool",
            run: "Get-CsService -PoolFqdn \"atl-cs-001.litwareinc.com\" | Select-Object Identity",
        },
        Example { what: "One service", run: "Get-CsService -Identity Registrar:dub-pool.litwareinc.com" },
        Example { what: "Services of one site", run: "Get-CsService | Where-Object {$_.SiteId -eq \"Site:Redmond\"}" },
        Example {
            what: "Services on which a registrar depends",
            run: "Get-CsService | Where-Object {$_.DependentServiceList -like \"*Registrar*\"}",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        copy::say(cx, &topology)?;
        let pool = match args.pool_fqdn.as_deref().map(|name| topology.pool(name)).transpose() {
            Ok(pool) => pool,
            Err(error) => return cx.error(error),
        };
        if let Some(pool) = pool {
            visible.demand(&pool.site, cx)?;
        }
        let in_pool = |of: &str| pool.is_none_or(|pool| pool.fqdn == of);
        if let Some(identity) = &args.identity {
            let found = match topology.services_named(identity) {
                Ok(found) => found,
                Err(error) => return cx.error(error),
            };
            for service in found.into_iter().filter(|s| in_pool(&s.pool)) {
                visible.demand(&service.site, cx)?;
                cx.output(service_fields::record(&topology, service))?;
            }
            return Ok(());
        }
        let filter = filter(args.filter.as_deref())?;
        let role = ROLES.iter().find(|role| cx.bound.switch(role));
        for service in topology.services() {
            let selected = role.is_none_or(|role| *role == service.role)
                && in_pool(&service.pool)
                && filter.as_ref().is_none_or(|f| f.matches(&service.identity));
            if selected && visible.has(&service.site) {
                cx.output(service_fields::record(&topology, service))?;
            }
        }
        Ok(())
    }
}
