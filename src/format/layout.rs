//! What the Format- cmdlets hand on: each object laid out, as a record that travels the pipeline to its end.

use crate::value::{Record, RecordType, Str, TextForm, Value, text};
use std::sync::Arc;

const ENTRY: &str = "Reeve.Format.Entry";
/// Type name of what ends them.
const END: &str = "Reeve.Format.End";
const LAYOUT: &str = "Reeve.Format.Layout";
const COLUMN: &str = "Reeve.Format.Column";

/// The shapes of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A row for each object.
    #[default]
    Table,
    /// A line for each property.
    List,
    /// One property of each object, side by side.
    Wide,
    /// A text that is made already, lines and all.
    Custom,
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Shape::Table => "Table",
            Shape::List => "List",
            Shape::Wide => "Wide",
            Shape::Custom => "Custom",
        }
    }
}

/// Where a text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

impl Align {
    /// By its name, any case.
    pub fn parse(name: &str) -> Option<Align> {
        let all = [("left", Align::Left), ("center", Align::Center), ("right", Align::Right)];
        all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, align)| align)
    }

    fn name(self) -> &'static str {
        match self {
            Align::Left => "Left",
            Align::Center => "Center",
            Align::Right => "Right",
        }
    }
}

/// One column of a table, one line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What stands at its head; of a view that is made here, the property too.
    pub label: Str,
    /// Where it stands; by the first value if `None`.
    pub align: Option<Align>,
    /// Its width; by its values if `None`.
    pub width: Option<usize>,
}

impl Column {
    /// A column with nothing but a label.
    pub fn new(label: impl Into<Str>) -> Column {
        Column { label: label.into(), align: None, width: None }
    }
}

/// How objects are laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The shape.
    pub shape: Shape,
    /// The columns or lines; of wide output the first counts.
    pub columns: Vec<Column>,
    /// Long values go on in the next line.
    pub wrap: bool,
    /// -AutoSize.
    pub auto_size: bool,
    /// -HideTableHeaders.
    pub hide_headers: bool,
    /// -Column of Format-Wide.
    pub wide_columns: Option<usize>,
}

/// An object that is laid out.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How.
    pub layout: Layout,
    /// Its values, by column.
    pub values: Vec<Value>,
    /// Label and text of its group.
    pub group: Option<(String, String)>,
    record: Option<Record>,
}

impl Layout {
    /// The layout as a record, which all entries of one Format- cmdlet share.
    pub fn to_record(&self) -> Record {
        let column = |column: &Column| {
            Value::Record(Record::new(
                RecordType::new(COLUMN, TextForm::Custom),
                [
                    ("Label", Value::Str(column.label.clone())),
                    ("Align", column.align.map(Align::name).into()),
                    ("Width", column.width.and_then(|width| i64::try_from(width).ok()).into()),
                ],
            ))
        };
        let columns = self.wide_columns.and_then(|count| i64::try_from(count).ok());
        Record::new(
            RecordType::new(LAYOUT, TextForm::TypeName),
            [
                ("Shape", Value::str(self.shape.name())),
                ("Columns", Value::list(self.columns.iter().map(column).collect())),
                ("Wrap", self.wrap.into()),
                ("AutoSize", self.auto_size.into()),
                ("HideHeaders", self.hide_headers.into()),
                ("WideColumns", columns.into()),
            ],
        )
    }

    fn of(record: &Record) -> Layout {
        let flag = |name: &str| matches!(record.get(name), Some(Value::Bool(true)));
        let columns = match record.get("Columns") {
            Some(Value::List(columns)) => columns.iter().filter_map(column_of).collect(),
            _ => Vec::new(),
        };
        let shape = record.get("Shape");
        Layout {
            shape: match shape.as_ref().and_then(Value::as_str) {
                Some("List") => Shape::List,
                Some("Wide") => Shape::Wide,
                Some("Custom") => Shape::Custom,
                _ => Shape::Table,
            },
            columns,
            wrap: flag("Wrap"),
            auto_size: flag("AutoSize"),
            hide_headers: flag("HideHeaders"),
            wide_columns: count(record.get("WideColumns")),
        }
    }
}

fn count(value: Option<Value>) -> Option<usize> {
    match value {
        Some(Value::Int(number)) => usize::try_from(number).ok(),
        _ => None,
    }
}

fn column_of(value: &Value) -> Option<Column> {
    let Value::Record(record) = value else { return None };
    let align = record.get("Align");
    Some(Column {
        label: text::to_text(&record.get("Label")?),
        align: align.as_ref().and_then(Value::as_str).and_then(Align::parse),
        width: count(record.get("Width")),
    })
}

impl Entry {
    /// The record that travels: a layout made by [`Layout::to_record`], values, and the group's label and text.
    pub fn to_record(layout: &Record, values: Vec<Value>, group: Option<(String, String)>) -> Record {
        let (label, value) = group.unzip();
        Record::from_parts(
            RecordType::new(ENTRY, TextForm::TypeName),
            names(),
            vec![Value::Record(layout.clone()), Value::list(values), label.into(), value.into()],
        )
    }

    /// What follows the last entry of a Format- cmdlet: what it laid out ends there, whatever comes next.
    pub fn end() -> Record {
        Record::new(RecordType::new(END, TextForm::TypeName), Vec::<(Str, Value)>::new())
    }

    /// Whether a record says that what a Format- cmdlet laid out ends.
    pub fn is_end(record: &Record) -> bool {
        &*record.kind().name == END
    }

    /// Reads an entry, if the record is one.
    pub fn of(record: &Record) -> Option<Entry> {
        if &*record.kind().name != ENTRY {
            return None;
        }
        let Some(Value::Record(layout)) = record.get("Layout") else { return None };
        let Some(Value::List(values)) = record.get("Values") else { return None };
        let group = match (record.get("GroupLabel"), record.get("Group")) {
            (Some(Value::Str(label)), Some(value)) => Some((label.to_string(), text::to_text(&value).to_string())),
            _ => None,
        };
        Some(Entry { layout: Layout::of(&layout), values: values.to_vec(), group, record: Some(layout) })
    }

    /// What tells the entries of one Format- cmdlet from those of another; each object of a list has its own columns.
    pub fn identity(&self) -> Str {
        match (&self.record, self.layout.shape) {
            (_, Shape::List) => "list".into(),
            (_, Shape::Custom) => "custom".into(),
            (Some(record), _) => record.get("Columns").map_or("".into(), |columns| match columns {
                Value::List(columns) => format!("{:p}", Arc::as_ptr(&columns)).into(),
                _ => "".into(),
            }),
            (None, _) => "".into(),
        }
    }
}

fn names() -> Arc<[Str]> {
    ["Layout", "Values", "GroupLabel", "Group"].map(Str::from).into()
}
