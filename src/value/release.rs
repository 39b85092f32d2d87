//! Letting go of objects that hold objects that hold objects: level by level down to some depth, below which they wait
//! in a queue, so that no chain is long enough to overflow the stack.

use super::Value;
use crate::env::bounds;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};

/// Levels that are gone down directly: a level takes some hundred bytes of stack.
const LEVELS: u32 = 128;

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Whether a value may hold others.
pub(super) fn holds(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_) | Value::Record(_) | Value::Block(_))
}

/// Drops what an object held.
pub(super) fn release<T: 'static>(held: T) {
    let level = LEVEL.get();
    if level >= LEVELS {
        // Where the thread's queue is gone already, at its end, it goes down directly.
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(Box::new(held)));
        return;
    }
    LEVEL.set(level + 1);
    drop(held);
    if level == 0 {
        while let Ok(Some(next)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            drop(next);
        }
    }
    LEVEL.set(level);
}

/// Objects whose going nobody notices: some milliseconds.
const FEW: usize = 50_000;

/// Drops what holds so many objects: many on a thread of their own, so that whoever pressed Ctrl-C need not wait for it;
/// not at all where the process ends.
pub fn let_go<T: Send + 'static>(what: T, objects: usize) {
    if objects >= FEW && bounds::forsaken() {
        std::mem::forget(what);
    } else if objects >= FEW {
        // Where there is no thread it is dropped here, with the closure.
        let _ = std::thread::Builder::new().name("release".into()).spawn(move || drop(what));
    }
}

/// Objects that are gone through one by one; those that nobody got to go as [`let_go`] lets them.
pub struct Hoard<T: Send + 'static>(std::vec::IntoIter<T>);

impl<T: Send + 'static> From<Vec<T>> for Hoard<T> {
    fn from(objects: Vec<T>) -> Hoard<T> {
        Hoard(objects.into_iter())
    }
}

impl<T: Send + 'static> Iterator for Hoard<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }
}

impl<T: Send + 'static> Drop for Hoard<T> {
    fn drop(&mut self) {
        let many = self.0.len();
        let_go(std::mem::take(&mut self.0), many);
    }
}

/// Something that holds so many objects at most, and goes as [`let_go`] lets it however its holder ends.
pub struct Kept<T: Default + Send + 'static> {
    what: T,
    objects: usize,
}

impl<T: Default + Send + 'static> Kept<T> {
    /// Keeps it.
    pub fn new(what: T, objects: usize) -> Kept<T> {
        Kept { what, objects }
    }
}

impl<T: Default + Send + 'static> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

impl<T: Default + Send + 'static> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.what
    }
}

impl<T: Default + Send + 'static> Drop for Kept<T> {
    fn drop(&mut self) {
        let_go(std::mem::take(&mut self.what), self.objects);
    }
}

#[cfg(test)]
mod tests {
    use crate::value::{Record, Table, Value, list_object};

    /// Rule: a chain of a million objects goes without the stack of a small thread overflowing.
    #[test]
    fn long_chains_go() {
        let makers: [fn(Value) -> Value; 3] = [
            |inner| Record::custom([("a", inner)]).into(),
            |inner| Table::from_entries(false, [("a".into(), inner)]).into(),
            |inner| list_object::new(false, vec![inner]).into(),
        ];
        for make in makers {
            let mut chain = Value::Null;
            for _ in 0..200_000 {
                chain = make(chain);
            }
            std::thread::Builder::new().stack_size(256 << 10).spawn(move || drop(chain)).unwrap().join().unwrap();
        }
    }
}
