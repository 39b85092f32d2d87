//! A server as a process: what it is told, what it tells, how it ends.

use super::{DUBLIN, MASTER, Site};
use crate::host::fleet::{PATIENCE, REEVE, health, wait};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Process {
    child: Child,
    told: UnixDatagram,
    monitor: String,
}

impl Process {
    fn start(site: &Site, name: &str) -> Process {
        let place = site.path(name);
        let told = UnixDatagram::bind(&place).unwrap();
        told.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = Command::new(REEVE);
        command.args(["serve", "--with-parent", "--listen", "127.0.0.1:0", "--monitor", "127.0.0.1:0", "--dir"]);
        command.arg(site.host(DUBLIN)).env_clear().env("NOTIFY_SOCKET", &place);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines: Vec<String> = out.lines().map_while(Result::ok).take(2).collect();
        assert!(lines[0].starts_with(&format!("serving {DUBLIN} on 127.0.0.1:")), "{lines:?}");
        let monitor = lines[1].rsplit(' ').next().unwrap().to_string();
        Process { child, told, monitor }
    }

    fn hears(&self, word: &str) {
        let mut buffer = [0; 200];
        let read = self.told.recv(&mut buffer).unwrap();
        assert_eq!(std::str::from_utf8(&buffer[..read]).unwrap(), word);
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.monitor).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn ends(&mut self) -> Option<i32> {
        let child = &mut self.child;
        wait("it ends", || child.try_wait().unwrap().is_some());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Rule: a server tells its service manager when it is ready and when it stops, shows health and metrics on the port for
/// scrapers and nothing else there; it ends in order when its parent does, and at once at a second signal.
#[test]
fn what_a_server_owes_its_service_manager() {
    let mut site = Site::new(&[MASTER, DUBLIN]);
    let mut process = Process::start(&site, "first");
    process.hears("READY=1");
    // A master that is away for a short while is a warning, and no failure.
    wait("it has tried", || health(&site.host(DUBLIN)).is_some_and(|health| health.warnings.contains_key("Replica")));
    let text = process.get("/healthz");
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("\"Warnings\":{\"Replica\""), "{text}");
    assert!(process.get("/metrics").contains("reeve_connections"));
    for path in ["/v1/where", "/v1/probe", "/v1/call", "/v1/join"] {
        assert!(process.get(path).starts_with("HTTP/1.1 404"), "{path}");
    }
    drop(process.child.stdin.take());
    process.hears("STOPPING=1");
    assert_eq!(process.ends(), Some(0), "its parent's end is no failure");

    // Something that says nothing keeps it for a moment, in which a second signal comes.
    for attempt in 0.. {
        let mut process = Process::start(&site, &format!("second{attempt}"));
        process.hears("READY=1");
        let _silent = UnixStream::connect(site.host(DUBLIN).join("reeve.sock")).unwrap();
        process.signal(Signal::TERM);
        process.hears("STOPPING=1");
        process.signal(Signal::INT);
        let code = process.ends();
        if code == Some(130) {
            break;
        }
        // On a machine that is very busy the moment may be over.
        assert!(code == Some(0) && attempt < 10, "{code:?}");
    }

    // A master that stays away is a failure. In process, because it waits a minute else.
    site.start_with(DUBLIN, |options| reeve::host::Options { away: Duration::from_millis(300), ..options });
    wait("it is a failure", || {
        let health = site.server(DUBLIN).health();
        health.reasons.get("Replica").is_some_and(|reason| reason.contains("HostUnreachable"))
    });
    assert_eq!(crate::host::fleet::get(&site.host(DUBLIN), "/healthz").unwrap().0, 503);
    site.start(MASTER);
    site.up_to_date(&[DUBLIN]);
    wait("it is well", || site.server(DUBLIN).health().healthy);
}
