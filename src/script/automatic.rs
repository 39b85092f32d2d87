//! Automatic variables.

use crate::error::{Category, ErrorRecord};
use crate::value::{Table, Value, Version};

/// Names in lower case of variables that nobody sets.
const READ_ONLY: &[&str] = &[
    "true",
    "false",
    "null",
    "?",
    "error",
    "home",
    "pid",
    "psversiontable",
    "pshome",
    "iswindows",
    "islinux",
    "ismacos",
    "iscoreclr",
    "executioncontext",
    "host",
    "shellid",
    "psculture",
    "psuiculture",
];

/// Whether a variable cannot be set; the name in lower case.
pub(super) fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}

/// The error for setting one of them.
pub(super) fn not_writable(name: &str) -> ErrorRecord {
    let message = format!("${name} cannot be set: it is read-only.");
    ErrorRecord::new("VariableNotWritable", Category::WriteError, message).target(name)
}

/// `$PSVersionTable`: the version of PowerShell whose rules command mode follows, and our own.
pub(super) fn version_table() -> Value {
    let version = |major, minor| Value::from(Version { major, minor, build: Some(0), revision: None });
    let entries = [
        ("PSVersion", version(7, 6)),
        ("PSEdition", Value::str("Core")),
        ("ReeveVersion", Value::str(env!("CARGO_PKG_VERSION"))),
    ];
    Value::Map(Table::from_entries(true, entries.map(|(name, value)| (Value::str(name), value))))
}
