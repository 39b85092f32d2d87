//! What Tab offers: names that fit what stands before the cursor, from the commands, the session and the deployment.

use super::names::{self, Source};
use super::paths;
use crate::cmdlet::common;
use crate::cmdlet::outputs::{self, Takes};
use crate::cmdlet::session::Session;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType};
use crate::language::lower::automatic;
use crate::language::tree::is_filter;
use crate::language::{Context, Expects, Mode, context_at};
use crate::script::{Engine, ScriptNames};
use crate::value::convert::Target;
use crate::value::{Str, Value, enumerate, member, same_name, statics, types};
use std::borrow::Cow;

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is listed.
    pub shown: String,
    /// What is put in.
    pub text: String,
}

/// What may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// Byte from which the text up to the cursor is replaced.
    pub start: usize,
    /// The candidates, in the order in which they are listed.
    pub candidates: Vec<Candidate>,
    /// What may stand there.
    pub expects: Expects,
}

/// What may stand at a byte of a text.
pub fn complete(text: &str, at: usize, mode: Mode, engine: &Engine) -> Completions {
    let names = engine.names();
    let context = context_at(text, at, mode, &names);
    let tab = Tab { engine, session: engine.session(), names: &names, context: &context };
    let start = context.span.start as usize;
    let mut candidates = match &context.expects {
        Expects::Command => tab.commands(),
        Expects::Parameter { command } => tab.parameters(command),
        Expects::Argument { command, parameter, position } => tab.values(command, parameter.as_deref(), *position),
        Expects::Member { target, is_static: true } => tab.static_members(target),
        Expects::Member { target, .. } => tab.members(target),
        Expects::Variable => tab.variables(),
        Expects::Type => tab.plain(types::all_names().map(Str::from)),
        Expects::Value => tab.value(),
        Expects::Filter { command } => tab.plain(tab.filter(command, &context.word)),
        Expects::Nothing => Vec::new(),
    };
    candidates.dedup();
    Completions { start, candidates, expects: context.expects }
}

/// Cmdlets whose -Filter is on attributes; that of the others is a pattern for names.
const FILTERED: &[&str] = &["Get-CsUser", "Get-CsAdUser"];

struct Tab<'a> {
    engine: &'a Engine,
    session: &'a Session,
    names: &'a ScriptNames,
    context: &'a Context,
}

/// Whether a name begins with what is written, in any case.
pub(super) fn begins(name: &str, word: &str) -> bool {
    let mut name = name.chars().flat_map(char::to_lowercase);
    word.chars().flat_map(char::to_lowercase).all(|c| name.next() == Some(c))
}

fn as_is(text: impl Into<String>) -> Candidate {
    let text = text.into();
    Candidate { shown: text.clone(), text }
}

impl Tab<'_> {
    fn word(&self) -> &str {
        &self.context.word
    }

    /// Names that begin with the word, as they are, by name.
    fn plain(&self, names: impl IntoIterator<Item = Str>) -> Vec<Candidate> {
        let mut found: Vec<Str> = names.into_iter().filter(|name| begins(name, self.word())).collect();
        found.sort_by_cached_key(|name| name.to_lowercase());
        found.dedup();
        found.into_iter().map(|name| as_is(&*name)).collect()
    }

    /// Values that begin with the word, in quotes where they need them.
    fn quoted(&self, values: impl IntoIterator<Item = String>) -> Vec<Candidate> {
        values.into_iter().map(|value| Candidate { text: self.in_quotes(&value), shown: value }).collect()
    }

    fn in_quotes(&self, value: &str) -> String {
        let bare = |c: char| c.is_alphanumeric() || "_.:-/\\+~@".contains(c);
        let starts_bare = value.starts_with(|c: char| c.is_alphanumeric() || "/.~_".contains(c));
        match self.context.quote {
            Some(quote) if !value.contains(quote) => format!("{quote}{value}{quote}"),
            None if starts_bare && value.chars().all(bare) => value.to_string(),
            _ => format!("'{}'", value.replace('\'', "''")),
        }
    }

    /// Commands, aliases, and the names of Rhai.
    fn commands(&self) -> Vec<Candidate> {
        let word = self.word();
        let aliases = self.session.registry.aliases().into_iter().map(|(alias, _)| Str::from(alias));
        // Aliases are short: they are offered to who writes the beginning of one.
        let aliases = aliases.filter(|_| !word.is_empty() && !word.contains('-'));
        let own = self.names.variables().iter().chain(self.names.functions()).map(|name| Str::from(name.as_str()));
        let mut found = self.plain(self.running().chain(aliases).chain(own));
        if found.is_empty() && word.contains('-') {
            found = self.command_names();
        }
        if word.is_empty() && !self.context.before.is_empty() {
            found.insert(0, as_is("$_"));
        }
        found
    }

    fn running(&self) -> impl Iterator<Item = Str> {
        let registry = &self.session.registry;
        registry.native_names().into_iter().chain(registry.function_names())
    }

    /// Commands that run, else those that the catalogue knows.
    fn command_names(&self) -> Vec<Candidate> {
        let found = self.plain(self.running());
        if found.is_empty() { self.plain(self.session.registry.names()) } else { found }
    }

    fn spec(&self, command: &str) -> Option<(Str, std::sync::Arc<CmdletSpec>)> {
        let found = self.session.registry.lookup(command)?;
        Some((found.name(), found.spec()))
    }

    fn parameters(&self, command: &str) -> Vec<Candidate> {
        let Some((_, spec)) = self.spec(command) else { return Vec::new() };
        let common = common::parameters(spec.should_process);
        let word = self.word().trim_start_matches(|c: char| !c.is_alphanumeric());
        let given = |parameter: &ParameterSpec| {
            self.context.given.iter().any(|name| same_name(name, &parameter.name))
                || parameter.aliases.iter().any(|alias| self.context.given.iter().any(|name| same_name(name, alias)))
        };
        let fits = |parameter: &&ParameterSpec| begins(&parameter.name, word) && !given(parameter);
        let named = |parameter: &ParameterSpec| as_is(format!("-{}", parameter.name));
        spec.parameters.iter().filter(fits).chain(common.iter().filter(fits)).map(named).collect()
    }

    /// The values of the parameter that an argument is for.
    fn values(&self, command: &str, written: Option<&str>, position: usize) -> Vec<Candidate> {
        let Some((name, spec)) = self.spec(command) else { return self.quoted(paths::matching(self.word())) };
        let common = common::parameters(spec.should_process);
        let written = written.and_then(|written| find(&spec, &common, written));
        // What stands behind a switch is another argument.
        let parameter = match written.filter(|parameter| parameter.kind != ParameterType::Switch) {
            Some(parameter) => Some(parameter),
            None => positional(&spec, &self.context.given, position),
        };
        let Some(parameter) = parameter else { return Vec::new() };
        let word = self.word();
        let closed = closed(parameter);
        if !closed.is_empty() {
            let fitting = closed.into_iter().filter(|value| begins(value, word.trim_start_matches('$')));
            // `$true` is no text: it stays without quotes.
            return fitting
                .map(|value| if value.starts_with('$') { as_is(&*value) } else { self.quote_one(&value) })
                .collect();
        }
        if outputs::takes(&name, &parameter.name) == Takes::Properties {
            return self.plain(self.incoming());
        }
        if is_filter(&name, &parameter.name)
            && let Some(quote) = self.context.quote
        {
            // The word is the whole of the text so far: what stands before its last word stays.
            let from = word.rfind([' ', '(']).map_or(0, |at| at + 1);
            let (head, last) = word.split_at(from);
            let fitting = self.filter(&name, last).into_iter().filter(|offered| begins(offered, last));
            let whole =
                |offered: Str| Candidate { text: format!("{quote}{head}{offered}"), shown: offered.to_string() };
            return fitting.map(whole).collect();
        }
        match names::source(&name, &parameter.name) {
            Some(Source::Commands) => self.command_names(),
            Some(Source::Files) => self.quoted(paths::matching(word)),
            Some(source) => self.quoted(names::offered(self.session, &name, &parameter.name, source, word)),
            None => Vec::new(),
        }
    }

    /// Words of a filter on attributes: operators behind a dash, constants behind a `$`, else names of properties.
    fn filter(&self, command: &str, word: &str) -> Vec<Str> {
        const OPERATORS: &[&str] =
            &["-and", "-eq", "-ge", "-gt", "-le", "-like", "-lt", "-ne", "-not", "-notlike", "-or"];
        let Some((name, _)) = self.spec(command) else { return Vec::new() };
        let texts = |words: &[&str]| words.iter().map(|word| Str::from(*word)).collect();
        match word.chars().next() {
            _ if !FILTERED.iter().any(|known| same_name(known, &name)) => Vec::new(),
            Some('-') => texts(OPERATORS),
            Some('$') => texts(&["$false", "$null", "$true"]),
            _ => outputs::of(&name).map(|outputs| outputs.names).unwrap_or_default(),
        }
    }

    fn quote_one(&self, value: &str) -> Candidate {
        Candidate { shown: value.to_string(), text: self.in_quotes(value) }
    }

    /// The properties of the objects that come in at this stage.
    fn incoming(&self) -> Vec<Str> {
        for stage in self.context.before.iter().rev() {
            let command = self.session.registry.lookup(stage).map(|command| command.name());
            match command {
                Some(command) if outputs::passes_on(&command) => {}
                Some(command) => return outputs::of(&command).map(|outputs| outputs.names).unwrap_or_default(),
                // An expression begins the pipeline.
                None => return self.value_of(stage).map(|value| names_of(&value)).unwrap_or_default(),
            }
        }
        Vec::new()
    }

    /// The value of `$x`, `x` or `x.Property`, where it is known without running anything.
    fn value_of(&self, text: &str) -> Option<Value> {
        let mut parts = text.trim().trim_start_matches('$').split('.');
        let first = self.engine.variable(parts.next()?)?;
        parts.try_fold(first, |value, name| member::get(&first_of(&value), name))
    }

    fn members(&self, target: &str) -> Vec<Candidate> {
        let target = target.trim();
        if ["$_", "$PSItem", "it"].iter().any(|item| same_name(item, target)) {
            return self.plain(self.incoming());
        }
        let Some(value) = self.value_of(target) else { return Vec::new() };
        let mut found = names_of(&value);
        if matches!(value, Value::List(_)) {
            found.push("Count".into());
        }
        self.plain(found)
    }

    /// What stands behind `[T]::`.
    fn static_members(&self, target: &str) -> Vec<Candidate> {
        let name = target.trim().trim_start_matches('[').trim_end_matches(']');
        let Some(known) = statics::members(name) else { return Vec::new() };
        self.plain(known.properties.into_iter().chain(known.methods).chain(["new"]).map(Str::from))
    }

    fn variables(&self) -> Vec<Candidate> {
        let word = self.word().trim_start_matches('$');
        let own = self.names.variables().iter().map(String::as_str).chain(automatic());
        let plain = |name: &&str| name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let mut found: Vec<&str> = own.filter(plain).filter(|name| begins(name, word)).collect();
        found.sort_unstable_by_key(|name| name.to_lowercase());
        found.dedup();
        found.into_iter().map(|name| as_is(format!("${name}"))).collect()
    }

    /// What an expression may hold: names of Rhai, and commands once their beginning says so.
    fn value(&self) -> Vec<Candidate> {
        if self.word().starts_with('$') {
            return self.variables();
        }
        if self.word().contains('-') {
            return self.commands();
        }
        let own = self.names.variables().iter().chain(self.names.functions());
        self.plain(own.map(|name| Str::from(name.as_str())))
    }
}

/// The first element of a list; what is no list itself.
fn first_of(value: &Value) -> Value {
    match value {
        Value::List(items) => items.first().cloned().unwrap_or_default(),
        other => other.clone(),
    }
}

fn names_of(value: &Value) -> Vec<Str> {
    match enumerate(value.clone()).into_iter().next() {
        Some(Value::Map(table)) => table.named().into_iter().map(|(name, _)| name).collect(),
        Some(item) => member::names(&item),
        None => Vec::new(),
    }
}

/// A parameter by its name, an alias, or a beginning that fits no other.
fn find<'a>(spec: &'a CmdletSpec, common: &'a [ParameterSpec], written: &str) -> Option<&'a ParameterSpec> {
    let all = || spec.parameters.iter().chain(common);
    let exact = all().find(|p| same_name(&p.name, written) || p.aliases.iter().any(|a| same_name(a, written)));
    exact.or_else(|| {
        let mut starting = all().filter(|p| begins(&p.name, written));
        starting.next().filter(|_| starting.next().is_none())
    })
}

/// The parameter that takes the positional argument at a place.
fn positional<'a>(spec: &'a CmdletSpec, given: &[String], place: usize) -> Option<&'a ParameterSpec> {
    let is_given = |p: &ParameterSpec| given.iter().any(|name| same_name(name, &p.name));
    let of_default = |set: &Option<Str>| set.is_none() || *set == spec.default_set;
    let position = |p: &ParameterSpec, any: bool| {
        p.sets.iter().filter(|role| any || of_default(&role.set)).filter_map(|role| role.position).min()
    };
    let ordered = |any: bool| {
        let mut found: Vec<(i32, &ParameterSpec)> =
            spec.parameters.iter().filter(|p| !is_given(p)).filter_map(|p| Some((position(p, any)?, p))).collect();
        found.sort_by_key(|(position, _)| *position);
        found
    };
    let default = ordered(false);
    let from = if default.is_empty() { ordered(true) } else { default };
    from.get(place).or(from.last()).map(|(_, parameter)| *parameter)
}

/// The values of a parameter that takes no others.
fn closed(parameter: &ParameterSpec) -> Vec<Cow<'static, str>> {
    let mut kind = &parameter.kind;
    while let ParameterType::Array(item) = kind {
        kind = item;
    }
    let owned = |values: &[Str]| values.iter().map(|value| Cow::Owned(value.to_string())).collect();
    match kind {
        ParameterType::Enum { values, .. } | ParameterType::Other(Target::Enum { values, .. }) => owned(values),
        ParameterType::Bool => vec![Cow::Borrowed("$false"), Cow::Borrowed("$true")],
        _ => owned(&parameter.validation.values),
    }
}
