//! The answering side: who follows this place of a database, what each is given, and the gate at which changes wait for a
//! mirror.

use super::coding::Encoder;
use super::message::{Ask, Request};
use super::respond::{Response, respond};
use super::tracker::{LONGEST, Tracker, Verdict};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::failover::Feed;
use crate::net::http::{self, Body};
use crate::store::sqlite::Gate;
use crate::store::{MIRRORED, Placed, Position};
use bytes::Bytes;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

/// How long a mirror may be silent before changes are acknowledged without it.
pub const ALONE_AFTER: Duration = Duration::from_secs(5);
/// How long a change waits for its mirrors at most.
pub const WAITS_AT_MOST: Duration = ALONE_AFTER.saturating_mul(LONGEST);
/// How long a question waits for something to come, at most.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Longest question, in bytes: one with all its hashes' rows has two thousand.
const LONGEST_QUESTION: usize = 16 << 10;
/// Lines that wait for a connection.
const WAITING: usize = 4;
/// Connections to the database that are kept open for the next question: as many as a database has other places.
const KEPT: usize = 4;
/// How long a line may wait for a follower to take it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the database.
pub type OpenLog = Arc<dyn Fn() -> Result<Box<dyn Placed + Send>, ErrorRecord> + Send + Sync>;

/// Is told of an epoch, and of the computer that spoke of it.
pub type Newer = dyn Fn(u64, &str) + Send + Sync;

/// What the answering side needs.
pub struct FeedsOptions {
    /// Opens the database.
    pub open: OpenLog,
    /// Tells when a follower was last heard.
    pub clock: Arc<dyn Clock>,
    /// Is told of an epoch higher than this place's, and of the computer that asked with it. Quick.
    pub newer: Arc<Newer>,
    /// How long a mirror may be silent before changes are acknowledged without it: [`ALONE_AFTER`].
    pub alone_after: Duration,
}

/// The answering side of one database at one place. It may stay for as long as the process does, whatever the role.
pub struct Feeds {
    options: FeedsOptions,
    started: Instant,
    tracker: Mutex<Tracker>,
    /// Something changed for those that wait at the gate.
    moved: Condvar,
    /// The last row written, for questions that wait.
    written: watch::Sender<u64>,
    kept: Mutex<Vec<Box<dyn Placed + Send>>>,
    /// It is kept in mind, durably, that a mirror may be certain ([`MIRRORED`]); held while that is changed.
    noted: Mutex<bool>,
}

impl Feeds {
    /// Of a database that nobody follows yet.
    pub fn new(options: FeedsOptions) -> Arc<Feeds> {
        let alone_after = u64::try_from(options.alone_after.as_millis()).unwrap_or(u64::MAX);
        Arc::new(Feeds {
            options,
            started: Instant::now(),
            tracker: Mutex::new(Tracker::new(alone_after)),
            moved: Condvar::new(),
            written: watch::Sender::new(0),
            kept: Mutex::default(),
            noted: Mutex::default(),
        })
    }

    /// What holds a change's acknowledgement back: for [`crate::store::SqliteStore::gate`] of every connection that
    /// commits. It waits on the thread of the change: until each synchronised mirror has it, or one was silent for too
    /// long. It gives `EpochOver` where this place has lost its role.
    pub fn gate(self: &Arc<Feeds>) -> Arc<Gate> {
        let feeds = self.clone();
        Arc::new(move |position: &Position| feeds.pass(position.sequence))
    }

    /// The database is taken over here, in a new epoch, which no mirror knows yet: changes need not wait for one.
    pub fn taken_over(&self) {
        self.lock().taken_over();
    }

    /// The place has become active, its log being there: changes pass again, and who followed says so anew. Changes wait
    /// for mirrors to come, for as long as for one that is silent, unless the database was just taken over: a mirror may
    /// be certain that nothing is acknowledged here without it.
    pub fn begin(&self, position: &Position) {
        let now = self.now();
        self.lock().begin(now, position.sequence);
        self.wake(position.sequence);
    }

    /// The place takes no more changes, and gives what it took to the one that takes over: changes that wait pass when a
    /// follower has them, until [`Feeds::end`], [`Feeds::begin`] or for as long as they would wait for a mirror.
    pub fn close(&self) {
        self.lock().close();
        self.moved.notify_all();
    }

    /// The place has lost its role: changes that wait fail with `EpochOver`.
    pub fn end(&self) {
        self.lock().end();
        self.moved.notify_all();
        lock(&self.kept).clear();
        // Questions that wait find out too.
        self.written.send_modify(|_| {});
    }

    /// Which computers are to follow, and whether each is a mirror. Others are forgotten.
    pub fn expect(&self, followers: &[(String, bool)]) {
        let now = self.now();
        self.lock().expect(now, followers);
        self.moved.notify_all();
    }

    /// Who follows, and how far.
    pub fn states(&self) -> Vec<Feed> {
        let now = self.now();
        self.lock().feeds(now)
    }

    /// The log has grown to a row in another way than through the gate.
    pub fn wake(&self, sequence: u64) {
        self.lock().written(sequence);
        self.written.send_modify(|written| *written = sequence.max(*written));
    }

    /// Answers a question of a computer that may ask: lines, each with its newline, as they arise. Called within a runtime.
    pub fn answer(self: &Arc<Feeds>, computer: &str, request: Request) -> mpsc::Receiver<Bytes> {
        let (lines, out) = mpsc::channel(WAITING);
        let (feeds, computer) = (self.clone(), computer.to_owned());
        tokio::spawn(async move { feeds.run(&computer, &request, &lines).await });
        out
    }

    /// The same for a question that came over HTTP (`POST /v1/log/<database>`). Whether the computer may ask is decided
    /// before.
    pub async fn serve(self: &Arc<Feeds>, computer: &str, request: http::Request) -> http::Answer {
        let asked = match request.body.json_within(LONGEST_QUESTION).await {
            Ok(asked) => asked,
            Err(error) => return http::Answer::error(&error),
        };
        let (sender, body) = Body::lines();
        let mut lines = self.answer(computer, asked);
        tokio::spawn(async move {
            loop {
                let line = tokio::select! {
                    line = lines.recv() => line,
                    () = sender.closed() => return,
                };
                let Some(line) = line else { break };
                if sender.send_line(line).await.is_err() {
                    return;
                }
            }
            // An answer that was cut off lacks its last line, which the follower sees.
            let _ = sender.finish().await;
        });
        http::Answer::lines(body)
    }

    fn pass(&self, sequence: u64) -> Result<(), ErrorRecord> {
        let since = self.now();
        let mut tracker = self.lock();
        tracker.written(sequence);
        self.written.send_modify(|written| *written = sequence.max(*written));
        loop {
            let now = self.now();
            let verdict = tracker.verdict(now, since, sequence);
            // Before a change is acknowledged without it.
            for mirror in tracker.left_behind() {
                tracing::warn!(mirror, "changes are acknowledged without this mirror until it has caught up");
            }
            match verdict {
                Verdict::Go => return Ok(()),
                Verdict::Over => return Err(over()),
                Verdict::Until(until) => {
                    let wait = Duration::from_millis(until.saturating_sub(now).max(1));
                    tracker = self.moved.wait_timeout(tracker, wait).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    async fn run(self: Arc<Feeds>, computer: &str, request: &Request, lines: &mpsc::Sender<Bytes>) {
        let response = tokio::select! {
            response = self.response(computer, request) => response,
            () = lines.closed() => return,
        };
        let sent = match response {
            Ok(response) => {
                if response.over {
                    (self.options.newer)(request.epoch, computer);
                }
                // Asked after the log was read: what was acknowledged without the mirror before this is in the answer.
                let mut lines = response.lines;
                let mut certain = request.synchronous && response.agrees && self.lock().synchronized(computer);
                if certain {
                    // While that was written changes may have gone on without it.
                    certain = self.note_mirror(computer).await && self.lock().synchronized(computer);
                }
                if certain {
                    let mut encoder = Encoder::default();
                    if encoder.synchronized().is_ok() {
                        lines.splice(0..0, encoder.finish().unwrap_or_default());
                    }
                }
                lines
            }
            Err(error) => {
                let mut encoder = Encoder::default();
                // What cannot even be refused is cut off.
                let _ = encoder.refused(0, &error);
                encoder.finish().unwrap_or_default()
            }
        };
        for line in sent {
            match timeout(PATIENCE, lines.send(line)).await {
                Ok(Ok(())) => {}
                _ => return,
            }
        }
    }

    /// Waits until there is something to say, but not for longer than was asked.
    async fn response(self: &Arc<Feeds>, computer: &str, request: &Request) -> Result<Response, ErrorRecord> {
        let Ask::After { sequence, hash, version, wait } = &request.ask else {
            return self.look(request).await;
        };
        let who = (computer, request.synchronous);
        let until = tokio::time::Instant::now() + Duration::from_millis(*wait).min(LONGEST_WAIT);
        let mut written = self.written.subscribe();
        // Who asks from a later epoch is not waited with: this place is over.
        let mut known = self.lock().was_sent(computer, request.epoch, (*sequence, *hash));
        if known {
            // Before anything is read: changes wait for this.
            self.heard(who, *sequence, *version);
        }
        // Where nothing was written since, there is nothing to be read.
        let mut look = !known || *wait == 0 || *written.borrow_and_update() != *sequence;
        loop {
            if look {
                let response = self.look(request).await?;
                let position = response.begin.position;
                self.lock().stands(position.epoch, position.sequence);
                if response.agrees && !known {
                    self.heard(who, *sequence, *version);
                    known = true;
                } else if !response.agrees {
                    let (now, at) = (self.now(), self.options.clock.now());
                    self.lock().seen(now, at, who);
                    return Ok(response);
                }
                if response.last.is_some() || *wait == 0 || tokio::time::Instant::now() >= until {
                    self.lock().sent(who, response.last.unwrap_or((*sequence, *hash)));
                    return Ok(response);
                }
            }
            tokio::select! {
                // Its sender is in this very value.
                _ = written.changed() => look = true,
                () = sleep_until(until) => {
                    let response = self.look(request).await?;
                    self.lock().sent(who, response.last.unwrap_or((*sequence, *hash)));
                    return Ok(response);
                }
            }
        }
    }

    /// There is no mirror any more: who has the files alone may change them. It waits for the disk.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn forget_mirrors(&self) -> Result<(), ErrorRecord> {
        let mut noted = lock(&self.noted);
        let log = (self.options.open)()?;
        if log.note(MIRRORED)?.is_some() {
            log.keep_note(MIRRORED, None)?;
        }
        *noted = false;
        Ok(())
    }

    /// Keeps in mind that a mirror may be certain from now on; `false` where that could not be written.
    async fn note_mirror(self: &Arc<Feeds>, computer: &str) -> bool {
        let (feeds, computer) = (self.clone(), computer.to_owned());
        let note = move || {
            let mut noted = lock(&feeds.noted);
            if !*noted {
                (feeds.options.open)()?.keep_note(MIRRORED, Some(&computer.into()))?;
                *noted = true;
            }
            Ok::<_, ErrorRecord>(())
        };
        match tokio::task::spawn_blocking(note).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(id = error.id(), "a mirror cannot be relied on: {}", error.message());
                false
            }
            Err(_) => false,
        }
    }

    fn heard(&self, who: (&str, bool), sequence: u64, version: u64) {
        let (now, at) = (self.now(), self.options.clock.now());
        self.lock().heard(now, at, who, sequence, version);
        self.moved.notify_all();
    }

    /// Answers from the database, on a thread that may wait.
    async fn look(self: &Arc<Feeds>, request: &Request) -> Result<Response, ErrorRecord> {
        let (feeds, request) = (self.clone(), request.clone());
        let look = move || {
            let kept = lock(&feeds.kept).pop();
            let log = kept.map_or_else(|| (feeds.options.open)(), Ok)?;
            let response = respond(&*log, &request)?;
            let mut kept = lock(&feeds.kept);
            if kept.len() < KEPT {
                kept.push(log);
            }
            Ok(response)
        };
        let failed = |error: tokio::task::JoinError| {
            ErrorRecord::new("StoreFailed", Category::ResourceUnavailable, format!("The log cannot be read: {error}."))
        };
        tokio::task::spawn_blocking(look).await.map_err(failed)?
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Tracker> {
        lock(&self.tracker)
    }
}

/// Locks. Whoever panicked while it held the lock left whole values behind: each is changed by one call.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn over() -> ErrorRecord {
    let message = "Another place has taken the database over. The change was written here, and may not last.";
    ErrorRecord::new("EpochOver", Category::ResourceUnavailable, message)
        .hint("See at the new place whether it is there, and make it again if it is not.")
}
