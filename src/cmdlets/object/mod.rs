//! The cmdlets that work on the objects of the pipeline: filter, project, sort, group, measure, compare.

mod add_member;
mod compare;
mod for_each;
mod get_member;
mod get_unique;
mod group;
mod key;
mod measure;
mod new_object;
mod parallel;
mod select;
mod select_plan;
pub(crate) mod signature;
mod sort;
mod static_members;
mod tee;
#[cfg(test)]
mod tests;
mod where_object;

use super::property;
use crate::cmdlet::entry::object_entry;
use crate::cmdlet::{Bound, CmdletEntry, Context};
use crate::value::{Value, enumerate};

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<where_object::WhereObject>(),
        object_entry::<for_each::ForEachObject>(),
        object_entry::<select::SelectObject>(),
        object_entry::<sort::SortObject>(),
        object_entry::<group::GroupObject>(),
        object_entry::<measure::MeasureObject>(),
        object_entry::<compare::CompareObject>(),
        object_entry::<tee::TeeObject>(),
        object_entry::<get_unique::GetUnique>(),
        object_entry::<get_member::GetMember>(),
        object_entry::<new_object::NewObject>(),
        object_entry::<add_member::AddMember>(),
    ]
}

/// The object at hand: from the pipeline, or from -InputObject. `None` where there is neither.
pub(crate) fn input(bound: &Bound) -> Option<&Value> {
    bound.input().or_else(|| bound.get("InputObject"))
}

/// Warns of parameters that are given and mean nothing here.
pub(crate) fn warn_of(names: &[&str], bound: &Bound, cx: &mut Context) {
    for name in names.iter().filter(|name| bound.get(name).is_some()) {
        cx.warning(format!("-{name} has no meaning here and is not looked at."));
    }
}

/// The elements of a parameter that takes several values.
pub(crate) fn items(value: Option<&Value>) -> Vec<Value> {
    value.map_or_else(Vec::new, |value| enumerate(value.clone()))
}

/// The texts of a parameter that takes several.
pub(crate) fn texts(value: Option<&Value>) -> Vec<crate::value::Str> {
    items(value).iter().map(crate::value::text::to_text).collect()
}

/// A parameter that is a whole number.
pub(crate) fn number(bound: &Bound, name: &str) -> Option<i64> {
    match bound.get(name) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// A parameter that is a count, so no less than 0.
pub(crate) fn count(bound: &Bound, name: &str) -> Option<usize> {
    number(bound, name).and_then(|number| usize::try_from(number).ok())
}

/// The text of a parameter.
pub(crate) fn string(bound: &Bound, name: &str) -> Option<crate::value::Str> {
    bound.get(name).filter(|value| !value.is_null()).map(crate::value::text::to_text)
}
