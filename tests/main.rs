//! The tests of the whole: one folder a subject, one binary.

mod access;
mod backup;
mod cli;
mod cmdlet;
mod config;
mod corpus;
mod deployment;
mod examples;
mod faults;
mod format;
mod help;
mod host;
mod lab;
mod language;
mod people;
mod remote;
mod replication;
mod script;
mod shell;
mod show;
mod simulation;
mod store;
mod support;
mod tidy;
mod topology;
