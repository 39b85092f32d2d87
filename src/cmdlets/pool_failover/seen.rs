//! Where a pool's users are: by what the places of its user store say of themselves, and by nothing else.

use crate::failover::{PlaceAnswer, PlaceState};
use crate::store::Role;
use crate::topology::{Database, DatabasePlaces, Topology};
use crate::value::same_name;

/// What the places said.
pub(super) struct Seen {
    answers: Vec<PlaceAnswer>,
    places: Option<DatabasePlaces>,
}

impl Seen {
    /// Of what was answered.
    pub fn new(topology: &Topology, database: &Database, answers: Vec<PlaceAnswer>) -> Seen {
        Seen { answers, places: topology.database(database) }
    }

    /// Of the places that answered.
    pub fn states(&self) -> impl Iterator<Item = &PlaceState> {
        self.answers.iter().filter_map(|answer| answer.state.as_ref().ok())
    }

    /// A place, if it answered.
    pub fn of(&self, computer: &str) -> Option<&PlaceState> {
        self.states().find(|state| same_name(&state.computer, computer))
    }

    /// Those that did not answer.
    pub fn silent(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter(|answer| answer.state.is_err()).map(|answer| answer.computer.as_str())
    }

    /// Whether a place is one of the backup pool.
    pub fn is_away(&self, computer: &str) -> bool {
        self.places.as_ref().is_some_and(|places| places.at_backup(computer))
    }

    /// The latest epoch in which anybody is.
    pub fn highest(&self) -> u64 {
        self.states().map(|state| state.position.epoch).max().unwrap_or(0)
    }

    /// The place that serves the users, by its own word: one of a later epoch is over it.
    pub fn serving(&self) -> Option<&PlaceState> {
        let highest = self.highest();
        self.states().find(|state| state.role == Some(Role::Active) && state.serves && state.position.epoch >= highest)
    }

    /// What the places say where the pool's own have not its users, though its state says so. One that is starting has
    /// them, as far as it knows.
    pub fn astray(&self) -> Option<String> {
        if let Some(serving) = self.serving() {
            let (computer, epoch) = (&serving.computer, serving.position.epoch);
            return self.is_away(computer).then(|| format!("its users are served at {computer} in epoch {epoch}"));
        }
        let own = || self.states().filter(|state| !self.is_away(&state.computer));
        if own().any(|state| state.role == Some(Role::Active)) {
            return None;
        }
        let gone = |state: &&PlaceState| match state.role {
            Some(Role::Standby) => true,
            Some(Role::Closed) => state.underway.as_ref().is_some_and(|underway| self.is_away(&underway.target)),
            _ => false,
        };
        let gone = own().find(gone)?;
        Some(format!("{} does not serve its users, and nobody who answers does", gone.computer))
    }

    /// Files with changes that only one place had, before others took over: which, and where.
    pub fn unsent(&self) -> Vec<String> {
        let kept = |state: &PlaceState| state.unsent.as_ref().map(|file| format!("{}: {file}", state.computer));
        self.states().filter_map(kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Category, ErrorRecord};
    use crate::failover::{Source, Underway};

    fn says(computer: &str, role: Role, serves: bool, epoch: u64) -> PlaceAnswer {
        let position = Source { epoch, ..Source::default() };
        let state =
            PlaceState { computer: computer.into(), role: Some(role), serves, position, ..PlaceState::default() };
        PlaceAnswer { computer: computer.into(), state: Ok(state) }
    }

    fn closed_for(mut answer: PlaceAnswer, target: &str) -> PlaceAnswer {
        if let Ok(state) = &mut answer.state {
            let text = String::new;
            let (source, target) = (state.computer.clone(), target.to_string());
            let (id, by, since, step) = (text(), text(), text(), text());
            state.underway = Some(Underway { id, source, target, mode: None, epoch: 9, by, since, step });
        }
        answer
    }

    fn silent(computer: &str) -> PlaceAnswer {
        let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "It is silent.");
        PlaceAnswer { computer: computer.into(), state: Err(error) }
    }

    /// Rule: users are where a place says that it serves them in the latest epoch; a pool whose own places have them not
    /// lost them, one that is starting or silent did not.
    #[test]
    fn who_has_the_users() {
        let topology = Topology::parse(include_str!("../../../stdlib/topology/litwareinc.xml")).unwrap();
        let database = Database::users("dub-pool.litwareinc.com");
        let places = topology.database(&database).unwrap();
        let (home, away) = (places.primary.computer.as_str(), places.backup.as_ref().unwrap().computer.as_str());
        let (active, closed, standby) = (Role::Active, Role::Closed, Role::Standby);
        let cases = [
            (says(home, active, true, 1), says(away, standby, false, 1), Some(home), false),
            (says(home, active, true, 1), silent(away), Some(home), false),
            // It has not heard of the later epoch yet.
            (says(home, active, true, 1), says(away, active, true, 9), Some(away), true),
            (says(home, standby, false, 9), says(away, active, true, 9), Some(away), true),
            (silent(home), says(away, active, true, 9), Some(away), true),
            (says(home, standby, false, 9), silent(away), None, true),
            (closed_for(says(home, closed, false, 1), away), silent(away), None, true),
            (closed_for(says(home, closed, false, 1), "its-mirror"), silent(away), None, false),
            (says(home, active, false, 1), silent(away), None, false),
            (silent(home), says(away, standby, false, 1), None, false),
            (silent(home), silent(away), None, false),
        ];
        for (at, (at_home, at_backup, serving, astray)) in cases.into_iter().enumerate() {
            let seen = Seen::new(&topology, &database, vec![at_home, at_backup]);
            assert_eq!(seen.serving().map(|state| state.computer.as_str()), serving, "case {at}");
            assert_eq!(seen.astray().is_some(), astray, "case {at}");
        }
    }
}
