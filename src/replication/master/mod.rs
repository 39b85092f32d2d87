//! The master's state machine: which replica gets which package when. It does no I/O and knows no clock; a driver (or a
//! simulation) tells it what happens and carries out what it wants.
//!
//! What waits is bounded: a replica has one announcement under way and no queue behind it (the newest package is chosen
//! when it is done), a connection four chunks, the making of packages [`MAKES`].

mod connection;
mod event;
mod packages;
mod row;
mod status;
#[cfg(test)]
mod tests;

pub use event::{ConnectionId, Effect, Event};
pub use row::Row;

use super::id::{Held, PackageId, PackageKind};
use super::message::{Announce, BEAT, FORMAT, Hello, Report, SILENCE, ToMaster, ToReplica};
use super::time::Now;
use crate::store::Head;
use connection::{Connection, Work};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Packages that are made at a time: a full snapshot of a large store must not hold up a small delta.
pub const MAKES: usize = 4;
/// Announcements that are kept for whoever comes next, while the store stays at their version: replicas that come back
/// at different versions ask for different ones.
const READY: usize = 64;
/// Milliseconds in which a connection has to say hello.
const HELLO: u64 = 10_000;

/// The master.
#[derive(Debug)]
pub struct Master {
    deployment: String,
    head: Head,
    /// Every computer that has a status or is to hold a replica, by its name in lower case.
    replicas: BTreeMap<Arc<str>, Replica>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Packages that lead to the head, by the version that they start from.
    ready: BTreeMap<Option<u64>, Arc<Announce>>,
    /// Who waits for a package to be made, by the version that it starts from.
    wanted: BTreeMap<Option<u64>, BTreeSet<ConnectionId>>,
    /// What is being made.
    making: BTreeSet<Option<u64>>,
    /// No package is made before, because the last could not be.
    make_after: u64,
    /// The newer epoch that ended this master.
    over: Option<u64>,
    /// The computers, in lower case, whose word of a newer epoch ends it; `None` is anybody's.
    heralds: Option<BTreeSet<Arc<str>>>,
    /// The version of most replicas' program: they share its text.
    product: Arc<str>,
}

/// A computer.
#[derive(Debug)]
struct Replica {
    row: Row,
    /// It is in the topology, and to hold a replica.
    listed: bool,
    connection: Option<ConnectionId>,
}

/// A computer's name as it is looked up.
fn key(computer: &str) -> Arc<str> {
    computer.to_ascii_lowercase().into()
}

impl Master {
    /// A master over a store that is at `head`, with the rows of the status table. It knows no replica of the topology
    /// before [`Event::Replicas`].
    pub fn new(deployment: &str, head: Head, rows: Vec<Row>) -> Master {
        let replica = |row: Row| (key(&row.computer), Replica { row, listed: false, connection: None });
        Master {
            deployment: deployment.to_owned(),
            head,
            replicas: rows.into_iter().map(replica).collect(),
            connections: BTreeMap::new(),
            ready: BTreeMap::new(),
            wanted: BTreeMap::new(),
            making: BTreeSet::new(),
            make_after: 0,
            over: None,
            heralds: None,
            product: "".into(),
        }
    }

    /// Where the store is, as far as the master was told.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The newer epoch that ended this master.
    pub fn over(&self) -> Option<u64> {
        self.over
    }

    /// Believes in a newer epoch only when one of these computers speaks of it: those that may hold the store. Any other
    /// could end the master by a word.
    pub fn believe(&mut self, computers: &[Arc<str>]) {
        self.heralds = Some(computers.iter().map(|computer| key(computer)).collect());
    }

    /// Takes an event, and adds what is to be done about it, in order.
    pub fn step(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        match event {
            Event::Opened { connection, computer, not_after } => {
                self.opened(now, connection, &computer, not_after, effects);
            }
            Event::Received { connection, epoch, message } => self.received(now, connection, epoch, message, effects),
            Event::Sent { connection, chunks } => {
                if let Some(peer) = self.connections.get_mut(&connection) {
                    peer.sent(chunks);
                    self.pump(now, connection, effects);
                }
            }
            Event::Closed { connection, error } => self.closed(now, connection, error, effects),
            Event::Expelled { connection, id, message } => self.expelled(connection, &id, message, effects),
            Event::Refused { computer, id, message } => self.refused(&computer, &format!("{id}: {message}"), effects),
            Event::Changed { head } => self.changed(now, head, effects),
            Event::Replicas { computers } => self.listed(computers, effects),
            Event::Made { announce } => self.made(now, announce, effects),
            Event::NotMade { from, id, message } => self.not_made(now, from, &id, &message, effects),
            Event::Lost { package, connection } => self.lost(now, package, connection, effects),
            Event::Forget { computer } => self.forget(now, computer.as_deref(), effects),
            Event::Tick => self.tick(now, effects),
            Event::Stop => self.farewell_to_all("Stopping", "The server stops.", effects),
        }
    }

    fn opened(&mut self, now: Now, id: ConnectionId, name: &str, not_after: Option<i64>, effects: &mut Vec<Effect>) {
        let name = key(name);
        if let Some(epoch) = self.over {
            let message = format!("This server's epoch {} has gone by: the store's is {epoch}.", self.head.epoch);
            return self.refuse(id, "EpochOver", message, effects);
        }
        let Some((name, replica)) = self.replicas.get_key_value(&name).filter(|(_, replica)| replica.listed) else {
            let message = format!("The topology has no computer '{name}' that holds a replica.");
            return self.refuse(id, "ComputerRemoved", message, effects);
        };
        let (name, older) = (name.clone(), replica.connection);
        if let Some(older) = older {
            self.refuse(older, "Replaced", "The computer has connected again.".to_owned(), effects);
        }
        if let Some(replica) = self.replicas.get_mut(&name) {
            replica.connection = Some(id);
            replica.row.not_after = not_after.or(replica.row.not_after);
        }
        self.connections.insert(id, Connection::new(name, now));
    }

    fn received(&mut self, now: Now, id: ConnectionId, epoch: u64, message: ToMaster, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        peer.heard = now.millis;
        if epoch > self.head.epoch {
            let computer = peer.computer.clone();
            if self.heralds.as_ref().is_none_or(|heralds| heralds.contains(&computer)) {
                return self.end(epoch, computer, effects);
            }
            let message = format!("{computer} speaks of epoch {epoch}, of which no place of the store has told.");
            self.note_error(&computer, &format!("EpochUnknown: {message}"), effects);
            return self.refuse(id, "EpochUnknown", message, effects);
        }
        let greeted = peer.work != Work::New;
        if let Some(replica) = self.replicas.get_mut(&peer.computer) {
            replica.row.last_contact = Some(now.clock);
        }
        match message {
            ToMaster::Hello(hello) => self.hello(now, id, &hello, effects),
            _ if !greeted => {
                let message = "The first message was no hello.".to_owned();
                self.refuse(id, "ProtocolError", message, effects);
            }
            ToMaster::Fetch { package, offset } => {
                let within = self.connections.get_mut(&id).is_none_or(|peer| peer.fetch(package, offset));
                if within {
                    self.pump(now, id, effects);
                } else {
                    let message = format!("Package {package} has no byte {offset}.");
                    self.refuse(id, "ProtocolError", message, effects);
                }
            }
            ToMaster::Report(report) => self.reported(now, id, &report, effects),
            ToMaster::Failed { package, id: error, message } => {
                let message = format!("{error}: package {package}: {message}");
                self.failed(id, package, &message, effects);
            }
            ToMaster::Alive => {}
        }
    }

    /// Who a replica is: all must agree before it gets anything.
    fn hello(&mut self, now: Now, id: ConnectionId, hello: &Hello, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get(&id) else { return };
        let name = peer.computer.clone();
        let refusal = if hello.format != FORMAT {
            Some(("FormatUnknown", format!("It speaks form {}, this server form {FORMAT}.", hello.format)))
        } else if hello.deployment != self.deployment {
            Some(("OtherDeployment", format!("It belongs to the deployment '{}'.", hello.deployment)))
        } else if !hello.computer.eq_ignore_ascii_case(&name) {
            Some(("NameMismatch", format!("It calls itself '{}'; its certificate is {name}'s.", hello.computer)))
        } else {
            None
        };
        if let Some((error, message)) = refusal {
            self.note_error(&name, &format!("{error}: {message}"), effects);
            return self.refuse(id, error, message, effects);
        }
        if *self.product != *hello.product {
            self.product = hello.product.as_str().into();
        }
        let product = self.product.clone();
        self.unwant(id);
        if let Some(peer) = self.connections.get_mut(&id) {
            peer.greet(hello.held);
        }
        if let Some(replica) = self.replicas.get_mut(&name) {
            let row = &mut replica.row;
            row.product = Some(product);
            row.hook_error = hello.hook_error.as_deref().map(Into::into);
            row.clock_skew_seconds = Some(skew(now, hello.clock));
            // Where the status was deleted it stays so: only a full snapshot makes a new one.
            if row.held.is_some() {
                row.held = hello.held;
                row.last_status_report = Some(now.clock);
            }
            if row.held == Some(self.head.held()) {
                row.last_error = None;
            }
            effects.push(Effect::Write(Box::new(row.clone())));
        }
        self.send(now, id, ToReplica::Welcome { version: self.head.version }, effects);
        self.decide(now, id, effects);
    }

    fn reported(&mut self, now: Now, id: ConnectionId, report: &Report, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        let Some(replica) = self.replicas.get_mut(&peer.computer) else { return };
        let row = &mut replica.row;
        row.hook_error = report.hook_error.as_deref().map(Into::into);
        row.clock_skew_seconds = Some(skew(now, report.clock));
        let Some(package) = report.package else {
            row.last_status_report = Some(now.clock);
            return effects.push(Effect::Write(Box::new(row.clone())));
        };
        let Some(to) = peer.announced(package) else {
            // It was announced before, on this connection or on another. If it led elsewhere than was thought, what was
            // decided since goes on from the wrong version.
            if Some(report.held) != peer.held && peer.work != Work::New {
                self.unwant(id);
                self.learn(now, id, report.held, effects);
            }
            return;
        };
        row.last_status_report = Some(now.clock);
        peer.done(report.held);
        if to == report.held {
            // A delta was decided on while there was a status. Where that was deleted meanwhile, it stays so.
            if row.held.is_some() || package.kind() == PackageKind::Full {
                row.held = Some(report.held);
            }
            row.last_package_kind = Some(package.kind());
            row.last_error = None;
        } else {
            row.held = None;
            row.last_error =
                Some(format!("ReportMismatch: package {package} led to another state than it says.").into());
        }
        effects.push(Effect::Write(Box::new(row.clone())));
        self.decide(now, id, effects);
    }

    /// A replica holds something else than was thought: it is decided anew what it needs.
    fn learn(&mut self, now: Now, id: ConnectionId, held: Held, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        peer.greet(Some(held));
        if let Some(replica) = self.replicas.get_mut(&peer.computer) {
            replica.row.held = replica.row.held.map(|_| held);
            replica.row.last_status_report = Some(now.clock);
            effects.push(Effect::Write(Box::new(replica.row.clone())));
        }
        self.decide(now, id, effects);
    }

    /// A package was not applied. The replica waits a while, and says hello when it is ready to try again.
    fn failed(&mut self, id: ConnectionId, package: PackageId, error: &str, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        // What says this of another package has crossed with an announcement.
        if peer.announced(package).is_some() {
            peer.fail();
        }
        let name = peer.computer.clone();
        self.note_error(&name, error, effects);
    }

    /// A certificate is no longer good: who shows it is told before its connection ends.
    fn expelled(&mut self, id: ConnectionId, error: &str, message: String, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get(&id) else { return };
        let name = peer.computer.clone();
        self.note_error(&name, &format!("{error}: {message}"), effects);
        self.refuse(id, error, message, effects);
    }

    /// A certificate was refused. Who shows it has not proved that it is its own: while the computer is connected with a
    /// good one it is somebody else's affair, and what stands in the status already is not written again.
    fn refused(&mut self, computer: &str, error: &str, effects: &mut Vec<Effect>) {
        let name = key(computer);
        let Some(replica) = self.replicas.get(&name) else { return };
        if replica.listed && replica.connection.is_none() && replica.row.last_error.as_deref() != Some(error) {
            self.note_error(&name, error, effects);
        }
    }

    fn note_error(&mut self, name: &str, error: &str, effects: &mut Vec<Effect>) {
        let Some(replica) = self.replicas.get_mut(name) else { return };
        replica.row.last_error = Some(error.into());
        effects.push(Effect::Write(Box::new(replica.row.clone())));
    }

    fn closed(&mut self, now: Now, id: ConnectionId, error: Option<(String, String)>, effects: &mut Vec<Effect>) {
        let Some(name) = self.drop_connection(id) else { return };
        if let Some((id, message)) = error {
            self.note_error(&name, &format!("{id}: {message}"), effects);
        }
        self.kick(now, effects);
    }

    /// A connection ends on this side's word: told why, and forgotten at once.
    fn refuse(&mut self, id: ConnectionId, error: &str, message: String, effects: &mut Vec<Effect>) {
        let message = ToReplica::Farewell { id: error.to_owned(), message };
        effects.push(Effect::Send { connection: id, epoch: self.head.epoch, message });
        effects.push(Effect::Close { connection: id });
        self.drop_connection(id);
    }

    fn drop_connection(&mut self, id: ConnectionId) -> Option<Arc<str>> {
        self.unwant(id);
        let name = self.connections.remove(&id)?.computer;
        if let Some(replica) = self.replicas.get_mut(&name)
            && replica.connection == Some(id)
        {
            replica.connection = None;
        }
        Some(name)
    }

    fn changed(&mut self, now: Now, head: Head, effects: &mut Vec<Effect>) {
        if head == self.head || head.epoch < self.head.epoch {
            return;
        }
        self.move_head(head);
        self.decide_all(now, effects);
    }

    fn decide_all(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let idle: Vec<_> = self.connections.iter().filter(|(_, peer)| peer.is_idle()).map(|(id, _)| *id).collect();
        for id in idle {
            self.decide(now, id, effects);
        }
    }

    fn listed(&mut self, computers: Vec<Arc<str>>, effects: &mut Vec<Effect>) {
        for replica in self.replicas.values_mut() {
            replica.listed = false;
        }
        for computer in computers {
            let replica = self.replicas.entry(key(&computer)).or_insert_with(|| Replica {
                row: Row::new(computer.clone()),
                listed: true,
                connection: None,
            });
            replica.listed = true;
            replica.row.computer = computer;
        }
        let gone: Vec<_> =
            self.replicas.values().filter(|replica| !replica.listed).filter_map(|replica| replica.connection).collect();
        for id in gone {
            let message = "The topology no longer has this computer.".to_owned();
            self.refuse(id, "ComputerRemoved", message, effects);
        }
    }

    fn forget(&mut self, now: Now, computer: Option<&str>, effects: &mut Vec<Effect>) {
        let name = computer.map(key);
        let mut again = Vec::new();
        for (key, replica) in &mut self.replicas {
            if name.as_ref().is_some_and(|name| name != key) {
                continue;
            }
            let row = Row::new(replica.row.computer.clone());
            let old = std::mem::replace(&mut replica.row, row);
            // What is known of the connection is no status.
            replica.row.product = old.product;
            replica.row.not_after = old.not_after;
            replica.row.last_contact = old.last_contact;
            effects.push(Effect::Delete(replica.row.computer.clone()));
            again.extend(replica.connection);
        }
        for id in again {
            self.unwant(id);
            self.decide(now, id, effects);
        }
    }

    fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let mut silent = Vec::new();
        let mut beats = Vec::new();
        for (id, peer) in &self.connections {
            let hello_is_late = peer.work == Work::New && now.since(peer.opened_or_heard()) > HELLO;
            if now.since(peer.heard) > SILENCE || hello_is_late {
                silent.push(*id);
            } else if peer.work != Work::New && now.since(peer.said) >= BEAT {
                beats.push(*id);
            }
        }
        for id in beats {
            self.send(now, id, ToReplica::Beat { version: self.head.version }, effects);
        }
        for id in silent {
            effects.push(Effect::Close { connection: id });
            let error = ("ReplicaSilent".to_owned(), format!("Nothing was heard for {} s.", SILENCE / 1000));
            self.closed(now, id, Some(error), effects);
        }
        self.kick(now, effects);
    }

    /// Another holds the store under a newer epoch: whoever is connected is to look for it.
    fn end(&mut self, epoch: u64, computer: Arc<str>, effects: &mut Vec<Effect>) {
        self.over = Some(epoch);
        effects.push(Effect::Over { epoch, computer });
        let message = format!("This server's epoch {} has gone by: the store's is {epoch}.", self.head.epoch);
        self.farewell_to_all("EpochOver", &message, effects);
    }

    fn farewell_to_all(&mut self, error: &str, message: &str, effects: &mut Vec<Effect>) {
        let all: Vec<_> = self.connections.keys().copied().collect();
        for id in all {
            self.refuse(id, error, message.to_owned(), effects);
        }
    }

    fn send(&mut self, now: Now, id: ConnectionId, message: ToReplica, effects: &mut Vec<Effect>) {
        if let Some(peer) = self.connections.get_mut(&id) {
            peer.said = now.millis;
            effects.push(Effect::Send { connection: id, epoch: self.head.epoch, message });
        }
    }
}

/// Whole seconds that another's clock is ahead of ours. The message's way here counts as skew: less than a second.
fn skew(now: Now, clock: i64) -> i64 {
    clock.saturating_sub(now.clock) / 10_000_000
}
