//! What values can be converted to, and the names of these types.

use super::super::{Str, exceptions, statics, types};

/// What a value can be converted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Anything, as it is.
    Object,
    /// `[bool]`.
    Bool,
    /// `[switch]`.
    Switch,
    /// `[string]`.
    String,
    /// `[char]`.
    Char,
    /// An integer type by .NET's short name (`Int32`, `UInt16`) and its limits, both included.
    Int {
        /// `Int32`.
        name: Str,
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// `[double]`.
    Double,
    /// `[single]`: kept as a double, rounded.
    Single,
    /// `[decimal]`.
    Decimal,
    /// `[datetime]`.
    DateTime,
    /// `[timespan]`.
    TimeSpan,
    /// `[guid]`.
    Guid,
    /// `[version]`.
    Version,
    /// `[regex]`.
    Regex,
    /// `[uri]`: an object with Host, Port and the like.
    Uri,
    /// `[ipaddress]`, kept as text.
    IpAddress,
    /// `[xml]`.
    Xml,
    /// `[hashtable]`.
    Hashtable,
    /// `[ordered]`.
    Ordered,
    /// `[pscustomobject]`.
    CustomObject,
    /// `[scriptblock]`.
    ScriptBlock,
    /// A type whose objects are made of one text by its constructor: `[cultureinfo]`, `[mailaddress]`.
    Made(Str),
    /// A type that nothing is made into, by its full name: `[Collections.IDictionary]`, `[ErrorRecord]`.
    Instance(Str),
    /// `[void]`.
    Void,
    /// `[type]`.
    Type,
    /// An enumeration by its name, with its values in order of their numbers; a value becomes the text of one of
    /// them, or, of .NET's own enumerations, the enumeration's value.
    Enum {
        /// Its name.
        name: Str,
        /// Its values.
        values: Vec<Str>,
    },
    /// `[ArrayList]`, `[List[T]]`.
    List {
        /// `List[T]`.
        generic: bool,
    },
    /// An array of a type.
    Array(Box<Target>),
    /// `[Nullable[T]]`: the type, or nothing.
    Nullable(Box<Target>),
}

impl Target {
    /// .NET's full name of the type.
    pub fn full_name(&self) -> String {
        match self {
            Target::Object => "System.Object".into(),
            Target::Bool => "System.Boolean".into(),
            Target::Switch => "System.Management.Automation.SwitchParameter".into(),
            Target::String => "System.String".into(),
            Target::Char => "System.Char".into(),
            Target::Int { name, .. } => format!("System.{name}"),
            Target::Double => "System.Double".into(),
            Target::Single => "System.Single".into(),
            Target::Decimal => "System.Decimal".into(),
            Target::DateTime => "System.DateTime".into(),
            Target::TimeSpan => "System.TimeSpan".into(),
            Target::Guid => "System.Guid".into(),
            Target::Version => "System.Version".into(),
            Target::Regex => "System.Text.RegularExpressions.Regex".into(),
            Target::Uri => "System.Uri".into(),
            Target::IpAddress => "System.Net.IPAddress".into(),
            Target::Xml => "System.Xml.XmlDocument".into(),
            Target::Hashtable => "System.Collections.Hashtable".into(),
            Target::Ordered => "System.Collections.Specialized.OrderedDictionary".into(),
            Target::CustomObject => "System.Management.Automation.PSObject".into(),
            Target::ScriptBlock => "System.Management.Automation.ScriptBlock".into(),
            Target::Made(name) | Target::Instance(name) => name.to_string(),
            Target::Void => "System.Void".into(),
            Target::Type => "System.Type".into(),
            Target::Enum { name, .. } => name.to_string(),
            Target::List { generic: true } => "System.Collections.Generic.List".into(),
            Target::List { generic: false } => "System.Collections.ArrayList".into(),
            Target::Array(element) => format!("{}[]", element.full_name()),
            Target::Nullable(inner) => inner.full_name(),
        }
    }
}

/// An integer of 64 bits.
pub fn int64() -> Target {
    Target::Int { name: "Int64".into(), min: i64::MIN, max: i64::MAX }
}

/// The target that a type's name stands for, in any case, with its array marks: `int`, `System.String[]`.
/// `None` if the name is no type.
pub fn target(name: &str) -> Option<Target> {
    if let Some(inner) = types::nullable(name) {
        return target(inner).map(|inner| Target::Nullable(Box::new(inner)));
    }
    // PSObject and PSCustomObject share a full name where types are looked up.
    let found = types::find(name)?;
    if let Some(element) = found.full.strip_suffix("[]") {
        return Some(Target::Array(Box::new(target(element)?)));
    }
    let int = |min: i64, max: i64| Target::Int { name: found.short.clone(), min, max };
    Some(match &*found.full {
        // A secret stays the object that somebody was asked for.
        "System.Object" | "System.Management.Automation.PSCredential" | "System.Security.SecureString" => {
            Target::Object
        }
        "System.String" => Target::String,
        "System.Char" => Target::Char,
        "System.Boolean" => Target::Bool,
        "System.Byte" => int(0, u8::MAX.into()),
        "System.SByte" => int(i8::MIN.into(), i8::MAX.into()),
        "System.Int16" => int(i16::MIN.into(), i16::MAX.into()),
        "System.Int32" => int(i32::MIN.into(), i32::MAX.into()),
        "System.UInt16" => int(0, u16::MAX.into()),
        "System.UInt32" => int(0, u32::MAX.into()),
        "System.Int64" | "System.Numerics.BigInteger" => int(i64::MIN, i64::MAX),
        "System.UInt64" => int(0, i64::MAX),
        "System.Double" => Target::Double,
        "System.Single" => Target::Single,
        "System.Decimal" => Target::Decimal,
        "System.DateTime" | "System.DateTimeOffset" => Target::DateTime,
        "System.TimeSpan" => Target::TimeSpan,
        "System.Version" => Target::Version,
        "System.Guid" => Target::Guid,
        "System.Uri" => Target::Uri,
        "System.Net.IPAddress" => Target::IpAddress,
        "System.Array" => Target::Array(Box::new(Target::Object)),
        "System.Collections.Hashtable" => Target::Hashtable,
        "System.Collections.Specialized.OrderedDictionary" => Target::Ordered,
        "System.Collections.ArrayList" => Target::List { generic: false },
        "System.Collections.Generic.List" => Target::List { generic: true },
        "System.Management.Automation.PSCustomObject" | "System.Management.Automation.PSObject" => Target::CustomObject,
        "System.Management.Automation.ScriptBlock" => Target::ScriptBlock,
        "System.Management.Automation.SwitchParameter" => Target::Switch,
        "System.Text.RegularExpressions.Regex" => Target::Regex,
        "System.Xml.XmlDocument" => Target::Xml,
        statics::CULTURE | statics::CHOICE | statics::MAIL_ADDRESS | statics::FILE_INFO => {
            Target::Made(found.full.clone())
        }
        "System.Type" => Target::Type,
        "System.Void" => Target::Void,
        other => match types::enum_names(other) {
            Some(values) => {
                let values = values.iter().map(|value| Str::from(*value)).collect();
                Target::Enum { name: found.full.clone(), values }
            }
            None if exceptions::is_name(other) => Target::Made(found.full.clone()),
            None => Target::Instance(found.full.clone()),
        },
    })
}
