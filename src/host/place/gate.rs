//! What stands before every acknowledgement of a change: the file that was written is the one that everybody finds, this
//! computer was not given up while it slept, and the mirror has the change.

use super::vigil::Vigil;
use super::{Place, Shared, ended};
use crate::backup::log::Feeds;
use crate::error::{Category, ErrorRecord};
use crate::store::Position;
use crate::store::sqlite::Gate;
use crate::topology::Database;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that a connection has open.
pub struct Open {
    path: PathBuf,
    /// Which it is, whatever its name: its device and number.
    which: Option<(u64, u64)>,
}

impl Open {
    /// The file that stands at a path now: asked for when a connection to it has just been opened.
    pub fn at(path: &Path) -> Open {
        Open { path: path.to_path_buf(), which: which(path) }
    }

    /// Whether it is the one that everybody else finds. An open file goes with its directory, where nobody finds it any
    /// more.
    fn stays(&self) -> bool {
        self.which.is_some() && which(&self.path) == self.which
    }
}

/// What a place's changes pass.
#[derive(Clone)]
struct Guard {
    database: Database,
    feeds: Arc<Feeds>,
    vigil: Arc<Vigil>,
}

impl Guard {
    fn pass(&self, open: &Open, position: &Position) -> Result<(), ErrorRecord> {
        if !open.stays() {
            return Err(moved(&self.database, &open.path));
        }
        let feeds = self.feeds.gate();
        self.vigil.pass(|| feeds(position))
    }
}

impl Shared {
    fn guard(&self) -> Guard {
        Guard { database: self.database.clone(), feeds: self.feeds.clone(), vigil: self.vigil.clone() }
    }

    /// What every change passes that is made over a connection which was just opened.
    pub(super) fn gate(&self) -> Arc<Gate> {
        let (guard, open) = (self.guard(), Open::at(&self.file));
        Arc::new(move |position| guard.pass(&open, position))
    }
}

impl Place {
    /// Holds the acknowledgement of a change back that was written to a file, on the thread of the change, until it may be
    /// given.
    ///
    /// # Errors
    /// `StoreMoved` where the file is not the one that everybody finds; `EpochOver` where this place has lost its role, or
    /// cannot find out whether it has.
    pub fn pass(&self, open: &Open, position: &Position) -> Result<(), ErrorRecord> {
        self.shared.guard().pass(open, position)
    }
}

/// There is no place that could say whether a change lasts.
pub fn unguarded(database: &Database) -> ErrorRecord {
    let error = ended(database);
    let message = format!("{} The change was written here, and may not last.", error.message());
    ErrorRecord::new("OperationStopped", Category::OperationStopped, message)
        .hint("See in a moment whether it is there, and make it again if it is not.")
}

/// Which file it is, whatever its name: its device and number.
fn which(file: &Path) -> Option<(u64, u64)> {
    file.metadata().ok().map(|data| (data.dev(), data.ino()))
}

/// The file that is open is not the one that everybody else finds.
fn moved(database: &Database, file: &Path) -> ErrorRecord {
    let message = format!(
        "The change went into a file of {database} that is not at '{}' any more: it was moved away, or another put in its \
         place, while the server ran.",
        file.display()
    );
    ErrorRecord::new("StoreMoved", Category::ResourceUnavailable, message)
        .hint("Stop the server, put the directory back, and start it again.")
        .hint("If it is lost, fail over to another place: Invoke-CsManagementServerFailover -WhatIf, run elsewhere.")
}
