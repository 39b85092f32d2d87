//! How much of a value is shown on this thread: for code that prints and knows no session.

use std::cell::Cell;

/// Elements of a list that a cell shows where nobody says, as in PowerShell.
pub const ELEMENTS: i64 = 4;

thread_local! {
    static SHOWN: Cell<i64> = const { Cell::new(ELEMENTS) };
}

/// Elements of a list that a cell shows.
pub fn elements() -> usize {
    usize::try_from(SHOWN.get()).unwrap_or(usize::MAX)
}

/// Sets it (`$FormatEnumerationLimit`); a number below 0 shows all.
pub fn set_elements(most: i64) {
    SHOWN.set(most);
}
