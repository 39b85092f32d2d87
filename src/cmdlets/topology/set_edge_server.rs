//! Set-CsEdgeServer: the next hop of an Edge pool.

use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::store::Expected;
use crate::topology;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct SetEdgeServer;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    registrar: Option<String>,
}

impl Cmdlet for SetEdgeServer {
    const NAME: &'static str = "Set-CsEdgeServer";
    // The topology is one document.
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Another next hop for an Edge pool, before its own is failed over",
        run: "Set-CsEdgeServer -Identity EdgeServer:atl-edge-001.litwareinc.com -Registrar Registrar:redmond-cs-001.litwareinc.com",
    }];
    // It asks nothing of its own, so -Force has nothing to suppress.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let (Some(identity), Some(registrar)) = (&args.identity, &args.registrar) else {
            let message = "Which Edge server, and what is to change of it?";
            return Err(ErrorRecord::new("NothingToChange", Category::InvalidArgument, message)
                .hint("Set-CsEdgeServer -Identity EdgeServer:<pool> -Registrar Registrar:<pool> changes its next hop.")
                .into());
        };
        let deployment = cx.deployment()?;
        let (before, version) = topology::load(deployment.store())?;
        let after = before.with_next_hop(identity, registrar)?;
        let edge = before.services_named(identity)?.into_iter().find(|service| service.role == "EdgeServer");
        let edge = edge.map_or(identity.as_str(), |edge| edge.identity.as_str());
        if !cx.should_process(edge, Self::NAME)? {
            return Ok(());
        }
        if before.text() == after.text() {
            cx.verbose(format!("The next hop of {edge} is {registrar} already."));
        } else {
            let version = deployment.store().commit(&grant, &[topology::change(&after, Expected::Version(version))])?;
            cx.verbose(format!("The next hop of {edge} is {registrar}; the store is at version {version}."));
        }
        Ok(())
    }
}
