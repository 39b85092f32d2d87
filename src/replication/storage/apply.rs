//! Whether a package may be applied, and what of it is written.

use super::document::{PackedDocument, corrupt};
use super::unpack::Unpacked;
use crate::error::{Category, ErrorRecord};
use crate::replication::message::Announce;
#[cfg(feature = "planted-bugs")]
use crate::replication::planted::{self, Bug};
use crate::store::{DocumentId, Held};
use std::io::BufRead;

/// Where packages are applied: a replica's database, or the model of one. What is done between `begin` and `commit` is
/// one transaction: none of it is there before, all of it after, whatever happens in between.
pub trait Target {
    /// Begins a transaction; one that was left open is rolled back.
    ///
    /// # Errors
    /// Those of the disk.
    fn begin(&mut self) -> Result<(), ErrorRecord>;
    /// The deployment that it is of.
    fn deployment(&self) -> &str;
    /// What is held.
    ///
    /// # Errors
    /// Those of the disk.
    fn held(&mut self) -> Result<Option<Held>, ErrorRecord>;
    /// The highest epoch that was ever seen; 0 before the first.
    ///
    /// # Errors
    /// Those of the disk.
    fn highest_epoch(&mut self) -> Result<u64, ErrorRecord>;
    /// Puts a document that has a body. One that is there already as it shall be is not written again.
    ///
    /// # Errors
    /// Those of the disk.
    fn put(&mut self, document: &PackedDocument) -> Result<(), ErrorRecord>;
    /// Removes a document, if it is there.
    ///
    /// # Errors
    /// Those of the disk.
    fn remove(&mut self, id: &DocumentId) -> Result<(), ErrorRecord>;
    /// Removes every document that was not put since `begin`.
    ///
    /// # Errors
    /// Those of the disk.
    fn remove_others(&mut self) -> Result<(), ErrorRecord>;
    /// Keeps what is held after the package, and raises the highest epoch to its.
    ///
    /// # Errors
    /// Those of the disk.
    fn keep(&mut self, announce: &Announce) -> Result<(), ErrorRecord>;
    /// Ends the transaction. `durable`: it is on the disk when this returns, and outlasts a power failure.
    ///
    /// # Errors
    /// Those of the disk; then nothing was changed.
    fn commit(&mut self, durable: bool) -> Result<(), ErrorRecord>;
    /// Ends the transaction without a change.
    fn roll_back(&mut self);
}

/// Applies an unpacked package, in one transaction that is on the disk when this returns. Gives what is held then.
///
/// # Errors
/// `PackageStale` of an epoch that is over, or a delta from something else than is held; `PackageCorrupt` where it is
/// not what was announced, or cut off; `PackageForeign` of another deployment; `PackageNewer`; those of the disk. Then
/// nothing was changed.
pub fn apply(to: &mut dyn Target, announce: &Announce, package: &mut dyn BufRead) -> Result<Held, ErrorRecord> {
    to.begin()?;
    let done = fill(to, announce, package).and_then(|()| to.commit(durable()));
    match done {
        Ok(()) => Ok(announce.to),
        Err(error) => {
            to.roll_back();
            Err(error)
        }
    }
}

fn fill(to: &mut dyn Target, announce: &Announce, package: &mut dyn BufRead) -> Result<(), ErrorRecord> {
    check(to, announce)?;
    let mut documents = Unpacked::open(package)?;
    documents.check(announce)?;
    if documents.header().deployment != to.deployment() {
        let message = format!("The package {} is of another deployment.", announce.package);
        return Err(ErrorRecord::new("PackageForeign", Category::InvalidData, message)
            .hint("See addresses.toml: the computers of a deployment must find each other, and nobody else."));
    }
    let floor = documents.header().floor;
    let (from, until) = (announce.package.from, announce.package.to);
    for document in documents.by_ref() {
        let document = document?;
        if document.version <= from.unwrap_or(0) || document.version > until {
            let what = format!("version {} of '{}' is not in {}", document.version, document.id, announce.package);
            return Err(corrupt(&what));
        }
        if document.body.is_some() {
            to.put(&document)?;
        } else if from.is_none() {
            return Err(corrupt(&format!("'{}' is a tombstone in a full snapshot", document.id)));
        } else {
            to.remove(&document.id)?;
        }
    }
    if floor.is_some() {
        // What is not in the snapshot is not there.
        to.remove_others()?;
    }
    to.keep(announce)
}

/// Whether a package fits the epoch and what is held.
fn check(to: &mut dyn Target, announce: &Announce) -> Result<(), ErrorRecord> {
    let package = announce.package;
    let highest = to.highest_epoch()?;
    if package.epoch < highest && epochs_count() {
        let message = format!("The package {package} is of epoch {}; epoch {highest} has begun.", package.epoch);
        return Err(stale(message).hint("Another server has taken the store over; this one must not be listened to."));
    }
    let Some(from) = announce.from else { return Ok(()) };
    let held = to.held()?;
    // Versions and chains say whether two hold the same; the epoch is that in which each got there.
    if held.is_some_and(|held| (held.version, held.chain) == (from.version, from.chain)) || !start_counts() {
        return Ok(());
    }
    let what = match held {
        Some(held) => format!("version {} ({:?}) is held", held.version, held.chain),
        None => "nothing is held".to_string(),
    };
    let message =
        format!("The package {package} leads on from version {} ({:?}), but {what}.", from.version, from.chain);
    Err(stale(message).hint("The replica says what it holds, and gets a package that fits."))
}

/// Whether a transaction waits for the disk.
fn durable() -> bool {
    #[cfg(feature = "planted-bugs")]
    if planted::is(Bug::SkippedFsync) {
        return false;
    }
    true
}

/// Whether an epoch that is over is refused.
fn epochs_count() -> bool {
    #[cfg(feature = "planted-bugs")]
    if planted::is(Bug::OlderEpochAccepted) {
        return false;
    }
    true
}

/// Whether a delta must begin at what is held.
fn start_counts() -> bool {
    #[cfg(feature = "planted-bugs")]
    if planted::is(Bug::DeltaAppliedTwice) {
        return false;
    }
    true
}

fn stale(message: String) -> ErrorRecord {
    ErrorRecord::new("PackageStale", Category::InvalidOperation, message)
}
