//! Get-CsBackupServiceStatus: how the backup of a pool is, in both directions.

use super::{control, of_category, pair, records};
use crate::access::Place;
use crate::backup::Module;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::copy;
use crate::cmdlets::user::go_on;
use crate::config::Reader;
use crate::error::Halt;
use crate::failover::PlaceAnswer;
use crate::pools::PoolState;
use crate::topology::{Database, Topology};
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
    // It is asked while the store is lost, too.
    const SIDE: Side = Side::Keeper;
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
            what: "Changes of users that only a lost computer had, of all pools: in which files they are",
            run: "Get-CsPool | Where-Object BackupPoolFqdn | ForEach-Object Identity | Get-CsBackupServiceStatus -Category UserData | Select-Object PoolFqdn, UnsentChanges",
        },
        Example {
            what: "Both directions of a pair: what is not as it should be, and why",
            run: "(Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com).Directions | Where-Object {-not $_.Expected} | Select-Object PoolFqdn, Identity, Cause",
        },
    ];
    fn amend(spec: &mut CmdletSpec) {
        // As Invoke-CsBackupServiceSync takes them, and from the objects that name a pool so.
        let pool = spec.parameters.iter_mut().filter(|parameter| &*parameter.name == "PoolFqdn");
        for set in pool.flat_map(|parameter| &mut parameter.sets) {
            (set.by_value, set.by_property_name) = (true, true);
        }
    }

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
    copy::say(cx, &topology)?;
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
    let underway = on_the_way(cx, &topology, [&pool.fqdn, &partner.fqdn])?;
    for pool in &underway {
        cx.warning(pool.clone());
    }
    let unsent = if modules.contains(&Module::PresenceFocus) { unsent(cx, &pool.fqdn) } else { Vec::new() };
    cx.output(records::status(&pool.fqdn, &partner.fqdn, &there, &back, &unsent, &underway))
}

/// The pools whose users are on their way, and what leads on.
fn on_the_way(cx: &Context, topology: &Topology, pools: [&str; 2]) -> Result<Vec<String>, Halt> {
    let deployment = cx.deployment()?;
    let reader = Reader { store: deployment.store(), topology };
    let mut all = Vec::new();
    for pool in pools {
        all.extend(PoolState::of(&reader, pool)?.on_the_way(pool));
    }
    Ok(all)
}

/// Files with changes of the pool's users that one place alone had when another took over.
fn unsent(cx: &Context, pool: &str) -> Vec<String> {
    let database = Database::users(pool);
    let deployment = cx.session.deployment().ok();
    let control = deployment.and_then(|deployment| deployment.failover().cloned());
    // Who cannot be asked is among the modules, with why.
    let answers = control.and_then(|control| control.places(&database).ok()).unwrap_or_default();
    let kept = |answer: PlaceAnswer| Some(format!("{}: {}", answer.computer, answer.state.ok()?.unsent?));
    answers.into_iter().filter_map(kept).collect()
}
