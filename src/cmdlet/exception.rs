//! Which exception stands behind an error: what `$_.Exception` is, and which `catch [T]` takes it.

use crate::error::{Category, ErrorRecord};
use crate::value::{Record, Value, exceptions, text};

const AUTOMATION: &str = "System.Management.Automation.";

/// Ids of the binder, whose exceptions have names of their own.
const BINDING: &[&str] = &[
    "NamedParameterNotFound",
    "PositionalParameterNotFound",
    "MissingArgument",
    "MissingMandatoryParameter",
    "AmbiguousParameter",
    "AmbiguousParameterSet",
    "ParameterAlreadyBound",
    "ParameterBindingFailed",
    "InputObjectNotBound",
    "CannotConvertArgument",
    "CannotConvertArgumentNoMessage",
];

/// The error that an object stands for which a script made with `[ErrorRecord]::new(…)`, or that came from elsewhere.
pub fn error_of(object: &Record) -> Option<ErrorRecord> {
    if &*object.kind().name != "System.Management.Automation.ErrorRecord" {
        return None;
    }
    let Some(Value::Record(exception)) = object.get("Exception") else { return None };
    let text_of = |value: Option<Value>| text::to_text(&value.unwrap_or_default()).to_string();
    let category = match object.get("CategoryInfo") {
        Some(Value::Record(info)) => text_of(info.get("Category")),
        _ => String::new(),
    };
    let category = Category::of_name(&category).unwrap_or(Category::NotSpecified);
    let error =
        ErrorRecord::new(text_of(object.get("FullyQualifiedErrorId")), category, text_of(exception.get("Message")));
    Some(error.target(object.get("TargetObject").unwrap_or_default()).exception(Value::Record(exception)))
}

/// The exception's full name, and that of the one inside it.
fn names(error: &ErrorRecord) -> (String, Option<String>) {
    let automation = |name: &str| (format!("{AUTOMATION}{name}"), None);
    let id = error.id();
    if BINDING.contains(&id) {
        return automation("ParameterBindingException");
    }
    match id {
        "Microsoft.PowerShell.Commands.WriteErrorException" => (id.to_string(), None),
        "CommandNotFoundException" => automation("CommandNotFoundException"),
        "PathNotFound" | "ItemNotFound" | "ItemNotFoundException" | "VariableNotFound" => {
            automation("ItemNotFoundException")
        }
        "DriveNotFound" => automation("DriveNotFoundException"),
        "VariableNotWritable" | "VariableNotRemovable" => automation("SessionStateUnauthorizedAccessException"),
        "ParameterArgumentTransformationError" => automation("ParameterBindingArgumentTransformationException"),
        _ if id.starts_with("ParameterArgumentValidationError") => automation("ParameterBindingValidationException"),
        _ if error.thrown_value().is_some() => automation("RuntimeException"),
        "DivideByZero" => (format!("{AUTOMATION}RuntimeException"), Some("System.DivideByZeroException".into())),
        "RuntimeException" if error.message().contains("divide by zero") => {
            (format!("{AUTOMATION}RuntimeException"), Some("System.DivideByZeroException".into()))
        }
        _ if id.starts_with("InvalidCast") || id.starts_with("ConvertToFinal") => {
            (format!("{AUTOMATION}RuntimeException"), Some(format!("{AUTOMATION}PSInvalidCastException")))
        }
        _ if id.contains("UnauthorizedAccess") => ("System.UnauthorizedAccessException".into(), None),
        _ if id.ends_with("IOError") => ("System.IO.IOException".into(), None),
        "System.IndexOutOfRangeException" => (id.to_string(), None),
        // A method of .NET's stopped with it.
        _ if exceptions::is_name(id) && error.command().is_none() && !id.contains('.') && id != "RuntimeException" => {
            (format!("{AUTOMATION}MethodInvocationException"), Some(exceptions::full_name(id)))
        }
        _ if exceptions::is_name(id) && id.contains('.') => (id.to_string(), None),
        _ => automation("RuntimeException"),
    }
}

/// The property of an exception that says what `ErrorDetails` has, where that is more than its message; it is hidden.
pub const DETAILS: &str = " details";

/// The exception as an object.
pub fn of(error: &ErrorRecord) -> Record {
    if let Some(Value::Record(thrown)) = error.thrown_value()
        && exceptions::is_name(&thrown.kind().name)
    {
        return thrown.clone();
    }
    if let Some(Value::Record(own)) = error.exception_value() {
        return own.clone();
    }
    let (name, inner) = names(error);
    let inner = inner.map_or(Value::Null, |inner| exceptions::new(&inner, error.message(), Value::Null).into());
    let made = exceptions::new(&name, error.message(), inner);
    if name.ends_with(".CommandNotFoundException") {
        made.put("CommandName", error.target_object().clone());
    }
    made
}

/// Whether `catch [T]` takes an error: by its exception, by the one inside, or by what they derive from.
pub fn is(error: &ErrorRecord, wanted: &str) -> bool {
    let exception = of(error);
    let own = exceptions::is(&exception.kind().name, wanted);
    let inner = match exception.get("InnerException") {
        Some(Value::Record(inner)) => exceptions::is(&inner.kind().name, wanted),
        _ => false,
    };
    own || inner
}
