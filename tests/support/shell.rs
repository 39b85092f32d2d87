//! An engine on a lab: texts run as in the shell, and what they put out is kept.

use super::remote::session_on;
use reeve::cmdlet::{Host, Message, Session};
use reeve::deployment::lab::Temporary;
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::Value;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

/// The stack that scripts get.
const STACK: usize = 64 << 20;

/// What a text gave.
#[derive(Debug, Default)]
pub struct Gave {
    /// Its objects.
    pub objects: Vec<Value>,
    /// Its errors: id and message; those that were written, then the one that stopped it.
    pub errors: Vec<(String, String)>,
    /// What it wrote to the information stream.
    pub told: Vec<String>,
}

#[derive(Default)]
struct Kept(Rc<RefCell<Gave>>);

impl Host for Kept {
    fn transcribes(&self, _transcripts: &Rc<reeve::cmdlet::transcript::Transcripts>) -> bool {
        true
    }

    fn output(&self, value: Value) {
        self.0.borrow_mut().objects.push(value);
    }

    fn message(&self, message: Message) {
        match message {
            Message::Error(error) => self.0.borrow_mut().errors.push((error.id().into(), error.message().into())),
            Message::Information { text, .. } => self.0.borrow_mut().told.push(text),
            _ => {}
        }
    }
}

/// A lab whose store goes back to what it was for each text.
pub struct Bench {
    lab: Temporary,
    /// The files of the store as they were made.
    fresh: Vec<(PathBuf, Vec<u8>)>,
}

impl Bench {
    /// A new one.
    pub fn new() -> Bench {
        let lab = Temporary::new().expect("a lab");
        let fresh = files(&lab.lab().host.join("store"));
        Bench { lab, fresh }
    }

    /// Runs a text in a new session of the owner, on the store as it was made.
    pub fn run(&self, text: &str) -> Gave {
        self.run_as(text, Mode::Rhai)
    }

    /// The same for a text that is read as the mode says.
    pub fn run_as(&self, text: &str, mode: Mode) -> Gave {
        self.restore();
        let kept = Rc::new(RefCell::new(Gave::default()));
        let session = session_on(Session::new(Box::new(Kept(kept.clone()))), &self.lab.lab().host, None);
        let limits = Limits {
            operations: Some(20_000_000),
            // Ends what would go on for ever; how fast a machine is shall not matter.
            time: Some(Duration::from_secs(120)),
            ..Limits::for_stack(STACK - (8 << 20))
        };
        let mut engine = Engine::with_limits(Rc::new(session), limits);
        let stopped = engine.run("text", text, mode, &[]);
        drop(engine);
        let mut gave = kept.take();
        match stopped {
            Ok(()) => {}
            Err(Halt::Error(error)) => gave.errors.push((error.id().into(), error.message().into())),
            Err(other) => gave.errors.push((format!("{other:?}"), String::new())),
        }
        gave
    }

    fn restore(&self) {
        for (file, _) in files(&self.lab.lab().host.join("store")) {
            if !self.fresh.iter().any(|(known, _)| *known == file) {
                std::fs::remove_file(file).expect("ours");
            }
        }
        for (file, bytes) in &self.fresh {
            std::fs::write(file, bytes).expect("ours");
        }
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            found.push((path, bytes));
        }
    }
    found
}

/// Runs on a thread with the stack that scripts need.
pub fn on_large_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> std::thread::JoinHandle<T> {
    std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread")
}

/// Runs a test in a process of its own that stands in an empty folder: the texts that it runs write files where they
/// stand. `test` is the test's full name.
pub fn in_a_folder_of_its_own(test: &str, run: impl FnOnce() + Send + 'static) {
    const INSIDE: &str = "REEVE_TEST_INSIDE";
    if std::env::var(INSIDE).as_deref() == Ok(test) {
        if let Err(panic) = on_large_stack(run).join() {
            std::panic::resume_unwind(panic);
        }
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args([test, "--exact", "--nocapture"]).env(INSIDE, test);
    child.current_dir(folder.path()).env("TMPDIR", folder.path());
    let ran = child.output().expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    println!("{said}");
    assert!(said.contains("1 passed") && ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
}
