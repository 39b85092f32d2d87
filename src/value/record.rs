//! Records: ordered properties and a type, shared and mutable as PowerShell's objects are.

use super::release;
use super::xml::Node;
use super::{Str, Value};
use smallvec::SmallVec;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a record prints inside a string or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// `@{A=1; B=x}`: custom objects.
    Custom,
    /// `A=1;B=x`: elements of the product's lists.
    Pairs,
    /// The value of the property `Identity`.
    Identity,
    /// The value of another property.
    Property(&'static str),
    /// The value of another property, of an object that counts as one value: an enumeration, a type.
    Scalar(&'static str),
    /// `[key, value]`: entries of tables.
    Entry,
    /// The name of the type, as .NET objects that say nothing of themselves.
    TypeName,
}

/// The type of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordType {
    /// Its name, `Microsoft.Rtc.Management.Xds.ReplicaState`; the default view is found by it.
    pub name: Str,
    /// How it prints inside a string or a list.
    pub text: TextForm,
    /// What its one record shows: it has its properties from there, beside its own.
    pub(super) node: Option<Box<Node>>,
}

impl RecordType {
    /// A type by name, with the text form given.
    pub fn new(name: &str, text: TextForm) -> Arc<RecordType> {
        Arc::new(RecordType { name: name.into(), text, node: None })
    }

    /// The node of a document that its one record shows, if it shows one.
    pub fn node(&self) -> Option<&Node> {
        self.node.as_deref()
    }

    /// Whether its records count as one value, as an enumeration's do: they print as text, not as a table.
    pub fn is_scalar(&self) -> bool {
        matches!(self.text, TextForm::Scalar(_))
    }

    /// The type of `[pscustomobject]`.
    pub fn custom() -> Arc<RecordType> {
        thread_local! {
            static CUSTOM: Arc<RecordType> =
                RecordType::new("System.Management.Automation.PSCustomObject", TextForm::Custom);
        }
        CUSTOM.with(Arc::clone)
    }
}

/// The properties of a record: names (shared between records of one make) and values, in order.
#[derive(Clone, Debug)]
pub struct Fields {
    names: Arc<[Str]>,
    values: Values,
}

/// The values of a record. Those of a small one lie in the record itself, so that it is one allocation.
pub type Values = SmallVec<[Value; 4]>;

/// No stamp.
const UNSTAMPED: u64 = u64::MAX;

struct Cell {
    kind: Arc<RecordType>,
    stamp: AtomicU64,
    fields: Mutex<Fields>,
}

impl Drop for Cell {
    fn drop(&mut self) {
        let fields = self.fields.get_mut().unwrap_or_else(PoisonError::into_inner);
        if fields.values.iter().any(release::holds) {
            release::release(std::mem::take(&mut fields.values));
        }
    }
}

/// An object with ordered properties. Cloning shares it; [`Record::copy`] makes another.
#[derive(Clone)]
pub struct Record(Arc<Cell>);

impl Record {
    /// A record of a type from its properties in order.
    pub fn new<N: Into<Str>>(kind: Arc<RecordType>, fields: impl IntoIterator<Item = (N, Value)>) -> Record {
        let (names, values): (Vec<Str>, Vec<Value>) =
            fields.into_iter().map(|(name, value)| (name.into(), value)).unzip();
        Record::from_parts(kind, names.into(), values)
    }

    /// A custom object from its properties in order.
    pub fn custom<N: Into<Str>>(fields: impl IntoIterator<Item = (N, Value)>) -> Record {
        Record::new(RecordType::custom(), fields)
    }

    /// A record whose list of names is shared with others; `values` has one value for each name.
    pub fn from_parts(kind: Arc<RecordType>, names: Arc<[Str]>, values: Vec<Value>) -> Record {
        Record::from_values(kind, names, values.into())
    }

    /// The same from values that were gathered as the record keeps them.
    pub fn from_values(kind: Arc<RecordType>, names: Arc<[Str]>, values: Values) -> Record {
        debug_assert_eq!(names.len(), values.len());
        let stamp = AtomicU64::new(UNSTAMPED);
        Record(Arc::new(Cell { kind, stamp, fields: Mutex::new(Fields { names, values }) }))
    }

    /// Its type.
    pub fn kind(&self) -> &Arc<RecordType> {
        &self.0.kind
    }

    fn lock(&self) -> MutexGuard<'_, Fields> {
        // A panic while the lock is held cannot leave the fields half changed: each change is one assignment or push.
        self.0.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a property, its name in any case.
    pub fn get(&self, name: &str) -> Option<Value> {
        let fields = self.lock();
        match position(&fields.names, name) {
            Some(at) => Some(fields.values[at].clone()),
            None => self.0.kind.node()?.get(name),
        }
    }

    /// Looks at the value of a property, its name in any case. `look` must not touch the record.
    pub(crate) fn look<R>(&self, name: &str, look: impl FnOnce(&Value) -> R) -> Option<R> {
        let fields = self.lock();
        let at = position(&fields.names, name)?;
        fields.values.get(at).map(look)
    }

    /// Changes the value of a property in place, its name in any case. `change` must not touch the record.
    pub(crate) fn change<R>(&self, name: &str, change: impl FnOnce(&mut Value) -> R) -> Option<R> {
        let mut fields = self.lock();
        let at = position(&fields.names, name)?;
        fields.values.get_mut(at).map(change)
    }

    /// Sets a property that exists; `false` if there is none of that name.
    pub fn set(&self, name: &str, value: Value) -> bool {
        let mut fields = self.lock();
        match position(&fields.names, name) {
            Some(at) => {
                fields.values[at] = value;
                true
            }
            None => false,
        }
    }

    /// Sets a property, and adds it at the end if it does not exist.
    pub fn put(&self, name: &str, value: Value) {
        let mut fields = self.lock();
        if let Some(at) = position(&fields.names, name) {
            fields.values[at] = value;
        } else {
            fields.names = fields.names.iter().cloned().chain([Str::from(name)]).collect();
            fields.values.push(value);
        }
    }

    /// Removes a property; `false` if there is none of that name.
    pub fn remove(&self, name: &str) -> bool {
        let mut fields = self.lock();
        let Some(at) = position(&fields.names, name) else { return false };
        let names: Vec<Str> =
            fields.names.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, n)| n.clone()).collect();
        fields.names = names.into();
        fields.values.remove(at);
        true
    }

    /// The names, in order.
    pub fn names(&self) -> Arc<[Str]> {
        let own = self.lock().names.clone();
        match self.0.kind.node() {
            Some(node) => own.iter().cloned().chain(node.names()).collect(),
            None => own,
        }
    }

    /// Names and values, in order, as they are now.
    pub fn fields(&self) -> Vec<(Str, Value)> {
        if let Some(node) = self.0.kind.node() {
            let own = self.lock().names.to_vec();
            let named = own.into_iter().chain(node.names());
            return named.map(|name| (name.clone(), self.get(&name).unwrap_or_default())).collect();
        }
        let fields = self.lock();
        fields.names.iter().cloned().zip(fields.values.iter().cloned()).collect()
    }

    /// How many properties it has.
    pub fn len(&self) -> usize {
        let own = self.lock().values.len();
        own + self.0.kind.node().map_or(0, |node| node.names().len())
    }

    /// Whether it has no property.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces all values, one for each name: for a record that is made before what it holds.
    pub(super) fn fill(&self, values: Values) {
        let mut fields = self.lock();
        debug_assert_eq!(fields.names.len(), values.len());
        fields.values = values;
    }

    /// Tells it from all other records that live.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Another record with the same properties.
    pub fn copy(&self) -> Record {
        let fields = self.lock().clone();
        let stamp = AtomicU64::new(self.0.stamp.load(Ordering::Relaxed));
        Record(Arc::new(Cell { kind: self.0.kind.clone(), stamp, fields: Mutex::new(fields) }))
    }

    /// Whether both are the same object.
    pub fn same(&self, other: &Record) -> bool {
        let node = self.0.kind.node();
        Arc::ptr_eq(&self.0, &other.0) || (node.is_some() && node == other.0.kind.node())
    }

    /// The version of the store that it shows, if it was read from there (0: what it shows was not there). It is no
    /// property: a change handed in by this object is refused where the store has moved on.
    pub fn stamp(&self) -> Option<u64> {
        Some(self.0.stamp.load(Ordering::Relaxed)).filter(|stamp| *stamp != UNSTAMPED)
    }

    /// Says which version of the store it shows.
    pub fn set_stamp(&self, version: u64) {
        self.0.stamp.store(version, Ordering::Relaxed);
    }
}

fn position(names: &[Str], name: &str) -> Option<usize> {
    names.iter().position(|n| &**n == name).or_else(|| names.iter().position(|n| super::same_name(n, name)))
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A secret gets into no log.
        f.debug_map().entries(self.fields().into_iter().filter(|(name, _)| &**name != super::secret::FIELD)).finish()
    }
}
