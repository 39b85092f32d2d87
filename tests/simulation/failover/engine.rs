//! The driver of the product's follower, and the answering side of the log.

use super::super::kernel::note;
use super::super::rng::Rng;
use super::host::{Held, Job};
use super::run::Done;
use super::wire::{Back, MS, Node, Outcome, Question};
use super::world::World;
use reeve::backup::log::{Answer, Ask, Begin, Effect, Event, Follower, FollowerOptions, Request};
use reeve::env::Random;
use reeve::error::{Category, ErrorRecord};
use reeve::failover::{Claim, FeedState, PlaceEvent};
use reeve::store::{LogEntry, Role};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Milliseconds until a question for the log counts as unanswered: more than one may be held.
const PATIENCE: u64 = 12_500;

/// Chance for the follower.
struct Chance(Mutex<Rng>);

impl Random for Chance {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.lock().expect("one thread").next()))
    }
}

/// A follower at work.
pub struct Engine {
    id: u64,
    pub source: usize,
    follower: Follower,
    effects: VecDeque<Effect>,
    busy: bool,
    /// The work of the run machine that it does, else it follows for ever.
    work: Option<u64>,
}

impl Engine {
    pub fn feed(&self, now: u64) -> FeedState {
        self.follower.feed(now)
    }
}

impl World {
    /// Follows a place, or nobody.
    pub fn follow(&mut self, id: usize, source: Option<usize>) {
        if self.hosts[id].engine.as_ref().is_some_and(|engine| engine.work.is_some()) {
            // It takes something over for a failover; it goes on to follow when that is over.
            return;
        }
        self.hosts[id].engine = None;
        if let Some(source) = source {
            note!(self, "{id} follows {source}");
            self.engine(id, source, None);
        }
    }

    /// Takes a place's log once, for the run machine.
    pub fn pull(&mut self, id: usize, source: usize, work: u64, planned: bool) {
        self.engine(id, source, Some((work, planned)));
    }

    fn engine(&mut self, id: usize, source: usize, work: Option<(u64, bool)>) {
        let options = FollowerOptions {
            synchronous: self.mirror_of(id) == Some(source),
            any: work.is_some_and(|(_, planned)| !planned),
            rewind: true,
            attempts: work.map(|_| 3),
            random: Arc::new(Chance(Mutex::new(self.rng.fork()))),
        };
        let host = &mut self.hosts[id];
        host.engines += 1;
        let highest = host.place.as_ref().map_or(0, |place| place.highest_epoch()).max(host.disk.heard);
        host.engine = Some(Engine {
            id: host.engines,
            source,
            follower: Follower::new(options, host.disk.position(), highest),
            effects: VecDeque::new(),
            busy: false,
            work: work.map(|(ticket, _)| ticket),
        });
        self.step_engine(id, Event::Tick);
    }

    fn step_engine(&mut self, id: usize, event: Event) {
        let now = self.hosts[id].now(self.now).millis;
        let Some(engine) = &mut self.hosts[id].engine else { return };
        let mut effects = Vec::new();
        if matches!(event, Event::Failed(_)) {
            engine.effects.clear();
        }
        engine.follower.step(now, event, &mut effects);
        engine.effects.extend(effects);
        if let (Some(at), true) = (engine.follower.wake(), engine.effects.is_empty()) {
            let (engine, wait) = (engine.id, at.saturating_sub(now));
            self.job(id, wait * MS, Job::EngineWake(engine));
        }
        self.engine_effects(id);
    }

    pub fn engine_wake(&mut self, id: usize, engine: u64) {
        if self.hosts[id].engine.as_ref().is_some_and(|now| now.id == engine) {
            self.step_engine(id, Event::Tick);
        }
    }

    fn engine_effects(&mut self, id: usize) {
        loop {
            let Some(engine) = &mut self.hosts[id].engine else { return };
            if engine.busy {
                return;
            }
            let (number, source) = (engine.id, engine.source);
            let Some(effect) = engine.effects.pop_front() else { return };
            match effect {
                Effect::Ask(request) => {
                    engine.busy = true;
                    self.call(Node::Host(id), source, Question::Log(request), PATIENCE, Back::Log(number));
                    return;
                }
                Effect::Tell(epoch) => {
                    let computer = self.hosts[source].name.clone();
                    let claim = Claim { computer, role: None, epoch, highest_epoch: epoch, undone: None };
                    self.step_place(id, PlaceEvent::Heard(claim));
                }
                Effect::Finish(result) => {
                    let work = engine.work;
                    self.hosts[id].engine = None;
                    self.follow_again(id);
                    if let Some(ticket) = work {
                        let at = self.hosts[id].disk.source();
                        self.run_work_done(id, ticket, Done::Pulled(result.map(|()| at)));
                    }
                    return;
                }
                effect => {
                    engine.busy = true;
                    let time = self.disk_time();
                    self.job(id, time, Job::Engine(number, Box::new(effect)));
                    return;
                }
            }
        }
    }

    /// Follows whom the place machine names.
    pub fn follow_again(&mut self, id: usize) {
        let place = self.hosts[id].place.as_ref();
        let source = place.and_then(|place| place.follows().map(str::to_owned)).map(|name| self.index(&name));
        if self.hosts[id].promoting.is_none() {
            self.follow(id, source);
        }
    }

    pub fn engine_effect_done(&mut self, id: usize, number: u64, effect: Effect) {
        let Some(engine) = self.hosts[id].engine.as_mut().filter(|engine| engine.id == number) else { return };
        engine.busy = false;
        let failed = |id: &'static str| {
            Event::Failed(ErrorRecord::new(id, Category::InvalidOperation, "the model of the database refused it"))
        };
        let host = &mut self.hosts[id];
        let event = match effect {
            Effect::Compare(hashes) => {
                let agrees = |(row, hash): &&(u64, Option<reeve::audit::Hash>)| {
                    hash.is_some() && host.disk.hash_at(*row) == *hash
                };
                let common = hashes.iter().filter(agrees).map(|(row, _)| *row).max().unwrap_or(0);
                let differs = hashes.iter().filter(|pair| !agrees(pair)).map(|(row, _)| *row).min();
                Event::Compared { common, differs }
            }
            Effect::Apply(entries) => match host.disk.apply(&self.known, &entries) {
                Ok(at) => Event::Applied(at),
                Err(error) => failed(error),
            },
            Effect::Keep(after) => {
                // Written again after a crash it is the same file.
                let rows: Vec<_> = host.disk.rows.iter().skip(after as usize).cloned().collect();
                let missing: Vec<_> = rows
                    .into_iter()
                    .filter(|row| !host.disk.unsent.iter().any(|kept| kept.hash() == row.hash()))
                    .collect();
                host.disk.unsent.extend(missing);
                Event::Kept
            }
            Effect::Rewind(to) if host.disk.role == Role::Standby => {
                host.disk.rows.truncate(to as usize);
                self.tally.rewound += 1;
                Event::Rewound(self.hosts[id].disk.position())
            }
            Effect::Rewind(_) => failed("StoreNotStandby"),
            Effect::Hear(epoch) => {
                host.disk.heard = host.disk.heard.max(epoch);
                self.engine_effects(id);
                return;
            }
            Effect::Read => Event::Own(host.disk.position(), host.disk.heard),
            Effect::Ask(_) | Effect::Tell(_) | Effect::Finish(_) => return,
        };
        if let Event::Applied(at) | Event::Rewound(at) = &event {
            let epoch = at.epoch;
            self.step_place(id, PlaceEvent::Followed { epoch });
        }
        self.step_engine(id, event);
    }

    pub fn log_answered(&mut self, id: usize, number: u64, outcome: Outcome) {
        let time = self.hosts[id].time(self.now);
        let Some(engine) = self.hosts[id].engine.as_mut().filter(|engine| engine.id == number) else { return };
        engine.busy = false;
        let lost = |what: &str| ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, what);
        let event = match outcome {
            Outcome::Log(answer) => {
                self.hosts[id].last_contact = Some(time);
                Event::Answered(answer)
            }
            Outcome::Refused => Event::NotAnswered(lost(super::run::NOBODY)),
            _ => Event::NotAnswered(lost("silent")),
        };
        let gone =
            !matches!(event, Event::Answered(Answer::Batch { .. } | Answer::Differs { .. } | Answer::Hashes { .. }));
        self.step_engine(id, event);
        if gone {
            self.step_place(id, PlaceEvent::Lost);
        }
    }

    /// The feeds begin anew with the one that serves.
    pub fn begin_feeds(&mut self, id: usize) {
        let (at, now) = (self.hosts[id].disk.position(), self.hosts[id].now(self.now).millis);
        self.hosts[id].tracker.begin(now, at.sequence);
    }

    /// A question for the log: answered at once, or when there is something.
    pub fn log_asked(&mut self, id: usize, call: u64, from: Node, request: Request) {
        let Node::Host(from) = from else { return };
        let now = self.hosts[id].now(self.now).millis;
        let wait = match &request.ask {
            Ask::After { wait, .. } => *wait,
            Ask::Hashes(_) => 0,
        };
        self.hosts[id].held.push(Held { call, from, request, until: now + wait.min(10_000) });
        self.look_at_held(id, true);
    }

    pub fn serve_held(&mut self, id: usize) {
        self.look_at_held(id, false);
    }

    fn look_at_held(&mut self, id: usize, new: bool) {
        let now = self.hosts[id].now(self.now).millis;
        let held = std::mem::take(&mut self.hosts[id].held);
        let count = held.len();
        for (at, one) in held.into_iter().enumerate() {
            let first = new && at + 1 == count;
            match self.respond(id, &one, first) {
                Some(answer) => {
                    let empty = matches!(&answer, Answer::Batch { entries, .. } if entries.is_empty());
                    if empty && now < one.until {
                        self.hosts[id].held.push(one);
                    } else {
                        self.answer(one.call, Outcome::Log(answer));
                    }
                }
                None => self.hosts[id].held.push(one),
            }
        }
    }

    /// What the product's answering side says, from the model of the database.
    fn respond(&mut self, id: usize, held: &Held, first: bool) -> Option<Answer> {
        let (now, time) = (self.hosts[id].now(self.now).millis, self.hosts[id].time(self.now));
        let begin = Begin { role: self.hosts[id].disk.role, position: self.hosts[id].disk.position() };
        let (epoch, request) = (begin.position.epoch, &held.request);
        if request.epoch > epoch {
            let computer = self.hosts[held.from].name.clone();
            let claim =
                Claim { computer, role: None, epoch: request.epoch, highest_epoch: request.epoch, undone: None };
            self.step_place(id, PlaceEvent::Heard(claim));
            let error = ErrorRecord::new("EpochOver", Category::InvalidOperation, "a newer epoch has begun");
            return Some(Answer::Refused { epoch, error });
        }
        if begin.role == Role::Standby && !request.any {
            let error = ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, "it follows another");
            return Some(Answer::Refused { epoch, error });
        }
        let who = (self.hosts[held.from].name.clone(), request.synchronous);
        let host = &mut self.hosts[id];
        match &request.ask {
            Ask::Hashes(rows) => {
                let hashes = rows.iter().map(|row| (*row, host.disk.hash_at(*row))).collect();
                Some(Answer::Hashes { begin, hashes })
            }
            Ask::After { sequence, hash, version, .. } if host.disk.hash_at(*sequence).as_ref() == Some(hash) => {
                if first {
                    host.tracker.written(begin.position.sequence);
                    host.tracker.heard(now, time, (&who.0, who.1), *sequence, *version);
                }
                let rows: Vec<LogEntry> =
                    host.disk.rows.iter().skip(*sequence as usize).take(8).map(|row| (*row.entry).clone()).collect();
                let more = *sequence + (rows.len() as u64) < begin.position.sequence;
                if first {
                    self.gate(id);
                }
                let synchronized = request.synchronous && self.hosts[id].tracker.synchronized(&who.0);
                Some(Answer::Batch { begin, entries: rows, more, synchronized })
            }
            Ask::After { .. } => {
                host.tracker.seen(now, time, (&who.0, who.1));
                Some(Answer::Differs { begin })
            }
        }
    }
}
