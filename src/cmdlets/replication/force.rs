//! Invoke-CsManagementStoreReplication: replicas take the whole configuration anew.

use super::{ask, log, progress, select};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::{ErrorRecord, Halt};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct Force {
    /// The replicas to wait for; none where it does not wait.
    asked: Vec<String>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    replica_fqdn: Option<String>,
    #[serde(default)]
    wait: bool,
}

impl Cmdlet for Force {
    const NAME: &'static str = "Invoke-CsManagementStoreReplication";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Every replica gets a full snapshot", run: "Invoke-CsManagementStoreReplication" },
        Example {
            what: "One computer gets a full snapshot",
            run: "Invoke-CsManagementStoreReplication -ReplicaFqdn atl-cs-001.litwareinc.com",
        },
        Example {
            what: "Those that are late get one",
            run: "Get-CsManagementStoreReplicationStatus | Where-Object {-not $_.UpToDate} | Invoke-CsManagementStoreReplication",
        },
    ];
    // It writes no error that would not matter.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        spec.parameters.push(ours("Wait", ParameterType::Switch, "SwitchParameter"));
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.force(&args, cx);
        go_on(result, cx)
    }

    fn end(&mut self, cx: &mut Context) -> Result<(), Halt> {
        if self.asked.is_empty() { Ok(()) } else { progress::wait(cx, &self.asked) }
    }
}

impl Force {
    fn force(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let asked = args.replica_fqdn.as_deref().filter(|name| !name.trim().is_empty());
        let computer = asked.map(|name| select::replica(&topology, name.trim())).transpose()?;
        // Without a name it is about every site.
        let place = computer.map_or(Place::Global, |computer| Place::Site(computer.site.clone()));
        let grant = cx.authorize(&place).map_err(|halt| match (halt, computer) {
            (Halt::Error(error), None) => Halt::Error(in_one_site(error)),
            (halt, _) => halt,
        })?;
        ask(cx, |control| control.forget(computer.map(|computer| computer.fqdn.as_str())))?;
        log(cx, &grant, "Status deleted")?;
        if args.wait {
            match computer {
                Some(computer) => self.asked.push(computer.fqdn.clone()),
                None => self.asked.extend(topology.replicas().map(|computer| computer.fqdn.clone())),
            }
        }
        Ok(())
    }
}

fn in_one_site(error: ErrorRecord) -> ErrorRecord {
    error.hint("A role of one site may force the replicas of that site: name them with -ReplicaFqdn.")
}
