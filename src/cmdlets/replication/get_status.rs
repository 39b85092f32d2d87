//! Get-CsManagementStoreReplicationStatus: which replicas are up to date, and why one is not.

use super::{ask, records, select};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::topology::select::Visible;
use crate::deployment::certificates::{self, Certificate, Holder};
use crate::error::Halt;
use crate::replication::ReplicaState;
use crate::value::{DateTime, date, same_name};
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
            let central = ask(cx, |control| control.central())?;
            return cx.output(records::central(&central));
        }
        let asked = match args.replica_fqdn.as_deref().map(|name| select::replica(&topology, name)).transpose() {
            Ok(asked) => asked,
            Err(error) => return cx.error(error),
        };
        if let Some(computer) = asked {
            visible.demand(&computer.site, cx)?;
        }
        let mut states = ask(cx, |control| control.replicas())?;
        if states.iter().any(|state| !state.connected) {
            // Who is not let in cannot say so itself.
            let known = certificates::list(cx.deployment()?.store())?;
            states.iter_mut().filter(|state| !state.connected).for_each(|state| not_let_in(state, &known, date::now()));
        }
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

/// Says of a replica whose newest certificate is good no more that this keeps it out.
fn not_let_in(state: &mut ReplicaState, known: &[Certificate], now: DateTime) {
    let own = |one: &&Certificate| one.kind == Holder::Computer && same_name(&one.issued_to, &state.replica_fqdn);
    let Some(newest) = known.iter().rfind(own) else { return };
    let (id, what, when) = if newest.revoked {
        ("CertificateRevoked", "was revoked", newest.revoked_on.unwrap_or(newest.issued_on))
    } else if newest.not_after <= date::to_utc(now) {
        ("CertificateExpired", "expired", newest.not_after)
    } else {
        return;
    };
    let message = format!("Its certificate {what} on {}.", date::text(date::to_local(when)));
    state.reason = Some(format!("It is not connected. {message} It joins again with a token: New-CsJoinToken."));
    state.last_error = Some(format!("{id}: {message}"));
}
