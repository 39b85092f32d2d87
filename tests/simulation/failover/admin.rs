//! Administrators: what they want, at any time and from any computer that answers them.

use super::super::kernel::note;
use super::run::Gatherer;
use super::wire::{Back, Node, Question};
use super::world::World;
use reeve::failover::{Known, Mode, PlaceAnswer, Principal, SqlName, Wish, choose};
use reeve::topology::Database;

impl World {
    /// An administrator comes to a computer, and wants something.
    pub fn administrate(&mut self) {
        let host = self.rng.below(self.hosts.len() as u64) as usize;
        if !self.hosts[host].up {
            return;
        }
        if self.rng.chance(60) && self.hosts[host].run.is_some() {
            note!(self, "cancelled at {host}");
            return self.step_run(host, reeve::failover::RunEvent::Cancel);
        }
        let kind = self.rng.next();
        self.ask_around(host, kind);
        // Two at once, at two computers.
        if self.rng.chance(250) {
            let other = (host + 1) % self.hosts.len();
            if self.hosts[other].up {
                let mut kind = self.rng.next();
                if self.rng.chance(500) {
                    // Each wants the computer that he stands at, by force.
                    kind = 2 + 10 * other as u64;
                    self.ask_around(host, 2 + 10 * host as u64);
                }
                self.ask_around(other, kind);
            }
        }
    }

    /// Nobody serves: one after the other of what an administrator would try.
    pub fn rescue(&mut self, tries: u64) {
        let host = (tries % self.hosts.len() as u64) as usize;
        let kind = match tries % 3 {
            0 => 4,
            _ => 2 + 10 * tries,
        };
        note!(self, "nobody serves: try {tries}");
        self.ask_around(host, kind);
    }

    fn ask_around(&mut self, host: usize, kind: u64) {
        self.tally.orders += 1;
        let all: Vec<usize> = (0..self.hosts.len()).collect();
        self.gather(Node::Host(host), Gatherer::Admin(host, kind), &all, &Question::Place, 2_000);
    }

    /// It chooses by what the places said, and hands the order to the target.
    pub fn decide(&mut self, host: usize, kind: u64, answers: &[PlaceAnswer]) {
        let any = (kind / 10) as usize % self.hosts.len();
        let computer = self.hosts[any].name.clone();
        let wish = match kind % 10 {
            0 | 1 => Wish::Next,
            2 | 3 => Wish::Computer { computer, mode: Mode::Disaster },
            4 => Wish::Restore,
            5 => Wish::Side { principal: Principal::Mirror, force: (kind / 100).is_multiple_of(2) },
            6 => Wish::Side { principal: Principal::Primary, force: (kind / 100).is_multiple_of(2) },
            7 => Wish::Computer { computer, mode: Mode::Planned },
            _ => Wish::Backup { to: SqlName { fqdn: computer, instance: Some("RTC".to_owned()) }, mirror: None },
        };
        let (placement, pool) = self.hosts[host].disk.placed();
        let topology = self.layout.with_active(pool);
        let choice = choose(topology, &Database::CentralMgmt, &wish, Known { placement, answers });
        match choice {
            Ok(choice) => {
                let target = self.index(&choice.target.computer);
                note!(self, "at {host} wanted: {wish:?}, so {:?} to {target}", choice.mode);
                let id = format!("f{}", self.calls_made);
                let question = Question::Failover { choice: Box::new(choice), id };
                self.call(Node::Host(host), target, question, 120_000, Back::Failover);
            }
            Err(error) => note!(self, "at {host} wanted: {wish:?}, refused: {}", error.id()),
        }
    }
}
