//! `[System.Management.Automation.ErrorRecord]::new(exception, id, category, target)`.

use super::super::{Record, RecordType, TextForm, Value, exceptions, text, types};

/// The type.
pub const ERROR_RECORD: &str = "System.Management.Automation.ErrorRecord";

const CATEGORY: &str = "System.Management.Automation.ErrorCategory";

/// The error that a script makes; `None` if these are no arguments of one. Its id is that of no command yet: the
/// command that writes or throws it adds itself.
pub(super) fn create(arguments: &[Value]) -> Option<Value> {
    let [exception, id, category, target] = arguments else { return None };
    let exception = match exception {
        Value::Record(record) if exceptions::is_name(&record.kind().name) => record.clone(),
        // What stands for an exception is its message.
        Value::Str(message) => exceptions::new("System.Exception", message, Value::Null),
        _ => return None,
    };
    let category = types::enum_value(CATEGORY, &text::to_text(category))?;
    let short = |name: &str| name.rsplit('.').next().unwrap_or_default().to_string();
    let (category, reason) = (text::to_text(&category), short(&exception.kind().name));
    let target_type = if target.is_null() { String::new() } else { short(&types::name_of(target)) };
    let said = format!("{category}: ({}:{target_type}) [], {reason}", text::to_text(target));
    let info = [
        ("Category", Value::Str(category)),
        ("Activity", Value::str("")),
        ("Reason", reason.into()),
        ("TargetName", Value::Str(text::to_text(target))),
        ("TargetType", target_type.into()),
        (" text", said.into()),
    ];
    let info_kind = RecordType::new("System.Management.Automation.ErrorCategoryInfo", TextForm::Property(" text"));
    let fields = [
        ("Exception", Value::Record(exception)),
        ("TargetObject", target.clone()),
        ("CategoryInfo", Value::Record(Record::new(info_kind, info))),
        ("FullyQualifiedErrorId", Value::Str(text::to_text(id))),
        ("ErrorDetails", Value::Null),
        ("InvocationInfo", Value::Null),
        ("ScriptStackTrace", Value::Null),
    ];
    Some(Value::Record(Record::new(RecordType::new(ERROR_RECORD, TextForm::Property("Exception")), fields)))
}
