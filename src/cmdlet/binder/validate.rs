//! What is checked of a value after conversion.

use super::failure::{self, Failed};
use super::plan::{Param, Plan};
use crate::cmdlet::spec::ParameterType;
use crate::value::enumerate::items;
use crate::value::pattern::{self, IGNORE_CASE};
use crate::value::{Str, Value, same_name, text};

/// Checks a value by the parameter's validation, and by what a mandatory one refuses.
pub(super) fn check(plan: &Plan, param: &Param, value: &Value) -> Failed<()> {
    let rules = &param.spec.validation;
    if let Some((least, most)) = rules.count {
        let count = items(value).map_or(usize::from(!value.is_null()), |list| list.len());
        if count < least || count > most {
            return Err(failure::refused(plan, param, &format!("{count} values; it takes {least} to {most}.")));
        }
    }
    let list = items(value);
    if rules.not_null && value.is_null() {
        return Err(failure::refused(plan, param, "it cannot be $null."));
    }
    let is_empty = value.is_null() || list.as_ref().is_some_and(|l| l.is_empty());
    if (rules.not_null_or_empty || rules.not_blank) && is_empty {
        return Err(failure::refused(plan, param, "it cannot be $null or empty."));
    }
    match &list {
        Some(list) => list.iter().try_for_each(|v| element(plan, param, v))?,
        None => element(plan, param, value)?,
    }
    if param.is_mandatory_somewhere() { not_empty(plan, param, &param.spec.kind, value) } else { Ok(()) }
}

fn element(plan: &Plan, param: &Param, value: &Value) -> Failed<()> {
    let rules = &param.spec.validation;
    if rules.not_null && value.is_null() {
        return Err(failure::refused(plan, param, "an element is $null."));
    }
    if rules.not_null_or_empty && (value.is_null() || value.as_str() == Some("")) {
        return Err(failure::refused(plan, param, "it cannot be $null or empty."));
    }
    if rules.not_blank && (value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())) {
        return Err(failure::refused(plan, param, "it cannot be $null, empty or blank."));
    }
    if !rules.values.is_empty() {
        let shown = text::to_text(value);
        let is_one = |v: &Str| if rules.values_case { **v == *shown } else { same_name(v, &shown) };
        if value.is_null() || !rules.values.iter().any(is_one) {
            let why = match &rules.values_message {
                Some(message) => filled(message, &shown, &rules.values.join(",")),
                None => format!("'{shown}' is none of its values."),
            };
            return Err(failure::suggest(failure::refused(plan, param, &why), &shown, &rules.values));
        }
    }
    if let Some((least, most)) = rules.range {
        let inside = number(value).is_some_and(|n| n >= least && n <= most);
        if !inside {
            let why = format!("{} is not {}.", text::to_text(value), range_text(least, most));
            return Err(failure::refused(plan, param, &why));
        }
    }
    if let Some((least, most)) = rules.length {
        // .NET counts UTF-16 units.
        let length = text::to_text(value).encode_utf16().count();
        if length < least || length > most {
            let why = format!("its text has {length} characters; it takes {least} to {most}.");
            return Err(failure::refused(plan, param, &why));
        }
    }
    if let Some(pattern) = &rules.pattern {
        let shown = text::to_text(value);
        let compiled = pattern::compile(pattern, rules.pattern_options.unwrap_or(IGNORE_CASE));
        let matched = compiled.and_then(|compiled| compiled.is_match(&shown));
        let matched = matched.map_err(|error| failure::bad_pattern(plan, param, &error))?;
        if !matched {
            let why = match &rules.pattern_message {
                Some(message) => filled(message, &shown, pattern),
                None => format!("'{shown}' does not match the pattern {pattern}."),
            };
            return Err(failure::refused(plan, param, &why));
        }
    }
    Ok(())
}

/// A script's own message, with the value and what it was checked against.
fn filled(message: &str, shown: &str, rule: &str) -> String {
    message.replace("{0}", shown).replace("{1}", rule)
}

/// What a range asks for; `Positive` and its kin have no upper or lower end.
fn range_text(least: f64, most: f64) -> String {
    match (least, most) {
        (f64::MIN_POSITIVE, f64::INFINITY) => "greater than 0".into(),
        (f64::NEG_INFINITY, most) if most == -f64::MIN_POSITIVE => "less than 0".into(),
        (least, f64::INFINITY) => format!("{least} or more"),
        (f64::NEG_INFINITY, most) => format!("{most} or less"),
        _ => format!("from {least} to {most}"),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        #[allow(clippy::cast_precision_loss, reason = "limits of parameters are far below 2^53")]
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        Value::Decimal(d) => d.to_string().parse().ok(),
        _ => None,
    }
}

/// What a mandatory parameter refuses unless it says otherwise: `$null`, "", a list without elements.
fn not_empty(plan: &Plan, param: &Param, kind: &ParameterType, value: &Value) -> Failed<()> {
    let rules = &param.spec.validation;
    if value.is_null() {
        let id = "ParameterArgumentValidationErrorNullNotAllowed";
        return if rules.allow_null { Ok(()) } else { Err(failure::not_allowed(plan, param, id, "$null")) };
    }
    match kind {
        ParameterType::String if value.as_str() == Some("") && !rules.allow_empty_string => {
            let id = "ParameterArgumentValidationErrorEmptyStringNotAllowed";
            Err(failure::not_allowed(plan, param, id, "an empty text"))
        }
        ParameterType::Array(element) => {
            let list = items(value);
            let elements = list.as_ref().map_or(std::slice::from_ref(value), |list| &list[..]);
            if elements.is_empty() && !rules.allow_empty_collection {
                let id = "ParameterArgumentValidationErrorEmptyArrayNotAllowed";
                return Err(failure::not_allowed(plan, param, id, "an empty list"));
            }
            // Elements are looked at, lists among them are not gone into.
            let inner = if matches!(**element, ParameterType::Array(_)) { &ParameterType::Object } else { &**element };
            elements.iter().try_for_each(|v| not_empty(plan, param, inner, v))
        }
        _ => Ok(()),
    }
}
