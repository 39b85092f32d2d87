//! Binding an object of the pipeline: by value, then by property name, first as it is, then converted.

use super::arguments::Given;
use super::failure::{self, Failed, Kind};
use super::plan::{Param, Sets};
use super::{Binding, Conversions, Failure, Try};
use crate::error::Halt;
use crate::value::{Block, Value, member, same_name};

/// Runs a script block for an object and gives what it puts out.
pub type RunBlock<'a> = &'a mut dyn FnMut(&Block, &Value) -> Result<Vec<Value>, Halt>;

/// Why an object is not bound.
pub enum Unbound {
    /// It does not fit: a non-terminating error, and the next object.
    Failure(Box<Failure>),
    /// The script block that makes a value stopped the pipeline.
    Halt(Halt),
}

impl From<Box<Failure>> for Unbound {
    fn from(failure: Box<Failure>) -> Unbound {
        Unbound::Failure(failure)
    }
}

/// The four passes, in their order: by value or by property name, converted or not.
const PASSES: [(bool, Try); 4] =
    [(true, Try::AsItIs), (false, Try::AsItIs), (true, Try::Converted), (false, Try::Converted)];

impl Binding {
    /// Binds one object of the pipeline, from the state that the command line left.
    ///
    /// # Errors
    /// `InputObjectNotBound`, `InputObjectMissingMandatory`, and those of the value.
    pub fn object(&mut self, input: &Value, run: RunBlock) -> Result<(), Unbound> {
        self.reset();
        let from_blocks = self.run_delayed(input, run)?;
        let bound = self.bind_passes(input)?;
        self.one_set_selected()?;
        // A function that declares nothing of a cmdlet's takes any object as its `$_` or `$input`.
        let takes_all = || self.plan.params.iter().any(|p| p.spec.ours && &*p.spec.name == " args");
        if !from_blocks && !bound && !takes_all() {
            return Err(failure::input_not_bound(&self.plan).into());
        }
        let before = self.sets;
        let lacking = self.missing_now();
        self.sets = before;
        if !lacking.is_empty() {
            return Err(failure::input_lacks_mandatory(&self.plan, &lacking).into());
        }
        self.publish(Some(input));
        Ok(())
    }

    /// Forgets what the last object bound.
    pub fn reset(&mut self) {
        let line = self.from_line;
        let returned: Vec<usize> = self.bound.drain(line.min(self.bound.len())..).map(|(at, _)| at).collect();
        let delayed: Vec<usize> = self.delayed.iter().map(|(at, _)| *at).collect();
        for at in returned.into_iter().filter(|at| !delayed.contains(at)) {
            if let Err(place) = self.unbound.binary_search(&at) {
                self.unbound.insert(place, at);
            }
        }
        self.sets = self.sets_before;
    }

    /// The mandatory parameters of the set in force that have no value.
    fn missing_now(&self) -> Vec<usize> {
        let lacks =
            |at: &&usize| self.plan.params.get(**at).is_some_and(|p| p.roles_in(self.sets).any(|r| r.mandatory));
        self.unbound.iter().filter(lacks).copied().collect()
    }

    /// Runs the script blocks that stand for values. Whether there were any.
    fn run_delayed(&mut self, input: &Value, run: RunBlock) -> Result<bool, Unbound> {
        let plan = self.plan.clone();
        let delayed = self.delayed.clone();
        for (at, block) in &delayed {
            let Some(param) = plan.params.get(*at) else { continue };
            let outputs = match run(block, input) {
                Ok(outputs) => outputs,
                Err(Halt::Error(error)) => return Err(failure::block_failed(&plan, param, &error).into()),
                Err(halt) => return Err(Unbound::Halt(halt)),
            };
            if outputs.is_empty() {
                return Err(failure::block_without_output(&plan, param).into());
            }
            let value = Value::from_outputs(outputs);
            self.bind(*at, Given::Value(value), Try::Converted, false)?;
        }
        Ok(!delayed.is_empty())
    }

    fn bind_passes(&mut self, input: &Value) -> Failed<bool> {
        let first = self.first_tried;
        let mut valid = if first == 0 { self.sets } else { first };
        let mut any = false;
        for round in 0..if first == 0 { 1 } else { 2 } {
            let last = first == 0 || round == 1;
            for (by_value, how) in PASSES {
                if self.bind_pass(input, by_value, how, valid)? {
                    any = true;
                    if last {
                        self.validate_sets(true, true)?;
                        valid = self.sets;
                    }
                }
            }
            if !last {
                if self.sets == first {
                    break;
                }
                valid = self.sets & !first;
            }
        }
        self.validate_sets(false, true)?;
        Ok(any)
    }

    /// One pass: the default set first, the others only if it bound nothing.
    fn bind_pass(&mut self, input: &Value, by_value: bool, how: Try, valid: Sets) -> Failed<bool> {
        let default = self.plan.default;
        let mut others = valid;
        if default != 0 && valid & default != 0 {
            if self.bind_pass_in(input, by_value, how, default)? {
                return Ok(true);
            }
            others = valid & !default;
        }
        self.bind_pass_in(input, by_value, how, others)
    }

    fn bind_pass_in(&mut self, input: &Value, by_value: bool, how: Try, sets: Sets) -> Failed<bool> {
        let plan = self.plan.clone();
        let mut any = false;
        // From the last parameter to the first, as PowerShell goes.
        for at in self.takers.clone().iter().rev().copied() {
            let Some(param) = plan.params.get(at).filter(|p| p.is_in(sets) && !self.is_bound(at)) else { continue };
            let takes = param.roles_in(sets).any(|r| if by_value { r.by_value } else { r.by_property_name });
            if !takes {
                continue;
            }
            let value = if by_value { Some(input.clone()) } else { property(input, param) };
            let Some(value) = value else { continue };
            match self.bind(at, Given::Value(value), how, false) {
                Ok(bound) => any |= bound,
                Err(failure) if self.passes_over(&failure, by_value) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(any)
    }

    /// Whether the passes go on after a failure: a conversion that fails only leaves the parameter unbound, but for a
    /// function's by property name.
    fn passes_over(&self, failure: &Failure, by_value: bool) -> bool {
        match failure.kind {
            Kind::Other => true,
            Kind::Transformation => by_value || self.conversions == Conversions::Native,
            Kind::Validation => false,
        }
    }
}

/// The property that a parameter takes from an object: of its name, or of one of its aliases.
fn property(input: &Value, param: &Param) -> Option<Value> {
    // A hashtable's entries are no properties, as in PowerShell.
    let get = |name: &str| match input {
        Value::Record(record) => record.get(name),
        Value::Null | Value::Map(_) => None,
        // Every value has a count and a length of its own making; as properties only lists and texts have them.
        Value::List(_) => member::get(input, name),
        _ if same_name(name, "Count") => None,
        other if same_name(name, "Length") && other.as_str().is_none() => None,
        other => member::get(other, name),
    };
    get(&param.spec.name).or_else(|| param.spec.aliases.iter().find_map(|alias| get(alias)))
}
