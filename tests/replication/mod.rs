//! Replication: storage on the computers.

mod storage;
