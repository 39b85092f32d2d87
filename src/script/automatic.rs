//! Automatic variables.

use crate::error::{Category, ErrorRecord};
use crate::value::{Record, Table, Value, Version};

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

/// `$Host`: what scripts ask of the program around them, or set of its window.
pub(super) fn host() -> Value {
    let version: Vec<u32> = env!("CARGO_PKG_VERSION").split('.').filter_map(|part| part.parse().ok()).collect();
    let part = |at: usize| version.get(at).copied();
    let version =
        Version { major: part(0).unwrap_or(0), minor: part(1).unwrap_or(0), build: part(2), revision: None };
    let window = Record::custom([
        ("WindowTitle", Value::str("reeve")),
        ("ForegroundColor", Value::str("Gray")),
        ("BackgroundColor", Value::str("Black")),
    ]);
    let ui = Record::custom([("RawUI", Value::Record(window))]);
    Value::Record(Record::custom([
        ("Name", Value::str("reeve")),
        ("Version", Value::from(version)),
        ("UI", Value::Record(ui)),
    ]))
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
