//! `reeve init DIR`: a deployment from a topology document, or a computer that joins one.

use super::arguments::Common;
use super::exit::Exit;
use super::session::Options;
use super::terminal::Terminal;
use crate::cmdlet::{Host, Message};
use crate::deployment::{self, Made};
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord};
use crate::host::join;
use crate::topology::Topology;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was asked for.
pub struct What {
    /// The directory to make.
    pub directory: Option<PathBuf>,
    /// The topology document.
    pub topology: Option<PathBuf>,
    /// The computer.
    pub computer: Option<String>,
    /// The server that takes the computer in.
    pub join: Option<String>,
    /// Where the token is.
    pub token_file: Option<PathBuf>,
}

/// Makes the host directory and says what was made.
pub fn run(common: &Common, what: &What) -> Exit {
    let options = Options::from(common);
    let terminal = Terminal::new(&options);
    let directory = what.directory.as_ref().unwrap_or(&options.directory);
    match make(directory, what) {
        Ok(made) => {
            for warning in &made.warnings {
                terminal.message(Message::Warning(warning.clone()));
            }
            let shown = directory.display();
            terminal.print(&match what.join {
                None => format!(
                    "Made the deployment {} in {shown}, the host directory of {}.\n\
                     Start its server: reeve serve --dir {shown}\nWork on it: reeve --dir {shown}\n",
                    made.deployment, made.computer
                ),
                Some(_) => format!(
                    "Joined the deployment {} as {}; its host directory is {shown}.\nStart it: reeve serve --dir {shown}\n",
                    made.deployment, made.computer
                ),
            });
            terminal.flush();
            Exit::OK
        }
        Err(error) => {
            let exit = Exit::of_error(&error);
            terminal.message(Message::Error(error));
            exit
        }
    }
}

fn make(directory: &Path, what: &What) -> Result<Made, ErrorRecord> {
    if directory.is_file() {
        let shown = directory.display();
        let message = format!("'{shown}' is a file; what is named is the host directory to make.");
        return Err(ErrorRecord::new("NotADirectory", Category::InvalidArgument, message)
            .hint(format!("A topology document is named with --topology: reeve init DIR --topology {shown}.")));
    }
    if let (Some(url), Some(file)) = (&what.join, &what.token_file) {
        let computer = match &what.computer {
            Some(computer) => computer.clone(),
            None => own_name()?,
        };
        let token = read_token(file)?;
        return join::join(directory, url, &token, &computer, Arc::new(SystemClock));
    }
    let topology = what.topology.as_deref().map(read_topology).transpose()?;
    deployment::init(directory, deployment::Options { topology, computer: what.computer.clone() })
}

/// Far above what a token has, in bytes.
const LARGEST_TOKEN: u64 = 4096;

/// The token is read from a file or a pipe alone: an argument could be read by everybody on the computer.
fn read_token(file: &Path) -> Result<String, ErrorRecord> {
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().take(LARGEST_TOKEN).read_to_string(&mut text).map(|_| text)
    } else {
        crate::env::file::read(file, LARGEST_TOKEN).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    read.map_err(|error| {
        let message = format!("The join token cannot be read from {}: {error}.", file.display());
        ErrorRecord::new("FileNotReadable", Category::ReadError, message)
    })
}

/// The full name of this computer, where the system knows it.
fn own_name() -> Result<String, ErrorRecord> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_string();
    if name.contains('.') {
        return Ok(name);
    }
    let message = format!("The system knows this computer as '{name}', which is no full name.");
    Err(ErrorRecord::new("ComputerNotNamed", Category::InvalidArgument, message)
        .hint("Name it as the topology does: --computer NAME.DOMAIN."))
}

/// Far above what a topology document may have, in bytes; the parser says what that is.
const LARGEST_TOPOLOGY: u64 = 64 << 20;

/// Reads a topology document.
pub fn read_topology(file: &Path) -> Result<Topology, ErrorRecord> {
    let bytes = crate::env::file::read(file, LARGEST_TOPOLOGY).map_err(|error| {
        let message = format!("The topology document {} cannot be read: {error}.", file.display());
        ErrorRecord::new("FileNotReadable", Category::ReadError, message)
    })?;
    Topology::from_bytes(&bytes)
}
