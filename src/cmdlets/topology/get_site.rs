//! Get-CsSite: the sites of the topology.

use super::records;
use super::select::{Visible, filter};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetSite;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
}

impl Cmdlet for GetSite {
    const NAME: &'static str = "Get-CsSite";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All sites", run: "Get-CsSite" },
        Example { what: "One site", run: "Get-CsSite -Identity Redmond" },
        Example { what: "Which pools each site has", run: "Get-CsSite | Select-Object Identity, Pools" },
        Example { what: "Sites by a part of the name", run: "Get-CsSite -Filter \"*lon*\"" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        if let Some(identity) = &args.identity {
            match topology.site(identity) {
                Ok(site) => {
                    visible.demand(&site.identity, cx)?;
                    cx.output(records::site(&topology, site))?;
                }
                Err(error) => cx.error(error)?,
            }
            return Ok(());
        }
        let filter = filter(args.filter.as_deref())?;
        let selects =
            |name: &str, identity: &str| filter.as_ref().is_none_or(|f| f.matches(name) || f.matches(identity));
        for site in topology.sites().iter().filter(|s| visible.has(&s.identity) && selects(&s.name, &s.identity)) {
            cx.output(records::site(&topology, site))?;
        }
        Ok(())
    }
}
