//! The servers of a lab: a process for each computer, which ends with this one, whatever happens to it.
//!
//! Each is held by a pipe to its standard input. The kernel closes the pipe with this process, however that ends, and
//! the server ends when it is closed.

use super::probe;
use crate::deployment::lab::{Lab, Running};
use crate::error::{Category, ErrorRecord};
use crate::host::inherit;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// The log of a server, in its host directory.
const LOG: &str = "serve.log";
/// Bytes of a log that are shown of a server that failed.
const TAIL: u64 = 2000;
/// How long all servers are given to end; then they are killed.
const PATIENCE: Duration = Duration::from_secs(12);

/// The servers of a lab.
pub struct Fleet {
    members: Vec<Member>,
    /// Nobody else starts servers on this lab meanwhile.
    _running: Running,
}

/// One server.
pub struct Member {
    /// The computer.
    pub computer: String,
    /// Its host directory.
    pub directory: PathBuf,
    process: Option<Child>,
    /// Open as long as the server shall run.
    pipe: Option<ChildStdin>,
}

impl Fleet {
    /// Starts a server for each computer of a lab on which none runs yet.
    ///
    /// # Errors
    /// `LabNotStarted`; those of the lab's files.
    pub fn start(lab: &Lab, running: Running) -> Result<Fleet, ErrorRecord> {
        lab.equip()?;
        let hosts = lab.hosts()?;
        let mut book = lab.addresses()?;
        let mut sockets = Vec::new();
        for (computer, directory) in hosts {
            // One that somebody started by hand is left alone, where it is.
            if probe::runs(&directory) {
                continue;
            }
            let (socket, address) = bind(book.get(&computer).map(String::as_str))?;
            book.insert(computer.clone(), address.to_string());
            sockets.push((computer, directory, socket));
        }
        let entries: Vec<(String, String)> = book.into_iter().collect();
        lab.publish(&entries)?;
        let mut fleet = Fleet { members: Vec::new(), _running: running };
        for (computer, directory, socket) in sockets {
            // A failure ends those that run already: the fleet is dropped.
            let (process, pipe) = start(&directory, socket).map_err(|error| not_started(&computer, &error))?;
            fleet.members.push(Member { computer, directory, process: Some(process), pipe });
        }
        Ok(fleet)
    }

    /// Those that have ended, each with how and with the end of its log.
    pub fn ended(&mut self) -> Vec<(String, String)> {
        let mut ended = Vec::new();
        for member in &mut self.members {
            if let Some(process) = &mut member.process
                && let Ok(Some(status)) = process.try_wait()
            {
                ended.push((member.computer.clone(), format!("{status}\n{}", tail(&member.directory))));
            }
        }
        ended
    }

    /// Ends all of them: gracefully, then, who does not, by force.
    pub fn stop(&mut self) {
        for member in &mut self.members {
            member.pipe = None;
        }
        let start = Instant::now();
        for member in &mut self.members {
            let Some(mut process) = member.process.take() else { continue };
            loop {
                match process.try_wait() {
                    Ok(None) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
                    Ok(None) => {
                        let _ = process.kill();
                        let _ = process.wait();
                        break;
                    }
                    _ => break,
                }
            }
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The end of a server's log.
pub fn tail(directory: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(directory.join(LOG))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// A socket for a server: where it was before if that is free, else wherever the system likes.
fn bind(before: Option<&str>) -> Result<(TcpListener, SocketAddr), ErrorRecord> {
    let before = before.and_then(|address| address.parse::<SocketAddr>().ok());
    let bound = before.filter(|address| address.ip().is_loopback()).and_then(|address| TcpListener::bind(address).ok());
    let any = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let bound = bound.map_or_else(any, Ok).and_then(|socket| Ok((socket.local_addr()?, socket)));
    bound.map(|(address, socket)| (socket, address)).map_err(|error| {
        let message = format!("No port of this computer can be had: {error}.");
        ErrorRecord::new("AddressUnavailable", Category::ResourceUnavailable, message)
    })
}

fn start(directory: &Path, socket: TcpListener) -> std::io::Result<(Child, Option<ChildStdin>)> {
    let mut log = File::options();
    log.write(true).create(true).truncate(true).mode(0o600);
    let log = log.open(directory.join(LOG))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--with-parent", "--dir"]).arg(directory);
    command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
    // A group of its own: Ctrl-C in the shell is not meant for the servers.
    command.process_group(0).env_remove("REEVE_DIR").env_remove("NOTIFY_SOCKET");
    let mut process = inherit::spawn_with(&mut command, socket)?;
    let pipe = process.stdin.take();
    Ok((process, pipe))
}

fn not_started(computer: &str, error: &std::io::Error) -> ErrorRecord {
    let message = format!("The server of {computer} cannot be started: {error}.");
    ErrorRecord::new("LabNotStarted", Category::ResourceUnavailable, message)
}
