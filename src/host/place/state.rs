//! What this computer says of its place of a database.

use super::follow::later;
use crate::backup::Module;
use crate::backup::service::{Past, Record};
use crate::deployment::offline;
use crate::error::ErrorRecord;
use crate::failover::PlaceState;
use crate::host::node::Node;
use crate::topology::Database;
use crate::value::same_name;

/// What this computer says of its place, read from the disk; on a thread that may wait. What the database is there stands
/// in it before the machine has it, too: whoever asks so as not to serve beside another must not be misled.
///
/// # Errors
/// Those of the store.
pub fn state(node: &Node, database: &Database) -> Result<PlaceState, ErrorRecord> {
    let mut state = offline::place_state(node.directory(), database, node.clock())?;
    state.certificate_not_after = Some(node.identity().current().peer.not_after);
    if let Some(place) = node.places().and_then(|places| places.of(database)) {
        let shared = &place.shared;
        if let Some(says) = shared.says.borrow().as_ref() {
            state.serves = says.serves;
            state.highest_epoch = state.highest_epoch.max(says.claim.highest_epoch);
            state.follows = says.follows.clone();
            // What the machine has heard and not kept yet counts too.
            let over = |underway: &crate::failover::Underway| {
                // One that took over is over where somebody else did since.
                let begun = underway.epoch.saturating_add(u64::from(state.position.epoch == underway.epoch));
                same_name(&underway.target, &state.computer) && state.highest_epoch >= begun
            };
            state.underway = says.closed.clone().or(state.underway.take().filter(|underway| !over(underway)));
        }
        state.runs = shared.runs.try_lock().is_err();
        state.feeds = shared.feeds.states();
        shared.following.say(&mut state);
    }
    if let Database::Users(pool) = database {
        let copied = Past::read(&node.directory().backup_status(pool)).0.remove(&Module::PresenceFocus);
        // That of another place says nothing of the one that is followed.
        let of_it = |record: &Record| state.follows.as_deref().is_none_or(|whom| same_name(whom, &record.source));
        let copied = copied.filter(of_it).and_then(|record| record.last_success);
        state.last_contact = later(state.last_contact, copied);
    }
    Ok(state)
}
