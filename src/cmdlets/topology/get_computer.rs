//! Get-CsComputer: the computers of the topology.

use super::records;
use super::select::{Visible, filter};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::value::same_name;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetComputer;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    pool: Option<String>,
    filter: Option<String>,
    #[serde(default)]
    local: bool,
}

impl Cmdlet for GetComputer {
    const NAME: &'static str = "Get-CsComputer";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All computers", run: "Get-CsComputer" },
        Example { what: "One computer", run: "Get-CsComputer -Identity atl-cs-001.litwareinc.com" },
        Example { what: "Computers of one pool", run: "Get-CsComputer -Pool lon-pool.litwareinc.com" },
        Example { what: "Computers by a part of the name", run: "Get-CsComputer -Filter \"*-sql-*\"" },
        Example { what: "The computer at hand", run: "Get-CsComputer -Local" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        let pool = match args.pool.as_deref().map(|name| topology.pool(name)).transpose() {
            Ok(pool) => pool,
            Err(error) => return cx.error(error),
        };
        if let Some(pool) = pool {
            visible.demand(&pool.site, cx)?;
        }
        let selects = |fqdn: &str, of: &str| {
            pool.is_none_or(|pool| pool.fqdn == of) && (!args.local || same_name(fqdn, deployment.computer()))
        };
        if let Some(identity) = &args.identity {
            match topology.computer(identity) {
                Ok(computer) => {
                    visible.demand(&computer.site, cx)?;
                    if selects(&computer.fqdn, &computer.pool) {
                        cx.output(records::computer(computer))?;
                    }
                }
                Err(error) => cx.error(error)?,
            }
            return Ok(());
        }
        let filter = filter(args.filter.as_deref())?;
        for computer in topology.computers() {
            let matches = filter.as_ref().is_none_or(|f| f.matches(&computer.fqdn));
            if matches && selects(&computer.fqdn, &computer.pool) && visible.has(&computer.site) {
                cx.output(records::computer(computer))?;
            }
        }
        Ok(())
    }
}
