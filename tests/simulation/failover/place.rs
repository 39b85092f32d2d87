//! The driver of a place machine: its effects, one after the other, and the changes of clients.

use super::super::kernel::note;
use super::host::{Job, Waiting};
use super::store::What;
use super::wire::{Back, Node, Outcome, Question};
use super::world::World;
use reeve::backup::log::Verdict;
use reeve::error::{Category, ErrorRecord};
use reeve::failover::{Claim, PlaceEffect, PlaceEvent, PlaceOrder, Reply};
use reeve::store::Role;

/// Who gave an order.
#[derive(Clone, Copy, Debug)]
pub enum Orderer {
    Call(u64),
    /// The run machine's work here.
    Work(u64),
    /// The run machine's, which asks for no position.
    Forget(u64),
}

impl World {
    pub fn step_place(&mut self, id: usize, event: PlaceEvent) {
        let now = self.hosts[id].now(self.now);
        let Some(place) = &mut self.hosts[id].place else { return };
        let effects = place.step(now, event);
        self.hosts[id].effects.extend(effects);
        self.place_effects(id);
    }

    pub fn order(&mut self, id: usize, from: Orderer, order: PlaceOrder) {
        self.calls_made += 1;
        let ticket = self.calls_made;
        self.hosts[id].orders.insert(ticket, from);
        note!(self, "{id} is ordered {}", short(&order));
        self.step_place(id, PlaceEvent::Order { ticket, order });
    }

    /// Does effects until one takes time.
    fn place_effects(&mut self, id: usize) {
        while !self.hosts[id].busy {
            match self.hosts[id].effects.front() {
                None => return,
                Some(PlaceEffect::Keep(_) | PlaceEffect::SetRole(_) | PlaceEffect::Promote { .. }) => {
                    if let Some(PlaceEffect::Promote { .. }) = self.hosts[id].effects.front() {
                        self.hosts[id].engine = None;
                    }
                    self.hosts[id].busy = true;
                    let time = self.disk_time();
                    self.job(id, time, Job::Place);
                }
                Some(_) => {
                    let Some(effect) = self.hosts[id].effects.pop_front() else { return };
                    self.quick(id, effect);
                }
            }
        }
    }

    pub fn place_effect_done(&mut self, id: usize) {
        self.hosts[id].busy = false;
        let Some(effect) = self.hosts[id].effects.pop_front() else { return };
        match effect {
            PlaceEffect::Keep(record) => self.hosts[id].disk.record = record,
            PlaceEffect::SetRole(role) => {
                note!(self, "{id} is {role:?}");
                self.hosts[id].disk.role = role;
            }
            PlaceEffect::Promote { epoch, .. } => self.promote_here(id, epoch),
            _ => {}
        }
        self.place_effects(id);
    }

    fn quick(&mut self, id: usize, effect: PlaceEffect) {
        match effect {
            PlaceEffect::Ask(others) => {
                for other in others {
                    let to = self.index(&other);
                    self.call(Node::Host(id), to, Question::Place, 2_000, Back::Claim(to));
                }
            }
            PlaceEffect::Serve(true) => {
                let at = self.hosts[id].disk.position();
                note!(self, "{id} serves from row {} in epoch {}", at.sequence, at.epoch);
                self.hosts[id].serving = true;
                self.begin_feeds(id);
                self.serves_now(id);
            }
            PlaceEffect::Serve(false) => {
                note!(self, "{id} serves no more");
                self.tally.fenced += 1;
                let host = &mut self.hosts[id];
                host.serving = false;
                host.tracker.end();
                self.gate(id);
            }
            // Nothing sleeps here: what is stopped is down.
            PlaceEffect::Assured => {}
            PlaceEffect::Follow(source) => {
                let source = source.map(|source| self.index(&source));
                self.follow(id, source);
            }
            PlaceEffect::Answer { ticket, result } => {
                let at = self.hosts[id].disk.source();
                let result = result.map(|()| at);
                match self.hosts[id].orders.remove(&ticket) {
                    Some(Orderer::Call(call)) => self.answer(call, Outcome::Ordered(result)),
                    Some(Orderer::Work(work)) => self.ordered(id, work, Outcome::Ordered(result)),
                    Some(Orderer::Forget(work)) => self.forgotten(id, work, result.map(|_| ())),
                    None => {}
                }
            }
            PlaceEffect::Keep(_) | PlaceEffect::SetRole(_) | PlaceEffect::Promote { .. } => {}
        }
    }

    /// A place answered the place machine's question.
    pub fn claimed(&mut self, id: usize, other: usize, outcome: Outcome) {
        let computer = self.hosts[other].name.clone();
        let reply = match outcome {
            Outcome::Place(state) => Reply::Said(Claim::of(&state)),
            Outcome::Refused => Reply::Refused,
            _ => Reply::Silent,
        };
        self.step_place(id, PlaceEvent::Answer { computer, reply });
    }

    /// The transaction of the promotion, in which its conditions hold or nothing happens.
    fn promote_here(&mut self, id: usize, epoch: u64) {
        let Some(args) = self.hosts[id].promoting.take() else { return };
        let at = self.hosts[id].disk.source();
        let behind = args.must.as_ref().is_some_and(|must| (must.sequence, &must.hash) != (at.sequence, &at.hash));
        if behind {
            let message = "the log stands elsewhere";
            let error = ErrorRecord::new("TargetBehind", Category::InvalidOperation, message);
            return self.step_place(id, PlaceEvent::PromoteFailed(error));
        }
        let version = args.above.max(at.version) + 1;
        let pool = args.pool.unwrap_or_else(|| self.hosts[id].disk.placed().1.to_owned());
        let planned = args.placement.mode == "Planned";
        let what = What::Promoted { placement: args.placement, pool };
        self.hosts[id].disk.role = Role::Active;
        let salt = self.now;
        self.hosts[id].disk.append(&mut self.known, epoch, version, salt, what);
        note!(self, "{id} is promoted in epoch {epoch}, planned {planned}, row {}", self.hosts[id].disk.rows.len());
        self.hosts[id].tracker.taken_over();
        self.promoted_now(id, epoch, planned);
        self.step_place(id, PlaceEvent::Promoted { epoch });
    }

    /// A client wants a change.
    pub fn write(&mut self, id: usize, call: u64, change: u64, document: u8) {
        if !self.hosts[id].serving {
            let follows = self.hosts[id].engine.as_ref().map(|engine| engine.source);
            return self.answer(call, Outcome::Written(Err(follows)));
        }
        let time = self.disk_time();
        self.job(id, time, Job::Commit { call, id: change, document });
    }

    /// The transaction of a change: it is refused unless the database is active then.
    pub fn commit(&mut self, id: usize, call: u64, change: u64, document: u8) {
        if self.hosts[id].disk.role != Role::Active {
            return self.answer(call, Outcome::Written(Err(None)));
        }
        let at = self.hosts[id].disk.position();
        let what = What::Change { document };
        let salt = (id as u64) << 32 | change;
        self.hosts[id].disk.append(&mut self.known, at.epoch, at.version + 1, salt, what);
        self.made(id);
        let sequence = at.sequence + 1;
        let since = self.hosts[id].now(self.now).millis;
        self.hosts[id].tracker.written(sequence);
        self.hosts[id].waiting.push(Waiting { sequence, since, call, epoch: at.epoch });
        self.gate(id);
        self.serve_held(id);
    }

    /// Lets pass what may be acknowledged.
    pub fn gate(&mut self, id: usize) {
        let now = self.hosts[id].now(self.now).millis;
        let mut waiting = std::mem::take(&mut self.hosts[id].waiting);
        waiting.retain(|one| match self.hosts[id].tracker.verdict(now, one.since, one.sequence) {
            Verdict::Go => {
                self.acknowledge(id, one.sequence, one.epoch);
                self.answer(one.call, Outcome::Written(Ok(())));
                false
            }
            Verdict::Over => {
                self.answer(one.call, Outcome::Written(Err(None)));
                false
            }
            // The next tick is soon enough.
            Verdict::Until(_) => true,
        });
        self.hosts[id].waiting = waiting;
    }
}

fn short(order: &PlaceOrder) -> String {
    match order {
        PlaceOrder::Close(underway) => format!("Close {} {}", underway.id, underway.epoch),
        PlaceOrder::Reopen { failover } => format!("Reopen {failover}"),
        PlaceOrder::Forget { failover, epoch } => format!("Forget {failover} {epoch}"),
        PlaceOrder::Release { failover, epoch, .. } => format!("Release {failover} {epoch}"),
        PlaceOrder::Promote { failover, epoch, .. } => format!("Promote {failover} {epoch}"),
    }
}
