//! What was found of a pool before it goes over or comes back, in words: for -WhatIf, for questions, for refusals.

use super::list::Plan;
use crate::error::{Category, ErrorRecord};
use crate::failover::{Condition, Mode};
use crate::pools::Way;
use crate::value::amount;

/// Most lost changes that a text names; the page has all of them.
const NAMED: usize = 20;

impl Plan {
    /// What is done, to what.
    pub fn what(&self) -> String {
        match self.way {
            Way::Over => format!("{} (its users go to {})", self.pool, self.partner),
            Way::Back => format!("{} (its users come back from {})", self.pool, self.partner),
        }
    }

    /// The list, for people.
    pub fn lines(&self) -> Vec<String> {
        let mode = match self.mode {
            Mode::Planned => "planned",
            Mode::Disaster => "after a disaster",
        };
        let verb = if self.way == Way::Over { "Failing over" } else { "Failing back" };
        let mut lines = vec![format!("{verb} {}, {mode}: its user store goes to {}.", self.what(), self.target)];
        for condition in &self.conditions {
            let mark = match (condition.passed, condition.refuses) {
                // After a disaster that is no good news, and none that stands in the way.
                (true, _) if self.is_silent_source(condition) => "  noted   ",
                (true, _) => "  ok      ",
                (false, true) => "  refuses ",
                (false, false) => "  warning ",
            };
            let id =
                condition.id.as_ref().filter(|_| !condition.passed).map(|id| format!("{id}: ")).unwrap_or_default();
            lines.push(format!("{mark}{}: {id}{}", condition.name, condition.found));
            if let Some(advice) = condition.advice.as_ref().filter(|_| !condition.passed) {
                lines.push(format!("            {advice}"));
            }
        }
        lines.extend(self.losses().into_iter().map(|lost| format!("  lost      {lost}")));
        lines.push(self.summary());
        lines
    }

    /// The source of a failover after a disaster does not answer.
    fn is_silent_source(&self, condition: &Condition) -> bool {
        let silent = self.preflight.as_ref().is_some_and(|found| found.source_version.is_none());
        condition.name == "Source" && self.mode == Mode::Disaster && silent
    }

    /// What would be lost, as far as is known, and what is not known of it.
    pub fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        if let Some(found) = &self.preflight {
            let one = |lost: &crate::failover::Lost| {
                format!("{} (version {}, seen at {})", lost.document, lost.version, lost.seen_at)
            };
            losses.extend(found.lost.iter().take(NAMED).map(one));
            if found.lost.len() > NAMED {
                losses.push(format!("{} more, which the page of -Report has", found.lost.len() - NAMED));
            }
            losses.extend(found.uncertain.clone());
        }
        losses.extend(self.files_lost.clone());
        losses
    }

    /// One line: what would come of it.
    pub fn summary(&self) -> String {
        let way = match (self.way, self.mode) {
            (Way::Over, Mode::Planned) => "Planned, over",
            (Way::Over, Mode::Disaster) => "After a disaster, over",
            (Way::Back, Mode::Planned) => "Planned, back",
            (Way::Back, Mode::Disaster) => "After a disaster, back",
        };
        let refusals = self.refusals().count();
        if refusals > 0 {
            return format!(
                "{way}: it would be refused, by {} of {}.",
                amount(refusals as u64, "condition"),
                self.conditions.len()
            );
        }
        let known = self.preflight.as_ref().map_or(0, |found| found.lost.len());
        let uncertain = self.preflight.as_ref().is_some_and(|found| found.uncertain.is_some());
        if known == 0 && !uncertain && self.files_lost.is_some() {
            return format!(
                "{way}: it would succeed, and no change of its users would be lost; which files of conferences would be is not \
                 known."
            );
        }
        match (known, uncertain || self.files_lost.is_some()) {
            (0, false) => format!("{way}: it would succeed, and nothing would be lost."),
            (0, true) => format!("{way}: it would succeed; what would be lost is not known."),
            (lost, false) => format!("{way}: it would succeed, and {} would be lost.", amount(lost as u64, "change")),
            (lost, true) => {
                format!("{way}: it would succeed, and at least {} would be lost.", amount(lost as u64, "change"))
            }
        }
    }

    /// The conditions that refuse it.
    pub fn refusals(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| condition.refuses && !condition.passed)
    }

    /// The error where something refuses: all that does, under the id of the first.
    pub fn refusal(&self) -> Option<ErrorRecord> {
        let first = self.refusals().next()?;
        let id = first.id.clone().unwrap_or_else(|| "FailoverRefused".into());
        let all: Vec<&str> = self.refusals().map(|condition| condition.found.as_str()).collect();
        let verb = if self.way == Way::Over { "failed over" } else { "failed back" };
        let stays = match self.state.is_resiliency() {
            true => format!("it stays {}, as it was left", self.state.name()),
            false => "nothing was changed".to_string(),
        };
        let message = format!("The pool {} is not {verb}; {stays}. {}", self.pool, all.join(" "));
        let category = match &*id {
            "HostUnreachable" | "TargetUnreachable" | "SourceUnreachable" => Category::ResourceUnavailable,
            "FailoverUnderway" => Category::ResourceBusy,
            _ => Category::InvalidOperation,
        };
        let error = ErrorRecord::new(id, category, message).target(self.pool.as_str());
        Some(self.refusals().filter_map(|condition| condition.advice.clone()).fold(error, ErrorRecord::hint))
    }

    /// What somebody should know before it is asked whether it shall be done: what is lost, and that it need not be.
    pub fn warnings(&self) -> Vec<String> {
        if self.mode == Mode::Planned {
            return Vec::new();
        }
        let answers = self.conditions.iter().filter(|condition| condition.id.as_deref() == Some("SourceAnswers"));
        let answers =
            answers.map(|condition| format!("{} {}", condition.found, condition.advice.as_deref().unwrap_or_default()));
        let lost = self.losses().into_iter().map(|lost| format!("Lost: {lost}"));
        answers.chain(lost).collect()
    }
}
