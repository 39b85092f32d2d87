//! The steps from the switch on, and the way back.

use super::machine::{Goal, Phase, Run};
use super::steps::{ASK, error_of};
use super::{Seen, Stage, Work};
use crate::error::{Category, ErrorRecord};
use crate::failover::control::Following;
use crate::failover::placement::Placement;
use crate::failover::state::Source;
use crate::failover::wish::Mode;
use crate::failover::{forms, losses, planted};
use crate::store::Role;
use crate::topology::Database;
use crate::value::same_name;

/// Milliseconds for telling the others, and for telling the source that it is open again.
const RELEASE: u64 = 6_000;
const REOPEN: u64 = 10_000;
/// Milliseconds for asking this computer itself.
const WEIGH: u64 = 10_000;
/// Tries to take over where the log just weighed stands; then it is taken as it is, and what came in between is more.
const WEIGHED: u32 = 5;

impl Run {
    pub(super) fn switch(&mut self) {
        self.keep(Stage::Promote);
        self.enter(Phase::Promote);
    }

    /// What is lost, as the target stands now that it takes over.
    pub(super) fn weighed(&mut self, result: Result<Seen, ErrorRecord>) {
        self.seen_own(result);
        // Without where its own log stands nothing can be said of what is lost.
        if self.own().is_none() {
            if !self.retry(WEIGH) {
                let message = format!("{} cannot say where its own log stands.", self.choice.target.computer);
                self.give_up(ErrorRecord::new("FailoverFailed", Category::ResourceUnavailable, message));
            }
            return;
        }
        let facts = self.facts();
        let (lost, uncertain, above) =
            (losses::lost(&facts), losses::uncertain(&facts, self.drained), facts.highest_version());
        let entered = self.own().map_or(0, |own| own.highest_epoch);
        if let Some(record) = &mut self.record {
            record.lost = lost;
            record.uncertain = uncertain;
            record.above = record.above.max(above);
            if entered > record.seen {
                // Who took over meanwhile came first; the source hears of it, and follows.
                let message = format!("Another place took over meanwhile, in epoch {entered}.");
                return self.overtaken(ErrorRecord::new("EpochOver", Category::InvalidOperation, message));
            }
        }
        self.switch();
    }

    pub(super) fn promote(&mut self) {
        self.begin_step("Promote");
        let weighed = self.own().map(|own| own.position.clone());
        let Some(record) = &self.record else { return };
        let must = match self.choice.mode {
            _ if planted::is(planted::Bug::DrainUnchecked) => None,
            Mode::Planned => record.closed.clone(),
            Mode::Disaster if self.weighed_again < WEIGHED => weighed,
            Mode::Disaster => None,
        };
        let placement = Placement {
            computer: self.choice.target.computer.clone(),
            epoch: record.epoch,
            from: self.choice.source.computer.clone(),
            from_pool: self.choice.source.pool.clone(),
            failover: self.id.clone(),
            mode: format!("{:?}", self.choice.mode),
            since: self.now_text(),
            by: self.by.clone(),
        };
        let placement = Box::new(placement);
        let work = Work::Promote {
            failover: self.id.clone(),
            epoch: record.epoch,
            seen: record.seen,
            above: record.above,
            must,
            placement,
            active_pool: self.choice.active_pool().map(str::to_owned),
        };
        // Without a bound: whether it took over must be known before anything else is done.
        self.ask(work, None);
    }

    pub(super) fn promoted(&mut self, result: Result<Seen, ErrorRecord>) {
        match result {
            Ok(Seen::At(at)) => {
                self.end_step(format!(
                    "{} serves in epoch {}, from version {}.",
                    self.choice.target.computer, at.epoch, at.version
                ));
                self.took_over(at);
            }
            // Whether it took over must be known before anything else is done, least of all undone.
            Ok(Seen::Unsure(error)) => {
                self.end_step(error.message().to_owned());
                self.unsure = true;
                self.enter(Phase::Promoted);
            }
            other => {
                let error = error_of(other);
                match error.id() {
                    "TargetBehind" if !self.planned() => {
                        self.weighed_again += 1;
                        self.keep(Stage::Export);
                        self.enter(Phase::Weigh);
                    }
                    "EpochOver" => {
                        self.end_step(error.message().to_owned());
                        self.overtaken(error);
                    }
                    _ => {
                        self.end_step(error.message().to_owned());
                        self.give_up(error);
                    }
                }
            }
        }
    }

    pub(super) fn took_over(&mut self, at: Source) {
        let now = self.now.clock;
        if let Some(record) = &mut self.record {
            record.outage = record.closing.map(|since| u64::try_from(now.saturating_sub(since) / 10_000).unwrap_or(0));
            record.promoted = Some(at);
        }
        self.keep(Stage::Release);
        self.enter(Phase::Release);
    }

    /// The record says that it was about to take over: the database says whether it did.
    pub(super) fn own_place_seen(&mut self, result: Result<Seen, ErrorRecord>) {
        if let Ok(Seen::Places(places)) = result {
            self.places = places;
        }
        let (Some(own), Some(record)) = (self.own().cloned(), &self.record) else {
            let message = format!("{} cannot say where its own database stands.", self.choice.target.computer);
            return self
                .fail(ErrorRecord::new("FailoverFailed", Category::InvalidOperation, message).hint("Run it again."));
        };
        let epoch = record.epoch;
        if self.unrecorded && own.highest_epoch >= epoch {
            self.record = None;
            let message = format!("The failover {} is over: epoch {} has begun.", self.id, own.highest_epoch);
            let error = ErrorRecord::new("EpochOver", Category::InvalidOperation, message);
            return self.fail(error.hint("The former source follows once it hears of that; then -Restore leads back."));
        }
        if own.position.epoch == epoch && own.role == Some(Role::Active) {
            self.took_over(own.position);
        } else if own.highest_epoch >= epoch {
            let message = format!("Epoch {} has begun since; this failover was to epoch {epoch}.", own.highest_epoch);
            self.overtaken(ErrorRecord::new("EpochOver", Category::InvalidOperation, message));
        } else if self.unsure {
            let message = format!("Whether {} took over is not known yet.", self.choice.target.computer);
            let error = ErrorRecord::new("FailoverFailed", Category::ResourceUnavailable, message);
            self.fail(error.hint("Run it again: it finds out, and goes on from there."));
        } else if self.goal == Goal::Undo {
            self.undo(None);
        } else {
            self.enter(Phase::Places);
        }
    }

    /// Somebody entered a newer epoch: there is nothing to finish, and nothing to undo, for the source hears of it too.
    pub(super) fn overtaken(&mut self, error: ErrorRecord) {
        self.keep(Stage::Undone);
        self.fail(error.hint("-WhatIf says where the database is now."));
    }

    pub(super) fn release(&mut self) {
        let Some(record) = &self.record else { return };
        let epoch = record.promoted.as_ref().map_or(record.epoch, |at| at.epoch);
        let target = &self.choice.target.computer;
        let all = self.choice.places.iter().filter(|computer| !same_name(computer, target));
        // The second time the source alone: the others ask by themselves.
        let source = |computer: &&String| self.tries == 0 || same_name(computer, &self.choice.source.computer);
        let computers: Vec<String> = all.filter(source).cloned().collect();
        if computers.is_empty() {
            return self.released(Ok(Seen::Told(Vec::new())));
        }
        let failover = self.id.clone();
        self.ask(Work::Release { computers, failover, epoch }, Some(ASK));
    }

    pub(super) fn released(&mut self, result: Result<Seen, ErrorRecord>) {
        let told = if let Ok(Seen::Told(told)) = result { told } else { Vec::new() };
        let source = self.choice.source.computer.clone();
        let answer = told.iter().find(|(computer, _)| same_name(computer, &source));
        let found = match answer {
            Some((_, Ok(()))) => format!("{source} follows."),
            _ if self.planned() && self.retry(RELEASE) => return,
            Some((_, Err(error))) => {
                format!("{source} could not be told: {} It is fenced when it hears of the epoch.", error.message())
            }
            None => format!("{source} could not be told. It is fenced when it hears of the epoch."),
        };
        self.end_step(found);
        self.keep(Stage::Follow);
        if matches!(self.choice.database(), Some(Database::Users(_))) {
            return self.finish(Vec::new());
        }
        self.enter(Phase::Follow);
    }

    pub(super) fn followed(&mut self, result: Result<Seen, ErrorRecord>) {
        let followers = match result {
            Ok(Seen::Following(followers)) => {
                let follow = followers.iter().filter(|following| following.up_to_date).count();
                self.end_step(format!("{follow} of {} replicas are up to date.", followers.len()));
                followers
            }
            other => {
                self.end_step(error_of(other).message().to_owned());
                Vec::new()
            }
        };
        self.finish(followers);
    }

    pub(super) fn finish(&mut self, followers: Vec<Following>) {
        self.over(Stage::Done);
        self.done(followers);
    }

    /// It is over as it was ordered.
    fn over(&mut self, stage: Stage) {
        let now = self.now.clock;
        if let Some(record) = &mut self.record {
            (record.ended, record.reported) = (Some(now), false);
        }
        self.keep(stage);
    }

    pub(super) fn cancel(&mut self) {
        let before = matches!(self.phase, Phase::Close | Phase::Pull | Phase::Measure | Phase::Export | Phase::Weigh);
        let error = || ErrorRecord::new("FailoverCancelled", Category::OperationStopped, "The failover was cancelled.");
        if before {
            self.end_step("Cancelled.");
            self.give_up(error());
        } else if matches!(self.phase, Phase::Places | Phase::Replicas) {
            self.end_step("Cancelled.");
            self.fail(error());
        }
    }

    /// It goes no further: the source is opened again if it was closed.
    pub(super) fn give_up(&mut self, why: ErrorRecord) {
        if self.record.as_ref().is_some_and(|record| record.asked_to_close) {
            return self.undo(Some(why));
        }
        self.keep(Stage::Undone);
        self.fail(failed(&why, "Nothing was changed."));
    }

    /// The failover is given up, durably, before the source hears of it: first the place here forgets it.
    pub(super) fn undo(&mut self, why: Option<ErrorRecord>) {
        self.why = why;
        self.enter(Phase::Forget);
    }

    pub(super) fn forgotten(&mut self, result: Result<Seen, ErrorRecord>) {
        match result {
            Ok(Seen::Nothing) => {
                self.keep(Stage::Undo);
                self.enter(Phase::Reopen);
            }
            // It took over, and that was not known: there is only forward.
            Err(error) if error.id() == "TargetIsActive" => {
                self.end_step(error.message().to_owned());
                self.enter(Phase::Promoted);
            }
            other => {
                let error = error_of(other);
                if self.retry(REOPEN) {
                    return;
                }
                self.end_step(error.message().to_owned());
                let why = self.why.take().unwrap_or_else(|| error.clone());
                let then = format!("It is not given up yet: {}", error.message());
                self.fail(failed(&why, &then).hint("Run it again, or undo it with -Restore."));
            }
        }
    }

    pub(super) fn reopened(&mut self, result: Result<Seen, ErrorRecord>) {
        let source = self.choice.source.computer.clone();
        match result {
            Ok(Seen::Nothing) => {
                self.end_step(format!("{source} takes changes again."));
                match self.why.take() {
                    Some(why) => {
                        self.keep(Stage::Undone);
                        self.fail(failed(&why, &format!("{source} takes changes again; nothing was lost.")));
                    }
                    None => {
                        self.over(Stage::Undone);
                        self.done(Vec::new());
                    }
                }
            }
            other => {
                let error = error_of(other);
                if self.retry(REOPEN) {
                    return;
                }
                self.end_step(error.message().to_owned());
                let why = self.why.take().unwrap_or_else(|| error.clone());
                let then = format!(
                    "{source} could not be told that it takes changes again ({}); it does so by itself once it reaches {}.",
                    error.message(),
                    self.choice.target.computer
                );
                let error = failed(&why, &then).hint(format!("If it is lost: {}", forms::forced(&self.choice)));
                self.fail(error);
            }
        }
    }
}

fn failed(why: &ErrorRecord, then: &str) -> ErrorRecord {
    let message = format!("The failover failed: {} {then}", why.message());
    let id = match why.id() {
        "FailoverCancelled" => "FailoverCancelled",
        "FailoverUnderway" => "FailoverUnderway",
        _ => "FailoverFailed",
    };
    why.hints().iter().fold(ErrorRecord::new(id, why.category(), message), |error, hint| error.hint(hint.as_str()))
}
