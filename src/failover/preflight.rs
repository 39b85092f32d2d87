//! Whether a failover would succeed: all conditions in one list, from what the computers said.

use super::claims::{Doubled, claimant, doubled, unheard};
use super::control::{Condition, Preflight};
use super::facts::{Facts, ReplicaFact};
use super::state::{FeedState, PlaceState};
use super::underway::{forced, once_more, out_of_reach, running, to, underway, ways_out};
use super::{forms, losses};
use crate::error::{Category, ErrorRecord};
use crate::store::Role;
use crate::topology::Database;
use crate::value::date::iso;
use crate::value::same_name;

/// Replicas that are named in a sentence: more is a list that nobody reads.
const NAMED: usize = 5;
/// Ticks of a day.
const DAY: i64 = 24 * 3_600 * 10_000_000;
/// Bytes that must be left on the target's disk beside the export: its log and the new epoch's first changes.
const MARGIN: u64 = 64 << 20;
/// Judges.
pub fn preflight(facts: &Facts<'_>) -> Preflight {
    let choice = facts.choice;
    let (source, target) = (facts.place(&choice.source.computer), facts.place(&choice.target.computer));
    let mut conditions = vec![
        target_condition(facts, target),
        source_condition(facts, source),
        synchronized(facts, source, target),
        replicas(facts),
        version(facts),
    ];
    conditions.extend(incredible(facts));
    conditions.extend(target.map(|target| space(target, source)));
    conditions.push(certificates(facts));
    conditions.push(underway(facts));
    let planned = facts.planned();
    let decided = facts.decided().is_some();
    if decided || choice.unfinished.as_ref().is_some_and(|unfinished| unfinished.undo) {
        // To give up it takes the target's word alone, and to tell the others that it took over.
        conditions
            .iter_mut()
            .filter(|condition| condition.name != "Target")
            .for_each(|condition| condition.refuses = false);
    }
    if let Some(instead) = running(facts).or_else(|| once_more(facts)) {
        conditions.retain(|condition| condition.name != instead.name);
        conditions.push(instead);
    }
    if decided {
        // What would have to hold before the switch says nothing any more.
        conditions.retain(|condition| !matches!(condition.name.as_str(), "Source" | "Synchronized" | "Space"));
    }
    // What a planned failover would lose that is refused because the source is silent: as after a disaster.
    let loses = !decided && (!planned || source.is_none());
    Preflight {
        database: choice.database.clone(),
        mode: choice.mode,
        source: choice.source.computer.clone(),
        source_pool: choice.source.pool.clone(),
        target: choice.target.computer.clone(),
        target_pool: choice.target.pool.clone(),
        source_version: source.map(|state| state.position.version),
        target_version: target.filter(|state| state.role.is_some()).map(|state| state.position.version),
        epoch: facts.next_epoch(),
        lost: if loses { losses::lost(facts) } else { Vec::new() },
        // As long as the mirror is certain that it has every acknowledged change, the target would have them too.
        uncertain: if loses {
            losses::uncertain(facts, source.is_some() || losses::mirror(facts).is_some())
        } else {
            None
        },
        conditions,
        unfinished: choice.unfinished.clone(),
        decided,
        source_role: source.and_then(|state| state.role),
    }
}

impl Preflight {
    /// The error where it refuses: the first refusing condition's id, all of them in the message.
    pub fn refusal(&self) -> Option<ErrorRecord> {
        let first = self.refusals().next()?;
        let all: Vec<String> =
            self.refusals().map(|condition| format!("{}: {}", condition.name, condition.found)).collect();
        let what = match self.undoes() {
            true => format!("Undoing the failover to {}", self.target),
            false => format!("The failover to {}", self.target),
        };
        let stays = match (Database::parse(&self.database), &self.unfinished) {
            // What goes with users, files and the state of their pool, may have been changed before.
            (Some(Database::Users(_)), _) => "",
            (_, Some(_)) => ", and stays as it was",
            (_, None) => ", and nothing was changed",
        };
        let message = format!("{what} is refused{stays}. {}", all.join(" "));
        let id = first.id.clone().unwrap_or_else(|| "FailoverRefused".to_owned());
        let category = match id.as_str() {
            "TargetUnreachable" | "SourceUnreachable" => Category::ResourceUnavailable,
            "FailoverUnderway" => Category::ResourceBusy,
            _ => Category::InvalidOperation,
        };
        let error = ErrorRecord::new(id, category, message).target(self.target.as_str());
        Some(self.refusals().filter_map(|condition| condition.advice.clone()).fold(error, ErrorRecord::hint))
    }
}

pub(super) fn holds(name: &str, found: impl Into<String>) -> Condition {
    let (id, advice, passes) = (None, None, false);
    Condition { name: name.to_owned(), passed: true, refuses: false, id, found: found.into(), advice, passes }
}

pub(super) fn fails(
    name: &str,
    refuses: bool,
    id: &str,
    found: impl Into<String>,
    advice: Option<String>,
) -> Condition {
    let id = Some(id.to_owned());
    Condition { name: name.to_owned(), passed: false, refuses, id, found: found.into(), advice, passes: false }
}

fn why_silent(facts: &Facts<'_>, computer: &str) -> String {
    let answer = facts.places.iter().find(|answer| same_name(&answer.computer, computer));
    match answer.map(|answer| &answer.state) {
        Some(Err(error)) => format!("{computer} does not answer: {}", error.message()),
        _ => format!("{computer} was not asked, or did not answer."),
    }
}

fn target_condition(facts: &Facts<'_>, target: Option<&PlaceState>) -> Condition {
    let name = &facts.choice.target.computer;
    let Some(state) = target else {
        let advice = out_of_reach(facts);
        return fails("Target", true, "TargetUnreachable", why_silent(facts, name), Some(advice));
    };
    match state.role {
        None => {
            let advice = "It makes one by itself once it follows the configuration and the active place answers.";
            fails(
                "Target",
                true,
                "TargetHoldsNothing",
                format!("{name} holds no database yet."),
                Some(advice.to_owned()),
            )
        }
        Some(Role::Active) if facts.decided().is_some() => holds(
            "Target",
            format!(
                "{name} took the database over already, in epoch {}; the others are being told.",
                state.position.epoch
            ),
        ),
        Some(Role::Active) => {
            let epoch = state.position.epoch;
            let found = format!("{name} takes itself for the active place, in epoch {epoch}.");
            let advice = match doubled(facts.places) {
                Some(_) => Doubled::ADVICE,
                None => "Two places claim it: the one with the lower epoch stops by itself once they reach each other.",
            };
            fails("Target", true, "TargetIsActive", found, Some(advice.to_owned()))
        }
        Some(_) => holds("Target", format!("{name} holds version {}.", state.position.version)),
    }
}

fn source_condition(facts: &Facts<'_>, source: Option<&PlaceState>) -> Condition {
    let name = &facts.choice.source.computer;
    let others: Vec<String> = facts
        .said()
        .filter(|state| state.role == Some(Role::Active) && !same_name(&state.computer, name))
        .map(|state| format!("{} in epoch {}", state.computer, state.position.epoch))
        .collect();
    let planned = facts.planned();
    if let Some(doubled) = doubled(facts.places).filter(|_| facts.decided().is_none()) {
        return fails("Source", planned, "TwoMasters", doubled.sentence(), Some(Doubled::ADVICE.to_owned()));
    }
    if !others.is_empty() && !others.iter().all(|other| other.starts_with(&facts.choice.target.computer)) {
        let found = format!("{name} is not the only one that claims the database: so do {}.", others.join(", "));
        return fails(
            "Source",
            planned,
            "TwoMasters",
            found,
            Some("The lower epochs stop by themselves once they hear of the higher; ask again then.".to_owned()),
        );
    }
    let Some(state) = source else {
        let mut found = why_silent(facts, name);
        if let Some((_, epoch)) = unheard(facts.places).filter(|(computer, _)| same_name(computer, name)) {
            found = format!("{found} It took over in epoch {epoch}, as others know, and nobody has anything of that.");
        }
        if facts.choice.unfinished.as_ref().is_some_and(|unfinished| unfinished.undo) {
            let advice = format!("It takes changes again once it runs and reaches {}.", facts.choice.target.computer);
            return fails("Source", false, "SourceUnreachable", found, Some(advice));
        }
        if planned {
            let advice = match forced(facts) {
                Some(_) if let Some(mirror) = losses::mirror(facts).and_then(|mirror| to(facts, &mirror.computer)) => {
                    format!(
                        "A planned failover needs it. Its mirror has every acknowledged change: with {mirror} nothing is lost."
                    )
                }
                Some(forced) => format!("A planned failover needs it. If it is lost: {forced}"),
                None => format!("Start reeve serve on {name}, or on another place of the database."),
            };
            return fails("Source", true, "SourceUnreachable", found, Some(advice));
        }
        return holds("Source", format!("{found} What only it has is lost to the others."));
    };
    let (version, epoch) = (state.position.version, state.position.epoch);
    let ours = facts.choice.unfinished.as_ref().map(|unfinished| unfinished.underway.id.as_str());
    match state.role {
        Some(Role::Active) if planned && !state.serves => fails(
            "Source",
            true,
            "SourceNotActive",
            format!("{name} has not begun to serve yet."),
            Some("Ask again in a few seconds.".to_owned()),
        ),
        Some(Role::Active) if planned => holds("Source", format!("{name} serves version {version} in epoch {epoch}.")),
        Some(Role::Active) => {
            let found = format!("{name} still answers and serves version {version}.");
            let target = facts.place(&facts.choice.target.computer);
            let advice = match forms::planned(facts.choice).filter(|_| target.is_some()) {
                Some(planned) => format!("A planned failover would lose nothing: {planned}"),
                None => "It is closed first, and what it has is taken for as long as it goes on giving it: nothing of that is \
                         lost."
                    .to_owned(),
            };
            fails("Source", false, "SourceAnswers", found, Some(advice))
        }
        Some(Role::Closed) if facts.again() => {
            let to = state.underway.as_ref().map_or("another place", |underway| underway.target.as_str());
            holds("Source", format!("{name} is closed for a failover to {to}; it takes changes again, in a new epoch."))
        }
        Some(Role::Closed) => {
            let id = state.underway.as_ref().map_or("", |underway| underway.id.as_str());
            let ends_here = state
                .underway
                .as_ref()
                .is_some_and(|underway| same_name(&underway.target, &facts.choice.target.computer));
            if !planned || ends_here || ours == Some(id) {
                return holds("Source", format!("{name} takes no changes since the failover {id} began."));
            }
            let advice = state.underway.as_ref().and_then(|underway| ways_out(facts, underway));
            fails("Source", true, "FailoverUnderway", format!("{name} is closed for the failover {id}."), advice)
        }
        _ if planned => {
            let found = format!("{name} is not active: nobody is, as far as can be seen.");
            let advice = match forced(facts) {
                Some(forced) => format!("A planned failover needs an active place. Without one: {forced}"),
                None => "A planned failover needs an active place: start its server.".to_owned(),
            };
            fails("Source", true, "SourceNotActive", found, Some(advice))
        }
        _ => holds("Source", format!("{name} answers and is not active.")),
    }
}

fn synchronized(facts: &Facts<'_>, source: Option<&PlaceState>, target: Option<&PlaceState>) -> Condition {
    const NAME: &str = "Synchronized";
    let Some(target) = target else {
        return fails(NAME, false, "TargetUnreachable", "Not known: the target does not answer.", None);
    };
    let planned = facts.planned();
    let named = &facts.choice.target.computer;
    let gone = |error: &str| error.starts_with("HostUnreachable") || error.starts_with("ConnectionLost");
    if let (Some(error), Some(source)) = (target.error.as_deref().filter(|error| gone(error)), source) {
        let what = first_sentence(error);
        let found = format!("{named} has not come back to {} yet, which answers ({what}).", source.computer);
        let advice = "It tries again by itself every few seconds; ask again then.".to_owned();
        let condition = fails(NAME, planned, "TargetNotSynchronized", found, Some(advice));
        return Condition { passes: true, ..condition };
    }
    if let Some(error) = target.error.as_deref().filter(|error| source.is_some() || !gone(error)) {
        let found = format!("{named} cannot follow: {}.", error.trim_end_matches('.'));
        return fails(NAME, planned, "TargetNotSynchronized", found, Some("Mend that, then ask again.".to_owned()));
    }
    if facts.again() {
        return holds(NAME, format!("{named} takes up what it has itself: version {}.", target.position.version));
    }
    let Some(source) = source.or_else(|| claimant(facts.places)) else {
        let found = format!("{named} holds version {} of epoch {}.", target.position.version, target.position.epoch);
        return match target.feed {
            Some(FeedState::Synchronized) => holds(NAME, format!("{found} It had everything when it last heard.")),
            _ => fails(
                NAME,
                planned,
                "TargetNotSynchronized",
                format!("{found} It had not everything when it last heard."),
                None,
            ),
        };
    };
    let behind = source.position.sequence.saturating_sub(target.position.sequence);
    let changes = if behind == 1 { "1 change".to_owned() } else { format!("{behind} changes") };
    let same_epoch = source.position.epoch == target.position.epoch;
    let follows = target.follows.as_deref().is_some_and(|follows| same_name(follows, &source.computer));
    if same_epoch && follows && target.feed != Some(FeedState::Unsynchronized) {
        let rest = match behind {
            0 => "It has everything.".to_owned(),
            1 => "1 change is on the way.".to_owned(),
            _ => format!("{behind} changes are on the way."),
        };
        return holds(NAME, format!("{named} follows {}. {rest}", source.computer));
    }
    // The copy of a user store at the partner is taken at intervals, and what it misses before the switch.
    let users = matches!(Database::parse(&facts.choice.database), Some(Database::Users(_)));
    if users && planned && follows {
        return holds(
            NAME,
            format!("{named} misses {changes} of {}, and takes them before the switch.", source.computer),
        );
    }
    if same_epoch && behind == 0 && target.position.hash == source.position.hash && target.role == Some(Role::Standby) {
        return holds(NAME, format!("{named} has everything that {} has.", source.computer));
    }
    let found = match &target.follows {
        Some(follows) => format!("{named} follows {follows}, and is {changes} behind {}.", source.computer),
        None => format!("{named} follows nobody, and is {changes} behind {}.", source.computer),
    };
    let advice = "It catches up by itself once it reaches the active place; ask again then.".to_owned();
    fails(NAME, planned, "TargetNotSynchronized", found, Some(advice))
}

fn replicas(facts: &Facts<'_>) -> Condition {
    const NAME: &str = "Replicas";
    if facts.replicas.is_empty() {
        return holds(NAME, "No replica follows this database.");
    }
    let all = facts.credible().count();
    let behind: Vec<&ReplicaFact> = facts.credible().filter(|replica| !replica.up_to_date).collect();
    if behind.is_empty() {
        return holds(NAME, format!("All {all} replicas are up to date."));
    }
    // After the switch what they were told before it, and the ways out that it names, holds no more.
    let decided = facts.decided().is_some();
    let mut named: Vec<(Option<String>, Vec<&str>)> = Vec::new();
    for replica in behind.iter().take(NAMED) {
        let reason = replica.reason.as_deref().filter(|_| !decided).map(|reason| why_behind(facts, reason));
        match named.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, computers)) => computers.push(&replica.computer),
            None => named.push((reason, vec![&replica.computer])),
        }
    }
    let named: Vec<String> = named
        .into_iter()
        .map(|(reason, computers)| match reason {
            Some(reason) => format!("{} ({reason})", computers.join(", ")),
            None => computers.join(", "),
        })
        .collect();
    let more = behind.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let found = format!("{} of {all} replicas are not up to date: {}{more}.", behind.len(), named.join(", "));
    let advice = match decided {
        true => {
            "They go on by themselves when they reach the new place; Get-CsManagementStoreReplicationStatus says how they stand."
        }
        false => "Get-CsManagementStoreReplicationStatus says why of each; Test-CsReplica tries the way to it.",
    };
    // Since a failover closed the source, nobody can bring them up to date but its end.
    let refuses = facts.planned() && facts.choice.unfinished.is_none();
    // Who answers is on its way, or about to ask again; of who does not nothing is known.
    let passes = behind.iter().all(|replica| replica.answered);
    Condition { passes, ..fails(NAME, refuses, "ReplicasBehind", found, Some(advice.to_owned())) }
}

/// Why a replica is behind, in a few words: what it was told when it last asked may hold no more, and the ways out of a
/// failover stand elsewhere.
fn why_behind(facts: &Facts<'_>, reason: &str) -> String {
    let serves = facts.place(&facts.choice.source.computer).is_some_and(|source| source.serves);
    if reason.starts_with("NotActive") && serves {
        return format!("it has not come back to {} yet", facts.choice.source.computer);
    }
    first_sentence(reason).to_owned()
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// Replicas that say what cannot be: nothing that they say counts.
fn incredible(facts: &Facts<'_>) -> Option<Condition> {
    // As many are named as in a sentence about those that are behind.
    let say = |fact: &ReplicaFact| {
        let (epoch, version) = (fact.epoch.unwrap_or(0), fact.version.unwrap_or(0));
        format!("{} holds epoch {epoch}, version {version}", fact.computer)
    };
    let said: Vec<String> = facts.replicas_that(false).take(NAMED).map(say).collect();
    if said.is_empty() {
        return None;
    }
    let (epoch, version) = facts.of_places();
    let found = format!(
        "As it says, {}; no place knows of more than epoch {epoch}, version {version}. That cannot be, and is passed over.",
        said.join("; ")
    );
    let advice = "Its replica is damaged, or somebody else answers in its name: look at that computer, and let its replica \
                  begin anew with Enable-CsReplica -Force there.";
    Some(fails("Claims", false, "ReplicaIncredible", found, Some(advice.to_owned())))
}

fn version(facts: &Facts<'_>) -> Condition {
    let mut versions: Vec<(&str, &str)> =
        facts.said().map(|state| (state.computer.as_str(), state.product.as_str())).collect();
    versions.sort_by_key(|(computer, _)| !same_name(computer, &facts.choice.target.computer));
    let Some((_, first)) = versions.first().copied() else { return holds("Version", "No place answers.") };
    if versions.iter().all(|(_, version)| *version == first) {
        return holds("Version", format!("Every place that answers runs {first}."));
    }
    let each: Vec<String> = versions.iter().map(|(computer, version)| format!("{computer} {version}")).collect();
    let found = format!("The places run different versions of the program: {}.", each.join(", "));
    fails("Version", false, "VersionsDiffer", found, Some("Bring them to one version.".to_owned()))
}

fn space(target: &PlaceState, source: Option<&PlaceState>) -> Condition {
    if let Some(cannot) = &target.exports {
        let found = format!("Before the switch the database is exported, and at {} {cannot}.", target.computer);
        let advice =
            "See that the folder is one, is not mounted read-only, and is the account's under which the server runs.";
        return fails("Space", true, "ExportFailed", found, Some(advice.to_owned()));
    }
    let size = target.size.max(source.map_or(0, |source| source.size));
    let needed = size.saturating_add(MARGIN);
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    let found = format!(
        "The export takes about {} MB; {} MB are free on {}.",
        megabytes(size),
        megabytes(target.free),
        target.computer
    );
    if target.free >= needed {
        return holds("Space", found);
    }
    let advice =
        format!("Free {} MB there, where the host directory keeps its exports.", megabytes(needed - target.free));
    fails("Space", true, "NotEnoughSpace", found, Some(advice))
}

fn certificates(facts: &Facts<'_>) -> Condition {
    const NAME: &str = "Certificates";
    let mut soon = Vec::new();
    for state in facts.said() {
        let Some(end) = state.certificate_not_after else { continue };
        let is_end = [&facts.choice.target.computer, &facts.choice.source.computer];
        let matters = is_end.iter().any(|computer| same_name(computer, &state.computer));
        if end.ticks <= facts.now.ticks && matters {
            let refuses = facts.planned() || same_name(&state.computer, &facts.choice.target.computer);
            let found = format!("The certificate of {} ended at {}.", state.computer, iso(end));
            let advice =
                "A running server renews it by itself; look at its log, and at the computer's clock.".to_owned();
            return fails(NAME, refuses, "CertificateExpired", found, Some(advice));
        }
        if end.ticks.saturating_sub(facts.now.ticks) < DAY {
            soon.push(format!("that of {} ends at {}", state.computer, iso(end)));
        }
    }
    if soon.is_empty() {
        return holds(NAME, "None of those that are known ends within a day.");
    }
    let advice = "Running servers renew theirs by themselves; one that ends so soon was not renewed.".to_owned();
    fails(NAME, false, "CertificateEnds", format!("Certificates end within a day: {}.", soon.join(", ")), Some(advice))
}
