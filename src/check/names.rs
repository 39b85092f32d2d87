//! The names that a text is read with where no engine runs it.

use crate::cmdlet::registry::Registry;
use crate::cmdlet::verbs;
use crate::language::Names;

/// The names of a registry: no variable or function is known from before the text.
pub struct RegistryNames<'a>(pub &'a Registry);

impl Names for RegistryNames<'_> {
    fn is_command(&self, name: &str) -> bool {
        self.0.is_command(name)
    }

    fn alias(&self, name: &str) -> Option<String> {
        self.0.alias(name)
    }

    fn is_verb(&self, verb: &str) -> bool {
        verbs::is_verb(verb)
    }
}
