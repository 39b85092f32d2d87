//! What a synchronisation has done, for people and for machines.

use super::message::MOST_NAMES;
use super::path::TreePath;

/// Names with what is to be said of each: the first ones, and how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How many.
    pub count: u64,
    /// The first [`MOST_NAMES`] of them: the name (what is not UTF-8 in it replaced) and a remark.
    pub first: Vec<(String, String)>,
}

impl Names {
    /// Adds a name.
    pub fn add(&mut self, name: &[u8], remark: &str) {
        self.count += 1;
        if self.first.len() < MOST_NAMES {
            let shown = TreePath::parse(name).map_or_else(
                || String::from_utf8_lossy(name).chars().flat_map(char::escape_debug).collect(),
                |path| path.to_string(),
            );
            self.first.push((shown, remark.to_owned()));
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What a synchronisation has done, as one end saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries of the tree that were looked at.
    pub looked_at: u64,
    /// Bytes that were read to hash them.
    pub hashed: u64,
    /// Files that were made anew.
    pub created: u64,
    /// Files whose content changed.
    pub changed: u64,
    /// Files and folders that were found at another place and only renamed.
    pub moved: u64,
    /// Files that the target copied from others of its own.
    pub copied: u64,
    /// Folders made, links made, modes and times set.
    pub touched: u64,
    /// Entries that went.
    pub deleted: u64,
    /// Bytes that this end sent, with 4 for the length of each message.
    pub bytes_sent: u64,
    /// Bytes that this end received, counted in the same way.
    pub bytes_received: u64,
    /// Bytes of all files that were created, changed, moved or copied.
    pub bytes_concerned: u64,
    /// Of those, bytes that did not travel.
    pub bytes_saved: u64,
    /// Files that the target had changed, alone or as the source had: where what the target had is kept.
    pub conflicts: Names,
    /// Files that the target had changed and the source deleted or moved: they stay. The target alone knows them.
    pub stayed: Names,
    /// Files that were changed or removed at the target alone, and came back.
    pub diverged: Names,
    /// Entries that are never synchronised.
    pub refused: Names,
    /// Files that were taken again because they changed while they were read, or did not arrive whole.
    pub retried: Names,
    /// Entries that are left for the next time, and why.
    pub failed: Names,
    /// How many times both ends went over their trees until nothing was left to do.
    pub rounds: u32,
}

impl Report {
    /// Whether everything was synchronised.
    pub fn complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// Whether nothing had to be done.
    pub fn idle(&self) -> bool {
        self.created + self.changed + self.moved + self.copied + self.touched + self.deleted == 0
    }
}
