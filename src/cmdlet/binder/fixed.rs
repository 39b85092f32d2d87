//! Binding without running, for checks and completion: values that a text computes are unknown.

use super::arguments::{self, Arg, Given};
use super::failure::{Failed, Failure};
use super::plan::{ALL, Plan, Sets};
use super::{Conversions, Options, failure, positional};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::error::{Diagnostic, Phase, Span};
use crate::value::{Str, Value};
use std::sync::Arc;

/// A value as far as the text shows it.
#[derive(Clone, Debug)]
pub enum StaticValue {
    /// A constant.
    Known(Value),
    /// What only running gives.
    Unknown,
}

/// One argument of a command in a text.
#[derive(Clone, Debug)]
pub enum StaticArgument {
    /// `-Name`, `-Name:value`.
    Named {
        /// Without dash and colon.
        name: String,
        /// What stands behind the colon.
        value: Option<StaticValue>,
        /// Where.
        span: Span,
    },
    /// A value without a name.
    Positional {
        /// The value.
        value: StaticValue,
        /// Where.
        span: Span,
    },
    /// `@name`: what is in it is unknown.
    Splat {
        /// Where.
        span: Span,
    },
}

/// Which argument a parameter takes, by their places in the text.
#[derive(Clone, Debug)]
pub struct StaticBound {
    /// The parameter.
    pub parameter: Str,
    /// The argument's place; of a switch, and in the colon form, that of both.
    pub span: Span,
    /// Its value, if it is known.
    pub value: Option<Value>,
}

/// What binding without running shows.
#[derive(Default)]
pub struct StaticBinding {
    /// What is bound, in the order of binding.
    pub bound: Vec<StaticBound>,
    /// What does not bind.
    pub failures: Vec<Box<Failure>>,
}

/// What can be said against a command's arguments without running it. `input_expected`: it stands behind a `|`.
/// `conversions`: as it converts what it is given.
pub fn bind_static(
    spec: &Arc<CmdletSpec>,
    arguments: &[StaticArgument],
    input_expected: bool,
    conversions: Conversions,
) -> Vec<Diagnostic> {
    let splat = arguments.iter().find_map(|a| match a {
        StaticArgument::Splat { span } => Some(*span),
        _ => None,
    });
    let names = names_only(spec, arguments);
    if !names.failures.is_empty() || splat.is_some() {
        return names.failures.iter().map(|f| diagnostic(f, arguments)).collect();
    }
    let options = Options { input_expected, conversions, ..Options::default() };
    match super::bind_arguments(Plan::of(spec), args(arguments), options) {
        Ok(_) => Vec::new(),
        Err(failure) => vec![diagnostic(&failure, arguments)],
    }
}

fn diagnostic(failure: &Failure, arguments: &[StaticArgument]) -> Diagnostic {
    let whole = arguments.iter().map(place).reduce(Span::to).unwrap_or_default();
    let span = failure.span.unwrap_or(whole);
    let error = &failure.record;
    let mut diagnostic = Diagnostic::error(Phase::Bind, error.id().to_string(), span, error.message());
    if !error.hints().is_empty() {
        diagnostic = diagnostic.with_hint(error.hints().join(" "));
    }
    diagnostic.fix.clone_from(&failure.fix);
    if let (Some(near), None) = (&failure.near, &failure.fix) {
        // In `-Name:value` the name alone is wrong.
        let named = arguments.iter().find_map(|argument| match argument {
            StaticArgument::Named { name, span: whole, .. } if *whole == span => Some(name.len()),
            _ => None,
        });
        // A dash may be one of the longer ones.
        if let Some(length) = named.filter(|length| (span.end - span.start) as usize == length + 1) {
            let end = span.start as usize + 1 + length;
            diagnostic = diagnostic.with_fix(Span::new(span.start as usize, end), near.clone());
        }
    }
    if error.id() == failure::FORCE_REQUIRED && diagnostic.fix.is_none() {
        diagnostic = diagnostic.with_fix(Span { start: whole.end, end: whole.end }, " -Force");
    }
    diagnostic
}

fn place(argument: &StaticArgument) -> Span {
    match argument {
        StaticArgument::Named { span, .. }
        | StaticArgument::Positional { span, .. }
        | StaticArgument::Splat { span } => *span,
    }
}

fn args(arguments: &[StaticArgument]) -> Vec<Arg> {
    let given = |value: &StaticValue| match value {
        StaticValue::Known(value) => Given::Value(value.clone()),
        StaticValue::Unknown => Given::Unknown,
    };
    let arg = |argument: &StaticArgument| match argument {
        StaticArgument::Named { name, value, span } => Some(Arg {
            name: Some(name.clone()),
            value: value.as_ref().map(given),
            span: *span,
            value_span: None,
            splat: false,
        }),
        StaticArgument::Positional { value, span } => {
            Some(Arg { name: None, value: Some(given(value)), span: *span, value_span: None, splat: false })
        }
        StaticArgument::Splat { .. } => None,
    };
    arguments.iter().filter_map(arg).collect()
}

/// Which parameter takes which argument, going by names, positions and sets: nothing is converted, nothing is demanded,
/// and it goes on after a mistake.
pub fn names_only(spec: &Arc<CmdletSpec>, arguments: &[StaticArgument]) -> StaticBinding {
    let plan = Plan::of(spec);
    let mut state = State { plan: &plan, sets: ALL, taken: Vec::new(), result: StaticBinding::default() };
    let paired = state.pair(args(arguments));
    let left = state.named(paired);
    let left = match state.positional(left) {
        Ok(left) => left,
        Err(failure) => {
            state.result.failures.push(failure);
            return state.result;
        }
    };
    // A splatted variable may hold the names that positional arguments wait for; what is left then says nothing.
    let splat = arguments.iter().any(|a| matches!(a, StaticArgument::Splat { .. }));
    let left = state.remaining(left);
    if !splat {
        state.not_used(left);
    }
    state.result
}

struct State<'a> {
    plan: &'a Plan,
    sets: Sets,
    taken: Vec<usize>,
    result: StaticBinding,
}

impl State<'_> {
    /// Pairs names with values as binding does, but goes on after a mistake.
    fn pair(&mut self, args: Vec<Arg>) -> Vec<Arg> {
        let mut paired = Vec::new();
        let mut rest = args.into_iter().peekable();
        while let Some(mut arg) = rest.next() {
            match arguments::pair_one(self.plan, &mut arg, rest.peek()) {
                Ok(consumed) => {
                    if consumed {
                        rest.next();
                    }
                    paired.push(arg);
                }
                Err(failure) => {
                    // It is spoken for all the same.
                    let found = arg.name.as_deref().and_then(|name| arguments::matching(self.plan, name).ok()?);
                    self.taken.extend(found);
                    self.result.failures.push(failure);
                }
            }
        }
        paired
    }

    fn take(&mut self, at: usize, arg: &Arg) {
        let Some(param) = self.plan.params.get(at) else { return };
        self.taken.push(at);
        let value = arg.value.as_ref().and_then(Given::known).cloned();
        self.result.bound.push(StaticBound { parameter: param.spec.name.clone(), span: arg.place(), value });
    }

    fn narrow(&mut self, flags: Sets) {
        if flags != 0 {
            self.sets &= flags;
        }
    }

    fn named(&mut self, args: Vec<Arg>) -> Vec<Arg> {
        let mut left = Vec::new();
        for arg in args {
            let found = arg.name.as_ref().and_then(|name| arguments::matching(self.plan, name).ok().flatten());
            let Some((at, param)) = found.and_then(|at| Some((at, self.plan.params.get(at)?))) else {
                left.push(arg);
                continue;
            };
            if self.taken.contains(&at) {
                self.result.failures.push(failure::already_bound(self.plan, param).at(Some(arg.span)));
                continue;
            }
            self.narrow(param.flags);
            self.take(at, &arg);
        }
        left
    }

    fn positional(&mut self, args: Vec<Arg>) -> Failed<Vec<Arg>> {
        let unbound: Vec<usize> = (0..self.plan.params.len()).filter(|at| !self.taken.contains(at)).collect();
        let mut positions = positional::positions(self.plan, &unbound, self.sets)?;
        let mut valid = self.sets;
        let mut left = Vec::new();
        let mut index = 0;
        let order: Vec<i32> = positions.keys().copied().collect();
        for position in order {
            let candidates = positions.get(&position).cloned().unwrap_or_default();
            if candidates.is_empty() {
                continue;
            }
            let Some(arg) = positional::next(&args, &mut index, &mut left) else { break };
            let mut done = false;
            for converted in [false, true] {
                for sets in [self.plan.default, valid] {
                    if !done && sets & valid != 0 {
                        done = self.try_position(&candidates, sets, &arg, converted);
                    }
                }
            }
            if !done {
                left.push(arg);
            } else if valid != self.sets {
                valid = self.sets;
                positional::narrow(&mut positions, valid);
            }
        }
        left.extend(args.into_iter().skip(index));
        Ok(left)
    }

    fn try_position(&mut self, candidates: &[(usize, Vec<Sets>)], sets: Sets, arg: &Arg, converted: bool) -> bool {
        let mut possible: Sets = 0;
        let mut any = false;
        for (at, flags) in candidates {
            let Some(param) = self.plan.params.get(*at) else { continue };
            let stands = flags.iter().any(|flag| *flag == 0 || flag & sets != 0);
            if stands && (converted || looks_like(&param.spec.kind, arg)) {
                any = true;
                possible |= param.flags;
                self.take(*at, arg);
            }
        }
        if any {
            self.narrow(possible);
        }
        any
    }

    fn remaining(&mut self, left: Vec<Arg>) -> Vec<Arg> {
        let takes = |at: &usize| {
            let param = self.plan.params.get(*at);
            !self.taken.contains(at) && param.is_some_and(|p| p.roles_in(self.sets).any(|r| r.remaining))
        };
        let taker = (0..self.plan.params.len()).find(takes);
        match (taker, left.first()) {
            (Some(at), Some(first)) => {
                let first = first.clone();
                self.take(at, &first);
                Vec::new()
            }
            _ => left,
        }
    }

    fn not_used(&mut self, left: Vec<Arg>) {
        let dash = super::line::stray_dash(self.plan, &left);
        let mut skip_value = false;
        for arg in &left {
            if std::mem::take(&mut skip_value) && arg.name.is_none() {
                continue;
            }
            if let (Some((fix, name)), None) = (&dash, &arg.name) {
                let inside = fix.span.start <= arg.span.start && arg.span.end <= fix.span.end;
                if inside && arg.span.start != fix.span.start {
                    continue;
                }
                if inside {
                    let value = arg.value.as_ref().and_then(Given::known);
                    let mut failure = failure::positional_not_found(self.plan, value)
                        .hint(format!("The dash stands alone; -{name} was meant."));
                    failure.span = Some(fix.span);
                    failure.fix = Some(fix.clone());
                    self.result.failures.push(failure);
                    // What stands behind the name is its value.
                    return;
                }
            }
            let failure = match &arg.name {
                Some(name) => {
                    skip_value = arg.value.is_none();
                    failure::named_not_found(self.plan, name)
                }
                None => failure::positional_not_found(self.plan, arg.value.as_ref().and_then(Given::known)),
            };
            self.result.failures.push(failure.at(Some(arg.span)));
        }
    }
}

/// Whether a constant has the parameter's type as it stands; what is unknown fits everything.
fn looks_like(kind: &ParameterType, arg: &Arg) -> bool {
    let Some(value) = arg.value.as_ref().and_then(Given::known) else { return true };
    match kind {
        ParameterType::Object | ParameterType::Array(_) => true,
        _ => super::coerce::as_it_is(kind, value).is_some(),
    }
}
