//! `reeve init DIR`: a deployment from a topology document.

use super::arguments::Common;
use super::exit::Exit;
use super::session::Options;
use super::terminal::Terminal;
use crate::cmdlet::{Host, Message};
use crate::deployment::{self, Made};
use crate::error::{Category, ErrorRecord};
use crate::topology::Topology;
use std::path::{Path, PathBuf};

/// Makes the host directory and says what was made.
pub fn run(common: &Common, directory: Option<PathBuf>, topology: Option<PathBuf>, computer: Option<String>) -> Exit {
    let options = Options::from(common);
    let terminal = Terminal::new(&options);
    let directory = directory.unwrap_or(options.directory);
    match make(&directory, topology.as_deref(), computer) {
        Ok(made) => {
            for warning in &made.warnings {
                terminal.message(Message::Warning(warning.clone()));
            }
            let shown = directory.display();
            terminal.print(&format!(
                "Made the deployment {} in {shown}, the host directory of {}.\nWork on it: reeve --dir {shown}\n",
                made.deployment, made.computer
            ));
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

fn make(directory: &Path, file: Option<&Path>, computer: Option<String>) -> Result<Made, ErrorRecord> {
    if directory.is_file() {
        let shown = directory.display();
        let message = format!("'{shown}' is a file; what is named is the host directory to make.");
        return Err(ErrorRecord::new("NotADirectory", Category::InvalidArgument, message)
            .hint(format!("A topology document is named with --topology: reeve init DIR --topology {shown}.")));
    }
    let topology = file.map(read).transpose()?;
    deployment::init(directory, deployment::Options { topology, computer })
}

/// Far above what a topology document may have, in bytes; the parser says what that is.
const LARGEST_TOPOLOGY: u64 = 64 << 20;

fn read(file: &Path) -> Result<Topology, ErrorRecord> {
    let bytes = crate::env::file::read(file, LARGEST_TOPOLOGY).map_err(|error| {
        let message = format!("The topology document {} cannot be read: {error}.", file.display());
        ErrorRecord::new("FileNotReadable", Category::ReadError, message)
    })?;
    Topology::from_bytes(&bytes)
}
