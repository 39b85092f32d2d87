//! The tests of the whole: one folder a subject, one binary.

mod language;
mod support;
