//! The machine: what it waits for, and what comes next.

use super::{RunEffect, RunEvent, RunRecord, Seen, Stage, Waits, Work};
use crate::error::{Category, ErrorRecord};
use crate::failover::choose::Choice;
use crate::failover::control::{Preflight, StepReport};
use crate::failover::facts::{Facts, ReplicaFact};
use crate::failover::state::{Ordered, PlaceAnswer, Source};
use crate::failover::wish::Mode;
use crate::replication::Now;
use crate::value::date::iso;
use crate::value::{DateTime, DateTimeKind, same_name};

/// Milliseconds after a work's own bound until the machine goes on without it.
const GRACE: u64 = 500;
/// Milliseconds between two tries.
pub(super) const PAUSE: u64 = 300;
/// Steps that a record keeps: a failover has seven, and is not run again a hundred times.
const STEPS: usize = 100;

/// What the machine is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    New,
    Places,
    Replicas,
    /// Whether the promotion that was recorded happened.
    Promoted,
    Close,
    Pull,
    /// How far the log here came by a try that was cut off.
    Measure,
    Export,
    Weigh,
    Promote,
    Release,
    Follow,
    Forget,
    Reopen,
    Over,
}

/// What of a record is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Fail over.
    Over,
    /// Undo.
    Undo,
}

/// The machine.
#[derive(Debug)]
pub struct Run {
    pub(super) id: String,
    pub(super) choice: Choice,
    pub(super) by: String,
    /// The order; `None` where it goes on by itself.
    pub(super) order: Option<Ordered>,
    pub(super) waits: Waits,
    pub(super) goal: Goal,
    pub(super) record: Option<RunRecord>,
    pub(super) phase: Phase,
    ticket: u64,
    /// The work that is being done, and when it is given up.
    waiting: Option<(u64, Option<u64>)>,
    /// When the phase is tried again.
    again: Option<u64>,
    /// When the phase began, for its bound over all tries.
    pub(super) since: u64,
    pub(super) tries: u32,
    step: Option<(StepReport, u64)>,
    /// Steps before there is a record.
    early: Vec<StepReport>,
    pub(super) places: Vec<PlaceAnswer>,
    pub(super) replicas: Vec<ReplicaFact>,
    pub(super) preflight: Option<Preflight>,
    /// Places to take the log from, the best last.
    pub(super) candidates: Vec<(String, Source)>,
    /// Where the log here stood when the best of them was tried last and it had come further, and when that was; what kept
    /// the last try from coming to the end.
    pub(super) came: Option<(Source, u64)>,
    pub(super) cut_off: Option<ErrorRecord>,
    /// The target took what the closed source has.
    pub(super) drained: bool,
    /// The record was made of what the source says; none is kept yet.
    pub(super) unrecorded: bool,
    /// It was not known what became of the switch, and the database was asked.
    pub(super) unsure: bool,
    /// How often the log went on between weighing and taking over.
    pub(super) weighed_again: u32,
    /// Why it is given up; `None` where that was ordered.
    pub(super) why: Option<ErrorRecord>,
    pub(super) now: Now,
    pub(super) out: Vec<RunEffect>,
}

impl Run {
    /// A failover to this computer, the choice's target: a new one, or the one of the record where the choice says that
    /// it is unfinished, or where it was begun the same way. `id` is that of a new one. The record of another that was not
    /// finished is given up with this: nobody but this computer could take over for it.
    pub fn begin(id: &str, choice: Choice, by: &str, record: Option<RunRecord>, waits: Waits) -> Run {
        let unfinished = choice.unfinished.clone();
        let goal = if unfinished.as_ref().is_some_and(|unfinished| unfinished.undo) { Goal::Undo } else { Goal::Over };
        let known = unfinished.as_ref().map(|unfinished| unfinished.underway.id.clone());
        let goes_on = |record: &RunRecord| match record.stage {
            Stage::Done | Stage::Undone => false,
            _ if known.as_deref() == Some(record.id.as_str()) => true,
            Stage::Close | Stage::Pull | Stage::Export | Stage::Promote => {
                let same = same_name(&record.choice.source.computer, &choice.source.computer);
                goal == Goal::Over && record.choice.mode == choice.mode && same && known.is_none()
            }
            Stage::Release | Stage::Follow | Stage::Undo => false,
        };
        let record = record.filter(goes_on);
        let id = record.as_ref().map(|record| record.id.clone()).or(known).unwrap_or_else(|| id.to_owned());
        let order = choice.wish.clone().map(|wish| Ordered { wish, by: by.to_owned() });
        let mut run = Run {
            id,
            choice,
            by: by.to_owned(),
            order,
            waits,
            goal,
            record,
            phase: Phase::New,
            ticket: 0,
            waiting: None,
            again: None,
            since: 0,
            tries: 0,
            step: None,
            early: Vec::new(),
            places: Vec::new(),
            replicas: Vec::new(),
            preflight: None,
            candidates: Vec::new(),
            came: None,
            cut_off: None,
            drained: false,
            unrecorded: false,
            unsure: false,
            weighed_again: 0,
            why: None,
            now: Now::default(),
            out: Vec::new(),
        };
        if let Some(record) = &run.record {
            // What was chosen then is what was begun: its ends stay.
            let unfinished = run.choice.unfinished.take();
            run.choice = Choice { unfinished, ..record.choice.clone() };
        }
        run
    }

    /// The failover of a record, going on by itself: see [`RunRecord::goes_on_alone`].
    pub fn resume(record: RunRecord, waits: Waits) -> Run {
        let (choice, by, id) = (record.choice.clone(), record.by.clone(), record.id.clone());
        let undo = record.stage == Stage::Undo;
        let mut choice = choice;
        // Nobody orders it anew.
        choice.wish = None;
        choice.unfinished = Some(crate::failover::Unfinished { underway: record.as_underway(), undo });
        Run::begin(&id, choice, &by, Some(record), waits)
    }

    /// An event goes in, effects come out.
    pub fn step(&mut self, now: Now, event: RunEvent) -> Vec<RunEffect> {
        self.now = now;
        match event {
            RunEvent::Start if self.phase == Phase::New => self.start(),
            RunEvent::Start => {}
            RunEvent::Seen { ticket, result } => {
                if self.waiting.is_some_and(|(waits_for, _)| waits_for == ticket) {
                    self.waiting = None;
                    self.seen(result);
                }
            }
            RunEvent::Cancel => self.cancel(),
            RunEvent::Overtaken { epoch } if matches!(self.phase, Phase::Release | Phase::Follow) => {
                (self.waiting, self.again) = (None, None);
                self.end_step(format!("Epoch {epoch} has begun elsewhere since: nobody is left to be told."));
                self.finish(Vec::new());
            }
            RunEvent::Overtaken { .. } | RunEvent::Tick => {
                if let Some((_, Some(end))) = self.waiting
                    && now.millis >= end
                {
                    self.waiting = None;
                    let what = format!("No answer came within {} s.", (end.saturating_sub(self.since)) / 1000);
                    self.seen(Err(ErrorRecord::new("TimedOut", Category::OperationTimeout, what)));
                } else if self.again.is_some_and(|again| now.millis >= again) {
                    self.again = None;
                    self.work();
                }
            }
        }
        std::mem::take(&mut self.out)
    }

    /// What is recorded.
    pub fn record(&self) -> Option<&RunRecord> {
        self.record.as_ref()
    }

    /// The failover's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn planned(&self) -> bool {
        self.choice.mode == Mode::Planned
    }

    pub(super) fn time(&self) -> DateTime {
        DateTime { ticks: self.now.clock, kind: DateTimeKind::Utc }
    }

    pub(super) fn now_text(&self) -> String {
        iso(self.time())
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts { now: self.time(), choice: &self.choice, places: &self.places, replicas: &self.replicas }
    }

    /// Another phase begins.
    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = self.now.millis;
        self.tries = 0;
        self.again = None;
        self.work();
    }

    /// The phase is tried again after a pause; `false` where its bound is over.
    pub(super) fn retry(&mut self, bound: u64) -> bool {
        if self.now.since(self.since) + PAUSE >= bound {
            return false;
        }
        self.tries += 1;
        self.again = Some(self.now.millis + PAUSE);
        true
    }

    /// Does something; at most so many milliseconds.
    pub(super) fn ask(&mut self, work: Work, within: Option<u64>) {
        self.ticket += 1;
        self.waiting = Some((self.ticket, within.map(|within| self.now.millis + within + GRACE)));
        self.out.push(RunEffect::Do { ticket: self.ticket, work, within: within.unwrap_or(u64::MAX) });
    }

    /// Records what is done next.
    pub(super) fn keep(&mut self, stage: Stage) {
        if let Some(record) = &mut self.record {
            record.stage = stage;
            if self.order.is_some() {
                record.order.clone_from(&self.order);
            }
            self.out.push(RunEffect::Record(Box::new(record.clone())));
        }
    }

    /// A step begins, unless it has.
    pub(super) fn begin_step(&mut self, name: &str) {
        if self.step.as_ref().is_some_and(|(step, _)| step.name == name) {
            return;
        }
        let step =
            StepReport { name: name.to_owned(), began: Some(self.time()), milliseconds: None, found: String::new() };
        self.out.push(RunEffect::Told(step.clone()));
        self.step = Some((step, self.now.millis));
    }

    /// It is over.
    pub(super) fn end_step(&mut self, found: impl Into<String>) {
        let Some((mut step, since)) = self.step.take() else { return };
        step.milliseconds = Some(self.now.since(since));
        step.found = found.into();
        self.out.push(RunEffect::Told(step.clone()));
        match &mut self.record {
            Some(record) => {
                record.steps.append(&mut self.early);
                if record.steps.len() < STEPS {
                    record.steps.push(step);
                }
            }
            None => self.early.push(step),
        }
    }

    /// The end: it failed.
    pub(super) fn fail(&mut self, error: ErrorRecord) {
        self.phase = Phase::Over;
        self.out.push(RunEffect::Failed(error));
    }

    /// The end: what became of it.
    pub(super) fn done(&mut self, followers: Vec<crate::failover::Following>) {
        self.phase = Phase::Over;
        let Some(record) = self.record.clone() else { return };
        self.out.push(RunEffect::Done(Box::new(record.report(followers))));
    }

    fn seen(&mut self, result: Result<Seen, ErrorRecord>) {
        match self.phase {
            Phase::Places => self.places_seen(result),
            Phase::Replicas => self.replicas_seen(result),
            Phase::Promoted => self.own_place_seen(result),
            Phase::Close => self.closed(result),
            Phase::Pull => self.pulled(result),
            Phase::Measure => self.measured(result),
            Phase::Export => self.exported(result),
            Phase::Weigh => self.weighed(result),
            Phase::Promote => self.promoted(result),
            Phase::Release => self.released(result),
            Phase::Follow => self.followed(result),
            Phase::Forget => self.forgotten(result),
            Phase::Reopen => self.reopened(result),
            Phase::New | Phase::Over => {}
        }
    }
}
