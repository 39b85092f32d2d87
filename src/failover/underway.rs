//! Failovers that are not over, as a judgement sees them: what is begun, what stands in the way, and what leads out.

use super::choose::Choice;
use super::claims::{decided, unheard};
use super::control::Condition;
use super::ends::End;
use super::facts::Facts;
use super::forms;
use super::preflight::{fails, holds};
use super::state::Underway;
use super::wish::Wish;
use crate::store::Role;
use crate::value::same_name;

/// The condition.
const NAME: &str = "Underway";

/// One that is being carried out at the target now, which takes no other order meanwhile, where it is none that this waits
/// for: one that does what is wanted, or ends by itself.
pub(super) fn running(facts: &Facts<'_>) -> Option<Condition> {
    let (ours, target) = (facts.choice.unfinished.as_ref(), &facts.choice.target.computer);
    let runs = facts.place(target).filter(|state| state.runs).and_then(|state| state.underway.as_ref())?;
    let same = ours.is_some_and(|ours| ours.underway.id == runs.id && !ours.undo);
    if same || runs.step == "Undo" || decided(runs, facts.places) {
        return None;
    }
    let found = format!("{} It is being carried out at {target} now.", runs.sentence());
    let advice = "Wait until it is over, and ask again.".to_owned();
    Some(fails(NAME, true, "FailoverUnderway", found, Some(advice)))
}

/// An order without a name for its target that was given before, by the same person, and is carried out: whether it was given
/// again, or another failover is meant, nobody can tell; the one would lead back what the other led there.
pub(super) fn once_more(facts: &Facts<'_>) -> Option<Condition> {
    let over = facts.choice.unfinished.as_ref().map(|ours| &ours.underway).filter(|underway| underway.is_over())?;
    if facts.choice.wish != Some(Wish::Next) {
        return None;
    }
    let found = format!("This same order was carried out: {}", over.sentence());
    let advice = "Nothing is left to do for it. Invoke-CsManagementServerFailover -LastReport gives its report; then the same \
                  command fails over once more. -Restore leads back.";
    Some(fails(NAME, true, "FailoverOver", found, Some(advice.to_owned())))
}

/// Another failover, or one that this goes on with.
pub(super) fn underway(facts: &Facts<'_>) -> Condition {
    let ours = facts.choice.unfinished.as_ref();
    let target = &facts.choice.target.computer;
    // One whose epoch has begun without its target is over, though somebody was not told yet.
    let over = |underway: &Underway| {
        facts.said().any(|state| state.position.epoch.max(state.highest_epoch) >= underway.epoch)
            && !decided(underway, facts.places)
    };
    let open = |underway: &&Underway| {
        underway.step != "Undo" && ours.is_none_or(|ours| ours.underway.id != underway.id) && !over(underway)
    };
    let all: Vec<&Underway> = facts.said().filter_map(|state| state.underway.as_ref()).filter(open).collect();
    // What this target gives up for a new order, and what took over already, stands in nobody's way.
    let other = all.iter().find(|other| !same_name(&other.target, target) && !decided(other, facts.places));
    if let Some(other) = other {
        let advice = ways_out(facts, other);
        return fails(NAME, facts.planned(), "FailoverUnderway", other.sentence(), advice);
    }
    if let Some(ours) = ours {
        let what = match (facts.decided().is_some(), ours.undo) {
            _ if ours.underway.is_over() => "This gives its report.",
            (true, _) => "It took over already, and ends by itself: this waits for that.",
            (false, true) => "This undoes it.",
            (false, false) => "This finishes it.",
        };
        return holds(NAME, format!("{} {what}", ours.underway.sentence()));
    }
    match all.first() {
        Some(other) if decided(other, facts.places) => {
            holds(NAME, format!("{} It took over already, and ends by itself.", other.sentence()))
        }
        Some(other) => holds(NAME, format!("{} This takes its place.", other.sentence())),
        None => match unheard(facts.places) {
            Some((computer, epoch)) => holds(
                NAME,
                format!(
                    "None in which somebody who answers takes part. {computer} took over in epoch {epoch}, and ends by itself \
                     what is left of that once it is back."
                ),
            ),
            None => holds(NAME, "No other failover is under way."),
        },
    }
}

/// What leads out of a failover that is not over.
pub(super) fn ways_out(facts: &Facts<'_>, underway: &Underway) -> Option<String> {
    let database = facts.choice.database()?;
    let way = forms::Way::of_underway(database, &facts.choice.ends, underway)?;
    Some(forms::out(&way, underway).join(" "))
}

/// What to do where the target is silent.
pub(super) fn out_of_reach(facts: &Facts<'_>) -> String {
    let name = &facts.choice.target.computer;
    let start = format!("Start reeve serve on {name}, or mend the way to it");
    let choice = facts.choice;
    let answers = |end: &End| facts.place(&end.computer).is_some();
    if let Some(unfinished) = choice.unfinished.as_ref().filter(|_| answers(&choice.source)) {
        let (again, source) = (forms::Way::of(choice).source_again(), &unfinished.underway.source);
        return format!(
            "{start}: it alone knows whether it took over. If it is lost for good, {again} makes {source} active again."
        );
    }
    // While another place is active nothing is missing but this one.
    let serves = facts.said().any(|state| state.role == Some(Role::Active) || state.role == Some(Role::Closed));
    match forced(facts).filter(|_| !serves) {
        Some(forced) => format!("{start}. If it is lost for good: {forced}"),
        None => format!("{start}."),
    }
}

/// The command that lets this place take over without the source.
pub(super) fn to(facts: &Facts<'_>, computer: &str) -> Option<String> {
    let end = facts.choice.ends.iter().find(|end| same_name(&end.computer, computer))?;
    Some(forms::forced(&Choice { target: end.clone(), unfinished: None, ..facts.choice.clone() }))
}

/// The command that lets a place take over that answers and has the database: the target, if it does; else the one that
/// has most of it. `None` where nobody answers who could.
pub(super) fn forced(facts: &Facts<'_>) -> Option<String> {
    let choice = facts.choice;
    let holds = |end: &&End| facts.place(&end.computer).is_some_and(|state| state.role.is_some());
    let much = |end: &&End| facts.place(&end.computer).map(|state| (state.position.epoch, state.position.sequence));
    let target = Some(&choice.target).filter(holds);
    let end = target.or_else(|| choice.ends.iter().filter(holds).max_by_key(much))?;
    Some(forms::forced(&Choice { target: end.clone(), unfinished: None, ..choice.clone() }))
}
