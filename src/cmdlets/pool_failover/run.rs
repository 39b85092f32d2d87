//! A pool fails over or back, step by step. Each step can be found again: the pool's state is in the configuration, the
//! user store records its own failover, and running the cmdlet again goes on where it ended.

use super::Order;
use super::files::{self, Carried};
use super::list::Plan;
use crate::cmdlet::{Context, Progress};
use crate::config::Reader;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{self, Placement, Report, StepReport, active_computer};
use crate::pools::{PoolState, Way};
use crate::store::{Change, Grant, Role};
use crate::topology::{Pool, Topology};
use crate::value::{date, same_name};
use std::rc::Rc;

/// Most lost changes that are named one by one; the report of the user store's failover has all.
const NAMED: usize = 50;

/// What was done, as far as it came.
#[derive(Default)]
pub(super) struct Done {
    /// What was carried before the switch.
    pub carried: Vec<Carried>,
    /// The steps of the switch.
    pub steps: Vec<StepReport>,
    /// What came of it.
    pub report: Option<Report>,
    /// The state of the pool in the end.
    pub state: Option<PoolState>,
}

/// Does it. `done` is told what was done, also where that fails.
///
/// # Errors
/// What ended it, saying how it goes on.
pub(super) fn run(
    cx: &mut Context,
    order: &Order,
    grant: &Grant,
    topology: &Topology,
    pool: &Pool,
    plan: &Plan,
    done: &mut Done,
) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let (during, after) = match order.way {
        Way::Over => (PoolState::FailingOver, PoolState::FailedOver),
        Way::Back => (PoolState::FailedBack, PoolState::Active),
    };
    // An undone failover was never over, and nothing of it is to be seen afterwards.
    if plan.state != during && !plan.undoes() {
        // Where a failover ended before it could say where the users are that is said now: files follow it.
        let away = plan.away.as_ref().filter(|_| order.way == Way::Back);
        let away = away.map(|(computer, epoch)| placement(&deployment, grant, plan, Way::Over, computer, *epoch, ""));
        enter(
            &deployment,
            topology,
            pool,
            during,
            grant,
            away.transpose()?.flatten().map(|at| at.change(&plan.database)),
        )?;
        cx.verbose(format!("{} is {}: its users can change nothing that lasts.", pool.fqdn, during.name()));
    }
    let moved = files::carry(cx, order, &deployment, plan).and_then(|carried| {
        done.carried = carried;
        switch(cx, &deployment, grant, plan, done)
    });
    let placement = match moved {
        Ok(placement) => placement,
        Err(Halt::Error(error)) => return Err(retreat(cx, grant, topology, pool, plan, error)?),
        Err(other) => return Err(other),
    };
    enter(&deployment, topology, pool, after, grant, placement.map(|placement| placement.change(&plan.database)))?;
    done.state = Some(after);
    cx.progress(Progress { completed: true, percent: Some(100), ..line(order.way, &pool.fqdn, "") });
    said(cx, plan, done, after);
    Ok(())
}

/// Puts the pool into a state, and changes something else in the same moment.
fn enter(
    deployment: &Deployment,
    topology: &Topology,
    pool: &Pool,
    state: PoolState,
    grant: &Grant,
    besides: Option<Change>,
) -> Result<(), ErrorRecord> {
    let store = deployment.store();
    let mut changes = state.changes(&Reader { store, topology }, pool)?;
    changes.extend(besides);
    if changes.is_empty() { Ok(()) } else { store.commit(grant, &changes).map(drop) }
}

/// The user store goes over. Gives where it is then, for the configuration; `None` where that says so already, or nothing
/// moved.
fn switch(
    cx: &mut Context,
    deployment: &Rc<Deployment>,
    grant: &Grant,
    plan: &Plan,
    done: &mut Done,
) -> Result<Option<Placement>, Halt> {
    let control = deployment.failover().cloned().ok_or_else(gone)?;
    // It went over before; the configuration was not told yet.
    let already = || -> Result<Option<Placement>, Halt> {
        let epoch = control.places(&plan.database)?.into_iter().filter_map(|answer| answer.state.ok());
        let epoch = epoch.filter(|state| same_name(&state.computer, &plan.target)).map(|state| state.position.epoch);
        Ok(placement(deployment, grant, plan, plan.way, &plan.target, epoch.max().unwrap_or(0), "")?)
    };
    let Some(wish) = plan.wish.clone() else { return already() };
    let order = failover::Order { database: plan.database.clone(), wish, entry: grant.entry("Changed") };
    let (way, pool, steps) = (plan.way, plan.pool.clone(), &mut done.steps);
    let mut told = |step: &StepReport| {
        match step.milliseconds {
            None => cx.progress(line(way, &pool, &step.name)),
            Some(took) => cx.verbose(format!("{}: {} ({took} ms)", step.name, step.found)),
        };
        // A step that is over takes the place of its beginning.
        match steps.last_mut().filter(|last| last.name == step.name && last.milliseconds.is_none()) {
            Some(last) => *last = step.clone(),
            None => steps.push(step.clone()),
        }
    };
    let report = match control.fail_over(&order, &mut told) {
        // Another who began it was quicker.
        Err(error) if error.id() == "TargetIsActive" => return already(),
        report => report?,
    };
    control.heard(&plan.database, &report);
    let placement = match report.undone {
        true => None,
        false => placement(deployment, grant, plan, plan.way, &plan.target, report.epoch, &report.id)?,
    };
    done.report = Some(report);
    Ok(placement)
}

/// The document that says where the user store is; `None` where it says so already.
fn placement(
    deployment: &Deployment,
    grant: &Grant,
    plan: &Plan,
    way: Way,
    computer: &str,
    epoch: u64,
    failover: &str,
) -> Result<Option<Placement>, ErrorRecord> {
    let topology = deployment.topology()?;
    let before = Placement::read(deployment.store(), &plan.database)?;
    if before.as_ref().is_some_and(|before| same_name(&before.computer, computer) && before.epoch == epoch) {
        return Ok(None);
    }
    let from = active_computer(deployment.store(), &topology, &plan.database)?.unwrap_or_default();
    let from_pool = if way == Way::Over { &plan.pool } else { &plan.partner };
    Ok(Some(Placement {
        computer: computer.to_string(),
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
        enter(&deployment, topology, pool, before, grant, None)?;
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
fn said(cx: &mut Context, plan: &Plan, done: &Done, after: PoolState) {
    if let Some(report) = &done.report {
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
}

pub(super) fn line(way: Way, pool: &str, status: &str) -> Progress {
    let verb = if way == Way::Over { "Failing over" } else { "Failing back" };
    Progress { id: 1, activity: format!("{verb} {pool}"), status: status.to_string(), ..Progress::default() }
}

fn gone() -> ErrorRecord {
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "The server that ran here is gone.")
        .hint("Start it again, and run the cmdlet again.")
}
