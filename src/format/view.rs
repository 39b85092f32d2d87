//! Default views: which shape an object gets where nobody asked for one. Views of types are data in `stdlib/views`.

use super::{Align, Column, Shape};
use crate::value::{Record, Str, Value};
use serde::Deserialize;
use std::sync::OnceLock;

/// Properties of an object that is shown as a table; one with more is shown as a list.
const TABLE: usize = 4;

/// How objects of a type are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The shape.
    pub shape: Shape,
    /// Its columns or lines, by property.
    pub columns: Vec<Column>,
    /// Property and label of a line above the table.
    pub group: Option<(Str, Str)>,
    /// It is a type's own view; tables made for the properties at hand show doubles with two decimals.
    pub declared: bool,
}

impl View {
    /// A list of properties.
    pub fn list(names: &[&str]) -> View {
        let columns = names.iter().map(|name| Column::new(*name)).collect();
        View { shape: Shape::List, columns, group: None, declared: false }
    }
}

#[derive(Deserialize)]
struct File {
    views: Vec<Declared>,
}

/// A view as `stdlib/views/views.json` declares it.
#[derive(Deserialize)]
struct Declared {
    /// The type, or the beginning of types' names with a `*` behind it.
    r#type: String,
    shape: String,
    /// None: the properties of the object at hand.
    #[serde(default)]
    columns: Vec<DeclaredColumn>,
    group: Option<(String, String)>,
}

#[derive(Deserialize)]
struct DeclaredColumn {
    property: String,
    /// It is shown only where there is something in it.
    #[serde(default)]
    optional: bool,
    width: Option<usize>,
    align: Option<String>,
}

fn declared() -> &'static [Declared] {
    static VIEWS: OnceLock<Vec<Declared>> = OnceLock::new();
    VIEWS.get_or_init(|| {
        let text = include_str!("../../stdlib/views/views.json");
        // A test reads the file; should it ever not read, everything is shown by its number of properties.
        serde_json::from_str::<File>(text).map(|file| file.views).unwrap_or_default()
    })
}

fn find(kind: &str) -> Option<&'static Declared> {
    let fits = |view: &&Declared| match view.r#type.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => kind == view.r#type,
    };
    declared().iter().find(|view| !view.r#type.ends_with('*') && fits(view)).or_else(|| declared().iter().find(fits))
}

impl Declared {
    fn view(&self) -> View {
        let column = |column: &DeclaredColumn| Column {
            label: column.property.as_str().into(),
            align: column.align.as_deref().and_then(Align::parse),
            width: column.width,
        };
        let group = self.group.as_ref().map(|(property, label)| (property.as_str().into(), label.as_str().into()));
        let shape = if self.shape == "table" { Shape::Table } else { Shape::List };
        View { shape, columns: self.columns.iter().map(column).collect(), group, declared: !self.columns.is_empty() }
    }
}

/// The view that shows properties.
fn find_shape(kind: &str) -> Option<&'static Declared> {
    find(kind).filter(|view| view.shape != "lines")
}

/// What is shown of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its properties.
    Properties,
    /// Its text, among whatever is shown.
    Text,
    /// The text of one property, such objects together between blank lines.
    Lines(&'static str),
}

/// What is shown of objects of a type.
pub fn shown_of(kind: &str) -> Shown {
    let Some(view) = find(kind) else { return Shown::Properties };
    match (view.shape.as_str(), view.columns.first()) {
        ("text", _) => Shown::Text,
        ("lines", Some(column)) => Shown::Lines(&column.property),
        _ => Shown::Properties,
    }
}

/// The declared view of a type.
pub fn of_type(kind: &str) -> Option<View> {
    find_shape(kind).map(Declared::view)
}

/// The view of a record: the forced shape, else the declared one, else by the number of its properties. An object of
/// another type than the ones before it (`not_first`) is shown as a list where no view is declared.
pub fn of_record(kind: &str, record: &Record, forced: Option<Shape>, not_first: bool) -> View {
    // A blank before a name hides it.
    let shown = |name: &&Str| !name.starts_with(' ');
    let columns = || record.names().iter().filter(shown).map(|name| Column::new(name.clone())).collect();
    if let Some(shape) = forced {
        return View { shape, columns: columns(), group: None, declared: false };
    }
    if let Some(declared) = find_shape(kind) {
        let mut view = declared.view();
        // In a table every row has the same columns.
        if view.shape == Shape::List {
            let hidden = |name: &str| declared.columns.iter().any(|c| c.optional && c.property == name);
            let is_empty = |value: &Value| value.is_null() || matches!(value, Value::Str(text) if text.is_empty());
            view.columns.retain(|c| !hidden(&c.label) || record.get(&c.label).is_some_and(|value| !is_empty(&value)));
        }
        if view.columns.is_empty() {
            view.columns = columns();
        }
        return view;
    }
    let shape = if record.len() > TABLE || record.is_empty() || not_first { Shape::List } else { Shape::Table };
    View { shape, columns: columns(), group: None, declared: false }
}
