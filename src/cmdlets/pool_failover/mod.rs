//! The cmdlets that give a pool's users to its backup pool, and back: Invoke-CsPoolFailOver, Invoke-CsPoolFailBack.

mod fail_back;
mod fail_over;
mod list;
mod run;

use crate::access::Place;
use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::error::Halt;
use crate::failover::Mode;
use crate::pools::Way;
use crate::store::Grant;
use crate::value::{TimeSpan, date};
use std::time::Duration;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![entry::entry::<fail_back::FailBack>(), entry::entry::<fail_over::FailOver>()]
}

/// How long the last synchronisation is tried where nobody says: as it is documented.
const WAIT: Duration = Duration::from_secs(15);
/// The longest that may be asked for: a day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// What is ordered.
pub(super) struct Order<'a> {
    /// The pool whose users it is about.
    pub pool: &'a str,
    /// Which way.
    pub way: Way,
    /// How.
    pub mode: Mode,
    /// What is known to be behind is left behind.
    pub skip: bool,
    /// How long what must be the same on both sides is waited for.
    pub wait: Duration,
}

impl<'a> Order<'a> {
    /// From the parameters of either cmdlet.
    pub fn new(pool: &'a str, way: Way, disaster: bool, skip: bool, wait: Option<TimeSpan>) -> Order<'a> {
        let mode = if disaster { Mode::Disaster } else { Mode::Planned };
        let wait = wait.map_or(WAIT, |wait| {
            let seconds = u64::try_from(wait.ticks / date::SECOND).unwrap_or(0);
            Duration::from_secs(seconds).min(LONGEST)
        });
        Order { pool, way, mode, skip, wait }
    }
}

/// Looks, says what was found, and does it.
pub(super) fn carry_out(order: &Order, cx: &mut Context) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let (pool, partner) = crate::pools::partner(&topology, order.pool.trim())?;
    let grant = leave(cx, &pool.site)?;
    // It changes what the other pool serves as well.
    leave(cx, &partner.site)?;
    let mut plan = list::look(cx, order, &topology, pool, partner)?;
    let action = match order.way {
        Way::Over => "Invoke-CsPoolFailOver",
        Way::Back => "Invoke-CsPoolFailBack",
    };
    if cx.common.what_if {
        for line in plan.lines() {
            cx.information(line);
        }
    } else {
        plan = list::settle(cx, order, &topology, pool, partner, plan)?;
        for line in plan.lines() {
            cx.verbose(line);
        }
        if let Some(error) = plan.refusal() {
            return Err(error.into());
        }
    }
    if cx.should_process(&plan.what(), action)? { run::run(cx, order, &grant, &topology, pool, plan) } else { Ok(()) }
}

fn leave(cx: &mut Context, site: &str) -> Result<Grant, Halt> {
    cx.authorize(&Place::Site(site.to_string()))
}
