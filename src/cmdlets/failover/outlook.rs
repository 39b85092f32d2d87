//! What is found before a failover, in words: for -WhatIf, for questions, for refusals.

use super::records::mode;
use crate::failover::{Condition, Lost, Mode, Preflight};
use crate::store::Role;
use crate::value::amount;

/// Most lost changes that a text names; the report has all of them.
const NAMED: usize = 20;

/// One line: whether it would succeed.
pub(super) fn summary(found: &Preflight) -> String {
    let refusals = found.refusals().count();
    let way = way(found);
    if refusals == 0 && found.is_over() {
        return format!("{way}: it is over, and nothing would be done.");
    }
    if refusals == 0 && found.decided {
        return format!("{way}: it took over; what is left goes on by itself.");
    }
    if refusals == 0 && found.undoes() {
        return format!("{way}: it would succeed, and nothing would be lost.");
    }
    if refusals > 0 {
        let of = found.conditions.len();
        let conditions = if refusals == 1 { "condition" } else { "conditions" };
        return format!("{way}: it would be refused, by {refusals} {conditions} of {of}.");
    }
    match (found.lost.len(), &found.uncertain) {
        (0, None) => format!("{way}: it would succeed, and nothing would be lost."),
        (0, Some(_)) => format!("{way}: it would succeed; what would be lost is not known."),
        (lost, None) => format!("{way}: it would succeed, and {} would be lost.", changes(lost)),
        (lost, Some(_)) => format!("{way}: it would succeed, and at least {} would be lost.", changes(lost)),
    }
}

/// `Planned, from a to b`; what becomes of one that is not over.
fn way(found: &Preflight) -> String {
    let target = if found.target.is_empty() { "no computer" } else { &found.target };
    let (mode, source) = (mode(found.mode), &found.source);
    match &found.unfinished {
        Some(_) if found.repeats() => format!("Once more, after the failover from {source} to {target}"),
        Some(_) if found.is_over() => format!("The report of the failover from {source} to {target}"),
        Some(_) if found.decided => format!("Ending the failover from {source} to {target}"),
        Some(unfinished) if unfinished.undo => format!("Undoing the failover from {source} to {target}"),
        Some(_) => format!("Finishing the failover from {source} to {target}, {}", mode.to_lowercase()),
        None if found.again() => format!("{mode}, at {source} again"),
        None => format!("{mode}, from {source} to {target}"),
    }
}

/// What would be done, as it is asked for.
pub(super) fn action(found: &Preflight) -> String {
    let target = if found.target.is_empty() { "nowhere" } else { &found.target };
    let (mode, source) = (mode(found.mode).to_lowercase(), &found.source);
    match &found.unfinished {
        Some(_) if found.repeats() => {
            format!("Fail over once more, after the failover from {source} to {target}, which is over")
        }
        Some(_) if found.is_over() => {
            format!("Give the report of the failover from {source} to {target}, which is over")
        }
        Some(_) if found.decided => format!("Wait for the end of the failover from {source} to {target}"),
        Some(unfinished) if unfinished.undo => {
            format!("Undo the failover from {source} to {target}: {source} takes changes again")
        }
        Some(_) => format!("Finish the failover from {source} to {target}, {mode}"),
        None if found.again() => format!("Make {source} active again, in a new epoch, {mode}"),
        None => format!("Fail over from {source} to {target}, {mode}"),
    }
}

/// All of it, line by line.
pub(super) fn lines(found: &Preflight, name: &str) -> Vec<String> {
    let source = at(&found.source, &found.source_pool);
    let mut lines = vec![match (found.source_version, found.source_role) {
        _ if found.decided => {
            format!("{} went over from {source} to {}.", capital(name), at(&found.target, &found.target_pool))
        }
        (Some(version), Some(Role::Closed)) => {
            format!("{} is at {source}, with version {version}, and takes no changes there now.", capital(name))
        }
        (Some(version), Some(Role::Standby)) => format!(
            "{} is active nowhere, as far as can be seen. The configuration names {source}, which stands by and holds version \
             {version}.",
            capital(name)
        ),
        (Some(version), _) => format!("{} is active at {source}, with version {version}.", capital(name)),
        (None, _) => format!("{} is active at {source} as far as is known, and that does not answer.", capital(name)),
    }];
    lines.extend(found.unfinished.as_ref().map(|unfinished| unfinished.underway.sentence()));
    if found.repeats() {
        lines.push("The same order once more would be refused, and nothing done.".to_string());
    } else if found.is_over() {
        lines.push("Its report would be given, and nothing done.".to_string());
    } else if found.decided {
        lines.push("The switch was made; the others are being told, and nothing else is left to do.".to_string());
    } else if found.undoes() {
        lines.push(format!("It would be undone: {source} takes changes again, and nothing is lost."));
    } else {
        lines.extend(switch(found, name));
    }
    lines.extend(list(found));
    lines.push(summary(found));
    lines
}

/// What would happen, and what would be lost.
fn switch(found: &Preflight, name: &str) -> Vec<String> {
    let version =
        |version: Option<u64>| version.map_or("a version that is not known".into(), |v| format!("version {v}"));
    let mut lines = vec![match found.target.is_empty() {
        true => "There is no computer that could take it over.".to_string(),
        false if found.again() => {
            format!(
                "It would take changes at {} again, with what it has there, in epoch {}.",
                found.source, found.epoch
            )
        }
        false => format!(
            "It would go to {}, which holds {}, and serve there in epoch {}.",
            at(&found.target, &found.target_pool),
            version(found.target_version),
            found.epoch
        ),
    }];
    match found.mode {
        Mode::Planned => lines.push(
            "Planned: the source takes no more changes, the target takes what it misses, then they switch.".to_string(),
        ),
        Mode::Disaster if found.again() => {}
        Mode::Disaster => lines.push(
            "Disaster: the target takes over with what it has, or finds elsewhere, without the source.".to_string(),
        ),
    }
    let refused = found.refusals().next().is_some();
    let known = !found.lost.is_empty() || found.uncertain.is_some();
    match (refused, found.mode) {
        (true, Mode::Planned) if known => {
            lines.push(format!("It would be refused. As far as is known, without {} it would be so:", found.source));
            lines.extend(losses(&found.lost, found.uncertain.as_deref(), "would be"));
        }
        // What a planned failover does not lose says nothing of one that cannot be done.
        (true, Mode::Planned) => {
            lines.push(format!("It would be refused, and {} would stay as it is.", name));
        }
        _ => lines.extend(losses(&found.lost, found.uncertain.as_deref(), "would be")),
    }
    lines
}

/// A computer, with its pool where that has another name.
fn at(computer: &str, pool: &str) -> String {
    match pool.is_empty() || pool == computer {
        true => computer.to_string(),
        false => format!("{computer} (pool {pool})"),
    }
}

/// All conditions, and what to do about those that do not hold.
fn list(found: &Preflight) -> Vec<String> {
    let mut lines = vec!["Conditions:".to_string()];
    let width = found.conditions.iter().map(|condition| condition.name.len()).max().unwrap_or_default();
    for condition in &found.conditions {
        let mark = match (condition.passed, condition.refuses) {
            (true, _) => "passed ",
            (false, true) => "REFUSES",
            (false, false) => "warning",
        };
        let id = condition.id.as_deref().filter(|_| !condition.passed).map_or(String::new(), |id| format!(" [{id}]"));
        lines.push(format!("  {mark}  {:width$}  {}{id}", condition.name, condition.found));
        if let Some(advice) = condition.advice.as_deref().filter(|_| !condition.passed) {
            lines.push(format!("           {:width$}  {advice}", ""));
        }
    }
    lines
}

/// What is lost, or that nothing is.
pub(super) fn losses(lost: &[Lost], uncertain: Option<&str>, verb: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if lost.is_empty() && uncertain.is_none() {
        lines.push(format!("Nothing {verb} lost."));
    }
    if !lost.is_empty() {
        let all = match uncertain {
            Some(_) => format!("at least {}", changes(lost.len())),
            None => changes(lost.len()),
        };
        let verb = if (lost.len(), verb) == (1, "are") { "is" } else { verb };
        lines.push(format!("{} {verb} lost:", capital(&all)));
        for one in lost.iter().take(NAMED) {
            let deleted = if one.deleted { " (deleted)" } else { "" };
            lines.push(format!("  version {}: {}{deleted}, seen at {}", one.version, one.document, one.seen_at));
        }
        if lost.len() > NAMED {
            lines.push(format!("  and {} more", lost.len() - NAMED));
        }
    }
    lines.extend(uncertain.map(String::from));
    lines
}

fn changes(n: usize) -> String {
    amount(n as u64, "change")
}

/// The text with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A condition that refuses: what was found, and what to do.
pub(super) fn refusal(condition: &Condition) -> String {
    match &condition.advice {
        Some(advice) => format!("{}: {} {advice}", condition.name, condition.found),
        None => format!("{}: {}", condition.name, condition.found),
    }
}
