//! Get-CsManagementStoreReplicationStatus: which replicas are up to date, and why one is not.

use super::{ask, central, records, select};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::topology::select::Visible;
use crate::error::Halt;
use crate::value::same_name;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetStatus;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    replica_fqdn: Option<String>,
    #[serde(default)]
    central_management_store_status: bool,
}

impl Cmdlet for GetStatus {
    const NAME: &'static str = "Get-CsManagementStoreReplicationStatus";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Every replica", run: "Get-CsManagementStoreReplicationStatus" },
        Example {
            what: "One replica",
            run: "Get-CsManagementStoreReplicationStatus -ReplicaFqdn atl-cs-001.litwareinc.com",
        },
        Example {
            what: "Which replicas are late, and why",
            run: "Get-CsManagementStoreReplicationStatus | Where-Object {-not $_.UpToDate} | Select-Object ReplicaFqdn, VersionsBehind, LastContact, Reason",
        },
        Example {
            what: "Which pool is the master",
            run: "Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        if args.central_management_store_status {
            return central::show(cx, &topology);
        }
        let asked = match args.replica_fqdn.as_deref().map(|name| select::replica(&topology, name)).transpose() {
            Ok(asked) => asked,
            Err(error) => return cx.error(error),
        };
        if let Some(computer) = asked {
            visible.demand(&computer.site, cx)?;
        }
        let states = ask(cx, |control| control.replicas()).or_else(|halt| central::elsewhere(cx, halt))?;
        for state in states {
            let name = &state.replica_fqdn;
            let Some(computer) = topology.replicas().find(|computer| same_name(&computer.fqdn, name)) else { continue };
            let wanted = asked.is_none_or(|asked| asked.fqdn == computer.fqdn);
            if wanted && visible.has(&computer.site) {
                cx.output(records::state(&state))?;
            }
        }
        Ok(())
    }
}
