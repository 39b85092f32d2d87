//! Shows every command of a script, with what matters of its surroundings.

use super::guard::{self, Answers, Guarded};
use crate::language::tree::{Body, Command, Function, Pipeline, Script, Statement, Visit, walk_function};

/// A command and where it stands.
pub struct Seen<'t> {
    /// The command.
    pub command: &'t Command,
    /// Its place among the stages of its pipeline.
    pub stage: usize,
    /// Inside `try`, or where the script looked whether it is there: what cannot work is then an error at run time.
    pub guarded: bool,
}

/// Shows every command of a script to `see`.
pub fn commands<'t>(script: &'t Script, see: &mut dyn FnMut(Seen<'t>)) {
    let answers = guard::answers(script);
    Commands { see, stage: 0, guarded: false, answers }.visit_script(script);
}

/// The names of all functions that a script defines, wherever it does.
pub fn functions(script: &Script) -> Vec<&str> {
    let mut functions = Functions(Vec::new());
    functions.visit_script(script);
    functions.0
}

struct Functions<'t>(Vec<&'t str>);

impl<'t> Visit<'t> for Functions<'t> {
    fn visit_function(&mut self, function: &'t Function) {
        self.0.push(&function.name.0);
        walk_function(self, function);
    }
}

struct Commands<'w, 't> {
    see: &'w mut dyn FnMut(Seen<'t>),
    stage: usize,
    guarded: bool,
    answers: Answers,
}

impl<'t> Guarded<'t> for Commands<'_, 't> {
    fn behind_guard(&mut self) -> &mut bool {
        &mut self.guarded
    }

    fn answers(&self) -> &Answers {
        &self.answers
    }
}

impl<'t> Visit<'t> for Commands<'_, 't> {
    fn visit_statement(&mut self, statement: &'t Statement) {
        guard::statement(self, statement);
    }

    fn visit_body(&mut self, body: &'t Body) {
        guard::body(self, body);
    }

    fn visit_pipeline(&mut self, pipeline: &'t Pipeline) {
        for (at, stage) in pipeline.stages.iter().enumerate() {
            self.stage = at;
            self.visit_stage(stage);
        }
    }

    fn visit_command(&mut self, command: &'t Command) {
        (self.see)(Seen { command, stage: self.stage, guarded: self.guarded });
        self.visit_expr(&command.name);
        for (at, element) in command.elements.iter().enumerate() {
            // What a filter in braces holds are no commands.
            if !command.is_filter_block(at) {
                self.visit_element(element);
            }
        }
        command.redirections.iter().for_each(|redirection| self.visit_redirection(redirection));
    }
}
