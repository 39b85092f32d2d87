//! A family of configuration objects, as `stdlib/types` declares it.

use crate::value::{RecordType, Str, TextForm, same_name};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What kind of objects a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Rules for users: global, for a site, or per user and then assigned.
    Policy,
    /// Settings of services: global, for a site, for a service.
    Settings,
    /// Named things below the global scope: voice routes, network sites.
    Element,
}

/// A scope that objects of a family can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Scope {
    /// The whole deployment.
    Global,
    /// A site.
    Site,
    /// A service of a pool.
    Service,
    /// A name: a per-user policy.
    Tag,
}

/// A family.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// `VoicePolicy`: the kind of its documents, the noun of its cmdlets without `Cs`.
    #[serde(rename = "family")]
    pub name: String,
    /// What kind of objects it has.
    pub kind: Kind,
    /// What one is called in messages: `voice policy`.
    pub what: String,
    /// Type name of its records.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Scopes of its objects; empty for elements.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Roles of the services that its objects of service scope are for.
    #[serde(default)]
    pub services: Vec<String>,
    /// Of elements: the properties that make up the identity.
    #[serde(default)]
    pub key: Vec<String>,
    /// What stands before a part of the key and may be left off on input.
    #[serde(default)]
    pub key_prefix: BTreeMap<String, String>,
    /// What stands before an element's identity and may be left off on input.
    #[serde(default)]
    pub identity_prefix: String,
    /// A property that numbers the elements from 0 without gaps.
    #[serde(default)]
    pub order_by: Option<String>,
    /// Elements that are there before anybody made one: `domains` are the topology's SIP domains.
    #[serde(default)]
    pub initial: Option<String>,
    /// The cmdlets that it has.
    pub verbs: Vec<String>,
    /// Parameters of its cmdlets that say nothing here: accepted, with a warning.
    #[serde(default)]
    pub without_meaning: Vec<String>,
    /// Parameters that set a field of one element of a list.
    #[serde(default)]
    pub shortcuts: Vec<Shortcut>,
    /// Switches that set properties.
    #[serde(default)]
    pub switches: BTreeMap<String, Map<String, Json>>,
    /// Defaults of the global object where they differ from those of a new one.
    #[serde(default)]
    pub global: Map<String, Json>,
    /// Its properties after Identity, in the order in which they print.
    pub properties: Vec<Property>,
    /// Examples, read by the build script.
    #[serde(default, rename = "examples")]
    _examples: Vec<Json>,
    #[serde(skip)]
    made: OnceLock<Made>,
}

#[derive(Debug)]
struct Made {
    record_type: Arc<RecordType>,
    names: Arc<[Str]>,
}

/// A parameter that sets a field of one element of a list: `-AudioAlternatePath` of a network region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortcut {
    /// The parameter.
    pub parameter: String,
    /// The list.
    pub property: String,
    /// Field and value that choose the element.
    #[serde(rename = "where")]
    pub chosen: (String, String),
    /// The field that it sets.
    pub field: String,
}

/// The type of a property's value, or of each element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Type {
    /// `True`, `False`.
    #[serde(rename = "bool")]
    Bool,
    /// Text.
    #[serde(rename = "string")]
    Text,
    /// One of [`Property::values`].
    #[serde(rename = "enum")]
    Enum,
    /// A duration.
    #[serde(rename = "timespan")]
    TimeSpan,
    /// A time of day.
    #[serde(rename = "time")]
    Time,
    /// A guid.
    #[serde(rename = "guid")]
    Guid,
    /// An object with [`Property::fields`].
    #[serde(rename = "object")]
    Object,
    /// Eight bits without sign.
    Byte,
    /// Sixteen bits.
    Int16,
    /// Thirty-two bits.
    Int32,
    /// Sixty-four bits.
    Int64,
    /// Sixteen bits without sign.
    UInt16,
    /// Thirty-two bits without sign.
    UInt32,
    /// Sixty-four bits without sign; here what fits 63.
    UInt64,
}

/// Further rules for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A DNS domain.
    Domain,
    /// The name of a computer or pool.
    Fqdn,
    /// An IP address.
    Address,
    /// A regular expression.
    Pattern,
}

/// What a property names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub struct Refers {
    /// Objects of another family, by name.
    #[serde(default)]
    pub family: Option<String>,
    /// With `family`: the elements of a list that its global object has.
    #[serde(default)]
    pub property: Option<String>,
    /// `Site`, or the role of services of the topology.
    #[serde(default)]
    pub topology: Option<String>,
}

/// A property that is not kept but made from others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub struct Computed {
    /// Values of other objects: this family's …
    #[serde(default)]
    pub family: Option<String>,
    /// … where this property is the object's name …
    #[serde(default, rename = "where")]
    pub chosen: Option<String>,
    /// … and this one is taken.
    #[serde(default)]
    pub take: Option<String>,
    /// Text with `{Property}` in it.
    #[serde(default)]
    pub template: Option<String>,
    /// One text for each: `computer` of the pool.
    #[serde(default)]
    pub each: Option<String>,
}

/// A property.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// It is a list.
    #[serde(default)]
    pub list: bool,
    /// Of an enumeration: the values.
    #[serde(default)]
    pub values: Vec<String>,
    /// Smallest and largest, both included: numbers, or durations as text.
    #[serde(default)]
    pub range: Option<[Json; 2]>,
    /// Shortest and longest text.
    #[serde(default)]
    pub length: Option<(usize, usize)>,
    /// What a new object has.
    #[serde(default)]
    pub default: Json,
    /// What a new object has, by scope; `{name}` and `{role}` are those of its identity.
    #[serde(default)]
    pub default_by_scope: BTreeMap<String, String>,
    /// What a new object has, made from other properties: `{ApplicationId:short}`.
    #[serde(default)]
    pub default_from: Option<String>,
    /// What it names, checked when it is set.
    #[serde(default)]
    pub refers: Option<Refers>,
    /// Further rules for text.
    #[serde(default)]
    pub format: Option<Format>,
    /// The parameter that sets it, where that has another name.
    #[serde(default)]
    pub parameter: Option<String>,
    /// It does not show.
    #[serde(default)]
    pub hidden: bool,
    /// Nobody sets it.
    #[serde(default)]
    pub read_only: bool,
    /// It is made when the object is read.
    #[serde(default)]
    pub computed: Option<Computed>,
    /// Of objects: type name of their records.
    #[serde(default)]
    pub element: Option<String>,
    /// Of objects: their fields.
    #[serde(default)]
    pub fields: Vec<Property>,
    /// Of objects in a list: the field that tells them apart.
    #[serde(default)]
    pub unique: Option<String>,
    /// Of a field: it must be there.
    #[serde(default)]
    pub mandatory: bool,
    /// Exactly one object of the family has it `True`.
    #[serde(default)]
    pub one_of_all: bool,
    /// It names the site that the object belongs to.
    #[serde(default)]
    pub place: bool,
}

impl Family {
    /// A family from its data.
    ///
    /// # Errors
    /// Those of the JSON reader.
    pub fn parse(text: &str) -> Result<Family, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// A property by name, in any case, with its place in the order.
    pub fn property(&self, name: &str) -> Option<(usize, &Property)> {
        self.properties.iter().enumerate().find(|(_, p)| same_name(&p.name, name))
    }

    /// The property that a parameter sets.
    pub fn property_of_parameter(&self, parameter: &str) -> Option<(usize, &Property)> {
        let name = |p: &Property| same_name(p.parameter.as_deref().unwrap_or(&p.name), parameter);
        self.properties.iter().enumerate().find(|(_, p)| name(p) && !p.read_only && p.computed.is_none())
    }

    /// Whether objects can have a scope.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The type of its records.
    pub fn record_type(&self) -> &Arc<RecordType> {
        &self.made().record_type
    }

    /// Names of its records' properties: Identity, then those that show.
    pub fn names(&self) -> &Arc<[Str]> {
        &self.made().names
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| Made {
            record_type: RecordType::new(&self.type_name, TextForm::Identity),
            names: std::iter::once("Identity")
                .chain(self.properties.iter().filter(|p| !p.hidden).map(|p| p.name.as_str()))
                .map(Str::from)
                .collect(),
        })
    }
}
