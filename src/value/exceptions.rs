//! Exceptions of .NET and of PowerShell: their names, what they derive from, and how a script makes one.

use super::{Record, RecordType, TextForm, Value, near, same_name, text};

/// An exception with the one that it derives from; all derive from System.Exception in the end.
const BASES: &[(&str, &str)] = &[
    ("Microsoft.PowerShell.Commands.WriteErrorException", "System.SystemException"),
    ("Microsoft.PowerShell.Commands.HttpResponseException", "System.Net.Http.HttpRequestException"),
    // In Windows PowerShell it is this one that a failed request throws, and scripts catch it.
    ("System.Net.Http.HttpRequestException", "System.Net.WebException"),
    ("System.Net.WebException", "System.InvalidOperationException"),
    ("System.Net.Sockets.SocketException", "System.ComponentModel.Win32Exception"),
    ("System.ComponentModel.Win32Exception", "System.SystemException"),
    ("System.ObjectDisposedException", "System.InvalidOperationException"),
    ("System.OutOfMemoryException", "System.SystemException"),
    ("System.Collections.Generic.KeyNotFoundException", "System.SystemException"),
    ("System.IO.PathTooLongException", "System.IO.IOException"),
    ("System.IO.EndOfStreamException", "System.IO.IOException"),
    ("System.IO.InvalidDataException", "System.SystemException"),
    ("System.Security.SecurityException", "System.SystemException"),
    ("System.Security.Authentication.AuthenticationException", "System.SystemException"),
    ("System.Security.Cryptography.CryptographicException", "System.SystemException"),
    ("System.Xml.XmlException", "System.SystemException"),
    ("System.UriFormatException", "System.FormatException"),
    ("System.ApplicationException", "System.Exception"),
    ("System.SystemException", "System.Exception"),
    ("System.Threading.Tasks.TaskCanceledException", "System.OperationCanceledException"),
    ("System.OperationCanceledException", "System.SystemException"),
    ("System.ArgumentException", "System.SystemException"),
    ("System.ArgumentNullException", "System.ArgumentException"),
    ("System.ArgumentOutOfRangeException", "System.ArgumentException"),
    ("System.ArithmeticException", "System.SystemException"),
    ("System.DivideByZeroException", "System.ArithmeticException"),
    ("System.FormatException", "System.SystemException"),
    ("System.IO.DirectoryNotFoundException", "System.IO.IOException"),
    ("System.IO.FileNotFoundException", "System.IO.IOException"),
    ("System.IO.IOException", "System.SystemException"),
    ("System.IndexOutOfRangeException", "System.SystemException"),
    ("System.InvalidCastException", "System.SystemException"),
    ("System.InvalidOperationException", "System.SystemException"),
    ("System.NotImplementedException", "System.SystemException"),
    ("System.NotSupportedException", "System.SystemException"),
    ("System.NullReferenceException", "System.SystemException"),
    ("System.OverflowException", "System.ArithmeticException"),
    ("System.TimeoutException", "System.SystemException"),
    ("System.UnauthorizedAccessException", "System.SystemException"),
    ("System.Management.Automation.CommandNotFoundException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.ItemNotFoundException", "System.Management.Automation.SessionStateException"),
    ("System.Management.Automation.DriveNotFoundException", "System.Management.Automation.SessionStateException"),
    ("System.Management.Automation.MethodException", "System.Management.Automation.ExtendedTypeSystemException"),
    ("System.Management.Automation.MethodInvocationException", "System.Management.Automation.MethodException"),
    ("System.Management.Automation.ExtendedTypeSystemException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.ActionPreferenceStopException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.PSArgumentNullException", "System.ArgumentNullException"),
    ("System.Management.Automation.PSArgumentOutOfRangeException", "System.ArgumentOutOfRangeException"),
    ("System.Management.Automation.PSInvalidOperationException", "System.InvalidOperationException"),
    ("System.Management.Automation.PSNotSupportedException", "System.NotSupportedException"),
    ("System.Management.Automation.PSNotImplementedException", "System.NotImplementedException"),
    ("System.Management.Automation.PSSecurityException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.CmdletInvocationException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.ParseException", "System.Management.Automation.RuntimeException"),
    (
        "System.Management.Automation.PropertyNotFoundException",
        "System.Management.Automation.ExtendedTypeSystemException",
    ),
    ("System.Management.Automation.MetadataException", "System.Management.Automation.RuntimeException"),
    ("System.Management.Automation.ValidationMetadataException", "System.Management.Automation.MetadataException"),
    (
        "System.Management.Automation.ArgumentTransformationMetadataException",
        "System.Management.Automation.MetadataException",
    ),
    ("System.Management.Automation.PSArgumentException", "System.ArgumentException"),
    ("System.Management.Automation.PSInvalidCastException", "System.InvalidCastException"),
    ("System.Management.Automation.ParameterBindingException", "System.Management.Automation.RuntimeException"),
    (
        "System.Management.Automation.ParameterBindingValidationException",
        "System.Management.Automation.ParameterBindingException",
    ),
    (
        "System.Management.Automation.ParameterBindingArgumentTransformationException",
        "System.Management.Automation.ParameterBindingException",
    ),
    ("System.Management.Automation.RuntimeException", "System.SystemException"),
    ("System.Management.Automation.SessionStateException", "System.Management.Automation.RuntimeException"),
    (
        "System.Management.Automation.SessionStateUnauthorizedAccessException",
        "System.Management.Automation.SessionStateException",
    ),
];

/// Whether a name can be that of an exception.
pub fn is_name(name: &str) -> bool {
    let short = name.rsplit('.').next().unwrap_or(name);
    short.len() > 8 && same_name(&short[short.len().saturating_sub(9).min(short.len())..], "Exception")
        || same_name(short, "Exception")
}

/// The full name of an exception that is written with or without what stands before it.
pub fn full_name(name: &str) -> String {
    let hit = |full: &str| same_name(full, name) || is_below_system(full, name);
    let is_short = |full: &str| !name.contains('.') && same_name(last(full), name);
    let found = BASES.iter().find(|(full, _)| hit(full)).or_else(|| BASES.iter().find(|(full, _)| is_short(full)));
    if let Some((full, _)) = found {
        return (*full).to_string();
    }
    match name.split_once('.') {
        Some((first, _)) if same_name(first, "System") || same_name(first, "Microsoft") => name.to_string(),
        _ => format!("System.{name}"),
    }
}

/// Whether this is the name of an exception that something here can throw, with or without what stands before it.
pub fn is_known(name: &str) -> bool {
    let short = name.rsplit('.').next().unwrap_or(name);
    let is = |full: &str| same_name(full, name) || (!name.contains('.') && same_name(last(full), short));
    BASES.iter().any(|(full, base)| is(full) || is(base) || is_below_system(full, name))
        || ["System.Exception", "Exception"].iter().any(|all| same_name(all, name))
}

fn last(full: &str) -> &str {
    full.rsplit('.').next().unwrap_or(full)
}

/// `IO.IOException` is one of System's.
fn is_below_system(full: &str, name: &str) -> bool {
    full.strip_prefix("System.").is_some_and(|rest| same_name(rest, name))
}

/// The exception that was probably meant.
pub fn near(name: &str) -> Option<String> {
    let all = || BASES.iter().map(|(full, _)| *full);
    let short = last(name);
    let by_last = all().find(|full| same_name(last(full), short)).map(String::from);
    by_last.or_else(|| near::nearest(short, all().map(last)).map(full_name))
}

/// Whether an exception is of a kind, or of one that derives from it.
pub fn is(full: &str, wanted: &str) -> bool {
    let mut at = full;
    // The list has no circle; the bound is for who adds one.
    for _ in 0..10 {
        let is_short = !wanted.contains('.') && same_name(last(at), wanted);
        if same_name(at, wanted) || is_short || is_below_system(at, wanted) {
            return true;
        }
        match BASES.iter().find(|(name, _)| same_name(name, at)) {
            Some((_, base)) => at = base,
            None => break,
        }
    }
    ["System.Exception", "Exception"].iter().any(|all| same_name(all, wanted))
}

/// An exception with its message, and the one that caused it.
pub fn new(full: &str, message: &str, inner: Value) -> Record {
    let kind = RecordType::new(full, TextForm::Property("Message"));
    Record::new(
        kind,
        [("Message", Value::str(message)), ("InnerException", inner), ("HResult", Value::Int(-2_146_233_088))],
    )
}

/// What `[T]::new(…)`, New-Object and a cast make: of a message, or of a parameter's name.
pub fn create(name: &str, arguments: &[Value]) -> Value {
    let full = full_name(name);
    let given = |at: usize| arguments.get(at).map(text::to_text);
    let inner = arguments.iter().rev().find(|value| matches!(value, Value::Record(_))).cloned().unwrap_or_default();
    let about_parameter = full.ends_with(".ArgumentNullException") || full.ends_with(".ArgumentOutOfRangeException");
    let (parameter, message) = match (about_parameter, given(0), given(1)) {
        (true, first, None) => (first, None),
        (true, first, second) => (first, second),
        (false, first, second) if full.ends_with(".ArgumentException") => (second, first),
        (false, first, _) => (None, first),
    };
    let mut message = message.map_or_else(
        || match &*full {
            "System.ArgumentNullException" => "Value cannot be null.".to_string(),
            "System.ArgumentOutOfRangeException" => {
                "Specified argument was out of the range of valid values.".to_string()
            }
            _ => format!("Exception of type '{full}' was thrown."),
        },
        |message| message.to_string(),
    );
    if let Some(parameter) = &parameter {
        message.push_str(&format!(" (Parameter '{parameter}')"));
    }
    let made = new(&full, &message, inner);
    if let Some(parameter) = parameter {
        made.put("ParamName", Value::Str(parameter));
    }
    Value::Record(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_derive_from_others() {
        for (full, wanted, expected) in [
            ("System.ArgumentNullException", "System.ArgumentException", true),
            ("System.ArgumentNullException", "ArgumentException", true),
            ("System.DivideByZeroException", "System.InvalidCastException", false),
            ("System.MyException", "System.Exception", true),
            (
                "System.Management.Automation.ItemNotFoundException",
                "System.Management.Automation.RuntimeException",
                true,
            ),
        ] {
            assert_eq!(is(full, wanted), expected, "{full} {wanted}");
        }
        assert!(is_name("System.FormatException") && is_name("Exception") && !is_name("String") && !is_name("int"));
        assert_eq!(full_name("formatexception"), "System.FormatException");
    }
}
