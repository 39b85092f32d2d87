//! Errors between Rhai and the shell: each keeps its id, its place and what it stands for.

use super::shared::Shared;
use crate::error::{Call, Category, ErrorRecord, Halt, Leave};
use crate::value::Value;
use rhai::{Dynamic, EvalAltResult, Position};

/// More objects were collected than an array may have elements.
pub(super) fn too_many() -> ErrorRecord {
    let message = "More objects come than an array may hold.";
    ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message)
        .hint("Let them flow through a pipeline one by one, instead of collecting them.")
}

/// An error of the shell in Rhai's hands.
#[derive(Clone, Debug)]
pub(super) struct Thrown(pub ErrorRecord);

/// `break`, `continue` or `return` on its way out of script blocks: what guards statements lets it pass.
#[derive(Clone, Debug)]
pub(super) struct Leaving(pub Leave);

/// What an error of Rhai leaves, if it is none.
pub(super) fn leaves(error: &EvalAltResult) -> Option<Leave> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => leaves(inner),
        EvalAltResult::ErrorRuntime(value, _) => value.read_lock::<Leaving>().map(|leaving| leaving.0),
        _ => None,
    }
}

/// Hands on what leaves script blocks, which is no error.
///
/// # Errors
/// Itself.
pub(super) fn let_pass(caught: &Dynamic, position: Position) -> Result<(), Box<EvalAltResult>> {
    match caught.is::<Leaving>() {
        true => Err(EvalAltResult::ErrorRuntime(caught.flatten_clone(), position).into()),
        false => Ok(()),
    }
}

/// A stop that no script may catch.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// An interrupt, an exit, a stop from downstream.
    Halt(Halt),
    /// A limit was reached.
    Limit(ErrorRecord),
}

impl Shared {
    /// A stop of a native function as Rhai's error.
    pub fn raise(&self, halt: Halt, position: Position) -> Box<EvalAltResult> {
        match self.session.true_halt(halt) {
            Halt::Error(error) => {
                let error = match self.place(position) {
                    Some((source, span)) if error.place().is_none() => error.at(&source, span),
                    _ => error,
                };
                let error = self.session.with_calls(error);
                EvalAltResult::ErrorRuntime(Dynamic::from(Thrown(error)), position).into()
            }
            Halt::Leave(leave) => EvalAltResult::ErrorRuntime(Dynamic::from(Leaving(leave)), position).into(),
            other => EvalAltResult::ErrorTerminated(Dynamic::from(Stop::Halt(other)), position).into(),
        }
    }

    /// Rhai's error as a stop of the shell.
    pub fn halt(&self, error: Box<EvalAltResult>) -> Halt {
        let mut error = error;
        // Calls of Rhai's functions, the outermost first. How many there may be the limit of nesting says.
        let mut calls = Vec::new();
        let rank = 2 * self.session.call_depth() + 1;
        loop {
            match *error {
                EvalAltResult::ErrorInFunctionCall(function, _, inner, position) => {
                    // Closures have no names.
                    if !function.contains('$') {
                        calls.push(Call { function, place: self.place(position), rank });
                    }
                    error = inner;
                }
                EvalAltResult::ErrorInModule(_, inner, _) => error = inner,
                EvalAltResult::ErrorTerminated(token, _) => {
                    return match token.try_cast::<Stop>() {
                        Some(Stop::Halt(halt)) => halt,
                        Some(Stop::Limit(record)) => Halt::Error(record),
                        None => Halt::Interrupted,
                    };
                }
                EvalAltResult::ErrorRuntime(value, position) => {
                    if let Some(leaving) = value.read_lock::<Leaving>() {
                        return Halt::Leave(leaving.0);
                    }
                    let error = self.placed(self.thrown(&value), position);
                    return Halt::Error(calls.into_iter().rev().fold(error, ErrorRecord::out_of));
                }
                other => {
                    let position = other.position();
                    let error = self.placed(self.of_rhai(&other), position);
                    return Halt::Error(calls.into_iter().rev().fold(error, ErrorRecord::out_of));
                }
            }
        }
    }

    fn placed(&self, error: ErrorRecord, position: Position) -> ErrorRecord {
        let error = match self.place(position) {
            Some((source, span)) if error.place().is_none() => error.at(&source, span),
            _ => error,
        };
        self.session.with_calls(error)
    }

    /// The error that stands for something thrown.
    pub fn thrown(&self, value: &Dynamic) -> ErrorRecord {
        if let Some(thrown) = value.read_lock::<Thrown>() {
            return thrown.0.clone();
        }
        if let Some(map) = value.read_lock::<rhai::Map>()
            && let (Some(kind), Some(message)) = (map.get("error"), map.get("message"))
        {
            // What Rhai gives a `catch` of its own errors.
            let name = kind.to_string();
            let error = ErrorRecord::new(id_of_variant(&name), Category::InvalidOperation, message.to_string());
            let number = |key: &str| map.get(key).and_then(|n| n.as_int().ok()).and_then(|n| u16::try_from(n).ok());
            return match (number("line"), number("position")) {
                (Some(line @ 1..), Some(column)) => self.placed(error, Position::new(line, column)),
                _ => error,
            };
        }
        self.thrown_value(super::convert::to_value(value))
    }

    /// The error that `throw` makes of a value.
    pub fn thrown_value(&self, value: Value) -> ErrorRecord {
        if let Some(error) = self.error_of(&value) {
            return error;
        }
        let text = match &value {
            Value::Record(record) if record.kind().name.ends_with("Exception") => {
                crate::value::text::to_text(&record.get("Message").unwrap_or_default())
            }
            other => crate::value::text::to_text(other),
        };
        let id = if value.is_null() || text.is_empty() { "ScriptHalted".to_string() } else { text.to_string() };
        let message = if text.is_empty() { "ScriptHalted".to_string() } else { text.to_string() };
        let record = ErrorRecord::new(id, Category::OperationStopped, message).target(value.clone());
        record.thrown(value)
    }

    /// An error of Rhai itself, by a stable id.
    fn of_rhai(&self, error: &EvalAltResult) -> ErrorRecord {
        use EvalAltResult as E;
        let message = {
            let mut bare = error.to_string();
            if let Some(at) = bare.rfind(" (line ") {
                bare.truncate(at);
            }
            bare
        };
        match error {
            E::ErrorVariableNotFound(name, _) => {
                let message = format!("There is no variable '{name}' here.");
                let error =
                    ErrorRecord::new("VariableNotFound", Category::ObjectNotFound, message).target(name.as_str());
                match crate::cmdlet::elsewhere::instead(name) {
                    Some(instead) => error.hint(format!("{instead}.")),
                    None => error.hint("Nor is there a command of this name; Get-Command lists those that there are."),
                }
            }
            E::ErrorFunctionNotFound(signature, _) => self.no_function(signature),
            E::ErrorArithmetic(..) => {
                let id = if message.contains("zero") || message.contains("Zero") {
                    "DivideByZero"
                } else {
                    "ArithmeticError"
                };
                ErrorRecord::new(id, Category::InvalidOperation, message)
            }
            E::ErrorStackOverflow(_) => too_deep(),
            E::ErrorDataTooLarge(what, _) => {
                let message = if what.to_ascii_lowercase().contains("string") {
                    let most = crate::env::bounds::LONGEST_TEXT >> 20;
                    format!("A string, or all strings of one array together, may not be larger than {most} MB.")
                } else {
                    format!("{what} is too large to hold.")
                };
                ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message)
                    .hint("Write what comes to a file, or let it flow through a pipeline, in place of keeping it.")
            }
            E::ErrorTooManyOperations(_) => operations(),
            E::ErrorModuleNotFound(name, _) => {
                let message = format!("There is no module '{name}' beside the script.");
                ErrorRecord::new("ModuleNotFound", Category::ObjectNotFound, message).target(name.as_str())
            }
            E::ErrorDotExpr(..) if message.contains("for type 'range") => {
                let message = "A range of Rhai has no such property.";
                ErrorRecord::new("PropertyNotFound", Category::InvalidOperation, message)
                    .hint("In @(…) it is PowerShell's list of numbers, the last one among them: @(1..5).Count is 5.")
            }
            E::ErrorParsing(parse, _) => ErrorRecord::new("RhaiSyntax", Category::ParserError, parse.to_string()),
            other => ErrorRecord::new(id_of_rhai(other), Category::InvalidOperation, message),
        }
    }

    fn no_function(&self, signature: &str) -> ErrorRecord {
        let name = signature.split(['(', ' ']).next().unwrap_or(signature);
        let message = format!("There is no function '{signature}'.");
        let error = ErrorRecord::new("FunctionNotFound", Category::ObjectNotFound, message).target(name);
        match crate::language::lower::unspelled(name).and_then(|command| self.session.registry.near(&command)) {
            Some(near) => error.hint(format!("Did you mean {}?", near.replacen('-', "_", 1))),
            None => error,
        }
    }
}

/// The error of a defect of the shell itself.
pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> ErrorRecord {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("The shell itself made a mistake: {}.", text.unwrap_or("it does not say which"));
    ErrorRecord::new("InternalError", Category::NotSpecified, message)
        .hint("What ran was stopped there; the session goes on. Report it with the lines above and what you ran.")
}

/// The error of calls that go too deep.
pub(super) fn too_deep() -> ErrorRecord {
    let message = "Calls are nested too deep: is there a function that calls itself without end?";
    ErrorRecord::new("CallDepthOverflow", Category::LimitsExceeded, message)
}

/// The error of a run that takes too many operations.
pub(super) fn operations() -> ErrorRecord {
    let message = "The script was stopped: it ran for more operations than it may.";
    ErrorRecord::new("OperationLimitExceeded", Category::LimitsExceeded, message)
}

fn id_of_rhai(error: &EvalAltResult) -> &'static str {
    use EvalAltResult as E;
    match error {
        E::ErrorMismatchDataType(..) | E::ErrorMismatchOutputType(..) => "TypeMismatch",
        E::ErrorArrayBounds(..) | E::ErrorStringBounds(..) | E::ErrorBitFieldBounds(..) => "IndexOutOfRange",
        E::ErrorIndexingType(..) | E::ErrorIndexNotFound(..) => "CannotIndex",
        E::ErrorPropertyNotFound(..) => "PropertyNotFound",
        E::ErrorFor(_) => "NotIterable",
        E::ErrorAssignmentToConstant(..) | E::ErrorNonPureMethodCallOnConstant(..) => "VariableNotWritable",
        E::ErrorVariableExists(..) => "VariableAlreadyExists",
        E::ErrorUnboundThis(_) => "UnboundThis",
        _ => "RhaiError",
    }
}

/// The same by the name that Rhai gives to a `catch`.
fn id_of_variant(name: &str) -> &'static str {
    match name {
        "ErrorVariableNotFound" => "VariableNotFound",
        "ErrorFunctionNotFound" => "FunctionNotFound",
        "ErrorArithmetic" => "ArithmeticError",
        "ErrorMismatchDataType" | "ErrorMismatchOutputType" => "TypeMismatch",
        "ErrorArrayBounds" | "ErrorStringBounds" | "ErrorBitFieldBounds" => "IndexOutOfRange",
        "ErrorIndexingType" | "ErrorIndexNotFound" => "CannotIndex",
        "ErrorPropertyNotFound" => "PropertyNotFound",
        "ErrorFor" => "NotIterable",
        "ErrorAssignmentToConstant" | "ErrorNonPureMethodCallOnConstant" => "VariableNotWritable",
        "ErrorModuleNotFound" => "ModuleNotFound",
        _ => "RhaiError",
    }
}
