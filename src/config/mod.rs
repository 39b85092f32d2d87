//! Configuration: families of settings and policies declared as data in `stdlib/types`, one implementation for all.
//!
//! A family says which scopes it has and which properties, with their types, defaults and limits. An [`Item`] is one
//! object of a family at one scope; its document has the family's name as kind. `Global` is always there: as long as
//! nobody changed it, it is the defaults and no document.

mod assign;
mod change;
mod effective;
mod family;
mod identity;
mod item;
mod reader;
mod refers;
pub mod sample;
mod typed;

#[cfg(test)]
mod tests;

pub use assign::Assignments;
pub use change::Plan;
pub use family::{Family, Kind, Property, Scope};
pub use identity::Identity;
pub use item::Item;
pub use reader::Reader;

use crate::value::same_name;
use std::sync::OnceLock;

/// What a generic cmdlet does with a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Shows.
    Get,
    /// Makes.
    New,
    /// Changes.
    Set,
    /// Removes, or resets what is global.
    Remove,
    /// Assigns to users.
    Grant,
}

/// A cmdlet of a family.
#[derive(Debug)]
pub struct Declared {
    /// `Get-CsVoicePolicy`.
    pub name: &'static str,
    /// What it does.
    pub verb: Verb,
}

/// A family as it is compiled in; its data are read at the first use.
pub struct Source {
    /// `VoicePolicy`.
    pub family: &'static str,
    /// `policy`, `settings`, `element`.
    pub kind: &'static str,
    /// Whether it has objects that belong to a site.
    pub sited: bool,
    text: &'static str,
    parsed: OnceLock<Family>,
    /// Its cmdlets.
    pub cmdlets: &'static [Declared],
}

impl Source {
    /// The family's data.
    pub fn family(&self) -> &Family {
        // The data are compiled in and a test parses each of them.
        self.parsed.get_or_init(|| Family::parse(self.text).expect("stdlib/types is well formed"))
    }
}

include!(concat!(env!("OUT_DIR"), "/families.rs"));

/// Every family that is compiled in, by name, without its data.
pub fn sources() -> &'static [Source] {
    &SOURCES
}

/// Every family.
pub fn families() -> impl Iterator<Item = &'static Family> {
    SOURCES.iter().map(Source::family)
}

/// The family of a name, in any case.
pub fn family(name: &str) -> Option<&'static Family> {
    SOURCES.iter().find(|source| same_name(source.family, name)).map(Source::family)
}

/// The families whose policies are assigned to users.
pub fn policies() -> impl Iterator<Item = &'static Family> {
    SOURCES.iter().filter(|source| source.kind == "policy").map(Source::family)
}
