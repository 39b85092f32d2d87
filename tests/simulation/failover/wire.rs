//! What passes between the computers of a simulated world: questions with their answers, late, lost, or refused.

use super::super::kernel::note;
use super::store::Row;
use super::world::World;
use reeve::backup::log::{Answer, Request as LogRequest};
use reeve::error::ErrorRecord;
use reeve::failover::{Choice, PlaceOrder, PlaceState, Source};
use std::rc::Rc;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Host(usize),
    Replica(usize),
    Client(usize),
}

/// A question.
#[derive(Clone, Debug)]
pub enum Question {
    Place,
    Order(PlaceOrder),
    Log(LogRequest),
    Write { id: u64, document: u8 },
    Failover { choice: Box<Choice>, id: String },
    Sync { epoch: u64 },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Place(Box<PlaceState>),
    Ordered(Result<Source, ErrorRecord>),
    Log(Answer),
    /// Acknowledged, or who may serve instead.
    Written(Result<(), Option<usize>>),
    FailedOver(Result<(), ErrorRecord>),
    Synced(Option<(u64, u64, Rc<Vec<Row>>)>),
    /// Nothing runs there.
    Refused,
    Silent,
}

/// To what the answer goes back.
#[derive(Clone, Debug)]
pub enum Back {
    /// The place machine.
    Claim(usize),
    /// One of several that are gathered.
    Gather(u64, usize),
    /// The follower of this generation.
    Log(u64),
    Write,
    /// The run machine's work.
    Work(u64),
    Failover,
    Sync(usize),
}

/// A question that is under way.
#[derive(Debug)]
pub struct Call {
    pub from: Node,
    pub to: usize,
    generation: u32,
    back: Back,
}

/// What happens to a call.
#[derive(Debug)]
pub enum Passing {
    Arrive(u64, Question),
    Return(u64, Outcome),
    TimeOut(u64),
}

/// Milliseconds, as microseconds.
pub const MS: u64 = 1_000;

impl World {
    fn generation(&self, node: Node) -> u32 {
        match node {
            Node::Host(host) => self.hosts[host].generation,
            _ => 0,
        }
    }

    fn latency(&mut self) -> u64 {
        if self.harsh && !self.calm && self.rng.chance(4) {
            return self.rng.range(500, 20_000) * MS;
        }
        self.rng.range(200, 5_000)
    }

    /// Whether what is sent arrives.
    pub fn passes(&self, from: Node, to: Node) -> bool {
        from == to || !self.cut.contains(&(from, to))
    }

    /// Asks; the answer, or that there is none, comes back in any case unless who asks has died.
    pub fn call(&mut self, from: Node, to: usize, question: Question, within: u64, back: Back) {
        self.calls_made += 1;
        let (id, generation) = (self.calls_made, self.generation(from));
        self.calls.insert(id, Call { from, to, generation, back });
        let latency = self.latency();
        self.after(latency, super::world::Event::Wire(Passing::Arrive(id, question)));
        self.after(within * MS, super::world::Event::Wire(Passing::TimeOut(id)));
    }

    /// Answers a question; void if nobody waits for it any more.
    pub fn answer(&mut self, call: u64, outcome: Outcome) {
        let Some(Call { from, to, .. }) = self.calls.get(&call) else { return };
        if self.passes(Node::Host(*to), *from) {
            let latency = self.latency();
            self.after(latency, super::world::Event::Wire(Passing::Return(call, outcome)));
        }
    }

    pub fn pass(&mut self, passing: Passing) {
        match passing {
            Passing::Arrive(id, question) => {
                // What comes after its caller gave it up is done all the same.
                let Some((from, to)) = self.calls.get(&id).map(|call| (call.from, call.to)).or(self.late.remove(&id))
                else {
                    return;
                };
                if !self.passes(from, Node::Host(to)) {
                    return;
                }
                if self.hosts[to].up {
                    self.asked(id, from, to, question);
                } else {
                    self.answer(id, Outcome::Refused);
                }
            }
            Passing::Return(id, outcome) => {
                // The way back may be cut by now.
                let back = self.calls.get(&id).is_some_and(|call| self.passes(Node::Host(call.to), call.from));
                if back {
                    self.returned(id, outcome);
                }
            }
            Passing::TimeOut(id) => {
                if let Some(call) = self.calls.get(&id) {
                    self.late.insert(id, (call.from, call.to));
                    self.returned(id, Outcome::Silent);
                }
            }
        }
    }

    fn returned(&mut self, id: u64, outcome: Outcome) {
        let Some(call) = self.calls.remove(&id) else { return };
        if call.generation != self.generation(call.from) {
            return;
        }
        match (call.back, call.from) {
            (Back::Claim(other), Node::Host(host)) => self.claimed(host, other, outcome),
            (Back::Gather(gather, computer), _) => self.gathered(gather, computer, outcome),
            (Back::Log(engine), Node::Host(host)) => self.log_answered(host, engine, outcome),
            (Back::Write, Node::Client(client)) => self.written(client, call.to, outcome),
            (Back::Work(ticket), Node::Host(host)) => self.ordered(host, ticket, outcome),
            (Back::Failover, _) => {
                if let Outcome::FailedOver(Err(error)) = &outcome {
                    note!(self, "  failed: {error:?}");
                }
            }
            (Back::Sync(replica), _) => self.synced(replica, outcome),
            _ => {}
        }
    }

    fn asked(&mut self, id: u64, from: Node, to: usize, question: Question) {
        match question {
            Question::Place => {
                if let Some(state) = self.state(to) {
                    self.answer(id, Outcome::Place(Box::new(state)));
                }
            }
            Question::Order(order) => self.order(to, super::place::Orderer::Call(id), order),
            Question::Log(request) => self.log_asked(to, id, from, request),
            Question::Write { id: change, document } => self.write(to, id, change, document),
            Question::Failover { choice, id: failover } => self.fail_over(to, id, *choice, failover),
            Question::Sync { epoch } => self.sync_asked(to, id, epoch),
        }
    }
}
