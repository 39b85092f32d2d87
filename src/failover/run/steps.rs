//! The steps before the switch: what each asks for, and what follows from what came of it.

use super::machine::{Goal, Phase, Run};
use super::{RunRecord, Seen, Stage, Work};
use crate::error::{Category, ErrorRecord};
use crate::failover::forms;
use crate::failover::planted;
use crate::failover::preflight::preflight;
use crate::failover::state::{PlaceState, Source};
use crate::store::Role;
use crate::topology::Database;
use crate::value::same_name;

/// Milliseconds for a question to places or replicas: who is silent for 2 s is silent.
pub(super) const ASK: u64 = 2_500;
/// Milliseconds for one order to close, and for all tries of a planned failover.
const CLOSE_ONCE: u64 = 3_000;
const CLOSE: u64 = 10_000;
/// Milliseconds for one try to take the log, and for all of a planned failover: nobody can change anything meanwhile.
const PULL_ONCE: u64 = 10_000;
const PULL: u64 = 60_000;
/// Milliseconds after which a closed source that gives its log, but nothing more of it, is done without.
const STALLED: u64 = 10_000;
/// Milliseconds for an export: of a large database.
const EXPORT: u64 = 600_000;

impl Run {
    pub(super) fn start(&mut self) {
        let stage = self.record.as_ref().map(|record| record.stage);
        if self.goal == Goal::Over && stage.is_none() {
            // What was to be finished is not recorded here any more: it is judged as what it is, a new one.
            self.choice.unfinished = None;
        }
        match (self.goal, stage) {
            (Goal::Undo, None) => {
                // The source is closed for it, and nothing of it is recorded here as unfinished: it may be over and done,
                // and the source not told. Whether this computer took over for it its own place says.
                self.make_record(Stage::Promote);
                if let (Some(record), Some(unfinished)) = (&mut self.record, &self.choice.unfinished) {
                    // What was wanted when it was begun is not known.
                    record.choice.wish = None;
                    record.epoch = unfinished.underway.epoch;
                    record.asked_to_close = true;
                }
                self.unrecorded = true;
                self.enter(Phase::Promoted);
            }
            (_, Some(Stage::Promote)) => self.enter(Phase::Promoted),
            (_, Some(Stage::Release | Stage::Follow)) => self.enter(Phase::Release),
            (Goal::Undo, Some(_)) | (_, Some(Stage::Undo)) => self.undo(None),
            // A step before the switch is not trusted to be as it was left: it is judged anew, under the same id.
            (Goal::Over, _) => self.enter(Phase::Places),
        }
    }

    /// What the phase does, now or again.
    pub(super) fn work(&mut self) {
        let source = self.choice.source.computer.clone();
        match self.phase {
            Phase::Places => {
                self.begin_step("Preflight");
                self.ask(Work::AskPlaces { computers: self.choice.places.clone() }, Some(ASK));
            }
            Phase::Replicas => {
                let held = self.own().map_or(0, |own| own.position.version);
                let after = (!self.planned()).then_some(held);
                self.ask(Work::AskReplicas { after }, Some(ASK));
            }
            Phase::Promoted | Phase::Weigh | Phase::Measure => {
                let own = vec![self.choice.target.computer.clone()];
                self.ask(Work::AskPlaces { computers: own }, Some(ASK));
            }
            Phase::Close => {
                self.begin_step("Close");
                if let Some(record) = &self.record {
                    let underway = record.as_underway();
                    self.ask(Work::Close { computer: source, underway }, Some(CLOSE_ONCE));
                }
            }
            Phase::Pull => self.pull(),
            Phase::Export => {
                self.begin_step("Export");
                self.ask(Work::Export, Some(EXPORT));
            }
            Phase::Promote => self.promote(),
            Phase::Release => {
                self.begin_step(if self.planned() { "Release" } else { "Fence" });
                self.release();
            }
            Phase::Follow => {
                self.begin_step("Follow");
                let at = self.record.as_ref().and_then(|record| record.promoted.clone()).unwrap_or_default();
                let within = self.waits.within;
                self.ask(Work::WatchReplicas { epoch: at.epoch, version: at.version }, Some(within));
            }
            Phase::Forget => {
                self.begin_step("Reopen");
                let (failover, epoch) = (self.id.clone(), self.record.as_ref().map_or(0, |record| record.epoch));
                self.ask(Work::Forget { failover, epoch }, Some(CLOSE_ONCE));
            }
            Phase::Reopen => {
                self.begin_step("Reopen");
                let failover = self.id.clone();
                self.ask(Work::Reopen { computer: source, failover }, Some(CLOSE_ONCE));
            }
            Phase::New | Phase::Over => {}
        }
    }

    pub(super) fn place(&self, computer: &str) -> Option<&PlaceState> {
        self.facts().place(computer)
    }

    pub(super) fn own(&self) -> Option<&PlaceState> {
        self.place(&self.choice.target.computer)
    }

    pub(super) fn places_seen(&mut self, result: Result<Seen, ErrorRecord>) {
        if let Ok(Seen::Places(places)) = result {
            self.places = places;
        }
        // Nobody follows a user store but its places.
        if matches!(self.choice.database(), Some(Database::Users(_))) {
            self.judge();
        } else {
            self.enter(Phase::Replicas);
        }
    }

    pub(super) fn replicas_seen(&mut self, result: Result<Seen, ErrorRecord>) {
        if let Ok(Seen::Replicas(replicas)) = result {
            self.replicas = replicas;
        }
        self.judge();
    }

    fn judge(&mut self) {
        let judged = preflight(&self.facts());
        let refusal = judged.refusal();
        let failing = judged.conditions.iter().filter(|condition| !condition.passed).count();
        let found = match (&refusal, failing) {
            (Some(_), 1) => "1 condition does not hold.".to_owned(),
            (Some(_), _) => format!("{failing} conditions do not hold."),
            (None, 0) => "All conditions hold.".to_owned(),
            (None, 1) => "1 condition does not hold, and does not refuse.".to_owned(),
            (None, _) => format!("{failing} conditions do not hold; none of them refuses."),
        };
        self.preflight = Some(judged);
        if let Some(refusal) = refusal {
            self.end_step(found);
            let refusal = match &self.record {
                Some(record) => {
                    let underway = record.as_underway();
                    let out = forms::out(&forms::Way::of(&self.choice), &underway);
                    out.into_iter().fold(refusal.hint(underway.sentence()), ErrorRecord::hint)
                }
                None => refusal,
            };
            return self.fail(refusal);
        }
        self.make_record(Stage::Close);
        self.end_step(found);
        let serves = self.place(&self.choice.source.computer).is_some_and(|source| source.role == Some(Role::Active));
        let answers = self.place(&self.choice.source.computer).is_some_and(|source| {
            let ours = source
                .underway
                .as_ref()
                .is_none_or(|underway| same_name(&underway.target, &self.choice.target.computer));
            source.role == Some(Role::Active) || (source.role == Some(Role::Closed) && ours)
        });
        let own = same_name(&self.choice.source.computer, &self.choice.target.computer);
        if answers && !own {
            if let Some(record) = &mut self.record {
                record.asked_to_close = true;
                // One that is closed since an earlier try has been closed since then; one that takes changes begins anew.
                if serves {
                    record.closing = Some(self.now.clock);
                } else {
                    record.closing.get_or_insert(self.now.clock);
                }
            }
            self.keep(Stage::Close);
            self.enter(Phase::Close);
        } else {
            self.keep(Stage::Pull);
            self.catch_up();
        }
    }

    fn make_record(&mut self, stage: Stage) {
        let judged = self.preflight.clone().unwrap_or_else(|| preflight(&self.facts()));
        let (epoch, above, seen) = (judged.epoch, self.facts().highest_version(), self.facts().entered());
        match &mut self.record {
            Some(record) => {
                record.stage = stage;
                (record.epoch, record.seen) = (epoch, seen);
                record.above = record.above.max(above);
                record.preflight = judged;
            }
            None => {
                let mut choice = self.choice.clone();
                choice.unfinished = None;
                self.record = Some(RunRecord {
                    id: self.id.clone(),
                    choice,
                    by: self.by.clone(),
                    since: self.now_text(),
                    stage,
                    epoch,
                    seen,
                    above,
                    closed: None,
                    export: None,
                    promoted: None,
                    lost: judged.lost.clone(),
                    uncertain: judged.uncertain.clone(),
                    preflight: judged,
                    steps: Vec::new(),
                    closing: None,
                    asked_to_close: false,
                    outage: None,
                    order: self.order.clone(),
                    ended: None,
                    reported: false,
                });
            }
        }
    }

    pub(super) fn closed(&mut self, result: Result<Seen, ErrorRecord>) {
        let source = self.choice.source.computer.clone();
        match result {
            Ok(Seen::At(at)) => {
                self.end_step(format!(
                    "{source} takes no more changes; its log ends at row {}, version {}.",
                    at.sequence, at.version
                ));
                if let Some(record) = &mut self.record {
                    record.above = record.above.max(at.version);
                    record.closed = Some(at);
                }
                self.keep(Stage::Pull);
                if self.planned() { self.enter(Phase::Pull) } else { self.catch_up() }
            }
            other if self.planned() => {
                let error = error_of(other);
                let definite = matches!(error.id(), "NotActive" | "FailoverUnderway" | "EpochOver" | "FailoverOver");
                if definite || !self.retry(CLOSE) {
                    self.end_step(error.message().to_owned());
                    self.give_up(error);
                }
            }
            other => {
                let error = error_of(other);
                self.end_step(format!("{source} could not be closed: {}", error.message()));
                self.keep(Stage::Pull);
                self.catch_up();
            }
        }
    }

    /// Which places have more of the log than this one, the best last.
    fn catch_up(&mut self) {
        let order = |at: &Source| (at.epoch, at.sequence);
        let held = self.own().map(|own| order(&own.position)).unwrap_or_default();
        let target = &self.choice.target.computer;
        let facts = self.facts();
        let others = facts.said().filter(|state| state.role.is_some() && !same_name(&state.computer, target));
        let mut more: Vec<(String, Source)> = others
            .map(|state| (state.computer.clone(), state.position.clone()))
            .filter(|(_, at)| order(at) > held)
            .collect();
        if let Some(closed) = self.record.as_ref().and_then(|record| record.closed.clone()) {
            let source = self.choice.source.computer.clone();
            more.retain(|(computer, _)| !same_name(computer, &source));
            more.push((source, closed));
        }
        more.sort_by_key(|(_, at)| order(at));
        self.candidates = more;
        self.enter(Phase::Pull);
    }

    fn pull(&mut self) {
        if self.planned() {
            self.begin_step("Drain");
            if planted::is(planted::Bug::DrainUnchecked) {
                return self.export();
            }
            let closed = self.record.as_ref().and_then(|record| record.closed.clone()).unwrap_or_default();
            return self.ask(Work::Pull { from: self.choice.source.computer.clone(), to: closed }, Some(PULL_ONCE));
        }
        self.begin_step("CatchUp");
        match self.candidates.last().cloned() {
            Some((from, to)) => {
                let (own, now) = (self.own().map(|own| own.position.clone()).unwrap_or_default(), self.now.millis);
                self.came.get_or_insert((own, now));
                self.ask(Work::Pull { from, to }, Some(PULL_ONCE));
            }
            None => {
                self.end_step("No other place that answers has more.");
                self.export();
            }
        }
    }

    pub(super) fn pulled(&mut self, result: Result<Seen, ErrorRecord>) {
        let (wanted, from) = if self.planned() {
            (self.record.as_ref().and_then(|record| record.closed.clone()), self.choice.source.computer.clone())
        } else {
            let candidate = self.candidates.last().cloned();
            (candidate.as_ref().map(|(_, to)| to.clone()), candidate.map_or_else(String::new, |(from, _)| from))
        };
        let at = match result {
            Ok(Seen::At(at)) => Ok(at),
            other => Err(error_of(other)),
        };
        let reached = match (&at, &wanted) {
            (Ok(at), Some(wanted)) => same_place(at, wanted),
            _ => false,
        };
        if reached {
            let closed = self.record.as_ref().and_then(|record| record.closed.as_ref());
            self.drained =
                closed.is_some_and(|closed| wanted.as_ref().is_some_and(|wanted| same_place(closed, wanted)));
            self.end_step(format!("Everything that {from} has is here: row {}.", wanted.map_or(0, |at| at.sequence)));
            return self.export();
        }
        let error = at.map_or_else(|error| error, |at| behind(&at, wanted.as_ref()));
        if self.planned() {
            if !self.retry(PULL) {
                self.end_step(error.message().to_owned());
                self.give_up(error);
            }
        } else if self.is_closed(&from) && error.category() != Category::InvalidOperation {
            // It acknowledged all that, and gives it: nothing is passed over while it comes.
            self.cut_off = Some(error);
            self.enter(Phase::Measure);
        } else {
            self.without(&from, &error);
        }
    }

    /// Whether a computer is the source, and closed.
    fn is_closed(&self, computer: &str) -> bool {
        let closed = self.record.as_ref().is_some_and(|record| record.closed.is_some());
        closed && same_name(computer, &self.choice.source.computer)
    }

    /// What one has cannot all be taken: another may have as much.
    fn without(&mut self, from: &str, error: &ErrorRecord) {
        self.candidates.pop();
        self.came = None;
        if self.candidates.is_empty() {
            self.end_step(format!("Not all of it could be taken from {from}: {}", error.message()));
            self.export();
        } else {
            self.enter(Phase::Pull);
        }
    }

    /// How far the log here came: it is gone on with while it does.
    pub(super) fn measured(&mut self, result: Result<Seen, ErrorRecord>) {
        self.seen_own(result);
        let (now, at) = (self.now.millis, self.own().map(|own| own.position.clone()));
        let stands = self.came.as_ref().is_some_and(|(came, _)| at.as_ref().is_none_or(|at| same_place(at, came)));
        if !stands {
            self.came = at.map(|at| (at, now));
        }
        if self.came.as_ref().is_some_and(|(_, since)| now.saturating_sub(*since) >= STALLED) {
            let from = self.choice.source.computer.clone();
            let error = self.cut_off.take().unwrap_or_else(|| error_of(Ok(Seen::Nothing)));
            return self.without(&from, &error);
        }
        self.phase = Phase::Pull;
        self.retry(u64::MAX);
    }

    /// What the target's own place said takes the place of what it said before.
    pub(super) fn seen_own(&mut self, result: Result<Seen, ErrorRecord>) {
        if let Ok(Seen::Places(own)) = result {
            let target = self.choice.target.computer.clone();
            self.places.retain(|answer| !same_name(&answer.computer, &target));
            self.places.extend(own);
        }
    }

    fn export(&mut self) {
        self.keep(Stage::Export);
        self.enter(Phase::Export);
    }

    pub(super) fn exported(&mut self, result: Result<Seen, ErrorRecord>) {
        match result {
            Ok(Seen::File(file)) => {
                self.end_step(format!("The database is in {file}."));
                if let Some(record) = &mut self.record {
                    record.export = Some(file);
                }
                if self.planned() { self.switch() } else { self.enter(Phase::Weigh) }
            }
            other => {
                let error = error_of(other);
                self.end_step(error.message().to_owned());
                self.give_up(error);
            }
        }
    }
}

fn same_place(a: &Source, b: &Source) -> bool {
    a.sequence == b.sequence && a.hash == b.hash
}

fn behind(at: &Source, wanted: Option<&Source>) -> ErrorRecord {
    let wanted = wanted.map_or(0, |at| at.sequence);
    let message = format!("The log ends here at row {}, not at row {wanted}.", at.sequence);
    ErrorRecord::new("TargetBehind", Category::InvalidOperation, message)
}

pub(super) fn error_of(result: Result<Seen, ErrorRecord>) -> ErrorRecord {
    result.err().unwrap_or_else(|| {
        ErrorRecord::new("FailoverFailed", Category::InvalidResult, "What came back is no answer to what was asked.")
    })
}
