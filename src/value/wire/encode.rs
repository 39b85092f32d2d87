//! From values to their form.

use super::{DEEPEST, MOST_VALUES, text_form, too_deep, too_large};
use crate::error::{Category, ErrorRecord};
use crate::value::{Block, DateTime, DateTimeKind, Record, Table, Value, Version, date};
use serde_json::{Value as Json, json};

/// Writes the values of one message: what two of them share stays shared.
#[derive(Default)]
pub struct Encoder {
    /// Tables and records that began, in their order.
    begun: Begun,
    /// Values written so far.
    written: usize,
}

/// What has an identity, by its address; held, so that no other takes the address while the message is written.
#[derive(Default)]
struct Begun {
    tables: std::collections::HashMap<usize, (usize, Table)>,
    records: std::collections::HashMap<usize, (usize, Record)>,
    count: usize,
}

impl Encoder {
    /// The form of the next value of the message.
    ///
    /// # Errors
    /// `BlockCannotTravel`, `ValueTooDeep`, `ValueTooLarge`.
    pub fn value(&mut self, value: &Value) -> Result<Json, ErrorRecord> {
        self.at(value, 0)
    }

    /// The records of the message that may have changed at the other end, by the numbers under which it knows them.
    pub fn records(self) -> Vec<(usize, Record)> {
        self.begun.records.into_values().collect()
    }

    fn at(&mut self, value: &Value, depth: usize) -> Result<Json, ErrorRecord> {
        self.written += 1;
        if self.written > MOST_VALUES {
            return Err(too_large());
        }
        if depth > DEEPEST {
            return Err(too_deep());
        }
        Ok(match value {
            Value::Null => Json::Null,
            Value::Bool(on) => Json::Bool(*on),
            Value::Int(n) => Json::from(*n),
            Value::Str(text) => Json::from(&**text),
            Value::Float(x) => json!({ "f": float(*x) }),
            Value::Decimal(d) => json!({ "m": d.to_string() }),
            Value::DateTime(at) => json!({ "d": date_time(*at) }),
            Value::Duration(span) => json!({ "t": span.ticks }),
            Value::Version(version) => json!({ "v": parts(version) }),
            Value::Guid(id) => json!({ "g": id.to_string() }),
            Value::List(items) => {
                let mut list = Vec::with_capacity(items.len() + 1);
                list.push(Json::from("l"));
                for item in items.iter() {
                    list.push(self.at(item, depth + 1)?);
                }
                Json::Array(list)
            }
            Value::Map(table) => self.table(table, depth)?,
            Value::Record(record) => self.record(record, depth)?,
            Value::Block(block) => return Err(cannot_travel(block)),
        })
    }

    fn table(&mut self, table: &Table, depth: usize) -> Result<Json, ErrorRecord> {
        let count = self.begun.count;
        let known = self.begun.tables.entry(table.address()).or_insert_with(|| (count, table.clone())).0;
        if known != count {
            return Ok(json!({ "^": known }));
        }
        self.begun.count += 1;
        let entries = table.entries();
        let mut list = Vec::with_capacity(entries.len() * 2 + 1);
        list.push(Json::from(if table.is_ordered() { "o" } else { "h" }));
        for (key, value) in &entries {
            list.push(self.at(key, depth + 1)?);
            list.push(self.at(value, depth + 1)?);
        }
        Ok(Json::Array(list))
    }

    fn record(&mut self, record: &Record, depth: usize) -> Result<Json, ErrorRecord> {
        let count = self.begun.count;
        let known = self.begun.records.entry(record.address()).or_insert_with(|| (count, record.clone())).0;
        if known != count {
            return Ok(json!({ "^": known }));
        }
        self.begun.count += 1;
        let fields = record.fields();
        let mut list = Vec::with_capacity(fields.len() * 2 + 4);
        list.push(Json::from("r"));
        list.push(Json::from(&*record.kind().name));
        list.push(Json::from(text_form::write(record.kind().text)));
        list.push(record.stamp().map_or(Json::Null, Json::from));
        for (name, value) in &fields {
            list.push(Json::from(&**name));
            list.push(self.at(value, depth + 1)?);
        }
        Ok(Json::Array(list))
    }
}

/// The shortest text that reads back as the same double. JSON's own numbers would do but for what is no number, and for
/// readers that round.
fn float(x: f64) -> String {
    if x.is_nan() { "NaN".into() } else { format!("{x:?}") }
}

fn date_time(at: DateTime) -> Json {
    match at.kind {
        DateTimeKind::Utc => json!([at.ticks, "u"]),
        DateTimeKind::Unspecified => json!([at.ticks, "n"]),
        DateTimeKind::Local => json!([at.ticks, "l", date::offset_seconds(at)]),
    }
}

fn parts(version: &Version) -> Json {
    json!([version.major, version.minor, version.build, version.revision])
}

fn cannot_travel(block: &Block) -> ErrorRecord {
    let text: String = block.text().trim().chars().take(40).collect();
    let message = format!("A script block runs where the script does, and cannot be sent to a server: {{{text}}}.");
    ErrorRecord::new("BlockCannotTravel", Category::InvalidType, message)
        .hint("Give the value that it makes: Where-Object and ForEach-Object run it here.")
}
