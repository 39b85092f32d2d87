//! The preference variables: `$ErrorActionPreference` and its like, as state of the session.

use super::common::{ACTIONS, action};
use super::context::{Action, Bound};
use crate::env::shown;
use crate::error::{Category, ErrorRecord};
use crate::value::{Table, Value, truth};
use serde::{Deserialize, Serialize};

/// How much a change must weigh before somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Impact {
    /// Nothing is asked by itself.
    None,
    /// Small changes are asked too.
    Low,
    /// Changes of middling weight.
    Medium,
    /// Only what is hard to undo.
    High,
}

const IMPACTS: [(&str, Impact); 4] =
    [("None", Impact::None), ("Low", Impact::Low), ("Medium", Impact::Medium), ("High", Impact::High)];

/// The values of the preference variables.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// `$ErrorActionPreference`.
    pub error: Action,
    /// `$WarningPreference`.
    pub warning: Action,
    /// `$VerbosePreference`.
    pub verbose: Action,
    /// `$DebugPreference`.
    pub debug: Action,
    /// `$InformationPreference`.
    pub information: Action,
    /// `$ProgressPreference`.
    pub progress: Action,
    /// `$WhatIfPreference`.
    pub what_if: bool,
    /// `$ConfirmPreference`.
    pub confirm: Impact,
    /// `$PSDefaultParameterValues`.
    pub defaults: Value,
    /// `$FormatEnumerationLimit`: elements of a list that a cell shows, all where it is below 0.
    pub elements: i64,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            error: Action::Continue,
            warning: Action::Continue,
            verbose: Action::SilentlyContinue,
            debug: Action::SilentlyContinue,
            information: Action::SilentlyContinue,
            progress: Action::Continue,
            what_if: false,
            confirm: Impact::High,
            defaults: Value::Map(Table::new(false)),
            elements: shown::ELEMENTS,
        }
    }
}

/// The names of the preference variables.
pub const NAMES: [&str; 10] = [
    "ErrorActionPreference",
    "WarningPreference",
    "VerbosePreference",
    "DebugPreference",
    "InformationPreference",
    "ProgressPreference",
    "WhatIfPreference",
    "ConfirmPreference",
    "PSDefaultParameterValues",
    "FormatEnumerationLimit",
];

/// Whether a variable is one of the preference variables.
pub fn is_preference(name: &str) -> bool {
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

impl Preferences {
    fn slot(&mut self, name: &str) -> Option<&mut Action> {
        Some(match name.to_ascii_lowercase().as_str() {
            "erroractionpreference" => &mut self.error,
            "warningpreference" => &mut self.warning,
            "verbosepreference" => &mut self.verbose,
            "debugpreference" => &mut self.debug,
            "informationpreference" => &mut self.information,
            "progresspreference" => &mut self.progress,
            _ => return None,
        })
    }

    /// The value of a preference variable, its name in any case; `None` if there is none of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        if name.eq_ignore_ascii_case("WhatIfPreference") {
            return Some(Value::Bool(self.what_if));
        }
        if name.eq_ignore_ascii_case("ConfirmPreference") {
            return IMPACTS.iter().find(|(_, i)| *i == self.confirm).map(|(name, _)| Value::str(*name));
        }
        if name.eq_ignore_ascii_case("PSDefaultParameterValues") {
            return Some(self.defaults.clone());
        }
        if name.eq_ignore_ascii_case("FormatEnumerationLimit") {
            return Some(Value::Int(self.elements));
        }
        let action = *self.clone().slot(name)?;
        Some(Value::str(action_name(action)))
    }

    /// The preferences that the body of a function or script sees: its common parameters over those of the caller.
    #[must_use]
    pub fn of_body(mut self, bound: &Bound, should_process: bool) -> Preferences {
        for (parameter, slot) in [
            ("ErrorAction", &mut self.error),
            ("WarningAction", &mut self.warning),
            ("InformationAction", &mut self.information),
            ("ProgressAction", &mut self.progress),
        ] {
            *slot = bound.get(parameter).and_then(action).unwrap_or(*slot);
        }
        for (parameter, slot) in [("Verbose", &mut self.verbose), ("Debug", &mut self.debug)] {
            *slot = bound.get(parameter).and_then(action).unwrap_or(*slot);
        }
        if should_process {
            if let Some(Value::Bool(on)) = bound.get("WhatIf") {
                self.what_if = *on;
            }
            if let Some(Value::Bool(on)) = bound.get("Confirm") {
                self.confirm = if *on { Impact::Low } else { Impact::None };
            }
        }
        self
    }

    /// Sets a preference variable, its name in any case; `false` if there is none of that name.
    ///
    /// # Errors
    /// `RuntimeException` where the value is none that the variable takes.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<bool, ErrorRecord> {
        if name.eq_ignore_ascii_case("WhatIfPreference") {
            self.what_if = truth::is_true(value);
        } else if name.eq_ignore_ascii_case("PSDefaultParameterValues") {
            self.defaults = value.clone();
        } else if name.eq_ignore_ascii_case("ConfirmPreference") {
            let known = |text: &str| IMPACTS.iter().find(|(n, _)| n.eq_ignore_ascii_case(text)).map(|(_, i)| *i);
            let Some(impact) = value.as_str().and_then(known) else {
                return Err(bad_value(name, value, &IMPACTS.map(|(n, _)| n)));
            };
            self.confirm = impact;
        } else if name.eq_ignore_ascii_case("FormatEnumerationLimit") {
            let Ok(elements) = crate::value::text::to_text(value).trim().parse() else {
                return Err(bad_value(name, value, &["4", "-1"]));
            };
            self.elements = elements;
        } else if let Some(slot) = self.slot(name) {
            let Some(action) = action(value) else { return Err(bad_value(name, value, &ACTIONS[..5])) };
            *slot = action;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// The name of an action preference.
pub fn action_name(action: Action) -> &'static str {
    match action {
        Action::Continue => "Continue",
        Action::SilentlyContinue => "SilentlyContinue",
        Action::Ignore => "Ignore",
        Action::Stop => "Stop",
        Action::Inquire => "Inquire",
    }
}

fn bad_value(name: &str, value: &Value, known: &[&str]) -> ErrorRecord {
    let text = crate::value::text::to_text(value);
    let message = format!("${name} cannot be '{text}'.");
    let error = ErrorRecord::new("RuntimeException", Category::MetadataError, message);
    match crate::value::near::nearest(&text, known.iter().copied()) {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error.hint(format!("It is one of {}.", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_and_set_in_any_case() {
        let mut preferences = Preferences::default();
        assert_eq!(preferences.get("erroractionpreference").unwrap().as_str(), Some("Continue"));
        assert!(preferences.set("ERRORACTIONPREFERENCE", &Value::str("stop")).unwrap());
        assert_eq!(preferences.error, Action::Stop);
        assert!(preferences.set("WhatIfPreference", &Value::Bool(true)).unwrap() && preferences.what_if);
        assert!(preferences.set("ConfirmPreference", &Value::str("Low")).unwrap());
        assert_eq!(preferences.get("ConfirmPreference").unwrap().as_str(), Some("Low"));
        assert!(!preferences.set("Other", &Value::Null).unwrap());
        assert!(preferences.set("VerbosePreference", &Value::str("Contine")).is_err());
    }
}
