//! Get-CsBackupServiceStatus: how the backup of a pool is, in both directions.

use super::{control, of_category, pair, records};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetStatus;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    category: Option<String>,
}

impl Cmdlet for GetStatus {
    const NAME: &'static str = "Get-CsBackupServiceStatus";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "How the backup of a pool is",
            run: "Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com",
        },
        Example {
            what: "Its modules, as a table",
            run: "(Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com).BackupModules",
        },
        Example {
            what: "Both directions of a pair: what is not as it should be, and why",
            run: "(Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com).Directions | Where-Object {-not $_.Expected} | Select-Object PoolFqdn, Identity, Cause",
        },
    ];
    // It writes no error that would not matter.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = show(&args, cx);
        go_on(result, cx)
    }
}

fn show(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let topology = cx.deployment()?.topology()?;
    let modules = of_category(args.category.as_deref())?;
    let (pool, partner) = pair(&topology, &args.pool_fqdn)?;
    cx.authorize(&Place::Site(pool.site.clone()))?;
    if modules.is_empty() {
        cx.warning("Response groups take no part in the backup service here: export and import them.");
    }
    let control = control(cx)?;
    let mut there = control.status(&pool.fqdn)?;
    there.retain(|status| modules.contains(&status.module));
    // The other way the partner is the source; a pool whose partner names another one has no such way.
    let mut back = match pair(&topology, &partner.fqdn) {
        Ok((_, again)) if again.fqdn == pool.fqdn => control.status(&partner.fqdn)?,
        _ => {
            cx.warning(format!(
                "{} is not paired with {} in turn: Test-CsPoolPairing says more.",
                partner.fqdn, pool.fqdn
            ));
            Vec::new()
        }
    };
    back.retain(|status| modules.contains(&status.module));
    cx.output(records::status(&pool.fqdn, &partner.fqdn, &there, &back))
}
