//! From their form back to values.

use super::{DEEPEST, MOST_VALUES, damaged, text_form, too_deep, too_large};
use crate::error::ErrorRecord;
use crate::value::date::{MAX_TICKS, offset_seconds, to_local};
use crate::value::{DateTime, DateTimeKind, Record, RecordType, Str, Table, TimeSpan, Value, Values, Version};
use crate::value::{date, list_object};
use serde_json::Value as Json;
use std::sync::Arc;

/// Shapes of records that are kept to be shared: one output is of one or a few.
const SHAPES: usize = 16;

/// Reads the values of one message after the other; the records of one make share their names and type.
#[derive(Default)]
pub struct Decoder {
    /// Tables and records of the message, in the order in which they began; `None` while a list object is read, which
    /// cannot hold itself.
    begun: Vec<Option<Value>>,
    read: usize,
    shapes: Vec<(Arc<RecordType>, Arc<[Str]>)>,
    /// How many keys of tables surround what is read: a key cannot refer to what stands outside of it.
    keys: usize,
}

impl Decoder {
    /// The next value of the message.
    ///
    /// # Errors
    /// `WireDamaged`, `ValueTooDeep`, `ValueTooLarge`.
    pub fn value(&mut self, json: &Json) -> Result<Value, ErrorRecord> {
        self.at(json, 0)
    }

    /// The records of the message, by their numbers.
    pub fn records(&self) -> Vec<(usize, Record)> {
        let record = |(at, value): (usize, &Option<Value>)| match value {
            Some(Value::Record(record)) => Some((at, record.clone())),
            _ => None,
        };
        self.begun.iter().enumerate().filter_map(record).collect()
    }

    /// Another message begins.
    pub fn next_message(&mut self) {
        self.begun.clear();
        self.read = 0;
        self.keys = 0;
    }

    fn at(&mut self, json: &Json, depth: usize) -> Result<Value, ErrorRecord> {
        self.read += 1;
        if self.read > MOST_VALUES {
            return Err(too_large());
        }
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match json {
            Json::Null => Ok(Value::Null),
            Json::Bool(on) => Ok(Value::Bool(*on)),
            Json::Number(n) => n.as_i64().map(Value::Int).ok_or_else(|| damaged("a number beyond 64 bits")),
            Json::String(text) => Ok(Value::str(text.as_str())),
            Json::Array(items) => match items.split_first() {
                Some((Json::String(kind), rest)) => self.holder(kind, rest, depth),
                _ => Err(damaged("an array that does not say what it is")),
            },
            Json::Object(fields) => match fields.iter().next() {
                Some((key, of)) if fields.len() == 1 && key == "^" => self.same(of),
                Some((key, of)) if fields.len() == 1 => scalar(key, of),
                _ => Err(damaged("an object that does not say what it is")),
            },
        }
    }

    fn holder(&mut self, kind: &str, rest: &[Json], depth: usize) -> Result<Value, ErrorRecord> {
        match kind {
            "l" => rest.iter().map(|item| self.at(item, depth + 1)).collect::<Result<Vec<_>, _>>().map(Value::list),
            "h" | "o" => {
                let table = Table::new(kind == "o");
                self.begun.push(Some(Value::Map(table.clone())));
                for pair in rest.chunks(2) {
                    let [key, value] = pair else { return Err(damaged("a key without a value")) };
                    self.keys += 1;
                    let key = self.at(key, depth + 1)?;
                    self.keys -= 1;
                    table.put(key, self.at(value, depth + 1)?);
                }
                Ok(Value::Map(table))
            }
            "r" => self.record(rest, depth),
            _ => Err(damaged("an array of no known kind")),
        }
    }

    fn record(&mut self, rest: &[Json], depth: usize) -> Result<Value, ErrorRecord> {
        let [Json::String(kind), Json::String(form), stamp, fields @ ..] = rest else {
            return Err(damaged("a record without its type"));
        };
        if fields.len() % 2 != 0 {
            return Err(damaged("a property without a value"));
        }
        let names =
            fields.iter().step_by(2).map(|name| name.as_str().ok_or_else(|| damaged("a property without a name")));
        let names = names.collect::<Result<Vec<&str>, _>>()?;
        let (kind, names) = self.shape(kind, text_form::read(form)?, &names);
        let empty: Values = names.iter().map(|_| Value::Null).collect();
        let record = Record::from_values(kind, names, empty);
        match stamp {
            Json::Null => {}
            stamp => record.set_stamp(stamp.as_u64().ok_or_else(|| damaged("a stamp that is no version"))?),
        }
        let at = self.begun.len();
        let may_hold_itself = !list_object::is_list(&record);
        self.begun.push(may_hold_itself.then(|| Value::Record(record.clone())));
        let mut values = Values::new();
        for value in fields.iter().skip(1).step_by(2) {
            values.push(self.at(value, depth + 1)?);
        }
        record.fill(values);
        if let Some(slot) = self.begun.get_mut(at) {
            *slot = Some(Value::Record(record.clone()));
        }
        Ok(Value::Record(record))
    }

    fn shape(&mut self, kind: &str, text: crate::value::TextForm, names: &[&str]) -> (Arc<RecordType>, Arc<[Str]>) {
        let same = |(known, list): &&(Arc<RecordType>, Arc<[Str]>)| {
            &*known.name == kind
                && known.text == text
                && list.len() == names.len()
                && list.iter().zip(names).all(|(a, b)| **a == **b)
        };
        if let Some((kind, names)) = self.shapes.iter().find(same) {
            return (kind.clone(), names.clone());
        }
        let custom = RecordType::custom();
        let kind = if *custom.name == *kind && custom.text == text { custom } else { RecordType::new(kind, text) };
        let names: Arc<[Str]> = names.iter().map(|name| Str::from(*name)).collect();
        if self.shapes.len() >= SHAPES {
            self.shapes.remove(0);
        }
        self.shapes.push((kind.clone(), names.clone()));
        (kind, names)
    }

    fn same(&mut self, of: &Json) -> Result<Value, ErrorRecord> {
        if self.keys > 0 {
            return Err(damaged("the key of a table that refers to what is outside of it"));
        }
        let at = of.as_u64().and_then(|at| usize::try_from(at).ok());
        let known = at.and_then(|at| self.begun.get(at)).cloned().flatten();
        known.ok_or_else(|| damaged("something that refers to what is not there"))
    }
}

fn scalar(key: &str, of: &Json) -> Result<Value, ErrorRecord> {
    let value = match key {
        "f" => of.as_str().and_then(|text| text.parse().ok()).map(Value::Float),
        "m" => of.as_str().and_then(|text| rust_decimal::Decimal::from_str_exact(text).ok()).map(Value::Decimal),
        "d" => date_time(of).map(Value::DateTime),
        "t" => of.as_i64().map(|ticks| Value::Duration(TimeSpan { ticks })),
        "v" => version(of).map(|version| Value::Version(Arc::new(version))),
        "g" => of.as_str().and_then(|text| text.parse().ok()).map(Value::Guid),
        _ => None,
    };
    value.ok_or_else(|| damaged("a scalar of no known type"))
}

fn date_time(of: &Json) -> Option<DateTime> {
    let parts = of.as_array()?;
    let ticks = parts.first()?.as_i64().filter(|ticks| (0..=MAX_TICKS).contains(ticks))?;
    let kind = match parts.get(1)?.as_str()? {
        "u" => DateTimeKind::Utc,
        "n" => DateTimeKind::Unspecified,
        "l" => DateTimeKind::Local,
        _ => return None,
    };
    let at = DateTime { ticks, kind };
    if kind != DateTimeKind::Local {
        return Some(at);
    }
    // Where the zone is another, it is the point in time that counts, as .NET has it.
    let sent = parts.get(2)?.as_i64().filter(|seconds| seconds.abs() <= 86_400)?;
    if sent == offset_seconds(at) {
        return Some(at);
    }
    let utc = (ticks - sent * date::SECOND).clamp(0, MAX_TICKS);
    Some(to_local(DateTime { ticks: utc, kind: DateTimeKind::Utc }))
}

fn version(of: &Json) -> Option<Version> {
    let parts = of.as_array().filter(|parts| parts.len() == 4)?;
    let needed = |at: usize| parts.get(at)?.as_u64().and_then(|n| u32::try_from(n).ok());
    let optional = |at: usize| match parts.get(at) {
        Some(Json::Null) | None => Some(None),
        Some(_) => needed(at).map(Some),
    };
    Some(Version { major: needed(0)?, minor: needed(1)?, build: optional(2)?, revision: optional(3)? })
}
