//! Variables as objects: what Get-Variable and its kin see and change.

use crate::value::{Str, Value};

/// What keeps a variable from being changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// Nothing.
    #[default]
    None,
    /// It is changed and removed with -Force alone.
    ReadOnly,
    /// Neither changed nor removed.
    Constant,
}

impl Protection {
    /// PowerShell's name of the option.
    pub fn name(self) -> &'static str {
        match self {
            Protection::None => "None",
            Protection::ReadOnly => "ReadOnly",
            Protection::Constant => "Constant",
        }
    }
}

/// A variable with what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Variable {
    /// Its name, as it was first written.
    pub name: Str,
    /// Its value.
    pub value: Value,
    /// Whether it can be changed.
    pub protection: Protection,
    /// What it is for.
    pub description: Str,
    /// An assignment made it, no command.
    pub assigned: bool,
}

/// Where a variable is looked for or set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VariableScope {
    /// From the innermost scope outwards; set in the innermost.
    #[default]
    Any,
    /// So many scopes outwards; 0 is the innermost.
    Outwards(usize),
    /// The outermost.
    Global,
}
