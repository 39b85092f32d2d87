//! What `reeve serve` runs: the services of one computer.
//!
//! A [`Server`] holds a host directory alone. Where it holds the store that the topology names as the active one, it is
//! the Central Management server: it decides on cmdlets and feeds the replicas. Where the computer's pool requires
//! replication it keeps a replica. It learns of a changed topology from its store or replica, and starts and stops
//! services accordingly.

pub mod backup;
pub mod calls;
mod concern;
mod connections;
mod current;
pub mod doorkeeper;
pub mod health;
pub mod inherit;
pub mod join;
pub mod known;
mod master;
pub mod metrics;
pub mod node;
pub mod notify;
pub mod options;
mod own;
pub mod place;
mod refusal;
mod renewal;
mod replica;
pub mod routes;
mod server;
mod services;
pub mod users;
mod view;

pub use health::Health;
pub use node::Node;
pub use options::Options;
pub use server::Server;
