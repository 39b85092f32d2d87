//! The arguments of a command on their way to parameters: splatting taken apart, names matched, values paired.

use super::failure::{self, Failed};
use super::plan::Plan;
use crate::cmdlet::pipeline::Argument;
use crate::error::Span;
use crate::value::{Value, enumerate::items, same_name, text};

/// A value that is given; `Unknown` where a check does not run the text that makes it.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Value(Value),
    Unknown,
}

impl Given {
    pub fn known(&self) -> Option<&Value> {
        match self {
            Given::Value(value) => Some(value),
            Given::Unknown => None,
        }
    }
}

/// One argument: a name, a value, or both.
#[derive(Clone, Debug)]
pub(super) struct Arg {
    pub name: Option<String>,
    pub value: Option<Given>,
    pub span: Span,
    /// Where the value stands, if it has a place of its own.
    pub value_span: Option<Span>,
    /// From a splatted table: gives way to what is named in the command itself.
    pub splat: bool,
}

impl Arg {
    /// Where its value stands, or it itself.
    pub fn place(&self) -> Span {
        self.value_span.unwrap_or(self.span)
    }

    /// As the user wrote the name, for a parameter that takes all that is left.
    fn text(name: &str, has_value: bool) -> String {
        if has_value { format!("-{name}:") } else { format!("-{name}") }
    }

    /// What a parameter that takes the remaining arguments gets of this one.
    pub fn remains(self) -> impl Iterator<Item = Given> {
        let has_value = self.value.is_some();
        let name = self.name.map(|n| Given::Value(Value::str(Arg::text(&n, has_value))));
        name.into_iter().chain(self.value)
    }
}

/// Takes the arguments apart: each with its own name or value, splatted ones one by one.
pub(super) fn flatten(arguments: &[Argument]) -> Vec<Arg> {
    let mut args = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument {
            Argument::Named { name, value, span } => args.push(Arg {
                name: Some(name.clone()),
                value: value.clone().map(Given::Value),
                span: *span,
                value_span: None,
                splat: false,
            }),
            Argument::Positional { value, span } => args.push(positional(value.clone(), *span)),
            Argument::Splat { value: Value::Null, .. } => {}
            Argument::Splat { value: Value::Map(table), span } => {
                let named = |(key, value): (Value, Value)| Arg {
                    name: Some(text::to_text(&key).to_string()),
                    value: Some(Given::Value(value)),
                    span: *span,
                    value_span: None,
                    splat: true,
                };
                args.extend(table.entries().into_iter().map(named));
            }
            Argument::Splat { value, span } => match items(value) {
                Some(list) => args.extend(list.iter().map(|v| positional(v.clone(), *span))),
                None => args.push(positional(value.clone(), *span)),
            },
        }
    }
    args
}

fn positional(value: Value, span: Span) -> Arg {
    Arg { name: None, value: Some(Given::Value(value)), span, value_span: None, splat: false }
}

/// The parameter that a name means: whole, by an alias, or by an unambiguous beginning; the cmdlet's own before common
/// ones.
///
/// # Errors
/// `AmbiguousParameter`.
pub(super) fn matching(plan: &Plan, name: &str) -> Failed<Option<usize>> {
    let whole = |p: &&super::plan::Param| same_name(&p.spec.name, name);
    if let Some(at) = plan.params.iter().position(|p| whole(&p)) {
        return Ok(Some(at));
    }
    if let Some(at) = plan.params.iter().position(|p| p.spec.aliases.iter().any(|a| same_name(a, name))) {
        return Ok(Some(at));
    }
    let lower = name.to_lowercase();
    let begins = |text: &str| text.len() >= lower.len() && text.to_lowercase().starts_with(&lower);
    let found: Vec<usize> = plan
        .params
        .iter()
        .enumerate()
        .filter(|(_, p)| begins(&p.spec.name) || p.spec.aliases.iter().any(|a| begins(a)))
        .map(|(at, _)| at)
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let own: Vec<usize> =
                several.iter().copied().filter(|at| plan.params.get(*at).is_some_and(|p| !p.common)).collect();
            match own.as_slice() {
                [one] => Ok(Some(*one)),
                _ => Err(failure::ambiguous_parameter(plan, name, several)),
            }
        }
    }
}

/// Pairs names with the values behind them, and gives switches theirs.
///
/// # Errors
/// `MissingArgument`, `AmbiguousParameter`.
pub(super) fn pair(plan: &Plan, args: Vec<Arg>) -> Failed<Vec<Arg>> {
    let mut paired = Vec::with_capacity(args.len());
    let mut rest = args.into_iter().peekable();
    while let Some(mut arg) = rest.next() {
        if pair_one(plan, &mut arg, rest.peek())? {
            rest.next();
        }
        paired.push(arg);
    }
    Ok(paired)
}

/// Gives a name its value; whether that is the argument behind it.
///
/// # Errors
/// `MissingArgument`, `AmbiguousParameter`.
pub(super) fn pair_one(plan: &Plan, arg: &mut Arg, next: Option<&Arg>) -> Failed<bool> {
    let (Some(name), None) = (&arg.name, &arg.value) else { return Ok(false) };
    let span = Some(arg.span);
    let Some(param) = matching(plan, name).map_err(|f| f.at(span))?.and_then(|at| plan.params.get(at)) else {
        return Ok(false);
    };
    if param.is_switch() {
        arg.value = Some(Given::Value(Value::Bool(true)));
        return Ok(false);
    }
    let missing = || failure::missing_argument(plan, param).at(span);
    let next = next.ok_or_else(missing)?;
    match (&next.name, &next.value) {
        // What looks like a parameter and is none of this cmdlet is a value: -PoolFqdn -a.
        (Some(name), None) if matching(plan, name)?.is_none() => {
            arg.value = Some(Given::Value(Value::str(Arg::text(name, false))));
        }
        (Some(_), _) => return Err(missing()),
        (None, value) => arg.value.clone_from(value),
    }
    arg.value_span = Some(next.span);
    Ok(true)
}
