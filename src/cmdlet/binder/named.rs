//! Binding again, on a server, what a client bound: parameters by name, in the set that it chose.

use super::arguments::Given;
use super::failure::{self, Failed};
use super::plan::Plan;
use super::{Binding, Bound, Conversions, Failure, Try};
use crate::cmdlet::spec::CmdletSpec;
use crate::value::{Str, Value, same_name};
use std::sync::Arc;

/// Binds parameters by their whole names. Values are converted and checked as on a command line, the set must fit
/// them; `complete` asks for every mandatory parameter, else objects of the pipeline may still give some.
///
/// # Errors
/// Those of a command line.
pub fn named(
    spec: &Arc<CmdletSpec>,
    values: &[(Str, Value)],
    set: Option<&str>,
    complete: bool,
) -> Result<Bound, Box<Failure>> {
    let plan = Plan::of(spec);
    let mut binding = Binding::new(plan.clone(), Conversions::Native, !complete);
    for (name, value) in values {
        let found = plan.params.iter().position(|param| same_name(&param.spec.name, name));
        let at = found.ok_or_else(|| failure::named_not_found(&plan, name))?;
        if binding.is_bound(at) {
            return Err(failure::already_bound(&plan, binding.param(at)?));
        }
        binding.bind(at, Given::Value(value.clone()), Try::Converted, false)?;
    }
    binding.take_set(set, complete)?;
    binding.publish(None);
    Ok(binding.public)
}

impl Binding {
    /// Settles on the set that was chosen, if what is bound is in it.
    fn take_set(&mut self, set: Option<&str>, complete: bool) -> Failed<()> {
        let chosen = set.and_then(|set| self.plan.sets.iter().position(|known| same_name(known, set)));
        match chosen {
            // What objects bind may still leave the set that the command line preferred.
            Some(at) if !complete && self.sets & (1 << at.min(62)) == 0 => {}
            Some(at) => {
                self.sets &= 1 << at.min(62);
                if self.sets == 0 {
                    return Err(failure::ambiguous_set(&self.plan, &self.taken()));
                }
                self.set_name = self.plan.sets.get(at).cloned();
            }
            None => {
                self.validate_sets(!complete, complete)?;
            }
        }
        if !complete {
            return Ok(());
        }
        let missing = self.missing_mandatory(1, false)?;
        if missing.is_empty() { self.one_set_selected() } else { Err(failure::missing_mandatory(&self.plan, &missing)) }
    }
}
