//! The thread that keeps files and hook up with the database.

use super::changed::{self, Trouble};
use super::files::FOLDER;
use super::hook::{Hook, Place, Told};
use super::pass::{self, State};
use crate::error::{Category, ErrorRecord};
use crate::replication::storage::ReplicaStore;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long it waits after files could not be written: a disk is rarely freed sooner.
const AGAIN: Duration = Duration::from_secs(30);

/// What a worker works on.
#[derive(Clone, Debug)]
pub struct Options {
    /// The host directory: where the hook runs, and the deployment of a script.
    pub directory: PathBuf,
    /// The replica's folder.
    pub replica: PathBuf,
    /// What to run when documents changed.
    pub hook: Option<Hook>,
    /// The program that runs scripts; this one if `None`.
    pub executable: Option<PathBuf>,
}

/// The thread that writes files and runs the hook. It starts at once with what was left, and ends, a running hook with
/// it, when this is dropped.
pub struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// The newest version to be written: one that comes takes the place of one that waits.
    mail: Mutex<Option<u64>>,
    came: Condvar,
    stop: AtomicBool,
}

impl Worker {
    /// Starts a worker. `report` is told after each pass, on the worker's thread, what stands in the way of documents
    /// or hook (`Id: message`), or that nothing does.
    ///
    /// # Errors
    /// `WorkerNotStarted` where the system gives no thread.
    pub fn start(options: Options, report: impl FnMut(Option<String>) + Send + 'static) -> Result<Worker, ErrorRecord> {
        let shared = Arc::new(Shared { mail: Mutex::new(Some(0)), ..Shared::default() });
        let of_thread = shared.clone();
        let mut report = report;
        let thread = std::thread::Builder::new()
            .name("documents".into())
            .spawn(move || run(&options, &of_thread, &mut report))
            .map_err(|error| {
                let message = format!("The thread that writes documents cannot be started: {error}.");
                ErrorRecord::new("WorkerNotStarted", Category::ResourceUnavailable, message)
                    .hint("See how many threads the system allows this user.")
            })?;
        Ok(Worker { shared, thread: Some(thread) })
    }

    /// Tells it that a version was applied. It never waits.
    pub fn changed(&self, version: u64) {
        *self.shared.mail.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
        self.shared.came.notify_one();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        {
            // Under the lock, so that the thread is not between looking and waiting.
            let _mail = self.shared.mail.lock().unwrap_or_else(PoisonError::into_inner);
            self.shared.stop.store(true, Ordering::Release);
            self.shared.came.notify_one();
        }
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Waits for mail, or until something is to be tried again; `false` when it is to end.
    fn wait(&self, again: bool) -> bool {
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.stop.load(Ordering::Acquire) {
                return false;
            }
            if mail.take().is_some() {
                return true;
            }
            // It is woken for mail and for the end; an hour is as good as for ever.
            let limit = if again { AGAIN } else { Duration::from_secs(3600) };
            let (next, waited) = self.came.wait_timeout(mail, limit).unwrap_or_else(PoisonError::into_inner);
            mail = next;
            if again && waited.timed_out() {
                return true;
            }
        }
    }
}

fn run(options: &Options, shared: &Shared, report: &mut dyn FnMut(Option<String>)) {
    let stop = || shared.stop.load(Ordering::Acquire);
    let executable = options.executable.clone().or_else(|| std::env::current_exe().ok()).unwrap_or_default();
    let mut round = Round { options, executable, whole: None, tried: None };
    let mut again = false;
    while shared.wait(again) {
        let error = round.run(&stop).err();
        if stop() {
            return;
        }
        again = error.as_ref().is_some_and(|error| !error.id().starts_with("Hook"));
        if let Some(error) = &error {
            tracing::warn!(id = error.id(), error = error.message(), "documents or hook failed");
        }
        report(error.map(|error| text(&error)));
    }
}

/// What a worker keeps between passes.
struct Round<'a> {
    options: &'a Options,
    executable: PathBuf,
    /// Whether all files were looked at, or need not be, since it started; with the run of the operating system.
    whole: Option<String>,
    /// The sequence with which the hook was last run without success, and the error.
    tried: Option<(i64, ErrorRecord)>,
}

impl Round<'_> {
    fn run(&mut self, stop: &dyn Fn() -> bool) -> Result<(), ErrorRecord> {
        let replica = &self.options.replica;
        // Opened anew each time: a database that was damaged is another now.
        let Some(store) = ReplicaStore::open(replica)? else { return Ok(()) };
        // What is kept here can be found out again: it need not wait for the disk.
        store.connection().pragma_update(None, "synchronous", "NORMAL").map_err(|e| store.failed(&e))?;
        let (boot, whole) = match &self.whole {
            Some(boot) => (boot.clone(), false),
            None => {
                let boot = boot();
                let before = pass::state(store.connection()).map_err(|e| store.failed(&e))?;
                let whole = boot.is_empty() || boot != before.boot;
                (boot, whole)
            }
        };
        let state = match pass::project(&store, replica, &boot, whole, stop) {
            Ok((state, _)) => state,
            Err(error) => {
                self.keep(&store, Trouble::Documents, &error, stop);
                return Err(error);
            }
        };
        self.whole = Some(boot);
        self.hook(&store, &state, stop)
    }

    fn hook(&mut self, store: &ReplicaStore, state: &State, stop: &dyn Fn() -> bool) -> Result<(), ErrorRecord> {
        let Some(hook) = &self.options.hook else { return changed::done(store, state) };
        if state.hooked == state.projected {
            return Ok(());
        }
        if let Some((sequence, error)) = &self.tried
            && *sequence == state.projected
        {
            return Err(error.clone());
        }
        let (list, count) = changed::write(store, &self.options.replica, state)?;
        if count == 0 {
            return changed::done(store, state);
        }
        let documents = self.options.replica.join(FOLDER);
        let told = Told { documents: &documents, changed: &list, version: state.version, epoch: state.epoch };
        let place = Place { directory: &self.options.directory, executable: &self.executable };
        match hook.run(&place, &told, stop) {
            Ok(()) => {
                self.tried = None;
                changed::done(store, state)
            }
            Err(error) => {
                self.keep(store, Trouble::Hook, &error, stop);
                self.tried = Some((state.projected, error.clone()));
                Err(error)
            }
        }
    }

    /// Keeps what went wrong, for who asks after a restart; where that cannot be written the report still says it.
    fn keep(&self, store: &ReplicaStore, what: Trouble, error: &ErrorRecord, stop: &dyn Fn() -> bool) {
        if !stop() {
            let _ = changed::trouble(store, what, &text(error));
        }
    }
}

/// An error with what to do about it: where it is read, its hints are gone.
fn text(error: &ErrorRecord) -> String {
    let mut text = format!("{}: {}", error.id(), error.message());
    for hint in error.hints() {
        text.push(' ');
        text.push_str(hint);
    }
    text
}

/// The run of the operating system; empty where it does not say.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_string()).unwrap_or_default()
}
