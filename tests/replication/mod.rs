//! Replication: its cmdlets.

mod cmdlets;
mod credentials;
mod desk;
