//! Hashtables: `@{…}` and `[ordered]@{…}`, shared and mutable, keys of any scalar, text keys in any case.

use super::release;
use super::{Str, Value};
use indexmap::{Equivalent, IndexMap};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A key: text matches in any case, numbers by value, objects by what they are, anything else by its debug text.
#[derive(Clone, Debug)]
struct Key(Value);

impl Key {
    fn folded(&self) -> String {
        match &self.0 {
            Value::Str(text) => format!("s{}", text.to_lowercase()),
            // An object is itself, whatever it holds: itself, for one.
            Value::Map(table) => format!("m{}", table.address()),
            Value::Record(record) if !record.kind().is_scalar() => format!("r{}", record.address()),
            Value::List(items) => items.iter().map(|item| Key(item.clone()).folded() + "\u{1f}").collect(),
            other => format!("{other:?}"),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Value::Str(a), Value::Str(b)) => a == b || super::same_name(a, b),
            (Value::Int(a), Value::Int(b)) => a == b,
            _ => self.folded() == other.folded(),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Value::Str(text) => hash_text(text, state),
            Value::Int(number) => number.hash(state),
            _ => self.folded().hash(state),
        }
    }
}

/// The same for texts that differ only in case.
fn hash_text<H: Hasher>(text: &str, state: &mut H) {
    if text.is_ascii() {
        text.bytes().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
    } else {
        text.to_lowercase().bytes().for_each(|byte| state.write_u8(byte));
    }
}

/// A text to look up.
struct Text<'a>(&'a str);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_text(self.0, state);
    }
}

impl Equivalent<Key> for Text<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        matches!(&key.0, Value::Str(text) if super::same_name(text, self.0))
    }
}

struct Cell {
    ordered: bool,
    entries: Mutex<IndexMap<Key, Value>>,
}

impl Drop for Cell {
    fn drop(&mut self) {
        let entries = self.entries.get_mut().unwrap_or_else(PoisonError::into_inner);
        if entries.iter().any(|(key, value)| release::holds(value) || release::holds(&key.0)) {
            release::release(std::mem::take(entries));
        }
    }
}

/// A hashtable. Cloning shares it.
#[derive(Clone)]
pub struct Table(Arc<Cell>);

impl Table {
    /// An empty table; `ordered` is what `[ordered]` makes. Both keep the order of insertion here.
    pub fn new(ordered: bool) -> Table {
        Table(Arc::new(Cell { ordered, entries: Mutex::new(IndexMap::new()) }))
    }

    /// A table from its entries.
    pub fn from_entries(ordered: bool, entries: impl IntoIterator<Item = (Value, Value)>) -> Table {
        let table = Table::new(ordered);
        for (key, value) in entries {
            table.put(key, value);
        }
        table
    }

    /// Whether it is `[ordered]`.
    pub fn is_ordered(&self) -> bool {
        self.0.ordered
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<Key, Value>> {
        // A panic while the lock is held cannot leave the map half changed.
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        self.lock().get(&Key(key.clone())).cloned()
    }

    /// The value of a text key.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.lock().get(&Text(key)).cloned()
    }

    /// Sets a key, and adds it at the end if it is new.
    pub fn put(&self, key: Value, value: Value) {
        self.lock().insert(Key(key), value);
    }

    /// Adds a new key at a place, which is no further than the end.
    pub fn insert(&self, at: usize, key: Value, value: Value) {
        let mut entries = self.lock();
        let at = at.min(entries.len());
        entries.shift_insert(at, Key(key), value);
    }

    /// Removes a key; `false` if it is not there.
    pub fn remove(&self, key: &Value) -> bool {
        self.lock().shift_remove(&Key(key.clone())).is_some()
    }

    /// Removes all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Keys and values, in order, as they are now.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.lock().iter().map(|(key, value)| (key.0.clone(), value.clone())).collect()
    }

    /// Entries as named fields, keys that are no text by their text form.
    pub fn named(&self) -> Vec<(Str, Value)> {
        let name = |key: Value| match key {
            Value::Str(text) => text,
            other => super::text::to_text(&other),
        };
        self.entries().into_iter().map(|(key, value)| (name(key), value)).collect()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells it from all other tables that live.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Another table with the same entries.
    pub fn copy(&self) -> Table {
        Table(Arc::new(Cell { ordered: self.0.ordered, entries: Mutex::new(self.lock().clone()) }))
    }

    /// Whether both are the same object.
    pub fn same(&self, other: &Table) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries()).finish()
    }
}
