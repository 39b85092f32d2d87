//! Properties as the parameters of object cmdlets name them: by name, by pattern, by script block, by hashtable.

use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::Align;
use crate::value::wildcard::Wildcard;
use crate::value::{Block, Str, Value, member, same_name, text};

/// What a name or pattern finds in an object.
pub(crate) enum Lookup {
    /// One property.
    Found(Value),
    /// Nothing.
    Missing,
    /// A pattern that fits several.
    Ambiguous(Vec<Str>),
}

pub(crate) use crate::value::wildcard::has_wildcard as is_pattern;

/// The names of an object's properties that a pattern fits.
pub(crate) fn matching(item: &Value, pattern: &str) -> Vec<Str> {
    // What is no pattern fits nothing.
    let Ok(wildcard) = Wildcard::new(pattern) else { return Vec::new() };
    member::names(item).into_iter().filter(|name| wildcard.matches(name)).collect()
}

/// One property of an object by its name or a pattern.
pub(crate) fn lookup(item: &Value, name: &str) -> Lookup {
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
pub(crate) fn ambiguous(pattern: &str, names: &[Str], item: &Value) -> ErrorRecord {
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
pub(crate) enum Expression {
    /// By the name of a property, or a pattern.
    Name(Str),
    /// By what a script block puts out.
    Block(Block),
}

/// One entry of -Property.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    /// The name that the result gets, where one is given.
    pub(crate) label: Option<Str>,
    /// Where the value comes from.
    pub(crate) expression: Expression,
    /// Descending and Ascending of Sort-Object.
    pub(crate) descending: Option<bool>,
    /// How the value is written.
    pub(crate) format: Option<Str>,
    /// Columns that it takes in a table.
    pub(crate) width: Option<usize>,
    /// Where it stands in a table.
    pub(crate) align: Option<Align>,
    /// The width of its column on a page, as it is written there: "20%".
    pub(crate) on_page: Option<Str>,
}

/// What the keys of a hashtable in -Property may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Name, Label, Expression.
    Calculated,
    /// Expression, Ascending, Descending.
    Sorting,
    /// Expression.
    Plain,
    /// Name, Label, Expression, FormatString, Width, Alignment.
    Table,
    /// Name, Label, Expression, FormatString.
    List,
    /// Expression, FormatString.
    Wide,
    /// Name, Label, Expression, Width as text, Alignment.
    Html,
}

impl Keys {
    fn known(self) -> &'static [&'static str] {
        match self {
            Keys::Calculated => &["name", "label", "expression"],
            Keys::Sorting => &["expression", "ascending", "descending"],
            Keys::Plain => &["expression"],
            Keys::Table => &["name", "label", "expression", "formatstring", "width", "alignment"],
            Keys::List => &["name", "label", "expression", "formatstring"],
            Keys::Wide => &["expression", "formatstring"],
            Keys::Html => &["name", "label", "expression", "width", "alignment"],
        }
    }

    /// Whether a name alone says which property is meant.
    fn name_is_enough(self) -> bool {
        self == Keys::Calculated
    }
}

impl Default for Property {
    fn default() -> Property {
        let expression = Expression::Name("".into());
        Property { label: None, expression, descending: None, format: None, width: None, align: None, on_page: None }
    }
}

impl Property {
    /// Reads one entry.
    ///
    /// # Errors
    /// PowerShell's `DictionaryKeyUnknown` and the like where a hashtable says what is not understood.
    pub(crate) fn read(value: &Value, keys: Keys) -> Result<Property, ErrorRecord> {
        let plain = |expression| Property { expression, ..Property::default() };
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
        let known = keys.known();
        let illegal = |what: &str| wrong("DictionaryKeyIllegalValue", format!("{what}."));
        let (mut property, mut expression) = (Property::default(), None);
        for (key, value) in entries {
            let lower = key.to_lowercase();
            let full = known.iter().find(|name| !lower.is_empty() && name.starts_with(&lower)).ok_or_else(|| {
                wrong(
                    "DictionaryKeyUnknown",
                    format!("A property has no key {key}; its keys are {}.", known.join(", ")),
                )
            })?;
            match *full {
                "name" | "label" => property.label = Some(text::to_text(value)),
                "expression" => {
                    expression = Some(match value {
                        Value::Block(block) => Expression::Block(block.clone()),
                        Value::Str(name) => Expression::Name(name.clone()),
                        _ => return Err(illegal("The expression of a property is a script block or a name")),
                    });
                }
                "formatstring" => property.format = Some(text::to_text(value)),
                "width" if keys == Keys::Html => property.on_page = Some(text::to_text(value)),
                "width" => match value {
                    Value::Int(width) if *width > 0 => property.width = usize::try_from(*width).ok(),
                    _ => return Err(illegal("The width of a column is a whole number above 0")),
                },
                "alignment" => match Align::parse(&text::to_text(value)) {
                    Some(align) => property.align = Some(align),
                    None => return Err(illegal("A column stands Left, Center or Right")),
                },
                "ascending" => property.descending = Some(!crate::value::truth::is_true(value)),
                _ => property.descending = Some(crate::value::truth::is_true(value)),
            }
        }
        property.expression = match (expression, &property.label) {
            (Some(expression), _) => expression,
            (None, Some(name)) if keys.name_is_enough() => Expression::Name(name.clone()),
            _ => return Err(wrong("DictionaryKeyMandatoryEntry", "A property has no expression.".into())),
        };
        Ok(property)
    }

    /// Reads all entries of a parameter.
    ///
    /// # Errors
    /// As [`Property::read`].
    pub(crate) fn read_all(value: Option<&Value>, keys: Keys) -> Result<Vec<Property>, ErrorRecord> {
        crate::cmdlets::object::items(value).iter().map(|value| Property::read(value, keys)).collect()
    }

    /// The value for sorting and grouping; `None` where the object has no such property. A pattern gives the first
    /// property that it fits; what a block throws counts as no value.
    ///
    /// # Errors
    /// Ctrl-C and `exit` in a block.
    pub(crate) fn value(&self, item: &Value, cx: &mut Context) -> Result<Option<Value>, Halt> {
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
    pub(crate) fn fields(&self, item: &Value, cx: &mut Context) -> Result<Vec<(Str, Value)>, Halt> {
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
pub(crate) fn actual_name(item: &Value, name: &str) -> Option<Str> {
    let find = |names: &[Str]| names.iter().find(|found| same_name(found, name)).cloned();
    match item {
        Value::Record(record) => find(&record.names()),
        other => find(&member::names(other)),
    }
}

/// What a block puts out for an object; `None` where it throws.
pub(crate) fn run(block: &Block, item: &Value, cx: &mut Context) -> Result<Option<Value>, Halt> {
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
