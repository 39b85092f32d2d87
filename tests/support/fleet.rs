//! Real servers of some of a lab's computers, which a test starts, asks and kills.

use reeve::deployment::lab::{self, Lab};
use reeve::host::{Health, inherit};
use reeve::net::http::{Body, Channel, Method};
use reeve::topology::Topology;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything is waited for: far longer than it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The program.
pub const REEVE: &str = env!("CARGO_BIN_EXE_reeve");

/// A lab, and the servers of some of its computers. All end with it.
pub struct Fleet {
    folder: tempfile::TempDir,
    /// The lab.
    pub lab: Lab,
    running: BTreeMap<String, Child>,
}

impl Fleet {
    /// A lab on which nothing runs.
    pub fn new() -> Fleet {
        let folder = tempfile::tempdir().unwrap();
        let lab = lab::create(&folder.path().join("lab")).unwrap();
        Fleet { folder, lab, running: BTreeMap::new() }
    }

    /// The lab of a topology, without people and data, on which nothing runs.
    pub fn of(topology: Topology) -> Fleet {
        let folder = tempfile::tempdir().unwrap();
        let lab = lab::create_of(&folder.path().join("lab"), Some(topology)).unwrap();
        Fleet { folder, lab, running: BTreeMap::new() }
    }

    /// A path beside the lab.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The host directory of a computer of the lab.
    pub fn host(&self, computer: &str) -> PathBuf {
        self.lab.directory.join("hosts").join(computer)
    }

    /// Starts the servers of these computers for the first time, each where the others find it.
    pub fn launch(&mut self, computers: &[&str]) {
        self.launch_beside(computers, &[]);
    }

    /// The same where others, with these addresses, run elsewhere.
    pub fn launch_beside(&mut self, computers: &[&str], elsewhere: &[(String, String)]) {
        let bound = computers.iter().map(|computer| (*computer, TcpListener::bind("127.0.0.1:0").unwrap()));
        let bound: Vec<_> = bound.collect();
        let address = |socket: &TcpListener| socket.local_addr().unwrap().to_string();
        let here = bound.iter().map(|(computer, socket)| (computer.to_string(), address(socket)));
        let book: Vec<_> = here.chain(elsewhere.iter().cloned()).collect();
        self.lab.publish(&book).unwrap();
        for (computer, socket) in bound {
            let mut command = serve(&self.host(computer));
            let child = inherit::spawn_with(&mut command, socket).unwrap();
            self.running.insert(computer.to_string(), child);
        }
        for computer in computers {
            wait(&format!("{computer} answers"), || health(&self.host(computer)).is_some());
        }
    }

    /// Starts a server again, where it was.
    pub fn start(&mut self, computer: &str) {
        let directory = self.host(computer);
        wait(&format!("{computer} starts"), || {
            let mut child = serve(&directory).spawn().unwrap();
            let start = Instant::now();
            // Its port may be somebody else's for a moment.
            while child.try_wait().unwrap().is_none() {
                if health(&directory).is_some() {
                    self.running.insert(computer.to_string(), child);
                    return true;
                }
                assert!(start.elapsed() < PATIENCE, "{computer} does not answer");
                pause();
            }
            false
        });
    }

    /// Starts the server of a host directory beside the lab, on a port of its own.
    pub fn start_beside(&mut self, name: &str) {
        let mut command = serve(&self.path(name));
        command.args(["--listen", "127.0.0.1:0"]);
        self.running.insert(name.to_string(), command.spawn().unwrap());
        wait(&format!("{name} answers"), || health(&self.path(name)).is_some());
    }

    /// Kills a server: kill -9.
    pub fn kill(&mut self, computer: &str) {
        let mut child = self.running.remove(computer).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Whether a server was started and not ended by the test.
    pub fn runs(&self, computer: &str) -> bool {
        self.running.contains_key(computer)
    }

    /// Stops a server where it is, as a computer that hangs, or lets it go on.
    pub fn freeze(&self, computer: &str, frozen: bool) {
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_child(&self.running[computer]), signal).unwrap();
    }

    /// Ends a server as a service manager does.
    pub fn terminate(&mut self, computer: &str) -> ExitStatus {
        let mut child = self.running.remove(computer).unwrap();
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        wait("it ends", || child.try_wait().unwrap().is_some());
        child.wait().unwrap()
    }

    /// Runs a text on the lab.
    pub fn shell(&self, text: &str) -> String {
        let ran = self.run(&["--dir", self.lab.directory.to_str().unwrap(), "-c", text]);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{text}:\n{out}\n{err}");
        out.into_owned()
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The program with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(REEVE);
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("TMPDIR", self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Waits until the master counts these computers among those that are up to date.
    pub fn up_to_date(&self, computers: &[&str]) {
        self.up_to_date_with(&self.lab.host, computers);
    }

    /// Waits until the master in this host directory counts these computers among those that are up to date.
    pub fn up_to_date_with(&self, master: &Path, computers: &[&str]) {
        let mut last = String::new();
        let start = Instant::now();
        loop {
            if let Some(replicas) = health(master).and_then(|health| health.replicas) {
                let of = |name: &str| replicas.iter().find(|replica| replica.fqdn == name);
                if computers.iter().all(|name| of(name).is_some_and(|replica| replica.up_to_date)) {
                    return;
                }
                last = format!("{:?}", computers.iter().map(|name| of(name)).collect::<Vec<_>>());
            }
            assert!(start.elapsed() < PATIENCE, "not up to date: {last}");
            pause();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn serve(directory: &Path) -> Command {
    let mut command = Command::new(REEVE);
    command.args(["serve", "--with-parent", "--dir"]).arg(directory).env_clear();
    let log = std::fs::File::options().append(true).create(true).open(directory.join("serve.log")).unwrap();
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
    command
}

/// The health of the server of a host directory, if one runs.
pub fn health(directory: &Path) -> Option<Health> {
    serde_json::from_str(&get(directory, "/healthz")?.1).ok()
}

/// What the server of a host directory answers on its socket: status and text.
pub fn get(directory: &Path, path: &str) -> Option<(u16, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let channel = Channel::over_unix(&directory.join("reeve.sock")).await.ok()?;
        let answer = channel.request(Method::GET, path, Body::empty()).await.ok()?;
        let status = answer.status.as_u16();
        Some((status, String::from_utf8(answer.body.whole().await.ok()?.to_vec()).unwrap()))
    })
}

/// Waits for a condition.
#[track_caller]
pub fn wait(what: &str, mut until: impl FnMut() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        pause();
    }
}

/// Between two looks.
pub fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
