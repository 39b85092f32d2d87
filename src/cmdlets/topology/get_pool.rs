//! Get-CsPool: the pools of the topology.

use super::records;
use super::select::{Visible, filter};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::copy;
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetPool;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    site: Option<String>,
    filter: Option<String>,
}

impl Cmdlet for GetPool {
    const NAME: &'static str = "Get-CsPool";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    // What is to be done after a disaster depends on the pairs: it is asked while the store is lost, too.
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All pools", run: "Get-CsPool" },
        Example { what: "One pool", run: "Get-CsPool -Identity dub-pool.litwareinc.com" },
        Example { what: "Pools of one site", run: "Get-CsPool -Site Redmond" },
        Example {
            what: "The same by a condition, with the computers",
            run: "Get-CsPool | Where-Object {$_.Site -eq \"Site:Redmond\"} | Select-Object Identity, Computers",
        },
        Example { what: "Pools that run no service", run: "Get-CsPool | Where-Object {$_.Services.Count -eq 0}" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        copy::say(cx, &topology)?;
        let site = match args.site.as_deref().map(|name| topology.site(name)).transpose() {
            Ok(site) => site.map(|site| site.identity.as_str()),
            Err(error) => return cx.error(error),
        };
        if let Some(site) = site {
            visible.demand(site, cx)?;
        }
        let in_site = |of: &str| site.is_none_or(|site| site == of);
        if let Some(identity) = &args.identity {
            match topology.pool(identity) {
                Ok(pool) => {
                    visible.demand(&pool.site, cx)?;
                    if in_site(&pool.site) {
                        cx.output(records::pool(pool))?;
                    }
                }
                Err(error) => cx.error(error)?,
            }
            return Ok(());
        }
        let filter = filter(args.filter.as_deref())?;
        for pool in topology.pools() {
            let selected = in_site(&pool.site) && filter.as_ref().is_none_or(|f| f.matches(&pool.fqdn));
            if selected && visible.has(&pool.site) {
                cx.output(records::pool(pool))?;
            }
        }
        Ok(())
    }
}
