//! A pool fails over or back, step by step. Each step can be found again: the pool's state is in the configuration, the
//! user store records its own failover, and running the cmdlet again goes on where it ended.

use super::Order;
use super::files::{self, Carried};
use super::list::Plan;
use super::seen::Seen;
use crate::cmdlet::{Context, Progress};
use crate::config::Reader;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{self, Mode, Placement, Report, StepReport, active_computer};
use crate::pools::{PoolState, Way};
use crate::store::{Change, Grant};
use crate::topology::{Pool, Topology};
use crate::value::{date, same_name};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the place that took the users over may take to say so: it asks the others first.
const SERVES: Duration = Duration::from_secs(15);
/// Between two looks then.
const AGAIN: Duration = Duration::from_millis(200);
/// Of a hundred, how far it is when everything is carried.
pub(super) const CARRIED: u8 = 15;
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
    /// Files with changes that one place alone had, and that did not come along.
    pub unsent: Vec<String>,
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
        done.state = Some(during);
    }
    let moved = files::carry(cx, order, &deployment, plan).and_then(|carried| {
        done.carried = carried;
        let placement = switch(cx, &deployment, grant, topology, plan, done)?;
        // Nothing is written of where the users are that this place does not say itself.
        serving(cx, &deployment, topology, plan)?;
        Ok(placement)
    });
    let placement = match moved {
        Ok(placement) => placement,
        Err(Halt::Error(error)) => return Err(retreat(cx, grant, topology, pool, plan, error, done)?),
        Err(other) => return Err(other),
    };
    enter(&deployment, topology, pool, after, grant, placement.map(|placement| placement.change(&plan.database)))?;
    done.state = Some(after);
    done.unsent = places(&deployment, topology, plan).map(|seen| seen.unsent()).unwrap_or_default();
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
    topology: &Topology,
    plan: &Plan,
    done: &mut Done,
) -> Result<Option<Placement>, Halt> {
    let control = deployment.failover().cloned().ok_or_else(gone)?;
    // It went over before; the configuration was not told yet.
    let already = |cx: &mut Context| -> Result<Option<Placement>, Halt> {
        let (computer, epoch) = serving(cx, deployment, topology, plan)?;
        Ok(placement(deployment, grant, plan, plan.way, &computer, epoch, "")?)
    };
    let Some(wish) = plan.wish.clone() else { return already(cx) };
    let order = failover::Order { database: plan.database.clone(), wish, entry: grant.entry("Changed") };
    let (way, pool, steps) = (plan.way, plan.pool.clone(), &mut done.steps);
    let all = if plan.mode == Mode::Planned { 7 } else { 6 };
    let mut told = |step: &StepReport| {
        match step.milliseconds {
            None => {
                let over = steps.iter().filter(|step| step.milliseconds.is_some()).count();
                let percent = CARRIED + u8::try_from(over * 80 / all).unwrap_or(80).min(80);
                cx.progress(Progress { percent: Some(percent), ..line(way, &pool, &step.name) });
            }
            Some(took) => cx.verbose(format!("{}: {} ({took} ms)", step.name, step.found)),
        }
        // A step that is over takes the place of its beginning.
        match steps.last_mut().filter(|last| last.name == step.name && last.milliseconds.is_none()) {
            Some(last) => *last = step.clone(),
            None => steps.push(step.clone()),
        }
    };
    let report = match control.fail_over(&order, &mut told) {
        // Another who began it was quicker.
        Err(error) if error.id() == "TargetIsActive" => return already(cx),
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

/// What the places of the user store say now.
fn places(deployment: &Deployment, topology: &Topology, plan: &Plan) -> Result<Seen, ErrorRecord> {
    let control = deployment.failover().ok_or_else(gone)?;
    Ok(Seen::new(topology, &plan.database, control.places(&plan.database)?))
}

/// The computer at the pool to which the users go that says itself that it serves them, and its epoch. After a switch it
/// takes a moment.
///
/// # Errors
/// `UserStoreNotServed` where none does.
fn serving(cx: &Context, deployment: &Deployment, topology: &Topology, plan: &Plan) -> Result<(String, u64), Halt> {
    let begun = Instant::now();
    loop {
        let seen = places(deployment, topology, plan)?;
        let there = seen.serving().filter(|state| seen.is_away(&state.computer) == (plan.way == Way::Over));
        if let Some(state) = there {
            return Ok((state.computer.clone(), state.position.epoch));
        }
        if begun.elapsed() >= SERVES {
            let (_, to) = plan.ends();
            let message = format!("No computer of {to} says that it serves the users of {}.", plan.pool);
            return Err(ErrorRecord::new("UserStoreNotServed", Category::ResourceUnavailable, message)
                .target(plan.pool.as_str())
                .into());
        }
        cx.session.check_interrupt()?;
        std::thread::sleep(AGAIN);
    }
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
    done: &mut Done,
) -> Result<Halt, Halt> {
    let deployment = cx.deployment()?;
    let before = match plan.way {
        Way::Over => PoolState::Active,
        Way::Back => PoolState::FailedOver,
    };
    let as_it_was = places(&deployment, topology, plan).is_ok_and(|seen| stands_still(&seen, plan));
    let cmdlet = match plan.way {
        Way::Over => "Invoke-CsPoolFailOver",
        Way::Back => "Invoke-CsPoolFailBack",
    };
    if as_it_was && plan.state == before {
        enter(&deployment, topology, pool, before, grant, None)?;
        done.state = Some(before);
        return Ok(error.hint(format!("Nothing went over: {} is {} as before.", pool.fqdn, before.name())).into());
    }
    let undo = match plan.way {
        Way::Over => format!(" Invoke-CsPoolFailBack -PoolFqdn {} undoes it.", pool.fqdn),
        Way::Back => String::new(),
    };
    let state = done.state.unwrap_or(plan.state);
    let stays = match state.is_resiliency() {
        true => format!("{} stays {}: its users can change nothing that lasts.", pool.fqdn, state.name()),
        false => format!("{} is {}.", pool.fqdn, state.name()),
    };
    let again = format!("{stays} {cmdlet} -PoolFqdn {} goes on with it.{undo}", pool.fqdn);
    Ok(error.hint(again).into())
}

/// Whether the users are served where they were, and nothing is under way with their store.
fn stands_still(seen: &Seen, plan: &Plan) -> bool {
    let home = seen.serving().is_some_and(|state| seen.is_away(&state.computer) == (plan.way == Way::Back));
    home && seen.states().all(|state| state.underway.is_none())
}

/// What is said when it is over.
fn said(cx: &mut Context, plan: &Plan, done: &Done, after: PoolState) {
    if let Some(report) = &done.report {
        // It was warned before of what was known then.
        let before = plan.preflight.as_ref().filter(|_| plan.mode == Mode::Disaster);
        if before.is_none_or(|found| (&found.lost, &found.uncertain) != (&report.lost, &report.uncertain)) {
            for lost in report.lost.iter().take(NAMED) {
                cx.warning(format!("Lost: {} (version {}), which {} has.", lost.document, lost.version, lost.seen_at));
            }
            if report.lost.len() > NAMED {
                cx.warning(format!("Lost: {} more changes.", report.lost.len() - NAMED));
            }
            if let Some(uncertain) = &report.uncertain {
                cx.warning(uncertain.clone());
            }
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
    for file in &done.unsent {
        cx.warning(format!(
            "Changes of the users of {} that did not come along are kept in a file on {file}; look into it, make again what \
             still counts, then remove it.",
            plan.pool
        ));
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
