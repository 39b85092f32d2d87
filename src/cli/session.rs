//! Makes the session of a command line from its options.

use super::arguments::{Common, Output};
use super::terminal::Terminal;
use crate::cmdlet::Session;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What the options say of a session.
#[derive(Clone, Debug)]
pub struct Options {
    /// The host directory or lab.
    pub directory: PathBuf,
    /// As whom; `None` is who runs the program.
    pub user: Option<String>,
    /// How objects are written.
    pub output: Output,
    /// Columns, if given.
    pub width: Option<usize>,
    /// With colours.
    pub color: bool,
    /// The verbose stream is shown.
    pub verbose: bool,
}

impl From<&Common> for Options {
    fn from(common: &Common) -> Options {
        let no_color = common.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Options {
            directory: common.dir.clone().unwrap_or_else(default_directory),
            user: common.user.clone(),
            output: common.output,
            width: common.width.map(usize::from),
            color: !no_color && std::io::stderr().is_terminal(),
            verbose: common.verbose > 0,
        }
    }
}

/// The user's data directory: `$XDG_DATA_HOME/reeve`, else `~/.local/share/reeve`.
fn default_directory() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or_else(home).unwrap_or_else(|| PathBuf::from(".")).join("reeve")
}

/// Starts the log on stderr with `-vv`, filtered by REEVE_LOG if it is set.
pub fn start_log(verbose: u8) {
    let filter = match (std::env::var("REEVE_LOG"), verbose) {
        (Ok(filter), _) => filter,
        (Err(_), 2..) => "reeve=debug".to_string(),
        (Err(_), _) => return,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that was started already (in tests) stays as it is.
    let _ = log.try_init();
}
