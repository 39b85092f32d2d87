//! Enable-CsReplica: the computer at hand has its replica; -Force makes it anew.

use super::{ask, log, select};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::error::Halt;
use crate::replication::storage;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct EnableReplica;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    #[serde(default)]
    force: bool,
}

impl Cmdlet for EnableReplica {
    const NAME: &'static str = "Enable-CsReplica";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const SIDE: Side = Side::Host;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "See that this computer has a replica", run: "Enable-CsReplica -Verbose" },
        Example { what: "Make the replica of this computer anew", run: "Enable-CsReplica -Force -WhatIf" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        let computer = select::replica(&topology, deployment.computer())?;
        let grant = cx.authorize(&Place::Site(computer.site.clone()))?;
        if !cx.should_process(&computer.fqdn, Self::NAME)? {
            return Ok(());
        }
        if !args.force {
            let there = deployment.host().replica().exists();
            let what = if there { "is there" } else { "comes with the first start of its server" };
            cx.verbose(format!("The replica of {} {what}; nothing has to be set up by hand.", computer.fqdn));
            return Ok(());
        }
        if deployment.control().is_none() {
            // Not by removing its files: a server may have them open, and its highest epoch must stay.
            storage::discard(&deployment.host().replica())?;
        }
        if deployment.control().is_some() || !deployment.is_replica() {
            ask(cx, |control| control.forget(Some(&computer.fqdn)))?;
        }
        log(cx, &grant, "Replica discarded")?;
        cx.verbose(format!("{} takes a full snapshot.", computer.fqdn));
        Ok(())
    }
}
