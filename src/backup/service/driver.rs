//! Runs the synchronisations of one computer: the cycle, and those that somebody asks for.

use super::super::control::{Extent, SyncProgress, SyncReport};
use super::super::module::Module;
use super::duty::{Duty, Key};
use super::record::Record;
use super::schedule::Turn;
use super::settings::Settings;
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::value::{DateTime, same_name};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How many may wait for one synchronisation: more than people ask at once, few enough for what they hold.
const WAITING: usize = 64;
/// How long it waits before it reads its plan again after that failed.
const AGAIN: Duration = Duration::from_secs(5);
/// Between two readings of the plan: a store that changes all the time is not read all the time.
const GAP: Duration = Duration::from_millis(100);
/// The longest sleep: clocks of machines that were suspended are looked at again.
const LONGEST: Duration = Duration::from_secs(60);

/// What this computer takes, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What it takes.
    pub duties: Vec<Duty>,
    /// The settings.
    pub settings: Settings,
}

/// What the driver needs of its surroundings.
pub trait Works: Send + Sync + 'static {
    /// What this computer takes, as it knows now. Called on a thread that may wait.
    ///
    /// # Errors
    /// What keeps it from knowing.
    fn plan(&self) -> Result<Plan, ErrorRecord>;

    /// One synchronisation. Whoever drops it ends it.
    fn run(self: Arc<Self>, duty: Duty, extent: Extent, told: Teller) -> Pending<Result<SyncReport, ErrorRecord>>;

    /// The time of day.
    fn now(&self) -> DateTime;

    /// From 0 to 1, another one each time.
    fn jitter(&self) -> f64;

    /// What is known of the past of a module. Called on a thread that may wait.
    fn recall(&self, key: &Key) -> Record;

    /// Keeps it. Called on a thread that may wait.
    ///
    /// # Errors
    /// What kept it from being written.
    fn keep(&self, key: &Key, record: &Record) -> Result<(), ErrorRecord>;
}

/// How far a synchronisation is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Another one of the module runs, or as many as there may be.
    Waiting,
    /// It runs.
    Running(SyncProgress),
    /// It is over.
    Done(Result<SyncReport, ErrorRecord>),
}

/// Tells how far a synchronisation is.
#[derive(Clone)]
pub struct Teller {
    phase: Arc<watch::Sender<Phase>>,
    /// When it last told anything.
    told: Arc<Mutex<Instant>>,
}

impl Teller {
    fn to(phase: Arc<watch::Sender<Phase>>) -> Teller {
        Teller { phase, told: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Tells it to whoever waits.
    pub fn tell(&self, what: impl Into<String>, percent: Option<u8>) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.phase.send_replace(Phase::Running(SyncProgress { what: what.into(), percent }));
    }

    /// For how long nothing was told.
    fn silent(&self) -> Duration {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// A synchronisation that somebody asked for. When all who asked for it have dropped theirs, it ends.
pub struct Ticket(watch::Receiver<Phase>);

impl Ticket {
    /// How far it is.
    pub fn phase(&mut self) -> Phase {
        self.0.borrow_and_update().clone()
    }

    /// Waits until there is something new.
    ///
    /// # Errors
    /// `BackupStopped` where the service ends.
    pub async fn changed(&mut self) -> Result<(), ErrorRecord> {
        self.0.changed().await.map_err(|_| stopped())
    }
}

/// What is known of a module that this computer takes.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What it is.
    pub duty: Duty,
    /// Its past.
    pub record: Record,
    /// One is under way, and has told nothing for so long.
    pub running: Option<Duration>,
}

/// The backup service of a computer.
pub struct Driver {
    works: Arc<dyn Works>,
    begun: Instant,
    state: Mutex<State>,
    /// Something is to be begun, or is over.
    woken: Notify,
    /// The plan is to be read again.
    again: AtomicBool,
}

#[derive(Default)]
struct State {
    slots: BTreeMap<Key, Slot>,
    settings: Settings,
    running: usize,
    /// The next number of an order: who asks first is served first.
    orders: u64,
    stopped: bool,
}

struct Slot {
    duty: Duty,
    record: Record,
    turn: Turn,
    running: Option<Teller>,
    next: Option<Order>,
    /// It is this computer's no longer; it goes when what runs is over.
    leaving: bool,
}

struct Order {
    number: u64,
    extent: Extent,
    phase: Arc<watch::Sender<Phase>>,
}

impl Driver {
    /// Starts it. It reads its plan again when `changes` moves, and ends with `stop`. Called within a runtime.
    pub fn start(works: Arc<dyn Works>, changes: watch::Receiver<u64>, stop: watch::Receiver<bool>) -> Arc<Driver> {
        let driver = Arc::new(Driver {
            works,
            begun: Instant::now(),
            state: Mutex::default(),
            woken: Notify::new(),
            again: AtomicBool::new(false),
        });
        tokio::spawn(driver.clone().follow(changes, stop));
        driver
    }

    /// Asks for a synchronisation that begins after this moment; one that runs already may have gone past what was
    /// changed. Those who ask while one runs share the next. `failover`: a failover of the pool orders it.
    ///
    /// # Errors
    /// `BackupNotReady` where this computer does not take the module, or does not know of the failover yet;
    /// `FailoverUnderway` where the pool's users are on their way and no failover orders it; `BackupBusy`,
    /// `BackupStopped`.
    pub fn ask(&self, key: &Key, extent: Extent, failover: bool) -> Result<Ticket, ErrorRecord> {
        let mut state = self.state();
        if state.stopped {
            return Err(stopped());
        }
        let number = state.orders;
        state.orders += 1;
        let slot = state.slots.get_mut(key).filter(|slot| !slot.leaving).ok_or_else(|| not_here(key))?;
        match (slot.duty.waits, failover) {
            (true, false) => return Err(slot.duty.moving()),
            // From now on nothing but the failover's own orders moves files: that is what it counts on.
            (false, true) if key.module == Module::DataConf => return Err(not_told(key)),
            _ => {}
        }
        let order = slot.next.get_or_insert_with(|| Order {
            number,
            extent,
            phase: Arc::new(watch::Sender::new(Phase::Waiting)),
        });
        if order.phase.receiver_count() >= WAITING {
            let message =
                format!("{WAITING} wait for the next synchronisation of {} of {}.", key.module.name(), key.pool);
            return Err(ErrorRecord::new("BackupBusy", Category::ResourceBusy, message).hint("Wait for theirs."));
        }
        order.extent = order.extent.max(extent);
        let ticket = Ticket(order.phase.subscribe());
        drop(state);
        self.woken.notify_one();
        Ok(ticket)
    }

    /// The plan may be another one now, though nothing in the store changed.
    pub fn look_again(&self) {
        self.again.store(true, Ordering::Relaxed);
        self.woken.notify_one();
    }

    /// What this computer takes of a pool.
    pub fn looked(&self, pool: &str) -> Vec<Looked> {
        let state = self.state();
        let slots = state.slots.values().filter(|slot| !slot.leaving && same_name(&slot.duty.pool, pool));
        slots
            .map(|slot| Looked {
                duty: slot.duty.clone(),
                record: slot.record.clone(),
                running: slot.running.as_ref().map(Teller::silent),
            })
            .collect()
    }

    /// The settings as it knows them.
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    async fn follow(self: Arc<Self>, mut changes: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        changes.mark_changed();
        // Until when it does not read its plan, though something changed.
        let mut quiet = Instant::now();
        let mut stale = true;
        loop {
            let again = self.again.swap(false, Ordering::Relaxed);
            if again || changes.has_changed().unwrap_or(false) {
                changes.mark_unchanged();
                quiet = quiet.min(Instant::now() + GAP);
                stale = true;
            }
            if stale && Instant::now() >= quiet {
                stale = !self.read().await;
                quiet = Instant::now() + if stale { AGAIN } else { GAP };
            }
            let next = self.begin_due(&stop);
            let rest = if stale { next.min(quiet.saturating_duration_since(Instant::now())) } else { next };
            tokio::select! {
                changed = changes.changed() => match changed {
                    Ok(()) if stale => quiet = quiet.min(Instant::now() + GAP),
                    Ok(()) => stale = true,
                    Err(_) => break,
                },
                () = self.woken.notified() => {}
                () = tokio::time::sleep(rest) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        let mut state = self.state();
        state.stopped = true;
        // Whoever waits learns it by their being dropped.
        state.slots.clear();
    }

    /// Reads the plan; `false` where that failed.
    async fn read(self: &Arc<Self>) -> bool {
        let driver = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let plan = driver.works.plan()?;
            let known: Vec<Key> = driver.state().slots.keys().cloned().collect();
            let new = plan.duties.iter().map(Duty::key).filter(|key| !known.contains(key));
            let records: Vec<(Key, Record)> = new.map(|key| (key.clone(), driver.works.recall(&key))).collect();
            Ok::<_, ErrorRecord>((plan, records))
        });
        let (plan, records) = match read.await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => {
                tracing::debug!(id = error.id(), "the backup service does not know what it takes: {}", error.message());
                return false;
            }
            Err(_) => return false,
        };
        let now = self.begun.elapsed();
        let mut state = self.state();
        state.settings = plan.settings;
        let mut records: BTreeMap<Key, Record> = records.into_iter().collect();
        for slot in state.slots.values_mut() {
            slot.leaving = true;
        }
        for duty in plan.duties {
            let key = duty.key();
            let jitter = self.works.jitter();
            let slot = state.slots.entry(key.clone()).or_insert_with(|| Slot {
                duty: duty.clone(),
                record: records.remove(&key).unwrap_or_default(),
                turn: Turn::new(now, jitter),
                running: None,
                next: None,
                leaving: false,
            });
            slot.leaving = false;
            if slot.duty != duty {
                // It comes from somebody else now: at once, not when the interval of the old one is over.
                slot.turn = Turn::new(now, jitter);
                slot.duty = duty;
            }
        }
        state.slots.retain(|_, slot| !slot.leaving || slot.running.is_some());
        true
    }

    /// Begins what is due or asked for, as many as may run; how long until the next is due.
    fn begin_due(self: &Arc<Self>, stop: &watch::Receiver<bool>) -> Duration {
        let now = self.begun.elapsed();
        let mut state = self.state();
        let (most, interval) = (state.settings.concurrent.max(1), state.settings.interval);
        let mut ready: Vec<(u64, Duration, Key)> = Vec::new();
        let mut next = LONGEST;
        for (key, slot) in state.slots.iter().filter(|(_, slot)| slot.running.is_none() && !slot.leaving) {
            let due = slot.turn.due(interval);
            match &slot.next {
                Some(order) => ready.push((order.number, due, key.clone())),
                // What is to go meanwhile the failover says.
                None if slot.duty.waits => {}
                None if due <= now => ready.push((u64::MAX, due, key.clone())),
                None => next = next.min(due.saturating_sub(now)),
            }
        }
        ready.sort();
        for (_, _, key) in ready {
            if state.running >= most {
                // One that ends wakes this.
                break;
            }
            let jitter = self.works.jitter();
            let Some(slot) = state.slots.get_mut(&key) else { continue };
            let order = slot.next.take();
            let phase =
                order.as_ref().map_or_else(|| Arc::new(watch::Sender::new(Phase::Waiting)), |o| o.phase.clone());
            let teller = Teller::to(phase);
            slot.running = Some(teller.clone());
            slot.turn.begins(now, jitter);
            let duty = slot.duty.clone();
            state.running += 1;
            tokio::spawn(self.clone().one(key, duty, order, teller, stop.clone()));
        }
        next
    }

    /// One synchronisation, from its beginning to its record.
    async fn one(
        self: Arc<Self>,
        key: Key,
        duty: Duty,
        order: Option<Order>,
        teller: Teller,
        mut stop: watch::Receiver<bool>,
    ) {
        let (asked, extent) = (order.is_some(), order.as_ref().map(|order| order.extent).unwrap_or_default());
        let phase = teller.phase.clone();
        teller.tell("Begins", None);
        let attempt = self.works.now();
        let source = duty.source.clone();
        let gone = async { if asked { phase.closed().await } else { std::future::pending().await } };
        let result = tokio::select! {
            result = self.works.clone().run(duty, extent, teller) => Some(result),
            () = gone => None,
            _ = stop.wait_for(|stop| *stop) => None,
        };
        let mut record = self.state().slots.get(&key).map(|slot| slot.record.clone()).unwrap_or_default();
        record.last_attempt = Some(attempt);
        record.source = source;
        match &result {
            Some(Ok(report)) => {
                record.last_success = Some(self.works.now());
                record.error = None;
                record.report = report.clone();
            }
            Some(Err(error)) => record.error = Some(format!("{}: {}", error.id(), error.message())),
            // Nobody wanted it any more: that is no failure.
            None => {}
        }
        if result.is_some() {
            let (driver, kept, of) = (self.clone(), record.clone(), key.clone());
            let written = tokio::task::spawn_blocking(move || driver.works.keep(&of, &kept)).await;
            if let Ok(Err(error)) = written {
                tracing::warn!(id = error.id(), "{}", error.message());
            }
        }
        {
            let mut state = self.state();
            state.running = state.running.saturating_sub(1);
            if let Some(slot) = state.slots.get_mut(&key) {
                slot.running = None;
                slot.record = record;
                slot.turn.ended(result.as_ref().is_none_or(Result::is_ok));
                if slot.leaving {
                    state.slots.remove(&key);
                }
            }
        }
        match &result {
            Some(Ok(report)) => {
                for conflict in &report.conflicts {
                    tracing::warn!(pool = key.pool, "{conflict}");
                }
                tracing::debug!(pool = key.pool, module = key.module.name(), ?report, "synchronised");
            }
            Some(Err(error)) => {
                tracing::warn!(pool = key.pool, module = key.module.name(), id = error.id(), "{}", error.message());
            }
            None => tracing::debug!(pool = key.pool, module = key.module.name(), "synchronisation stopped"),
        }
        phase.send_replace(Phase::Done(result.unwrap_or_else(|| Err(stopped()))));
        self.woken.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_told(key: &Key) -> ErrorRecord {
    let message = format!("This computer does not know yet that the users of {} are on their way.", key.pool);
    ErrorRecord::new("BackupNotReady", Category::ResourceUnavailable, message)
        .hint("Its replica may be behind: Get-CsManagementStoreReplicationStatus says so.")
}

fn not_here(key: &Key) -> ErrorRecord {
    let message = format!("This computer does not take {} of {}.", key.module.name(), key.pool);
    ErrorRecord::new("BackupNotReady", Category::ResourceUnavailable, message)
        .hint("Its replica may be behind the topology: Get-CsManagementStoreReplicationStatus says so.")
}

fn stopped() -> ErrorRecord {
    let message = "The synchronisation was stopped; what was completed stays.";
    ErrorRecord::new("BackupStopped", Category::OperationStopped, message)
        .hint("Start it again: it goes on from there.")
}
