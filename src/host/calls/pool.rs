//! The threads on which calls run. A thread is made when no other is free, and ends when nobody needed it for a while.

use super::{Caller, Limits, Opener, Place, Query};
use crate::access::Gate;
use crate::cmdlet::context::LOCAL_STORE;
use crate::cmdlet::registry::Registry;
use crate::cmdlet::remote::Lines;
use crate::cmdlet::remote::lines::Call;
use crate::cmdlet::remote::served::{self, Client};
use crate::cmdlet::{Host, Maker, Message, Session, Side};
use crate::deployment::Deployment;
use crate::env::memory;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Value, same_name};
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Stack of a thread, in bytes: values of the depth that travels, and the cmdlets above them, take a tenth of it.
const STACK: usize = 8 << 20;
/// How long a thread without work waits for some.
const IDLE: Duration = Duration::from_secs(60);
/// Principals whose gates a thread keeps; beyond, it forgets all of them.
const GATES: usize = 32;

/// Whether this computer holds the active store.
pub type Active = Arc<dyn Fn() -> Result<(), ErrorRecord> + Send + Sync>;

/// Something for a thread to do.
pub(super) struct Job {
    pub caller: Caller,
    pub work: Work,
    /// Set when the client is gone or the server stops.
    pub interrupt: Arc<AtomicBool>,
    /// Given back when the job is done, and nothing of it is open any more.
    pub place: Place,
}

pub(super) enum Work {
    Call(Box<Lines>),
    Ask(Query, oneshot::Sender<Result<Json, ErrorRecord>>),
}

pub(super) struct Pool(Arc<Shared>);

struct Shared {
    open: Opener,
    active: Active,
    limits: Limits,
    registry: Maker<Registry>,
    state: Mutex<State>,
    work: Condvar,
    stopping: AtomicBool,
    /// Counts up when what threads have open is over.
    generation: Arc<AtomicU64>,
}

#[derive(Default)]
struct State {
    /// As many as there are places at most.
    waiting: VecDeque<Job>,
    idle: usize,
    /// Threads that live.
    threads: usize,
    running: Vec<Weak<AtomicBool>>,
}

impl Pool {
    pub fn new(open: Opener, active: Active, limits: Limits, registry: Maker<Registry>) -> Pool {
        let (state, work, stopping) = (Mutex::default(), Condvar::new(), AtomicBool::new(false));
        let generation = Arc::default();
        Pool(Arc::new(Shared { open, active, limits, registry, state, work, stopping, generation }))
    }

    /// Counts up when what threads have open is to be opened anew.
    pub fn generation(&self) -> Arc<AtomicU64> {
        self.0.generation.clone()
    }

    /// Hands a job to a thread.
    pub fn run(&self, job: Job) -> Result<(), ErrorRecord> {
        let mut state = self.0.lock();
        if self.0.stopping.load(Ordering::Relaxed) {
            return Err(stopping());
        }
        state.running.retain(|flag| flag.strong_count() > 0);
        state.running.push(Arc::downgrade(&job.interrupt));
        state.waiting.push_back(job);
        if state.idle >= state.waiting.len() {
            self.0.work.notify_one();
            return Ok(());
        }
        let shared = self.0.clone();
        state.threads += 1;
        let made = std::thread::Builder::new().name("call".into()).stack_size(STACK).spawn(move || {
            shared.thread();
            shared.lock().threads -= 1;
        });
        if let Err(error) = made {
            state.threads -= 1;
            state.waiting.pop_back();
            let message = format!("The server has no thread for a call: {error}.");
            return Err(ErrorRecord::new("ServerBusy", Category::ResourceUnavailable, message));
        }
        Ok(())
    }

    /// Whether no thread lives: nothing is open any more.
    pub fn is_empty(&self) -> bool {
        self.0.lock().threads == 0
    }

    /// Takes nothing more and stops what runs.
    pub fn stop(&self) {
        let mut state = self.0.lock();
        self.0.stopping.store(true, Ordering::Relaxed);
        state.waiting.clear();
        for flag in state.running.drain(..).filter_map(|flag| flag.upgrade()) {
            flag.store(true, Ordering::Relaxed);
        }
        self.0.work.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // What is changed under the lock is a list and a number, each in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn thread(&self) {
        let mut desk = Desk::default();
        while let Some(job) = self.next() {
            // A defect in a cmdlet ends its call, not the server.
            let Job { caller, work, interrupt, place } = job;
            let done = catch_unwind(AssertUnwindSafe(|| desk.serve(self, &caller, work, interrupt)));
            // A replica is another one after a full snapshot.
            if done.is_err() || !self.limits.keep_open || desk.has_replica() {
                desk = Desk { registry: desk.registry.take(), ..Desk::default() };
            }
            drop(place);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if self.stopping.load(Ordering::Relaxed) {
                return None;
            }
            state.idle += 1;
            let (now, waited) = self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = now;
            state.idle -= 1;
            if waited.timed_out() && state.waiting.is_empty() {
                return None;
            }
        }
    }
}

/// What a thread keeps between calls.
#[derive(Default)]
struct Desk {
    deployment: Option<Rc<Deployment>>,
    /// What each session's registry is made of: hundreds of cmdlets, the same for all.
    registry: Option<Registry>,
    /// The generation that it was opened in.
    generation: u64,
    /// By caller and by whom it asks to be.
    gates: Vec<(Caller, Option<String>, Rc<Gate>)>,
}

impl Desk {
    /// Whether what it has open is a replica.
    fn has_replica(&self) -> bool {
        self.deployment.as_ref().is_some_and(|open| open.is_replica())
    }

    fn serve(&mut self, shared: &Shared, caller: &Caller, work: Work, interrupt: Arc<AtomicBool>) {
        match work {
            Work::Call(lines) => self.call(shared, caller, *lines, interrupt),
            Work::Ask(query, answer) => {
                // Who asked may be gone.
                let _ = answer.send(self.ask(shared, caller, query));
            }
        }
    }

    fn call(&mut self, shared: &Shared, caller: &Caller, lines: Lines, interrupt: Arc<AtomicBool>) {
        // What an earlier call left behind in memory does not count against this one.
        memory::begin();
        let Some((call, client)) = Client::greet(lines, interrupt.clone(), shared.limits.patience) else { return };
        let mut session = match self.session(shared, caller, call.user.as_deref(), Box::new(client.clone())) {
            Ok(session) => session,
            Err(error) => return client.fail(&self.misdirected(shared, &call).unwrap_or(error)),
        };
        session.interrupt = interrupt;
        let start = Instant::now();
        let result = served::serve(&session, &client, &call, &*shared.active);
        measure(&session, &call.cmdlet, &result, start.elapsed());
        if matches!(result, Err(Halt::Interrupted)) && shared.stopping.load(Ordering::Relaxed) {
            tracing::info!(cmdlet = call.cmdlet, "stopped because the server stops");
        }
    }

    fn ask(&mut self, shared: &Shared, caller: &Caller, query: Query) -> Result<Json, ErrorRecord> {
        let Query::Names { command, parameter, word, user } = query;
        let session = self.session(shared, caller, user.as_deref(), Box::new(Nobody))?;
        Ok(Json::from(crate::shell::names(&session, &command, &parameter, &word)))
    }

    /// A session of the caller on this thread's connection to the store.
    fn session(
        &mut self,
        shared: &Shared,
        caller: &Caller,
        user: Option<&str>,
        outside: Box<dyn Host>,
    ) -> Result<Session, ErrorRecord> {
        // Read before it is opened: what changes meanwhile is seen by the next call.
        let generation = shared.generation.load(Ordering::Acquire);
        let deployment = match &self.deployment {
            Some(open) if generation == self.generation && !open.is_replica() => open.clone(),
            // A replica may be another file now, and what it knows of people too.
            _ => {
                self.gates.clear();
                self.generation = generation;
                self.deployment.insert(Rc::new((shared.open)()?)).clone()
            }
        };
        let same = |(known, of, _): &&(Caller, Option<String>, Rc<Gate>)| known == caller && of.as_deref() == user;
        let gate = match self.gates.iter().find(same) {
            Some((_, _, gate)) => gate.clone(),
            None => {
                let gate = Rc::new(Gate::new(caller.principal(&deployment, user)?));
                if self.gates.len() >= GATES {
                    self.gates.clear();
                }
                self.gates.push((caller.clone(), user.map(String::from), gate.clone()));
                gate
            }
        };
        Ok(Session::with_registry(outside, self.registry(shared).another()).over(deployment).with_gate(gate))
    }

    fn registry(&mut self, shared: &Shared) -> &Registry {
        self.registry.get_or_insert_with(|| (shared.registry)())
    }

    /// Why a call that cannot be served here should have gone elsewhere, if it should.
    fn misdirected(&mut self, shared: &Shared, call: &Call) -> Option<ErrorRecord> {
        let local = call.bound.values.iter().any(|(name, _)| same_name(name, LOCAL_STORE));
        let native = self.registry(shared).native(&call.cmdlet);
        let server_side = native.is_some_and(|native| native.entry.side == Side::Server);
        if server_side && !local { (shared.active)().err() } else { None }
    }
}

/// Counts a call; by names that there are alone, because others come from outside and know no end.
fn measure(session: &Session, cmdlet: &str, result: &Result<(), Halt>, took: Duration) {
    let name = session.registry.native(cmdlet).map_or("unknown".into(), |native| native.entry.name.to_string());
    let outcome = match result {
        Ok(()) => "done",
        Err(Halt::Error(error)) if error.category() == Category::PermissionDenied => "denied",
        Err(Halt::Error(_)) => "failed",
        Err(_) => "cancelled",
    };
    metrics::counter!("reeve_calls_total", "cmdlet" => name, "outcome" => outcome).increment(1);
    metrics::histogram!("reeve_call_seconds").record(took.as_secs_f64());
}

/// The outside of a session that only looks something up.
struct Nobody;

impl Host for Nobody {
    fn output(&self, _: Value) {}
    fn message(&self, _: Message) {}
}

/// A thread ended in the middle of its work.
pub(super) fn broken() -> ErrorRecord {
    let message = "A defect of the server ended what was asked for.";
    ErrorRecord::new("ServerDefect", Category::NotSpecified, message).hint("The server's log says more.")
}

fn stopping() -> ErrorRecord {
    ErrorRecord::new("ServerStopping", Category::ResourceUnavailable, "The server is being stopped.")
        .hint("Try again when it runs again.")
}
