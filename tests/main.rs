//! The tests of the whole: one folder a subject, one binary.

mod deployment;
mod language;
mod support;
mod topology;
