//! Which static members there are: what a script names can be checked before it runs.

use super::super::convert::{self, Target};
use super::super::{exceptions, types};

/// Static members of a type.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Properties and constants, as .NET writes them.
    pub properties: Vec<&'static str>,
    /// Methods.
    pub methods: Vec<&'static str>,
}

/// Types with their static properties, and their static methods.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    (
        "System.Math",
        &["PI", "E", "Tau"],
        &[
            "Max", "Min", "Clamp", "Abs", "Sign", "Round", "Floor", "Ceiling", "Truncate", "Pow", "Sqrt", "Cbrt",
            "Exp", "Log", "Log10", "Log2", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Atan2", "DivRem",
        ],
    ),
    (
        "System.String",
        &["Empty"],
        &["IsNullOrEmpty", "IsNullOrWhiteSpace", "Join", "Concat", "Format", "Compare", "CompareOrdinal"],
    ),
    (
        "System.Char",
        &[],
        &[
            "IsDigit",
            "IsNumber",
            "IsLetter",
            "IsLetterOrDigit",
            "IsUpper",
            "IsLower",
            "IsWhiteSpace",
            "IsPunctuation",
            "IsControl",
            "ToUpper",
            "ToUpperInvariant",
            "ToLower",
            "ToLowerInvariant",
            "ToString",
            "GetNumericValue",
            "ConvertFromUtf32",
        ],
    ),
    (
        "System.Text.RegularExpressions.Regex",
        &[],
        &["Escape", "Unescape", "IsMatch", "Match", "Matches", "Split", "Replace"],
    ),
    (
        "System.DateTime",
        &["Now", "UtcNow", "Today", "MinValue", "MaxValue", "UnixEpoch"],
        &[
            "DaysInMonth",
            "IsLeapYear",
            "Parse",
            "ParseExact",
            "TryParse",
            "TryParseExact",
            "SpecifyKind",
            "Compare",
            "FromFileTime",
            "FromFileTimeUtc",
        ],
    ),
    (
        "System.DateTimeOffset",
        &["Now", "UtcNow", "UnixEpoch"],
        &["Parse", "TryParse", "FromUnixTimeSeconds", "FromUnixTimeMilliseconds"],
    ),
    (
        "System.TimeSpan",
        &[
            "Zero",
            "MinValue",
            "MaxValue",
            "TicksPerDay",
            "TicksPerHour",
            "TicksPerMinute",
            "TicksPerSecond",
            "TicksPerMillisecond",
        ],
        &[
            "FromDays",
            "FromHours",
            "FromMinutes",
            "FromSeconds",
            "FromMilliseconds",
            "FromTicks",
            "Parse",
            "TryParse",
            "Compare",
        ],
    ),
    (
        "System.Convert",
        &[],
        &[
            "ToInt16",
            "ToInt32",
            "ToInt64",
            "ToUInt16",
            "ToUInt32",
            "ToUInt64",
            "ToByte",
            "ToSByte",
            "ToBoolean",
            "ToDouble",
            "ToSingle",
            "ToDecimal",
            "ToDateTime",
            "ToChar",
            "ToString",
            "ToBase64String",
            "FromBase64String",
            "ToHexString",
        ],
    ),
    ("System.Guid", &["Empty"], &["NewGuid", "Parse", "TryParse"]),
    ("System.Version", &[], &["Parse", "TryParse"]),
    ("System.Net.IPAddress", &[], &["Parse", "TryParse"]),
    ("System.Boolean", &["TrueString", "FalseString"], &["Parse", "TryParse"]),
    (
        "System.Double",
        &["MaxValue", "MinValue", "NaN", "PositiveInfinity", "NegativeInfinity", "Epsilon"],
        &["IsNaN", "IsInfinity", "Parse", "TryParse"],
    ),
    ("System.Single", &["MaxValue", "MinValue"], &["Parse", "TryParse"]),
    (
        "System.Decimal",
        &["MaxValue", "MinValue", "Zero", "One", "MinusOne"],
        &["Round", "Floor", "Ceiling", "Truncate", "Parse", "TryParse"],
    ),
    (
        "System.Environment",
        &[
            "NewLine",
            "MachineName",
            "UserName",
            "UserDomainName",
            "CurrentDirectory",
            "ProcessorCount",
            "OSVersion",
            "Version",
            "TickCount",
            "TickCount64",
            "Is64BitOperatingSystem",
            "Is64BitProcess",
            "UserInteractive",
        ],
        &["GetEnvironmentVariable", "GetFolderPath", "ExpandEnvironmentVariables"],
    ),
    (
        "System.IO.Path",
        &["DirectorySeparatorChar", "AltDirectorySeparatorChar", "PathSeparator", "VolumeSeparatorChar"],
        &[
            "GetExtension",
            "GetFileName",
            "GetFileNameWithoutExtension",
            "GetDirectoryName",
            "ChangeExtension",
            "Combine",
            "Join",
            "GetFullPath",
            "GetPathRoot",
            "HasExtension",
            "IsPathRooted",
            "IsPathFullyQualified",
            "GetTempPath",
            "GetTempFileName",
            "GetRandomFileName",
            "GetInvalidFileNameChars",
            "GetInvalidPathChars",
        ],
    ),
    (
        "System.IO.File",
        &[],
        &[
            "Exists",
            "ReadAllText",
            "ReadAllLines",
            "ReadLines",
            "ReadAllBytes",
            "WriteAllText",
            "WriteAllLines",
            "WriteAllBytes",
            "AppendAllText",
            "AppendAllLines",
            "Delete",
        ],
    ),
    ("System.IO.Directory", &[], &["Exists", "GetCurrentDirectory"]),
    ("System.Array", &[], &["IndexOf", "LastIndexOf", "Sort", "Reverse", "Empty"]),
    ("System.Enum", &[], &["GetNames", "GetValues", "Parse", "IsDefined"]),
    ("System.Diagnostics.Stopwatch", &[], &["StartNew"]),
    ("System.BitConverter", &[], &["ToString"]),
    ("System.Text.Encoding", &["UTF8", "ASCII", "Unicode", "Default", "UTF32", "Latin1"], &["GetEncoding"]),
    ("System.Uri", &[], &["EscapeDataString", "UnescapeDataString", "EscapeUriString", "IsWellFormedUriString"]),
    ("System.Net.WebUtility", &[], &["HtmlEncode", "HtmlDecode", "UrlEncode", "UrlDecode"]),
    ("System.Web.HttpUtility", &[], &["HtmlEncode", "HtmlAttributeEncode", "HtmlDecode", "UrlEncode", "UrlDecode"]),
    (
        "System.Globalization.CultureInfo",
        &["InvariantCulture", "CurrentCulture", "CurrentUICulture"],
        &["GetCultureInfo", "CreateSpecificCulture"],
    ),
    (
        "System.StringComparer",
        &[
            "Ordinal",
            "OrdinalIgnoreCase",
            "InvariantCulture",
            "InvariantCultureIgnoreCase",
            "CurrentCulture",
            "CurrentCultureIgnoreCase",
        ],
        &[],
    ),
    ("System.Console", &["OutputEncoding", "InputEncoding"], &["WriteLine", "Write"]),
    ("System.Collections.Hashtable", &[], &["Synchronized"]),
    ("System.Collections.ArrayList", &[], &["Synchronized"]),
    ("System.Management.Automation.PSCredential", &[], &[]),
];

/// The static members of a type; `None` if there is no type of the name. `new` is not among them.
pub fn members(type_name: &str) -> Option<Members> {
    let full = types::find(type_name)?.full;
    if let Some(values) = types::enum_names(&full) {
        return Some(Members { properties: values.to_vec(), methods: Vec::new() });
    }
    if exceptions::is_name(&full) {
        return Some(Members::default());
    }
    if let Some((_, properties, methods)) = TABLE.iter().find(|(name, ..)| *name == &*full) {
        return Some(Members { properties: properties.to_vec(), methods: methods.to_vec() });
    }
    Some(match convert::target(&full) {
        Some(Target::Int { .. }) => {
            Members { properties: vec!["MinValue", "MaxValue"], methods: vec!["Parse", "TryParse"] }
        }
        _ => Members::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::Value;
    use super::*;

    /// Rule: what the table says is there.
    #[test]
    fn every_member_of_the_table_is_there() {
        for (full, properties, methods) in TABLE {
            assert_eq!(types::find(full).map(|found| found.full).as_deref(), Some(*full));
            for property in *properties {
                assert!(!super::super::get(full, property).unwrap().is_null(), "[{full}]::{property}");
            }
            // Those that change a variable, or write, are the shell's.
            let own = ["TryParse", "TryParseExact", "WriteLine", "Write"];
            for method in methods.iter().filter(|method| !own.contains(method)) {
                let folder = tempfile::tempdir().unwrap();
                let path = Value::from(folder.path().join("x").display().to_string());
                let tries = [
                    vec![],
                    vec![Value::from("1")],
                    vec![path.clone()],
                    vec![path, Value::list(vec![1.into()])],
                    vec![Value::Int(1), Value::Int(1)],
                    vec![Value::from("DayOfWeek"), Value::from("Monday")],
                    vec![Value::list(vec![1.into()]), Value::Int(1)],
                    vec![Value::from("1"), Value::from("1"), Value::from("1")],
                ];
                let there = tries.iter().any(|arguments| {
                    !matches!(super::super::call(full, method, arguments), Err(e) if e.id() == "MethodNotFound")
                });
                assert!(there, "[{full}]::{method}()");
            }
        }
    }
}
