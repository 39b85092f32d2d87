//! The cmdlets of ours that are written in script: loaded when a text names one for the first time.
//!
//! Rhai takes no new functions while it runs. So a text is looked through before it runs: what it names is read,
//! lowered and run, which defines the function, and what that one names is loaded too.

use super::engine::Engine;
use super::names::ScriptNames;
use super::prepared::Prepared;
use crate::cmdlet::ScriptText;
use crate::error::{Category, ErrorRecord, Halt, Source};
use crate::language::{Mode, lower};
use rhai::{AST, Dynamic, Scope};
use std::sync::Arc;

/// What stands in a lowered text where only running says which command is meant.
const ANY: &str = "_command(";

/// The cmdlets of a session that are written in script, with whether a lowered text may run them.
pub(super) fn named(engine: &Engine, lowered: &str) -> Vec<(String, ScriptText)> {
    let registry = &engine.session().registry;
    let lower = lowered.to_ascii_lowercase();
    let any = lower.contains(ANY);
    let natives = registry.natives();
    let scripts = natives.iter().filter_map(|native| Some((native.entry.name.to_string(), native.entry.script?)));
    let is_named =
        |name: &str| any || lower::spelled(name).is_some_and(|spelled| lower.contains(&spelled.to_ascii_lowercase()));
    scripts.filter(|(name, _)| is_named(name)).collect()
}

impl Engine {
    /// Loads the cmdlets that a lowered text names and that are not there yet.
    ///
    /// # Errors
    /// What is wrong with the text of one.
    pub(super) fn load_scripts(&mut self, lowered: &str) -> Result<(), Halt> {
        for (name, script) in named(self, lowered) {
            if !self.loaded.insert(name.to_lowercase()) {
                continue;
            }
            let text = self.load(&name, script)?;
            self.load_scripts(&text)?;
        }
        Ok(())
    }

    /// Loads one; its lowered text.
    fn load(&mut self, name: &str, script: ScriptText) -> Result<String, Halt> {
        let source = Arc::new(Source { name: script.file.to_string(), text: script.text.to_string() });
        let names = ScriptNames::of_session(&self.shared.session);
        let prepared = Prepared::read(&self.shared, &self.rhai, source, Mode::Rhai, &names, &Scope::new()).map_err(
            |diagnostics| {
                let what = diagnostics.first().map_or_else(String::new, |d| d.message.clone());
                let stopped = self.shared.session.check_interrupt().err();
                stopped.unwrap_or_else(|| Halt::Error(damaged(name, &what)))
            },
        )?;
        let text = self.shared.chunks.borrow().last().map(|chunk| chunk.lowered.text.clone()).unwrap_or_default();
        self.prepare_calls(&text, &prepared.ast);
        let ast: AST = self.library.merge(&prepared.ast);
        self.shared.library.borrow_mut().loading = true;
        let defined = self.rhai.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &ast);
        self.shared.library.borrow_mut().loading = false;
        self.library = ast.clone_functions_only();
        defined.map(drop).map_err(|error| self.shared.halt(error))?;
        Ok(text)
    }
}

/// A cmdlet that no text named before it ran.
pub(super) fn not_loaded(name: &str) -> ErrorRecord {
    let message = format!("{name} is written in script and is not loaded: nothing named it before the script ran.");
    ErrorRecord::new("ScriptCmdletNotLoaded", Category::InvalidOperation, message)
        .hint(format!("Name it in the script: {name}, or & \"{name}\"."))
}

fn damaged(name: &str, what: &str) -> ErrorRecord {
    let message = format!("The text of {name} cannot be read: {what}");
    ErrorRecord::new("ScriptCmdletDamaged", Category::ParserError, message)
}
