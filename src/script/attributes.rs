//! What attributes of parameters say: their arguments, and what they check.

use crate::cmdlet::spec::Validation;
use crate::language::lower::type_text;
use crate::language::tree::{Attribute, Expr, ExprKind};
use crate::value::convert::{self, Target};
use crate::value::{Str, Value, ops, same_name, statics, text, types};

/// Whether a named argument is on: it is without a value.
pub(super) fn is_true(value: Option<&Expr>) -> bool {
    match value.map(|v| &v.kind) {
        Some(ExprKind::Variable(v)) => !same_name(&v.name, "false"),
        _ => true,
    }
}

/// A word or a text.
pub(super) fn word(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::String { text, .. } | ExprKind::Bareword(text) => Some(text.clone()),
        ExprKind::Constant(value) => Some(crate::value::text::to_text(value).to_string()),
        _ => None,
    }
}

/// A number.
pub(super) fn number(value: &Expr) -> Option<f64> {
    match convert::cast(&constant(value)?, &Target::Double).ok()? {
        Value::Float(number) => Some(number),
        _ => None,
    }
}

/// The value of an expression that is one without running: `5`, `-1`, `1kb`, `[int]::MaxValue`, `(2 * 8)`.
fn constant(value: &Expr) -> Option<Value> {
    match &value.kind {
        ExprKind::Constant(value) => Some(value.clone()),
        ExprKind::String { text, .. } | ExprKind::Bareword(text) => Some(Value::str(text.as_str())),
        ExprKind::Variable(variable) => match variable.name.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        ExprKind::Unary { operator, operand } if operator == "-" || operator == "+" => {
            ops::unary(operator, &constant(operand)?).ok()
        }
        ExprKind::Binary { operator, left, right, .. } if ["+", "-", "*", "/"].contains(&operator.as_str()) => {
            ops::binary(operator, &constant(left)?, &constant(right)?).ok()
        }
        ExprKind::Paren(statement) => constant(statement.as_expr()?),
        ExprKind::Cast { to, operand } => convert::cast(&constant(operand)?, &convert::target(&type_text(to))?).ok(),
        ExprKind::Member { target, name, is_static: true, .. } => match (&target.kind, &name.kind) {
            (ExprKind::Type(of), ExprKind::Bareword(name)) => {
                statics::get(&type_text(of), name).ok().filter(|value| !value.is_null())
            }
            _ => None,
        },
        _ => None,
    }
}

/// What of a `[Validate…(…)]` is not there: the attribute, or one of its arguments. `None` where all is.
pub fn not_understood(attribute: &Attribute) -> Option<String> {
    let name = attribute.name.name.rsplit('.').next().unwrap_or_default();
    let validates = name.get(..8).is_some_and(|head| same_name(head, "Validate"));
    if !attribute.has_arguments || !validates {
        return None;
    }
    validate(attribute, &mut Validation::default()).err()
}

/// Adds what an attribute checks; gives what of it is not there.
pub(super) fn validate(attribute: &Attribute, validation: &mut Validation) -> Result<(), String> {
    let name = attribute.name.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix("attribute").unwrap_or(&name);
    let arguments = || attribute.positional.iter().map(constant);
    let texts = || arguments().map(|value| value.map(|value| text::to_text(&value))).collect::<Option<Vec<Str>>>();
    let pair = || match attribute.positional.as_slice() {
        [a, b] => number(a).zip(number(b)),
        _ => None,
    };
    let count = || pair().filter(|(a, b)| *a >= 0.0 && *b >= 0.0).map(|(a, b)| (a as usize, b as usize));
    let given = |wanted: &str| attribute.named.iter().find(|(name, _)| same_name(name, wanted));
    let message = || given("ErrorMessage").and_then(|(_, value)| constant(value.as_ref()?)).map(|m| text::to_text(&m));
    let whole = || format!("this form of [{}]", attribute.name.name);
    let known: &[&str] = match name {
        "validateset" => {
            let values = texts().ok_or_else(whole)?;
            if values.is_empty() {
                return Err(whole());
            }
            validation.values = values;
            validation.values_case = given("IgnoreCase").is_some_and(|(_, value)| !is_true(value.as_ref()));
            validation.values_message = message();
            &["IgnoreCase", "ErrorMessage"]
        }
        "validaterange" => {
            let kind = match attribute.positional.as_slice() {
                [kind] => constant(kind).map(|kind| text::to_text(&kind).to_ascii_lowercase()),
                _ => None,
            };
            let range = match kind.as_deref() {
                Some("positive") => Some((f64::MIN_POSITIVE, f64::INFINITY)),
                Some("nonnegative") => Some((0.0, f64::INFINITY)),
                Some("negative") => Some((f64::NEG_INFINITY, -f64::MIN_POSITIVE)),
                Some("nonpositive") => Some((f64::NEG_INFINITY, 0.0)),
                _ => pair(),
            };
            validation.range = Some(range.ok_or_else(whole)?);
            &[]
        }
        "validatelength" => {
            validation.length = Some(count().ok_or_else(whole)?);
            &[]
        }
        "validatecount" => {
            validation.count = Some(count().ok_or_else(whole)?);
            &[]
        }
        "validatepattern" => {
            let [pattern] = texts().ok_or_else(whole)?.try_into().map_err(|_| whole())?;
            validation.pattern = Some(pattern);
            if let Some((_, options)) = given("Options") {
                validation.pattern_options = Some(options.as_ref().and_then(regex_options).ok_or_else(whole)?);
            }
            validation.pattern_message = message();
            &["Options", "ErrorMessage"]
        }
        "validatescript" => match attribute.positional.as_slice() {
            [Expr { kind: ExprKind::ScriptBlock(_), .. }] => &["ErrorMessage"],
            _ => return Err(whole()),
        },
        "validatenotnull" => {
            validation.not_null = true;
            &[]
        }
        "validatenotnullorempty" => {
            validation.not_null_or_empty = true;
            &[]
        }
        "validatenotnullorwhitespace" => {
            validation.not_blank = true;
            &[]
        }
        "allownull" => {
            validation.allow_null = true;
            &[]
        }
        "allowemptystring" => {
            validation.allow_empty_string = true;
            &[]
        }
        "allowemptycollection" => {
            validation.allow_empty_collection = true;
            &[]
        }
        _ if !name.starts_with("validate") => return Ok(()),
        _ => return Err(format!("[{}]", attribute.name.name)),
    };
    match attribute.named.iter().find(|(name, _)| !known.iter().any(|known| same_name(known, name))) {
        Some((other, _)) => Err(format!("{other} of [{}]", attribute.name.name)),
        None => Ok(()),
    }
}

/// `'None'`, `'IgnoreCase, Multiline'`, `[System.Text.RegularExpressions.RegexOptions]::None`, as .NET's number.
fn regex_options(value: &Expr) -> Option<i64> {
    let named = match &value.kind {
        ExprKind::Member { name, is_static: true, .. } => word(name)?,
        _ => word(value)?,
    };
    named.split(',').try_fold(0, |sum, option| {
        types::enum_by_name("System.Text.RegularExpressions.RegexOptions", option.trim()).map(|number| sum | number)
    })
}
