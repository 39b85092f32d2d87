//! Names without regard to case, each once, in the order in which they came.

use indexmap::IndexMap;

/// A set of names. A name that is there already in another case stays as it was written first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameSet(IndexMap<String, String>);

impl NameSet {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        self.0.entry(folded(name)).or_insert_with(|| name.to_string());
    }

    /// Whether a name is there, in any case.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(&folded(name))
    }

    /// The names as they were written first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// Keeps those of which this is so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|_, name| keep(name));
    }

    /// Adds all of another set.
    pub fn add_all(&mut self, others: &NameSet) {
        others.iter().for_each(|name| self.add(name));
    }

    /// The names alone.
    pub fn into_vec(self) -> Vec<String> {
        self.0.into_values().collect()
    }
}

/// What two names have in common that are the same without regard to case ([`super::same_name`]).
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: case does not tell names apart, and the first one written is kept, in its place.
    #[test]
    fn names_come_once() {
        let mut names = NameSet::default();
        ["Pool", "ÄRGER", "pool", "ärger", "x"].into_iter().for_each(|name| names.add(name));
        assert!(names.contains("POOL") && names.contains("Ärger") && !names.contains("y"));
        names.retain(|name| name != "x");
        assert_eq!(names.into_vec(), ["Pool", "ÄRGER"]);
    }
}
