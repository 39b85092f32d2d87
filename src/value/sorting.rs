//! Sorting that stops when what runs is stopped.

use super::{Value, compare, let_go};
use crate::env::bounds;
use crate::error::ErrorRecord;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Comparisons between two looks at whether to go on: some milliseconds of the slowest.
pub const LOOKS: u32 = 4096;

/// Leaves the sorting when what runs is stopped: there is no other way out of the comparison than that of a panic, which
/// [`until_stopped`] takes up. Nothing is printed, and sorting leaves all elements in place.
pub fn stop_if_asked(looked: &mut u32) {
    *looked = looked.wrapping_add(1);
    if looked.is_multiple_of(LOOKS) && bounds::reason().is_some() {
        resume_unwind(Box::new(Stopped));
    }
}

/// What is thrown to leave the sorting.
struct Stopped;

/// Sorts by comparisons that [`stop_if_asked`] may leave.
///
/// # Errors
/// `PipelineStopped`.
pub fn until_stopped<T: Send + 'static>(
    mut items: Vec<T>,
    sort: impl FnOnce(&mut Vec<T>),
) -> Result<Vec<T>, ErrorRecord> {
    match catch_unwind(AssertUnwindSafe(|| sort(&mut items))) {
        Ok(()) => Ok(items),
        Err(thrown) if thrown.is::<Stopped>() => {
            let many = items.len();
            let_go(items, many);
            Err(ErrorRecord::stopped())
        }
        Err(thrown) => resume_unwind(thrown),
    }
}

/// Values in their order, as `.Sort()` has it.
///
/// # Errors
/// `PipelineStopped`.
pub fn sorted(items: Vec<Value>) -> Result<Vec<Value>, ErrorRecord> {
    let mut looked = 0;
    until_stopped(items, |items| {
        items.sort_by(|a, b| {
            stop_if_asked(&mut looked);
            compare::sort_order(a, b, true)
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Rule: Ctrl-C ends the sorting and the operators of a long list.
    #[test]
    fn long_lists_are_left_when_what_runs_is_stopped() {
        let many = || (0..20_000).map(|n| Value::from((n * 7919 % 20_000).to_string())).collect::<Vec<_>>();
        assert_eq!(sorted(many()).unwrap().len(), 20_000);
        let _run = bounds::begin(&Arc::new(AtomicBool::new(true)), None, None);
        let stopped = |result: Result<Value, ErrorRecord>| result.is_err_and(|error| error.is_stop());
        assert!(stopped(sorted(many()).map(Value::list)));
        let list = Value::list(many());
        for operator in ["match", "like", "eq", "gt", "replace", "split", "contains"] {
            assert!(stopped(super::super::ops::binary(operator, &list, &"x".into())), "{operator}");
        }
        assert!(stopped(super::super::member::call(&super::super::list_object::new(true, many()).into(), "Sort", &[])));
    }
}
