//! Replication: its storage on the computers, its cmdlets.

mod cmdlets;
mod credentials;
mod desk;
mod storage;
