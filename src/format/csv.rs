//! Comma-separated values, as ConvertTo-Csv writes them and ConvertFrom-Csv reads them.

use crate::value::{Str, Value, member, text};

/// Which fields are quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quotes {
    /// All.
    #[default]
    Always,
    /// Those that could not be read back otherwise.
    AsNeeded,
    /// None.
    Never,
}

/// How values are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Between the fields.
    pub delimiter: char,
    /// Which fields are quoted.
    pub quotes: Quotes,
    /// Quote only the fields of these columns.
    pub quoted_columns: Option<Vec<Str>>,
    /// Without the line of names.
    pub no_header: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { delimiter: ',', quotes: Quotes::Always, quoted_columns: None, no_header: false }
    }
}

/// Writes objects as lines; the first object decides the columns.
#[derive(Debug, Default)]
pub struct Writer {
    options: Options,
    columns: Option<Vec<Str>>,
}

impl Writer {
    /// A writer with options.
    pub fn new(options: Options) -> Writer {
        Writer { options, columns: None }
    }

    /// A writer that continues a file which has these columns.
    pub fn continuing(options: Options, columns: Vec<Str>) -> Writer {
        Writer { options: Options { no_header: true, ..options }, columns: Some(columns) }
    }

    /// The columns, once an object has decided them.
    pub fn columns(&self) -> Option<&[Str]> {
        self.columns.as_deref()
    }

    /// The lines of one object, the names before the first; without line ends.
    pub fn lines(&mut self, value: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        let first = self.columns.is_none();
        let columns = self.columns.get_or_insert_with(|| names(value)).clone();
        if first && !self.options.no_header {
            let cells = columns.iter().map(|name| self.field(name, name)).collect::<Vec<_>>();
            lines.push(cells.join(&self.options.delimiter.to_string()));
        }
        let cell = |name: &Str| match get(value, name) {
            None | Some(Value::Null) => String::new(),
            Some(value) => self.field(&plain(&value), name),
        };
        lines.push(columns.iter().map(cell).collect::<Vec<_>>().join(&self.options.delimiter.to_string()));
        lines
    }

    fn field(&self, text: &str, column: &str) -> String {
        let risky = |c: char| c == self.options.delimiter || matches!(c, '"' | '\n' | '\r');
        let quoted = match (&self.options.quoted_columns, self.options.quotes) {
            (Some(columns), _) => columns.iter().any(|name| crate::value::same_name(name, column)),
            (None, Quotes::Always) => true,
            (None, Quotes::AsNeeded) => text.contains(risky),
            (None, Quotes::Never) => false,
        };
        if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
    }
}

/// The text of a field: a list says only its type, as in PowerShell.
fn plain(value: &Value) -> Str {
    match value {
        Value::List(_) => "System.Object[]".into(),
        other => text::to_text(other),
    }
}

fn names(value: &Value) -> Vec<Str> {
    match value {
        Value::Record(record) => record.names().to_vec(),
        Value::Map(table) => table.named().into_iter().map(|(name, _)| name).collect(),
        Value::Str(_) => vec!["Length".into()],
        other => member::names(other),
    }
}

fn get(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Record(record) => record.get(name),
        Value::Map(table) => table.get_str(name),
        other => member::get(other, name),
    }
}

/// Reads fields and lines: quoted fields may hold delimiters, doubled quotes and line ends.
#[derive(Debug)]
pub struct Reader {
    delimiter: char,
    /// A quoted field that goes on in the next line.
    open: Option<(Vec<String>, String)>,
}

impl Reader {
    /// A reader of fields parted by a delimiter.
    pub fn new(delimiter: char) -> Reader {
        Reader { delimiter, open: None }
    }

    /// Takes a line without its end; the fields of a record, once it is whole.
    pub fn line(&mut self, line: &str) -> Option<Vec<String>> {
        let (mut fields, mut field, mut quoted) = match self.open.take() {
            Some((fields, mut field)) => {
                field.push('\n');
                (fields, field, true)
            }
            None => (Vec::new(), String::new(), false),
        };
        let mut chars = line.chars().peekable();
        let mut was_quoted = quoted;
        // Where the quoted part of a field ends: blanks alone behind it are none of its value.
        let mut closed = 0;
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' if quoted => {
                    quoted = false;
                    closed = field.len();
                }
                '"' if field.is_empty() && !was_quoted => {
                    quoted = true;
                    was_quoted = true;
                }
                c if c == self.delimiter && !quoted => {
                    fields.push(finished(std::mem::take(&mut field), was_quoted.then_some(closed)));
                    was_quoted = false;
                }
                // Blanks before a value are none of it.
                ' ' | '\t' if field.is_empty() && !was_quoted => {}
                c => field.push(c),
            }
        }
        if quoted {
            self.open = Some((fields, field));
            return None;
        }
        fields.push(finished(field, was_quoted.then_some(closed)));
        Some(fields)
    }

    /// What an unclosed quote has kept, at the end of the text.
    pub fn finish(&mut self) -> Option<Vec<String>> {
        self.open.take().map(|(mut fields, field)| {
            fields.push(field);
            fields
        })
    }
}

/// A field at its end, without the blanks behind its quoted part.
fn finished(mut field: String, closed: Option<usize>) -> String {
    if let Some(at) = closed
        && field.get(at..).is_some_and(|rest| rest.trim().is_empty())
    {
        field.truncate(at);
    }
    field
}
