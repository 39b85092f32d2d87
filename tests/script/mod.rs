//! The script engine from outside: texts run, their output and errors are looked at.

mod administrators;
mod basics;
mod elements;
mod flow;
mod functions;
mod members;
mod native;
mod neighbours;
mod newcomers;
mod oracle;
mod parallel;
mod places;
mod plain;
mod rhai_calls;
mod runbooks;
mod semantics;
mod strangers;
mod support;
