//! A pool's user store begins: at its primary, empty and active, where no place of it has ever had anything.

use super::driver::{AGAIN, Said};
use super::{Shared, ask};
use crate::error::ErrorRecord;
use crate::failover::{PlaceAnswer, PlaceState};
use crate::store::{Role, SqliteStore};
use crate::topology::Database;
use crate::value::same_name;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What is to become of a user store that is not there.
#[derive(Debug, PartialEq, Eq)]
enum Birth {
    /// It begins here.
    Begins,
    /// It is a copy: another place has it, or is to have it.
    Copy,
    /// That is not known yet: some place has not answered.
    Unknown,
}

/// Makes the user store here, if it is to begin here; waits until that is known, and lets events go by meanwhile. `false`
/// where nobody is there any more who could send one.
pub(super) async fn attend(shared: &Shared, inbox: &mut mpsc::Receiver<Said>) -> bool {
    loop {
        match settle(shared).await {
            Ok(true) => return true,
            Ok(false) => {}
            Err(error) => shared.complain(Some(&error)),
        }
        let until = Instant::now() + AGAIN;
        loop {
            tokio::select! {
                // Nothing is here of which an event could speak; who gave an order learns that the place is not there yet.
                said = inbox.recv() => if said.is_none() { return false },
                () = tokio::time::sleep_until(until) => break,
            }
        }
    }
}

/// Whether it is settled what becomes of it.
async fn settle(shared: &Shared) -> Result<bool, ErrorRecord> {
    if shared.database == Database::CentralMgmt || shared.file.exists() {
        return Ok(true);
    }
    let node = shared.node()?;
    let Some(known) = node.known() else { return Ok(false) };
    let primary = known.active_of(&shared.database).is_some_and(|active| same_name(active, node.computer()));
    if !primary || known.placement_of(&shared.database).is_some() {
        return Ok(true);
    }
    let others = ask::others(&node, &shared.database);
    let answers = ask::places(&node, &shared.database, others, ask::PATIENCE).await;
    match judge(&answers) {
        Birth::Copy => Ok(true),
        Birth::Unknown => Ok(false),
        Birth::Begins => {
            let (file, clock) = (shared.file.clone(), node.clock().clone());
            let made = tokio::task::spawn_blocking(move || {
                crate::deployment::folder_of(&file)?;
                SqliteStore::create_with(&file, clock).map(drop)
            });
            made.await.map_err(|error| crate::host::renewal::interrupted(&error))??;
            tracing::info!(database = %shared.database, "a user store begins here");
            Ok(true)
        }
    }
}

/// What the other places' words mean for a user store that is not at its primary.
fn judge(answers: &[PlaceAnswer]) -> Birth {
    let has = |state: &PlaceState| {
        state.position.sequence > 0
            || state.highest_epoch > 1
            || matches!(state.role, Some(Role::Active | Role::Closed))
    };
    if answers.iter().any(|answer| answer.state.as_ref().is_ok_and(has)) {
        return Birth::Copy;
    }
    // Whoever does not know the topology yet will.
    match answers.iter().all(|answer| answer.state.is_ok()) {
        true => Birth::Begins,
        false => Birth::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;
    use crate::failover::Source;

    fn state(role: Option<Role>, sequence: u64, highest_epoch: u64) -> PlaceState {
        PlaceState {
            computer: "b".into(),
            database: "User:a".into(),
            role,
            serves: false,
            position: Source { sequence, ..Source::default() },
            highest_epoch,
            ..PlaceState::default()
        }
    }

    /// Rule: a user store begins anew only where every other place has said that it has nothing.
    #[test]
    fn what_was_lost_does_not_begin_anew() {
        let cases = [
            (vec![], Birth::Begins),
            (vec![Some(state(None, 0, 0))], Birth::Begins),
            (vec![Some(state(Some(Role::Standby), 0, 1))], Birth::Begins),
            (vec![Some(state(Some(Role::Standby), 7, 1))], Birth::Copy),
            (vec![Some(state(Some(Role::Standby), 0, 10))], Birth::Copy),
            (vec![Some(state(Some(Role::Active), 0, 1))], Birth::Copy),
            (vec![None], Birth::Unknown),
            (vec![None, Some(state(None, 0, 0))], Birth::Unknown),
            (vec![None, Some(state(Some(Role::Standby), 7, 1))], Birth::Copy),
        ];
        for (states, birth) in cases {
            let silent = || ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "Silent.");
            let answers: Vec<PlaceAnswer> = states
                .into_iter()
                .map(|state| PlaceAnswer { computer: "b".into(), state: state.ok_or_else(silent) })
                .collect();
            assert_eq!(judge(&answers), birth, "{answers:?}");
        }
    }
}
