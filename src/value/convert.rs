//! Casts: `[int]"12"`, `-as`, and what binding a parameter does.

use super::{Str, Value};
use crate::error::{Category, ErrorRecord};

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
    /// `[uri]`.
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
    /// `[void]`.
    Void,
    /// `[type]`.
    Type,
    /// An enumeration by its name, with its values in order of their numbers.
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
}

/// Converts a value as a cast does.
///
/// # Errors
/// PowerShell's: `InvalidCastFromStringToInteger`, `InvalidCastParseTargetInvocation`,
/// `InvalidCastIConvertible`, `ConvertToFinalInvalidCastException` and the like.
pub fn cast(value: &Value, target: &Target) -> Result<Value, ErrorRecord> {
    let _ = (value, target);
    Err(ErrorRecord::new("ConvertToFinalInvalidCastException", Category::InvalidArgument, "Not convertible yet."))
}

/// The target that a type's name stands for, in any case, with its array marks: `int`, `System.String[]`.
pub fn target(_name: &str) -> Option<Target> {
    None
}
