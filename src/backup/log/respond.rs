//! What a place answers at once, from its database: no waiting, no memory of who asked.

use super::coding::Encoder;
use super::message::{Ask, Begin, HASHES, Request};
use crate::audit::Hash;
use crate::error::{Category, ErrorRecord};
use crate::store::{Placed, Role};
use bytes::Bytes;

/// Bytes of a batch, about: it ends with the entry that goes beyond. What is under way is held in memory at both ends.
const BATCH: usize = 1 << 20;

/// What is to be sent, and what it means.
pub struct Response {
    /// The lines, each with its newline.
    pub lines: Vec<Bytes>,
    /// Where this place's log stands.
    pub begin: Begin,
    /// Of a question after a row: that both have the row.
    pub agrees: bool,
    /// The last row that is sent, with its hash.
    pub last: Option<(u64, Hash)>,
    /// The follower's epoch is higher than this place's: this one is over.
    pub over: bool,
}

/// Answers a question.
///
/// # Errors
/// Those of the database.
pub fn respond(log: &dyn Placed, request: &Request) -> Result<Response, ErrorRecord> {
    let begin = Begin { role: log.role()?, position: log.position()? };
    let mut encoder = Encoder::default();
    let mut response = Response { lines: Vec::new(), begin, agrees: false, last: None, over: false };
    if let Some(error) = refusal(&begin, request) {
        response.over = request.epoch > begin.position.epoch;
        encoder.refused(begin.position.epoch, &error)?;
        response.lines = encoder.finish()?;
        return Ok(response);
    }
    match &request.ask {
        Ask::Hashes(rows) => {
            let hash = |row: &u64| Ok((*row, log.hash_at(*row)?));
            let hashes = rows.iter().take(HASHES).map(hash).collect::<Result<_, ErrorRecord>>()?;
            encoder.hashes(begin, hashes)?;
        }
        Ask::After { sequence, hash, .. } if log.hash_at(*sequence)?.as_ref() == Some(hash) => {
            response.agrees = true;
            encoder.begin(begin)?;
            let mut more = false;
            log.entries_after(*sequence, &mut |entry| {
                if encoder.bytes > BATCH {
                    more = true;
                    return Ok(false);
                }
                response.last = Some((entry.row.sequence, entry.row.hash));
                encoder.entry(entry)?;
                Ok(true)
            })?;
            encoder.end(more)?;
        }
        Ask::After { .. } => encoder.differs(begin)?,
    }
    response.lines = encoder.finish()?;
    Ok(response)
}

fn refusal(begin: &Begin, request: &Request) -> Option<ErrorRecord> {
    let epoch = begin.position.epoch;
    if request.epoch > epoch {
        let message = format!("This place of the database is in epoch {epoch}, and {} has begun.", request.epoch);
        let hint = "Follow the place that has taken the database over.";
        return Some(ErrorRecord::new("EpochOver", Category::InvalidOperation, message).hint(hint));
    }
    // One that is closed gives the rest of what it took to the one that takes over.
    if begin.role == Role::Standby && !request.any {
        let message = "This place of the database follows another itself.";
        let hint = "Follow the place where it is active.";
        return Some(ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, message).hint(hint));
    }
    None
}
