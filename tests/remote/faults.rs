//! Rule: whoever goes, waits or dies in the middle of a call leaves nothing running behind, and the other end says so.

use super::{Person, Remote, lab, owner};
use crate::support::remote::Server;
use reeve::cmdlet::registry::Registry;
use reeve::cmdlet::remote::Link;
use reeve::cmdlet::remote::lines::{self, FromClient, FromServer};
use reeve::cmdlet::run::{Maker, Side};
use reeve::cmdlet::spec::CmdletSpec;
use reeve::cmdlet::{Access, Bound, CmdletEntry, Context, Run, ScopeKind, Session};
use reeve::error::{Category, Halt};
use reeve::host::calls::Limits;
use reeve::value::Value;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a cmdlet of the test did.
#[derive(Clone, Default)]
struct Done {
    begun: Arc<AtomicBool>,
    put_out: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

impl Done {
    fn wait(flag: &AtomicBool) {
        let start = Instant::now();
        while !flag.load(Ordering::SeqCst) {
            assert!(start.elapsed() < Duration::from_secs(20), "it did not come to that");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Runs until it is stopped; puts out objects of a kilobyte if it is to.
struct Endless {
    done: Done,
    puts_out: bool,
}

impl Run for Endless {
    fn process(&mut self, _: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.done.begun.store(true, Ordering::SeqCst);
        for n in 0..100_000_i64 {
            if self.puts_out {
                cx.output(Value::list(vec![Value::Int(n), Value::from("x".repeat(1000))]))?;
                self.done.put_out.fetch_add(1, Ordering::SeqCst);
            } else {
                cx.session.check_interrupt()?;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        if self.done.begun.load(Ordering::SeqCst) {
            self.done.ended.store(true, Ordering::SeqCst);
        }
    }
}

/// The cmdlets of the test beside all others.
fn registry(done: &Done) -> Maker<Registry> {
    let done = done.clone();
    let entry = move |name: &'static str, puts_out: bool| {
        let done = done.clone();
        CmdletEntry {
            name: name.into(),
            aliases: &[],
            access: Access::read(ScopeKind::Global),
            side: Side::Server,
            here: None,
            examples: &[],
            spec: Arc::new(move || Arc::new(CmdletSpec { name: name.into(), ..CmdletSpec::default() })),
            make: Arc::new(move || Box::new(Endless { done: done.clone(), puts_out })),
            looks_at: None,
            files: &[],
            runs: &[],
            if_lost: None,
            script: None,
        }
    };
    Arc::new(move || {
        let mut all = reeve::cmdlets::all();
        all.extend([entry("Wait-CsLong", false), entry("Get-CsMany", true)]);
        Registry::new(all)
    })
}

fn remote(server: &Server, done: &Done) -> Remote {
    let person = Rc::new(Person::default());
    let session = Session::with_registry(Box::new(person.clone()), registry(done)()).through(Arc::new(server.link()));
    Remote { session, person }
}

fn started(limits: Limits) -> (reeve::deployment::lab::Temporary, Server, Done) {
    let (lab, done) = (lab(), Done::default());
    let server = Server::with(&lab.lab().host, owner(), limits, registry(&done), None);
    (lab, server, done)
}

/// Ctrl-C is felt at once, and the server's cmdlet stops.
#[test]
fn an_interrupt_stops_both_ends() {
    let (_lab, server, done) = started(Limits::default());
    let remote = remote(&server, &done);
    let (flag, begun) = (remote.session.interrupt.clone(), done.begun.clone());
    let presses = std::thread::spawn(move || {
        Done::wait(&begun);
        flag.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let ended = remote.run("Wait-CsLong", &[]);
    let pressed = presses.join().unwrap();
    println!("measure: Ctrl-C to prompt: {:?}", pressed.elapsed());
    assert!(matches!(ended, Err(Halt::Interrupted)), "{ended:?}");
    assert!(pressed.elapsed() < Duration::from_secs(2));
    Done::wait(&done.ended);
    // The session goes on.
    remote.session.interrupt.store(false, Ordering::Relaxed);
    assert!(!remote.run("Get-CsPool", &[]).unwrap().is_empty());
}

/// A client that takes three of a hundred thousand objects is not sent the rest: the server waits, then stops.
#[test]
fn a_client_that_wants_no_more_stops_the_server() {
    let (_lab, server, done) = started(Limits::default());
    let remote = remote(&server, &done);
    let taken = remote.pipeline(vec![("Get-CsMany", &[]), ("Select-Object", &[("First", Value::Int(3))])]).unwrap();
    assert_eq!(taken.len(), 3);
    Done::wait(&done.ended);
    let made = done.put_out.load(Ordering::SeqCst);
    println!("measure: objects made for 3 that were taken: {made}");
    assert!(made < 5000, "{made}");
}

/// The same for a client that takes one and then thinks: what waits on the way is bounded.
#[test]
fn a_slow_client_slows_the_server() {
    let (_lab, server, done) = started(Limits::default());
    let link = server.link();
    let never = || false;
    let mut lines = link.call(Side::Server, false).unwrap();
    for line in [call("Get-CsMany"), FromClient::Begin, FromClient::Object(lines::Named::default())] {
        lines.send(lines::write(&line).unwrap(), &never).unwrap();
    }
    Done::wait(&done.begun);
    // It has come to rest when nothing more was made for a while.
    let mut before = 0;
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let now = done.put_out.load(Ordering::SeqCst);
        if now == before && now > 0 {
            break;
        }
        before = now;
    }
    assert!(before < 5000, "{before}");
    assert!(!done.ended.load(Ordering::SeqCst));
    // A client that goes away in the middle takes its cmdlet with it.
    drop(lines);
    Done::wait(&done.ended);
}

fn call(cmdlet: &str) -> FromClient {
    let common = lines::Resolved::of(&Default::default(), reeve::cmdlet::preferences::Impact::High);
    FromClient::Call(Box::new(lines::Call {
        format: lines::FORMAT,
        cmdlet: cmdlet.into(),
        user: None,
        bound: lines::Named::default(),
        fed: false,
        common,
        can_ask: false,
        width: 80,
    }))
}

/// A client whose process is gone, connection and all.
#[test]
fn a_client_that_goes_away_cancels_its_cmdlet() {
    let (_lab, server, done) = started(Limits::default());
    let link = server.link();
    let never = || false;
    let mut lines = link.call(Side::Server, false).unwrap();
    for line in [call("Wait-CsLong"), FromClient::Begin, FromClient::Object(lines::Named::default())] {
        lines.send(lines::write(&line).unwrap(), &never).unwrap();
    }
    Done::wait(&done.begun);
    drop(link);
    Done::wait(&done.ended);
}

/// A server that dies in the middle: the client says what is known, and goes on with the next one.
#[test]
fn a_server_that_dies_is_lost_and_found() {
    let (lab, mut server, done) = started(Limits::default());
    let remote = remote(&server, &done);
    assert!(!remote.run("Get-CsPool", &[]).unwrap().is_empty());
    let begun = done.begun.clone();
    let (socket, host) = (server.socket.clone(), lab.lab().host.clone());
    let kills = std::thread::spawn(move || {
        Done::wait(&begun);
        server.kill();
        server
    });
    match remote.run("Wait-CsLong", &[]) {
        Err(Halt::Error(error)) => {
            assert_eq!((error.id(), error.category()), ("ConnectionLost", Category::ResourceUnavailable));
        }
        other => panic!("{other:?}"),
    }
    let _dead = kills.join().unwrap();
    Done::wait(&done.ended);
    assert_eq!(remote.fails("Get-CsPool", &[]), "HostUnreachable");
    // Another takes its place: what was not begun is sent to that one, without an error.
    let _again = Server::with(&host, owner(), Limits::default(), registry(&done), Some(socket));
    assert!(!remote.run("Get-CsPool", &[]).unwrap().is_empty());
}

/// A connection that broke while nobody used it is made anew.
#[test]
fn a_call_that_had_not_begun_is_sent_again() {
    let (lab, mut server, done) = started(Limits::default());
    let remote = remote(&server, &done);
    assert!(!remote.run("Get-CsPool", &[]).unwrap().is_empty());
    server.kill();
    let _again =
        Server::with(&lab.lab().host, owner(), Limits::default(), registry(&done), Some(server.socket.clone()));
    assert!(!remote.run("Get-CsPool", &[]).unwrap().is_empty());
}

/// More calls than there are places wait, but not for ever.
#[test]
fn a_busy_server_says_so() {
    let limits = Limits { calls: 1, wait: Duration::from_millis(50), ..Limits::default() };
    let (_lab, server, done) = started(limits);
    let link = server.link();
    let never = || false;
    let mut lines = link.call(Side::Server, false).unwrap();
    for line in [call("Wait-CsLong"), FromClient::Begin, FromClient::Object(lines::Named::default())] {
        lines.send(lines::write(&line).unwrap(), &never).unwrap();
    }
    Done::wait(&done.begun);
    let remote = remote(&server, &Done::default());
    assert_eq!(remote.fails("Get-CsPool", &[]), "ServerBusy");
    drop(lines);
    Done::wait(&done.ended);
    let start = Instant::now();
    while remote.run("Get-CsPool", &[]).is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "the place is not free again");
    }
}

/// A client that says nothing in the middle of a call does not hold its place for ever.
#[test]
fn a_silent_client_is_not_waited_for_without_end() {
    let (_lab, server, _done) = started(Limits { patience: Duration::from_millis(50), ..Limits::default() });
    let link = server.link();
    let never = || false;
    let mut lines = link.call(Side::Server, false).unwrap();
    lines.send(lines::write(&call("Get-CsPool")).unwrap(), &never).unwrap();
    let mut answer = || lines::read::<FromServer>(&lines.receive(None, &never).expect("a line")).unwrap();
    assert_eq!(answer(), FromServer::Started);
    match answer() {
        FromServer::Failed(lines::Failure::Error(error)) => assert_eq!(error["Id"], "CallTimedOut"),
        other => panic!("{other:?}"),
    }
}
