//! Reeve: a scripting host and a control plane for fleets of servers.
//!
//! PowerShell-style commands and pipelines are expressions of the Rhai language; behind the cmdlets stand a versioned
//! store, roles that decide what may run where, and an audit log. ARCHITECTURE.md is the map.

pub mod access;
pub mod audit;
pub mod backup;
pub mod check;
pub mod cli;
pub mod cmdlet;
pub mod cmdlets;
pub mod config;
pub mod deployment;
pub mod env;
pub mod error;
pub mod failover;
pub mod format;
pub mod help;
pub mod host;
pub mod language;
pub mod lsp;
pub mod net;
pub mod people;
pub mod pools;
pub mod replication;
pub mod script;
pub mod shell;
pub mod store;
pub mod topology;
pub mod value;
