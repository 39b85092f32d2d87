//! The binder: whatever a command line and an object hold, it says what is bound or what is wrong, and nobody reads it
//! differently without running it: what the static binder refuses for sure, the binder refuses, too.

use reeve::cmdlet::binder::{Conversions, Options, command_line};
use reeve::cmdlet::catalogue;
use reeve::cmdlet::pipeline::Argument;
use reeve::error::{Halt, Span};
use reeve::value::{Record, Table, Value};

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> usize {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                usize::from(*first)
            }
            None => 0,
        }
    }

    fn text(&mut self) -> String {
        let length = (self.next() % 24).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.next() % 14 {
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => Value::Bool(false),
            3 => Value::Int(self.next() as i64 - 128),
            4 => Value::Int(i64::MAX - self.next() as i64),
            5 => Value::Float(self.next() as f64 / 7.0),
            6 => Value::Float(f64::INFINITY),
            7 if depth < 3 => {
                let count = self.next() % 4;
                Value::list((0..count).map(|_| self.value(depth + 1)).collect())
            }
            8 if depth < 3 => {
                let entries: Vec<(Value, Value)> =
                    (0..self.next() % 3).map(|_| (Value::from(self.text()), self.value(depth + 1))).collect();
                Value::Map(Table::from_entries(false, entries))
            }
            9 if depth < 3 => {
                let names = ["Identity", "Instance", "Name", "PoolFqdn", "Site", "SipAddress"];
                let fields: Vec<(&str, Value)> =
                    (0..self.next() % 4).map(|_| (names[self.next() % names.len()], self.value(depth + 1))).collect();
                Value::Record(Record::custom(fields))
            }
            10 => Value::from("12"),
            11 => Value::from("2026-11-21"),
            12 => Value::from(""),
            _ => Value::from(self.text()),
        }
    }
}

/// A cmdlet of the catalogue, the arguments, and objects of the pipeline.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let cmdlets = catalogue::names().len();
    let which = (bytes.next() * 256 + bytes.next()) % cmdlets;
    let Some(spec) = catalogue::names().nth(which).and_then(catalogue::signature) else { return };
    let mut arguments = Vec::new();
    for _ in 0..bytes.next() % 7 {
        let span = Span::default();
        let name = |bytes: &mut Bytes| match spec.parameters.len() {
            0 => bytes.text(),
            count => {
                let name = spec.parameters[bytes.next() % count].name.to_string();
                let length = name.chars().count().min(1 + bytes.next() % 40);
                name.chars().take(length).collect()
            }
        };
        arguments.push(match bytes.next() % 6 {
            0 => Argument::Named { name: bytes.text(), value: None, span },
            1 => Argument::Named { name: name(&mut bytes), value: None, span },
            2 | 3 => {
                let name = name(&mut bytes);
                Argument::Named { name, value: Some(bytes.value(0)), span }
            }
            4 => Argument::Splat { value: bytes.value(0), span },
            _ => Argument::Positional { value: bytes.value(0), span },
        });
    }
    let conversions = if bytes.next() % 2 == 0 { Conversions::Native } else { Conversions::Function };
    let input_expected = bytes.next() % 2 == 0;
    let options = Options { input_expected, conversions, ..Options::default() };
    let Ok(mut binding) = command_line(&spec, &arguments, options) else { return };
    for _ in 0..bytes.next() % 4 {
        let object = bytes.value(0);
        let _ = binding.object(&object, &mut |_, item| Ok::<Vec<Value>, Halt>(vec![item.clone()]));
        binding.reset();
    }
}
