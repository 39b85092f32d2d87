//! Replication in a simulated world: the product's state machines and its code of packages, over a network, disks and
//! clocks that a seed makes go wrong. docs/simulation.md says how to run more of it and how to replay a seed.

mod database;
mod disk;
mod failover;
mod fate;
mod journal;
mod kernel;
mod machines;
mod master;
mod network;
mod oracle;
mod package;
mod record;
mod replica;
mod rng;
mod runner;
mod runs;
mod scenario;
mod store;
mod tally;
mod trace;
mod world;
