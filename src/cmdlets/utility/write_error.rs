//! Write-Error: a non-terminating error of one's own.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice};
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Value, member, same_name, text};

/// The categories, by their numbers.
const CATEGORIES: [(&str, Category); 28] = [
    ("NotSpecified", Category::NotSpecified),
    ("OpenError", Category::OpenError),
    ("CloseError", Category::CloseError),
    ("DeviceError", Category::DeviceError),
    ("DeadlockDetected", Category::DeadlockDetected),
    ("InvalidArgument", Category::InvalidArgument),
    ("InvalidData", Category::InvalidData),
    ("InvalidOperation", Category::InvalidOperation),
    ("InvalidResult", Category::InvalidResult),
    ("InvalidType", Category::InvalidType),
    ("MetadataError", Category::MetadataError),
    ("NotImplemented", Category::NotImplemented),
    ("NotInstalled", Category::NotInstalled),
    ("ObjectNotFound", Category::ObjectNotFound),
    ("OperationStopped", Category::OperationStopped),
    ("OperationTimeout", Category::OperationTimeout),
    ("SyntaxError", Category::SyntaxError),
    ("ParserError", Category::ParserError),
    ("PermissionDenied", Category::PermissionDenied),
    ("ResourceBusy", Category::ResourceBusy),
    ("ResourceExists", Category::ResourceExists),
    ("ResourceUnavailable", Category::ResourceUnavailable),
    ("ReadError", Category::ReadError),
    ("WriteError", Category::WriteError),
    ("SecurityError", Category::SecurityError),
    ("ConnectionError", Category::ConnectionError),
    ("LimitsExceeded", Category::LimitsExceeded),
    ("QuotaExceeded", Category::QuotaExceeded),
];

/// The id of an error that names none.
const DEFAULT_ID: &str = "Microsoft.PowerShell.Commands.WriteErrorException";

/// Write-Error.
#[derive(Default)]
pub struct WriteError;

impl ObjectCmdlet for WriteError {
    const NAME: &'static str = "Write-Error";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "An error with an id and a category, which here nobody is shown",
        run: "Write-Error \"No such replica\" -ErrorId Replica.Missing -Category ObjectNotFound -ErrorAction SilentlyContinue",
    }];

    fn spec() -> CmdletSpec {
        let texts = ["NoException", "WithException"];
        let names: Vec<&str> = CATEGORIES.iter().map(|(name, _)| *name).collect();
        Signature::new(Self::NAME)
            .sets(&["NoException", "WithException", "ErrorRecord"])
            .parameter("Exception", ParameterType::Object)
            .mandatory()
            .only(&["WithException"])
            .parameter("Message", ParameterType::String)
            .aliases(&["Msg"])
            .mandatory()
            .at(0)
            .by_value()
            .allow_null()
            .only(&["NoException"])
            .also("WithException")
            .parameter("ErrorRecord", ParameterType::Object)
            .mandatory()
            .only(&["ErrorRecord"])
            .parameter("Category", choice("ErrorCategory", &names))
            .only(&texts)
            .parameter("ErrorId", ParameterType::String)
            .only(&texts)
            .parameter("TargetObject", ParameterType::Object)
            .only(&texts)
            .parameter("RecommendedAction", ParameterType::String)
            .parameter("CategoryActivity", ParameterType::String)
            .aliases(&["Activity"])
            .parameter("CategoryReason", ParameterType::String)
            .aliases(&["Reason"])
            .parameter("CategoryTargetName", ParameterType::String)
            .aliases(&["TargetName"])
            .parameter("CategoryTargetType", ParameterType::String)
            .aliases(&["TargetType"])
            .build()
    }
}

impl Run for WriteError {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let error = match bound.get("ErrorRecord") {
            Some(record) => given(record),
            None => made(bound),
        };
        let error = match string(bound, "RecommendedAction") {
            Some(action) => error.hint(action.to_string()),
            None => error,
        };
        // In a function the error is the function's.
        let own = cx.blocks.variable("MyInvocation").and_then(|invocation| member::get(&invocation, "MyCommand"));
        let function = match own {
            Some(Value::Record(command)) if command.kind().name.ends_with(".FunctionInfo") => command.get("Name"),
            _ => None,
        };
        cx.error(match function {
            Some(name) if bound.get("ErrorRecord").is_none() => error.of_command(text::to_text(&name).to_string()),
            _ => error.without_command(),
        })
    }
}

/// The error that -ErrorRecord hands over.
fn given(record: &Value) -> ErrorRecord {
    let part = |name: &str| member::get(record, name).map(|value| text::to_text(&value).to_string());
    let category = member::get(record, "CategoryInfo").and_then(|info| member::get(&info, "Category"));
    let category = text::to_text(&category.unwrap_or_default());
    let category = CATEGORIES.iter().find(|(name, _)| same_name(name, &category)).map(|(_, category)| *category);
    let message = member::get(record, "Exception").and_then(|exception| member::get(&exception, "Message"));
    let message = text::to_text(message.as_ref().unwrap_or(record)).to_string();
    let id = part("FullyQualifiedErrorId").unwrap_or_else(|| DEFAULT_ID.into());
    let error = ErrorRecord::new(id, category.unwrap_or(Category::NotSpecified), message);
    match member::get(record, "TargetObject") {
        Some(target) => error.target(target),
        None => error,
    }
}

fn made(bound: &Bound) -> ErrorRecord {
    let category = string(bound, "Category").unwrap_or_default();
    let category =
        CATEGORIES.iter().find(|(name, _)| same_name(name, &category)).map_or(Category::NotSpecified, |(_, it)| *it);
    let id = string(bound, "ErrorId").filter(|id| !id.is_empty());
    let message = string(bound, "Message").or_else(|| {
        bound.get("Exception").map(|exception| {
            let message = crate::value::member::get(exception, "Message");
            crate::value::text::to_text(message.as_ref().unwrap_or(exception))
        })
    });
    let exception = match bound.get("Exception") {
        Some(Value::Record(exception)) => Some(exception),
        _ => None,
    };
    let default = exception.map_or(DEFAULT_ID, |exception| &*exception.kind().name);
    let error = ErrorRecord::new(
        id.map_or_else(|| default.to_string(), |id| id.to_string()),
        category,
        message.unwrap_or_default().to_string(),
    );

    match bound.get("TargetObject") {
        Some(target) => error.target(target.clone()),
        None => error,
    }
}
