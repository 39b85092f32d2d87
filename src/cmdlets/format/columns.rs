//! What the Format- cmdlets share: which properties of an object are shown, under which names.

use crate::cmdlet::spec::ParameterType;
use crate::cmdlet::{Bound, Context};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::{input, warn_of};
use crate::cmdlets::property::{self, Expression, Keys, Property};
use crate::error::{ErrorRecord, Halt};
use crate::format::view::View;
use crate::format::{Align, Column, Entry, view};
use crate::value::{Block, Record, RecordType, Str, TextForm, Value, enumerate, member, ops, text, types};

/// The type of a hashtable's entries.
const ENTRY: &str = "System.Collections.DictionaryEntry";

/// Parameters of the Format- cmdlets that choose among views or pages, of which there is one here.
const WITHOUT_MEANING: [&str; 5] = ["View", "Expand", "ShowError", "DisplayError", "RepeatHeader"];

/// The signature that they share.
pub(super) fn signature(name: &str) -> Signature {
    Signature::new(name)
        .input()
        .parameter("Property", many(ParameterType::Object))
        .at(0)
        .parameter("GroupBy", ParameterType::Object)
        .parameter("View", ParameterType::String)
        .parameter("Expand", choice("Expand", &["EnumOnly", "CoreOnly", "Both"]))
        .switch("ShowError")
        .switch("DisplayError")
        .switch("Force")
}

/// Reads -Property and -GroupBy, and warns of what means nothing here.
///
/// # Errors
/// As [`Property::read`].
pub(super) fn begin(keys: Keys, bound: &Bound, cx: &mut Context) -> Result<(Vec<Property>, Grouping), ErrorRecord> {
    warn_of(&WITHOUT_MEANING, bound, cx);
    Ok((Property::read_all(bound.get("Property"), keys)?, Grouping::read(bound)?))
}

/// One column or line.
pub(super) struct Field {
    /// Its head.
    pub label: Str,
    source: Source,
    format: Option<Str>,
    width: Option<usize>,
    /// Where it stands.
    pub align: Option<Align>,
    /// The width of its column on a page.
    pub on_page: Option<Str>,
    /// Whether the object that it was made for has such a property.
    pub exists: bool,
}

enum Source {
    Name(Str),
    Block(Block),
}

impl Field {
    fn of_column(column: &Column) -> Field {
        Field {
            label: column.label.clone(),
            source: Source::Name(column.label.clone()),
            format: None,
            width: column.width,
            align: column.align,
            on_page: None,
            exists: true,
        }
    }

    /// Its value for an object.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub fn value(&self, item: &Value, cx: &mut Context) -> Result<Value, Halt> {
        Ok(formatted(self.raw(item, cx)?, self.format.as_deref()))
    }

    /// The same before it is written in the form of the field.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub fn raw(&self, item: &Value, cx: &mut Context) -> Result<Value, Halt> {
        Ok(match &self.source {
            Source::Name(name) => get(item, name).unwrap_or_default(),
            Source::Block(block) => property::run(block, item, cx)?.unwrap_or_default(),
        })
    }

    /// As a column whose first value is known, before it is written in a form.
    pub fn column(&self, first: &Value) -> Column {
        // A number that is written in a form of its own stays at the right.
        let is_number = matches!(first, Value::Int(_) | Value::Float(_) | Value::Decimal(_));
        let align = self.align.or((self.format.is_some() && is_number).then_some(Align::Right));
        Column { label: self.label.clone(), align, width: self.width }
    }
}

fn get(item: &Value, name: &str) -> Option<Value> {
    match item {
        Value::Guid(_) if name.eq_ignore_ascii_case("Guid") => Some(Value::Str(text::to_text(item))),
        _ => member::get(item, name),
    }
}

/// A value in a form such as `N2` or `{0:N2} ms`; as it is where the form does not fit it.
fn formatted(value: Value, format: Option<&str>) -> Value {
    let Some(format) = format.filter(|format| !format.is_empty() && !value.is_null()) else { return value };
    let whole = if format.contains("{0") && format.contains('}') { format.into() } else { format!("{{0:{format}}}") };
    ops::binary("f", &Value::str(whole), &value).unwrap_or(value)
}

/// The properties that -Property names, for one object: a pattern stands for all that it fits.
pub(super) fn fields(properties: &[Property], item: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    for property in properties {
        let mut add = |label: Str, source: Source, exists: bool| {
            let label = property.label.clone().unwrap_or(label);
            let Property { format, width, align, on_page, .. } = property;
            let (format, on_page) = (format.clone(), on_page.clone());
            found.push(Field { label, source, format, width: *width, align: *align, on_page, exists });
        };
        match &property.expression {
            Expression::Block(block) => add(block.text().into(), Source::Block(block.clone()), true),
            Expression::Name(name) if property::is_pattern(name) => {
                for name in property::matching(item, name) {
                    add(name.clone(), Source::Name(name), true);
                }
            }
            Expression::Name(name) => {
                let actual = property::actual_name(item, name);
                let exists = actual.is_some() || get(item, name).is_some();
                let name = actual.unwrap_or_else(|| name.clone());
                add(name.clone(), Source::Name(name), exists);
            }
        }
    }
    found
}

/// All properties of an object.
pub(super) fn all(item: &Value) -> Vec<Field> {
    let names = match item {
        Value::Guid(_) => vec!["Guid".into()],
        _ => member::names(item),
    };
    names.into_iter().map(|name| Field::of_column(&Column::new(name))).collect()
}

/// The columns of a declared view.
pub(super) fn of_view(view: &View) -> Vec<Field> {
    view.columns.iter().map(Field::of_column).collect()
}

/// The view that is declared for an object's type.
pub(super) fn view(item: &Value) -> Option<View> {
    let kind = match item {
        Value::Record(record) => record.kind().name.clone(),
        other => types::name_of(other),
    };
    view::of_type(&kind)
}

/// What a Format- cmdlet does with an object.
pub(super) enum Shown {
    /// It passes: texts and numbers have one form only, and what is laid out already stays so.
    AsIs(Value),
    /// It is laid out.
    Object(Value),
}

/// The objects at hand: the elements of a list, the entries of a hashtable.
pub(super) fn objects(bound: &Bound) -> Vec<Shown> {
    let Some(item) = input(bound) else { return Vec::new() };
    enumerate(item.clone()).into_iter().flat_map(one).collect()
}

fn one(item: Value) -> Vec<Shown> {
    match &item {
        Value::Null => Vec::new(),
        Value::Str(_) | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Block(_) => {
            vec![Shown::AsIs(item)]
        }
        Value::Record(record) if record.kind().is_scalar() || Entry::is_end(record) || Entry::of(record).is_some() => {
            vec![Shown::AsIs(item)]
        }
        Value::Map(table) => {
            let kind = RecordType::new(ENTRY, TextForm::TypeName);
            let entry = |(key, value)| Record::new(kind.clone(), [("Name", key), ("Value", value)]);
            table.entries().into_iter().map(entry).map(|entry| Shown::Object(entry.into())).collect()
        }
        _ => vec![Shown::Object(item)],
    }
}

/// -GroupBy, or the group of a view.
#[derive(Default)]
pub(super) struct Grouping(Option<Property>);

impl Grouping {
    /// Reads -GroupBy.
    ///
    /// # Errors
    /// As [`Property::read`].
    pub fn read(bound: &Bound) -> Result<Grouping, ErrorRecord> {
        let read = |value: &Value| Property::read(value, Keys::List);
        Ok(Grouping(bound.get("GroupBy").filter(|value| !value.is_null()).map(read).transpose()?))
    }

    /// Takes the group of a view where none was asked for.
    pub fn or_of_view(&mut self, view: Option<&View>) {
        let group = view.and_then(|view| view.group.as_ref());
        if let (None, Some((name, label))) = (&self.0, group) {
            let expression = Expression::Name(name.clone());
            self.0 = Some(Property { label: Some(label.clone()), expression, ..Property::default() });
        }
    }

    /// Label and text of the group that an object is in.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub fn of(&self, item: &Value, cx: &mut Context) -> Result<Option<(String, String)>, Halt> {
        let Some(property) = &self.0 else { return Ok(None) };
        let Some(field) = fields(std::slice::from_ref(property), item).into_iter().next() else { return Ok(None) };
        let value = field.value(item, cx)?;
        // PowerShell names no property that has no value.
        let label = if value.is_null() { String::new() } else { field.label.to_string() };
        Ok(Some((label, text::to_text(&value).to_string())))
    }
}
