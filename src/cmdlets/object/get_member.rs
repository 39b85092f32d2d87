//! Get-Member: the properties and methods of objects, once for each type.

use super::signature::{Signature, choice, many};
use super::static_members;
use super::{input, texts};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::types::name_of as type_name;
use crate::value::wildcard::Wildcard;
use crate::value::{DateTimeKind, Record, RecordType, Str, TextForm, Value, member, same_name, text};
use std::sync::Arc;

/// The type of custom objects.
const CUSTOM: &str = "System.Management.Automation.PSCustomObject";

/// Get-Member.
#[derive(Default)]
pub struct GetMember {
    /// Types that were shown, with the number of their properties: custom objects of different make are different.
    seen: Vec<(Str, Vec<Str>)>,
    patterns: Vec<Wildcard>,
    kinds: Vec<Str>,
    any: bool,
}

impl ObjectCmdlet for GetMember {
    const NAME: &'static str = "Get-Member";
    const ALIASES: &'static [&'static str] = &["gm"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "What a pool has", run: "Get-CsPool | Get-Member" },
        Example { what: "What the type of an object offers by itself", run: "Get-Date | Get-Member -Static" },
        Example { what: "Only its properties", run: "Get-CsPool | Get-Member -MemberType Property" },
    ];

    fn spec() -> CmdletSpec {
        let kinds =
            ["All", "Method", "NoteProperty", "Properties", "Property", "Methods", "ScriptProperty", "AliasProperty"];
        Signature::new(Self::NAME)
            .input()
            .parameter("Name", many(ParameterType::String))
            .at(0)
            .parameter("MemberType", many(choice("PSMemberTypes", &kinds)))
            .aliases(&["Type"])
            .switch("Static")
            .switch("Force")
            .build()
    }
}

/// A type as PowerShell abbreviates it in definitions.
fn short_type(value: &Value) -> Str {
    if value.is_null() {
        return "object".into();
    }
    let full = type_name(value);
    match &*full {
        CUSTOM => full,
        "System.Object[]" => "Object[]".into(),
        "System.Boolean" => "bool".into(),
        "System.Int32" => "int".into(),
        "System.Int64" => "long".into(),
        "System.Double" => "double".into(),
        "System.Decimal" => "decimal".into(),
        "System.String" => "string".into(),
        "System.DateTime" => "datetime".into(),
        "System.TimeSpan" => "timespan".into(),
        "System.Version" => "version".into(),
        "System.Guid" => "guid".into(),
        "System.Collections.Hashtable" => "hashtable".into(),
        "System.Collections.Specialized.OrderedDictionary" => "ordered".into(),
        "System.Management.Automation.ScriptBlock" => "scriptblock".into(),
        _ => full,
    }
}

/// The methods that every object has.
const OBJECT: &[(&str, &str)] = &[
    ("Equals", "bool Equals(System.Object obj)"),
    ("GetHashCode", "int GetHashCode()"),
    ("GetType", "type GetType()"),
    ("ToString", "string ToString()"),
];

const STRING: &[(&str, &str)] = &[
    ("Contains", "bool Contains(string value)"),
    ("EndsWith", "bool EndsWith(string value)"),
    ("IndexOf", "int IndexOf(string value)"),
    ("Insert", "string Insert(int startIndex, string value)"),
    ("LastIndexOf", "int LastIndexOf(string value)"),
    ("PadLeft", "string PadLeft(int totalWidth)"),
    ("PadRight", "string PadRight(int totalWidth)"),
    ("Remove", "string Remove(int startIndex, int count)"),
    ("Replace", "string Replace(string oldValue, string newValue)"),
    ("Split", "string[] Split(string separator)"),
    ("StartsWith", "bool StartsWith(string value)"),
    ("Substring", "string Substring(int startIndex, int length)"),
    ("ToLower", "string ToLower()"),
    ("ToUpper", "string ToUpper()"),
    ("Trim", "string Trim()"),
    ("TrimEnd", "string TrimEnd()"),
    ("TrimStart", "string TrimStart()"),
];

const DATE: &[(&str, &str)] = &[
    ("AddDays", "datetime AddDays(double value)"),
    ("AddHours", "datetime AddHours(double value)"),
    ("AddMilliseconds", "datetime AddMilliseconds(double value)"),
    ("AddMinutes", "datetime AddMinutes(double value)"),
    ("AddMonths", "datetime AddMonths(int months)"),
    ("AddSeconds", "datetime AddSeconds(double value)"),
    ("AddYears", "datetime AddYears(int value)"),
    ("ToLocalTime", "datetime ToLocalTime()"),
    ("ToUniversalTime", "datetime ToUniversalTime()"),
];

const TABLE: &[(&str, &str)] = &[
    ("Add", "void Add(System.Object key, System.Object value)"),
    ("Clear", "void Clear()"),
    ("Contains", "bool Contains(System.Object key)"),
    ("ContainsKey", "bool ContainsKey(System.Object key)"),
    ("GetEnumerator", "System.Collections.IDictionaryEnumerator GetEnumerator()"),
    ("Remove", "void Remove(System.Object key)"),
];

/// Properties of values that are no records, with an example of what they hold.
fn properties(value: &Value) -> Vec<(&'static str, &'static str)> {
    match value {
        Value::Str(_) => vec![("Length", "int Length {get;}")],
        Value::DateTime(_) => vec![
            ("Date", "datetime Date {get;}"),
            ("Day", "int Day {get;}"),
            ("DayOfWeek", "System.DayOfWeek DayOfWeek {get;}"),
            ("DayOfYear", "int DayOfYear {get;}"),
            ("Hour", "int Hour {get;}"),
            ("Kind", "System.DateTimeKind Kind {get;}"),
            ("Millisecond", "int Millisecond {get;}"),
            ("Minute", "int Minute {get;}"),
            ("Month", "int Month {get;}"),
            ("Second", "int Second {get;}"),
            ("Ticks", "long Ticks {get;}"),
            ("TimeOfDay", "timespan TimeOfDay {get;}"),
            ("Year", "int Year {get;}"),
        ],
        Value::Duration(_) => vec![
            ("Days", "int Days {get;}"),
            ("Hours", "int Hours {get;}"),
            ("Milliseconds", "int Milliseconds {get;}"),
            ("Minutes", "int Minutes {get;}"),
            ("Seconds", "int Seconds {get;}"),
            ("Ticks", "long Ticks {get;}"),
            ("TotalDays", "double TotalDays {get;}"),
            ("TotalHours", "double TotalHours {get;}"),
            ("TotalMilliseconds", "double TotalMilliseconds {get;}"),
            ("TotalMinutes", "double TotalMinutes {get;}"),
            ("TotalSeconds", "double TotalSeconds {get;}"),
        ],
        Value::Version(_) => vec![
            ("Build", "int Build {get;}"),
            ("Major", "int Major {get;}"),
            ("Minor", "int Minor {get;}"),
            ("Revision", "int Revision {get;}"),
        ],
        Value::Map(_) => vec![
            ("Count", "int Count {get;}"),
            ("Keys", "System.Collections.ICollection Keys {get;}"),
            ("Values", "System.Collections.ICollection Values {get;}"),
        ],
        _ => Vec::new(),
    }
}

/// Whether a record's properties were put on it one by one, so that PowerShell calls them notes.
fn has_notes(record: &Record) -> bool {
    record.kind().text == TextForm::Custom
}

/// Name, kind and definition of every member, as PowerShell orders them.
fn members(value: &Value) -> Vec<(Str, &'static str, Str)> {
    let more: &[(&str, &str)] = match value {
        Value::Str(_) => STRING,
        Value::DateTime(date) => match date.kind {
            DateTimeKind::Utc | DateTimeKind::Local | DateTimeKind::Unspecified => DATE,
        },
        Value::Map(_) => TABLE,
        _ => &[],
    };
    let mut found: Vec<(Str, &'static str, Str)> =
        OBJECT.iter().chain(more).map(|(name, text)| (Str::from(*name), "Method", Str::from(*text))).collect();
    if let Value::Record(record) = value {
        let notes = has_notes(record);
        for (name, value) in record.fields().into_iter().filter(|(name, _)| !name.starts_with(' ')) {
            let definition = if notes {
                let shown = if value.is_null() { "null".into() } else { text::to_text(&value) };
                format!("{} {name}={shown}", short_type(&value))
            } else {
                format!("{} {name} {{get;set;}}", short_type(&value))
            };
            found.push((name, if notes { "NoteProperty" } else { "Property" }, definition.into()));
        }
    } else {
        found.extend(properties(value).into_iter().map(|(name, text)| (Str::from(name), "Property", Str::from(text))));
    }
    found.sort_by(|a, b| (a.1, a.0.to_lowercase()).cmp(&(b.1, b.0.to_lowercase())));
    found
}

impl GetMember {
    fn wants(&self, name: &str, kind: &str) -> bool {
        let named = self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(name));
        let of_kind = self.kinds.is_empty()
            || self.kinds.iter().any(|wanted| {
                same_name(wanted, "All")
                    || same_name(wanted, kind)
                    || (same_name(wanted, "Properties") && kind.ends_with("Property"))
                    || (same_name(wanted, "Methods") && kind == "Method")
            });
        named && of_kind
    }
}

impl Run for GetMember {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let patterns: Result<Vec<Wildcard>, ErrorRecord> =
            texts(bound.get("Name")).iter().map(|name| Wildcard::new(name)).collect();
        self.patterns = patterns?;
        self.kinds = texts(bound.get("MemberType"));
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound).filter(|item| !item.is_null()) else { return Ok(()) };
        self.any = true;
        let of_type = bound.switch("Static");
        // A type is asked for its own, any other object for those of its type.
        let name = match item {
            Value::Record(record) if of_type && &*record.kind().name == "System.RuntimeType" => text::to_text(item),
            _ => type_name(item),
        };
        let shape = match item {
            Value::Record(record) if has_notes(record) => member::names(item),
            _ => Vec::new(),
        };
        if self.seen.iter().any(|(known, make)| *known == name && *make == shape) {
            return Ok(());
        }
        let kind = RecordType::new("Microsoft.PowerShell.Commands.MemberDefinition", TextForm::Property("Definition"));
        let names: Arc<[Str]> = ["TypeName", "Name", "MemberType", "Definition"].map(Str::from).into();
        let members = if of_type { static_members::of_type(&name) } else { members(item) };
        for (member, of_kind, definition) in members {
            if self.wants(&member, of_kind) {
                let values =
                    vec![Value::Str(name.clone()), Value::Str(member), Value::str(of_kind), Value::Str(definition)];
                cx.output(Record::from_parts(kind.clone(), names.clone(), values))?;
            }
        }
        self.seen.push((name, shape));
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if self.any {
            return Ok(());
        }
        let error =
            ErrorRecord::new("NoObjectInGetMember", Category::CloseError, "There is no object whose members to show.");
        cx.error(error.hint("Pipe one: Get-CsPool | Get-Member."))
    }
}
