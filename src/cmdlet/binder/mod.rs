//! The binder: arguments and objects of the pipeline to parameters, as PowerShell does it. A function of a signature
//! and values; it reads and writes nothing.
//!
//! [`command_line`] binds what the command line gives; [`Binding::object`] then binds one object of the pipeline after
//! the other, each from the state that the command line left. [`fixed`] binds without running.

mod arguments;
mod coerce;
mod failure;
pub mod fixed;
mod line;
mod mandatory;
mod named;
pub mod object;
mod plan;
mod positional;
mod sets;
#[cfg(test)]
mod tests;
mod validate;

pub use failure::Failure;
pub use fixed::{StaticArgument, StaticBound, StaticValue, bind_static, names_only};
pub use named::named;

use super::context::Bound;
use super::pipeline::Argument;
use super::spec::{CmdletSpec, ParameterSpec, ParameterType};
use crate::value::{Block, Str, Value};
use arguments::{Arg, Given};
use failure::Failed;
use plan::{ALL, Param, Plan, Sets};
use std::rc::Rc;
use std::sync::Arc;

/// How values are converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conversions {
    /// As PowerShell's compiled cmdlets do.
    #[default]
    Native,
    /// As its functions do: `$null` becomes "" or 0, a failed conversion has an id of its own.
    Function,
}

/// Asks somebody for the value of a mandatory parameter; `None` where nobody answers.
pub type Ask<'a> = &'a mut dyn FnMut(&ParameterSpec) -> Option<Value>;

/// What binding a command line needs to know besides.
#[derive(Default)]
pub struct Options<'a> {
    /// Objects come from the pipeline.
    pub input_expected: bool,
    /// How values are converted.
    pub conversions: Conversions,
    /// Values for parameters that are not given: `$PSDefaultParameterValues`, by parameter.
    pub defaults: &'a [(Str, Value)],
    /// Asks for mandatory parameters; without it they are an error.
    pub ask: Option<Ask<'a>>,
}

/// How a value is tried: converted or only as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Try {
    AsItIs,
    Converted,
}

/// What the command line bound, and the state from which each object of the pipeline is bound.
pub struct Binding {
    plan: Rc<Plan>,
    conversions: Conversions,
    input_expected: bool,
    /// Indexes of parameters that have no value yet, in order of declaration.
    unbound: Vec<usize>,
    bound: Vec<(usize, Given)>,
    sets: Sets,
    /// The sets that the command line left.
    sets_before: Sets,
    /// The set that the pipeline tries first; 0 if none.
    first_tried: Sets,
    /// Script blocks that make the value of a parameter from each object.
    delayed: Vec<(usize, Block)>,
    /// How many of `bound` the command line gave.
    from_line: usize,
    /// The parameters that are left for objects of the pipeline, in order of declaration.
    takers: Rc<[usize]>,
    /// The set's name in force.
    set_name: Option<Str>,
    /// The value of a positional argument is not known: nothing can be said of sets for sure.
    uncertain: bool,
    public: Bound,
}

/// Binds what the command line gives.
///
/// # Errors
/// PowerShell's, as a [`Failure`] with the argument that it is about.
pub fn command_line(spec: &Arc<CmdletSpec>, arguments: &[Argument], options: Options) -> Result<Binding, Box<Failure>> {
    let plan = Plan::of(spec);
    bind_arguments(plan, arguments::flatten(arguments), options)
}

fn bind_arguments(plan: Rc<Plan>, args: Vec<Arg>, mut options: Options) -> Failed<Binding> {
    let mut binding = Binding::new(plan, options.conversions, options.input_expected);
    let defaults = binding.defaults(options.defaults);
    let args = arguments::pair(&binding.plan, args)?;
    binding.uncertain = args.iter().any(|a| a.name.is_none() && matches!(a.value, Some(Given::Unknown)));
    let left = binding.bind_named(args)?;
    let (left, positional_error) = binding.bind_positional(left)?;
    let defaults_used = binding.apply_defaults(&defaults);
    binding.validate_sets(true, false)?;
    let left = binding.bind_remaining(left)?;
    binding.all_used(left, positional_error)?;

    let mut valid = match options.input_expected {
        false => binding.validate_sets(false, true)?,
        true => binding.validate_sets(true, false)?,
    };
    if valid == 1 && !defaults_used {
        binding.apply_defaults(&defaults);
    }
    if valid > 1 && options.input_expected {
        let narrowed = binding.sets_with_pipeline();
        if narrowed != binding.sets {
            binding.sets = narrowed;
            valid = binding.validate_sets(true, false)?;
        }
    }
    let missing = binding.missing_mandatory(valid, options.input_expected)?;
    if !missing.is_empty() && !binding.uncertain {
        binding.ask_for(&missing, options.ask.as_mut())?;
    }
    if !options.input_expected {
        binding.one_set_selected()?;
    }
    binding.sets_before = binding.sets;
    binding.from_line = binding.bound.len();
    binding.takers = binding.left_for_objects();
    binding.publish(None);
    Ok(binding)
}

impl Binding {
    fn new(plan: Rc<Plan>, conversions: Conversions, input_expected: bool) -> Binding {
        Binding {
            unbound: (0..plan.params.len()).collect(),
            plan,
            conversions,
            input_expected,
            bound: Vec::new(),
            sets: ALL,
            sets_before: ALL,
            first_tried: 0,
            delayed: Vec::new(),
            from_line: 0,
            takers: Rc::new([]),
            set_name: None,
            uncertain: false,
            public: Bound::default(),
        }
    }

    /// What is bound, for the cmdlet.
    pub fn bound(&self) -> &Bound {
        &self.public
    }

    /// Whether objects of the pipeline go whole to one parameter that takes anything, so that none needs binding.
    pub fn takes_input_whole(&self) -> Option<Str> {
        if !self.delayed.is_empty() {
            return None;
        }
        let mut takers = self
            .unbound
            .iter()
            .filter_map(|at| self.plan.params.get(*at))
            .filter(|p| p.takes_pipeline_somewhere() && (p.in_all || p.flags & self.sets != 0));
        let only = takers.next().filter(|_| takers.next().is_none())?;
        // An object decides nothing where the set is settled already.
        let settled = self.plan.sets.is_empty() || (self.sets != ALL && self.sets.count_ones() == 1);
        let others_missing = self
            .unbound
            .iter()
            .filter_map(|at| self.plan.params.get(*at))
            .any(|p| !std::ptr::eq(p, only) && p.roles_in(self.sets).any(|r| r.mandatory));
        (is_free_for_objects(only) && settled && !others_missing).then(|| only.spec.name.clone())
    }

    /// The parameter to which all further objects go whole, now that one was bound: where that object went to nothing
    /// but a parameter which takes anything, every other does the same and decides for the same set.
    pub fn takes_the_rest_whole(&self) -> Option<Str> {
        let [(at, _)] = self.bound.get(self.from_line..)? else { return None };
        let taker = self.plan.params.get(*at).filter(|taker| is_free_for_objects(taker))?;
        (self.delayed.is_empty() && self.takers.len() == 1).then(|| taker.spec.name.clone())
    }

    fn left_for_objects(&self) -> Rc<[usize]> {
        let takes = |at: &&usize| self.plan.params.get(**at).is_some_and(Param::takes_pipeline_somewhere);
        self.unbound.iter().filter(takes).copied().collect()
    }

    /// What the cmdlet sees of an object that goes whole to `parameter`.
    pub fn publish_whole(&mut self, parameter: &Str, input: Value) {
        self.public.set_input_whole(parameter, input);
    }

    /// What the cmdlet sees after the last object: what the command line gave.
    pub fn forget_object(&mut self) {
        self.reset();
        self.publish(None);
    }

    fn param(&self, at: usize) -> Failed<&Param> {
        // Indexes come from the plan itself; an error is better than a panic should that ever change.
        self.plan.params.get(at).ok_or_else(|| failure::positional_not_found(&self.plan, None))
    }

    fn is_bound(&self, at: usize) -> bool {
        self.bound.iter().any(|(bound, _)| *bound == at)
    }

    /// Makes what the cmdlet sees from what is bound.
    fn publish(&mut self, input: Option<&Value>) {
        let values = self.bound.iter().filter_map(|(at, given)| {
            let name = self.plan.params.get(*at)?.spec.name.clone();
            Some((name, given.known().cloned().unwrap_or_default()))
        });
        self.public = Bound::new(self.set_name.clone(), values.collect(), input.cloned());
    }

    /// Binds a value to a parameter. `Ok(false)`: it is not of the type, and was not to be converted.
    fn bind(&mut self, at: usize, given: Given, how: Try, may_delay: bool) -> Failed<bool> {
        let plan = self.plan.clone();
        let Some(param) = plan.params.get(at) else { return Ok(false) };
        if let Some(Value::Block(block)) = given.known()
            && may_delay
            && param.takes_pipeline_in(self.sets)
            && !takes_blocks(&param.spec.kind)
        {
            if !self.input_expected {
                return Err(failure::block_without_input(&plan, param));
            }
            self.delayed.push((at, block.clone()));
            self.narrow(param.flags);
            self.unbound.retain(|u| *u != at);
            return Ok(true);
        }
        let value = match given.known() {
            None => None,
            Some(value) => {
                let fitting = match how {
                    Try::Converted => Some(coerce::convert(&plan, param, value, self.conversions)?),
                    Try::AsItIs => coerce::as_it_is(&param.spec.kind, value),
                };
                let Some(fitting) = fitting else { return Ok(false) };
                validate::check(&plan, param, &fitting)?;
                Some(fitting)
            }
        };
        self.narrow(param.flags);
        self.unbound.retain(|u| *u != at);
        if !self.is_bound(at) {
            self.bound.push((at, value.map_or(Given::Unknown, Given::Value)));
        }
        Ok(true)
    }

    fn narrow(&mut self, flags: Sets) {
        if flags != 0 {
            self.sets &= flags;
        }
    }

    /// The parameters that `$PSDefaultParameterValues` speaks of.
    fn defaults(&self, defaults: &[(Str, Value)]) -> Vec<(usize, Value)> {
        let found = |(name, value): &(Str, Value)| {
            let at = arguments::matching(&self.plan, name).ok()??;
            Some((at, value.clone()))
        };
        defaults.iter().filter_map(found).collect()
    }

    /// Gives parameters their default values; none if those do not go together. Whether one was bound.
    fn apply_defaults(&mut self, defaults: &[(usize, Value)]) -> bool {
        let mut possible = ALL;
        let mut apply = Vec::new();
        for (at, value) in defaults {
            let Some(param) = self.plan.params.get(*at) else { continue };
            if !param.is_in(self.sets) || self.taken().contains(at) {
                continue;
            }
            if param.flags != 0 {
                possible &= param.flags;
                if possible == 0 {
                    return false;
                }
            }
            apply.push((*at, value.clone()));
        }
        // A default that does not fit is passed over, as in PowerShell.
        let mut any = false;
        for (at, value) in apply {
            any |= self.bind(at, Given::Value(value), Try::Converted, true).unwrap_or(false);
        }
        any
    }

    /// Asks for what is missing; a switch is never asked for.
    fn ask_for(&mut self, missing: &[usize], ask: Option<&mut Ask>) -> Failed<()> {
        let plan = self.plan.clone();
        let failed = || failure::missing_mandatory(&plan, missing);
        let Some(ask) = ask else { return Err(failed()) };
        if missing.iter().any(|at| plan.params.get(*at).is_some_and(Param::is_switch)) {
            return Err(failed());
        }
        for at in missing {
            let answer = ask(&self.param(*at)?.spec).ok_or_else(failed)?;
            self.bind(*at, Given::Value(answer), Try::Converted, false)?;
        }
        Ok(())
    }
}

/// Whether a parameter takes objects of the pipeline as they are, whatever they are.
fn is_free_for_objects(param: &Param) -> bool {
    param.roles.iter().all(|r| r.by_value && !r.by_property_name)
        && param.spec.kind == ParameterType::Object
        && !param.is_mandatory_somewhere()
        && param.spec.validation.refuses_nothing()
}

fn takes_blocks(kind: &ParameterType) -> bool {
    match kind {
        ParameterType::Object | ParameterType::ScriptBlock => true,
        ParameterType::Array(element) => takes_blocks(element),
        _ => false,
    }
}
