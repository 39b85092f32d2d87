//! Get-CsPoolBackupRelationship: with which pool a pool is paired.

use super::{pair, records};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::copy;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetRelationship;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
}

impl Cmdlet for GetRelationship {
    const NAME: &'static str = "Get-CsPoolBackupRelationship";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    // It is asked while the store is lost, too.
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "The backup pool of a pool",
            run: "Get-CsPoolBackupRelationship -PoolFqdn atl-cs-001.litwareinc.com",
        },
        Example {
            what: "Its name alone",
            run: "(Get-CsPoolBackupRelationship -PoolFqdn dub-pool.litwareinc.com).BackupPoolFqdn",
        },
    ];
    // It writes no error that would not matter; the context reads the replica.
    const FROM_BOUND: &'static [&'static str] = &["Force", "LocalStore"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = show(&args, cx);
        go_on(result, cx)
    }
}

fn show(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let topology = cx.deployment()?.topology()?;
    let (pool, partner) = pair(&topology, &args.pool_fqdn)?;
    cx.authorize(&Place::Site(pool.site.clone()))?;
    copy::say(cx, &topology)?;
    cx.output(records::relationship(&pool.fqdn, &partner.fqdn))
}
