//! Static members of the types that scripts name: `[math]::Round`, `[string]::IsNullOrEmpty`, `[guid]::NewGuid`.

use super::Value;
use crate::error::{Category, ErrorRecord};

/// The value of a static property or constant: `[string]::Empty`, `[datetime]::Now`.
///
/// # Errors
/// `TypeNotFound`, with the near name. A property that is not there is `$null`.
pub fn get(type_name: &str, _member: &str) -> Result<Value, ErrorRecord> {
    Err(not_found(type_name))
}

/// Calls a static method; `new` makes an object.
///
/// # Errors
/// `TypeNotFound`, `MethodNotFound`, and what the method itself says.
pub fn call(type_name: &str, _method: &str, _arguments: &[Value]) -> Result<Value, ErrorRecord> {
    Err(not_found(type_name))
}

/// Makes an object, as New-Object and `[T]::new(…)` do.
///
/// # Errors
/// `TypeNotFound`, `MethodNotFound`, and what the constructor itself says.
pub fn create(type_name: &str, _arguments: &[Value]) -> Result<Value, ErrorRecord> {
    Err(not_found(type_name))
}

fn not_found(name: &str) -> ErrorRecord {
    ErrorRecord::new("TypeNotFound", Category::InvalidOperation, format!("Unable to find type [{name}]."))
}
