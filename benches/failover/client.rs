//! A client that writes in a closed loop, and when its changes were acknowledged.

use super::Failure;
use reeve::cli;
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::{NoBlocks, Session};
use reeve::error::Span;
use reeve::value::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes of a change.
const SIZE: usize = 4096;
/// How long the first change after a disaster is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at what others did.
const PAUSE: Duration = Duration::from_millis(1);

/// The client, on a thread of its own.
pub struct Client {
    acknowledged: Arc<Mutex<Vec<Instant>>>,
    writes: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), String>>,
}

impl Client {
    /// Opens a session on a lab; it writes nothing yet.
    pub fn start(lab: &Path) -> Client {
        let acknowledged = Arc::<Mutex<Vec<Instant>>>::default();
        let [writes, idle, ends] = [false, true, false].map(|flag| Arc::new(AtomicBool::new(flag)));
        let (heard, wanted, rests, over, lab) =
            (acknowledged.clone(), writes.clone(), idle.clone(), ends.clone(), lab.to_path_buf());
        let thread = std::thread::spawn(move || write(&lab, &heard, &wanted, &rests, &over));
        Client { acknowledged, writes, idle, ends, thread }
    }

    /// Writes from now on, or no more: then nothing is under way when this returns.
    pub fn writes(&self, writes: bool) {
        self.writes.store(writes, Ordering::SeqCst);
        while !writes && !self.idle.load(Ordering::SeqCst) && !self.thread.is_finished() {
            std::thread::sleep(PAUSE);
        }
    }

    /// The longest time between two acknowledged changes that lies in an interval in part; the ends count as changes.
    pub fn longest(&self, begin: Instant, end: Instant) -> Duration {
        let heard = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        let before = heard.iter().rev().find(|at| **at <= begin).copied().unwrap_or(begin);
        let within = heard.iter().copied().filter(|at| *at > begin && *at < end);
        let (mut longest, mut last) = (Duration::ZERO, before);
        for at in within.chain([end]) {
            longest = longest.max(at.saturating_duration_since(last));
            last = at;
        }
        longest
    }

    /// How long after a moment the first change was acknowledged; it is waited for.
    pub fn first_after(&self, begin: Instant) -> Result<Duration, Failure> {
        while begin.elapsed() < PATIENCE {
            let heard = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = heard.iter().find(|at| **at > begin) {
                return Ok(at.duration_since(begin));
            }
            drop(heard);
            std::thread::sleep(PAUSE);
        }
        Err("nothing is acknowledged any more".into())
    }

    /// Ends it.
    pub fn stop(self) -> Result<(), Failure> {
        self.ends.store(true, Ordering::SeqCst);
        Ok(self.thread.join().map_err(|_| "the client ended badly")??)
    }
}

fn write(
    lab: &Path,
    heard: &Mutex<Vec<Instant>>,
    wanted: &AtomicBool,
    rests: &AtomicBool,
    over: &AtomicBool,
) -> Result<(), String> {
    let shell = cli::open(&options(lab.to_path_buf()));
    let session = shell.session();
    let silent = Value::str("SilentlyContinue");
    session.set_preference("WarningPreference", &silent).map_err(|error| error.to_string())?;
    change(session, "New-CsVoicePolicy", 0)?;
    let mut round = 0;
    while !over.load(Ordering::SeqCst) {
        if !wanted.load(Ordering::SeqCst) {
            rests.store(true, Ordering::SeqCst);
            std::thread::sleep(PAUSE);
            continue;
        }
        rests.store(false, Ordering::SeqCst);
        round += 1;
        // What fails is tried again, as the next change.
        if change(session, "Set-CsVoicePolicy", round).is_ok() {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
    }
    Ok(())
}

fn change(session: &Session, name: &str, round: u64) -> Result<(), String> {
    let named =
        |(name, value): (&str, Value)| Argument::Named { name: name.into(), value: Some(value), span: Span::default() };
    let arguments = vec![
        named(("Identity", Value::str("Tag:Bench"))),
        named(("Description", Value::str(text(round)))),
        named(("ErrorAction", Value::str("Stop"))),
    ];
    let invocation = Invocation { name: name.into(), arguments, ..Invocation::default() };
    let stages = vec![Stage::Command(invocation)];
    pipeline::run(session, &NoBlocks, None, stages, &mut |_| Ok(())).map_err(|halt| format!("{halt:?}"))
}

/// Text that does not compress to nothing.
fn text(seed: u64) -> String {
    let mut bytes = vec![0; SIZE];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

fn options(directory: PathBuf) -> cli::Options {
    cli::Options {
        directory,
        directory_named: true,
        connect: None,
        certificate: None,
        user: None,
        output: cli::Output::Json,
        width: None,
        color: false,
        verbose: false,
        max_operations: None,
        time_limit: None,
        max_depth: None,
        max_output: None,
    }
}
