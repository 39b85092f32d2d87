//! The command line: reads the arguments, makes a session, and runs the form that was asked for.

mod arguments;
mod check;
mod completions;
mod exit;
mod init;
mod lab;
mod log;
mod lower;
mod lsp;
mod route;
mod run;
mod serve;
mod session;
mod terminal;
mod way;

use crate::env::{memory, stack};
use arguments::{Arguments, Common, Form};
use clap::Parser;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

pub use arguments::Output;
pub use exit::Exit;
pub use session::{Options, Shell, open};

/// Stack of the thread that runs scripts, in bytes. A call of a script function takes about 8 KiB of native stack and a
/// recursion through a pipeline 14 KiB; the engine's limit of call depth fits this size. The memory is only reserved.
const SCRIPT_STACK: usize = 512 << 20;

/// The smallest stack on which a script is run.
const LEAST_STACK: usize = 16 << 20;

/// How often the memory is looked at; more often where it grows large.
const LOOKS: Duration = Duration::from_millis(50);
/// The same in a server: what it runs are single cmdlets, and it shall sleep when nothing happens.
const LOOKS_OF_SERVER: Duration = Duration::from_secs(1);

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Scripts run on a thread of their own with a large stack: an overflow would abort the process.
    // This one watches meanwhile that the other does not fill the memory.
    let looks = if matches!(arguments.form, Some(Form::Serve { .. })) { LOOKS_OF_SERVER } else { LOOKS };
    let (ends, ended) = mpsc::sync_channel::<Exit>(1);
    memory::allow(arguments.common.max_memory);
    if let Err(error) = on_a_large_stack(arguments, ends) {
        eprintln!("reeve: no thread to run on: {error}");
        return Exit::INTERNAL.into();
    }
    let mut wait = looks;
    loop {
        match ended.recv_timeout(wait) {
            // The thread is not waited for: the system takes its stack back with the process.
            Ok(exit) => return end(exit),
            Err(RecvTimeoutError::Timeout) => wait = if memory::look() { LOOKS / 5 } else { looks },
            // A panic, which has printed itself.
            Err(RecvTimeoutError::Disconnected) => return Exit::INTERNAL.into(),
        }
    }
}

/// Ends the process as it stands: what it holds the system takes back at once, the allocator would take its time.
fn end(exit: Exit) -> ExitCode {
    use std::io::Write;
    if std::io::stdout().flush().is_err() {
        // Nobody reads it any more, which whoever wrote it knows.
        return exit.into();
    }
    signal_hook::low_level::exit(exit.0.into())
}

/// Runs the command line on a thread of its own, which tells its exit. Where there is no room for its stack (`ulimit -v`)
/// it gets a smaller one: the depth of calls is what the stack has room for.
fn on_a_large_stack(arguments: Arguments, ends: mpsc::SyncSender<Exit>) -> std::io::Result<()> {
    let mut size = SCRIPT_STACK;
    loop {
        // The thread takes them when it is there: one that could not be made would have lost them.
        let (give, take) = mpsc::sync_channel::<Arguments>(1);
        let ends = ends.clone();
        let script = move || {
            stack::begin(size);
            if let Ok(arguments) = take.recv() {
                // The other end waits for nothing else.
                let _ = ends.send(dispatch(arguments));
            }
        };
        match std::thread::Builder::new().name("script".into()).stack_size(size).spawn(script) {
            Ok(_) => {
                let _ = give.send(arguments);
                return Ok(());
            }
            Err(_) if size > LEAST_STACK => size /= 2,
            Err(error) => return Err(error),
        }
    }
}

fn dispatch(arguments: Arguments) -> Exit {
    let mut common = arguments.common;
    // Set-Location changes the folder in which paths begin; these are meant where the program was started.
    for path in [&mut common.dir, &mut common.certificate].into_iter().flatten() {
        *path = std::path::absolute(&*path).unwrap_or_else(|_| path.clone());
    }
    if !matches!(arguments.form, Some(Form::Serve { .. })) {
        log::start(common.verbose);
    }
    match (arguments.form, arguments.command) {
        (Some(Form::Lab { command, file, topology, embedded }), None) => {
            lab::run(&common, &lab::What { text: command, file, topology, embedded })
        }
        (Some(Form::Serve { listen, monitor, log, with_parent }), None) => {
            serve::run(&common, &serve::What { listen, monitor, log, with_parent })
        }
        (Some(_), Some(_)) => {
            eprintln!("reeve: -c and a form exclude each other; `reeve --help` lists the forms");
            Exit::USAGE
        }
        (None, Some(text)) => run::text(&common, "-c", text),
        (None, None) if !std::io::stdin().is_terminal() => run::standard_input(&common),
        (None, None) => interactive(&common),
        (Some(Form::Standard), None) => run::standard_input(&common),
        (Some(Form::Run { no_check, script }), None) => run::file(&common, no_check, &script),
        (Some(Form::Init { directory, topology, computer, join, token_file }), None) => {
            init::run(&common, &init::What { directory, topology, computer, join, token_file })
        }
        (Some(Form::Check { file, role }), None) => check::run(&common, &file, role.as_deref()),
        (Some(Form::Lower { file }), None) => lower::run(&common, &file),
        (Some(Form::Lsp { .. }), None) => lsp::run(&common),
        (Some(Form::Completions { shell }), None) => completions::run(shell),
    }
}

/// The shell, until its user leaves.
fn interactive(common: &Common) -> Exit {
    crate::shell::run(&Options::interactive(common))
}
