//! Whether a pool can be failed over or back: what is known of the pool, of its user store, and of its files, in one list.

use super::seen::Seen;
use super::{Order, conference};
use crate::cmdlet::Context;
use crate::config::Reader;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{Condition, Mode, PlaceState, Placement, Preflight, Wish, active_computer};
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
    /// What is to be said of files of conferences that do not go along.
    pub files_lost: Option<String>,
    /// What the places of the user store say of it.
    pub preflight: Option<Preflight>,
    /// All conditions.
    pub conditions: Vec<Condition>,
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
    let database = Database::users(&pool.fqdn);
    let places = topology.require_database(&database)?;
    let state = PoolState::of(&reader, &pool.fqdn)?;
    let seen = match deployment.failover() {
        Some(control) => Some(Seen::new(topology, &database, control.places(&database)?)),
        None => None,
    };
    let facts = Facts {
        pool: pool.fqdn.clone(),
        partner: partner.fqdn.clone(),
        way: order.way,
        mode: order.mode,
        state,
        partner_state: PoolState::of(&reader, &partner.fqdn)?,
        store_pool: topology.active_store().map(|place| place.pool).unwrap_or_default(),
        edges: edges(&deployment, topology, pool),
        // The state is what somebody wrote; the places know.
        astray: seen.as_ref().filter(|_| state == PoolState::Active).and_then(Seen::astray),
    };
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
        files_lost: None,
        preflight: None,
        conditions: conditions(&facts),
    };
    // Where the pool's own state refuses already, what its user store says of the way there means nothing.
    if plan.refusals().any(|condition| condition.name == "PoolState") {
        return Ok(plan);
    }
    users(&deployment, topology, seen.as_ref(), &mut plan)?;
    if !plan.undoes() {
        conference::look(&deployment, order, &mut plan);
    }
    if let Some(seen) = seen.filter(|_| order.way == Way::Back) {
        plan.conditions.extend(seen.unsent().iter().map(|file| unsent(file)));
    }
    Ok(plan)
}

/// Changes that a place alone had when others took over. They do not come back with the users.
fn unsent(file: &str) -> Condition {
    Condition {
        name: "UnsentChanges".into(),
        passed: false,
        refuses: false,
        id: None,
        found: format!("Changes that nobody else has are kept in a file on {file}"),
        advice: Some(
            "They do not come back: look into the file, make again what still counts, then remove the file.".into(),
        ),
        passes: false,
    }
}

/// Looks again while all that refuses is what mends itself: a place that is still taking what it misses, or a computer that
/// is starting.
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
    let mends = |condition: &Condition| {
        matches!(condition.name.as_str(), "Synchronized" | "Target" | "Source" | conference::NAME) && !order.skip
    };
    let served = cx.deployment()?.failover().is_some();
    while served && plan.refusals().next().is_some() && plan.refusals().all(mends) && begun.elapsed() < order.wait {
        cx.session.check_interrupt()?;
        std::thread::sleep(AGAIN);
        plan = look(cx, order, topology, pool, partner)?;
    }
    Ok(plan)
}

/// What the places of the user store say.
fn users(
    deployment: &Deployment,
    topology: &Topology,
    seen: Option<&Seen>,
    plan: &mut Plan,
) -> Result<(), ErrorRecord> {
    let (Some(control), Some(seen)) = (deployment.failover(), seen) else {
        let at = active_computer(deployment.store(), topology, &plan.database)?.unwrap_or_default();
        let found = format!("No server runs here: {at} and {} cannot be asked for the user store.", plan.target);
        let advice = "Start the servers: reeve serve --dir DIR on each computer, or reeve lab.";
        plan.refuse("Servers", "HostUnreachable", found, advice.into());
        return Ok(());
    };
    let away = seen.serving().filter(|state| seen.is_away(&state.computer));
    plan.away = away.map(|state| (state.computer.clone(), state.position.epoch));
    let underway = seen.states().find_map(|state| state.underway.clone());
    if underway.is_none() && settled(seen, plan) {
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
        // It ended between the two questions, or the target had it last, and nobody knows who has it now.
        Err(error) if error.id() == "TargetIsActive" => {
            let seen = Seen::new(topology, &plan.database, control.places(&plan.database)?);
            if !settled(&seen, plan) {
                nobody(&seen, plan);
            }
        }
        Err(error) => {
            let advice = error.hints().first().cloned().unwrap_or_default();
            plan.refuse("UserStore", error.id(), error.message().to_string(), advice);
        }
    }
    Ok(())
}

/// Whether the target has the user store already, by its own word: what is left then is to say so, or to wait for it.
fn settled(seen: &Seen, plan: &mut Plan) -> bool {
    let took = |state: &&PlaceState| state.role == Some(Role::Active) && state.position.epoch >= seen.highest();
    match seen.of(&plan.target).filter(took) {
        Some(state) if state.serves => there_already(plan),
        Some(_) => {
            let found =
                format!("{} has the user store, and asks the others first whether they took it over.", plan.target);
            plan.refuse("Target", "PlaceStarting", found, "Run it again in a moment.".into());
        }
        None => return false,
    }
    true
}

/// Nobody who answers serves the users, and who does is not known.
fn nobody(seen: &Seen, plan: &mut Plan) {
    let silent: Vec<&str> = seen.silent().collect();
    let (id, who, start) = match &silent[..] {
        [] => ("SourceNotActive", "Every place of it answers.".to_string(), String::new()),
        [one] => ("SourceUnreachable", format!("{one} does not answer."), format!("Start {one}. ")),
        all => {
            let all = all.join(", ");
            ("SourceUnreachable", format!("{all} do not answer."), format!("Start {all}. "))
        }
    };
    let found = format!("{} does not serve the users, nor does anybody who answers. {who}", plan.target);
    let cmdlet = if plan.way == Way::Over { "Invoke-CsPoolFailOver" } else { "Invoke-CsPoolFailBack" };
    let advice = format!(
        "{start}If the place that had them is lost for good: {cmdlet} -PoolFqdn {} -DisasterMode lets {} serve them with \
         what it has.",
        plan.pool, plan.target
    );
    plan.refuse("Source", id, found, advice);
}

impl Plan {
    fn refuse(&mut self, name: &str, id: &str, found: String, advice: String) {
        let advice = Some(advice).filter(|advice| !advice.is_empty());
        self.conditions.push(Condition {
            name: name.into(),
            passed: false,
            refuses: true,
            id: Some(id.into()),
            found,
            advice,
            passes: false,
        });
    }
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
        passes: false,
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
