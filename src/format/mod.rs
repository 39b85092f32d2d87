//! Output as PowerShell prints it: tables, lists, JSON, CSV, HTML reports.
//!
//! [`Formatter`] is what stands at the end of a pipeline. It takes values one by one, chooses a view for the first
//! object and keeps to it while objects of its type come, as PowerShell's Out-Default does.

pub mod cell;
pub mod clixml;
pub mod csv;
pub mod html;
pub mod json;
pub mod json_reader;
pub mod layout;
mod list;
mod table;
pub mod view;
mod wide;

pub use layout::{Align, Column, Entry, Layout, Shape};

use crate::value::{Record, Str, Value, enumerate, member, text};
use table::Table;
use view::{Shown, View};
use wide::Wide;

/// Formats objects one by one. A table stays open over objects of one type.
#[derive(Debug)]
pub struct Formatter {
    width: usize,
    /// A shape for everything, whatever the views say.
    forced: Option<Shape>,
    open: Open,
    /// Type of the objects that the open view is for.
    kind: Option<Str>,
    /// Something with a shape was printed before: it ended with a blank line, so the next begins without one.
    printed: bool,
    /// The open list is not the first view: PowerShell ends it with one blank line more.
    second: bool,
}

#[derive(Debug)]
enum Open {
    Nothing,
    Table(Box<Table>),
    List {
        group: Option<String>,
    },
    Wide(Box<Wide>),
    /// Objects that are lines of text, between blank lines.
    Lines,
}

impl Formatter {
    /// A formatter for lines of so many columns.
    pub fn new(width: usize) -> Formatter {
        Formatter { width: width.max(1), forced: None, open: Open::Nothing, kind: None, printed: false, second: false }
    }

    /// The same, with one shape for everything that has properties.
    #[must_use]
    pub fn forced(mut self, shape: Shape) -> Formatter {
        self.forced = Some(shape);
        self
    }

    /// Takes an object; the text that can be printed by now, whole lines or nothing.
    pub fn push(&mut self, value: &Value) -> String {
        // An array or a growing list is what its elements are.
        if let Some(items) = enumerate::items(value) {
            return items.iter().map(|item| self.push(item)).collect();
        }
        match value {
            Value::Null => String::new(),
            Value::Map(table) => {
                table.entries().into_iter().map(|(key, value)| self.entry_of_map(key, value)).collect()
            }
            Value::Record(record) if Entry::is_end(record) => self.end(),
            Value::Record(record) if record.kind().is_scalar() => self.line(format!("{}\n", text::to_text(value))),
            Value::Record(record) => match (Entry::of(record), view::shown_of(&record.kind().name)) {
                (Some(entry), _) => self.entry(entry),
                (None, Shown::Text) => self.line(format!("{}\n", text::to_text(value))),
                (None, Shown::Lines(property)) if self.forced.is_none() => self.lines(record, property),
                (None, _) => self.record(record),
            },
            Value::DateTime(_) => self.date(value),
            Value::Version(_) | Value::Guid(_) | Value::Duration(_) => self.members(value),
            scalar => self.line(format!("{}\n", text::to_text(scalar))),
        }
    }

    /// Whether rows of a table wait for others, whose widths may count.
    pub fn waits(&self) -> bool {
        matches!(&self.open, Open::Table(table) if table.waits())
    }

    /// The rows that wait, as they are; the table stays open.
    pub fn release(&mut self) -> String {
        match &mut self.open {
            Open::Table(table) => table.release(),
            Open::Nothing | Open::List { .. } | Open::Wide(_) | Open::Lines => String::new(),
        }
    }

    /// Ends what is open; the text that is left.
    pub fn finish(&mut self) -> String {
        let out = self.end();
        self.printed = false;
        out
    }

    /// Ends what a Format- cmdlet laid out.
    fn end(&mut self) -> String {
        let grouped = matches!(&self.open, Open::Wide(wide) if wide.group.is_some());
        let mut out = self.close();
        if grouped || std::mem::take(&mut self.second) {
            out.push('\n');
        }
        self.kind = None;
        out
    }

    /// Plain text: it stands among the rows of an open table, and ends nothing.
    fn line(&mut self, text: String) -> String {
        match &mut self.open {
            Open::Table(table) => table.text(text),
            Open::Wide(wide) => format!("{}{text}", wide.end_row()),
            Open::Nothing | Open::List { .. } | Open::Lines => {
                // No blank line stands before what comes next.
                self.printed = false;
                text
            }
        }
    }

    fn date(&mut self, value: &Value) -> String {
        let shown = long_date(value);
        let before = self.begin("System.DateTime");
        format!("{before}{shown}\n\n")
    }

    /// The text that an object has in a property.
    fn lines(&mut self, record: &Record, property: &str) -> String {
        let kind = &record.kind().name;
        let same = matches!(self.open, Open::Lines) && self.kind.as_ref() == Some(kind);
        let before = if same { String::new() } else { self.begin(kind) };
        self.open = Open::Lines;
        let shown = record.get(property).filter(|shown| !shown.is_null()).unwrap_or_else(|| record.clone().into());
        format!("{before}{}\n", text::to_text(&shown))
    }

    fn record(&mut self, record: &Record) -> String {
        // Files and folders are rows of one table.
        let kind = &record.kind().name;
        let kind = if kind.starts_with("System.IO.") { "System.IO.FileSystemInfo".into() } else { kind.clone() };
        let view =
            view::of_record(&kind, record, self.forced, self.kind.is_some() && self.kind.as_ref() != Some(&kind));
        self.show(&kind, &view, &|name| record.get(name))
    }

    fn members(&mut self, value: &Value) -> String {
        let kind: Str = match value {
            Value::Version(_) => "System.Version".into(),
            Value::Guid(_) => "System.Guid".into(),
            _ => "System.TimeSpan".into(),
        };
        let view = view::of_type(&kind).unwrap_or_else(|| View::list(&["Value"]));
        self.show(&kind, &view, &|name| match value {
            Value::Guid(_) if name == "Guid" => Some(Value::Str(text::to_text(value))),
            _ => member::get(value, name),
        })
    }

    fn entry_of_map(&mut self, key: Value, value: Value) -> String {
        let kind: Str = "System.Collections.DictionaryEntry".into();
        let view = match self.forced {
            Some(Shape::List) => View::list(&["Name", "Value"]),
            _ => view::of_type(&kind).unwrap_or_else(|| View::list(&["Name", "Value"])),
        };
        self.show(&kind, &view, &|name| Some(if name == "Name" { key.clone() } else { value.clone() }))
    }

    /// Shows an object by a view, continuing the open one where it is of the same type.
    fn show(&mut self, kind: &str, view: &View, get: &dyn Fn(&str) -> Option<Value>) -> String {
        let same = self.kind.as_deref() == Some(kind);
        // A list stays a list, whatever number of properties the next object of the type has.
        let stays = same && matches!(self.open, Open::List { .. });
        let shape = if stays { Shape::List } else { view.shape };
        let group = view.group.as_ref().and_then(|(property, label)| {
            let text = text::to_text(&get(property)?);
            Some(format!("   {label}: {}", text.strip_prefix(PROVIDER).unwrap_or(&text)))
        });
        let mut out = String::new();
        let mut is_first = false;
        match (&mut self.open, shape) {
            (Open::Table(table), _) if same && table.group == group => {
                out.push_str(&table.row_of(get));
                return out;
            }
            (Open::Table(_), _) if same => out.push_str(&self.close()),
            (Open::List { .. }, Shape::List) if same => {}
            _ => {
                let closed;
                (closed, is_first) = self.change_to(kind);
                out.push_str(&closed);
            }
        }
        let lead = if is_first { "\n" } else { "" };
        match shape {
            Shape::Table | Shape::Wide => {
                let layout = Layout { shape: Shape::Table, columns: view.columns.clone(), ..Layout::default() };
                let before = group.as_ref().map_or_else(|| lead.into(), |group| format!("{lead}{group}\n\n"));
                let mut table = Table::new(layout, self.width, group);
                table.two_decimals = !view.declared;
                table.lead = before;
                out.push_str(&table.row_of(get));
                self.open = Open::Table(Box::new(table));
            }
            Shape::List | Shape::Custom => {
                out.push_str(lead);
                let fields: Vec<(Str, Value)> = match view.columns.is_empty() {
                    true => Vec::new(),
                    false => {
                        view.columns.iter().map(|c| (c.label.clone(), get(&c.label).unwrap_or_default())).collect()
                    }
                };
                out.push_str(&list::object(&fields, self.width));
                if !matches!(self.open, Open::List { .. }) {
                    self.open = Open::List { group: None };
                }
            }
        }
        out
    }

    /// An object that a Format- cmdlet has laid out.
    fn entry(&mut self, entry: Entry) -> String {
        let kind = entry.identity();
        let group = entry.group.as_ref().map(|(label, value)| format!("   {label}: {value}"));
        let mut out = String::new();
        if self.kind.as_deref() != Some(&*kind) {
            let (closed, is_first) = self.change_to(&kind);
            out.push_str(&closed);
            self.start(&entry, group.as_deref(), is_first, &mut out);
            // PowerShell begins the first group of wide output with one blank line more, and ends the last one so.
            if matches!(&self.open, Open::Wide(wide) if wide.group.is_some()) {
                out.push('\n');
            }
        } else if self.group() != group.as_deref() {
            out.push_str(&self.close());
            if entry.layout.shape == Shape::List {
                out.push('\n');
            }
            self.start(&entry, group.as_deref(), false, &mut out);
        }
        match &mut self.open {
            Open::Table(table) => out.push_str(&table.row(&entry.values)),
            Open::Wide(wide) => out.push_str(&wide.item(entry.values.first().unwrap_or(&Value::Null))),
            Open::List { .. } | Open::Lines | Open::Nothing if entry.layout.shape == Shape::Custom => {
                let text = entry.values.first().map(text::to_text).unwrap_or_default();
                for line in text.lines().flat_map(|line| cell::wrap(line, self.width)) {
                    out.push_str(&line);
                    out.push('\n');
                }
                out.push('\n');
            }
            Open::List { .. } | Open::Lines | Open::Nothing => {
                let names = entry.layout.columns.iter().map(|column| column.label.clone());
                let fields: Vec<(Str, Value)> = names.zip(entry.values.iter().cloned()).collect();
                out.push_str(&list::object(&fields, self.width));
            }
        }
        out
    }

    fn group(&self) -> Option<&str> {
        match &self.open {
            Open::Table(table) => table.group.as_deref(),
            Open::List { group } => group.as_deref(),
            Open::Wide(wide) => wide.group.as_deref(),
            Open::Lines | Open::Nothing => None,
        }
    }

    fn start(&mut self, entry: &Entry, group: Option<&str>, is_first: bool, out: &mut String) {
        let mut lead = String::from(if is_first { "\n" } else { "" });
        if let Some(group) = group {
            lead.push_str(group);
            lead.push_str("\n\n");
        }
        let group = group.map(str::to_string);
        if entry.layout.shape == Shape::Table {
            let mut table = Table::new(entry.layout.clone(), self.width, group);
            table.lead = lead;
            self.open = Open::Table(Box::new(table));
            return;
        }
        out.push_str(&lead);
        self.open = match entry.layout.shape {
            Shape::Wide => Open::Wide(Box::new(Wide::new(&entry.layout, self.width, group))),
            Shape::Table | Shape::List | Shape::Custom => Open::List { group },
        };
    }

    /// Ends what is open and begins something of another type: with a blank line, unless one stands there already.
    fn begin(&mut self, kind: &str) -> String {
        let (closed, is_first) = self.change_to(kind);
        closed + if is_first { "\n" } else { "" }
    }

    /// The same; what ends what was open, and whether a blank line must follow.
    fn change_to(&mut self, kind: &str) -> (String, bool) {
        let closed = self.close();
        self.second = self.printed;
        self.kind = Some(kind.into());
        (closed, !std::mem::replace(&mut self.printed, true))
    }

    fn close(&mut self) -> String {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Table(mut table) => table.finish() + "\n",
            Open::Wide(mut wide) => wide.end_row() + if wide.group.is_some() { "" } else { "\n" },
            Open::Lines => "\n".into(),
            Open::List { .. } | Open::Nothing => String::new(),
        }
    }
}

/// What PowerShell writes before a path that it names with its provider, in PSPath.
pub const PROVIDER: &str = "Microsoft.PowerShell.Core\\FileSystem::";

/// The text of values printed together, lines of so many columns.
pub fn to_text(values: &[Value], width: usize) -> String {
    let mut formatter = Formatter::new(width);
    let mut out: String = values.iter().map(|value| formatter.push(value)).collect();
    out.push_str(&formatter.finish());
    out
}

/// One compact JSON object a line, properties in order, without the line end: `--output json`.
pub fn to_json(value: &Value) -> String {
    crate::value::json::to_json(value).to_string()
}

/// `Saturday, 21 November 2026 00:00:00`.
fn long_date(value: &Value) -> String {
    match value {
        Value::DateTime(at) => crate::value::date::long_text(*at),
        other => text::to_text(other).to_string(),
    }
}
