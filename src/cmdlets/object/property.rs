//! Properties as the parameters of object cmdlets name them: by name, by pattern, by script block, by hashtable.

use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::Wildcard;
use crate::value::{Block, Str, Value, member, same_name, text};

/// What a name or pattern finds in an object.
pub(super) enum Lookup {
    /// One property.
    Found(Value),
    /// Nothing.
    Missing,
    /// A pattern that fits several.
    Ambiguous(Vec<Str>),
}

pub(super) use crate::value::wildcard::has_wildcard as is_pattern;

/// The names of an object's properties that a pattern fits.
pub(super) fn matching(item: &Value, pattern: &str) -> Vec<Str> {
    // What is no pattern fits nothing.
    let Ok(wildcard) = Wildcard::new(pattern) else { return Vec::new() };
    member::names(item).into_iter().filter(|name| wildcard.matches(name)).collect()
}

/// One property of an object by its name or a pattern.
pub(super) fn lookup(item: &Value, name: &str) -> Lookup {
    let found = match item {
        Value::Record(record) => record.get(name),
        _ => member::get(item, name),
    };
    if let Some(value) = found {
        return Lookup::Found(value);
    }
    if !is_pattern(name) {
        return Lookup::Missing;
    }
    let mut names = matching(item, name);
    match names.len() {
        0 => Lookup::Missing,
        1 => names.pop().and_then(|name| member::get(item, &name)).map_or(Lookup::Missing, Lookup::Found),
        _ => Lookup::Ambiguous(names),
    }
}

/// The error where a pattern must fit one property and fits several.
pub(super) fn ambiguous(pattern: &str, names: &[Str], item: &Value) -> ErrorRecord {
    ErrorRecord::new(
        "AmbiguousPropertyOrMethodName",
        Category::InvalidArgument,
        format!("{pattern} fits several properties: {}.", names.join(", ")),
    )
    .hint("Write more of the name.")
    .target(item.clone())
}

/// How a value is found in an object.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// By the name of a property, or a pattern.
    Name(Str),
    /// By what a script block puts out.
    Block(Block),
}

/// One entry of -Property.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// The name that the result gets, where one is given.
    pub(super) label: Option<Str>,
    /// Where the value comes from.
    pub(super) expression: Expression,
    /// Descending and Ascending of Sort-Object.
    pub(super) descending: Option<bool>,
}

/// What the keys of a hashtable in -Property may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Name, Label, Expression.
    Calculated,
    /// Expression, Ascending, Descending.
    Sorting,
    /// Expression.
    Plain,
}

impl Property {
    /// Reads one entry.
    ///
    /// # Errors
    /// PowerShell's `DictionaryKeyUnknown` and the like where a hashtable says what is not understood.
    pub(super) fn read(value: &Value, keys: Keys) -> Result<Property, ErrorRecord> {
        let plain = |expression| Property { label: None, expression, descending: None };
        match value {
            Value::Block(block) => Ok(plain(Expression::Block(block.clone()))),
            Value::Map(table) => Property::from_keys(&table.named(), keys, value),
            other => Ok(plain(Expression::Name(text::to_text(other)))),
        }
    }

    fn from_keys(entries: &[(Str, Value)], keys: Keys, whole: &Value) -> Result<Property, ErrorRecord> {
        let wrong = |id: &'static str, message: String| {
            ErrorRecord::new(id, Category::InvalidArgument, message).target(whole.clone())
        };
        let known: &[&str] = match keys {
            Keys::Calculated => &["name", "label", "expression"],
            Keys::Sorting => &["expression", "ascending", "descending"],
            Keys::Plain => &["expression"],
        };
        let (mut label, mut expression, mut descending) = (None, None, None);
        for (key, value) in entries {
            let lower = key.to_lowercase();
            let full = known.iter().find(|name| !lower.is_empty() && name.starts_with(&lower)).ok_or_else(|| {
                wrong(
                    "DictionaryKeyUnknown",
                    format!("A property has no key {key}; its keys are {}.", known.join(", ")),
                )
            })?;
            match *full {
                "name" | "label" => label = Some(text::to_text(value)),
                "expression" => {
                    expression = Some(match value {
                        Value::Block(block) => Expression::Block(block.clone()),
                        Value::Str(name) => Expression::Name(name.clone()),
                        _ => {
                            return Err(wrong(
                                "DictionaryKeyIllegalValue",
                                "The expression of a property is a script block or a name.".into(),
                            ));
                        }
                    });
                }
                "ascending" => descending = Some(!crate::value::truth::is_true(value)),
                _ => descending = Some(crate::value::truth::is_true(value)),
            }
        }
        let expression = match (expression, &label) {
            (Some(expression), _) => expression,
            (None, Some(name)) if keys == Keys::Calculated => Expression::Name(name.clone()),
            _ => return Err(wrong("DictionaryKeyMandatoryEntry", "A property has no expression.".into())),
        };
        Ok(Property { label, expression, descending })
    }

    /// Reads all entries of a parameter.
    ///
    /// # Errors
    /// As [`Property::read`].
    pub(super) fn read_all(value: Option<&Value>, keys: Keys) -> Result<Vec<Property>, ErrorRecord> {
        super::items(value).iter().map(|value| Property::read(value, keys)).collect()
    }

    /// The value for sorting and grouping; `None` where the object has no such property. A pattern gives the first
    /// property that it fits; what a block throws counts as no value.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub(super) fn value(&self, item: &Value, cx: &mut Context) -> Result<Option<Value>, Halt> {
        match &self.expression {
            Expression::Name(name) => match lookup(item, name) {
                Lookup::Found(value) => Ok(Some(value)),
                Lookup::Missing => Ok(None),
                Lookup::Ambiguous(names) => Ok(names.first().and_then(|name| member::get(item, name))),
            },
            Expression::Block(block) => run(block, item, cx),
        }
    }

    /// Every value with its name, as Select-Object adds them: a pattern may give several or none, a name that the
    /// object lacks gives `$null`.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub(super) fn fields(&self, item: &Value, cx: &mut Context) -> Result<Vec<(Str, Value)>, Halt> {
        let label = |name: &Str| self.label.clone().unwrap_or_else(|| name.clone());
        match &self.expression {
            Expression::Name(name) if is_pattern(name) => Ok(matching(item, name)
                .into_iter()
                .map(|found| (label(&found), member::get(item, &found).unwrap_or_default()))
                .collect()),
            Expression::Name(name) => {
                let actual = actual_name(item, name);
                let value = match &actual {
                    Some(found) => member::get(item, found),
                    None => member::get(item, name),
                };
                Ok(vec![(label(actual.as_ref().unwrap_or(name)), value.unwrap_or_default())])
            }
            Expression::Block(block) => {
                let name = self.label.clone().unwrap_or_else(|| block.text().trim().into());
                Ok(vec![(name, run(block, item, cx)?.unwrap_or_default())])
            }
        }
    }
}

/// A property's name as the object spells it.
fn actual_name(item: &Value, name: &str) -> Option<Str> {
    let find = |names: &[Str]| names.iter().find(|found| same_name(found, name)).cloned();
    match item {
        Value::Record(record) => find(&record.names()),
        other => find(&member::names(other)),
    }
}

/// What a block puts out for an object; `None` where it throws.
fn run(block: &Block, item: &Value, cx: &mut Context) -> Result<Option<Value>, Halt> {
    let mut outputs = Vec::new();
    let result = cx.blocks.run(block, Some(item), &[], &mut |value| {
        outputs.push(value);
        Ok(())
    });
    match result {
        Ok(()) => Ok(Some(Value::from_outputs(outputs))),
        Err(Halt::Error(_)) => Ok(None),
        Err(halt) => Err(halt),
    }
}
