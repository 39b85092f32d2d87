//! The names that a text can use: commands, variables, functions; which parameters are switches.

use crate::cmdlet::session::Session;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::verbs;
use crate::language::Names;
use crate::value::same_name;
use std::cell::Cell;
use std::rc::Rc;

/// The names that a text can use.
pub struct ScriptNames {
    pub(super) session: Rc<Session>,
    pub(super) variables: Vec<String>,
    pub(super) functions: Vec<String>,
    pub(super) switches: Cell<bool>,
}

impl ScriptNames {
    /// Those of a session without an engine: commands alone.
    pub fn of_session(session: &Rc<Session>) -> ScriptNames {
        ScriptNames {
            session: session.clone(),
            variables: Vec::new(),
            functions: Vec::new(),
            switches: Cell::new(true),
        }
    }

    /// The variables that earlier texts left.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// The Rhai functions that earlier texts left.
    pub fn functions(&self) -> &[String] {
        &self.functions
    }
}

impl Names for ScriptNames {
    fn is_command(&self, name: &str) -> bool {
        self.session.registry.is_command(name)
    }

    fn alias(&self, name: &str) -> Option<String> {
        self.session.registry.alias(name)
    }

    fn is_verb(&self, verb: &str) -> bool {
        verbs::is_verb(verb)
    }

    fn is_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|v| v == name)
    }

    fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|f| f == name)
    }

    fn visible(&self, name: &str) -> Option<String> {
        let exact = self.variables.iter().rev().find(|v| *v == name);
        exact.or_else(|| self.variables.iter().rev().find(|v| same_name(v, name))).cloned()
    }

    fn is_switch(&self, command: &str, parameter: &str) -> Option<bool> {
        if !self.switches.get() {
            return None;
        }
        is_switch(&self.session.registry.lookup(command)?.spec(), parameter)
    }
}

/// Common parameters, with whether they are switches.
const COMMON: &[(&str, &[&str], bool)] = &[
    ("Verbose", &["vb"], true),
    ("Debug", &["db"], true),
    ("WhatIf", &["wi"], true),
    ("Confirm", &["cf"], true),
    ("ErrorAction", &["ea"], false),
    ("WarningAction", &["wa"], false),
    ("InformationAction", &["infa"], false),
    ("ProgressAction", &["proga"], false),
    ("ErrorVariable", &["ev"], false),
    ("WarningVariable", &["wv"], false),
    ("InformationVariable", &["iv"], false),
    ("OutVariable", &["ov"], false),
    ("OutBuffer", &["ob"], false),
    ("PipelineVariable", &["pv"], false),
];

/// Whether a parameter is a switch, if it is one parameter for sure.
fn is_switch(spec: &CmdletSpec, parameter: &str) -> Option<bool> {
    let own = spec.parameters.iter().map(|p| {
        let names: Vec<&str> = std::iter::once(&*p.name).chain(p.aliases.iter().map(|a| &**a)).collect();
        (names, p.kind == ParameterType::Switch)
    });
    let common = COMMON.iter().map(|(name, aliases, switch)| {
        (std::iter::once(*name).chain(aliases.iter().copied()).collect::<Vec<&str>>(), *switch)
    });
    let all: Vec<(Vec<&str>, bool)> = own.chain(common).collect();
    if let Some((_, switch)) = all.iter().find(|(names, _)| names.iter().any(|n| same_name(n, parameter))) {
        return Some(*switch);
    }
    let begins = |name: &str| name.get(..parameter.len()).is_some_and(|head| same_name(head, parameter));
    let mut found = all.iter().filter(|(names, _)| names.iter().any(|n| begins(n)));
    match (found.next(), found.next()) {
        (Some((_, switch)), None) => Some(*switch),
        _ => None,
    }
}
