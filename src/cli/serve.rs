//! `reeve serve`: the server of this computer, until it is told to stop.

use super::arguments::Common;
use super::exit::Exit;
use super::log;
use super::session::Options;
use super::terminal::Terminal;
use crate::cmdlet::{Host, Message};
use crate::deployment::HostDirectory;
use crate::error::{Category, ErrorRecord};
use crate::host::{self, Server, notify};
use crate::net::listen;
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// What was asked for.
pub struct What {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Where to show health and metrics.
    pub monitor: Option<SocketAddr>,
    /// The form of the log.
    pub log: log::Form,
    /// Ends when standard input does.
    pub with_parent: bool,
}

/// Serves until SIGTERM, SIGINT, or the end of the parent.
pub fn run(common: &Common, what: &What) -> Exit {
    let options = Options::from(common);
    log::start_server(what.log, common.verbose);
    match serve(&options, what) {
        Ok(()) => Exit::OK,
        Err(error) => {
            tracing::error!(id = error.id(), "{}", error.message());
            let exit = Exit::of_error(&error);
            Terminal::new(&options).message(Message::Error(error));
            exit
        }
    }
}

fn serve(options: &Options, what: &What) -> Result<(), ErrorRecord> {
    let mut inherited = listen::inherited()?.into_iter();
    // Before anything starts, so that no signal ends the server as if it were any program.
    let mut signals = signals(what.with_parent).map_err(|error| {
        ErrorRecord::new("SignalsNotTaken", Category::ResourceUnavailable, format!("Signals cannot be taken: {error}."))
    })?;
    let directory = HostDirectory::hold(&options.directory)?;
    tracing::debug!(descriptors = listen::raise_descriptors(), "connections that this process can have");
    let options = host::Options {
        listen: what.listen,
        listener: inherited.next(),
        monitor: what.monitor,
        monitor_listener: inherited.next(),
        ..host::Options::default()
    };
    let server = Server::start(directory, options)?;
    let mut line = format!("serving {} on {}\n", server.node().computer(), server.address());
    if let Some(monitor) = server.monitor() {
        line.push_str(&format!("health and metrics on {monitor}\n"));
    }
    // Where nobody reads it nobody waits for it.
    let _ = io::stdout().write_all(line.as_bytes()).and_then(|()| io::stdout().flush());
    notify::tell("READY=1");
    let mut byte = [0];
    let _ = signals.read_exact(&mut byte);
    tracing::info!("stopping");
    notify::tell("STOPPING=1");
    let again = std::thread::Builder::new().name("second signal".into()).spawn(move || {
        while signals.read_exact(&mut byte).is_ok() {
            if byte != PARENT {
                tracing::warn!("a second signal: ending at once");
                std::process::exit(i32::from(Exit::INTERRUPTED.0));
            }
        }
    });
    drop(again);
    server.stop();
    Ok(())
}

/// What is written to the pipe at the end of the parent; a signal writes something else.
const PARENT: [u8; 1] = *b"p";

/// A pipe that gives a byte for each signal, and for the end of the parent.
fn signals(with_parent: bool) -> io::Result<UnixStream> {
    let (read, write) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGINT] {
        signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
    }
    // A file that may not grow is a disk that is full, which is told; by itself the signal would end the server.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    if with_parent {
        let mut write = write;
        std::thread::Builder::new().name("parent".into()).spawn(move || {
            // The parent writes nothing: this ends when it closes the pipe, or when it ends in whatever way.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = write.write_all(&PARENT);
        })?;
    }
    Ok(read)
}
