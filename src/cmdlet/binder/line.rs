//! The command line: named arguments, those that one parameter takes all, and those that nothing took.

use super::arguments::{self, Arg, Given};
use super::failure::{self, Failed, Failure};
use super::plan::Plan;
use super::{Binding, Try};
use crate::error::{Fix, Span};
use crate::value::Value;

impl Binding {
    /// Binds what has a name: first what the command names itself, then what was splatted. Gives back what no parameter
    /// fits.
    pub(super) fn bind_named(&mut self, args: Vec<Arg>) -> Failed<Vec<Arg>> {
        let mut left = Vec::new();
        let mut splatted = Vec::new();
        for arg in args {
            if arg.splat { splatted.push(arg) } else { self.bind_one_named(arg, &mut left)? }
        }
        let named: Vec<usize> = self.taken();
        for arg in splatted {
            let name = arg.name.as_deref().unwrap_or("");
            let found = arguments::matching(&self.plan, name).map_err(|f| f.at(Some(arg.span)))?;
            if !found.is_some_and(|at| named.contains(&at)) {
                self.bind_one_named(arg, &mut left)?;
            }
        }
        Ok(left)
    }

    /// The parameters that have a value, or a script block that will make one.
    pub(super) fn taken(&self) -> Vec<usize> {
        self.bound.iter().map(|(at, _)| *at).chain(self.delayed.iter().map(|(at, _)| *at)).collect()
    }

    fn bind_one_named(&mut self, arg: Arg, left: &mut Vec<Arg>) -> Failed<()> {
        let (span, place) = (Some(arg.span), Some(arg.place()));
        let found = match &arg.name {
            Some(name) => arguments::matching(&self.plan, name).map_err(|f| f.at(span))?,
            None => None,
        };
        let (Some(at), Some(value)) = (found, arg.value.clone()) else {
            left.push(arg);
            return Ok(());
        };
        if self.taken().contains(&at) {
            return Err(failure::already_bound(&self.plan, self.param(at)?).at(span));
        }
        self.bind(at, value, Try::Converted, true).map_err(|f| f.at(place))?;
        Ok(())
    }

    /// Binds what is left to the parameter that takes the remaining arguments, if there is one.
    pub(super) fn bind_remaining(&mut self, left: Vec<Arg>) -> Failed<Vec<Arg>> {
        if left.is_empty() {
            return Ok(left);
        }
        let takes =
            |at: &&usize| self.plan.params.get(**at).is_some_and(|p| p.roles_in(self.sets).any(|r| r.remaining));
        let mut takers = self.unbound.iter().filter(takes);
        let Some(at) = takers.next().copied() else { return Ok(left) };
        if takers.next().is_some() {
            return Err(failure::ambiguous_set(&self.plan, &self.taken()));
        }
        let span = left.first().map(|a| a.span);
        let mut values: Vec<Given> = left.into_iter().flat_map(Arg::remains).collect();
        let known: Option<Vec<Value>> = values.iter().map(|v| v.known().cloned()).collect();
        let value = match known {
            None => Given::Unknown,
            // A single list is the list itself.
            Some(one) if one.len() == 1 && matches!(one.first(), Some(Value::List(_))) => values.remove(0),
            Some(all) => Given::Value(Value::list(all)),
        };
        self.bind(at, value, Try::Converted, false).map_err(|f| f.at(span))?;
        Ok(Vec::new())
    }

    /// An argument that nothing took is an error.
    pub(super) fn all_used(&self, left: Vec<Arg>, positional_error: Option<Box<Failure>>) -> Failed<()> {
        let Some(first) = left.first() else { return Ok(()) };
        let span = Some(first.span);
        if let Some(name) = &first.name {
            return Err(failure::named_not_found(&self.plan, name).at(span));
        }
        if let Some(error) = positional_error {
            return Err(error.at(span));
        }
        let value = first.value.as_ref().and_then(Given::known);
        let failure = failure::positional_not_found(&self.plan, value).at(span);
        Err(match stray_dash(&self.plan, &left) {
            Some((fix, name)) => {
                let mut failure = failure.hint(format!("The dash stands alone; -{name} was meant."));
                failure.span = Some(fix.span);
                failure.fix = Some(fix);
                failure
            }
            None => failure,
        })
    }
}

/// A dash that stands before a parameter's name with a blank between: what would mend it.
pub(super) fn stray_dash(plan: &Plan, left: &[Arg]) -> Option<(Fix, String)> {
    let text = |arg: &Arg| arg.value.as_ref().and_then(Given::known).and_then(Value::as_str).map(String::from);
    left.windows(2).find_map(|pair| {
        let [dash, name] = pair else { return None };
        let is_dash = matches!(text(dash)?.as_str(), "-" | "\u{2013}" | "\u{2014}" | "\u{2015}");
        let meant = text(name).filter(|_| is_dash && name.name.is_none())?;
        arguments::matching(plan, &meant).ok()??;
        let span: Span = dash.span.to(name.span);
        Some((Fix { span, text: format!("-{meant}") }, meant))
    })
}
