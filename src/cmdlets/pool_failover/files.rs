//! What a pool keeps beside its user store goes along: before the users go over, and before they come back.

use super::Order;
use super::list::Plan;
use super::run::{CARRIED, line};
use crate::backup::{Control, Extent, Module, SyncOrder, SyncReport};
use crate::cmdlet::{Context, Progress};
use crate::cmdlets::backup::{never_followed, told};
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::Mode;
use crate::pools::{PoolState, Way};
use std::time::{Duration, Instant};

/// Between two tries.
const AGAIN: Duration = Duration::from_millis(500);
/// Most names of each sort that are said one by one; the page has all.
const NAMED: usize = 50;

/// What was carried.
pub(super) struct Carried {
    /// Of what.
    pub module: Module,
    /// What came of it; with an error where it was gone on without.
    pub result: Result<SyncReport, ErrorRecord>,
}

/// The last synchronisation. Before a planned failover everything goes to the backup pool once more; the rest of the
/// documents goes with the switch itself. Before users come back what was written at the backup pool meanwhile goes to the
/// pool: afterwards files go the other way again.
///
/// # Errors
/// What kept a module from going, where that may not be left behind.
pub(super) fn carry(
    cx: &mut Context,
    order: &Order,
    deployment: &Deployment,
    plan: &Plan,
) -> Result<Vec<Carried>, Halt> {
    let mut all = Vec::new();
    let modules: &[Module] = match order.way {
        Way::Over if order.mode == Mode::Disaster || plan.wish.is_none() => &[],
        Way::Over => &[Module::PresenceFocus, Module::DataConf],
        // What was never over has nothing to bring back.
        Way::Back if plan.undoes() => &[],
        Way::Back => &[Module::DataConf],
    };
    let Some(backup) = deployment.backup().filter(|_| !modules.is_empty()).cloned() else { return Ok(all) };
    if order.skip {
        if order.way == Way::Back {
            cx.warning(format!("Files of conferences are not carried back first. {}", kept(plan)));
        }
        return Ok(all);
    }
    for (at, module) in modules.iter().copied().enumerate() {
        let percent = u8::try_from(at * usize::from(CARRIED) / modules.len()).unwrap_or(CARRIED);
        let last = line(order.way, &plan.pool, &format!("Last synchronisation of {}", module.name()));
        cx.progress(Progress { percent: Some(percent), ..last });
        match one(cx, order, &*backup, plan, module) {
            Ok(Some(report)) => {
                say(cx, plan, module, &report);
                all.push(Carried { module, result: Ok(report) });
            }
            Ok(None) => {}
            Err(Halt::Error(error)) if order.mode == Mode::Disaster => {
                cx.warning(format!("Files of conferences were not carried back: {} {}", error.message(), kept(plan)));
                all.push(Carried { module, result: Err(error) });
            }
            Err(Halt::Error(error)) => {
                cx.session.check_interrupt()?;
                return Err(error
                    .hint("-WaitTime says how long it is tried; -SkipDataVerification goes without it.")
                    .into());
            }
            Err(other) => return Err(other),
        }
    }
    Ok(all)
}

/// One module; `None` where nothing of it has to go.
fn one(
    cx: &mut Context,
    order: &Order,
    backup: &dyn Control,
    plan: &Plan,
    module: Module,
) -> Result<Option<SyncReport>, Halt> {
    let begun = Instant::now();
    let asked = SyncOrder { pool: plan.pool.clone(), module, extent: Extent::Changed, failover: true };
    let mut again = true;
    loop {
        cx.session.check_interrupt()?;
        let session = cx.session;
        let error = match backup.sync(&asked, &mut |_| session.check_interrupt().is_ok()) {
            // A file that changed while it was read is there the next time.
            Ok(report) if !report.left.is_empty() && again => {
                again = false;
                continue;
            }
            Ok(report) => return Ok(Some(report)),
            Err(error) => error,
        };
        let late = begun.elapsed() >= order.wait;
        let lost = order.mode == Mode::Disaster && error.id() == "HostUnreachable";
        match error.id() {
            // It began before and was interrupted: what is left of documents goes over with the switch.
            "FailoverUnderway" if module == Module::PresenceFocus => return Ok(None),
            "BackupModuleNotHere" => {
                cx.verbose(error.message().to_string());
                return Ok(None);
            }
            "FailoverUnderway" if !late => {}
            _ if error.category() == Category::ResourceUnavailable && !late && !lost => {}
            _ => return Err(error.into()),
        }
        std::thread::sleep(AGAIN);
    }
}

/// What went, and what an administrator should look at.
fn say(cx: &mut Context, plan: &Plan, module: Module, report: &SyncReport) {
    let (from, to) = plan.ends();
    cx.verbose(format!("From {from} to {to}: {}", told(&plan.pool, module, report)));
    for refused in report.refused.iter().take(NAMED) {
        cx.verbose(format!("{}: never followed: {refused}", plan.pool));
    }
    never_followed(cx, &plan.pool, report);
    for conflict in report.conflicts.iter().take(NAMED) {
        cx.warning(format!("{}: {conflict}", plan.pool));
    }
    let more = report.conflict_count().saturating_sub(report.conflicts.len().min(NAMED) as u64);
    if more > 0 {
        cx.warning(format!("{}: {more} more were changed where they came to.", plan.pool));
    }
    for left in report.left.iter().take(NAMED) {
        cx.warning(format!("{}: it stayed at {from}: {left}", plan.pool));
    }
    let more = report.left_count().saturating_sub(report.left.len().min(NAMED) as u64);
    if more > 0 {
        cx.warning(format!("{}: {more} more stayed at {from}.", plan.pool));
    }
}

/// What becomes of files that did not come back.
fn kept(plan: &Plan) -> String {
    format!(
        "What was written at {} meanwhile stays there, beside what comes from {}; Get-CsBackupServiceStatus and the logs of \
         its file store name what both changed.",
        plan.partner, plan.pool
    )
}

impl Plan {
    /// From which pool it goes, and to which.
    pub fn ends(&self) -> (&str, &str) {
        match self.way {
            Way::Over => (&self.pool, &self.partner),
            Way::Back => (&self.partner, &self.pool),
        }
    }

    /// A failover that was begun is taken back before the backup pool served anybody.
    pub fn undoes(&self) -> bool {
        self.way == Way::Back && self.state == PoolState::FailingOver && self.away.is_none()
    }
}
