//! Following and feeding: the log of a database on its way between its places.

use super::driver::Said;
use super::slot::{Lent, Slot};
use super::{Shared, mirror_of, rumour};
use crate::backup::log::{
    ALONE_AFTER, Feeds, FeedsOptions, HttpTransport, Mode, Puller, PullerOptions, Status, Traffic, Transport,
    sync_once, sync_until,
};
use crate::deployment::offline::source;
use crate::env::SystemRandom;
use crate::error::{Category, ErrorRecord};
use crate::failover::{PlaceEvent, PlaceState, Source};
use crate::host::node::Node;
use crate::store::{Placed, Position, SqliteStore};
use crate::topology::Database;
use crate::value::{DateTime, same_name};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long the follower that runs is given to come to a row by itself, before it is asked for: it is told of each row at
/// once.
const SOON: Duration = Duration::from_millis(500);

/// What this place follows, and how.
#[derive(Default)]
pub(super) struct Following {
    running: Slot<Runs>,
    /// Whom the place is to follow.
    wish: Mutex<Option<String>>,
    /// Somebody waits to look whether it still fits the topology.
    refits: AtomicBool,
    /// What the follower says of itself; the last one's words stay.
    status: Mutex<Option<watch::Receiver<Status>>>,
    /// When followers before this one were last answered.
    heard: Mutex<Option<DateTime>>,
    /// What its followers carried, one after the other.
    traffic: Traffic,
}

/// A follower at work.
struct Runs {
    whom: String,
    synchronous: bool,
    puller: Puller,
    watch: JoinHandle<()>,
}

impl Runs {
    async fn end(self) {
        self.watch.abort();
        self.puller.stop().await;
    }
}

/// Those that follow a database here.
pub(super) fn feeds(node: &Arc<Node>, database: &Database, inbox: &mpsc::Sender<Said>) -> Arc<Feeds> {
    let (file, clock, inbox) = (node.directory().database(database), node.clock().clone(), inbox.clone());
    let opens = clock.clone();
    Feeds::new(FeedsOptions {
        open: Arc::new(move || {
            let store: Box<dyn Placed + Send> = Box::new(SqliteStore::open_with(&file, opens.clone())?);
            Ok(store)
        }),
        clock,
        newer: Arc::new(move |epoch, computer: &str| {
            // Where the place has too much to do it asks the others itself, a little later.
            let _ = inbox.try_send(Said::Event(PlaceEvent::Heard(rumour(computer, epoch))));
        }),
        alone_after: ALONE_AFTER,
    })
}

impl Following {
    /// Ends it: what is being applied is finished first.
    pub async fn stop(&self) {
        self.wishes(None);
        let runs = self.running.first().await.take();
        if let Some(runs) = runs {
            runs.end().await;
        }
    }

    /// Whom to follow from now on; whether that is another than before.
    fn wishes(&self, whom: Option<String>) -> bool {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        let same = match (&*wish, &whom) {
            (Some(before), Some(now)) => same_name(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        *wish = whom;
        !same
    }

    /// Bytes that its followers carried since the server began.
    pub fn bytes(&self) -> u64 {
        self.traffic.bytes()
    }

    fn status(&self) -> Option<Status> {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.as_ref().map(|status| status.borrow().clone())
    }

    /// What keeps it from following.
    pub fn error(&self) -> Option<String> {
        let (id, message) = self.status()?.error?;
        Some(format!("{id}: {message}"))
    }

    /// Keeps in mind when it was last answered.
    fn heard(&self, at: Option<DateTime>) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = later(*heard, at);
    }

    /// Adds what it says of itself.
    pub fn say(&self, state: &mut PlaceState) {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(status) = self.status() else {
            state.last_contact = heard;
            return;
        };
        state.last_contact = later(heard, status.last_contact);
        if state.follows.is_some() {
            state.feed = status.feed_now();
            state.error = status.error.map(|(id, message)| format!("{id}: {message}"));
        }
    }
}

impl Shared {
    /// Follows a computer's log from now on, or nobody's.
    pub(super) async fn follow(&self, whom: Option<String>) {
        let changed = self.following.wishes(whom);
        let free = self.following.running.free();
        let mut running = match free {
            Some(running) => running,
            // Whoever has it looks at the wish in the end.
            None if !changed => return,
            None => self.following.running.first().await,
        };
        self.settle(&mut running).await;
    }

    /// The topology may have changed whether the one that is followed waits for this place. It does not wait for a log
    /// that is being taken.
    pub(super) async fn refit(self: &Arc<Self>) {
        if let Some(mut running) = self.following.running.free() {
            return self.settle(&mut running).await;
        }
        // One that waits looks for all.
        if !self.following.refits.swap(true, Ordering::Relaxed) {
            let shared = self.clone();
            tokio::spawn(async move {
                let mut running = shared.following.running.lock().await;
                shared.following.refits.store(false, Ordering::Relaxed);
                shared.settle(&mut running).await;
            });
        }
    }

    /// Lets run what is wished for.
    async fn settle(&self, running: &mut Option<Runs>) {
        let wanted = self.wanted();
        if let (Some(runs), Some((whom, synchronous))) = (&*running, &wanted)
            && same_name(&runs.whom, whom)
            && runs.synchronous == *synchronous
        {
            return;
        }
        if let Some(runs) = running.take() {
            runs.end().await;
        }
        *running = self.again();
    }

    /// Whom to follow all the time, if anybody, and whether its changes wait for this place.
    fn wanted(&self) -> Option<(String, bool)> {
        let whom = self.following.wish.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        self.continuous(&whom).map(|synchronous| (whom, synchronous))
    }

    /// Begins what is wished for.
    fn again(&self) -> Option<Runs> {
        let (whom, synchronous) = self.wanted()?;
        match self.begin(whom, synchronous) {
            Ok(runs) => Some(runs),
            Err(error) => {
                self.complain(Some(&error));
                None
            }
        }
    }

    /// Whether a computer is followed all the time, and if so, whether its changes wait for this one. The copy of a user
    /// store at the partner is taken by the backup service, when it is its time.
    fn continuous(&self, whom: &str) -> Option<bool> {
        let node = self.node().ok()?;
        let known = node.known()?;
        let mirror = mirror_of(&known, &self.database, node.computer());
        let synchronous = mirror.is_some_and(|other| same_name(&other, whom));
        match self.database {
            Database::CentralMgmt => Some(synchronous),
            Database::Users(_) => synchronous.then_some(true),
        }
    }

    fn options(&self, whom: &str, synchronous: bool) -> Result<PullerOptions, ErrorRecord> {
        let node = self.node()?;
        let (from, moves) = (self.inbox.clone(), self.inbox.clone());
        let (source, names) = (whom.to_string(), whom.to_string());
        Ok(PullerOptions {
            database: self.database.to_string(),
            computer: node.computer().to_string(),
            path: self.file.clone(),
            unsent: node.directory().unsent(&self.database),
            synchronous,
            source: Arc::new(move || Some(source.clone())),
            transport: Arc::new(HttpTransport::new(
                node.asking()?,
                &self.database.to_string(),
                self.following.traffic.clone(),
            )),
            clock: node.clock().clone(),
            random: Arc::new(SystemRandom),
            newer: Arc::new(move |epoch| {
                let _ = from.try_send(Said::Event(PlaceEvent::Heard(rumour(&names, epoch))));
            }),
            moved: Arc::new(move |position| {
                let _ = moves.try_send(Said::Event(PlaceEvent::Followed { epoch: position.epoch }));
            }),
        })
    }

    fn begin(&self, whom: String, synchronous: bool) -> Result<Runs, ErrorRecord> {
        // What the one before heard stays true.
        self.following.heard(self.following.status().and_then(|status| status.last_contact));
        let puller = Puller::follow(self.options(&whom, synchronous)?);
        *self.following.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(puller.watch());
        tracing::info!(database = %self.database, whom, synchronous, "follows");
        let watch = tokio::spawn(look_after(puller.watch(), self.inbox.clone()));
        Ok(Runs { whom, synchronous, puller, watch })
    }

    /// Takes the log of another place until a position, or as far as it goes, whatever the database is there. With `parted`
    /// what is here and not there goes to the file of unsent changes; else histories that part are an error.
    ///
    /// # Errors
    /// Those of following once.
    pub(super) async fn pull(
        &self,
        from: &str,
        to: &Source,
        parted: bool,
        within: Duration,
    ) -> Result<Source, ErrorRecord> {
        let options = self.options(from, false)?;
        // A failover waits for it.
        let running = self.following.running.first().await;
        if running.as_ref().is_some_and(|runs| same_name(&runs.whom, from))
            && let Some(at) = self.comes(to).await
        {
            return Ok(at);
        }
        let mut lent = Lent::of(running, || self.again());
        if let Some(runs) = lent.take() {
            runs.end().await;
        }
        let mode = Mode { any: true, rewind: parted, ..Mode::ACTIVE };
        let synced = tokio::time::timeout(within, sync_once(&options, mode)).await;
        drop(lent);
        let status = synced.map_err(|_| {
            let message = format!("{from} did not give its log within {} milliseconds.", within.as_millis());
            ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        })??;
        self.following.heard(status.last_contact);
        status.position.as_ref().map(source).ok_or_else(|| {
            ErrorRecord::new("StoreFailed", Category::ResourceUnavailable, "It is not known where the log stands.")
        })
    }

    /// Takes the log of the active place once, over a way of the caller's: for the backup service. `moved` is told of each
    /// step.
    ///
    /// # Errors
    /// Those of following once.
    pub(super) async fn once(
        &self,
        from: &str,
        transport: Arc<dyn Transport>,
        moved: Arc<dyn Fn(&Position) + Send + Sync>,
    ) -> Result<Status, ErrorRecord> {
        let options = self.options(from, false)?;
        let told = options.moved.clone();
        let moved: Arc<dyn Fn(&Position) + Send + Sync> = Arc::new(move |position: &Position| {
            told(position);
            moved(position);
        });
        let options = PullerOptions { transport, moved, ..options };
        let follows = || {
            let wish = self.following.wish.lock().unwrap_or_else(PoisonError::into_inner);
            wish.as_deref().is_some_and(|whom| same_name(whom, from))
        };
        let mut turns = self.following.running.turns();
        // A place that begins is told whom to follow, which changes nothing for what is taken from the same computer.
        while let Some(running) = turns.next(follows).await {
            let mut lent = Lent::of(running, || self.again());
            if let Some(runs) = lent.take() {
                runs.end().await;
            }
            if let Some(done) = sync_until(&options, Mode::ACTIVE, self.following.running.is_wanted()).await {
                return done;
            }
        }
        Err(overtaken(&self.database))
    }

    /// Waits until the follower that runs has come to a row, for a short while.
    async fn comes(&self, to: &Source) -> Option<Source> {
        let mut status = self.following.status.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let there = |status: &Status| {
            status.position.as_ref().is_some_and(|at| at.sequence == to.sequence && at.hash.to_string() == to.hash)
        };
        let came = tokio::time::timeout(SOON, status.wait_for(|status| there(status))).await;
        let status = came.ok()?.ok()?;
        status.position.as_ref().map(source)
    }
}

/// The later of two moments that may not be known.
pub(super) fn later(one: Option<DateTime>, other: Option<DateTime>) -> Option<DateTime> {
    one.into_iter().chain(other).max_by_key(|at| at.ticks)
}

/// What was under way gave way to what the place is to do now.
fn overtaken(database: &Database) -> ErrorRecord {
    let message =
        format!("The log of {} is not taken now: its place here has something else to do.", database.called());
    ErrorRecord::new("BackupStopped", Category::OperationStopped, message)
        .hint("What was completed stays; the next synchronisation goes on from there.")
}

/// Tells the machine when the one that is followed cannot be reached.
async fn look_after(mut status: watch::Receiver<Status>, inbox: mpsc::Sender<Said>) {
    let mut failed = false;
    loop {
        let fails = status.borrow_and_update().error.is_some();
        if fails && !failed && inbox.send(Said::Event(PlaceEvent::Lost)).await.is_err() {
            return;
        }
        failed = fails;
        if status.changed().await.is_err() {
            return;
        }
    }
}
