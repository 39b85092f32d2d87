//! What a failover after a disaster loses: what is known of it, and an honest sentence on what is not.

use super::control::Lost;
use super::facts::Facts;
use super::planted;
use super::state::{FeedState, PlaceState};
use crate::value::{DateTime, same_name};

/// Changes that replicas have and the target has not, each once, by version.
pub(super) fn lost(facts: &Facts<'_>) -> Vec<Lost> {
    let held = facts.place(&facts.choice.target.computer).map_or(0, |state| state.position.version);
    let ahead = facts.credible().flat_map(|replica| &replica.after);
    let sifted = !planted::is(planted::Bug::LostUnsifted);
    let ahead = ahead.filter(|lost| lost.version > held || !sifted);
    let mut all: Vec<Lost> = ahead.cloned().collect();
    // Of the same change at several replicas the one whose body is known is kept.
    all.sort_by(|a, b| (a.version, &a.document, a.body.is_none()).cmp(&(b.version, &b.document, b.body.is_none())));
    all.dedup_by(|next, kept| next.version == kept.version && next.document == kept.document);
    all
}

/// What cannot be known of what is lost, in a sentence; `None` where the target has everything that was acknowledged
/// anywhere, as far as its word and that of every other place go.
///
/// `closed`: the source was closed, and the target took everything up to there; or it would be, for a judgement beforehand.
pub(super) fn uncertain(facts: &Facts<'_>, closed: bool) -> Option<String> {
    if planted::is(planted::Bug::UncertainUnsaid) {
        return None;
    }
    let choice = facts.choice;
    let Some(target) = facts.place(&choice.target.computer) else {
        return Some(format!("{} does not answer: what it holds is not known.", choice.target.computer));
    };
    let mut said: Vec<String> = Vec::new();
    // A place that knows of a newer epoch than anybody holds: who entered it is not there to tell.
    let entered = facts.said().map(|state| state.highest_epoch).max().unwrap_or(0);
    if entered > target.position.epoch {
        said.push(format!(
            "Epoch {entered} began at a place that cannot be taken from; {} holds epoch {} and knows nothing of what was \
             changed since.",
            target.computer, target.position.epoch
        ));
    }
    let silent: Vec<&str> = choice
        .places
        .iter()
        .filter(|computer| !same_name(computer, &choice.source.computer) && facts.place(computer).is_none())
        .map(String::as_str)
        .collect();
    if !silent.is_empty() {
        said.push(match &silent[..] {
            [one] => format!("{one} does not answer: what only it holds is not known."),
            all => format!("{} do not answer: what only they hold is not known.", all.join(", ")),
        });
    }
    // Of the source itself nothing is lost where it takes up again what it has.
    let again = same_name(&choice.source.computer, &choice.target.computer);
    let unheard = facts.said().filter_map(|state| state.underway.as_ref()).find(|underway| {
        same_name(&underway.source, &choice.source.computer) && facts.place(&underway.target).is_none()
    });
    if let Some(underway) = unheard.filter(|_| again) {
        said.push(format!(
            "{} is closed for the failover to {}, and cannot know whether that took over.",
            target.computer, underway.target
        ));
    }
    if !closed && !again && !has_everything(facts, target) {
        said.push(of_the_source(facts, target));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// A mirror says that it is synchronized only as long as its source cannot have gone on without it.
fn has_everything(facts: &Facts<'_>, target: &PlaceState) -> bool {
    let is_mirror = same_name(&facts.choice.source.pool, &facts.choice.target.pool);
    let of_it = target.follows.as_deref().is_none_or(|follows| same_name(follows, &facts.choice.source.computer));
    is_mirror && of_it && target.feed == Some(FeedState::Synchronized)
}

/// The mirror of the source, where it answers, is no target, and says that it has every acknowledged change.
pub(super) fn mirror<'a>(facts: &Facts<'a>) -> Option<&'a PlaceState> {
    let choice = facts.choice;
    let is_end = |state: &PlaceState| {
        [&choice.source, &choice.target].iter().any(|end| same_name(&end.computer, &state.computer))
    };
    let of_it = |state: &PlaceState| {
        let pool = &choice.source.pool;
        choice.ends.iter().any(|end| same_name(&end.computer, &state.computer) && same_name(&end.pool, pool))
            && state.follows.as_deref().is_none_or(|follows| same_name(follows, &choice.source.computer))
    };
    facts.said().find(|state| state.feed == Some(FeedState::Synchronized) && !is_end(state) && of_it(state))
}

fn of_the_source(facts: &Facts<'_>, target: &PlaceState) -> String {
    let (source, version) = (&facts.choice.source.computer, target.position.version);
    if let Some(mirror) = mirror(facts) {
        if (target.position.epoch, target.position.sequence) == (mirror.position.epoch, mirror.position.sequence) {
            return format!(
                "{} has everything that {}, the mirror of {source}, has, and that was every change that {source} acknowledged; \
                 only if {source} ran again meanwhile could what it acknowledged since be lost.",
                target.computer, mirror.computer
            );
        }
        return format!(
            "{}, the mirror of {source}, says that it has every change that {source} acknowledged, and {} takes that from it \
             first; only what {source} may have acknowledged since without it could be lost.",
            mirror.computer, target.computer
        );
    }
    let after = format!("what {source} acknowledged after that is lost, except what is listed by name.");
    if facts.choice.by_copies() {
        let computer = &target.computer;
        return match target.last_contact {
            Some(time) => {
                format!("{computer} took its last copy {}, up to version {version}; {after}", ago(time, facts.now))
            }
            None => format!("{computer} holds version {version}, and has no record of when it took that; {after}"),
        };
    }
    let heard = match target.last_contact {
        Some(time) => format!("{} last heard of {source} {}", target.computer, ago(time, facts.now)),
        None => format!("{} has not heard of {source} since it was started", target.computer),
    };
    let state = match target.feed {
        Some(FeedState::Synchronized) => "and had everything then",
        Some(FeedState::Synchronizing) => "and was taking what it missed",
        Some(FeedState::Unsynchronized) => "and had not everything",
        None => "and whether it had everything is not known",
    };
    format!("{heard} {state}, at version {version}; {after}")
}

/// How long ago, in words.
fn ago(time: DateTime, now: DateTime) -> String {
    let seconds = now.ticks.saturating_sub(time.ticks) / 10_000_000;
    match seconds {
        ..2 => "a moment ago".to_owned(),
        2..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
