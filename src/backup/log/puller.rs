//! The follower at work: it asks over a transport, and works on its database on threads that may wait for a disk.

use super::coding::Decoder;
use super::follower::{Effect, Event, Follower, FollowerOptions};
use super::local::Local;
use super::message::{Answer, Request};
use super::transport::Transport;
use super::unsent::Unsent;
use crate::env::{Clock, Random};
use crate::error::{Category, ErrorRecord};
use crate::failover::FeedState;
use crate::store::Position;
use crate::value::DateTime;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long an answer may take to begin: a question waits ten seconds for something to come, and a connection may take
/// ten to stand and ten to shake hands.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the next line of an answer that has begun may take.
const LINE: Duration = Duration::from_secs(30);
/// Failures after which [`sync_once`] gives up: a source that restarts is there again after two.
const ATTEMPTS: u32 = 3;

/// What a follower needs.
#[derive(Clone)]
pub struct PullerOptions {
    /// The database, as [`crate::topology::Database`] prints it.
    pub database: String,
    /// This computer.
    pub computer: String,
    /// The database's file; an empty one that stands by is made where there is none.
    pub path: PathBuf,
    /// The folder for changes that nobody else has.
    pub unsent: PathBuf,
    /// Changes wait for it: it is a mirror.
    pub synchronous: bool,
    /// Names the computer that is followed, each time that one is asked; `None` where none is known.
    pub source: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    /// Asks it.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Spreads its attempts.
    pub random: Arc<dyn Random>,
    /// Is told of each epoch that is higher than any heard before. Quick.
    pub newer: Arc<dyn Fn(u64) + Send + Sync>,
    /// Is told where the log stands each time that something was taken over or back. Quick.
    pub moved: Arc<dyn Fn(&Position) + Send + Sync>,
}

/// What a follower says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The computer that it follows.
    pub follows: Option<String>,
    /// How well, when it last did something; `None` before the first answer. See [`Status::feed_now`].
    pub feed: Option<FeedState>,
    /// Until when a mirror is certain that nothing was acknowledged without it.
    pub certain_until: Option<Instant>,
    /// Where its log stands.
    pub position: Option<Position>,
    /// Where the log of the other stood when it was last heard.
    pub source: Option<Position>,
    /// The highest epoch that it heard of.
    pub highest_epoch: u64,
    /// When it was last answered.
    pub last_contact: Option<DateTime>,
    /// What keeps it from following.
    pub error: Option<ErrorText>,
    /// The file with changes that nobody else has, since it last took some back.
    pub unsent: Option<Unsent>,
    /// What it did since it began.
    pub pulled: Pulled,
}

impl Status {
    /// How well it follows, now: a mirror that was certain is not for ever.
    pub fn feed_now(&self) -> Option<FeedState> {
        let passed = self.certain_until.is_some_and(|until| Instant::now() >= until);
        self.feed.map(|feed| if passed && feed == FeedState::Synchronized { FeedState::Unsynchronized } else { feed })
    }
}

/// An error as it is told: id and message.
pub type ErrorText = (String, String);

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Rows of the log that were taken over.
    pub rows: u64,
    /// Documents that were taken over, each time that they changed.
    pub documents: u64,
    /// Rows that were taken back.
    pub taken_back: u64,
    /// Bytes of answers.
    pub received: u64,
    /// Bytes of questions.
    pub sent: u64,
    /// Questions.
    pub questions: u64,
}

/// A follower at work. When it is dropped its task ends; what is being applied then is applied whole or not at all.
pub struct Puller {
    status: watch::Receiver<Status>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Puller {
    /// Follows until it is stopped, or the database takes changes itself: then its status is the last one
    /// (`StoreNotStandby`), and [`Puller::watch`] ends. Called within a runtime. A database that cannot be opened is an
    /// error of the status, and tried again.
    pub fn follow(options: PullerOptions) -> Puller {
        let (tell, status) = watch::channel(Status::default());
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let mode = Mode { any: false, rewind: true, attempts: None };
            let mut wait = Duration::from_millis(100);
            loop {
                let opened = Work::open(&options, mode, tell.clone()).await;
                let error = match opened {
                    Ok(mut work) => {
                        tokio::select! {
                            _ = stopped.wait_for(|stop| *stop) => {}
                            // It ends only where it takes changes itself.
                            _ = work.run() => {}
                        }
                        work.finish().await;
                        return;
                    }
                    Err(error) => error,
                };
                tell.send_modify(|status| {
                    status.feed = Some(FeedState::Unsynchronized);
                    status.error = Some(text(&error));
                });
                if error.id() == "StoreNotStandby" {
                    return;
                }
                tokio::select! {
                    _ = stopped.wait_for(|stop| *stop) => return,
                    () = sleep(wait) => wait = (wait * 2).min(Duration::from_secs(5)),
                }
            }
        });
        Puller { status, stop, task: Some(task) }
    }

    /// What it says of itself.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// The same, to be waited on.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Ends it: what is being applied is finished first.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // It can only fail by a panic, which has been told.
            let _ = task.await;
        }
    }
}

/// How a sync that ends treats what stands in its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// It also takes what a place has that is not active.
    pub any: bool,
    /// It takes back what it alone has; without, histories that part are an error (`HistoriesParted`).
    pub rewind: bool,
    /// Failures after which it gives up; `None` never does.
    pub attempts: Option<u32>,
}

impl Mode {
    /// From the active place, whose history counts: the backup service, a planned failover.
    pub const ACTIVE: Mode = Mode { any: false, rewind: true, attempts: Some(ATTEMPTS) };
    /// From any place that has more of the same history: before this one takes over.
    pub const CATCH_UP: Mode = Mode { any: true, rewind: false, attempts: Some(ATTEMPTS) };
}

/// Takes over what is there to be taken, once. Gives what was done and how it stands then.
///
/// # Errors
/// Those of the transport (`HostUnreachable`, `ConnectionLost`, …) and of the other place (`EpochOver`, `StoreNotActive`);
/// `NoActivePlace` where nobody is named; `HistoriesParted`; `StoreNotStandby`, and those of the disk.
pub async fn sync_once(options: &PullerOptions, mode: Mode) -> Result<Status, ErrorRecord> {
    let never = std::future::pending();
    sync_until(options, mode, never).await.unwrap_or_else(|| Err(nobody()))
}

/// The same, until `stop` comes: what is being applied then is finished first, and the result is `None`.
pub async fn sync_until(
    options: &PullerOptions,
    mode: Mode,
    stop: impl Future<Output = ()>,
) -> Option<Result<Status, ErrorRecord>> {
    let (tell, status) = watch::channel(Status::default());
    let mut work = match Work::open(options, mode, tell).await {
        Ok(work) => work,
        Err(error) => return Some(Err(error)),
    };
    let done = tokio::select! {
        done = work.run() => Some(done),
        () = stop => None,
    };
    work.finish().await;
    done.map(|done| done.map(|()| status.borrow().clone()))
}

/// A follower with all that it works on.
struct Work {
    options: PullerOptions,
    follower: Follower,
    local: Arc<Mutex<Local>>,
    started: Instant,
    status: watch::Sender<Status>,
    pulled: Pulled,
    follows: Option<String>,
    last_contact: Option<DateTime>,
    unsent: Option<Unsent>,
}

impl Work {
    async fn open(options: &PullerOptions, mode: Mode, status: watch::Sender<Status>) -> Result<Work, ErrorRecord> {
        let needs = options.clone();
        let open = move || {
            let PullerOptions { path, unsent, database, computer, clock, .. } = needs;
            let local = Local::open(&path, &unsent, &database, &computer, clock)?;
            let (own, highest) = local.own()?;
            let unsent = local.unsent();
            Ok((local, own, highest, unsent))
        };
        let (local, own, highest, unsent) = blocking(open).await?;
        let follows = FollowerOptions {
            synchronous: options.synchronous,
            any: mode.any,
            rewind: mode.rewind,
            attempts: mode.attempts,
            random: options.random.clone(),
        };
        let follower = Follower::new(follows, own, highest);
        let work = Work {
            options: options.clone(),
            follower,
            local: Arc::new(Mutex::new(local)),
            started: Instant::now(),
            status,
            pulled: Pulled::default(),
            follows: None,
            last_contact: None,
            unsent,
        };
        work.tell();
        Ok(work)
    }

    /// Works until it is over. It may be dropped at any await: what is under way on the disk then is done or not.
    async fn run(&mut self) -> Result<(), ErrorRecord> {
        let mut events = VecDeque::from([Event::Tick]);
        let mut effects = Vec::new();
        loop {
            while let Some(event) = events.pop_front() {
                self.follower.step(self.now(), event, &mut effects);
                let mut over = None;
                for effect in std::mem::take(&mut effects) {
                    if let Effect::Finish(done) = effect {
                        over = Some(done);
                        break;
                    }
                    if let Some(event) = self.carry_out(effect).await {
                        let failed = matches!(event, Event::Failed(_));
                        events.push_back(event);
                        if failed {
                            break;
                        }
                    }
                }
                self.tell();
                if let Some(done) = over {
                    return done;
                }
            }
            // It waits for nothing but time: each effect was carried out to its end.
            let wait = self.follower.wake().map_or(1_000, |at| at.saturating_sub(self.now()));
            sleep(Duration::from_millis(wait)).await;
            events.push_back(Event::Tick);
        }
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        let result = match effect {
            Effect::Ask(request) => {
                return Some(match self.ask(&request).await {
                    Ok(answer) => Event::Answered(answer),
                    Err(error) => Event::NotAnswered(error),
                });
            }
            Effect::Compare(hashes) => {
                let compared = self.with_local(move |local| local.compare(&hashes)).await;
                compared.map(|(common, differs)| Event::Compared { common, differs })
            }
            Effect::Apply(entries) => {
                let (rows, documents) = (entries.len(), entries.iter().map(|entry| entry.documents.len()).sum());
                let applied = self.with_local(move |local| local.apply(&entries)).await;
                applied.map(|position| {
                    self.pulled.rows += count(rows);
                    self.pulled.documents += count(documents);
                    (self.options.moved)(&position);
                    Event::Applied(position)
                })
            }
            Effect::Keep(after) => self.with_local(move |local| local.keep(after)).await.map(|kept| {
                tracing::warn!(
                    database = self.options.database,
                    file = %kept.file.display(),
                    rows = kept.rows,
                    changes = kept.changes,
                    "changes that nobody else has were kept in a file"
                );
                self.unsent = Some(kept);
                Event::Kept
            }),
            Effect::Rewind(to) => self.with_local(move |local| local.rewind(to)).await.map(|position| {
                self.pulled.taken_back += self.follower.position().sequence.saturating_sub(position.sequence);
                (self.options.moved)(&position);
                Event::Rewound(position)
            }),
            Effect::Hear(epoch) => match self.with_local(move |local| local.hear(epoch)).await {
                Ok(()) => return None,
                Err(error) => Err(error),
            },
            Effect::Tell(epoch) => {
                (self.options.newer)(epoch);
                return None;
            }
            Effect::Read => self.with_local(|local| local.own()).await.map(|(own, highest)| Event::Own(own, highest)),
            Effect::Finish(_) => return None,
        };
        Some(result.unwrap_or_else(Event::Failed))
    }

    async fn ask(&mut self, request: &Request) -> Result<Answer, ErrorRecord> {
        let to = (self.options.source)().ok_or_else(nobody)?;
        self.follows = Some(to.clone());
        self.tell();
        let question = serde_json::to_vec(request).map_err(|error| invalid(&error))?;
        self.pulled.sent += count(question.len());
        self.pulled.questions += 1;
        let asked = timeout(PATIENCE, self.options.transport.ask(&to, question.into()));
        let mut lines = asked.await.map_err(|_| silent(&to))??;
        let mut decoder = Decoder::default();
        let mut patience = PATIENCE;
        loop {
            let line = timeout(patience, lines.next()).await.map_err(|_| silent(&to))??;
            patience = LINE;
            let line = line.ok_or_else(|| cut_off(&to))?;
            self.pulled.received += count(line.len()) + 1;
            if let Some(answer) = decoder.line(&line)? {
                self.last_contact = Some(self.options.clock.now());
                return Ok(answer);
            }
        }
    }

    async fn with_local<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Local) -> Result<T, ErrorRecord> + Send + 'static,
    ) -> Result<T, ErrorRecord> {
        let local = self.local.clone();
        blocking(move || work(&local.lock().unwrap_or_else(PoisonError::into_inner))).await
    }

    fn tell(&self) {
        let position = self.follower.position();
        let source = self.follower.source().map(|begin| begin.position);
        let status = Status {
            follows: self.follows.clone(),
            feed: (source.is_some() || self.follower.error().is_some()).then(|| self.follower.feed(self.now())),
            certain_until: self.follower.certain_until().map(|until| self.started + Duration::from_millis(until)),
            position: Some(position),
            source,
            highest_epoch: self.follower.highest_epoch(),
            last_contact: self.last_contact,
            error: self.follower.error().map(text),
            unsent: self.unsent.clone(),
            pulled: self.pulled.clone(),
        };
        self.status.send_if_modified(|old| {
            let changed = *old != status;
            *old = status;
            changed
        });
    }

    /// Waits for what is under way on the disk.
    async fn finish(self) {
        let local = self.local;
        let _ = blocking(move || {
            drop(local.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(())
        })
        .await;
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Does it on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ErrorRecord> + Send + 'static,
) -> Result<T, ErrorRecord> {
    let broken = |error: tokio::task::JoinError| {
        ErrorRecord::new("StoreFailed", Category::ResourceUnavailable, format!("The work was broken off: {error}."))
    };
    tokio::task::spawn_blocking(work).await.map_err(broken)?
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn text(error: &ErrorRecord) -> ErrorText {
    (error.id().to_owned(), error.message().to_owned())
}

fn nobody() -> ErrorRecord {
    ErrorRecord::new(
        "NoActivePlace",
        Category::ResourceUnavailable,
        "No computer is known where the database is active.",
    )
    .hint("See whether the configuration names one, and whether this computer follows it.")
}

fn silent(to: &str) -> ErrorRecord {
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, format!("{to} does not answer."))
        .hint("See whether its server runs, and whether it can be reached from here.")
}

fn cut_off(to: &str) -> ErrorRecord {
    ErrorRecord::new("ConnectionLost", Category::ConnectionError, format!("The answer of {to} was cut off."))
        .hint("It is tried again.")
}

fn invalid(error: &serde_json::Error) -> ErrorRecord {
    ErrorRecord::new("LineInvalid", Category::InvalidData, format!("The question cannot be written: {error}."))
}
