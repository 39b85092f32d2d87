//! The log, on stderr: of a command where it is asked for, of a server always.

use clap::ValueEnum;
use std::io::IsTerminal;

/// The form of a server's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A line of text for each event.
    #[default]
    Text,
    /// A JSON object for each event.
    Json,
}

/// Starts the log of a command with `-vv`, filtered by REEVE_LOG if it is set.
pub fn start(verbose: u8) {
    let filter = match (std::env::var("REEVE_LOG"), verbose) {
        (Ok(filter), _) => filter,
        (Err(_), 2..) => "reeve=debug".to_string(),
        (Err(_), _) => return,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that was started already (in tests) stays as it is.
    let _ = log.try_init();
}

/// Starts the log of a server: what an operator wants to know, or what REEVE_LOG asks for.
pub fn start_server(form: Form, verbose: u8) {
    let filter = std::env::var("REEVE_LOG")
        .unwrap_or_else(|_| if verbose > 0 { "reeve=debug".into() } else { "reeve=info,warn".to_string() });
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match form {
        Form::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        Form::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
