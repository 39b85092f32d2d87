//! What flows through pipelines and variables: records, scalars, lists and maps, with PowerShell's types.
//!
//! A [`Value`] is `Send`: it crosses threads and wires. Script blocks travel as an opaque handle that only the
//! engine which made them can run.

mod amount;
pub mod char_object;
pub mod collate;
pub mod compare;
pub mod convert;
pub mod date;
pub mod de;
pub mod enumerate;
pub mod exceptions;
pub mod json;
pub mod list_object;
pub mod member;
pub mod near;
pub mod number;
pub mod ops;
pub mod pattern;
pub mod secret;
pub mod set_object;
pub mod sorting;
pub mod statics;
pub mod timespan;
pub mod truth;
pub mod types;
pub mod uri;
pub mod wildcard;
pub mod wire;
pub mod xml;

mod block;
mod name_set;
mod record;
mod release;
mod table;
pub mod text;

pub use amount::amount;
pub use block::{Block, BlockBody};
pub use enumerate::enumerate;
pub use name_set::{NameSet, folded};
pub use record::{Record, RecordType, TextForm, Values};
pub use release::{Hoard, Kept, let_go};
pub use table::Table;

use rust_decimal::Decimal;
use std::sync::Arc;

/// A cheaply cloned string.
pub type Str = Arc<str>;

/// One object of the shell. Twenty-four bytes; everything larger sits behind a counted pointer.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `$null`.
    #[default]
    Null,
    /// `$true`, `$false`.
    Bool(bool),
    /// Every integer type of PowerShell up to 64 bits.
    Int(i64),
    /// `[double]`.
    Float(f64),
    /// `[decimal]`, with its scale.
    Decimal(Decimal),
    /// `[string]`; a `[char]` is an object that counts as one value.
    Str(Str),
    /// `[datetime]`.
    DateTime(DateTime),
    /// `[timespan]`.
    Duration(TimeSpan),
    /// `[version]`.
    Version(Arc<Version>),
    /// `[guid]`.
    Guid(uuid::Uuid),
    /// An array. Changing an element makes a new list (copy on write).
    List(Arc<Vec<Value>>),
    /// A hashtable, plain or ordered; shared and mutable, as in PowerShell.
    Map(Table),
    /// An object with ordered properties and a type name; shared and mutable.
    Record(Record),
    /// A script block.
    Block(Block),
}

/// A point in time as .NET counts it: ticks of 100 ns since 0001-01-01, and what is known of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// Ticks of 100 ns since 0001-01-01T00:00:00, in the zone that `kind` names.
    pub ticks: i64,
    /// Which zone the ticks are in.
    pub kind: DateTimeKind,
}

/// What is known of a [`DateTime`]'s zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateTimeKind {
    /// Nothing.
    Unspecified,
    /// Coordinated universal time.
    Utc,
    /// The zone of this computer.
    Local,
}

/// A length of time: ticks of 100 ns, negative ones too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan {
    /// Ticks of 100 ns.
    pub ticks: i64,
}

/// `[version]`: two to four parts; a part that is not there is -1 in PowerShell and `None` here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// First part.
    pub major: u32,
    /// Second part.
    pub minor: u32,
    /// Third part.
    pub build: Option<u32>,
    /// Fourth part.
    pub revision: Option<u32>,
}

impl Version {
    /// The version of this program.
    pub fn of_program() -> Version {
        // Cargo writes three numbers there.
        let part = |text: &str| text.parse().unwrap_or(0);
        Version {
            major: part(env!("CARGO_PKG_VERSION_MAJOR")),
            minor: part(env!("CARGO_PKG_VERSION_MINOR")),
            build: Some(part(env!("CARGO_PKG_VERSION_PATCH"))),
            revision: None,
        }
    }
}

impl Value {
    /// A string value.
    pub fn str(text: impl Into<Str>) -> Value {
        Value::Str(text.into())
    }

    /// A list value.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// Whether this is `$null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The string inside, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What an assignment keeps of a pipeline's output: nothing is `$null`, one object is itself, several are a list.
    pub fn from_outputs(mut outputs: Vec<Value>) -> Value {
        match outputs.len() {
            0 => Value::Null,
            1 => outputs.remove(0),
            _ => Value::list(outputs),
        }
    }
}

macro_rules! from {
    ($($from:ty => |$v:ident| $make:expr),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from($v: $from) -> Value {
                $make
            }
        }
    )*};
}

from! {
    bool => |v| Value::Bool(v),
    i64 => |v| Value::Int(v),
    i32 => |v| Value::Int(v.into()),
    u32 => |v| Value::Int(v.into()),
    u16 => |v| Value::Int(v.into()),
    f64 => |v| Value::Float(v),
    Decimal => |v| Value::Decimal(v),
    &str => |v| Value::Str(v.into()),
    String => |v| Value::Str(v.into()),
    Str => |v| Value::Str(v),
    DateTime => |v| Value::DateTime(v),
    TimeSpan => |v| Value::Duration(v),
    Version => |v| Value::Version(Arc::new(v)),
    uuid::Uuid => |v| Value::Guid(v),
    Vec<Value> => |v| Value::List(Arc::new(v)),
    Table => |v| Value::Map(v),
    Record => |v| Value::Record(v),
    Block => |v| Value::Block(v),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

/// Whether two names are the same without regard to case: cmdlets, parameters, properties, keys.
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}
