//! ForEach-Object -Parallel: a block for each object, on so many threads side by side as -ThrottleLimit says.
//!
//! The thread of the session hands out objects and takes what comes back, so all output, errors and other streams pass
//! it, one at a time. Each worker runs one object after the other in an engine of its own.

use crate::cmdlet::run::{ELSEWHERE_STACK, Elsewhere};
use crate::cmdlet::{Context, Host, Message};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Most threads, whatever -ThrottleLimit says: each has an engine and a session, and the memory of those.
const MOST: usize = 64;

/// What workers have put out and nobody has taken: past this they wait.
const UNTAKEN: usize = 256;

/// How often the thread of the session looks for Ctrl-C while it waits: far below what people notice.
const LOOK: Duration = Duration::from_millis(25);

/// How long workers that were told to stop may take before they are left alone.
const GRACE: Duration = Duration::from_secs(2);

/// What comes back from a worker.
enum Event {
    Output(Value),
    Message(Message),
    /// An object is done.
    Done,
    /// A worker can do nothing at all.
    Failed(ErrorRecord),
}

/// The objects that wait for a worker.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    objects: VecDeque<Value>,
    /// Workers that wait for one.
    idle: usize,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // What is changed under the lock cannot be left half done by a panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an object; whether a worker is free to take it.
    fn add(&self, object: Value) -> bool {
        let mut waiting = self.lock();
        waiting.objects.push_back(object);
        self.came.notify_one();
        waiting.idle >= waiting.objects.len()
    }

    fn take(&self) -> Option<Value> {
        let mut waiting = self.lock();
        loop {
            if waiting.closed && waiting.objects.is_empty() {
                return None;
            }
            if let Some(object) = waiting.objects.pop_front() {
                return Some(object);
            }
            waiting.idle += 1;
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    /// No more objects come; `drops` those that wait.
    fn close(&self, drops: bool) {
        let mut waiting = self.lock();
        waiting.closed = true;
        if drops {
            waiting.objects.clear();
        }
        self.came.notify_all();
    }
}

/// The outside of a worker's session: all goes to the thread of the caller's.
struct Relay {
    to: SyncSender<Event>,
    stop: Arc<AtomicBool>,
    width: usize,
}

impl Relay {
    fn send(&self, event: Event) {
        if self.to.send(event).is_err() {
            // Nobody takes anything any more.
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Host for Relay {
    fn output(&self, value: Value) {
        self.send(Event::Output(value));
    }

    fn message(&self, message: Message) {
        self.send(Event::Message(message));
    }

    fn width(&self) -> usize {
        self.width
    }
}

/// Says that a worker died, so that nobody waits for what it had in hand.
struct Gone(SyncSender<Event>);

impl Drop for Gone {
    fn drop(&mut self) {
        if thread::panicking() {
            let message = "A thread of ForEach-Object -Parallel broke down.";
            let error = ErrorRecord::new("PSTaskException", Category::InvalidResult, message);
            let _ = self.0.send(Event::Failed(error));
        }
    }
}

/// The workers of one ForEach-Object.
pub(super) struct Parallel {
    work: Arc<dyn Elsewhere>,
    most: usize,
    queue: Arc<Queue>,
    stop: Arc<AtomicBool>,
    events: Receiver<Event>,
    /// For the workers that are still to be made.
    to: SyncSender<Event>,
    workers: Vec<JoinHandle<()>>,
    /// Objects handed out and not done.
    running: usize,
    /// When all must be done, and after how many seconds that is.
    deadline: Option<(Instant, u64)>,
    late: bool,
}

impl Parallel {
    /// The workers for a block; they are made as objects come.
    pub fn new(work: Arc<dyn Elsewhere>, throttle: usize, seconds: u64) -> Parallel {
        let (to, events) = sync_channel(UNTAKEN);
        Parallel {
            work,
            most: throttle.clamp(1, MOST),
            queue: Arc::default(),
            stop: Arc::default(),
            events,
            to,
            workers: Vec::new(),
            running: 0,
            deadline: (seconds > 0).then(|| (Instant::now() + Duration::from_secs(seconds), seconds)),
            late: false,
        }
    }

    /// Hands out an object, once a worker is free.
    pub fn hand_out(&mut self, object: Value, cx: &mut Context) -> Result<(), Halt> {
        while self.running >= self.most && !self.late {
            self.wait(cx)?;
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event, cx)?;
        }
        if self.late || self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let free = self.queue.add(object);
        self.running += 1;
        if !free && self.workers.len() < self.most {
            self.hire(cx.session.host.width())?;
        }
        Ok(())
    }

    /// Waits until all is done.
    pub fn finish(&mut self, cx: &mut Context) -> Result<(), Halt> {
        self.queue.close(false);
        while self.running > 0 && !self.late {
            self.wait(cx)?;
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event, cx)?;
        }
        Ok(())
    }

    fn hire(&mut self, width: usize) -> Result<(), Halt> {
        let (work, queue, stop) = (self.work.clone(), self.queue.clone(), self.stop.clone());
        let to = self.to.clone();
        let relay = Box::new(Relay { to: to.clone(), stop: stop.clone(), width });
        let run = move || {
            let _gone = Gone(to.clone());
            let mut begun = false;
            let mut next = || {
                if std::mem::replace(&mut begun, true) {
                    // Whoever waited for it is gone where this fails.
                    let _ = to.send(Event::Done);
                }
                queue.take().filter(|_| !stop.load(Ordering::Relaxed))
            };
            if let Err(Halt::Error(error)) = work.work(relay, stop.clone(), &mut next) {
                let _ = to.send(Event::Failed(error));
            }
        };
        let made = thread::Builder::new().name("parallel".into()).stack_size(ELSEWHERE_STACK).spawn(run);
        match made {
            Ok(worker) => self.workers.push(worker),
            // Those that are there do it too.
            Err(_) if !self.workers.is_empty() => {}
            Err(problem) => {
                let message = format!("The system gives no thread: {problem}.");
                return Err(ErrorRecord::new("PSTaskException", Category::ResourceUnavailable, message).into());
            }
        }
        Ok(())
    }

    /// Takes the next thing that comes back, or finds that the time is over.
    fn wait(&mut self, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        if let Some((_, seconds)) = self.deadline.filter(|(at, _)| Instant::now() >= *at) {
            self.late = true;
            self.stop.store(true, Ordering::Relaxed);
            self.queue.close(true);
            let message =
                format!("Not all was done within {seconds} seconds: what ran was stopped, what waited was left out.");
            let error = ErrorRecord::new("PSTaskException", Category::OperationTimeout, message);
            return cx.error(error.hint("Raise -TimeoutSeconds, or leave it out."));
        }
        match self.events.recv_timeout(LOOK) {
            Ok(event) => self.take(event, cx),
            // This side holds a sender itself, so it is never cut off.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(()),
        }
    }

    fn take(&mut self, event: Event, cx: &mut Context) -> Result<(), Halt> {
        match event {
            Event::Output(value) => cx.output(value),
            // What a script says is no cmdlet's: its id has no command.
            Event::Message(Message::Error(error)) if error.command().is_none() => cx.error(error.without_command()),
            Event::Message(Message::Error(error)) => cx.error(error),
            Event::Message(message) => {
                cx.session.write(message);
                Ok(())
            }
            Event::Done => {
                self.running = self.running.saturating_sub(1);
                Ok(())
            }
            Event::Failed(error) => Err(Halt::Error(error)),
        }
    }
}

impl Drop for Parallel {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.queue.close(true);
        let until = Instant::now() + GRACE;
        for worker in std::mem::take(&mut self.workers) {
            // A worker may wait for room: what it has to say is thrown away.
            while !worker.is_finished() && Instant::now() < until {
                let _ = self.events.recv_timeout(Duration::from_millis(1));
            }
            if worker.is_finished() {
                // What it died of nobody waits for.
                let _ = worker.join();
            }
        }
    }
}
