//! Pipelines: objects are pushed from stage to stage, one at a time; begin, process, end.

mod defaults;
mod prompt;
mod stage;
#[cfg(test)]
mod tests;

use super::run::{BlockRunner, Run};
use super::session::Session;
use super::streams::Streams;
pub use super::streams::{Redirect, RedirectTo};
use crate::error::{Halt, Source, Span};
use crate::value::Value;
pub use prompt::asker;
use stage::StageState;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// One argument of a command, as it stands behind the command's name.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `-Name`, with its value only where a colon binds it (or a caller knows that they belong together). Without one
    /// the argument behind it is its value, if the parameter takes one.
    Named {
        /// Without dash and colon.
        name: String,
        /// What stands behind the colon.
        value: Option<Value>,
        /// Where.
        span: Span,
    },
    /// A value without a name.
    Positional {
        /// The value.
        value: Value,
        /// Where.
        span: Span,
    },
    /// `@name`: a table gives named arguments, a list positional ones.
    Splat {
        /// What is splatted.
        value: Value,
        /// Where.
        span: Span,
    },
}

/// A command with its arguments, ready to be bound.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The command's name, or an alias.
    pub name: String,
    /// What stands behind it.
    pub arguments: Vec<Argument>,
    /// Redirections.
    pub redirections: Vec<Redirect>,
    /// Where it stands.
    pub span: Span,
    /// The text in which it stands, for errors.
    pub source: Option<Arc<Source>>,
}

/// One stage of a pipeline.
pub enum Stage {
    /// A command.
    Command(Invocation),
    /// Something that runs without a signature, such as a Rhai function: each object is its `Bound::input`.
    Native(Box<dyn Run>),
    /// The same with redirections: a script block that is called.
    Redirected(Box<dyn Run>, Vec<Redirect>),
}

/// Runs a pipeline. `input` feeds the first stage; without it that stage runs once. What the last stage puts out goes
/// to `sink`.
///
/// # Errors
/// A terminating error of binding or of a stage; what `sink` stops with; an interrupt.
pub fn run(
    session: &Session,
    blocks: &dyn BlockRunner,
    input: Option<&mut dyn Iterator<Item = Result<Value, Halt>>>,
    stages: Vec<Stage>,
    sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let env = Env { session, blocks, outer: session.streams.borrow().clone(), scoped: Cell::new(false) };
    let mut prepared = Vec::with_capacity(stages.len());
    for (at, stage) in stages.into_iter().enumerate() {
        let fed = at > 0 || input.is_some();
        match stage::prepare(&env, stage, fed) {
            Ok(stage) => prepared.push(stage),
            Err(halt) => {
                session.set_succeeded(false);
                return Err(halt);
            }
        }
    }
    let result = drive(&env, &mut prepared, input, sink).map_err(|halt| session.true_halt(halt));
    env.restore();
    let result = finish(&env, &prepared, result);
    session.set_succeeded(result.is_ok() && !prepared.iter().any(StageState::failed));
    result
}

/// What all stages of a pipeline share.
struct Env<'a> {
    session: &'a Session,
    blocks: &'a dyn BlockRunner,
    /// The streams that surround the pipeline.
    outer: Option<Rc<Streams>>,
    /// Some stage has streams of its own.
    scoped: Cell<bool>,
}

impl Env<'_> {
    /// Puts the streams of a stage in force.
    fn enter(&self, streams: Option<&Rc<Streams>>) {
        *self.session.streams.borrow_mut() = streams.cloned().or_else(|| self.outer.clone());
    }

    /// Puts the streams around the pipeline in force.
    fn restore(&self) {
        (*self.session.streams.borrow_mut()).clone_from(&self.outer);
    }
}

type Sink<'a> = &'a mut dyn FnMut(Value) -> Result<(), Halt>;

fn drive(
    env: &Env,
    stages: &mut [StageState],
    input: Option<&mut dyn Iterator<Item = Result<Value, Halt>>>,
    sink: Sink,
) -> Result<(), Halt> {
    // What a stage puts out while it begins waits until those behind it have begun.
    let mut early: Vec<(usize, Value)> = Vec::new();
    for (at, stage) in stages.iter_mut().enumerate() {
        stage.begin(env, &mut |value| {
            early.push((at, value));
            Ok(())
        })?;
    }
    let mut start = 0;
    let mut fed = Ok(());
    for (at, value) in early {
        if fed.is_ok() {
            fed = push(env, stages.get_mut(at + 1..).unwrap_or_default(), value, sink);
        }
    }
    if fed.is_ok() {
        fed = feed(env, stages, input, sink);
    }
    stopped_at(stages, fed, &mut start)?;
    while let Some((stage, rest)) = stages.get_mut(start..).and_then(<[StageState]>::split_first_mut) {
        start += 1;
        let ended = stage.end(env, &mut |value| push(env, rest, value, sink));
        let mut next = start;
        stopped_at(stages, ended, &mut next)?;
        start = next;
    }
    Ok(())
}

/// After a stop by one of these stages the pipeline goes on with that stage's end; other stops are passed on.
fn stopped_at(stages: &[StageState], result: Result<(), Halt>, start: &mut usize) -> Result<(), Halt> {
    if let Err(Halt::Downstream(id)) = result
        && let Some(at) = stages.iter().position(|s| s.id() == id)
    {
        *start = at.max(*start);
        return Ok(());
    }
    result
}

fn feed(
    env: &Env,
    stages: &mut [StageState],
    input: Option<&mut dyn Iterator<Item = Result<Value, Halt>>>,
    sink: Sink,
) -> Result<(), Halt> {
    match input {
        Some(objects) => {
            for value in objects {
                push(env, stages, value?, sink)?;
            }
            Ok(())
        }
        None => match stages.split_first_mut() {
            Some((first, rest)) => first.once(env, &mut |value| push(env, rest, value, sink)),
            None => Ok(()),
        },
    }
}

/// Hands an object to the first of these stages, or to the sink behind the last.
fn push(env: &Env, stages: &mut [StageState], value: Value, sink: Sink) -> Result<(), Halt> {
    match stages.split_first_mut() {
        Some((stage, rest)) => stage.accept(env, value, &mut |value| push(env, rest, value, sink)),
        None => sink(value),
    }
}

/// What is done in any case: variables are set, redirected files written.
fn finish(env: &Env, stages: &[StageState], result: Result<(), Halt>) -> Result<(), Halt> {
    let mut result = result;
    for stage in stages {
        let error = match &result {
            Err(Halt::Error(error)) => Some(error),
            _ => None,
        };
        stage.set_variables(env, error);
        let written = stage.write_files(env);
        if result.is_ok() {
            result = written;
        }
    }
    result
}
