//! What can go wrong while binding: PowerShell's ids, messages that say what to do.

use super::plan::{Param, Plan, Sets};
use crate::cmdlet::spec::ParameterType;
use crate::error::{Category, ErrorRecord, Fix, Span};
use crate::value::{Value, near, same_name, text};

/// Which exception it would be in PowerShell: some passes go on after some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function's type or transformation refused the value.
    Transformation,
    /// Validation refused the value.
    Validation,
    /// Anything else.
    Other,
}

/// Why arguments do not bind.
#[derive(Debug)]
pub struct Failure {
    pub(super) kind: Kind,
    /// The error, with the command's name.
    pub record: ErrorRecord,
    /// The argument that it is about.
    pub span: Option<Span>,
    /// The change of the text that would mend it.
    pub fix: Option<Fix>,
    /// The name that was meant, with its dash, where one is near to a parameter's that is not there.
    pub near: Option<String>,
}

/// The id of the error where nothing but consent is missing.
pub(super) const FORCE_REQUIRED: &str = "ForceRequired";

/// Boxed, so that a result stays small.
pub(super) type Failed<T> = Result<T, Box<Failure>>;

impl Failure {
    fn new(plan: &Plan, kind: Kind, id: &'static str, category: Category, message: String) -> Box<Failure> {
        let record = ErrorRecord::new(id, category, message).of_command(plan.command().to_string());
        Box::new(Failure { kind, record, span: None, fix: None, near: None })
    }

    pub(super) fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Failure> {
        self.record = self.record.hint(hint);
        self
    }

    pub(super) fn at(mut self: Box<Self>, span: Option<Span>) -> Box<Failure> {
        self.span = self.span.or(span);
        self
    }
}

impl From<Box<Failure>> for ErrorRecord {
    fn from(failure: Box<Failure>) -> ErrorRecord {
        failure.record
    }
}

fn argument_error(plan: &Plan, id: &'static str, message: String) -> Box<Failure> {
    Failure::new(plan, Kind::Other, id, Category::InvalidArgument, message)
}

pub(super) fn named_not_found(plan: &Plan, name: &str) -> Box<Failure> {
    let message = format!("{} has no parameter that '{name}' fits.", plan.command());
    let failure = argument_error(plan, "NamedParameterNotFound", message);
    if name == "?" {
        return failure.hint(format!("Get-Help {} tells what it takes.", plan.command()));
    }
    let own = plan.params.iter().filter(|p| !p.common);
    let names = || own.clone().flat_map(|p| std::iter::once(&*p.spec.name).chain(p.spec.aliases.iter().map(|a| &**a)));
    let common = plan.params.iter().filter(|p| p.common).map(|p| &*p.spec.name);
    match near::nearest(name, names().collect::<Vec<_>>()).or_else(|| near::nearest(name, common.collect::<Vec<_>>())) {
        Some(near) => {
            let near = format!("-{near}");
            let mut failure = failure.hint(format!("Did you mean {near}?"));
            failure.near = Some(near);
            failure
        }
        None => {
            let list: Vec<String> = own.clone().map(|p| format!("-{}", p.spec.name)).take(20).collect();
            match list.is_empty() {
                true => failure.hint("It has only common parameters."),
                false => failure.hint(format!("Its parameters: {}.", list.join(", "))),
            }
        }
    }
}

pub(super) fn positional_not_found(plan: &Plan, value: Option<&Value>) -> Box<Failure> {
    let shown = value.map_or_else(|| "…".into(), |v| if v.is_null() { "$null".into() } else { text::to_text(v) });
    let message = format!("{} takes no positional argument that '{shown}' could be.", plan.command());
    let failure = argument_error(plan, "PositionalParameterNotFound", message);
    // The one thing that it has to be told may be meant.
    let mut needed = plan.params.iter().filter(|param| !param.common && param.is_mandatory_somewhere());
    match (needed.next(), needed.next(), value) {
        (Some(param), None, Some(_)) => failure.hint(format!("Name the parameter: -{} {shown}", param.spec.name)),
        _ => failure,
    }
}

pub(super) fn ambiguous_parameter(plan: &Plan, name: &str, found: &[usize]) -> Box<Failure> {
    let names: Vec<String> =
        found.iter().filter_map(|i| plan.params.get(*i)).map(|p| format!("-{}", p.spec.name)).collect();
    let message = format!("'-{name}' is short for several parameters of {}: {}.", plan.command(), names.join(", "));
    argument_error(plan, "AmbiguousParameter", message).hint("Write one more letter of the one that you mean.")
}

pub(super) fn already_bound(plan: &Plan, param: &Param) -> Box<Failure> {
    let message = format!("-{} is given twice.", param.spec.name);
    argument_error(plan, "ParameterAlreadyBound", message).hint("Give several values of a list as one: -Name a,b.")
}

pub(super) fn missing_argument(plan: &Plan, param: &Param) -> Box<Failure> {
    let message = format!("-{} has no value.", param.spec.name);
    argument_error(plan, "MissingArgument", message).hint(format!("It takes a {}.", param.spec.doc_type))
}

pub(super) fn ambiguous_position(plan: &Plan) -> Box<Failure> {
    let message = format!("Several parameters of {} have the same position.", plan.command());
    argument_error(plan, "AmbiguousPositionalParameterNoName", message).hint("Name the parameter.")
}

pub(super) fn ambiguous_set(plan: &Plan, bound: &[usize]) -> Box<Failure> {
    let given: Vec<&Param> =
        bound.iter().filter_map(|i| plan.params.get(*i)).filter(|p| !p.in_all && p.flags != 0).collect();
    let fits = given.iter().fold(Sets::MAX, |sets, p| sets & p.flags);
    if fits == 0 {
        let parts: Vec<String> =
            given.iter().map(|p| format!("-{} ({})", p.spec.name, set_names(plan, p.flags))).collect();
        let message = format!("These parameters of {} do not go together: {}.", plan.command(), parts.join(", "));
        return argument_error(plan, "AmbiguousParameterSet", message).hint("Leave out those of one set.");
    }
    let message = format!("What is given fits several parameter sets of {}.", plan.command());
    let failure = argument_error(plan, "AmbiguousParameterSet", message);
    let mut names: Vec<String> = Vec::new();
    let bits = (0..plan.sets.len()).map(|bit| 1 << bit).filter(|set| fits & set != 0);
    for param in
        bits.filter_map(|set| plan.params.iter().find(|p| p.roles.iter().any(|r| r.flag == set && r.mandatory)))
    {
        let name = format!("-{}", param.spec.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => failure,
        false => failure.hint(format!("One of these decides: {}.", names.join(", "))),
    }
}

fn set_names(plan: &Plan, flags: Sets) -> String {
    let names: Vec<&str> =
        plan.sets.iter().enumerate().filter(|(bit, _)| flags & 1 << bit != 0).map(|(_, name)| &**name).collect();
    names.join(", ")
}

pub(super) fn missing_mandatory(plan: &Plan, missing: &[usize]) -> Box<Failure> {
    let params: Vec<&Param> = missing.iter().filter_map(|i| plan.params.get(*i)).collect();
    if let [only] = *params
        && only.spec.validation.consent
    {
        let message = format!("{} needs -{} here: what it does may lose changes.", plan.command(), only.spec.name);
        return argument_error(plan, FORCE_REQUIRED, message).hint(format!("Add -{}.", only.spec.name));
    }
    let names: Vec<String> = params.iter().map(|p| format!("-{}", p.spec.name)).collect();
    let message = format!("{} needs {}.", plan.command(), names.join(", "));
    let usage = |p: &&Param| match p.is_switch() {
        true => format!("-{}", p.spec.name),
        false => format!("-{} <{}>", p.spec.name, p.spec.doc_type),
    };
    let add: Vec<String> = params.iter().map(usage).collect();
    argument_error(plan, "MissingMandatoryParameter", message).hint(format!("Add {}.", add.join(" ")))
}

pub(super) fn input_not_bound(plan: &Plan) -> Box<Failure> {
    let message = format!("{} can do nothing with this object from the pipeline.", plan.command());
    let failure = argument_error(plan, "InputObjectNotBound", message);
    let takes: Vec<String> = plan
        .params
        .iter()
        .filter(|p| p.takes_pipeline_somewhere())
        .map(|p| match p.roles.iter().any(|r| r.by_value) {
            true => format!("-{} takes a {}", p.spec.name, p.spec.doc_type),
            false => format!("-{} takes a property of that name", p.spec.name),
        })
        .collect();
    match takes.is_empty() {
        true => failure.hint("It takes no pipeline input."),
        false => failure.hint(format!("From the pipeline, {}.", takes.join("; "))),
    }
}

pub(super) fn input_lacks_mandatory(plan: &Plan, missing: &[usize]) -> Box<Failure> {
    let names: Vec<String> =
        missing.iter().filter_map(|i| plan.params.get(*i)).map(|p| format!("-{}", p.spec.name)).collect();
    let message =
        format!("The object from the pipeline leaves {} of {} without a value.", names.join(", "), plan.command());
    argument_error(plan, "InputObjectMissingMandatory", message)
}

/// A conversion that failed: `CannotConvertArgumentNoMessage`, or a function's own id.
pub(super) fn cannot_convert(plan: &Plan, param: &Param, value: &Value, function: bool) -> Box<Failure> {
    let shown = text::to_text(value);
    let message = format!("-{} takes a {}; '{shown}' is none.", param.spec.name, param.spec.doc_type);
    let failure = if function {
        transformation(plan, message)
    } else {
        argument_error(plan, "CannotConvertArgumentNoMessage", message)
    };
    let is_bytes = same_name(&param.spec.name, "Encoding") && same_name(&shown, "Byte");
    match &param.spec.kind {
        ParameterType::Enum { .. } if is_bytes && plan.params.iter().any(|p| &*p.spec.name == "AsByteStream") => {
            failure.hint("Bytes are no encoding of text: -AsByteStream in its place.")
        }
        ParameterType::Enum { values, .. } => suggest(failure, &shown, values),
        _ => failure,
    }
}

/// A list where one value is asked, or a text where a truth value is.
pub(super) fn wrong_shape(plan: &Plan, param: &Param, what: &str, function: bool) -> Box<Failure> {
    let message = format!("-{} takes {what}.", param.spec.name);
    if function { transformation(plan, message) } else { argument_error(plan, "CannotConvertArgument", message) }
}

fn transformation(plan: &Plan, message: String) -> Box<Failure> {
    let id = "ParameterArgumentTransformationError";
    Failure::new(plan, Kind::Transformation, id, Category::InvalidData, message)
}

/// `$null` where the type has none.
pub(super) fn null_for_value_type(plan: &Plan, param: &Param) -> Box<Failure> {
    let message = format!("-{} takes a {}, not $null.", param.spec.name, param.spec.doc_type);
    Failure::new(plan, Kind::Other, "ParameterBindingFailed", Category::WriteError, message)
}

/// `$null` for a `[bool]`.
pub(super) fn null_for_bool(plan: &Plan, param: &Param) -> Box<Failure> {
    let message = format!("-{} takes $true or $false, not $null.", param.spec.name);
    argument_error(plan, "ParameterArgumentValidationErrorNullNotAllowed", message)
}

/// What a mandatory parameter does not take: `what` is `Null`, `EmptyString`, `EmptyArray` or `EmptyCollection`.
pub(super) fn not_allowed(plan: &Plan, param: &Param, id: &'static str, what: &str) -> Box<Failure> {
    let message = format!("-{} of {} cannot be {what}.", param.spec.name, plan.command());
    Failure::new(plan, Kind::Validation, id, Category::InvalidData, message)
}

/// A value that validation refuses.
pub(super) fn refused(plan: &Plan, param: &Param, why: &str) -> Box<Failure> {
    let message = format!("-{}: {why}", param.spec.name);
    Failure::new(plan, Kind::Validation, "ParameterArgumentValidationError", Category::InvalidData, message)
}

/// The pattern that a value is held against is none, or goes astray on it.
pub(super) fn bad_pattern(plan: &Plan, param: &Param, error: &ErrorRecord) -> Box<Failure> {
    let failure = refused(plan, param, error.message());
    error.hints().iter().fold(failure, |failure, hint| failure.hint(hint.clone()))
}

/// Adds the near value of a closed set, or all of them.
pub(super) fn suggest<S: AsRef<str>>(failure: Box<Failure>, shown: &str, values: &[S]) -> Box<Failure> {
    match near::nearest(shown, values.iter().map(AsRef::as_ref).collect::<Vec<&str>>()) {
        Some(near) => failure.hint(format!("Did you mean {near}?")),
        None => {
            let list: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
            failure.hint(format!("Valid values: {}.", list.join(", ")))
        }
    }
}

pub(super) fn block_without_input(plan: &Plan, param: &Param) -> Box<Failure> {
    let message =
        format!("The script block of -{} needs objects from the pipeline, and there are none.", param.spec.name);
    Failure::new(plan, Kind::Other, "ScriptBlockArgumentNoInput", Category::MetadataError, message)
}

pub(super) fn block_failed(plan: &Plan, param: &Param, error: &ErrorRecord) -> Box<Failure> {
    let message = format!("The script block of -{} failed: {}", param.spec.name, error.message());
    argument_error(plan, "ScriptBlockArgumentInvocationFailed", message)
}

pub(super) fn block_without_output(plan: &Plan, param: &Param) -> Box<Failure> {
    let message = format!("The script block of -{} gave no value.", param.spec.name);
    argument_error(plan, "ScriptBlockArgumentNoOutput", message)
}
