//! The run machine at work: a failover at the computer that takes the database over.

use super::driver::Promotion;
use super::orders::Travelling;
use super::store::Opened;
use super::{Place, UNANSWERED, ask, replicas, state};
use crate::audit::{Decision, Entry};
use crate::deployment;
use crate::env::{Random, SystemRandom};
use crate::error::{Category, ErrorRecord};
use crate::failover::{
    Choice, Following, Mode, Order, PlaceAnswer, PlaceOrder, PlaceState, Placement, Report, Run, RunEffect, RunEvent,
    RunRecord, Seen, Source, Stage, StepReport, Underway, Unfinished, Waits, Wish, Work,
};
use crate::host::node::Node;
use crate::host::renewal::interrupted;
use crate::replication::Now;
use crate::store::{Change, Expected, Grant, Placed, SqliteStore};
use crate::topology::{self, Database};
use crate::value::same_name;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How often the machine is told the time.
const TICK: Duration = Duration::from_millis(100);
/// How long one that goes on by itself is waited for: it waits half a minute for replicas, after some seconds for its
/// former source.
const JOINS: Duration = Duration::from_secs(60);
/// How often the replicas are counted while they are waited for.
const COUNTS: Duration = Duration::from_millis(50);
/// How much sooner than the machine the counting ends, so that it is told what was counted.
const SOONER: u64 = 300;

/// Runs a failover to a place here, to its end; `told` hears of its steps.
///
/// # Errors
/// `FailoverUnderway` where one runs here already; those of the machine.
pub(super) async fn run(
    node: Arc<Node>,
    place: Arc<Place>,
    choice: Choice,
    order: Order,
    told: mpsc::Sender<StepReport>,
) -> Result<Report, ErrorRecord> {
    let _alone = match place.shared.runs.try_lock() {
        Ok(alone) => alone,
        Err(_) => join(&node, &place, &choice).await?,
    };
    let (store, record, at) = opened(&place).await?;
    let record = record.filter(|record| !record.overtaken(at.0, at.1));
    let ours = choice.unfinished.as_ref();
    if let Some(record) = record.clone()
        && let Some(ours) = ours.filter(|ours| ours.underway.id == record.id)
        && matches!(record.stage, Stage::Done | Stage::Undone)
    {
        return ended(&place, record, ours.undo, &told);
    }
    drive(node, place.clone(), choice, order, told, store, record).await
}

/// Waits for the failover that runs here, where it is the one that is to be finished, or undone, and where it is decided
/// and ends by itself.
///
/// # Errors
/// `FailoverUnderway` where it is another, and where it does not end.
async fn join<'a>(
    node: &Node,
    place: &'a Place,
    choice: &Choice,
) -> Result<tokio::sync::MutexGuard<'a, ()>, ErrorRecord> {
    let (_, record, _) = opened(place).await?;
    let same = |ours: &Unfinished, record: &RunRecord| {
        ours.underway.id == record.id && ours.undo == (record.stage == Stage::Undo)
    };
    let runs = record.as_ref().and_then(RunRecord::underway);
    let refused = || underway(node, place.database(), runs.as_ref());
    let waits = || async { tokio::time::timeout(JOINS, place.shared.runs.lock()).await.map_err(|_| refused()) };
    match (&choice.unfinished, &record) {
        (Some(ours), Some(record)) if same(ours, record) => waits().await,
        // It ends by itself; then it is judged what can be done.
        (_, Some(record)) if record.goes_on_alone() => waits().await,
        _ => Err(refused()),
    }
}

/// The database here, the failover that it records, and its epoch with the highest that it knows of.
type Opens = (SqliteStore, Option<RunRecord>, (u64, u64));

async fn opened(place: &Place) -> Result<Opens, ErrorRecord> {
    let shared = place.shared.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let store = shared.open()?;
        let note = store.note(RunRecord::NOTE)?;
        let record = note.map(serde_json::from_value::<RunRecord>).transpose().map_err(|error| unreadable(&error))?;
        let at = (store.position()?.epoch, store.highest_epoch()?);
        Ok::<_, ErrorRecord>((store, record, at))
    });
    opened.await.map_err(|error| interrupted(&error))?
}

/// Whoever ordered a failover to here had its report.
///
/// # Errors
/// Those of the store.
pub(super) async fn heard(place: &Arc<Place>, failover: String) -> Result<(), ErrorRecord> {
    // Where another runs its record is not touched: it is no report of this one any more.
    let Ok(_alone) = place.shared.runs.try_lock() else { return Ok(()) };
    let (store, record, _) = opened(place).await?;
    let Some(mut record) = record.filter(|record| record.id == failover) else { return Ok(()) };
    record.reported = true;
    let note = serde_json::to_value(&record).map_err(|error| unreadable(&error))?;
    let mut opened = Opened::new(store);
    opened.with(move |store| store.keep_note(RunRecord::NOTE, Some(&note))).await
}

/// What became of a failover that ended while it was to be finished, or undone.
fn ended(place: &Place, record: RunRecord, undo: bool, told: &mpsc::Sender<StepReport>) -> Result<Report, ErrorRecord> {
    let undone = record.stage == Stage::Undone;
    if undo != undone {
        let (id, what) = (&record.id, if undone { "was given up" } else { "took over" });
        let message = format!("The failover {id} ended meanwhile: it {what}.");
        let error = ErrorRecord::new("FailoverOver", Category::InvalidOperation, message);
        return Err(error.hint("-WhatIf says where the database is now, and what the same command would do."));
    }
    let last = place.shared.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let report = last.filter(|last| last.id == record.id).unwrap_or_else(|| record.report(Vec::new()));
    for step in &report.steps {
        let _ = told.try_send(step.clone());
    }
    Ok(report)
}

/// Goes on with a failover to a place here that is decided, and of which only others are to be told.
pub(super) async fn resume(node: Arc<Node>, place: Arc<Place>) {
    let _alone = place.shared.runs.lock().await;
    let opens = place.clone();
    let opened = tokio::task::spawn_blocking(move || {
        if !opens.shared.file.exists() {
            return Ok(None);
        }
        let store = opens.open()?;
        let note = store.note(RunRecord::NOTE)?;
        let (epoch, highest) = (store.position()?.epoch, store.highest_epoch()?);
        let record = note.and_then(|note| serde_json::from_value::<RunRecord>(note).ok());
        let record = record.filter(|record| !record.overtaken(epoch, highest));
        Ok::<_, ErrorRecord>(record.map(|record| (store, record)))
    });
    let Ok(Ok(Some((store, record)))) = opened.await else { return };
    let Some(underway) = record.underway().filter(|_| record.goes_on_alone()) else { return };
    tracing::info!(failover = record.id, stage = ?record.stage, "a failover goes on");
    let choice = Choice {
        unfinished: Some(Unfinished { underway, undo: record.stage == Stage::Undo }),
        ..record.choice.clone()
    };
    // Nothing is written with anybody's leave any more: the database is taken over, or never will be.
    let entry = Entry {
        principal: record.by.clone(),
        cmdlet: "failover".into(),
        place: "Global".into(),
        parameters: serde_json::Value::Null,
        decision: Decision::Allowed,
        through: "system".into(),
        outcome: String::new(),
    };
    let order = Order { database: place.database().clone(), wish: Wish::Next, entry };
    let (told, _nobody) = mpsc::channel(STEPS);
    match drive(node, place.clone(), choice, order, told, store, Some(record)).await {
        Ok(report) => tracing::info!(failover = report.id, undone = report.undone, "the failover is over"),
        Err(error) => tracing::warn!(id = error.id(), "the failover is not over: {}", error.message()),
    }
}

async fn drive(
    node: Arc<Node>,
    place: Arc<Place>,
    choice: Choice,
    order: Order,
    told: mpsc::Sender<StepReport>,
    store: SqliteStore,
    record: Option<RunRecord>,
) -> Result<Report, ErrorRecord> {
    let id = SystemRandom.uuid().to_string();
    let machine = Run::begin(&id, choice.clone(), &order.entry.principal, record, Waits::default());
    let (seen, events) = mpsc::channel(STEPS);
    let carries = Arc::new(Carries {
        node,
        place: place.clone(),
        choice,
        order,
        active: Default::default(),
        silent: Default::default(),
    });
    let mut driver =
        Driver { machine, database: Opened::new(store), carries, seen, events, told, begun: Instant::now() };
    let report = driver.drive().await;
    if let Ok(report) = &report {
        *place.shared.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(report.clone());
    }
    report
}

/// Works that come back at a time: one is under way, and late ones of before.
const STEPS: usize = 16;

struct Driver {
    machine: Run,
    database: Opened,
    carries: Arc<Carries>,
    seen: mpsc::Sender<(u64, Result<Seen, ErrorRecord>)>,
    events: mpsc::Receiver<(u64, Result<Seen, ErrorRecord>)>,
    told: mpsc::Sender<StepReport>,
    begun: Instant,
}

impl Driver {
    async fn drive(&mut self) -> Result<Report, ErrorRecord> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut event = RunEvent::Start;
        loop {
            let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let now = Now { millis, clock: self.carries.node.clock().now().ticks };
            for effect in self.machine.step(now, event) {
                match effect {
                    RunEffect::Record(record) => {
                        let note = serde_json::to_value(&record).map_err(|error| unreadable(&error))?;
                        self.database.with(move |store| store.keep_note(RunRecord::NOTE, Some(&note))).await?;
                    }
                    RunEffect::Do { ticket, work, within } => {
                        let (carries, seen) = (self.carries.clone(), self.seen.clone());
                        tokio::spawn(async move {
                            let result = carries.carry_out(work, within).await;
                            // Nobody waits for it any more: the run is over.
                            let _ = seen.send((ticket, result)).await;
                        });
                    }
                    RunEffect::Told(step) => {
                        // Who ordered it may be gone; it goes on.
                        let _ = self.told.try_send(step);
                    }
                    RunEffect::Done(report) => return Ok(*report),
                    RunEffect::Failed(error) => return Err(error),
                }
            }
            event = tokio::select! {
                Some((ticket, result)) = self.events.recv() => RunEvent::Seen { ticket, result },
                _ = tick.tick() => self.overtaken().map_or(RunEvent::Tick, |epoch| RunEvent::Overtaken { epoch }),
            };
        }
    }

    /// The epoch that somebody entered since the place here took over, as the place has heard.
    fn overtaken(&self) -> Option<u64> {
        let record = self.machine.record().filter(|record| matches!(record.stage, Stage::Release | Stage::Follow))?;
        let says = self.carries.place.shared.says.borrow();
        let claim = &says.as_ref()?.claim;
        record.overtaken(claim.epoch, claim.highest_epoch).then_some(claim.highest_epoch)
    }
}

/// What carries out works.
struct Carries {
    node: Arc<Node>,
    place: Arc<Place>,
    choice: Choice,
    order: Order,
    /// Where the active store stood when the places were asked last.
    active: std::sync::Mutex<Option<Source>>,
    /// The replicas that did not answer then: they are not waited for.
    silent: std::sync::Mutex<Vec<String>>,
}

impl Carries {
    fn database(&self) -> &Database {
        &self.order.database
    }

    async fn carry_out(&self, work: Work, within: u64) -> Result<Seen, ErrorRecord> {
        match work {
            Work::AskPlaces { computers } => {
                let mut answers = all(&self.node, self.database(), &computers).await;
                // That one runs here is this one.
                let own = |answer: &&mut PlaceAnswer| same_name(&answer.computer, self.node.computer());
                if let Some(Ok(own)) = answers.iter_mut().find(own).map(|answer| &mut answer.state) {
                    own.runs = false;
                }
                if let Some(newest) = newest(&answers) {
                    *self.active.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(newest);
                }
                Ok(Seen::Places(answers))
            }
            Work::AskReplicas { after } => {
                let active = self.active.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
                let facts = match self.database() {
                    Database::CentralMgmt => replicas::facts(&self.node, active.as_ref(), after).await,
                    Database::Users(_) => Vec::new(),
                };
                let silent = facts.iter().filter(|fact| !fact.answered).map(|fact| fact.computer.clone()).collect();
                *self.silent.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = silent;
                Ok(Seen::Replicas(facts))
            }
            Work::Close { computer, underway } => {
                self.send(&computer, Travelling::Close(underway)).await.map(|state| Seen::At(state.position))
            }
            Work::Forget { failover, epoch } => {
                self.place.order(PlaceOrder::Forget { failover, epoch }, None).await.map(|()| Seen::Nothing)
            }
            Work::Reopen { computer, failover } => {
                self.send(&computer, Travelling::Reopen { failover }).await.map(|_| Seen::Nothing)
            }
            Work::Pull { from, to } => {
                // Of a planned failover the source's history counts; after a disaster only more of the same does.
                let parted = self.choice.mode == Mode::Planned;
                self.place.shared.pull(&from, &to, parted, Duration::from_millis(within)).await.map(Seen::At)
            }
            Work::Export => {
                let (node, database) = (self.node.clone(), self.database().clone());
                let exported = tokio::task::spawn_blocking(move || {
                    deployment::export(node.directory(), &database, node.clock().now())
                });
                let path = exported.await.map_err(|error| interrupted(&error))??;
                Ok(Seen::File(path.display().to_string()))
            }
            Work::Promote { failover, epoch, seen, above, must, placement, active_pool } => {
                self.promote(failover, (epoch, seen), above, must, &placement, active_pool).await
            }
            Work::Release { computers, failover, epoch } => {
                Ok(Seen::Told(self.release(computers, failover, epoch).await))
            }
            Work::WatchReplicas { epoch, version } => {
                let within = Duration::from_millis(within.saturating_sub(SOONER));
                Ok(Seen::Following(self.watch(epoch, version, within).await))
            }
        }
    }

    /// Gives an order to a place, this computer's own too.
    async fn send(&self, computer: &str, order: Travelling) -> Result<PlaceState, ErrorRecord> {
        if same_name(computer, self.node.computer()) {
            self.place.order(order.into(), None).await?;
            return own(&self.node, self.database()).await;
        }
        let path = format!("/v1/place/{}", self.database());
        ask::post(&self.node, computer, &path, &order, ask::OBEYS).await
    }

    async fn promote(
        &self,
        failover: String,
        (epoch, seen): (u64, u64),
        above: u64,
        must: Option<Source>,
        placement: &Placement,
        active_pool: Option<String>,
    ) -> Result<Seen, ErrorRecord> {
        let changes = self.changes(placement, active_pool).await?;
        let promotion = Promotion { must, above, grant: Grant::relayed(self.order.entry.clone()), changes };
        let order = PlaceOrder::Promote { failover, epoch, seen };
        match self.place.order(order, Some(Box::new(promotion))).await {
            Ok(()) => {}
            // The place did not live to say it.
            Err(error) if error.id() == UNANSWERED => return Ok(Seen::Unsure(error)),
            Err(error) => return Err(error),
        }
        // It took over; what is read after that cannot make that undone.
        Ok(own(&self.node, self.database()).await.map_or_else(Seen::Unsure, |state| Seen::At(state.position)))
    }

    /// What is written with the promotion: where the database is now. Of a user store the master writes that.
    async fn changes(&self, placement: &Placement, active_pool: Option<String>) -> Result<Vec<Change>, ErrorRecord> {
        if *self.database() != Database::CentralMgmt {
            return Ok(Vec::new());
        }
        let (place, mut changes) = (self.place.clone(), vec![placement.change(self.database())]);
        let (wanted, moves) = (self.choice.target.pool.clone(), active_pool.is_some());
        let moved = tokio::task::spawn_blocking(move || {
            let (topology, version) = topology::load(&place.open()?)?;
            // What the copy here says counts: it may be older than what the order was judged by, as one is that was put
            // back from an export. A draft names no active store, and cannot be changed.
            let active = topology.active_store().map(|active| active.pool);
            if active.as_ref().map_or(!moves, |active| same_name(active, &wanted)) {
                return Ok(None);
            }
            let topology = topology.with_active_pool(&wanted)?;
            Ok::<_, ErrorRecord>(Some(topology::change(&topology, Expected::Version(version))))
        });
        changes.extend(moved.await.map_err(|error| interrupted(&error))??);
        Ok(changes)
    }

    async fn release(
        &self,
        computers: Vec<String>,
        failover: String,
        epoch: u64,
    ) -> Vec<(String, Result<(), ErrorRecord>)> {
        let mut told = JoinSet::new();
        for computer in computers {
            let (node, path) = (self.node.clone(), format!("/v1/place/{}", self.database()));
            let order =
                Travelling::Release { failover: failover.clone(), computer: node.computer().to_string(), epoch };
            told.spawn(async move {
                let answer = ask::post::<PlaceState>(&node, &computer, &path, &order, ask::PATIENCE).await;
                (computer, answer.map(drop))
            });
        }
        let mut all = Vec::new();
        while let Some(one) = told.join_next().await {
            all.extend(one.ok());
        }
        all
    }

    /// Counts the replicas until all hold the version that were there before, or the time is over.
    async fn watch(&self, epoch: u64, version: u64, within: Duration) -> Vec<Following> {
        if *self.database() != Database::CentralMgmt {
            return Vec::new();
        }
        let begun = Instant::now();
        let silent = self.silent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        loop {
            let node = self.node.clone();
            let counted = tokio::task::spawn_blocking(move || node.control()?.replicas().ok()).await.ok().flatten();
            let replicas = counted.unwrap_or_default();
            let holds = |state: &crate::replication::ReplicaState| {
                state.epoch == Some(epoch) && state.version_held.is_some_and(|held| held >= version)
            };
            let gone = |state: &crate::replication::ReplicaState| {
                silent.iter().any(|name| same_name(name, &state.replica_fqdn))
            };
            let all = !replicas.is_empty() && replicas.iter().all(|state| holds(state) || gone(state));
            if all || begun.elapsed() >= within {
                return replicas
                    .into_iter()
                    .map(|state| Following {
                        up_to_date: holds(&state),
                        version: state.version_held,
                        reason: if holds(&state) { None } else { state.reason.clone() },
                        computer: state.replica_fqdn,
                    })
                    .collect();
            }
            tokio::time::sleep(COUNTS).await;
        }
    }
}

/// Where the newest of these places stands: the replicas are to be there too.
pub(super) fn newest(answers: &[PlaceAnswer]) -> Option<Source> {
    let states = answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    states.map(|state| &state.position).max_by_key(|at| (at.epoch, at.version)).cloned()
}

/// What these places say, this computer's own too.
pub(super) async fn all(node: &Arc<Node>, database: &Database, computers: &[String]) -> Vec<PlaceAnswer> {
    let others: Vec<String> =
        computers.iter().filter(|computer| !same_name(computer, node.computer())).cloned().collect();
    let here = others.len() < computers.len();
    let (mut answers, own) = tokio::join!(ask::places(node, database, others, ask::PATIENCE), own(node, database));
    if here {
        answers.insert(0, PlaceAnswer { computer: node.computer().to_string(), state: own });
    }
    answers
}

/// What this computer says of its own place.
async fn own(node: &Arc<Node>, database: &Database) -> Result<PlaceState, ErrorRecord> {
    let (node, database) = (node.clone(), database.clone());
    let read = tokio::task::spawn_blocking(move || state::state(&node, &database));
    read.await.map_err(|error| interrupted(&error))?
}

fn underway(node: &Node, database: &Database, runs: Option<&Underway>) -> ErrorRecord {
    let which = runs.map_or_else(String::new, |runs| format!(" {}", runs.sentence()));
    let message = format!("A failover of {} is being carried out at {}.{which}", database.called(), node.computer());
    ErrorRecord::new("FailoverUnderway", Category::ResourceBusy, message)
        .hint("Wait until it is over; -WhatIf says then where the database is, and what the command would do.")
}

fn unreadable(error: &serde_json::Error) -> ErrorRecord {
    let message = format!("The record of a failover cannot be read or written: {error}.");
    ErrorRecord::new("RecordInvalid", Category::InvalidData, message)
}
