//! Who gets which package: decided when a replica is idle, made once for all who wait for it.

use super::connection::Work;
use super::{ConnectionId, Effect, MAKES, Master, READY};
use crate::replication::id::{Held, PackageId};
use crate::replication::message::{Announce, ToReplica};
use crate::replication::time::Now;
use crate::store::Head;
use std::sync::Arc;

/// Milliseconds before a package that could not be made is tried again.
const MAKE_AGAIN: u64 = 1_000;

impl Master {
    /// The store is elsewhere than it was.
    pub(super) fn move_head(&mut self, head: Head) {
        self.head = head;
        self.ready.clear();
    }

    /// Chooses what an idle replica needs: nothing, what changed after the version that it holds, or everything.
    pub(super) fn decide(&mut self, now: Now, id: ConnectionId, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get(&id).filter(|peer| peer.is_idle()) else { return };
        let status = self.replicas.get(&peer.computer).and_then(|replica| replica.row.held);
        let head = self.head;
        let from = match peer.held.filter(|held| status.is_some() && held.epoch == head.epoch) {
            Some(held) if held == head.held() => return,
            Some(held) if held.version < head.version => Some(held.version),
            // Another history, or one that goes on where ours ends: everything.
            _ => None,
        };
        self.want(now, id, from, effects);
    }

    fn want(&mut self, now: Now, id: ConnectionId, from: Option<u64>, effects: &mut Vec<Effect>) {
        if let Some(announce) = self.ready.get(&from).cloned() {
            return self.offer(now, id, &announce, effects);
        }
        if let Some(peer) = self.connections.get_mut(&id) {
            peer.work = Work::Wanting(from);
            self.wanted.entry(from).or_default().insert(id);
            self.kick(now, effects);
        }
    }

    /// A replica no longer waits for a package to be made.
    pub(super) fn unwant(&mut self, id: ConnectionId) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        let Work::Wanting(from) = peer.work else { return };
        peer.work = Work::Idle;
        if let Some(waiting) = self.wanted.get_mut(&from) {
            waiting.remove(&id);
            if waiting.is_empty() {
                self.wanted.remove(&from);
            }
        }
    }

    /// Has packages made that somebody waits for: the shortest deltas first, a full snapshot last.
    pub(super) fn kick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if now.millis < self.make_after || self.over.is_some() {
            return;
        }
        for from in self.wanted.keys().rev() {
            if self.making.len() >= MAKES {
                break;
            }
            if self.making.insert(*from) {
                effects.push(Effect::Make { from: *from });
            }
        }
    }

    pub(super) fn made(&mut self, now: Now, announce: Arc<Announce>, effects: &mut Vec<Effect>) {
        let PackageId { epoch, from, to } = announce.package;
        self.making.remove(&from);
        if epoch != self.head.epoch || to < self.head.version && self.wanted.is_empty() {
            return self.kick(now, effects);
        }
        let moved = to > self.head.version;
        if moved {
            self.move_head(Head { epoch, version: to, chain: announce.to.chain });
        }
        if to == self.head.version {
            if self.ready.len() >= READY {
                self.ready.pop_first();
            }
            self.ready.insert(from, announce.clone());
        }
        // Those who wait get it even where the store has gone on meanwhile: it always does while many write.
        for id in self.wanted.remove(&from).unwrap_or_default() {
            if let Some(peer) = self.connections.get_mut(&id) {
                peer.work = Work::Idle;
                self.offer(now, id, &announce, effects);
            }
        }
        if moved {
            self.decide_all(now, effects);
        }
        self.kick(now, effects);
    }

    pub(super) fn not_made(&mut self, now: Now, from: Option<u64>, id: &str, message: &str, effects: &mut Vec<Effect>) {
        self.making.remove(&from);
        let waiting = self.wanted.get(&from).cloned().unwrap_or_default();
        if from.is_none() {
            self.make_after = now.millis.saturating_add(MAKE_AGAIN);
        }
        for connection in waiting {
            let Some(peer) = self.connections.get(&connection) else { continue };
            let name = peer.computer.clone();
            self.note_error(&name, &format!("{id}: {message}"), effects);
            if from.is_some() {
                // What a delta cannot tell, a full snapshot can.
                self.unwant(connection);
                self.want(now, connection, None, effects);
            }
        }
        self.kick(now, effects);
    }

    /// Tells a replica of a package, unless its history is another than the one that the package goes on from.
    fn offer(&mut self, now: Now, id: ConnectionId, announce: &Arc<Announce>, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        if announce.from.is_some() && announce.from != peer.held {
            return self.want(now, id, None, effects);
        }
        let Announce { package, length, to, .. } = **announce;
        peer.work = Work::Announced { package, to, length };
        peer.next = None;
        if let Some(replica) = self.replicas.get_mut(&peer.computer) {
            replica.row.last_update_creation = Some(now.clock);
        }
        self.send(now, id, ToReplica::Announce(announce.clone()), effects);
    }

    /// Sends the next pieces of a package, as far as the network takes them.
    pub(super) fn pump(&mut self, now: Now, id: ConnectionId, effects: &mut Vec<Effect>) {
        let Some(peer) = self.connections.get_mut(&id) else { return };
        while let Some((package, offset, length)) = peer.next_chunk() {
            peer.said = now.millis;
            effects.push(Effect::SendChunk { connection: id, epoch: self.head.epoch, package, offset, length });
        }
    }

    /// A package that a replica fetches is no longer kept: it is told of the newest instead.
    pub(super) fn lost(&mut self, now: Now, package: PackageId, id: ConnectionId, effects: &mut Vec<Effect>) {
        self.ready.retain(|_, announce| announce.package != package);
        let Some(peer) = self.connections.get_mut(&id) else { return };
        if peer.announced(package).is_some() {
            let held: Option<Held> = peer.held;
            peer.greet(held);
            // The chunk that was asked for is not under way.
            peer.sent(u32::MAX);
            self.decide(now, id, effects);
        }
    }
}
