//! The front end: text to tree to plain Rhai. It knows no cmdlet: it is given the names ([`Names`]).

pub mod tree;

/// What the front end must know of the world: names, nothing more. All are matched without regard to case,
/// but Rhai's variables and functions, which are matched exactly.
pub trait Names {
    /// Whether a cmdlet or a function of this name is registered (`get-cspool`).
    fn is_command(&self, name: &str) -> bool;
    /// What an alias stands for (`?` is `Where-Object`).
    fn alias(&self, name: &str) -> Option<String>;
    /// Whether this is a verb that Get-Verb lists, or ForEach, Where, Sort, Tee.
    fn is_verb(&self, verb: &str) -> bool;
    /// Whether a variable of this exact name is visible from before this text (earlier lines of the session).
    fn is_variable(&self, name: &str) -> bool;
    /// Whether a Rhai function of this exact name is visible from before this text.
    fn is_function(&self, name: &str) -> bool;
}
