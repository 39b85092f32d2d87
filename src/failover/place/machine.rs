//! The machine: what a place does when it starts, hears, is asked and ordered.

mod refusals;

use super::{Claim, PlaceEffect, PlaceEvent, PlaceOrder, PlaceRecord, Reply};
use crate::error::ErrorRecord;
use crate::failover::planted;
use crate::failover::state::Underway;
use crate::replication::Now;
use crate::store::Role;
use crate::value::same_name;

/// Milliseconds after which a question counts as unanswered even where the driver never says so; the driver's own bound
/// is 2 s.
const SILENT_AFTER: u64 = 2_500;
/// Milliseconds between questions of a place that knows of nobody whom it could follow.
const LOOK_AGAIN: u64 = 1_000;
/// Milliseconds between questions of a place that serves: how long a former master that was cut off may not know, once
/// the network is whole again and nobody tells it sooner.
const ASK_AGAIN: u64 = 5_000;

/// A round of questions.
#[derive(Clone, Debug)]
struct Asking {
    /// Those that have not answered.
    waits: Vec<String>,
    /// When it began.
    since: u64,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Place {
    me: String,
    others: Vec<String>,
    role: Role,
    epoch: u64,
    record: PlaceRecord,
    serves: bool,
    /// A whole round of questions went by since the start.
    asked: bool,
    asking: Option<Asking>,
    /// It slept while it served, and has not asked the others since.
    doubts: bool,
    last_round: u64,
    /// Who has the database, as far as is known: the epoch and the computer.
    leader: Option<(u64, String)>,
    follows: Option<String>,
    /// Another that says that it takes changes in this very epoch.
    double: Option<String>,
    /// The source does not answer.
    lost: bool,
    /// The order that is being carried out: its ticket and its epoch.
    promoting: Option<(u64, u64)>,
}

impl Place {
    /// A place as its database and its record say.
    pub fn new(me: &str, others: Vec<String>, role: Role, epoch: u64, record: PlaceRecord) -> Place {
        let others = others.into_iter().filter(|other| !same_name(other, me)).collect();
        Place {
            me: me.to_owned(),
            others,
            role,
            epoch,
            record,
            serves: false,
            asked: false,
            asking: None,
            doubts: false,
            last_round: 0,
            leader: None,
            follows: None,
            double: None,
            lost: false,
            promoting: None,
        }
    }

    /// An event goes in, effects come out.
    pub fn step(&mut self, now: Now, event: PlaceEvent) -> Vec<PlaceEffect> {
        let mut out = Vec::new();
        match event {
            PlaceEvent::Start => self.start(now, &mut out),
            PlaceEvent::Places(others) => {
                self.others = others.into_iter().filter(|other| !same_name(other, &self.me)).collect();
            }
            PlaceEvent::Answer { computer, reply } => {
                if let Reply::Said(claim) = reply {
                    self.heard(claim, &mut out);
                }
                self.answered(|other| same_name(other, &computer), &mut out);
            }
            PlaceEvent::Heard(claim) => self.heard(claim, &mut out),
            PlaceEvent::Order { ticket, order } => {
                if let Some(result) = self.order(ticket, order, &mut out) {
                    out.push(PlaceEffect::Answer { ticket, result });
                }
            }
            PlaceEvent::Promoted { epoch } => self.promoted(epoch, &mut out),
            PlaceEvent::PromoteFailed(error) => {
                if let Some((ticket, _)) = self.promoting.take() {
                    out.push(PlaceEffect::Answer { ticket, result: Err(error) });
                }
                self.follows = None;
                self.follow(&mut out);
            }
            PlaceEvent::Followed { epoch } => {
                if self.role == Role::Standby {
                    self.epoch = epoch;
                    self.lost = false;
                }
            }
            PlaceEvent::Lost => self.lost = true,
            PlaceEvent::Slept => self.slept(now, &mut out),
            PlaceEvent::Tick => self.tick(now, &mut out),
        }
        out
    }

    fn start(&mut self, now: Now, out: &mut Vec<PlaceEffect>) {
        let before = self.record.clone();
        self.record.highest_epoch = self.highest_epoch();
        // Closed for a failover to an epoch that this database has come to meanwhile: that is over.
        if self.record.closed.as_ref().is_some_and(|underway| underway.epoch <= self.epoch) {
            self.record.closed = None;
        }
        let over = self.role != Role::Standby && self.record.highest_epoch > self.epoch;
        if over {
            self.record.closed = None;
        }
        if self.record != before {
            out.push(PlaceEffect::Keep(self.record.clone()));
        }
        let role = match (self.role, &self.record.closed) {
            (Role::Standby, _) => Role::Standby,
            _ if over => Role::Standby,
            // The record comes before the role when it closes and when it opens, so the record says which it was.
            (_, Some(_)) => Role::Closed,
            (_, None) => Role::Active,
        };
        if role != self.role {
            self.role = role;
            out.push(PlaceEffect::SetRole(role));
        }
        self.asked = planted::is(planted::Bug::ServesBeforeAsking);
        self.ask(now, out);
        self.serve_if_it_may(out);
    }

    fn ask(&mut self, now: Now, out: &mut Vec<PlaceEffect>) {
        self.last_round = now.millis;
        if self.others.is_empty() {
            self.asked = true;
            self.assured(out);
            return;
        }
        self.asking = Some(Asking { waits: self.others.clone(), since: now.millis });
        out.push(PlaceEffect::Ask(self.others.clone()));
    }

    fn answered(&mut self, who: impl Fn(&str) -> bool, out: &mut Vec<PlaceEffect>) {
        let Some(asking) = &mut self.asking else { return };
        asking.waits.retain(|other| !who(other));
        if asking.waits.is_empty() {
            self.asking = None;
            self.asked = true;
            self.assured(out);
            self.serve_if_it_may(out);
        }
    }

    /// What is asked already counts from now: an answer from before says nothing of the time since.
    fn slept(&mut self, now: Now, out: &mut Vec<PlaceEffect>) {
        self.doubts |= self.serves;
        if self.serves || self.asking.is_some() {
            self.ask(now, out);
        }
    }

    fn assured(&mut self, out: &mut Vec<PlaceEffect>) {
        if std::mem::take(&mut self.doubts) && self.serves {
            out.push(PlaceEffect::Assured);
        }
    }

    fn serve_if_it_may(&mut self, out: &mut Vec<PlaceEffect>) {
        let alone = self.double.is_none() && self.highest_epoch() == self.epoch;
        if self.asked && self.role == Role::Active && !self.serves && alone {
            self.serves = true;
            self.leader = Some((self.epoch, self.me.clone()));
            out.push(PlaceEffect::Serve(true));
        }
    }

    fn stop_serving(&mut self, out: &mut Vec<PlaceEffect>) {
        if self.serves {
            self.serves = false;
            out.push(PlaceEffect::Serve(false));
        }
    }

    fn heard(&mut self, claim: Claim, out: &mut Vec<PlaceEffect>) {
        if !self.others.iter().any(|other| same_name(other, &claim.computer)) {
            return;
        }
        let highest = claim.epoch.max(claim.highest_epoch);
        let ignored = self.serves && planted::is(planted::Bug::NewerEpochIgnored);
        if highest > self.highest_epoch() && !ignored {
            self.record.highest_epoch = highest;
            if self.role == Role::Standby || self.promoting.is_some() {
                self.keep(out);
            } else {
                self.end(out);
            }
        }
        self.compare(&claim, out);
        let is_leader = self.leader.as_ref().is_some_and(|(_, leader)| same_name(leader, &claim.computer));
        match claim.role {
            Some(Role::Active | Role::Closed)
                if self.leader.as_ref().is_none_or(|(epoch, _)| claim.epoch >= *epoch) =>
            {
                self.leader = Some((claim.epoch, claim.computer.clone()));
            }
            Some(Role::Standby) if is_leader => self.leader = None,
            _ => {}
        }
        if self.role == Role::Standby {
            self.follow(out);
        }
        // Its target gave the failover up: as good as the order to open again, which may never come.
        if let (Some(id), Some(underway)) = (&claim.undone, &self.record.closed)
            && underway.id == *id
            && same_name(&underway.target, &claim.computer)
        {
            let id = id.clone();
            self.reopen(&id, out);
        }
    }

    /// Two places in one epoch: that cannot be, unless files were copied. Neither knows which of them counts, so none of
    /// them takes changes until one is gone.
    fn compare(&mut self, claim: &Claim, out: &mut Vec<PlaceEffect>) {
        let same = claim.role == Some(Role::Active) && claim.epoch == self.epoch && self.role == Role::Active;
        let known = self.double.as_ref().is_some_and(|double| same_name(double, &claim.computer));
        if same {
            self.double = Some(claim.computer.clone());
            self.stop_serving(out);
        } else if known && claim.role.is_some() {
            self.double = None;
            self.serve_if_it_may(out);
        }
    }

    /// It is over: somebody entered a newer epoch.
    fn end(&mut self, out: &mut Vec<PlaceEffect>) {
        // First of all it stops, then it writes that down: an acknowledgement after this would be lost.
        self.stop_serving(out);
        self.double = None;
        self.record.closed = None;
        self.keep(out);
        self.role = Role::Standby;
        out.push(PlaceEffect::SetRole(Role::Standby));
        if self.leader.as_ref().is_some_and(|(_, leader)| same_name(leader, &self.me)) {
            self.leader = None;
        }
        self.last_round = 0;
    }

    fn keep(&self, out: &mut Vec<PlaceEffect>) {
        out.push(PlaceEffect::Keep(self.record.clone()));
    }

    /// Follows whoever has the newest epoch that is known, and nobody while that is not known.
    fn follow(&mut self, out: &mut Vec<PlaceEffect>) {
        if self.promoting.is_some() {
            return;
        }
        let newest = self.leader.as_ref().filter(|(epoch, _)| *epoch >= self.highest_epoch());
        let follows = newest.map(|(_, computer)| computer.clone());
        if follows != self.follows {
            self.follows = follows;
            self.lost = false;
            out.push(PlaceEffect::Follow(self.follows.clone()));
        }
    }

    fn order(&mut self, ticket: u64, order: PlaceOrder, out: &mut Vec<PlaceEffect>) -> Option<Result<(), ErrorRecord>> {
        Some(match order {
            PlaceOrder::Close(underway) => self.close(underway, out),
            PlaceOrder::Reopen { failover } => {
                self.reopen(&failover, out);
                Ok(())
            }
            PlaceOrder::Release { computer, epoch, .. } => {
                let role = Some(Role::Active);
                self.heard(Claim { computer, role, epoch, highest_epoch: epoch, undone: None }, out);
                if self.highest_epoch() > epoch { Err(self.epoch_over(epoch)) } else { Ok(()) }
            }
            PlaceOrder::Forget { failover, epoch } => self.forget(&failover, epoch, out),
            PlaceOrder::Promote { failover, epoch, seen } => match self.may_promote(&failover, epoch, seen) {
                Err(error) => Err(error),
                Ok(()) => {
                    self.promoting = Some((ticket, epoch));
                    out.push(PlaceEffect::Promote { failover, epoch, ticket });
                    return None;
                }
            },
        })
    }

    fn close(&mut self, underway: Underway, out: &mut Vec<PlaceEffect>) -> Result<(), ErrorRecord> {
        if self.promoting.is_some() {
            return Err(self.underway_here("takes the database over itself"));
        }
        self.not_over(&underway.id)?;
        if underway.epoch <= self.highest_epoch() {
            return Err(self.epoch_over(underway.epoch));
        }
        match self.role {
            Role::Standby => return Err(self.not_active()),
            Role::Closed => {
                if let Some(closed) = &self.record.closed {
                    if closed.id == underway.id {
                        return Ok(());
                    }
                    // A target begins another failover only after it gave the former up.
                    if !same_name(&closed.target, &underway.target) {
                        let what = format!("is closed for the failover {} to {}", closed.id, closed.target);
                        return Err(self.underway_here(&what));
                    }
                    let former = closed.id.clone();
                    self.record.forget(&former);
                }
            }
            Role::Active => {}
        }
        self.stop_serving(out);
        self.record.closed = Some(underway);
        if planted::is(planted::Bug::ClosedNotKept) {
            return Ok(());
        }
        self.keep(out);
        if self.role != Role::Closed {
            self.role = Role::Closed;
            out.push(PlaceEffect::SetRole(Role::Closed));
        }
        Ok(())
    }

    fn reopen(&mut self, failover: &str, out: &mut Vec<PlaceEffect>) {
        let before = self.record.clone();
        self.record.forget(failover);
        let opens = self.role == Role::Closed && self.record.closed.as_ref().is_some_and(|u| u.id == failover);
        if opens {
            self.record.closed = None;
        }
        if self.record != before {
            self.keep(out);
        }
        if opens {
            self.role = Role::Active;
            out.push(PlaceEffect::SetRole(Role::Active));
            self.serve_if_it_may(out);
        }
    }

    fn forget(&mut self, failover: &str, epoch: u64, out: &mut Vec<PlaceEffect>) -> Result<(), ErrorRecord> {
        if self.promoting.is_some() {
            return Err(self.underway_here("takes the database over at this moment"));
        }
        if self.epoch >= epoch {
            return Err(self.is_active());
        }
        let before = self.record.clone();
        self.record.forget(failover);
        if self.record != before {
            self.keep(out);
        }
        Ok(())
    }

    fn may_promote(&self, failover: &str, epoch: u64, seen: u64) -> Result<(), ErrorRecord> {
        if self.promoting.is_some() {
            return Err(self.underway_here("takes the database over already"));
        }
        self.not_over(failover)?;
        if epoch <= self.highest_epoch() || seen < self.highest_epoch() {
            return Err(self.epoch_over(epoch));
        }
        if self.role == Role::Active { Err(self.is_active()) } else { Ok(()) }
    }

    fn promoted(&mut self, epoch: u64, out: &mut Vec<PlaceEffect>) {
        let promoting = self.promoting.take();
        self.role = Role::Active;
        self.epoch = epoch;
        self.record.closed = None;
        let over = self.record.highest_epoch > epoch;
        self.record.highest_epoch = self.highest_epoch();
        (self.follows, self.double) = (None, None);
        self.asked = true;
        let result = if over {
            // Heard while the transaction was written: it never served.
            self.end(out);
            Err(self.epoch_over(epoch))
        } else {
            self.keep(out);
            self.serve_if_it_may(out);
            Ok(())
        };
        if let Some((ticket, _)) = promoting {
            out.push(PlaceEffect::Answer { ticket, result });
        }
    }

    fn tick(&mut self, now: Now, out: &mut Vec<PlaceEffect>) {
        if let Some(asking) = &self.asking {
            if now.since(asking.since) >= SILENT_AFTER {
                self.answered(|_| true, out);
            }
            return;
        }
        let seeks = self.role == Role::Standby && (self.follows.is_none() || self.lost);
        let pause = if seeks { LOOK_AGAIN } else { ASK_AGAIN };
        if now.since(self.last_round) >= pause {
            self.ask(now, out);
        }
    }

    /// It serves: it is active and knows of nobody with a newer epoch.
    pub fn serves(&self) -> bool {
        self.serves
    }

    /// What the database is here.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The highest epoch that it knows somebody entered.
    pub fn highest_epoch(&self) -> u64 {
        self.record.highest_epoch.max(self.epoch)
    }

    /// The failover for which it is closed.
    pub fn closed(&self) -> Option<&Underway> {
        self.record.closed.as_ref()
    }

    /// What is kept.
    pub fn record(&self) -> &PlaceRecord {
        &self.record
    }

    /// The computer that it follows.
    pub fn follows(&self) -> Option<&str> {
        self.follows.as_deref()
    }

    /// Another that takes changes in the same epoch, as it says: neither serves.
    pub fn double(&self) -> Option<&str> {
        self.double.as_deref()
    }

    /// What it says of itself.
    pub fn claim(&self) -> Claim {
        Claim {
            computer: self.me.clone(),
            role: Some(self.role),
            epoch: self.epoch,
            highest_epoch: self.highest_epoch(),
            undone: None,
        }
    }
}
