//! What Get-Member -Static shows: the static members of the types that scripts name.

use crate::value::{Str, types};

/// A type with its static members, as PowerShell writes them but for `static`.
const STATICS: &[(&str, &[&str])] = &[
    (
        "System.DateTime",
        &[
            "datetime MaxValue",
            "datetime MinValue",
            "datetime Now",
            "datetime Today",
            "datetime UnixEpoch",
            "datetime UtcNow",
            "int Compare(datetime t1, datetime t2)",
            "int DaysInMonth(int year, int month)",
            "datetime FromFileTime(long fileTime)",
            "bool IsLeapYear(int year)",
            "datetime Parse(string s)",
            "datetime ParseExact(string s, string format, System.IFormatProvider provider)",
            "datetime SpecifyKind(datetime value, System.DateTimeKind kind)",
        ],
    ),
    (
        "System.TimeSpan",
        &[
            "timespan MaxValue",
            "timespan MinValue",
            "timespan Zero",
            "long TicksPerDay",
            "long TicksPerHour",
            "long TicksPerMillisecond",
            "long TicksPerMinute",
            "long TicksPerSecond",
            "int Compare(timespan t1, timespan t2)",
            "timespan FromDays(double value)",
            "timespan FromHours(double value)",
            "timespan FromMilliseconds(double value)",
            "timespan FromMinutes(double value)",
            "timespan FromSeconds(double value)",
            "timespan FromTicks(long value)",
            "timespan Parse(string s)",
        ],
    ),
    (
        "System.String",
        &[
            "string Empty",
            "int Compare(string strA, string strB)",
            "int CompareOrdinal(string strA, string strB)",
            "string Concat(string str0, string str1)",
            "string Format(string format, System.Object arg0)",
            "bool IsNullOrEmpty(string value)",
            "bool IsNullOrWhiteSpace(string value)",
            "string Join(string separator, System.Object values)",
        ],
    ),
    (
        "System.Char",
        &[
            "bool IsControl(char c)",
            "bool IsDigit(char c)",
            "bool IsLetter(char c)",
            "bool IsLetterOrDigit(char c)",
            "bool IsLower(char c)",
            "bool IsPunctuation(char c)",
            "bool IsUpper(char c)",
            "bool IsWhiteSpace(char c)",
            "char ToLower(char c)",
            "string ToString(char c)",
            "char ToUpper(char c)",
        ],
    ),
    (
        "System.Math",
        &[
            "double E",
            "double PI",
            "double Tau",
            "double Abs(double value)",
            "double Atan(double d)",
            "double Cbrt(double d)",
            "double Ceiling(double a)",
            "double Clamp(double value, double min, double max)",
            "double Cos(double d)",
            "long DivRem(long a, long b)",
            "double Exp(double d)",
            "double Floor(double d)",
            "double Log(double d)",
            "double Log10(double d)",
            "double Log2(double x)",
            "double Max(double val1, double val2)",
            "double Min(double val1, double val2)",
            "double Pow(double x, double y)",
            "double Round(double value, int digits)",
            "int Sign(double value)",
            "double Sin(double a)",
            "double Sqrt(double d)",
            "double Tan(double a)",
            "double Truncate(double d)",
        ],
    ),
    ("System.Guid", &["guid Empty", "guid NewGuid()", "guid Parse(string input)"]),
    (
        "System.Convert",
        &[
            "byte[] FromBase64String(string s)",
            "string ToBase64String(byte[] inArray)",
            "bool ToBoolean(System.Object value)",
            "char ToChar(System.Object value)",
            "datetime ToDateTime(System.Object value)",
            "decimal ToDecimal(System.Object value)",
            "double ToDouble(System.Object value)",
            "string ToString(System.Object value)",
        ],
    ),
    (
        "System.IO.Path",
        &[
            "char DirectorySeparatorChar",
            "string ChangeExtension(string path, string extension)",
            "string Combine(string path1, string path2)",
            "string GetDirectoryName(string path)",
            "string GetExtension(string path)",
            "string GetFileName(string path)",
            "string GetFileNameWithoutExtension(string path)",
            "string GetFullPath(string path)",
            "string GetRandomFileName()",
            "string GetTempPath()",
            "bool HasExtension(string path)",
            "bool IsPathRooted(string path)",
        ],
    ),
    ("System.IO.File", &["bool Exists(string path)"]),
    ("System.IO.Directory", &["bool Exists(string path)"]),
    (
        "System.Environment",
        &[
            "string CurrentDirectory",
            "string MachineName",
            "string NewLine",
            "int ProcessorCount",
            "string UserName",
            "string GetEnvironmentVariable(string variable)",
        ],
    ),
    (
        "System.Text.RegularExpressions.Regex",
        &[
            "string Escape(string str)",
            "bool IsMatch(string input, string pattern)",
            "System.Text.RegularExpressions.Match Match(string input, string pattern)",
            "System.Text.RegularExpressions.MatchCollection Matches(string input, string pattern)",
            "string Replace(string input, string pattern, string replacement)",
            "string[] Split(string input, string pattern)",
            "string Unescape(string str)",
        ],
    ),
];

/// Name, kind and definition of every static member of a type, by its full name; of an enumeration its values.
pub(super) fn of_type(full: &str) -> Vec<(Str, &'static str, Str)> {
    if let Some(values) = types::enum_names(full) {
        let one = |name: &&str| ((*name).into(), "Property", format!("static {full} {name} {{get;}}").into());
        return values.iter().map(one).collect();
    }
    let known = STATICS.iter().find(|(name, _)| *name == full).map_or(&[][..], |(_, members)| members);
    known.iter().map(|member| of_definition(member)).collect()
}

fn of_definition(text: &str) -> (Str, &'static str, Str) {
    let before = text.split_once('(').map_or(text, |(before, _)| before);
    let name = before.rsplit(' ').next().unwrap_or(before);
    match text.contains('(') {
        true => (name.into(), "Method", format!("static {text}").into()),
        false => (name.into(), "Property", format!("static {text} {{get;}}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Value, statics};

    /// What is shown is there.
    #[test]
    fn static_members_are_there() {
        for (kind, members) in STATICS {
            for (name, of_kind, definition) in members.iter().map(|member| of_definition(member)) {
                if of_kind == "Property" {
                    assert!(!statics::get(kind, &name).unwrap().is_null(), "{definition}");
                    continue;
                }
                let (_, inside) = definition.split_once('(').unwrap();
                let count = if inside == ")" { 0 } else { inside.split(',').count() };
                if let Err(error) = statics::call(kind, &name, &vec![Value::Int(1); count]) {
                    assert_ne!(error.id(), "MethodNotFound", "{definition}");
                }
            }
        }
        assert_eq!(of_type("System.DayOfWeek").len(), 7);
    }
}
