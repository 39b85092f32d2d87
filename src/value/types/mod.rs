//! .NET's types by name: what `[int]`, `-is` and `GetType()` speak of, and the enumerations that scripts name.

mod enums;

pub use enums::{enum_by_name, enum_names, enum_number, enum_value, is_enum};

use super::{Record, RecordType, Str, TextForm, Value, list_object, same_name};
use enums::ENUMS;

/// A type that has a name here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// `Int32`.
    pub short: Str,
    /// `System.Int32`.
    pub full: Str,
}

/// Full names with the short ones that PowerShell has for them.
const TYPES: &[(&str, &[&str])] = &[
    ("System.Object", &["object"]),
    ("System.String", &["string"]),
    ("System.Char", &["char"]),
    ("System.Boolean", &["bool"]),
    ("System.Byte", &["byte"]),
    ("System.SByte", &["sbyte"]),
    ("System.Int16", &["int16", "short"]),
    ("System.Int32", &["int", "int32"]),
    ("System.Int64", &["long", "int64"]),
    ("System.UInt16", &["uint16", "ushort"]),
    ("System.UInt32", &["uint32", "uint"]),
    ("System.UInt64", &["uint64", "ulong"]),
    ("System.Double", &["double"]),
    ("System.Single", &["single", "float"]),
    ("System.Decimal", &["decimal"]),
    ("System.DateTime", &["datetime"]),
    ("System.DateTimeOffset", &["datetimeoffset"]),
    ("System.TimeSpan", &["timespan"]),
    ("System.Version", &["version"]),
    ("System.Guid", &["guid"]),
    ("System.Uri", &["uri"]),
    ("System.Net.IPAddress", &["ipaddress"]),
    ("System.Array", &["array"]),
    ("System.Collections.Hashtable", &["hashtable", "System.Collections.Generic.Dictionary"]),
    ("System.Collections.Specialized.OrderedDictionary", &["ordered"]),
    ("System.Collections.ArrayList", &[]),
    ("System.Collections.Generic.List", &[]),
    ("System.Collections.Generic.HashSet", &[]),
    ("System.Collections.Queue", &["System.Collections.Generic.Queue"]),
    ("System.Collections.Stack", &["System.Collections.Generic.Stack"]),
    ("System.Collections.DictionaryEntry", &[]),
    ("System.Collections.IEnumerable", &["System.Collections.Generic.IEnumerable"]),
    ("System.Collections.IDictionary", &["System.Collections.Generic.IDictionary"]),
    ("System.Collections.ICollection", &["System.Collections.Generic.ICollection"]),
    ("System.Collections.IList", &["System.Collections.Generic.IList"]),
    ("System.ValueType", &[]),
    ("System.IComparable", &[]),
    ("System.Management.Automation.PSCustomObject", &[]),
    ("System.Management.Automation.PSObject", &["psobject", "pscustomobject"]),
    ("System.Management.Automation.PSNoteProperty", &["psnoteproperty"]),
    ("System.Management.Automation.ScriptBlock", &["scriptblock"]),
    ("System.Management.Automation.SwitchParameter", &["switch"]),
    ("System.Management.Automation.ErrorRecord", &["ErrorRecord"]),
    ("System.Management.Automation.PSCredential", &["pscredential"]),
    ("System.Security.SecureString", &["securestring"]),
    ("System.Text.RegularExpressions.Regex", &["regex"]),
    ("System.Text.RegularExpressions.Match", &[]),
    ("System.Text.StringBuilder", &[]),
    ("System.Text.Encoding", &[]),
    ("System.Diagnostics.Stopwatch", &[]),
    ("System.Xml.XmlDocument", &["xml"]),
    ("System.Xml.XmlNode", &[]),
    ("System.Xml.XmlElement", &[]),
    ("System.Xml.XmlAttribute", &[]),
    ("System.Xml.XmlNamespaceManager", &[]),
    ("System.Math", &["math"]),
    ("System.Convert", &["convert"]),
    ("System.Environment", &[]),
    ("System.IO.Path", &[]),
    ("System.IO.File", &[]),
    ("System.IO.Directory", &[]),
    ("System.IO.FileSystemInfo", &[]),
    ("System.IO.FileInfo", &[]),
    ("System.IO.DirectoryInfo", &[]),
    ("System.Net.WebUtility", &[]),
    ("System.Web.HttpUtility", &[]),
    ("System.Net.Mail.MailAddress", &["mailaddress"]),
    ("System.Globalization.CultureInfo", &["cultureinfo"]),
    ("System.StringComparer", &[]),
    ("System.Management.Automation.Host.ChoiceDescription", &[]),
    ("System.Random", &[]),
    ("System.Enum", &["enum"]),
    ("System.Console", &[]),
    ("System.BitConverter", &["bitconverter"]),
    ("System.Type", &["type"]),
    ("System.Void", &["void"]),
    ("System.Numerics.BigInteger", &["bigint"]),
];

/// The name of the type of a value.
pub fn name_of(value: &Value) -> Str {
    type_of(value).full
}

/// The type of a value, as `GetType()` gives it.
pub fn type_of(value: &Value) -> TypeName {
    let full: &str = match value {
        Value::Null => "System.Object",
        Value::Bool(_) => "System.Boolean",
        Value::Int(n) if i32::try_from(*n).is_ok() => "System.Int32",
        Value::Int(_) => "System.Int64",
        Value::Float(_) => "System.Double",
        Value::Decimal(_) => "System.Decimal",
        Value::Str(_) => "System.String",
        Value::DateTime(_) => "System.DateTime",
        Value::Duration(_) => "System.TimeSpan",
        Value::Version(_) => "System.Version",
        Value::Guid(_) => "System.Guid",
        Value::List(_) => "System.Object[]",
        Value::Map(table) if table.is_ordered() => "System.Collections.Specialized.OrderedDictionary",
        Value::Map(_) => "System.Collections.Hashtable",
        Value::Block(_) => "System.Management.Automation.ScriptBlock",
        Value::Record(record) => return of_full(&record.kind().name),
    };
    of_full(full)
}

fn of_full(full: &str) -> TypeName {
    TypeName { short: full.rsplit('.').next().unwrap_or(full).into(), full: full.into() }
}

/// The type that a name stands for, in any case, `System.` before it or not, with its array marks and the arguments
/// of a generic type, which are dropped. `None` if there is no type of the name.
pub fn find(name: &str) -> Option<TypeName> {
    if has_dimensions(name) {
        return None;
    }
    if let Some(inner) = nullable(name) {
        return find(inner);
    }
    let name = name.trim().trim_start_matches('[');
    if let Some(element) = name.strip_suffix("[]") {
        let element = find(element)?;
        return Some(TypeName {
            short: format!("{}[]", element.short).into(),
            full: format!("{}[]", element.full).into(),
        });
    }
    let name = name.split_once('[').map_or(name, |(name, _)| name).trim_end_matches(']');
    let name = name.split_once('`').map_or(name, |(name, _)| name);
    let hit =
        |full: &str| same_name(full, name) || full.strip_prefix("System.").is_some_and(|rest| same_name(rest, name));
    if let Some((full, _)) = TYPES.iter().find(|(full, short)| hit(full) || short.iter().any(|s| same_name(s, name))) {
        return Some(of_full(full));
    }
    let exception = || super::exceptions::is_name(name).then(|| of_full(&super::exceptions::full_name(name)));
    let of_shell = |full: &str| full.strip_prefix("System.Management.Automation.").is_some_and(|s| same_name(s, name));
    ENUMS.iter().find(|e| hit(e.name) || of_shell(e.name)).map(|e| of_full(e.name)).or_else(exception)
}

/// Whether a name is of an array of several dimensions: `int[,]`.
pub fn has_dimensions(name: &str) -> bool {
    name.split('[')
        .skip(1)
        .filter_map(|part| part.split_once(']'))
        .any(|(inner, _)| inner.contains(',') && inner.chars().all(|c| c == ',' || c.is_whitespace()))
}

/// The argument of a generic type of one: `string` of `List[string]`.
pub fn argument(name: &str) -> Option<&str> {
    let (_, inner) = name.trim().trim_start_matches('[').split_once('[')?;
    let inner = inner.trim().strip_suffix(']')?;
    (!inner.is_empty() && !inner.contains(',')).then_some(inner)
}

/// `T` of `Nullable[T]`.
pub fn nullable(name: &str) -> Option<&str> {
    let name = name.trim().trim_start_matches('[');
    let (outside, inner) = name.split_once('[')?;
    let outside = outside.split_once('`').map_or(outside, |(name, _)| name);
    let is_nullable = same_name(outside, "Nullable") || same_name(outside, "System.Nullable");
    let inner = inner.trim().strip_suffix(']').filter(|_| is_nullable)?;
    Some(inner)
}

/// Every name by which a type can be found, for "did you mean".
pub fn all_names() -> impl Iterator<Item = &'static str> {
    let short = TYPES
        .iter()
        .flat_map(|(full, short)| short.iter().copied().chain([*full, full.strip_prefix("System.").unwrap_or(full)]));
    short.chain(ENUMS.iter().map(|e| e.name))
}

/// A type as a value: what `[int]` alone is.
pub fn type_value(name: &TypeName) -> Value {
    thread_local! {
        static KIND: std::sync::Arc<RecordType> =
            RecordType::new("System.RuntimeType", TextForm::Scalar("FullName"));
    }
    let namespace = name.full.rsplit_once('.').map_or("", |(before, _)| before);
    let is_array = name.full.ends_with("[]");
    let is_enum = ENUMS.iter().any(|e| e.name == &*name.full);
    let base = if is_array {
        "System.Array"
    } else if is_enum {
        "System.Enum"
    } else if is_value_type(&name.full) {
        "System.ValueType"
    } else {
        "System.Object"
    };
    let fields: [(&str, Value); 7] = [
        ("IsPublic", true.into()),
        ("IsSerializable", true.into()),
        ("Name", name.short.clone().into()),
        ("FullName", name.full.clone().into()),
        ("Namespace", namespace.into()),
        ("BaseType", base.into()),
        ("IsArray", is_array.into()),
    ];
    Value::Record(Record::new(KIND.with(std::sync::Arc::clone), fields))
}

fn is_value_type(full: &str) -> bool {
    let number = ["Boolean", "Byte", "SByte", "Char", "Double", "Single", "Decimal", "DateTime", "TimeSpan", "Guid"];
    full.strip_prefix("System.")
        .is_some_and(|short| number.contains(&short) || short.starts_with("Int") || short.starts_with("UInt"))
}

/// The full name of the type that a value speaks of: a type value, or a text that names one.
pub fn named_by(value: &Value) -> Option<Str> {
    match value {
        Value::Record(record) if &*record.kind().name == "System.RuntimeType" => match record.get("FullName") {
            Some(Value::Str(full)) => Some(full),
            _ => None,
        },
        Value::Str(name) => find(name).map(|found| found.full),
        _ => None,
    }
}

/// Whether a value is of a type by its full name (`-is`), counting what .NET's types derive from.
pub fn is(value: &Value, full: &str) -> bool {
    if value.is_null() {
        return false;
    }
    let own = name_of(value);
    if same_name(&own, full) || full == "System.Object" {
        return true;
    }
    if super::exceptions::is_name(&own) {
        return super::exceptions::is(&own, full);
    }
    let scalar = matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Decimal(_))
        || matches!(value, Value::DateTime(_) | Value::Duration(_) | Value::Guid(_))
        || super::char_object::of_value(value).is_some()
        || matches!(value, Value::Record(record) if enum_number(record).is_some());
    let list = matches!(value, Value::List(_));
    match full {
        // One type of integer stands for all of them.
        "System.Int64" => matches!(value, Value::Int(_)) && &*own != "System.Int32",
        "System.Array" => list,
        "System.Management.Automation.PSCustomObject" | "System.Management.Automation.PSObject" => {
            matches!(value, Value::Record(record) if is_custom(record))
        }
        "System.ValueType" => scalar,
        "System.IComparable" => scalar || matches!(value, Value::Str(_) | Value::Version(_)),
        "System.Enum" => matches!(value, Value::Record(record) if enum_number(record).is_some()),
        "System.Collections.IDictionary" => matches!(value, Value::Map(_)),
        "System.Collections.IList" => super::enumerate::items(value).is_some(),
        "System.Collections.IEnumerable" | "System.Collections.ICollection" => {
            matches!(value, Value::Map(_))
                || super::enumerate::items(value).is_some()
                || (full.ends_with("IEnumerable") && matches!(value, Value::Str(_)))
        }
        "System.Collections.Generic.List" => {
            matches!(value, Value::Record(record) if &*record.kind().name == list_object::GENERIC_LIST)
        }
        "System.Collections.Generic.HashSet" => &*own == super::set_object::HASH_SET,
        "System.Xml.XmlNode" => own.starts_with("System.Xml.Xml"),
        "System.IO.FileSystemInfo" => matches!(&*own, "System.IO.FileInfo" | "System.IO.DirectoryInfo"),
        "System.Type" => matches!(value, Value::Record(record) if &*record.kind().name == "System.RuntimeType"),
        _ => full.strip_suffix("[]").is_some_and(|element| match value {
            Value::List(items) => {
                element != "System.Object" && !items.is_empty() && items.iter().all(|i| is(i, element))
            }
            _ => false,
        }),
    }
}

fn is_custom(record: &Record) -> bool {
    let kind = record.kind();
    kind.text == TextForm::Custom && !list_object::is_list(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_form() {
        for (name, full) in [
            ("int", "System.Int32"),
            ("SYSTEM.INT32", "System.Int32"),
            ("string[]", "System.String[]"),
            ("Collections.Generic.List[string]", "System.Collections.Generic.List"),
            ("System.DayOfWeek", "System.DayOfWeek"),
            ("pscustomobject", "System.Management.Automation.PSObject"),
            ("io.path", "System.IO.Path"),
        ] {
            assert_eq!(find(name).map(|n| n.full).as_deref(), Some(full), "{name}");
        }
        for name in ["nosuchtype", "object[,]", "System.Int32[,,]", "int[][,]"] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn is_knows_ancestors() {
        let list = Value::list(vec![1.into(), 2.into()]);
        for (value, full, expected) in [
            (Value::Int(5), "System.Int32", true),
            (Value::Int(5), "System.Int64", false),
            (Value::Int(5_000_000_000), "System.Int64", true),
            (Value::Null, "System.Object", false),
            (list.clone(), "System.Array", true),
            (list, "System.Int32[]", true),
            (Value::Map(crate::value::Table::new(true)), "System.Collections.Hashtable", false),
        ] {
            assert_eq!(is(&value, full), expected, "{value:?} {full}");
        }
    }
}
