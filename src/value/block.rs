//! A script block as a value: its text, and a handle that only the engine which made it understands.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// What an engine keeps behind a script block.
pub trait BlockBody: Any + Send + Sync {
    /// The block's text without its braces, as the user wrote it.
    fn text(&self) -> &str;
    /// For the engine that made it.
    fn as_any(&self) -> &dyn Any;
}

/// A script block: `{ $_.Site -eq "Redmond" }`.
#[derive(Clone)]
pub struct Block(pub Arc<dyn BlockBody>);

impl Block {
    /// The block's text without its braces.
    pub fn text(&self) -> &str {
        self.0.text()
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.text())
    }
}
