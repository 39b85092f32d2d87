//! One end of a stream of lines, as a thread without async code sees it: it waits, and can be stopped while it does.

use crate::error::ErrorRecord;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How long a wait goes on before it looks whether it was stopped: Ctrl-C shall be felt at once, which for people is a
/// tenth of a second.
const LOOK: Duration = Duration::from_millis(20);

/// Lines that wait between the thread and the network, in each direction: enough that neither waits for the other at
/// each line, few enough that a client which wants no more has not been sent much.
const WAITING: usize = 16;

/// Why a stream gives nothing more.
#[derive(Debug)]
pub enum Ended {
    /// Whoever waited was stopped.
    Stopped,
    /// The time was over.
    TimedOut,
    /// The other end is gone, with what is known of why.
    Gone(Option<ErrorRecord>),
}

/// One end of a stream of lines. Dropping it before its end cancels the call.
pub struct Lines {
    /// Lines that go out.
    out: Sender<String>,
    /// Lines that come in; an error is the last.
    incoming: Receiver<Result<String, ErrorRecord>>,
    runtime: Handle,
}

/// The other side of [`Lines`], which the network feeds and empties.
pub struct Feed {
    /// What the thread sends.
    pub out: Receiver<String>,
    /// What the thread receives.
    pub incoming: Sender<Result<String, ErrorRecord>>,
}

impl Lines {
    /// An end, and what the network needs of it. `runtime` gives it its timers.
    pub fn new(runtime: Handle) -> (Lines, Feed) {
        let (out, to_send) = channel(WAITING);
        let (incoming, received) = channel(WAITING);
        (Lines { out, incoming: received, runtime }, Feed { out: to_send, incoming })
    }

    /// Sends a line; waits while the other end takes none.
    ///
    /// # Errors
    /// [`Ended::Stopped`] when `stop` says so, [`Ended::Gone`].
    pub fn send(&mut self, line: String, stop: &dyn Fn() -> bool) -> Result<(), Ended> {
        let line = match self.out.try_send(line) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(self.gone()),
            Err(TrySendError::Full(line)) => line,
        };
        loop {
            if stop() {
                return Err(Ended::Stopped);
            }
            let out = self.out.clone();
            let place = self.runtime.block_on(async { tokio::time::timeout(LOOK, out.reserve_owned()).await });
            match place {
                Ok(Ok(place)) => {
                    place.send(line);
                    return Ok(());
                }
                Ok(Err(_)) => return Err(self.gone()),
                Err(_) => {}
            }
        }
    }

    /// The next line; waits for it, at most so long.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn receive(&mut self, limit: Option<Duration>, stop: &dyn Fn() -> bool) -> Result<String, Ended> {
        let start = Instant::now();
        let got = |line: Result<String, ErrorRecord>| line.map_err(|error| Ended::Gone(Some(error)));
        loop {
            match self.incoming.try_recv() {
                Ok(line) => return got(line),
                Err(TryRecvError::Disconnected) => return Err(Ended::Gone(None)),
                Err(TryRecvError::Empty) => {}
            }
            if stop() {
                return Err(Ended::Stopped);
            }
            if limit.is_some_and(|limit| start.elapsed() >= limit) {
                return Err(Ended::TimedOut);
            }
            let incoming = &mut self.incoming;
            // Inside of the runtime: the timer belongs to it.
            let line = self.runtime.block_on(async { tokio::time::timeout(LOOK, incoming.recv()).await });
            match line {
                Ok(Some(line)) => return got(line),
                Ok(None) => return Err(Ended::Gone(None)),
                Err(_) => {}
            }
        }
    }

    /// Why nothing can be sent: what came last may say it.
    fn gone(&mut self) -> Ended {
        while let Ok(line) = self.incoming.try_recv() {
            if let Err(error) = line {
                return Ended::Gone(Some(error));
            }
        }
        Ended::Gone(None)
    }
}
