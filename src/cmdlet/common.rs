//! The common parameters: which there are, and what they say once bound.

use super::context::{Action, Bound, Common};
use super::preferences::Preferences;
use super::spec::{ParameterSpec, ParameterType, SetMembership, Validation};
use crate::value::{Str, Value};

/// PowerShell's ActionPreference, in order of its numbers.
pub const ACTIONS: [&str; 7] = ["SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend", "Break"];

/// Name, alias, and of what type: `s`witch, `a`ction, `t`ext, `n`umber.
const COMMON: [(&str, &str, char); 12] = [
    ("Verbose", "vb", 's'),
    ("Debug", "db", 's'),
    ("ErrorAction", "ea", 'a'),
    ("WarningAction", "wa", 'a'),
    ("InformationAction", "infa", 'a'),
    ("ProgressAction", "proga", 'a'),
    ("ErrorVariable", "ev", 't'),
    ("WarningVariable", "wv", 't'),
    ("InformationVariable", "iv", 't'),
    ("OutVariable", "ov", 't'),
    ("OutBuffer", "ob", 'n'),
    ("PipelineVariable", "pv", 't'),
];

const SHOULD_PROCESS: [(&str, &str, char); 2] = [("WhatIf", "wi", 's'), ("Confirm", "cf", 's')];

/// The common parameters of a cmdlet; with -WhatIf and -Confirm if it supports ShouldProcess.
pub fn parameters(should_process: bool) -> Vec<ParameterSpec> {
    let more: &[_] = if should_process { &SHOULD_PROCESS } else { &[] };
    COMMON.iter().chain(more).map(|(name, alias, kind)| parameter(name, alias, *kind)).collect()
}

/// Whether this is the whole name of a common parameter.
pub fn is_common(name: &str) -> bool {
    COMMON.iter().chain(&SHOULD_PROCESS).any(|(n, ..)| n.eq_ignore_ascii_case(name))
}

fn parameter(name: &str, alias: &str, kind: char) -> ParameterSpec {
    let (kind, doc_type) = match kind {
        's' => (ParameterType::Switch, "SwitchParameter"),
        'a' => {
            let values = ACTIONS.iter().map(|a| Str::from(*a)).collect();
            (ParameterType::Enum { name: "ActionPreference".into(), values }, "ActionPreference")
        }
        'n' => (ParameterType::of_reference("Int32"), "Int32"),
        _ => (ParameterType::String, "String"),
    };
    ParameterSpec {
        name: name.into(),
        kind,
        doc_type: doc_type.into(),
        aliases: vec![alias.into()],
        sets: vec![SetMembership::default()],
        validation: Validation::default(),
        ours: false,
    }
}

/// What an action preference says; `None` for what is none.
pub fn action(value: &Value) -> Option<Action> {
    let name = match value {
        Value::Str(name) => ACTIONS.iter().position(|a| a.eq_ignore_ascii_case(name))?,
        Value::Int(number) => usize::try_from(*number).ok()?,
        Value::Bool(on) => return Some(if *on { Action::Continue } else { Action::SilentlyContinue }),
        _ => return None,
    };
    Some(match name {
        0 => Action::SilentlyContinue,
        1 => Action::Stop,
        2 => Action::Continue,
        3 => Action::Inquire,
        4 => Action::Ignore,
        // Suspend and Break are for workflows and debuggers.
        5 | 6 => Action::Continue,
        _ => return None,
    })
}

/// The common parameters of a command, over the preferences of the session.
pub fn resolve(bound: &Bound, preferences: &Preferences, should_process: bool) -> Common {
    let switch = |name: &str| match bound.get(name) {
        Some(Value::Bool(on)) => Some(*on),
        _ => None,
    };
    let chosen = |name: &str, otherwise: Action| bound.get(name).and_then(action).unwrap_or(otherwise);
    let shown = |action: Action| matches!(action, Action::Continue | Action::Inquire | Action::Stop);
    Common {
        verbose: switch("Verbose").unwrap_or_else(|| shown(preferences.verbose)),
        debug: switch("Debug").unwrap_or_else(|| shown(preferences.debug)),
        error_action: chosen("ErrorAction", preferences.error),
        warning_action: chosen("WarningAction", preferences.warning),
        information_action: chosen("InformationAction", preferences.information),
        progress_action: chosen("ProgressAction", preferences.progress),
        what_if: should_process && switch("WhatIf").unwrap_or(preferences.what_if),
        confirm: if should_process { switch("Confirm") } else { None },
        force: bound.switch("Force"),
    }
}
