//! Script blocks that run on threads of their own: `ForEach-Object -Parallel`.
//!
//! An engine lives on one thread, and so does a closure of it. So a block that runs elsewhere is read anew from its text
//! by an engine of that thread, in a session like the caller's; of the caller's variables it has what it names with
//! `$using:`. Values may cross threads, so those are handed over as they are: a hashtable or an object is shared, as in
//! PowerShell.

use super::blocks::{self, Runner};
use super::engine::Engine;
use super::names::ScriptNames;
use super::prepared::Prepared;
use super::shared::{Frame, Limits};
use crate::cmdlet::host::Message;
use crate::cmdlet::run::{ELSEWHERE_STACK, Elsewhere};
use crate::cmdlet::{Host, Seed};
use crate::env::{bounds, stack};
use crate::error::{Category, ErrorRecord, Halt, Severity, Source, Span};
use crate::language::Mode;
use crate::value::{Block, Value};
use rhai::{Dynamic, Scope};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What it takes to run a block on another thread.
pub(super) struct Crew {
    source: Arc<Source>,
    /// The block without its braces, blanks before it, so that places in it are those of the text.
    part: String,
    using: Vec<(String, Value)>,
    seed: Seed,
    limits: Limits,
    /// What is left to the run that the block is part of: time, and bytes that it may write.
    left: (Option<Duration>, Option<u64>),
}

impl Crew {
    /// Takes over what the block names of its caller.
    pub fn of(runner: &Runner, block: &Block) -> Result<Crew, Halt> {
        let Some((source, span)) = blocks::place(block) else { return Err(Halt::Error(not_portable())) };
        let shared = runner.shared;
        let mut using = Vec::new();
        for (name, value) in runner.taken_over(block)? {
            let value = match value {
                Some(value) => value,
                None => shared.variable(&name).ok_or_else(|| undefined(&name))?,
            };
            if matches!(value, Value::Block(_)) {
                return Err(Halt::Error(no_block(&name)));
            }
            using.push((name, value));
        }
        let calls = Limits::for_stack(ELSEWHERE_STACK).calls.min(shared.limits.calls);
        Ok(Crew {
            part: blanked(&source.text, span),
            source,
            using,
            seed: shared.session.seed(),
            limits: Limits { calls, ..shared.limits.clone() },
            left: bounds::remaining(),
        })
    }
}

/// A part of a text without its braces, at its place: line ends and blanks stand for what is before it.
fn blanked(text: &str, span: Span) -> String {
    let inside = span.of(text);
    let before = text.get(..span.start as usize).unwrap_or_default();
    let mut part: String = before.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    match inside.strip_prefix('{') {
        Some(rest) => {
            part.push(' ');
            part.push_str(rest.strip_suffix('}').unwrap_or(rest));
        }
        None => part.push_str(inside),
    }
    part
}

impl Elsewhere for Crew {
    fn work(
        &self,
        host: Box<dyn Host>,
        interrupt: Arc<AtomicBool>,
        next: &mut dyn FnMut() -> Option<Value>,
    ) -> Result<(), Halt> {
        stack::begin(ELSEWHERE_STACK);
        let _bounds = bounds::begin(&interrupt, self.left.0, self.left.1);
        let session = Rc::new(self.seed.session(host, interrupt));
        let mut engine = Engine::with_limits(session.clone(), self.limits.clone());
        *engine.shared.using.borrow_mut() = self.using.clone();
        let ast = engine.prepare_part(&self.source, &self.part)?;
        while let Some(item) = next() {
            engine.shared.reset();
            engine.shared.set_item(item);
            // Each run has variables of its own.
            let mut scope = Scope::new();
            let (rhai, shared) = (&engine.rhai, &engine.shared);
            let preferences = session.preferences();
            let result = shared
                .with_frame(Frame::default(), || rhai.eval_ast_with_scope::<Dynamic>(&mut scope, &ast))
                .map_err(|error| shared.halt(error));
            session.swap_preferences(preferences);
            match result {
                Err(Halt::Error(error)) => session.host.message(Message::Error(error)),
                Err(Halt::Interrupted) => return Err(Halt::Interrupted),
                // `exit` ends the run, as in PowerShell.
                Ok(_) | Err(Halt::Leave(_) | Halt::Exit(_) | Halt::Downstream(_)) => {}
            }
        }
        Ok(())
    }
}

impl Engine {
    /// Makes a part of a text ready to run over and over.
    fn prepare_part(&mut self, source: &Arc<Source>, part: &str) -> Result<rhai::AST, Halt> {
        let names = ScriptNames::of_session(&self.shared.session);
        let read = Prepared::read_part(
            &self.shared,
            &self.rhai,
            source.clone(),
            part,
            Mode::PowerShell,
            &names,
            &Scope::new(),
        );
        let prepared = read.map_err(|diagnostics| {
            let first = diagnostics.iter().find(|d| d.severity == Severity::Error);
            let error = match first {
                Some(first) => ErrorRecord::new(first.id.clone(), Category::ParserError, first.message.clone())
                    .at(source, first.span),
                None => not_portable(),
            };
            self.shared.session.true_halt(Halt::Error(error))
        })?;
        let lowered = self.shared.chunks.borrow().last().map(|chunk| chunk.lowered.text.clone()).unwrap_or_default();
        self.prepare_calls(&lowered, &prepared.ast);
        self.load_scripts(&lowered)?;
        Ok(self.library.merge(&prepared.ast))
    }
}

/// The error for `$using:x` where nobody was given anything.
pub(super) fn not_elsewhere(name: &str) -> ErrorRecord {
    let message =
        format!("$using:{name} is a variable of whoever calls a block that runs elsewhere, and this one does not.");
    ErrorRecord::new("UsingWithoutInvokeCommand", Category::InvalidOperation, message)
        .target(name)
        .hint(format!("Write ${name}; $using: belongs into the block of ForEach-Object -Parallel."))
}

fn undefined(name: &str) -> ErrorRecord {
    let message = format!("$using:{name} cannot be handed to the block: there is no ${name} here.");
    ErrorRecord::new("UsingVariableIsUndefined", Category::InvalidOperation, message).target(name)
}

fn no_block(name: &str) -> ErrorRecord {
    let message = format!("$using:{name} is a script block, which belongs to the thread that made it.");
    ErrorRecord::new("ParallelUsingVariableCannotBeScriptBlock", Category::InvalidType, message)
        .target(name)
        .hint("Write the block where it is to run.")
}

fn not_portable() -> ErrorRecord {
    let message = "Only a script block that stands in a text can run on other threads.";
    ErrorRecord::new("ScriptBlockOfAnotherSession", Category::InvalidOperation, message)
        .hint("Write it behind -Parallel, in braces.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_its_place() {
        let text = "a ä\n| b { $_ }\nc";
        let start = text.find('{').unwrap();
        let part = blanked(text, Span::new(start, start + 6));
        assert_eq!(part.find("$_"), text.find("$_"));
        assert_eq!(part.trim(), "$_");
        assert_eq!(part.matches('\n').count(), 1);
    }
}
