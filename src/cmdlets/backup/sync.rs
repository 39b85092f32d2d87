//! Invoke-CsBackupServiceSync: a pool's data go to its backup pool now.

use super::{control, jobs, log, pair, settings};
use crate::access::Place;
use crate::backup::{Extent, Module, SyncOrder};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct InvokeSync {
    /// What was asked for so far. It is done at the end, several at once.
    orders: Vec<SyncOrder>,
    /// A module was named: where it does not apply that is said.
    named: bool,
    force: bool,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    backup_module: Option<String>,
    #[serde(default)]
    force: bool,
}

/// Most orders of one pipeline: every pool of the largest deployments, and no more.
const MOST: usize = 10_000;

impl Cmdlet for InvokeSync {
    const NAME: &'static str = "Invoke-CsBackupServiceSync";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "All modules of a pool",
            run: "Invoke-CsBackupServiceSync -PoolFqdn \"atl-cs-001.litwareinc.com\"",
        },
        Example {
            what: "The files of the conferences of two pools",
            run: "\"dub-pool.litwareinc.com\", \"lon-pool.litwareinc.com\" | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf",
        },
        Example {
            what: "See what went over",
            run: "Invoke-CsBackupServiceSync -PoolFqdn dub-pool.litwareinc.com -BackupModule PresenceFocus -Verbose",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.take(&args, cx);
        go_on(result, cx)
    }

    fn end(&mut self, cx: &mut Context) -> Result<(), Halt> {
        let orders = std::mem::take(&mut self.orders);
        if orders.is_empty() {
            return Ok(());
        }
        let control = control(cx)?;
        let most = settings(cx)?.concurrent;
        let (force, named) = (self.force, self.named);
        jobs::run(cx, &control, orders, most, &mut |cx, outcome| match outcome.result {
            Ok(report) => jobs::say(cx, &outcome.order, &report, force),
            // Of all modules those take part that the pool has.
            Err(error) if error.id() == "BackupModuleNotHere" && !named => {
                cx.verbose(error.message().to_string());
                Ok(())
            }
            Err(error) if error.id() == "BackupModuleNotHere" && force => Ok(()),
            Err(error) => cx.error(error.target(outcome.order.pool.as_str())),
        })
    }
}

impl InvokeSync {
    fn take(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let modules = match args.backup_module.as_deref() {
            Some(name) => Module::named(name)?,
            None => Module::ALL.to_vec(),
        };
        let (pool, _) = pair(&topology, &args.pool_fqdn)?;
        let grant = cx.authorize(&Place::Site(pool.site.clone()))?;
        control(cx)?;
        self.force |= args.force;
        self.named |= modules.len() == 1;
        for order in jobs::orders(&pool.fqdn, &modules, Extent::Changed) {
            if self.orders.len() < MOST && !self.orders.contains(&order) {
                self.orders.push(order);
            }
        }
        log(cx, &grant, &format!("Synchronisation of {} ordered", pool.fqdn))
    }
}
