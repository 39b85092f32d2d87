//! A pool fails over or back, step by step. Each step can be found again: the pool's state is in the configuration, the
//! user store records its own failover, and running the cmdlet again goes on where it ended.

use super::Order;
use super::list::Plan;
use crate::backup::{Module, SyncOrder};
use crate::cmdlet::{Context, Progress};
use crate::config::Reader;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{self, Mode, Placement, Report, StepReport, active_computer};
use crate::pools::{PoolState, Way};
use crate::store::{Grant, Role};
use crate::topology::{Pool, Topology};
use crate::value::{date, same_name};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Between two tries of the last synchronisation.
const AGAIN: Duration = Duration::from_millis(500);
/// Most lost changes that are named one by one; the report of the user store's failover has all.
const NAMED: usize = 50;

/// Does it.
///
/// # Errors
/// What ended it, saying how it goes on.
pub(super) fn run(
    cx: &mut Context,
    order: &Order,
    grant: &Grant,
    topology: &Topology,
    pool: &Pool,
    plan: Plan,
) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let (during, after) = match order.way {
        Way::Over => (PoolState::FailingOver, PoolState::FailedOver),
        Way::Back => (PoolState::FailedBack, PoolState::Active),
    };
    // An undone failover was never over, and nothing of it is to be seen afterwards.
    let undoes = order.way == Way::Back && plan.state == PoolState::FailingOver;
    if plan.state != during && !undoes {
        enter(&deployment, topology, pool, during, grant)?;
        cx.verbose(format!("{} is {}: its users can change nothing that lasts.", pool.fqdn, during.name()));
    }
    let moved = sync(cx, order, &deployment, &plan).and_then(|()| switch(cx, &deployment, grant, &plan));
    let moved = match moved {
        Ok(moved) => moved,
        Err(Halt::Error(error)) => return Err(retreat(cx, grant, topology, pool, &plan, error)?),
        Err(other) => return Err(other),
    };
    let mut changes = after.changes(&Reader { store: deployment.store(), topology }, pool)?;
    changes.extend(moved.placement.as_ref().map(|placement| placement.change(&plan.database)));
    if !changes.is_empty() {
        deployment.store().commit(grant, &changes)?;
    }
    cx.progress(Progress { completed: true, percent: Some(100), ..line(order.way, &pool.fqdn, "") });
    said(cx, order, &plan, &moved, after);
    Ok(())
}

/// Puts the pool into a state.
fn enter(
    deployment: &Deployment,
    topology: &Topology,
    pool: &Pool,
    state: PoolState,
    grant: &Grant,
) -> Result<(), ErrorRecord> {
    let store = deployment.store();
    let changes = state.changes(&Reader { store, topology }, pool)?;
    if changes.is_empty() { Ok(()) } else { store.commit(grant, &changes).map(drop) }
}

/// The last synchronisation before a planned failover: files of conferences go over; the documents' rest goes over with
/// the switch itself.
fn sync(cx: &mut Context, order: &Order, deployment: &Deployment, plan: &Plan) -> Result<(), Halt> {
    if order.way == Way::Back || order.mode == Mode::Disaster || order.skip || plan.wish.is_none() {
        return Ok(());
    }
    let Some(backup) = deployment.backup().cloned() else { return Ok(()) };
    let begun = Instant::now();
    for module in [Module::PresenceFocus, Module::DataConf] {
        cx.progress(line(order.way, &plan.pool, &format!("Last synchronisation of {}", module.name())));
        let report = loop {
            cx.session.check_interrupt()?;
            let order_of_it = SyncOrder { pool: plan.pool.clone(), module, full: false };
            let session = cx.session;
            match backup.sync(&order_of_it, &mut |_| session.check_interrupt().is_ok()) {
                Ok(report) => break report,
                // It began before and was interrupted: what is left goes over with the switch.
                Err(error) if error.id() == "FailoverUnderway" => return Ok(()),
                Err(error) if begun.elapsed() < order.wait && error.category() == Category::ResourceUnavailable => {
                    std::thread::sleep(AGAIN);
                }
                Err(error) => {
                    return Err(error
                        .hint("-WaitTime says how long it is tried; -SkipDataVerification goes without it.")
                        .into());
                }
            }
        };
        cx.verbose(format!(
            "{}: {} documents, {} files, {} bytes on the wire.",
            module.name(),
            report.documents,
            report.files,
            report.bytes_on_wire
        ));
    }
    Ok(())
}

/// What came of the switch.
pub(super) struct Moved {
    /// Where the user store is now, for the configuration; `None` where that says so already, or nothing moved.
    placement: Option<Placement>,
    /// What its failover reports; `None` where there was nothing to do any more.
    report: Option<Report>,
}

/// The user store goes over.
fn switch(cx: &mut Context, deployment: &Rc<Deployment>, grant: &Grant, plan: &Plan) -> Result<Moved, Halt> {
    let control = deployment.failover().cloned().ok_or_else(gone)?;
    let Some(wish) = plan.wish.clone() else {
        // It went over before; the configuration was not told yet.
        let epoch = control.places(&plan.database)?.into_iter().filter_map(|answer| answer.state.ok());
        let epoch = epoch.filter(|state| same_name(&state.computer, &plan.target)).map(|state| state.position.epoch);
        let placement = placement(deployment, grant, plan, epoch.max().unwrap_or(0), "")?;
        return Ok(Moved { placement, report: None });
    };
    let order = failover::Order { database: plan.database.clone(), wish, entry: grant.entry("Changed") };
    let (way, pool) = (plan.way, plan.pool.clone());
    let mut told = |step: &StepReport| {
        match step.milliseconds {
            None => cx.progress(line(way, &pool, &step.name)),
            Some(took) => cx.verbose(format!("{}: {} ({took} ms)", step.name, step.found)),
        };
    };
    let report = control.fail_over(&order, &mut told)?;
    let placement = match report.undone {
        true => None,
        false => placement(deployment, grant, plan, report.epoch, &report.id)?,
    };
    Ok(Moved { placement, report: Some(report) })
}

/// The document that says where the user store is; `None` where it says so already.
fn placement(
    deployment: &Deployment,
    grant: &Grant,
    plan: &Plan,
    epoch: u64,
    failover: &str,
) -> Result<Option<Placement>, ErrorRecord> {
    let topology = deployment.topology()?;
    let before = Placement::read(deployment.store(), &plan.database)?;
    if before.as_ref().is_some_and(|before| same_name(&before.computer, &plan.target) && before.epoch == epoch) {
        return Ok(None);
    }
    let from = active_computer(deployment.store(), &topology, &plan.database)?.unwrap_or_default();
    let (from_pool, _) = match plan.way {
        Way::Over => (&plan.pool, &plan.partner),
        Way::Back => (&plan.partner, &plan.pool),
    };
    Ok(Some(Placement {
        computer: plan.target.clone(),
        epoch,
        from,
        from_pool: from_pool.clone(),
        failover: failover.to_string(),
        mode: format!("{:?}", plan.mode),
        since: date::iso(date::now()),
        by: grant.principal().to_string(),
    }))
}

/// It failed: where nothing went over the pool is as it was before, else it says how it goes on.
fn retreat(
    cx: &mut Context,
    grant: &Grant,
    topology: &Topology,
    pool: &Pool,
    plan: &Plan,
    error: ErrorRecord,
) -> Result<Halt, Halt> {
    let deployment = cx.deployment()?;
    let before = match plan.way {
        Way::Over => PoolState::Active,
        Way::Back => PoolState::FailedOver,
    };
    let as_it_was = deployment.failover().is_some_and(|control| stands_still(&**control, plan));
    let cmdlet = match plan.way {
        Way::Over => "Invoke-CsPoolFailOver",
        Way::Back => "Invoke-CsPoolFailBack",
    };
    if as_it_was && plan.state == before {
        enter(&deployment, topology, pool, before, grant)?;
        return Ok(error.hint(format!("Nothing went over: {} is {} as before.", pool.fqdn, before.name())).into());
    }
    let undo = match plan.way {
        Way::Over => format!(" Invoke-CsPoolFailBack -PoolFqdn {} undoes it.", pool.fqdn),
        Way::Back => String::new(),
    };
    Ok(error.hint(format!("{cmdlet} -PoolFqdn {} goes on with it.{undo}", pool.fqdn)).into())
}

/// Whether the user store serves where it did, and nothing is under way with it.
fn stands_still(control: &dyn failover::Control, plan: &Plan) -> bool {
    let Ok(places) = control.places(&plan.database) else { return false };
    let states: Vec<_> = places.into_iter().filter_map(|answer| answer.state.ok()).collect();
    states.iter().all(|state| state.underway.is_none())
        && states
            .iter()
            .any(|state| state.role == Some(Role::Active) && state.serves && !same_name(&state.computer, &plan.target))
}

/// What is said when it is over.
fn said(cx: &mut Context, order: &Order, plan: &Plan, moved: &Moved, after: PoolState) {
    if let Some(report) = &moved.report {
        for lost in report.lost.iter().take(NAMED) {
            cx.warning(format!("Lost: {} (version {}), which {} has.", lost.document, lost.version, lost.seen_at));
        }
        if report.lost.len() > NAMED {
            cx.warning(format!("Lost: {} more changes.", report.lost.len() - NAMED));
        }
        if let Some(uncertain) = &report.uncertain {
            cx.warning(uncertain.clone());
        }
        if report.undone {
            cx.verbose(format!("The failover of {} is undone: it serves its users as before.", plan.pool));
        } else {
            let outage =
                report.outage.map(|took| format!("; for {took} ms nothing could be changed")).unwrap_or_default();
            let epoch = report.epoch;
            cx.verbose(format!("{} has the user store of {} in epoch {epoch}{outage}.", plan.target, plan.pool));
            if !report.export.is_empty() {
                cx.verbose(format!("As it was before it is in '{}' on {}.", report.export, plan.target));
            }
        }
    }
    cx.verbose(format!("{} is {}.", plan.pool, after.name()));
    if order.way == Way::Back && moved.report.as_ref().is_none_or(|report| !report.undone) {
        cx.information(format!(
            "Files of conferences do not come back by this: Invoke-CsBackupServiceSync -PoolFqdn {} -BackupModule \
             ConfServices.DataConf brings them, until Get-CsBackupServiceStatus shows SteadyState.",
            plan.partner
        ));
    }
}

fn line(way: Way, pool: &str, status: &str) -> Progress {
    let verb = if way == Way::Over { "Failing over" } else { "Failing back" };
    Progress { id: 1, activity: format!("{verb} {pool}"), status: status.to_string(), ..Progress::default() }
}

fn gone() -> ErrorRecord {
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "The server that ran here is gone.")
        .hint("Start it again, and run the cmdlet again.")
}
