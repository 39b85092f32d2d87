//! Static members of the types that scripts name: `[math]::Round`, `[string]::IsNullOrEmpty`, `[guid]::NewGuid`.

mod convert;
mod create;
mod dates;
mod errors;
mod files;
mod known;
mod math;
mod records;
mod strings;
mod web;

pub use convert::{from_base64, to_base64};
pub(super) mod system;

pub use convert::{empty_of, try_parse, try_parse_exact};
pub use create::create;
pub use files::{FILE_INFO, path_info};
pub use known::{Members, members};
pub use records::{CHOICE, COMPARER, CULTURE, MAIL_ADDRESS};
pub use system::user_name;
pub use web::html;

use super::member::Call;
use super::{Str, Value, near, types};
use crate::error::{Category, ErrorRecord};

/// The value of a static property or constant: `[string]::Empty`, `[datetime]::Now`; of an enumeration, a value.
/// A property that is not there is `$null`.
///
/// # Errors
/// `TypeNotFound`, with the near name.
pub fn get(type_name: &str, member: &str) -> Result<Value, ErrorRecord> {
    let found = find(type_name)?;
    if types::is_enum(&found) {
        return Ok(types::enum_value(&found, member).unwrap_or_default());
    }
    let name = member.to_ascii_lowercase();
    let value = match &*found {
        "System.Math" => math::get(&name),
        "System.String" => strings::get(&name),
        "System.DateTime" | "System.TimeSpan" | "System.DateTimeOffset" => dates::get(&found, &name),
        _ => system::get(&found, &name),
    };
    Ok(value.unwrap_or_default())
}

/// Calls a static method; `new` makes an object.
///
/// # Errors
/// `TypeNotFound`, `MethodNotFound`, and what the method itself says.
pub fn call(type_name: &str, method: &str, arguments: &[Value]) -> Result<Value, ErrorRecord> {
    let found = find(type_name)?;
    if method.eq_ignore_ascii_case("new") {
        return create(type_name, arguments);
    }
    let name = method.to_ascii_lowercase();
    let call = Call { name: &name, arguments };
    let answer = match &*found {
        "System.Math" => math::call(&call),
        "System.String" | "System.Char" | "System.Text.RegularExpressions.Regex" => strings::call(&found, &call),
        "System.DateTime" | "System.TimeSpan" | "System.DateTimeOffset" => dates::call(&found, &call),
        "System.Decimal" if math::OF_DECIMAL.contains(&call.name) => {
            let mut of_decimal = arguments.to_vec();
            if let Some(first) = of_decimal.first_mut() {
                *first = super::convert::cast(first, &super::convert::Target::Decimal)?;
            }
            math::call(&Call { name: &name, arguments: &of_decimal })
        }
        "System.Uri" | "System.Net.WebUtility" | "System.Web.HttpUtility" => web::call(&found, &call),
        "System.IO.File" => files::call(&call),
        "System.Convert" => convert::call(&call),
        _ => convert::parse(&found, &call).or_else(|| system::call(&found, &call)),
    };
    answer.unwrap_or_else(|| {
        if name == "equals" && call.count() == 2 {
            return Ok(super::compare::equals(&call.value(0), &call.value(1), true).into());
        }
        Err(super::member::not_found(&found, method))
    })
}

/// The full name of a type.
fn find(name: &str) -> Result<Str, ErrorRecord> {
    types::find(name).map(|found| found.full).ok_or_else(|| type_not_found(name))
}

/// What does the work of an array of several dimensions.
pub const ONE_DIMENSION: &str =
    "An array of arrays does it: $a = 1..2 | ForEach-Object { , (New-Object 'object[]' 3) }; $a[1][2] = 5";

/// There is no type of this name.
pub fn type_not_found(name: &str) -> ErrorRecord {
    if types::has_dimensions(name) {
        let message = format!("Unable to find type [{name}]: arrays have one dimension here.");
        return ErrorRecord::new("TypeNotFound", Category::InvalidOperation, message).hint(ONE_DIMENSION);
    }
    let error = ErrorRecord::new(
        "TypeNotFound",
        Category::InvalidOperation,
        format!("Unable to find type [{name}]: only types that runbooks use are here."),
    );
    match near::nearest(name, types::all_names()) {
        Some(near) => error.hint(format!("Did you mean [{near}]?")),
        None => error,
    }
}

#[cfg(test)]
mod tests;
