//! What Select-Object makes of one object: the properties asked for, or the contents of one property.

use super::property::{Expression, Keys, Property, is_pattern, matching};
use super::texts;
use crate::cmdlet::{Bound, Context};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::types::name_of as type_name;
use crate::value::wildcard::Wildcard;
use crate::value::{Record, RecordType, Str, TextForm, Value, enumerate, member, same_name};
use std::sync::Arc;

/// -Property, -ExcludeProperty and -ExpandProperty.
#[derive(Default)]
pub(super) struct Plan {
    properties: Vec<Property>,
    exclude: Vec<Wildcard>,
    expand: Option<Str>,
    /// The shape of the last record and what it becomes: objects of one make come one after another.
    shape: Option<Shape>,
    kind: Option<(Str, Arc<RecordType>)>,
}

struct Shape {
    names: Arc<[Str]>,
    /// The names that the record has, `None` for those that it lacks.
    sources: Vec<Option<Str>>,
    results: Arc<[Str]>,
}

impl Plan {
    /// Reads the parameters.
    ///
    /// # Errors
    /// What is wrong with a calculated property.
    pub(super) fn new(bound: &Bound) -> Result<Plan, ErrorRecord> {
        let mut properties = Property::read_all(bound.get("Property"), Keys::Calculated)?;
        for property in &properties {
            if let (Expression::Block(block), None) = (&property.expression, &property.label)
                && block.text().trim().is_empty()
            {
                return Err(ErrorRecord::new(
                    "EmptyScriptBlockAndNoName",
                    Category::InvalidArgument,
                    "A calculated property has neither a name nor an expression.",
                ));
            }
        }
        let exclude: Result<Vec<Wildcard>, ErrorRecord> =
            texts(bound.get("ExcludeProperty")).iter().map(|name| Wildcard::new(name)).collect();
        let exclude = exclude?;
        let expand = super::string(bound, "ExpandProperty");
        if properties.is_empty() && !exclude.is_empty() && expand.is_none() {
            properties.push(Property { expression: Expression::Name("*".into()), ..Property::default() });
        }
        Ok(Plan { properties, exclude, expand, shape: None, kind: None })
    }

    /// Whether objects pass as they are.
    pub(super) fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.expand.is_none()
    }

    /// Hands what becomes of an object to `take`.
    ///
    /// # Errors
    /// What `take` stops with.
    pub(super) fn apply(
        &mut self,
        item: &Value,
        cx: &mut Context,
        take: &mut dyn FnMut(Value, &mut Context) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let Some(expand) = self.expand.clone() else {
            let record = self.project(item, cx)?;
            return take(record.into(), cx);
        };
        let mut names = if is_pattern(&expand) { matching(item, &expand) } else { vec![expand.clone()] };
        if names.len() > 1 {
            let error = ErrorRecord::new(
                "MutlipleExpandProperties",
                Category::InvalidArgument,
                format!("Several properties fit {expand}: {}.", names.join(", ")),
            );
            return cx.error(error.hint("Name one of them.").target(item.clone()));
        }
        let Some(value) = names.pop().and_then(|name| member::get(item, &name)) else {
            let known = member::names(item);
            let mut error = ErrorRecord::new(
                "ExpandPropertyNotFound",
                Category::InvalidArgument,
                format!("There is no property {expand}."),
            );
            if let Some(near) = crate::value::near::nearest(&expand, known.iter().map(|name| &**name)) {
                error = error.hint(format!("Did you mean {near}?"));
            }
            return cx.error(error.target(item.clone()));
        };
        let added = if self.properties.is_empty() { Vec::new() } else { self.fields(item, cx)? };
        for value in enumerate(value).into_iter().filter(|value| !value.is_null()) {
            let value = match value {
                Value::Record(record) if !added.is_empty() => {
                    let record = record.copy();
                    for (name, value) in &added {
                        record.put(name, value.clone());
                    }
                    record.into()
                }
                other => other,
            };
            take(value, cx)?;
        }
        Ok(())
    }

    /// The record with the properties asked for.
    fn project(&mut self, item: &Value, cx: &mut Context) -> Result<Record, Halt> {
        let kind = self.kind_of(item);
        if let Value::Record(record) = item
            && self.properties.iter().all(|property| matches!(property.expression, Expression::Name(_)))
        {
            let shape = self.shape_of(record);
            let value = |name: &Option<Str>| name.as_ref().and_then(|name| record.get(name)).unwrap_or_default();
            let values = shape.sources.iter().map(value).collect();
            return Ok(Record::from_parts(kind, shape.results.clone(), values));
        }
        let fields = self.fields(item, cx)?;
        Ok(Record::new(kind, fields))
    }

    fn excluded(&self, name: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(name))
    }

    fn fields(&self, item: &Value, cx: &mut Context) -> Result<Vec<(Str, Value)>, Halt> {
        let mut fields: Vec<(Str, Value)> = Vec::new();
        for property in &self.properties {
            let named = matches!(&property.expression, Expression::Name(name) if !is_pattern(name));
            for (name, value) in property.fields(item, cx)? {
                if self.excluded(&name) {
                    continue;
                }
                if !fields.iter().any(|(known, _)| same_name(known, &name)) {
                    fields.push((name, value));
                } else if named {
                    let error = ErrorRecord::new(
                        "AlreadyExistingUserSpecifiedPropertyNoExpand",
                        Category::InvalidOperation,
                        format!("The property {name} is there already."),
                    );
                    cx.error(error.target(item.clone()))?;
                }
            }
        }
        Ok(fields)
    }

    /// The shape that records with these names get; only for properties that are all names.
    fn shape_of(&mut self, record: &Record) -> &Shape {
        let names = record.names();
        let known = self.shape.as_ref().is_some_and(|shape| Arc::ptr_eq(&shape.names, &names));
        if !known {
            self.shape = None;
        }
        if self.shape.is_none() {
            let (mut sources, mut results): (Vec<Option<Str>>, Vec<Str>) = (Vec::new(), Vec::new());
            for property in &self.properties {
                let Expression::Name(wanted) = &property.expression else { continue };
                let pattern = is_pattern(wanted).then(|| Wildcard::new(wanted).ok()).flatten();
                let found: Vec<Str> = names
                    .iter()
                    .filter(|name| match &pattern {
                        Some(pattern) => pattern.matches(name),
                        None => same_name(name, wanted),
                    })
                    .cloned()
                    .collect();
                let mut add = |source: Option<Str>, result: Str| {
                    if !self.excluded(&result) && !results.iter().any(|known| same_name(known, &result)) {
                        sources.push(source);
                        results.push(result);
                    }
                };
                if found.is_empty() && pattern.is_none() {
                    add(None, property.label.clone().unwrap_or_else(|| wanted.clone()));
                }
                for name in found {
                    let label = property.label.clone().unwrap_or_else(|| name.clone());
                    add(Some(name), label);
                }
            }
            self.shape = Some(Shape { names, sources, results: results.into() });
        }
        self.shape.get_or_insert_with(|| Shape { names: [].into(), sources: Vec::new(), results: [].into() })
    }

    /// `Selected.` and the type of the object.
    fn kind_of(&mut self, item: &Value) -> Arc<RecordType> {
        if let (Value::Record(record), Some((known, kind))) = (item, &self.kind)
            && *known == record.kind().name
        {
            return kind.clone();
        }
        let name = type_name(item);
        match &self.kind {
            Some((known, kind)) if *known == name => kind.clone(),
            _ => {
                let selected = format!("Selected.{}", name.trim_start_matches("Selected."));
                let kind = RecordType::new(&selected, TextForm::Custom);
                self.kind = Some((name, kind.clone()));
                kind
            }
        }
    }
}
