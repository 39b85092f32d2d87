//! What befalls a world: changes of its store, and all that goes wrong.

use super::kernel::{Frame, Happening, note};
use super::network::{MILLISECOND, NodeId, SECOND};
use super::scenario::Fate;
use super::world::World;
use reeve::store::DocumentId;
use serde_json::{Value, json};

impl World {
    pub fn befall(&mut self, fate: Fate) {
        match fate {
            Fate::Commit => self.change(),
            Fate::Forget => {
                self.k.tally.forgets += 1;
                let replica = if self.k.rng.chance(300) { None } else { Some(self.a_replica()) };
                note!(self.k, "forget {replica:?}");
                self.masters[self.active].forget(&mut self.k, replica);
            }
            Fate::MasterCrash => {
                let at = self.k.rng.below(self.masters.len() as u64) as usize;
                self.masters[at].die(&mut self.k);
                self.power_later(self.masters[at].id);
            }
            Fate::ReplicaCrash => {
                let at = self.a_replica();
                self.replicas[at].die(&mut self.k);
                self.power_later(at);
            }
            Fate::Power(node) => self.power(node),
            Fate::Partition => self.part(),
            Fate::Reunion(from, to) => self.k.network.unblock(self.k.now, from, to),
            Fate::Break => {
                if let Some(connection) = self.k.network.any() {
                    note!(self.k, "{connection} breaks");
                    self.k.network.break_off(self.k.now, connection);
                }
            }
            Fate::Disk => self.spoil_disk(),
            Fate::Room(node) => self.disk(node).heal(),
            Fate::Replay => self.replay(),
            Fate::Epoch => self.enter_epoch(),
            Fate::Failover => self.fail_over(),
            Fate::Topology => self.change_topology(),
            Fate::Hook => {
                let at = self.a_replica();
                let error = self.k.rng.chance(600).then(|| "HookFailed: it did not end".to_owned());
                self.replicas[at].hook(&mut self.k, error);
            }
            Fate::Calm => self.calm(),
            Fate::Look => self.look(),
        }
    }

    fn a_replica(&mut self) -> NodeId {
        self.k.rng.below(self.replicas.len() as u64) as usize
    }

    fn power_later(&mut self, node: NodeId) {
        let wait = self.k.rng.range(1, 2 * self.k.scenario.down);
        self.k.after(wait, Happening::Fate(Fate::Power(node)));
    }

    fn disk(&mut self, node: NodeId) -> &mut super::disk::Disk {
        match node.checked_sub(self.replicas.len()) {
            Some(at) => &mut self.masters[at].disk,
            None => &mut self.replicas[node].disk,
        }
    }

    /// One document or several are created, changed, deleted, created again; now and then by two masters at a time.
    fn change(&mut self) {
        let k = &mut self.k;
        let deposed = k.rng.chance(200);
        let writers = self.masters.iter().enumerate();
        let writers: Vec<_> = writers.filter(|(at, m)| m.is_up() && (*at != self.active) == deposed).collect();
        let Some((at, master)) = writers.get(k.rng.below(writers.len() as u64) as usize) else { return };
        let (at, known) = (*at, master.store().map(super::store::ModelStore::ids).unwrap_or_default());
        let count = if k.rng.chance(700) { 1 } else { k.rng.range(2, 5) };
        let mut documents: Vec<(DocumentId, Option<Value>)> = Vec::new();
        for _ in 0..count {
            let id = if !known.is_empty() && k.rng.chance(600) {
                known[k.rng.below(known.len() as u64) as usize].clone()
            } else {
                an_id(k.rng.below(k.scenario.documents), k.rng.chance(100))
            };
            if documents.iter().any(|(other, _)| super::record::name(other) == super::record::name(&id)) {
                continue;
            }
            let body = (!k.rng.chance(300)).then(|| a_body(k));
            documents.push((id, body));
        }
        self.masters[at].commit(&mut self.k, &documents);
    }

    /// Nothing passes between a replica and a master, or a master and everybody, in one direction or both, for a time.
    fn part(&mut self) {
        self.k.tally.partitions += 1;
        let master = self.masters[self.k.rng.below(self.masters.len() as u64) as usize].id;
        let all = self.k.rng.chance(300);
        let one = self.a_replica();
        let long = self.k.rng.range(100 * MILLISECOND, 45 * SECOND);
        let direction = self.k.rng.below(3);
        note!(
            self.k,
            "partition of node {master} and {}, direction {direction}",
            if all { "all".into() } else { format!("r{one}") }
        );
        for replica in (0..self.replicas.len()).filter(|replica| all || *replica == one) {
            for (from, to) in [(replica, master), (master, replica)] {
                if direction == 2 || (direction == 0) == (from == master) {
                    self.k.network.block(from, to);
                    self.k.after(long, Happening::Fate(Fate::Reunion(from, to)));
                }
            }
        }
    }

    fn spoil_disk(&mut self) {
        self.k.tally.disks += 1;
        let node = self.k.rng.below((self.replicas.len() + self.masters.len()) as u64) as usize;
        let full = self.k.rng.chance(700);
        note!(self.k, "the disk of node {node} {}", if full { "is full" } else { "does not write through" });
        if full {
            self.disk(node).set_full(true);
        } else {
            self.disk(node).set_fails_sync(true);
        }
        let long = self.k.rng.range(SECOND, 20 * SECOND);
        self.k.after(long, Happening::Fate(Fate::Room(node)));
    }

    /// Something that was said before comes once more: to the same replica or to another, on a connection of today.
    fn replay(&mut self) {
        let kept = self.k.recorded.len() as u64;
        let Some((_, frame)) = self.k.recorded.get(self.k.rng.below(kept) as usize).cloned() else { return };
        let at = self.a_replica();
        let Some(connection) = self.replicas[at].connection() else { return };
        let Frame::ToReplica { epoch, .. } = &frame else { return };
        note!(self.k, "an old message of epoch {epoch} comes to r{at} once more");
        self.k.tally.replayed += 1;
        self.k.play(connection, 0, frame);
    }

    fn change_topology(&mut self) {
        self.k.tally.topologies += 1;
        let at = self.a_replica();
        let master = &mut self.masters[self.active];
        master.topology[at].1 = !master.topology[at].1;
        note!(self.k, "r{at} is {} of the topology", if master.topology[at].1 { "part" } else { "no part" });
        master.topology_changed(&mut self.k);
    }
}

fn an_id(number: u64, other_case: bool) -> DocumentId {
    let kind = ["VoicePolicy", "User", "Topology"][(number % 3) as usize];
    let (scope, key) = (if number.is_multiple_of(2) { "Global" } else { "Site:Redmond" }, format!("Key{}", number / 3));
    if other_case {
        DocumentId::new(&kind.to_uppercase(), scope, &key.to_lowercase())
    } else {
        DocumentId::new(kind, scope, &key)
    }
}

/// A body that was never there before; now and then a large one that does not compress.
fn a_body(k: &mut super::kernel::Kernel) -> Value {
    let number = k.rng.next();
    if !k.rng.chance(k.scenario.large) {
        return json!({ "Number": number, "Text": "of a policy" });
    }
    let length = k.rng.range(1_000, 14_000);
    let text: String = (0..length).map(|_| format!("{:016x}", k.rng.next())).collect();
    json!({ "Number": number, "Text": text })
}
