//! Casts: `[int]"12"`, `-as`, and what binding a parameter does.

mod composite;
mod scalar;
mod target;

pub use target::{Target, int64, target};

use super::{Value, types};
use crate::error::{Category, ErrorRecord};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Converts a value as a cast does.
///
/// # Errors
/// PowerShell's: `InvalidCastFromStringToInteger`, `InvalidCastFromStringToDoubleOrSingle`,
/// `InvalidCastParseTargetInvocation`, `InvalidCastIConvertible`, `nullToObjectInvalidCast`,
/// `InvalidCastConstructorException`, `ConvertToFinalInvalidCastException` and the like.
pub fn cast(value: &Value, to: &Target) -> Result<Value, ErrorRecord> {
    match to {
        Target::Object => Ok(value.clone()),
        Target::Void => Ok(Value::Null),
        Target::Bool | Target::Switch => scalar::boolean(value, to),
        Target::String => Ok(scalar::string(value)),
        Target::Char => scalar::char(value),
        Target::Int { name, min, max } => scalar::int(value, to, (name, *min, *max)),
        Target::Double | Target::Single => scalar::double(value, to),
        Target::Decimal => scalar::decimal(value),
        Target::DateTime => scalar::date_time(value),
        Target::TimeSpan => scalar::time_span(value),
        Target::Guid => scalar::guid(value),
        Target::Version => scalar::version(value),
        Target::IpAddress => scalar::ip_address(value),
        Target::Enum { name, values } => scalar::enumeration(value, name, values),
        Target::Type => scalar::type_value(value),
        Target::Regex | Target::Uri | Target::Xml | Target::ScriptBlock | Target::Made(_) | Target::Instance(_) => {
            composite::object(value, to)
        }
        Target::Hashtable | Target::Ordered => composite::table(value, to),
        Target::CustomObject => Ok(composite::custom_object(value)),
        Target::List { generic } => Ok(composite::list_object(value, *generic)),
        Target::Array(element) => composite::array(value, element),
        Target::Nullable(_) if value.is_null() || value.as_str() == Some("") => Ok(Value::Null),
        Target::Nullable(inner) => cast(value, inner),
    }
}

/// The nearest double of a decimal.
pub fn decimal_to_double(d: &Decimal) -> f64 {
    d.to_f64().unwrap_or(f64::NAN)
}

/// An error of a conversion.
pub(super) fn failed(id: &'static str, value: &Value, to: &str) -> ErrorRecord {
    let shown = match value {
        Value::Null => "null".to_string(),
        other => format!("\"{}\"", super::text::to_text(other)),
    };
    let from = types::name_of(value);
    let message = match id {
        "InvalidCastIConvertible" => {
            format!("Value {shown} is too large or too small for {to}, or cannot be converted.")
        }
        _ => format!("Cannot convert value {shown} of type {from} to type {to}."),
    };
    ErrorRecord::new(id, Category::InvalidArgument, message).target(value.clone())
}

#[cfg(test)]
mod tests;
