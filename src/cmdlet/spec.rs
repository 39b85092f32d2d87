//! The signature of a cmdlet: parameter sets, parameters, what binds from the pipeline.

use crate::value::Str;
use crate::value::convert::Target;

/// The signature of one cmdlet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CmdletSpec {
    /// `Verb-Noun`, as its author spells it.
    pub name: Str,
    /// The set that is taken where several fit.
    pub default_set: Option<Str>,
    /// Names of the sets; empty if it has one without a name.
    pub sets: Vec<Str>,
    /// It has -WhatIf and -Confirm.
    pub should_process: bool,
    /// Parameters without a position take positional arguments in order of declaration (functions only).
    pub positional_binding: bool,
    /// The parameters, in order of declaration; common parameters are not listed.
    pub parameters: Vec<ParameterSpec>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSpec {
    /// Its name.
    pub name: Str,
    /// What a value is converted to.
    pub kind: ParameterType,
    /// The type as the reference prints it (`Fqdn`, `XdsIdentity`).
    pub doc_type: Str,
    /// Other names.
    pub aliases: Vec<Str>,
    /// The sets that it belongs to, with its role in each.
    pub sets: Vec<SetMembership>,
    /// What is checked of a value.
    pub validation: Validation,
    /// It is ours: the public reference does not have it.
    pub ours: bool,
}

/// The role of a parameter in a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetMembership {
    /// The set; `None` is every set.
    pub set: Option<Str>,
    /// It must be given.
    pub mandatory: bool,
    /// Order among the positional ones; the smallest is the first.
    pub position: Option<i32>,
    /// It takes the object from the pipeline.
    pub by_value: bool,
    /// It takes the property of its name from the object in the pipeline.
    pub by_property_name: bool,
    /// It takes the arguments that nothing else takes.
    pub remaining: bool,
}

/// What a value is converted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// Anything, as it is.
    Object,
    /// A switch: present or not.
    Switch,
    /// `[bool]`.
    Bool,
    /// `[string]`.
    String,
    /// An integer type by its limits, both included.
    Integer {
        /// .NET's short name: `UInt16`.
        name: Str,
        /// Smallest.
        min: i64,
        /// Largest; of `UInt64` what 64 signed bits hold.
        max: i64,
    },
    /// `[double]`, `[single]`.
    Double,
    /// `[decimal]`.
    Decimal,
    /// `[datetime]`, `[DateTimeOffset]`.
    DateTime,
    /// `[timespan]`.
    TimeSpan,
    /// `[guid]`.
    Guid,
    /// `[uri]`, kept as text.
    Uri,
    /// `[ipaddress]`, kept as text.
    IpAddress,
    /// `[version]`.
    Version,
    /// `[hashtable]`.
    Hashtable,
    /// `[scriptblock]`.
    ScriptBlock,
    /// An enumeration: any case, an unambiguous prefix, or a number.
    Enum {
        /// Its name.
        name: Str,
        /// Its values, in order of their numbers.
        values: Vec<Str>,
    },
    /// A credential.
    Credential,
    /// `[securestring]`.
    SecureString,
    /// A type that only functions declare: `[char]`, `[regex]`, `[xml]`.
    Other(Target),
    /// An array of a type.
    Array(Box<ParameterType>),
}

/// What is checked of a value after conversion: of each element of a list, but `count`, which is of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// A closed set, any case.
    pub values: Vec<Str>,
    /// Case counts in the closed set.
    pub values_case: bool,
    /// What is said of a value outside the closed set; `{0}` stands for the value, `{1}` for the set.
    pub values_message: Option<Str>,
    /// Smallest and largest, both included.
    pub range: Option<(f64, f64)>,
    /// Shortest and longest text, both included.
    pub length: Option<(usize, usize)>,
    /// A regular expression, any case.
    pub pattern: Option<Str>,
    /// .NET's options of the pattern, where they are not only that any case will do.
    pub pattern_options: Option<i64>,
    /// What is said of a value that does not match; `{0}` stands for the value, `{1}` for the pattern.
    pub pattern_message: Option<Str>,
    /// Fewest and most elements of the list.
    pub count: Option<(usize, usize)>,
    /// Not `$null`.
    pub not_null: bool,
    /// Not `$null`, not empty.
    pub not_null_or_empty: bool,
    /// Not `$null`, not empty, not of blanks alone.
    pub not_blank: bool,
    /// A mandatory one takes `$null` all the same.
    pub allow_null: bool,
    /// A mandatory one takes "" all the same.
    pub allow_empty_string: bool,
    /// A mandatory one takes an empty list all the same.
    pub allow_empty_collection: bool,
    /// A mandatory switch is consent to what may be lost: that it is missing has an error of its own, `ForceRequired`.
    pub consent: bool,
}

impl Validation {
    /// Whether every value passes where the parameter is not mandatory.
    pub fn refuses_nothing(&self) -> bool {
        let Validation { allow_null, allow_empty_string, allow_empty_collection, .. } = *self;
        *self == Validation { allow_null, allow_empty_string, allow_empty_collection, ..Validation::default() }
    }
}

impl ParameterType {
    /// The type by the short name that the catalogue has of it: .NET's, `[]` behind it for an array. Types that the
    /// shell does not know are taken as they are.
    pub fn of_reference(name: &str) -> ParameterType {
        if let Some(element) = name.strip_suffix("[]") {
            return ParameterType::Array(Box::new(ParameterType::of_reference(element)));
        }
        let integer = |min: i64, max: i64| ParameterType::Integer { name: name.into(), min, max };
        match name {
            "String" => ParameterType::String,
            "SwitchParameter" => ParameterType::Switch,
            "Boolean" => ParameterType::Bool,
            "Byte" => integer(0, u8::MAX.into()),
            "SByte" => integer(i8::MIN.into(), i8::MAX.into()),
            "Int16" => integer(i16::MIN.into(), i16::MAX.into()),
            "UInt16" => integer(0, u16::MAX.into()),
            "Int32" => integer(i32::MIN.into(), i32::MAX.into()),
            "UInt32" => integer(0, u32::MAX.into()),
            "Int64" => integer(i64::MIN, i64::MAX),
            "UInt64" => integer(0, i64::MAX),
            "Double" | "Single" => ParameterType::Double,
            "Decimal" => ParameterType::Decimal,
            "DateTime" | "DateTimeOffset" => ParameterType::DateTime,
            "TimeSpan" => ParameterType::TimeSpan,
            "Guid" => ParameterType::Guid,
            "Uri" => ParameterType::Uri,
            "IPAddress" => ParameterType::IpAddress,
            "Version" => ParameterType::Version,
            "Hashtable" => ParameterType::Hashtable,
            "ScriptBlock" => ParameterType::ScriptBlock,
            "PSCredential" => ParameterType::Credential,
            "SecureString" => ParameterType::SecureString,
            _ => ParameterType::Object,
        }
    }
}

impl CmdletSpec {
    /// A parameter by its whole name, in any case.
    pub fn parameter(&self, name: &str) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|p| crate::value::same_name(&p.name, name))
    }
}
