//! Who says that it has a database: the place that counts, several in one epoch, the target that took over.

use super::epoch;
use super::state::{PlaceAnswer, PlaceState, Underway};
use crate::store::Role;
use crate::value::same_name;

/// The computer that has a database now, as far as the answers of its places tell: of those that are active or closed the
/// one with the highest epoch, if no other place knows of a higher one. `None` where they do not tell.
pub fn claimant(answers: &[PlaceAnswer]) -> Option<&PlaceState> {
    let said = || answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    let claims = said().filter(|state| matches!(state.role, Some(Role::Active | Role::Closed)));
    claims.max_by_key(|state| (state.position.epoch, state.role == Some(Role::Active)))
}

/// The computer that entered the newest epoch of which anybody who answers knows, and does not answer itself, with that
/// epoch: it says whose it is. `None` where who entered it answers, or cannot be told.
pub fn away(answers: &[PlaceAnswer]) -> Option<(&str, u64)> {
    let said = answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    let newest = said.map(|state| state.position.epoch.max(state.highest_epoch)).max()?;
    let computers = || answers.iter().map(|answer| answer.computer.as_str());
    let mut silent = answers.iter().filter(|answer| answer.state.is_err()).map(|answer| answer.computer.as_str());
    let entered = |computer: &&str| epoch::ordinal(computers(), computer) == newest % epoch::STRIDE;
    silent.find(entered).map(|computer| (computer, newest))
}

/// The same where those who answer know of it by hearsay alone, and none of them has anything of that epoch.
pub fn unheard(answers: &[PlaceAnswer]) -> Option<(&str, u64)> {
    let mut said = answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    away(answers).filter(|(_, epoch)| said.all(|state| state.position.epoch < *epoch))
}

/// Places that hold a database as the active one in the same epoch, as only a copied directory does: none of them takes
/// changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubled {
    /// Their computers.
    pub computers: Vec<String>,
    /// The epoch.
    pub epoch: u64,
}

impl Doubled {
    /// What mends it.
    pub const ADVICE: &str = "One of them has a copy of the other's directory. Stop the one that is not to count, keep its \
                              database file elsewhere, and start it: it begins anew as a copy of the other.";

    /// What it is, in a sentence.
    pub fn sentence(&self) -> String {
        let (all, epoch) = (self.computers.join(" and "), self.epoch);
        format!("{all} hold the database as the active one, in the same epoch {epoch}, and neither takes changes.")
    }
}

/// Those of the newest epoch, where they are several.
pub fn doubled(answers: &[PlaceAnswer]) -> Option<Doubled> {
    let said = || answers.iter().filter_map(|answer| answer.state.as_ref().ok());
    let active = || said().filter(|state| state.role == Some(Role::Active));
    let epoch = active().map(|state| state.position.epoch).max()?;
    let computers: Vec<String> =
        active().filter(|state| state.position.epoch == epoch).map(|state| state.computer.clone()).collect();
    let over = said().any(|state| state.highest_epoch > epoch);
    (computers.len() > 1 && !over).then_some(Doubled { computers, epoch })
}

/// Whether the target of a failover took over for it already, by what it says: then there is only forward.
pub(super) fn decided(underway: &Underway, answers: &[PlaceAnswer]) -> bool {
    let target = answers.iter().find(|answer| same_name(&answer.computer, &underway.target));
    let serves = target
        .and_then(|answer| answer.state.as_ref().ok())
        .is_some_and(|state| state.role == Some(Role::Active) && state.position.epoch == underway.epoch);
    serves || matches!(underway.step.as_str(), "Release" | "Follow")
}
