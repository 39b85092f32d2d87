//! Runs the real binary: own folder, no environment, no terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run gave.
pub struct Ran {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// The same, after it was found to have exited with 0.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The same, after it was found to have failed with this exit code and this error id.
    #[track_caller]
    pub fn fails(self, code: i32, id: &str) -> Ran {
        let shown = format!("stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{id} expected, {shown}");
        assert!(self.err.contains(id), "{id} is not in {shown}");
        self
    }

    /// The objects that `--output json` wrote.
    #[track_caller]
    pub fn objects(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.out.lines().map(read).collect()
    }
}

/// A folder of its own for a test, with a lab in it if asked for.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty one.
    pub fn empty() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    /// One with a lab, copied from one that all tests share.
    pub fn lab() -> Place {
        let place = Place::empty();
        copy(shared_lab(), &place.path("lab"));
        place
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the binary in it with arguments and standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        use std::io::Write;
        let mut command = Command::new(env!("CARGO_BIN_EXE_reeve"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command.env("TMPDIR", self.folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that does not read its input closes it early.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Runs the binary in it.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs a command text on its lab.
    pub fn shell(&self, text: &str) -> Ran {
        self.run(&["--dir", "lab", "-c", text])
    }

    /// Runs a command text on its lab as a user.
    pub fn shell_as(&self, user: &str, text: &str) -> Ran {
        self.run(&["--dir", "lab", "--user", user, "-c", text])
    }

    /// Runs a command text on its lab, objects as JSON.
    pub fn json(&self, text: &str) -> Ran {
        self.run(&["--dir", "lab", "--output", "json", "-c", text])
    }

    /// The version of the store of its lab.
    #[track_caller]
    pub fn store_version(&self) -> u64 {
        let host = reeve::deployment::locate(&self.path("lab")).unwrap();
        let deployment = reeve::deployment::Deployment::open(&host).unwrap();
        deployment.store().version().unwrap()
    }
}

/// A lab that is made once for all tests; they copy it, and never run on it.
fn shared_lab() -> &'static Path {
    static LAB: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = LAB.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        reeve::deployment::lab::create(&folder.path().join("lab")).unwrap();
        folder
    });
    // The folder outlives every test: statics are never dropped, the system clears its temporary files.
    Box::leak(folder.path().join("lab").into_boxed_path())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
