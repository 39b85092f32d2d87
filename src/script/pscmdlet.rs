//! `$PSCmdlet`: what the body of a function or script asks of its own invocation.

use super::blocks::Runner;
use super::shared::Shared;
use super::signature::ARGS;
use crate::cmdlet::context::{Context, Invoked};
use crate::error::Halt;
use crate::error::render::line_and_column;
use crate::value::{Record, RecordType, Table, TextForm, Value, same_name, text, truth};
use rhai::NativeCallContext;
use std::path::Path;
use std::rc::Rc;

const KIND: &str = "System.Management.Automation.PSScriptCmdlet";

/// `$PSCmdlet`.
pub(super) fn object(invoked: &Invoked) -> Value {
    let set = invoked.set().map_or(Value::str("__AllParameterSets"), Value::Str);
    let fields = [("ParameterSetName", set), ("MyInvocation", invocation(invoked))];
    Value::Record(Record::new(RecordType::new(KIND, TextForm::TypeName), fields))
}

/// `$MyInvocation`.
pub(super) fn invocation(invoked: &Invoked) -> Value {
    let kind = |name: &str, text| RecordType::new(&format!("System.Management.Automation.{name}"), text);
    let name = || Value::str(invoked.command());
    let command = Record::new(
        kind("FunctionInfo", TextForm::Property("Name")),
        [("Name", name()), ("CommandType", Value::str("Function"))],
    );
    let given = invoked.given().into_iter().filter(|(name, _)| &**name != ARGS);
    let given = Table::from_entries(true, given.map(|(name, value)| (Value::Str(name), value)));
    let (mut line, mut number, mut column, mut file) = (String::new(), 0, 0, String::new());
    if let Some((source, span)) = invoked.place() {
        let at = line_and_column(&source.text, span.start as usize);
        line = source.text.lines().nth(at.0.saturating_sub(1)).unwrap_or_default().to_string();
        (number, column, file) = (at.0, at.1, source.name.clone());
    }
    let count = |number: usize| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let fields = [
        ("MyCommand", Value::Record(command)),
        ("BoundParameters", Value::Map(given)),
        ("ScriptLineNumber", count(number)),
        ("OffsetInLine", count(column)),
        ("ScriptName", Value::from(file)),
        ("Line", Value::from(line)),
        ("InvocationName", name()),
    ];
    Value::Record(Record::new(kind("InvocationInfo", TextForm::TypeName), fields))
}

/// `$MyInvocation` of a script, which is a file.
pub(super) fn invocation_of_file(file: &Path) -> Value {
    let kind = |name: &str, text| RecordType::new(&format!("System.Management.Automation.{name}"), text);
    let path = || Value::from(file.display().to_string());
    let name = file.file_name().map(|name| Value::from(name.to_string_lossy().into_owned())).unwrap_or_default();
    let command = [("Name", name), ("Path", path()), ("Definition", path()), ("Source", path())];
    let command = Record::new(kind("ExternalScriptInfo", TextForm::Property("Name")), command);
    let fields = [("MyCommand", Value::Record(command)), ("InvocationName", path()), ("ScriptName", Value::str(""))];
    Value::Record(Record::new(kind("InvocationInfo", TextForm::TypeName), fields))
}

/// Calls a method of `$PSCmdlet`; `None` if the target is something else.
pub(super) fn call(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    target: &Value,
    method: &str,
    arguments: &[Value],
) -> Option<Result<Value, Halt>> {
    match target {
        Value::Record(record) if &*record.kind().name == KIND => {}
        _ => return None,
    }
    let invoked = shared.invoked()?;
    let runner = Runner { cx, shared };
    let mut sink = |value| shared.emit(value);
    let act = |context: &mut Context| act(shared, &invoked, context, method, arguments);
    invoked.with(&shared.session, &runner, &mut sink, act)
}

fn act(
    shared: &Shared,
    invoked: &Invoked,
    context: &mut Context,
    method: &str,
    arguments: &[Value],
) -> Option<Result<Value, Halt>> {
    let is = |name: &str| same_name(method, name);
    let word = |at: usize| arguments.get(at).map(|a| text::to_text(a).to_string()).unwrap_or_default();
    let error = || {
        let given = arguments.first().cloned().unwrap_or_default();
        shared.error_of(&given).unwrap_or_else(|| shared.thrown_value(given))
    };
    let done = |()| Value::Null;
    Some(if is("ShouldProcess") && arguments.len() > 2 {
        context.should_process_in_words(invoked.impact(), &word(0), &word(1), &word(2)).map(Value::Bool)
    } else if is("ShouldProcess") {
        let action = if arguments.len() > 1 { word(1) } else { invoked.command().to_string() };
        context.should_process_at(invoked.impact(), &word(0), &action).map(Value::Bool)
    } else if is("ShouldContinue") {
        context.should_continue(&word(1), &word(0)).map(Value::Bool)
    } else if is("ThrowTerminatingError") {
        Err(Halt::Error(error().of_command(invoked.command().to_string())))
    } else if is("WriteError") {
        context.error(error()).map(done)
    } else if is("WriteWarning") {
        context.warning(word(0));
        Ok(Value::Null)
    } else if is("WriteVerbose") {
        context.verbose(word(0));
        Ok(Value::Null)
    } else if is("WriteDebug") {
        context.debug(word(0));
        Ok(Value::Null)
    } else if is("WriteObject") {
        let value = arguments.first().cloned().unwrap_or_default();
        if arguments.get(1).is_some_and(truth::is_true) {
            crate::value::enumerate(value).into_iter().try_for_each(|value| context.output(value)).map(done)
        } else {
            context.output(value).map(done)
        }
    } else {
        return None;
    })
}
