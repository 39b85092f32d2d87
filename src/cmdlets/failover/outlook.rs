//! What is found before a failover, in words: for -WhatIf, for questions, for refusals.

use super::records::mode;
use crate::failover::{Condition, Lost, Mode, Preflight};
use crate::value::amount;

/// Most lost changes that a text names; the report has all of them.
const NAMED: usize = 20;

/// One line: whether it would succeed.
pub(super) fn summary(found: &Preflight) -> String {
    let refusals = found.refusals().count();
    let way = way(found);
    if refusals > 0 {
        let of = found.conditions.len();
        let conditions = if refusals == 1 { "condition" } else { "conditions" };
        return format!("{way}: it would be refused, by {refusals} {conditions} of {of}.");
    }
    match (found.lost.len(), &found.uncertain) {
        (0, None) => format!("{way}: it would succeed, and nothing would be lost."),
        (0, Some(_)) => format!("{way}: it would succeed; what would be lost is not known."),
        (lost, _) => format!("{way}: it would succeed, and {} would be lost.", changes(lost)),
    }
}

/// `Planned, from a to b`.
fn way(found: &Preflight) -> String {
    let target = if found.target.is_empty() { "no computer" } else { &found.target };
    format!("{}, from {} to {target}", mode(found.mode), found.source)
}

/// All of it, line by line.
pub(super) fn lines(found: &Preflight, name: &str) -> Vec<String> {
    let version =
        |version: Option<u64>| version.map_or("a version that is not known".into(), |v| format!("version {v}"));
    let at = |computer: &str, pool: &str| match pool.is_empty() || pool == computer {
        true => computer.to_string(),
        false => format!("{computer} (pool {pool})"),
    };
    let source = at(&found.source, &found.source_pool);
    let mut lines = vec![match found.source_version {
        Some(version) => format!("{} is active at {source}, with version {version}.", capital(name)),
        None => format!("{} is active at {source} as far as is known, and that does not answer.", capital(name)),
    }];
    lines.push(match found.target.is_empty() {
        true => "There is no computer that could take it over.".to_string(),
        false => format!(
            "It would go to {}, which holds {}, and serve there in epoch {}.",
            at(&found.target, &found.target_pool),
            version(found.target_version),
            found.epoch
        ),
    });
    lines.push(
        match found.mode {
            Mode::Planned => {
                "Planned: the source takes no more changes, the target takes what it misses, then they switch."
            }
            Mode::Disaster => {
                "Disaster: the target takes over with what it has, or finds elsewhere, without the source."
            }
        }
        .to_string(),
    );
    lines.extend(losses(&found.lost, found.uncertain.as_deref(), "would be"));
    lines.push("Conditions:".to_string());
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
    lines.push(summary(found));
    lines
}

/// What is lost, or that nothing is.
pub(super) fn losses(lost: &[Lost], uncertain: Option<&str>, verb: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if lost.is_empty() && uncertain.is_none() {
        lines.push(format!("Nothing {verb} lost."));
    }
    if !lost.is_empty() {
        lines.push(format!("{} {verb} lost:", capital(&changes(lost.len()))));
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
