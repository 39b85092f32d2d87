//! A builder for the signatures of the cmdlets that are not in the catalogue.

use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use crate::value::Str;

/// A signature in the making. What follows a parameter describes that parameter.
pub(crate) struct Signature {
    spec: CmdletSpec,
    /// The memberships of the last parameter that the next calls describe.
    current: usize,
}

impl Signature {
    /// A signature without parameters and with one unnamed set.
    pub(crate) fn new(name: &str) -> Signature {
        Signature { spec: CmdletSpec { name: name.into(), ..CmdletSpec::default() }, current: 0 }
    }

    /// Names the sets; the first is the default one.
    pub(crate) fn sets(mut self, sets: &[&str]) -> Self {
        self.spec.sets = sets.iter().map(|set| Str::from(*set)).collect();
        self.spec.default_set = sets.first().map(|set| Str::from(*set));
        self
    }

    /// It has -WhatIf and -Confirm.
    pub(crate) fn should_process(mut self) -> Self {
        self.spec.should_process = true;
        self
    }

    /// Adds an optional parameter that belongs to every set.
    pub(crate) fn parameter(mut self, name: &str, kind: ParameterType) -> Self {
        self.spec.parameters.push(ParameterSpec {
            name: name.into(),
            doc_type: doc_type(&kind).into(),
            kind,
            aliases: Vec::new(),
            sets: vec![SetMembership::default()],
            validation: Validation::default(),
            ours: false,
        });
        self.current = 0;
        self
    }

    /// Adds a switch that belongs to every set.
    pub(crate) fn switch(self, name: &str) -> Self {
        self.parameter(name, ParameterType::Switch)
    }

    /// Adds the parameter that takes the objects of the pipeline.
    pub(crate) fn input(self) -> Self {
        self.parameter("InputObject", ParameterType::Object).by_value().doc("psobject").allow_null()
    }

    /// The last parameter belongs to these sets only, in the role that it has now.
    pub(crate) fn only(mut self, sets: &[&str]) -> Self {
        if let Some(parameter) = self.spec.parameters.last_mut() {
            let role = parameter.sets.pop().unwrap_or_default();
            parameter.sets =
                sets.iter().map(|set| SetMembership { set: Some(Str::from(*set)), ..role.clone() }).collect();
        }
        self.current = 0;
        self
    }

    /// The last parameter belongs to one more set, where it is optional until the next calls say otherwise.
    pub(crate) fn also(mut self, set: &str) -> Self {
        if let Some(parameter) = self.spec.parameters.last_mut() {
            self.current = parameter.sets.len();
            parameter.sets.push(SetMembership { set: Some(set.into()), ..SetMembership::default() });
        }
        self
    }

    fn each(mut self, change: impl Fn(&mut SetMembership)) -> Self {
        if let Some(parameter) = self.spec.parameters.last_mut() {
            parameter.sets.iter_mut().skip(self.current).for_each(change);
        }
        self
    }

    fn last(mut self, change: impl FnOnce(&mut ParameterSpec)) -> Self {
        if let Some(parameter) = self.spec.parameters.last_mut() {
            change(parameter);
        }
        self
    }

    /// It must be given.
    pub(crate) fn mandatory(self) -> Self {
        self.each(|role| role.mandatory = true)
    }

    /// It may be left out.
    pub(crate) fn optional(self) -> Self {
        self.each(|role| role.mandatory = false)
    }

    /// Its place among the positional ones, from 0.
    pub(crate) fn at(self, position: i32) -> Self {
        self.each(|role| role.position = Some(position))
    }

    /// It takes the object from the pipeline.
    pub(crate) fn by_value(self) -> Self {
        self.each(|role| role.by_value = true)
    }

    /// It takes the property of its name from the object in the pipeline.
    pub(crate) fn by_property(self) -> Self {
        self.each(|role| role.by_property_name = true)
    }

    /// It takes the arguments that nothing else takes.
    pub(crate) fn remaining(self) -> Self {
        self.each(|role| role.remaining = true)
    }

    /// Its other names.
    pub(crate) fn aliases(self, aliases: &[&str]) -> Self {
        self.last(|parameter| parameter.aliases = aliases.iter().map(|alias| Str::from(*alias)).collect())
    }

    /// How the type is printed.
    pub(crate) fn doc(self, name: &str) -> Self {
        self.last(|parameter| parameter.doc_type = name.into())
    }

    /// Smallest and largest value.
    pub(crate) fn range(self, smallest: f64, largest: f64) -> Self {
        self.last(|parameter| parameter.validation.range = Some((smallest, largest)))
    }

    /// A mandatory one takes `$null`, "" and an empty list.
    pub(crate) fn allow_null(self) -> Self {
        self.last(|parameter| {
            parameter.validation.allow_null = true;
            parameter.validation.allow_empty_string = true;
            parameter.validation.allow_empty_collection = true;
        })
    }

    /// A mandatory one takes an empty list.
    pub(crate) fn allow_empty(self) -> Self {
        self.last(|parameter| parameter.validation.allow_empty_collection = true)
    }

    /// A mandatory one takes "".
    pub(crate) fn allow_empty_string(self) -> Self {
        self.last(|parameter| parameter.validation.allow_empty_string = true)
    }

    /// Not `$null`, not empty.
    pub(crate) fn not_empty(self) -> Self {
        self.last(|parameter| parameter.validation.not_null_or_empty = true)
    }

    /// PowerShell does not have it.
    pub(crate) fn ours(self) -> Self {
        self.last(|parameter| parameter.ours = true)
    }

    /// The signature.
    pub(crate) fn build(self) -> CmdletSpec {
        self.spec
    }
}

/// `[int]`.
pub(crate) fn int() -> ParameterType {
    ParameterType::Integer { name: "Int32".into(), min: i32::MIN.into(), max: i32::MAX.into() }
}

/// An array of a type.
pub(crate) fn many(kind: ParameterType) -> ParameterType {
    ParameterType::Array(Box::new(kind))
}

/// An enumeration.
pub(crate) fn choice(name: &str, values: &[&str]) -> ParameterType {
    ParameterType::Enum { name: name.into(), values: values.iter().map(|value| Str::from(*value)).collect() }
}

/// A type as PowerShell's syntax lines print it.
fn doc_type(kind: &ParameterType) -> String {
    let name = match kind {
        ParameterType::Object => "Object",
        ParameterType::Switch => "SwitchParameter",
        ParameterType::Bool => "bool",
        ParameterType::String => "string",
        ParameterType::Integer { name, .. } => match &**name {
            "Int32" => "int",
            "Int64" => "long",
            other => other,
        },
        ParameterType::Double => "double",
        ParameterType::Decimal => "decimal",
        ParameterType::DateTime => "datetime",
        ParameterType::TimeSpan => "timespan",
        ParameterType::Guid => "guid",
        ParameterType::Uri => "uri",
        ParameterType::IpAddress => "ipaddress",
        ParameterType::Version => "version",
        ParameterType::Hashtable => "hashtable",
        ParameterType::ScriptBlock => "scriptblock",
        ParameterType::Enum { name, .. } => name,
        // Only functions declare these.
        ParameterType::Other(_) => "Object",
        ParameterType::Credential => "pscredential",
        ParameterType::SecureString => "securestring",
        ParameterType::Array(item) => return format!("{}[]", doc_type(item)),
    };
    name.into()
}
