//! Failover in a simulated world: the product's machines of places and runs, its choice, its judgement, its follower and its
//! gate for mirrors, over places, networks and clocks that a seed makes go wrong. docs/simulation.md says how to see more
//! of it and how to replay a seed.

mod admin;
mod clients;
mod engine;
mod host;
mod layout;
mod oracle;
mod place;
mod run;
mod runs;
mod store;
mod wire;
mod world;
