//! The end of a lab when the system asks for it: servers ended, what is temporary removed, the terminal as it was.

use super::fleet::Fleet;
use crate::deployment::lab::Kept;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long what runs is given to stop by itself.
const GRACE: Duration = Duration::from_millis(1500);

/// What has to be undone when this process ends.
#[derive(Default)]
pub struct Undo {
    /// The servers that this process started.
    pub fleet: Mutex<Option<Fleet>>,
    /// The directory of a temporary lab.
    pub temporary: Mutex<Option<PathBuf>>,
    /// Keeps it from being taken for a leftover.
    pub kept: Mutex<Option<Kept>>,
    /// The lab has started: from now on Ctrl-C is for what runs in it.
    pub started: AtomicBool,
    /// It has ended by itself.
    ended: AtomicBool,
}

impl Undo {
    /// Undoes all.
    pub fn undo(&self) {
        self.ended.store(true, Ordering::Relaxed);
        drop(self.fleet.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(directory) = self.temporary.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nobody is left to be told.
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

/// Undoes all when the system ends this process by a signal: after a moment in which what runs may end by itself.
pub fn on_signal(undo: Arc<Undo>) -> std::io::Result<()> {
    let before = tcgetattr(std::io::stdin()).ok();
    for (signal, only_starting) in [(SIGTERM, false), (SIGHUP, false), (SIGINT, true)] {
        let (mut read, write) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(signal, write)?;
        let (undo, before) = (undo.clone(), before.clone());
        std::thread::Builder::new().name("end of the lab".into()).spawn(move || {
            let mut byte = [0];
            while read.read_exact(&mut byte).is_ok() {
                if !(only_starting && undo.started.load(Ordering::Relaxed)) {
                    end(&undo, before.as_ref(), signal);
                }
            }
        })?;
    }
    Ok(())
}

fn end(undo: &Undo, before: Option<&Termios>, signal: i32) {
    if undo.started.load(Ordering::Relaxed) {
        std::thread::sleep(GRACE);
    }
    if undo.ended.load(Ordering::Relaxed) {
        return;
    }
    undo.undo();
    if let Some(before) = before {
        // The shell may have had it in another mode.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
    }
    std::process::exit(128 + signal);
}
