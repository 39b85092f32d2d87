//! What is not believed of a source that lost its files, or its memory of them: a copy loses nothing for it unasked.

use super::apply::Doing;
use super::path::TreePath;
use super::row::Rows;
use super::tree::Options;
use crate::error::{Category, ErrorRecord};
use std::collections::BTreeSet;

/// Nothing is left of a tree of which there are so many entries elsewhere: it looks like a disk that is not mounted.
pub(super) fn empty(entries: usize) -> ErrorRecord {
    let held = if entries == 1 { "an entry".to_string() } else { format!("{entries} entries") };
    let message = format!("the file tree is empty, and held {held} when it was synchronised");
    ErrorRecord::new("FileSyncSourceEmpty", Category::InvalidOperation, message)
        .hint("Is its disk mounted? Nothing is deleted at the copy meanwhile.")
}

/// Whether a source is believed that has `now`, but for the places of which it knows nothing, where the target has
/// `theirs`. One that `remembers` what was synchronised knows what was deleted and changed since; one that does not may
/// be a new disk, or an old one from a cupboard: it may add to the copy, and nothing else, until somebody says that it
/// counts.
///
/// # Errors
/// `FileSyncSourceEmpty`, `FileSyncSourceNew`.
pub(super) fn believes(
    now: &Rows,
    unknown: &[TreePath],
    theirs: &Rows,
    remembers: bool,
    options: &Options,
) -> Result<(), ErrorRecord> {
    if now.is_empty() && unknown.is_empty() && !theirs.is_empty() && !options.may_be_empty {
        return Err(empty(theirs.len()));
    }
    if remembers || options.counts {
        return Ok(());
    }
    let hidden = |path: &TreePath| unknown.iter().any(|place| path.is_within(place));
    let mut differ = theirs
        .iter()
        .filter(|(path, row)| !hidden(path) && now.get(*path).is_none_or(|own| own.content != row.content))
        .map(|(path, _)| path);
    let Some(first) = differ.next() else { return Ok(()) };
    let more = match differ.count() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message = format!(
        "the file tree remembers no synchronisation, as after its disk or its index was lost, and has not all that the copy \
         has, or has it otherwise: '{first}'{more}"
    );
    Err(ErrorRecord::new("FileSyncSourceNew", Category::InvalidOperation, message)
        .hint("Nothing was changed on either side. It must be said which of the two counts."))
}

/// Whether a target does what a source asks for at its last checkpoint, up to which all removals waited (see
/// [`super::removals`]).
///
/// # Errors
/// `FileSyncSourceEmpty`.
pub(super) fn leaves_something(doings: &[(u64, Doing)], rows: &Rows, options: &Options) -> Result<(), ErrorRecord> {
    let mut gone: BTreeSet<&TreePath> = BTreeSet::new();
    for (_, doing) in doings {
        match doing {
            Doing::Delete(path) => {
                gone.insert(path);
            }
            Doing::Meta(..) => {}
            // What is put somewhere is there afterwards.
            _ => return Ok(()),
        }
    }
    let goes = |path: &TreePath| gone.contains(path) || path.ancestors().any(|above| gone.contains(&above));
    match !gone.is_empty() && !options.may_be_empty && rows.keys().all(goes) {
        true => Err(empty(rows.len())),
        false => Ok(()),
    }
}
