//! The driver of a run machine: its effects, and the work that it asks for.

use super::super::kernel::note;
use super::host::Job;
use super::place::Orderer;
use super::wire::{Back, MS, Node, Outcome, Question};
use super::world::{REPLICAS, World};
use reeve::error::{Category, ErrorRecord};
use reeve::failover::{
    Choice, Following, PlaceAnswer, PlaceOrder, Placement, Run, RunEffect, RunEvent, Seen, Source, Waits, Work,
};

/// The bounds of the world's failovers.
pub const WAITS: Waits = Waits { within: 3_000 };

/// What the promotion's transaction needs.
#[derive(Debug)]
pub struct Promoting {
    pub must: Option<Source>,
    pub above: u64,
    pub placement: Placement,
    pub pool: Option<String>,
}

/// Who gathers answers of several places.
#[derive(Debug)]
pub enum Gatherer {
    /// The run machine's question for places; dead with the host's generation.
    Places(usize, u32, u64),
    /// The run machine's telling.
    Told(usize, u32, u64),
    /// An administrator at a host.
    Admin(usize, u64),
}

/// Answers of several.
#[derive(Debug)]
pub struct Gather {
    pub who: Gatherer,
    pub missing: usize,
    pub answers: Vec<(usize, Outcome)>,
}

/// A work that was done here.
#[derive(Clone, Debug)]
pub enum Done {
    Pulled(Result<Source, ErrorRecord>),
    Exported,
    Replicas(Option<u64>),
    Watch { epoch: u64, version: u64, until: u64 },
}

impl World {
    /// A failover is ordered at its target.
    pub fn fail_over(&mut self, id: usize, call: u64, choice: Choice, failover: String) {
        if self.hosts[id].run.is_some() {
            let error = ErrorRecord::new("FailoverUnderway", Category::ResourceBusy, "one runs here");
            return self.answer(call, Outcome::FailedOver(Err(error)));
        }
        note!(
            self,
            "{id} fails over {failover}: {:?} from {}, unfinished {:?}",
            choice.mode,
            choice.source.computer,
            choice.unfinished.as_ref().map(|unfinished| (&unfinished.underway.id, unfinished.undo))
        );
        let record = self.hosts[id].disk.run.clone();
        self.hosts[id].run = Some(Run::begin(&failover, choice, "somebody", record, WAITS));
        self.hosts[id].run_call = Some(call);
        self.step_run(id, RunEvent::Start);
        self.tempt();
    }

    pub fn step_run(&mut self, id: usize, event: RunEvent) {
        let now = self.hosts[id].now(self.now);
        let Some(run) = &mut self.hosts[id].run else { return };
        let effects = run.step(now, event);
        self.hosts[id].run_effects.extend(effects);
        self.run_effects(id);
    }

    fn run_effects(&mut self, id: usize) {
        while !self.hosts[id].run_busy {
            match self.hosts[id].run_effects.front() {
                None => return,
                Some(RunEffect::Record(_)) => {
                    self.hosts[id].run_busy = true;
                    let time = self.disk_time();
                    self.job(id, time, Job::Run);
                }
                Some(_) => {
                    let Some(effect) = self.hosts[id].run_effects.pop_front() else { return };
                    self.run_effect(id, effect);
                }
            }
        }
    }

    pub fn run_effect_done(&mut self, id: usize) {
        self.hosts[id].run_busy = false;
        if let Some(RunEffect::Record(record)) = self.hosts[id].run_effects.pop_front() {
            note!(self, "{id} records {} {:?} epoch {}", record.id, record.stage, record.epoch);
            self.recorded(&record);
            self.hosts[id].disk.run = Some(*record);
        }
        self.run_effects(id);
    }

    fn run_effect(&mut self, id: usize, effect: RunEffect) {
        match effect {
            RunEffect::Record(_) => {}
            RunEffect::Do { ticket, work, within } => self.do_work(id, ticket, work, within),
            RunEffect::Told(step) => {
                if step.milliseconds.is_some() {
                    note!(self, "{id} {}: {}", step.name, step.found);
                }
            }
            RunEffect::Done(report) => {
                note!(
                    self,
                    "{id} done {}, undone {}, lost {}, uncertain {:?}",
                    report.id,
                    report.undone,
                    report.lost.len(),
                    report.uncertain
                );
                if report.undone {
                    self.tally.undone += 1;
                }
                self.run_over(id, Ok(()));
            }
            RunEffect::Failed(error) => self.run_over(id, Err(error)),
        }
    }

    fn run_over(&mut self, id: usize, result: Result<(), ErrorRecord>) {
        self.hosts[id].run = None;
        self.hosts[id].promoting = None;
        match self.hosts[id].run_call.take() {
            Some(call) => self.answer(call, Outcome::FailedOver(result)),
            None => note!(self, "{id} ended a failover by itself: {result:?}"),
        }
    }

    fn do_work(&mut self, id: usize, ticket: u64, work: Work, within: u64) {
        let generation = self.hosts[id].generation;
        match work {
            Work::AskPlaces { computers } => {
                let places: Vec<usize> = computers.iter().map(|computer| self.index(computer)).collect();
                self.gather(Node::Host(id), Gatherer::Places(id, generation, ticket), &places, &Question::Place, 2_000);
            }
            Work::AskReplicas { after } => {
                let reached = (0..REPLICAS).all(|replica| self.passes(Node::Host(id), Node::Replica(replica)));
                let wait = if reached { self.rng.range(1, 30) } else { 2_000 };
                self.job(id, wait * MS, Job::Work(ticket, Done::Replicas(after)));
            }
            Work::Close { computer, underway } => {
                let to = self.index(&computer);
                let question = Question::Order(PlaceOrder::Close(underway));
                self.call(Node::Host(id), to, question, within, Back::Work(ticket));
            }
            Work::Forget { failover, epoch } => {
                self.order(id, Orderer::Forget(ticket), PlaceOrder::Forget { failover, epoch });
            }
            Work::Reopen { computer, failover } => {
                let to = self.index(&computer);
                let question = Question::Order(PlaceOrder::Reopen { failover });
                self.call(Node::Host(id), to, question, within, Back::Work(ticket));
            }
            Work::Pull { from, .. } => {
                let source = self.index(&from);
                let planned = self.hosts[id]
                    .run
                    .as_ref()
                    .and_then(|run| run.record())
                    .is_some_and(|record| record.choice.mode == reeve::failover::Mode::Planned);
                self.pull(id, source, ticket, planned);
            }
            Work::Export => {
                let wait = self.rng.range(1, 400);
                self.job(id, wait * MS, Job::Work(ticket, Done::Exported));
            }
            Work::Promote { failover, epoch, seen, above, must, placement, active_pool } => {
                self.hosts[id].promoting = Some(Promoting { must, above, placement: *placement, pool: active_pool });
                self.order(id, Orderer::Work(ticket), PlaceOrder::Promote { failover, epoch, seen });
            }
            Work::Release { computers, failover, epoch } => {
                let places: Vec<usize> = computers.iter().map(|computer| self.index(computer)).collect();
                let computer = self.hosts[id].name.clone();
                let question = Question::Order(PlaceOrder::Release { failover, computer, epoch });
                self.gather(Node::Host(id), Gatherer::Told(id, generation, ticket), &places, &question, 2_000);
            }
            Work::WatchReplicas { epoch, version } => {
                let until = self.now + within * MS;
                self.job(id, 50 * MS, Job::Work(ticket, Done::Watch { epoch, version, until }));
            }
        }
    }

    /// Asks several the same.
    pub fn gather(&mut self, from: Node, who: Gatherer, places: &[usize], question: &Question, within: u64) {
        self.calls_made += 1;
        let gather = self.calls_made;
        self.gathers.insert(gather, Gather { who, missing: places.len(), answers: Vec::new() });
        for place in places {
            self.call(from, *place, question.clone(), within, Back::Gather(gather, *place));
        }
    }

    pub fn gathered(&mut self, number: u64, place: usize, outcome: Outcome) {
        let Some(gather) = self.gathers.get_mut(&number) else { return };
        gather.answers.push((place, outcome));
        gather.missing -= 1;
        if gather.missing > 0 {
            return;
        }
        let Some(Gather { who, answers, .. }) = self.gathers.remove(&number) else { return };
        match who {
            Gatherer::Places(id, generation, ticket) if self.hosts[id].generation == generation => {
                let answers = self.place_answers(answers);
                self.step_run(id, RunEvent::Seen { ticket, result: Ok(Seen::Places(answers)) });
            }
            Gatherer::Told(id, generation, ticket) if self.hosts[id].generation == generation => {
                let told = answers.into_iter().map(|(place, outcome)| {
                    let result = match outcome {
                        Outcome::Ordered(result) => result.map(|_| ()),
                        other => Err(lost(&other)),
                    };
                    (self.hosts[place].name.clone(), result)
                });
                let told = told.collect();
                self.step_run(id, RunEvent::Seen { ticket, result: Ok(Seen::Told(told)) });
            }
            Gatherer::Admin(id, kind) => {
                let answers = self.place_answers(answers);
                self.decide(id, kind, &answers);
            }
            _ => {}
        }
    }

    fn place_answers(&self, answers: Vec<(usize, Outcome)>) -> Vec<PlaceAnswer> {
        let answer = |(place, outcome): (usize, Outcome)| PlaceAnswer {
            computer: self.hosts[place].name.clone(),
            state: match outcome {
                Outcome::Place(state) => Ok(*state),
                other => Err(lost(&other)),
            },
        };
        answers.into_iter().map(answer).collect()
    }

    /// An order of the run machine's was answered.
    pub fn ordered(&mut self, id: usize, ticket: u64, outcome: Outcome) {
        let reopen =
            self.hosts[id].disk.run.as_ref().is_some_and(|record| record.stage == reeve::failover::Stage::Undo);
        let result = match outcome {
            Outcome::Ordered(Ok(_)) if reopen => Ok(Seen::Nothing),
            Outcome::Ordered(Ok(at)) => Ok(Seen::At(at)),
            Outcome::Ordered(Err(error)) => Err(error),
            other => Err(lost(&other)),
        };
        self.step_run(id, RunEvent::Seen { ticket, result });
    }

    /// The place here forgot a failover, or did not.
    pub fn forgotten(&mut self, id: usize, ticket: u64, result: Result<(), ErrorRecord>) {
        self.step_run(id, RunEvent::Seen { ticket, result: result.map(|()| Seen::Nothing) });
    }

    pub fn run_work_done(&mut self, id: usize, ticket: u64, done: Done) {
        let result = match done {
            Done::Pulled(result) => result.map(Seen::At),
            Done::Exported => Ok(Seen::File("export.db".to_owned())),
            Done::Replicas(after) => {
                let at = self.active_position();
                let reached = |replica: &usize| self.passes(Node::Host(id), Node::Replica(*replica));
                let facts = (0..REPLICAS).filter(reached).map(|number| self.replicas[number].fact(number, after, at));
                Ok(Seen::Replicas(facts.collect()))
            }
            Done::Watch { epoch, version, until } => {
                let follows = |number: usize| self.replicas[number].held() >= (epoch, version);
                if !(0..REPLICAS).all(follows) && self.now < until {
                    return self.job(id, 200 * MS, Job::Work(ticket, Done::Watch { epoch, version, until }));
                }
                let following = |number: usize| Following {
                    computer: format!("replica-{number}"),
                    up_to_date: follows(number),
                    version: Some(self.replicas[number].held().1),
                    reason: None,
                };
                Ok(Seen::Following((0..REPLICAS).map(following).collect()))
            }
        };
        self.step_run(id, RunEvent::Seen { ticket, result });
    }

    /// Where the store stands that an all-knowing status would name: replicas are compared with it.
    fn active_position(&self) -> (u64, u64) {
        let at = self.hosts.iter().filter(|host| host.serving).map(|host| host.disk.position());
        at.map(|at| (at.epoch, at.version)).max().unwrap_or_default()
    }
}

/// As the product's network says it.
pub const NOBODY: &str = "it cannot be reached: nobody listens there.";

fn lost(outcome: &Outcome) -> ErrorRecord {
    let what = if matches!(outcome, Outcome::Refused) { NOBODY } else { "silent" };
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, what)
}
