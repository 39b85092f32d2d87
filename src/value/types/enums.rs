//! Enumerations of .NET that scripts name.

use super::super::{Record, RecordType, TextForm, Value, same_name};
use super::find;

/// One enumeration.
pub(super) struct Enumeration {
    /// Full name.
    pub(super) name: &'static str,
    /// The names of its values.
    values: &'static [&'static str],
    /// Their numbers, if they do not count from 0.
    numbers: Option<&'static [i64]>,
}

/// All of them.
pub(super) const ENUMS: &[Enumeration] = &[
    Enumeration {
        name: "System.DayOfWeek",
        values: &["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        numbers: None,
    },
    Enumeration {
        name: "System.StringSplitOptions",
        values: &["None", "RemoveEmptyEntries", "TrimEntries"],
        numbers: None,
    },
    Enumeration {
        name: "System.MidpointRounding",
        values: &["ToEven", "AwayFromZero", "ToZero", "ToNegativeInfinity", "ToPositiveInfinity"],
        numbers: None,
    },
    Enumeration {
        name: "System.StringComparison",
        values: &[
            "CurrentCulture",
            "CurrentCultureIgnoreCase",
            "InvariantCulture",
            "InvariantCultureIgnoreCase",
            "Ordinal",
            "OrdinalIgnoreCase",
        ],
        numbers: None,
    },
    Enumeration { name: "System.DateTimeKind", values: &["Unspecified", "Utc", "Local"], numbers: None },
    Enumeration {
        name: "System.ConsoleColor",
        values: &[
            "Black",
            "DarkBlue",
            "DarkGreen",
            "DarkCyan",
            "DarkRed",
            "DarkMagenta",
            "DarkYellow",
            "Gray",
            "DarkGray",
            "Blue",
            "Green",
            "Cyan",
            "Red",
            "Magenta",
            "Yellow",
            "White",
        ],
        numbers: None,
    },
    Enumeration {
        name: "System.Text.RegularExpressions.RegexOptions",
        values: &["None", "IgnoreCase", "Multiline", "ExplicitCapture", "Singleline", "IgnorePatternWhitespace"],
        numbers: Some(&[0, 1, 2, 4, 16, 32]),
    },
    Enumeration {
        name: "System.Globalization.DateTimeStyles",
        values: &[
            "None",
            "AllowLeadingWhite",
            "AllowTrailingWhite",
            "AllowInnerWhite",
            "AllowWhiteSpaces",
            "NoCurrentDateDefault",
            "AdjustToUniversal",
            "AssumeLocal",
            "AssumeUniversal",
            "RoundtripKind",
        ],
        numbers: Some(&[0, 1, 2, 4, 7, 8, 16, 32, 64, 128]),
    },
    Enumeration {
        name: "System.Management.Automation.ValidateRangeKind",
        values: &["Positive", "NonNegative", "Negative", "NonPositive"],
        numbers: None,
    },
    Enumeration {
        name: "System.Management.Automation.ActionPreference",
        values: &["SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend", "Break"],
        numbers: None,
    },
    Enumeration {
        name: "System.Management.Automation.ConfirmImpact",
        values: &["None", "Low", "Medium", "High"],
        numbers: None,
    },
    Enumeration {
        name: "System.Management.Automation.ErrorCategory",
        values: &[
            "NotSpecified",
            "OpenError",
            "CloseError",
            "DeviceError",
            "DeadlockDetected",
            "InvalidArgument",
            "InvalidData",
            "InvalidOperation",
            "InvalidResult",
            "InvalidType",
            "MetadataError",
            "NotImplemented",
            "NotInstalled",
            "ObjectNotFound",
            "OperationStopped",
            "OperationTimeout",
            "SyntaxError",
            "ParserError",
            "PermissionDenied",
            "ResourceBusy",
            "ResourceExists",
            "ResourceUnavailable",
            "ReadError",
            "WriteError",
            "FromStdErr",
            "SecurityError",
            "ProtocolError",
            "ConnectionError",
            "AuthenticationError",
            "LimitsExceeded",
            "QuotaExceeded",
            "NotEnabled",
        ],
        numbers: None,
    },
];

/// The values of an enumeration by its name.
pub fn enum_names(name: &str) -> Option<&'static [&'static str]> {
    let full = find(name)?.full;
    ENUMS.iter().find(|e| e.name == &*full).map(|e| e.values)
}

/// A value of an enumeration, by its name in any case, an unambiguous prefix of it, or its number.
pub fn enum_value(name: &str, text: &str) -> Option<Value> {
    let found = find(name)?;
    let number = enum_by_name(&found.full, text)?;
    let Enumeration { name: full, values: names, numbers } = ENUMS.iter().find(|e| e.name == &*found.full)?;
    let at = match numbers {
        Some(numbers) => numbers.iter().position(|n| *n == number),
        None => usize::try_from(number).ok().filter(|at| *at < names.len()),
    };
    let label = at.and_then(|at| names.get(at)).map_or_else(|| number.to_string(), |name| (*name).to_string());
    let kind = RecordType::new(full, TextForm::Scalar("Name"));
    let fields: [(&str, Value); 2] = [("Name", label.into()), ("value__", number.into())];
    Some(Value::Record(Record::new(kind, fields)))
}

/// The number of an enumeration's value by its name, a prefix, or the number itself; several joined by commas.
pub fn enum_by_name(full: &str, text: &str) -> Option<i64> {
    let Enumeration { values: names, numbers, .. } = ENUMS.iter().find(|e| same_name(e.name, full))?;
    let number_at = |at: usize| numbers.and_then(|n| n.get(at).copied()).or_else(|| i64::try_from(at).ok());
    let mut sum = 0;
    for part in text.split(',') {
        let part = part.trim();
        let exact = names.iter().position(|name| same_name(name, part));
        let begins = |name: &str| name.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part));
        let number = match exact {
            Some(at) => number_at(at)?,
            None => match part.parse::<i64>() {
                Ok(number) => number,
                Err(_) if !part.is_empty() && names.iter().filter(|name| begins(name)).count() == 1 => {
                    number_at(names.iter().position(|name| begins(name))?)?
                }
                Err(_) => return None,
            },
        };
        sum |= number;
    }
    Some(sum)
}

/// The number of a record that is an enumeration's value.
pub fn enum_number(record: &Record) -> Option<i64> {
    if !record.kind().is_scalar() {
        return None;
    }
    match record.get("value__") {
        Some(Value::Int(number)) => Some(number),
        _ => None,
    }
}

/// Whether a name is that of an enumeration.
pub fn is_enum(name: &str) -> bool {
    enum_names(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations() {
        assert_eq!(enum_by_name("System.DayOfWeek", "mon"), Some(1));
        assert_eq!(enum_by_name("System.DayOfWeek", "s"), None);
        assert_eq!(&*enum_value("DayOfWeek", "5").unwrap().to_string(), "Friday");
        assert!(enum_value("DayOfWeek", "x").is_none());
    }
}
