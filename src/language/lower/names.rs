//! Names: variables, functions of the runtime, what Rhai reserves.

use crate::language::operators;

/// Words that no Rhai variable can have as its name.
const RESERVED: &[&str] = &[
    "true",
    "false",
    "let",
    "const",
    "if",
    "else",
    "switch",
    "do",
    "while",
    "until",
    "loop",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "throw",
    "try",
    "catch",
    "import",
    "export",
    "as",
    "fn",
    "private",
    "this",
    "is",
    "is_def_var",
    "is_def_fn",
    "is_shared",
    "global",
    "static",
    "shared",
    "goto",
    "exit",
    "match",
    "case",
    "public",
    "protected",
    "new",
    "use",
    "with",
    "module",
    "package",
    "super",
    "spawn",
    "thread",
    "go",
    "sync",
    "async",
    "await",
    "yield",
    "default",
    "void",
    "null",
    "nil",
    "var",
    "Fn",
    "call",
    "curry",
    "type_of",
    "print",
    "debug",
    "eval",
    "type",
    "enum",
    "struct",
    "class",
    "trait",
];

/// A Rhai variable's name for a variable that is called so.
pub(super) fn mangled(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_alphabetic());
    if plain && begins && !RESERVED.contains(&name) && !is_runtime(name) {
        return name.to_string();
    }
    let mut safe = String::from("v_");
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == '_' => safe.push(c),
            c => safe.push_str(&format!("_{:x}_", u32::from(c))),
        }
    }
    safe
}

/// Whether a name is kept for the functions that lowered text calls: `_` and a lower-case word.
pub fn is_runtime(name: &str) -> bool {
    name.strip_prefix('_').is_some_and(|rest| super::RUNTIME.contains(&rest) || operators::is_called(rest))
}

/// How Rhai spells a command: `Get-CsPool` is `Get_CsPool`; none if it cannot.
pub fn spelled(command: &str) -> Option<String> {
    let (verb, noun) = command.split_once('-')?;
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric());
    (word(verb) && word(noun) && verb.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| format!("{verb}_{noun}"))
}

/// The command that a Rhai function's name spells: `Get_CsPool` is `Get-CsPool`.
pub fn unspelled(function: &str) -> Option<String> {
    let (verb, noun) = function.split_once('_')?;
    spelled(&format!("{verb}-{noun}")).map(|_| format!("{verb}-{noun}"))
}

/// Automatic and preference variables that the language itself knows.
const OF_LANGUAGE: &[&str] = &["_", "PSItem", "true", "false", "null", "args", "input"];

/// The variables that are there without being set: automatic ones and preferences.
pub fn automatic<'a>() -> impl Iterator<Item = &'a str> {
    OF_LANGUAGE.iter().chain(OF_SESSION).copied()
}

/// Whether a variable is there without being set.
pub fn is_automatic(name: &str) -> bool {
    automatic().any(|known| known.eq_ignore_ascii_case(name))
}

/// Automatic and preference variables, which the session keeps; written as PowerShell documents them.
const OF_SESSION: &[&str] = &[
    "Error",
    "?",
    "^",
    "$",
    "Matches",
    "PSVersionTable",
    "PSBoundParameters",
    "PSCmdlet",
    "MyInvocation",
    "PWD",
    "HOME",
    "PID",
    "Host",
    "OFS",
    "LASTEXITCODE",
    "StackTrace",
    "PSCulture",
    "PSUICulture",
    "PSScriptRoot",
    "PSCommandPath",
    "PSHOME",
    "IsWindows",
    "IsLinux",
    "IsMacOS",
    "IsCoreCLR",
    "ExecutionContext",
    "ShellId",
    "ErrorActionPreference",
    "WarningPreference",
    "VerbosePreference",
    "DebugPreference",
    "InformationPreference",
    "ProgressPreference",
    "ConfirmPreference",
    "WhatIfPreference",
    "ErrorView",
    "FormatEnumerationLimit",
    "PSDefaultParameterValues",
    "MaximumHistoryCount",
    "NestedPromptLevel",
    "OutputEncoding",
];

/// The session's name of a variable, if the session keeps it.
pub(super) fn session_variable(name: &str) -> Option<&'static str> {
    OF_SESSION.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_rhai_cannot_spell_are_mangled() {
        for (name, expected) in [("pools", "pools"), ("let", "v_let"), ("x y", "v_x_20_y"), ("1", "v_1"), ("_", "v__")]
        {
            assert_eq!(mangled(name), expected);
        }
        assert_eq!(mangled("_emit"), "v__emit");
    }

    #[test]
    fn commands_have_a_rhai_spelling() {
        assert_eq!(spelled("Get-CsPool").as_deref(), Some("Get_CsPool"));
        assert_eq!(spelled("foo"), None);
        assert_eq!(unspelled("Get_CsPool").as_deref(), Some("Get-CsPool"));
        assert_eq!(unspelled("get_x_y"), None);
    }
}
