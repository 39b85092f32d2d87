//! What a seed makes of a world: how many computers, how bad the weather, what happens how often.

use super::network::{MILLISECOND, SECOND, Weather};
use super::rng::Rng;

/// What befalls the world from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Somebody changes the store.
    Commit,
    /// Somebody forces full snapshots.
    Forget,
    /// The power of a master's computer fails, and comes back some time later.
    MasterCrash,
    /// The same of a replica's.
    ReplicaCrash,
    /// A computer's power comes back.
    Power(usize),
    /// Nothing passes between two computers for a time, in one direction or both.
    Partition,
    /// What passes again: from, to.
    Reunion(usize, usize),
    /// A connection breaks.
    Break,
    /// A disk is full, or fails to write through, for a time.
    Disk,
    /// A disk has room again.
    Room(usize),
    /// An old message comes once more.
    Replay,
    /// The store enters a new epoch where it is.
    Epoch,
    /// Another computer takes the store over, with all that was durable or with less.
    Failover,
    /// A computer leaves the topology, or comes back.
    Topology,
    /// A hook fails or succeeds.
    Hook,
    /// The quiet begins.
    Calm,
    /// Is everything as it should be?
    Look,
}

/// The fates that come again and again while it is not calm.
pub const RECURRING: &[Fate] = &[
    Fate::Commit,
    Fate::Forget,
    Fate::MasterCrash,
    Fate::ReplicaCrash,
    Fate::Partition,
    Fate::Break,
    Fate::Disk,
    Fate::Replay,
    Fate::Epoch,
    Fate::Failover,
    Fate::Topology,
    Fate::Hook,
];

/// A world to be.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub replicas: usize,
    /// When the quiet begins, in microseconds.
    pub calm_at: u64,
    pub weather: Weather,
    /// Mean time between two of a recurring fate, in microseconds; 0 is never. In the order of [`RECURRING`].
    pub every: Vec<u64>,
    /// Whether old messages are played again.
    pub replays: u64,
    /// Times of a thousand that a computer's power fails between two effects of one step.
    pub crash_in_step: u64,
    /// How long a computer is down, in microseconds.
    pub down: u64,
    /// Packages up to this length travel inside their announcement.
    pub inline: u64,
    /// A replica goes on while it applies a package, as the product's driver does.
    pub overlaps: bool,
    /// Messages travel as the bytes that they are on the wire.
    pub coded: bool,
    /// Documents that there may be.
    pub documents: u64,
    /// Times of a thousand that a document is large.
    pub large: u64,
    /// Times of a thousand that a package kept at the master is thrown away early.
    pub evict: u64,
}

impl Scenario {
    pub fn draw(rng: &mut Rng) -> Scenario {
        let minutes = |rng: &mut Rng, low: u64, high: u64| rng.range(low, high) * SECOND;
        let harsh = rng.chance(400);
        let windy = rng.chance(700);
        let weather = Weather {
            latency: rng.pick(&[(100, 2 * MILLISECOND), (MILLISECOND, 80 * MILLISECOND), (10, 400 * MILLISECOND)]),
            slow: if windy { rng.below(30) } else { 0 },
            breaks: if windy { rng.below(30) } else { 0 },
            lost: if harsh { rng.below(40) } else { 0 },
            doubled: if harsh { rng.below(60) } else { 0 },
            overtakes: if harsh { rng.below(100) } else { 0 },
        };
        let replays = if rng.chance(400) { rng.range(1, 6) } else { 0 };
        let calm_at = minutes(rng, 20, 100);
        let every = RECURRING
            .iter()
            .map(|fate| {
                // How often of a thousand seeds know this fate, and how many times it then comes at most.
                let (seeds, times) = match fate {
                    Fate::Commit => (1000, 50),
                    Fate::Forget => (400, 6),
                    Fate::MasterCrash => (500, 8),
                    Fate::ReplicaCrash => (700, 20),
                    Fate::Partition => (500, 10),
                    Fate::Break => (500, 15),
                    Fate::Disk => (300, 6),
                    Fate::Replay if replays > 0 => (1000, 30),
                    Fate::Epoch => (300, 4),
                    Fate::Failover => (250, 3),
                    Fate::Topology => (200, 4),
                    Fate::Hook => (200, 6),
                    _ => (0, 1),
                };
                if rng.chance(seeds) { calm_at / rng.range(1 + times / 3, times) } else { 0 }
            })
            .collect();
        Scenario {
            replicas: rng.pick(&[1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 12, 20]),
            calm_at,
            weather,
            every,
            replays,
            crash_in_step: if rng.chance(300) { rng.range(1, 8) } else { 0 },
            down: rng.pick(&[100 * MILLISECOND, 2 * SECOND, 8 * SECOND]),
            inline: rng.pick(&[0, 600, 900, 256 * 1024, 256 * 1024]),
            overlaps: rng.chance(750),
            coded: rng.chance(200),
            documents: rng.pick(&[3, 8, 25]),
            large: if rng.chance(60) { 60 } else { 0 },
            evict: if rng.chance(200) { 150 } else { 0 },
        }
    }
}
