//! Whether a pool can be failed over or back: what is known of the pool, of its user store, and of its files, in one list.

use super::Order;
use crate::backup::{ExportState, Module};
use crate::cmdlet::Context;
use crate::config::Reader;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{Condition, Mode, Placement, Preflight, Wish, active_computer};
use crate::pools::{Edge, Facts, PoolState, Way, conditions};
use crate::store::Role;
use crate::topology::{Database, Pool, Topology};
use crate::value::{date, same_name};
use std::time::{Duration, Instant};

/// An Edge server that was heard within this time is there, even while its connection is being made anew.
const HEARD: i64 = 120 * date::SECOND;
/// How often what is waited for is looked at again.
const AGAIN: Duration = Duration::from_millis(250);

/// What is to be done, and what was found.
pub(super) struct Plan {
    /// The pool.
    pub pool: String,
    /// Its backup pool.
    pub partner: String,
    /// Which way.
    pub way: Way,
    /// How.
    pub mode: Mode,
    /// The state of the pool.
    pub state: PoolState,
    /// The user store.
    pub database: Database,
    /// The computer that is to have it.
    pub target: String,
    /// How it goes there; `None` where it is there already, and serves.
    pub wish: Option<Wish>,
    /// The computer at the backup pool that serves the users now, and its epoch.
    pub away: Option<(String, u64)>,
    /// What the places of the user store say of it.
    pub preflight: Option<Preflight>,
    /// All conditions.
    pub conditions: Vec<Condition>,
}

impl Plan {
    /// What is done, to what.
    pub fn what(&self) -> String {
        match self.way {
            Way::Over => format!("{} (its users go to {})", self.pool, self.partner),
            Way::Back => format!("{} (its users come back from {})", self.pool, self.partner),
        }
    }

    /// The list, for people.
    pub fn lines(&self) -> Vec<String> {
        let mode = match self.mode {
            Mode::Planned => "planned",
            Mode::Disaster => "after a disaster",
        };
        let verb = if self.way == Way::Over { "Failing over" } else { "Failing back" };
        let mut lines = vec![format!("{verb} {}, {mode}: its user store goes to {}.", self.what(), self.target)];
        for condition in &self.conditions {
            let mark = match (condition.passed, condition.refuses) {
                (true, _) => "  ok      ".to_string(),
                (false, true) => "  refuses ".to_string(),
                (false, false) => "  warning ".to_string(),
            };
            let id =
                condition.id.as_ref().filter(|_| !condition.passed).map(|id| format!("{id}: ")).unwrap_or_default();
            lines.push(format!("{mark}{}: {id}{}", condition.name, condition.found));
            if let Some(advice) = condition.advice.as_ref().filter(|_| !condition.passed) {
                lines.push(format!("            {advice}"));
            }
        }
        if let Some(preflight) = &self.preflight {
            for lost in &preflight.lost {
                lines.push(format!(
                    "  lost      {} (version {}, seen at {})",
                    lost.document, lost.version, lost.seen_at
                ));
            }
            if let Some(uncertain) = &preflight.uncertain {
                lines.push(format!("  lost      {uncertain}"));
            }
        }
        lines
    }

    fn refusals(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.refuses && !condition.passed)
    }

    /// The error where something refuses: all that does, under the id of the first.
    pub fn refusal(&self) -> Option<ErrorRecord> {
        let first = self.refusals().next()?;
        let id = first.id.clone().unwrap_or_else(|| "FailoverRefused".into());
        let all: Vec<&str> = self.refusals().map(|condition| condition.found.as_str()).collect();
        let verb = if self.way == Way::Over { "failed over" } else { "failed back" };
        let message = format!("The pool {} is not {verb}; nothing was changed. {}", self.pool, all.join(" "));
        let category = match &*id {
            "HostUnreachable" | "TargetUnreachable" | "SourceUnreachable" => Category::ResourceUnavailable,
            "FailoverUnderway" => Category::ResourceBusy,
            _ => Category::InvalidOperation,
        };
        let error = ErrorRecord::new(id, category, message).target(self.pool.as_str());
        Some(self.refusals().filter_map(|condition| condition.advice.clone()).fold(error, ErrorRecord::hint))
    }
}

/// Looks at everything once.
///
/// # Errors
/// `RoleNotPresent` where the pool or its partner has no user store; those of the store.
pub(super) fn look(
    cx: &Context,
    order: &Order,
    topology: &Topology,
    pool: &Pool,
    partner: &Pool,
) -> Result<Plan, Halt> {
    let deployment = cx.deployment()?;
    let store = deployment.store();
    let reader = Reader { store, topology };
    let facts = Facts {
        pool: pool.fqdn.clone(),
        partner: partner.fqdn.clone(),
        way: order.way,
        mode: order.mode,
        state: PoolState::of(&reader, &pool.fqdn)?,
        partner_state: PoolState::of(&reader, &partner.fqdn)?,
        store_pool: topology.active_store().map(|place| place.pool).unwrap_or_default(),
        edges: edges(&deployment, topology, pool),
    };
    let database = Database::users(&pool.fqdn);
    let places = topology.require_database(&database)?;
    let backup = places.backup.as_ref().map(|place| place.computer.clone()).ok_or_else(|| {
        let message = format!("The role UserDatabase is not present on the pool {}.", partner.fqdn);
        ErrorRecord::new("RoleNotPresent", Category::ObjectNotFound, message).target(partner.fqdn.as_str())
    })?;
    let target = match order.way {
        Way::Over => backup.clone(),
        // Where it was before, if that is a place of the pool itself: its mirror may have been the principal.
        Way::Back => {
            let before = Placement::read(store, &database)?.map(|placement| placement.from);
            let own = |computer: &String| places.has(computer) && !same_name(computer, &backup);
            before.filter(own).unwrap_or_else(|| places.primary.computer.clone())
        }
    };
    let mut plan = Plan {
        pool: pool.fqdn.clone(),
        partner: partner.fqdn.clone(),
        way: order.way,
        mode: order.mode,
        state: facts.state,
        wish: Some(Wish::Computer { computer: target.clone(), mode: order.mode }),
        database,
        target,
        away: None,
        preflight: None,
        conditions: conditions(&facts),
    };
    // Where the pool's own state refuses already, what its user store says of the way there means nothing.
    if plan.refusals().any(|condition| condition.name == "PoolState") {
        return Ok(plan);
    }
    users(&deployment, topology, &mut plan)?;
    if !plan.undoes() {
        files(&deployment, order, &mut plan);
    }
    Ok(plan)
}

/// Looks again while all that refuses is what mends itself: a place that is still taking what it misses, or is starting.
///
/// # Errors
/// Those of [`look`]; an interrupt.
pub(super) fn settle(
    cx: &Context,
    order: &Order,
    topology: &Topology,
    pool: &Pool,
    partner: &Pool,
    mut plan: Plan,
) -> Result<Plan, Halt> {
    let begun = Instant::now();
    let mends =
        |condition: &Condition| matches!(condition.name.as_str(), "Synchronized" | "Target" | "Source") && !order.skip;
    let served = cx.deployment()?.failover().is_some();
    while served && plan.refusals().next().is_some() && plan.refusals().all(mends) && begun.elapsed() < order.wait {
        cx.session.check_interrupt()?;
        std::thread::sleep(AGAIN);
        plan = look(cx, order, topology, pool, partner)?;
    }
    Ok(plan)
}

/// What the places of the user store say.
fn users(deployment: &Deployment, topology: &Topology, plan: &mut Plan) -> Result<(), ErrorRecord> {
    let Some(control) = deployment.failover() else {
        let at = active_computer(deployment.store(), topology, &plan.database)?.unwrap_or_default();
        plan.conditions.push(Condition {
            name: "Servers".into(),
            passed: false,
            refuses: true,
            id: Some("HostUnreachable".into()),
            found: format!("No server runs here: {at} and {} cannot be asked for the user store.", plan.target),
            advice: Some("Start the servers: reeve serve --dir DIR on each computer, or reeve lab.".into()),
        });
        return Ok(());
    };
    let places = control.places(&plan.database)?;
    let states = || places.iter().filter_map(|answer| answer.state.as_ref().ok());
    let at_target = states().find(|state| same_name(&state.computer, &plan.target));
    let highest = states().map(|state| state.position.epoch).max().unwrap_or(0);
    let took = at_target.filter(|state| state.role == Some(Role::Active) && state.position.epoch >= highest);
    let serves = took.is_some_and(|state| state.serves);
    let leads =
        states().find(|state| state.role == Some(Role::Active) && state.serves && state.position.epoch >= highest);
    let known = topology.database(&plan.database);
    let there = |computer: &str| known.as_ref().is_some_and(|known| known.at_backup(computer));
    plan.away =
        leads.filter(|state| there(&state.computer)).map(|state| (state.computer.clone(), state.position.epoch));
    let underway = states().find_map(|state| state.underway.clone());
    if took.is_some() && !serves && underway.is_none() {
        plan.conditions.push(Condition {
            name: "Target".into(),
            passed: false,
            refuses: true,
            id: Some("PlaceStarting".into()),
            found: format!("{} has the user store, and asks the others first whether they took it over.", plan.target),
            advice: Some("Run it again in a moment.".into()),
        });
        return Ok(());
    }
    if serves && underway.is_none() {
        there_already(plan);
        return Ok(());
    }
    // A failover that is not over and whose target is the other side is undone, not turned round.
    if underway.as_ref().is_some_and(|run| plan.way == Way::Back && !same_name(&run.target, &plan.target)) {
        plan.wish = Some(match plan.mode {
            Mode::Planned => Wish::Restore,
            Mode::Disaster => Wish::Computer { computer: plan.target.clone(), mode: Mode::Disaster },
        });
    }
    let Some(wish) = &plan.wish else { return Ok(()) };
    // Whoever gave the order before: where it led is seen by the pool's own state.
    match control.preflight(&plan.database, wish, "") {
        Ok(preflight) => {
            plan.conditions.extend(preflight.conditions.iter().cloned());
            plan.preflight = Some(preflight);
        }
        // It ended between the two questions.
        Err(error) if error.id() == "TargetIsActive" => there_already(plan),
        Err(error) => plan.conditions.push(Condition {
            name: "UserStore".into(),
            passed: false,
            refuses: true,
            id: Some(error.id().to_string()),
            found: error.message().to_string(),
            advice: error.hints().first().cloned(),
        }),
    }
    Ok(())
}

/// The user store went where it is to go: what is left is to say so.
fn there_already(plan: &mut Plan) {
    plan.wish = None;
    plan.conditions.push(Condition {
        name: "UserStore".into(),
        passed: true,
        refuses: true,
        id: None,
        found: format!("{} has the user store already, and serves it.", plan.target),
        advice: None,
    });
}

/// How the files of conferences stand where they are to be served: from what was synchronised.
fn files(deployment: &Deployment, order: &Order, plan: &mut Plan) {
    let Some(backup) = deployment.backup() else { return };
    let Ok(states) = backup.status(&plan.pool) else { return };
    let Some(state) = states.into_iter().find(|state| state.module == Module::DataConf) else { return };
    let current = matches!(state.export, ExportState::FinalState | ExportState::SteadyState);
    let success = state.last_success.map_or_else(|| "never".to_string(), |at| format!("on {} UTC", date::text(at)));
    let found = format!(
        "Files of conferences are {:?} ({}), and were synchronised last {success}.",
        state.export,
        state.cause.trim_end_matches('.')
    );
    let advice = (!current).then(|| match (order.way, order.mode) {
        (Way::Over, Mode::Planned) => "They are synchronised once more before the switch.".to_string(),
        (Way::Over, Mode::Disaster) => format!("{} shows what it has of them.", plan.partner),
        (Way::Back, Mode::Planned) => format!("What {} has of them is carried back before the switch.", plan.partner),
        (Way::Back, Mode::Disaster) => {
            format!("What {} has of them is carried back before the switch, if it can be reached.", plan.partner)
        }
    });
    plan.conditions.push(Condition {
        name: "ConferenceFiles".into(),
        passed: current,
        refuses: false,
        id: None,
        found,
        advice,
    });
}

/// The Edge pools that have the pool as next hop, and whether they are there.
fn edges(deployment: &Deployment, topology: &Topology, pool: &Pool) -> Vec<Edge> {
    let replicas = deployment.control().and_then(|control| control.replicas().ok());
    let now = date::now().ticks;
    let edge = |service: &crate::topology::Service| {
        let lives = replicas.as_ref().map(|replicas| {
            let computers = topology.pool(&service.pool).map(|pool| pool.computers.as_slice()).unwrap_or_default();
            let of_it = |name: &str| computers.iter().any(|computer| same_name(&computer.fqdn, name));
            replicas.iter().filter(|replica| of_it(&replica.replica_fqdn)).any(|replica| {
                replica.connected || replica.last_contact.is_some_and(|at| now.saturating_sub(at.ticks) < HEARD)
            })
        });
        Edge { pool: service.pool.clone(), lives, same_site: service.site == pool.site }
    };
    topology.edges_behind(&pool.fqdn).map(edge).collect()
}
