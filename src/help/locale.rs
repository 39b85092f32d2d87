//! Which language help is shown in.

/// A language that help may be written in: `en`, `it`, `ko`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(String);

/// The language that has every text.
const FALLBACK: &str = "en";

impl Default for Locale {
    fn default() -> Locale {
        Locale(FALLBACK.into())
    }
}

impl Locale {
    /// From a name as users and systems write it: `it`, `it-IT`, `it_IT.UTF-8`; English for what has no text.
    pub fn new(name: &str) -> Locale {
        let language = name.split(['-', '_', '.', '@']).next().unwrap_or_default().to_lowercase();
        if super::texts::has_language(&language) { Locale(language) } else { Locale::default() }
    }

    /// From the environment, as programs on Unix do: LC_ALL, LC_MESSAGES, LANG, the first that is set and not empty.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Locale {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(get)
            .find(|value| !value.is_empty())
            .map_or_else(Locale::default, |value| Locale::new(&value))
    }

    /// Its code of two letters.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// This language, then the one to fall back on.
    pub(super) fn and_fallback(&self) -> impl Iterator<Item = &str> {
        let fallback = (self.0 != FALLBACK).then_some(FALLBACK);
        std::iter::once(&*self.0).chain(fallback)
    }
}
