//! The tests of the whole: one folder a subject, one binary.

mod access;
mod cmdlet;
mod deployment;
mod help;
mod language;
mod script;
mod store;
mod support;
mod topology;
