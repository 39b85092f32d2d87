//! Errors at run time, as PowerShell's: an id, a category, a target, and what to do.

use super::{Call, Calls, Span};
use crate::value::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The category of an error, PowerShell's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are PowerShell's and say what they are")]
pub enum Category {
    NotSpecified,
    OpenError,
    CloseError,
    DeviceError,
    DeadlockDetected,
    InvalidArgument,
    InvalidData,
    InvalidOperation,
    InvalidResult,
    InvalidType,
    MetadataError,
    NotImplemented,
    NotInstalled,
    ObjectNotFound,
    OperationStopped,
    OperationTimeout,
    SyntaxError,
    ParserError,
    PermissionDenied,
    ResourceBusy,
    ResourceExists,
    ResourceUnavailable,
    ReadError,
    WriteError,
    SecurityError,
    ConnectionError,
    LimitsExceeded,
    QuotaExceeded,
}

impl Category {
    /// All of them.
    const ALL: [Category; 28] = [
        Category::NotSpecified,
        Category::OpenError,
        Category::CloseError,
        Category::DeviceError,
        Category::DeadlockDetected,
        Category::InvalidArgument,
        Category::InvalidData,
        Category::InvalidOperation,
        Category::InvalidResult,
        Category::InvalidType,
        Category::MetadataError,
        Category::NotImplemented,
        Category::NotInstalled,
        Category::ObjectNotFound,
        Category::OperationStopped,
        Category::OperationTimeout,
        Category::SyntaxError,
        Category::ParserError,
        Category::PermissionDenied,
        Category::ResourceBusy,
        Category::ResourceExists,
        Category::ResourceUnavailable,
        Category::ReadError,
        Category::WriteError,
        Category::SecurityError,
        Category::ConnectionError,
        Category::LimitsExceeded,
        Category::QuotaExceeded,
    ];

    /// The category of a name.
    pub fn of_name(name: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| format!("{category:?}") == name)
    }
}

/// One error: a stable id, what is wrong, where, and what to do. Boxed, so that a result stays small.
#[derive(Clone)]
pub struct ErrorRecord(Box<Inner>);

#[derive(Clone)]
struct Inner {
    id: Cow<'static, str>,
    /// Second part of the fully qualified id: the cmdlet.
    command: Option<Cow<'static, str>>,
    category: Category,
    message: String,
    target: Value,
    hints: Vec<String>,
    /// Place in the source that the user wrote, with the source itself.
    place: Option<(Arc<Source>, Span)>,
    /// The calls around it, once somebody looked at them.
    calls: Option<Calls>,
    /// What `throw` threw.
    thrown: Option<Value>,
    /// The exception that stands behind it, where its kind does not say.
    exception: Option<Value>,
    /// It ends the script, not only the statement.
    stops: bool,
}

/// A text that the user wrote, with its name for messages: a file's path, `-c`, `line 3`.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl ErrorRecord {
    /// An error by id, category and message.
    pub fn new(id: impl Into<Cow<'static, str>>, category: Category, message: impl Into<String>) -> ErrorRecord {
        ErrorRecord(Box::new(Inner {
            id: id.into(),
            command: None,
            category,
            message: message.into(),
            target: Value::Null,
            hints: Vec::new(),
            place: None,
            calls: None,
            thrown: None,
            exception: None,
            stops: false,
        }))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> ErrorRecord {
        self.0.hints.push(hint.into());
        self
    }

    /// Names the object that it is about.
    #[must_use]
    pub fn target(mut self, target: impl Into<Value>) -> ErrorRecord {
        self.0.target = target.into();
        self
    }

    /// Names the cmdlet that gave it, unless it is named already.
    #[must_use]
    pub fn of_command(mut self, command: impl Into<Cow<'static, str>>) -> ErrorRecord {
        self.0.command.get_or_insert_with(|| command.into());
        self
    }

    /// Leaves its id alone: the error is the script's own, and no cmdlet's name is added to it.
    #[must_use]
    pub fn without_command(mut self) -> ErrorRecord {
        self.0.command = Some("".into());
        self
    }

    /// Says where in the source it arose, unless a closer place is known already.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span) -> ErrorRecord {
        self.0.place.get_or_insert_with(|| (source.clone(), span));
        self
    }

    /// Notes the calls around it, the outermost first, unless they are noted already.
    #[must_use]
    pub fn within(mut self, stack: &[Call]) -> ErrorRecord {
        self.0.calls.get_or_insert_with(|| Calls::of_stack(stack));
        self
    }

    /// Notes a call around it of which only the way out tells.
    #[must_use]
    pub fn out_of(mut self, call: Call) -> ErrorRecord {
        self.0.calls.get_or_insert_default().add(call);
        self
    }

    /// Keeps what `throw` threw.
    #[must_use]
    pub fn thrown(mut self, value: Value) -> ErrorRecord {
        self.0.thrown = Some(value);
        self
    }

    /// Makes it end the whole script where nobody catches it, as -ErrorAction Stop and `throw` do.
    #[must_use]
    pub fn stopping(mut self) -> ErrorRecord {
        self.0.stops = true;
        self
    }

    /// Whether it ends the whole script, not only the statement.
    pub fn stops(&self) -> bool {
        self.0.stops || self.0.thrown.is_some()
    }

    /// The id without the cmdlet.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The cmdlet that gave it.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref().filter(|command| !command.is_empty())
    }

    /// The same for the wire: "" where it shall have none.
    pub(crate) fn command_or_none(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// `ID,Cmdlet`, as PowerShell prints it: of its own cmdlets it names the class.
    pub fn fully_qualified_id(&self) -> String {
        match self.command() {
            Some(command) => format!("{},{}", self.0.id, super::class::of_command(command)),
            None => self.0.id.to_string(),
        }
    }

    /// The category.
    pub fn category(&self) -> Category {
        self.0.category
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The object that it is about.
    pub fn target_object(&self) -> &Value {
        &self.0.target
    }

    /// What to do about it.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Where it arose.
    pub fn place(&self) -> Option<(&Arc<Source>, Span)> {
        self.0.place.as_ref().map(|(source, span)| (source, *span))
    }

    /// The calls around it; none where nobody looked at them.
    pub fn calls(&self) -> Option<&Calls> {
        self.0.calls.as_ref()
    }

    /// Names the exception that stands behind it, an object.
    #[must_use]
    pub fn exception(mut self, exception: impl Into<Value>) -> ErrorRecord {
        self.0.exception = Some(exception.into());
        self
    }

    /// The exception that stands behind it, where one was named.
    pub fn exception_value(&self) -> Option<&Value> {
        self.0.exception.as_ref()
    }

    /// What `throw` threw.
    pub fn thrown_value(&self) -> Option<&Value> {
        self.0.thrown.as_ref()
    }
}

/// The id of what is stopped from outside.
const STOPPED: &str = "PipelineStopped";

/// Looks whether what runs may go on: for code that takes long and knows no session.
///
/// # Errors
/// `PipelineStopped`, in place of which the session puts why.
pub fn go_on() -> Result<(), ErrorRecord> {
    match crate::env::bounds::reason() {
        None => Ok(()),
        Some(_) => Err(ErrorRecord::stopped()),
    }
}

impl ErrorRecord {
    /// What runs is stopped from outside; the session knows why.
    pub fn stopped() -> ErrorRecord {
        ErrorRecord::new(STOPPED, Category::OperationStopped, "What ran was stopped.")
    }

    /// Whether it is nothing but a stop from outside.
    pub fn is_stop(&self) -> bool {
        self.0.id == STOPPED
    }
}

impl fmt::Debug for ErrorRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fully_qualified_id(), self.message())
    }
}

impl fmt::Display for ErrorRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for ErrorRecord {}

/// Why a cmdlet or a pipeline stops before its end.
#[derive(Clone, Debug)]
pub enum Halt {
    /// A terminating error.
    Error(ErrorRecord),
    /// A stage downstream has all it wants (`Select-Object -First 1`): unwind to the stage of this id.
    Downstream(u64),
    /// Ctrl-C.
    Interrupted,
    /// `exit N`.
    Exit(i32),
    /// `break`, `continue` or `return` on its way out of script blocks.
    Leave(Leave),
}

/// What leaves script blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// `break`: ends the loop around the pipeline.
    Break,
    /// `continue`: ends the round of that loop.
    Continue,
    /// `return`: ends the block, function or script.
    Return,
}

impl From<ErrorRecord> for Halt {
    fn from(error: ErrorRecord) -> Halt {
        Halt::Error(error)
    }
}
