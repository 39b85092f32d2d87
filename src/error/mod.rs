//! One error model: an [`ErrorRecord`] at run time, a [`Diagnostic`] for what is known before anything runs.

mod call;
mod class;
mod diagnostic;
mod record;
pub mod render;

pub use call::{Call, Calls, MOST_CALLS};
pub use diagnostic::{Diagnostic, Fix, Phase, Severity, Span};
pub use record::{Category, ErrorRecord, Halt, Leave, Source, go_on};
