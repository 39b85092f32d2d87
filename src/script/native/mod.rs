//! Script blocks that are plain expressions over `$_` and constants, run without Rhai: the same results, much faster.
//!
//! Nothing here has an effect but `$Matches`. So where an expression fails, or meets what only Rhai knows, the block
//! is run again in Rhai, which says what is wrong and where.

mod compile;

use super::shared::{Limits, Shared};
use crate::error::ErrorRecord;
use crate::value::compare as values;
use crate::value::convert::{self, Target};
use crate::value::{Record, RecordType, Str, Table, Value, Values, enumerate, member, ops, text, truth};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) use compile::compile;

/// A compiled block.
#[derive(Debug)]
pub(super) struct Native {
    root: Node,
}

/// Rhai must run the block.
#[derive(Debug)]
pub(super) struct Unfit;

impl From<ErrorRecord> for Unfit {
    fn from(_: ErrorRecord) -> Unfit {
        Unfit
    }
}

#[derive(Debug)]
enum Node {
    Constant(Value),
    /// `$_`.
    Item,
    Member(Box<Node>, Str),
    Index(Box<Node>, Box<Node>),
    /// A comparison of order or equality, and the word that stands for it.
    Compare(Comparison, &'static str, Box<Node>, Box<Node>),
    Operator(&'static str, Box<Node>, Box<Node>),
    /// `-match` and its kin.
    Match(&'static str, Box<Node>, Box<Node>),
    Sign(&'static str, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Choice(Box<Node>, Box<Node>, Box<Node>),
    Text(Vec<Node>),
    List(Vec<Node>),
    /// What a subexpression makes of a value.
    Collected(Box<Node>),
    Cast(Target, Box<Node>),
    /// A method that changes nothing.
    Call(Box<Node>, Str, Vec<Node>),
    /// `[pscustomobject]@{…}`: objects of one block share their type and their names.
    Object(Arc<RecordType>, Arc<[Str]>, Vec<Node>),
    /// `@{…}`; true for `[ordered]@{…}`.
    Table(bool, Vec<(Value, Node)>),
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
        }
    }
}

type Result<T> = std::result::Result<T, Unfit>;

impl Native {
    /// What the block puts out, as one value: a list is several objects.
    ///
    /// # Errors
    /// Rhai must run it.
    pub fn value(&self, item: &Value, shared: &Shared) -> Result<Value> {
        self.root.value(item, shared)
    }

    /// Whether its value is one object for sure, not several.
    pub fn gives_one(&self) -> bool {
        matches!(self.root, Node::Object(..) | Node::Table(..) | Node::Text(_) | Node::Not(_))
    }

    /// Whether what it puts out is true.
    ///
    /// # Errors
    /// Rhai must run it.
    pub fn test(&self, item: &Value, shared: &Shared) -> Result<bool> {
        if let Some(answer) = self.root.quick(item) {
            return Ok(answer);
        }
        match &self.root {
            node @ (Node::And(..) | Node::Or(..) | Node::Not(_)) => node.test(item, shared),
            other => match &*other.look(item, shared)? {
                Value::Bool(b) => Ok(*b),
                // Its elements are what it puts out.
                value @ (Value::List(_) | Value::Record(_)) => Ok(truth::is_true(&collected(value.clone()))),
                value => Ok(truth::is_true(value)),
            },
        }
    }
}

/// A value put out and taken up again.
fn collected(value: Value) -> Value {
    match enumerate::items(&value) {
        Some(items) => Value::from_outputs(Arc::unwrap_or_clone(items)),
        None => value,
    }
}

impl Node {
    /// The value, borrowed where it is there already.
    fn look<'a>(&'a self, item: &'a Value, shared: &Shared) -> Result<Cow<'a, Value>> {
        match self {
            Node::Constant(value) => Ok(Cow::Borrowed(value)),
            Node::Item => Ok(Cow::Borrowed(item)),
            other => other.value(item, shared).map(Cow::Owned),
        }
    }

    /// The value, where it is a whole number that is there already.
    fn whole(&self, item: &Value) -> Option<i64> {
        match (self, item) {
            (Node::Constant(Value::Int(number)), _) | (Node::Item, Value::Int(number)) => Some(*number),
            (Node::Member(target, name), Value::Record(record)) if matches!(**target, Node::Item) => {
                record.look(name, |value| if let Value::Int(number) = value { Some(*number) } else { None })?
            }
            _ => None,
        }
    }

    /// The answer of a comparison of whole numbers that are there already.
    fn quick(&self, item: &Value) -> Option<bool> {
        let Node::Compare(comparison, _, left, right) = self else { return None };
        Some(comparison.holds(left.whole(item)?.cmp(&right.whole(item)?)))
    }

    /// The values of several.
    fn values(nodes: &[Node], item: &Value, shared: &Shared) -> Result<Values> {
        let mut values = Values::with_capacity(nodes.len());
        for node in nodes {
            values.push(match node {
                Node::Constant(value) => value.clone(),
                Node::Item => item.clone(),
                other => other.value(item, shared)?,
            });
        }
        Ok(values)
    }

    fn value(&self, item: &Value, shared: &Shared) -> Result<Value> {
        Ok(match self {
            Node::Constant(value) => value.clone(),
            Node::Item => item.clone(),
            Node::Member(target, name) => of(&*target.look(item, shared)?, name, shared)?,
            Node::Index(target, index) => member::index(&*target.look(item, shared)?, &*index.look(item, shared)?)?,
            Node::Compare(comparison, word, left, right) => {
                let (left, right) = (left.look(item, shared)?, right.look(item, shared)?);
                compare(*comparison, word, &left, &right)?
            }
            Node::Operator(word, left, right) => {
                let (left, right) = (left.look(item, shared)?, right.look(item, shared)?);
                operate(word, &left, &right, &shared.limits)?
            }
            Node::Match(word, left, right) => {
                let (value, captures) = ops::matching(word, &*left.look(item, shared)?, &*right.look(item, shared)?)?;
                if let Some(captures) = captures {
                    shared.set_variable("Matches", Value::Map(captures))?;
                }
                value
            }
            Node::Sign(word, operand) => ops::unary(word, &*operand.look(item, shared)?)?,
            Node::And(..) | Node::Or(..) | Node::Not(_) => Value::Bool(self.test(item, shared)?),
            Node::Choice(condition, then, otherwise) => {
                if condition.test(item, shared)? { then } else { otherwise }.value(item, shared)?
            }
            Node::Text(parts) => {
                let mut whole = String::new();
                for part in parts {
                    append(&mut whole, &shared.in_string(&*part.look(item, shared)?));
                    if whole.len() > shared.limits.string {
                        return Err(Unfit);
                    }
                }
                Value::from(whole)
            }
            Node::List(items) => Value::list(Node::values(items, item, shared)?.into_vec()),
            Node::Collected(node) => collected(node.value(item, shared)?),
            Node::Cast(target, operand) => {
                let operand = operand.look(item, shared)?;
                // An error that was caught stays the error it is.
                if matches!(&*operand, Value::Record(_)) {
                    return Err(Unfit);
                }
                convert::cast(&operand, target)?
            }
            Node::Call(target, name, arguments) => {
                let target = target.look(item, shared)?;
                if matches!(&*target, Value::Record(_) | Value::Map(_) | Value::Block(_)) {
                    return Err(Unfit);
                }
                match member::call(&target, name, &Node::values(arguments, item, shared)?)? {
                    // It puts out nothing.
                    Value::Null => return Err(Unfit),
                    value => value,
                }
            }
            Node::Object(kind, names, nodes) => {
                let values = Node::values(nodes, item, shared)?;
                Value::Record(Record::from_values(kind.clone(), names.clone(), values))
            }
            Node::Table(ordered, entries) => {
                let table = Table::new(*ordered);
                for (key, node) in entries {
                    table.put(key.clone(), node.value(item, shared)?);
                }
                Value::Map(table)
            }
        })
    }

    fn test(&self, item: &Value, shared: &Shared) -> Result<bool> {
        if let Some(answer) = self.quick(item) {
            return Ok(answer);
        }
        Ok(match self {
            Node::And(left, right) => left.test(item, shared)? && right.test(item, shared)?,
            Node::Or(left, right) => left.test(item, shared)? || right.test(item, shared)?,
            Node::Not(node) => !node.test(item, shared)?,
            other => truth::is_true(&*other.look(item, shared)?),
        })
    }
}

/// A member of a value; `$null` where there is none.
fn of(value: &Value, name: &str, shared: &Shared) -> Result<Value> {
    if let Value::Record(record) = value
        && let Some(found) = record.get(name)
    {
        return Ok(found);
    }
    match member::get(value, name) {
        Some(found) => Ok(found),
        // Caught errors and script blocks know more than their properties.
        None if matches!(value, Value::Block(_)) || shared.error_of(value).is_some() => Err(Unfit),
        None => Ok(Value::Null),
    }
}

fn compare(comparison: Comparison, word: &str, left: &Value, right: &Value) -> Result<Value> {
    let case_sensitive = word.starts_with('c');
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Bool(comparison.holds(a.cmp(b))),
        // Of a list the elements are kept for which it holds.
        (Value::List(_) | Value::Record(_), _) => ops::binary(word, left, right)?,
        _ => Value::Bool(match comparison {
            Comparison::Equal => values::equals(left, right, case_sensitive),
            Comparison::NotEqual => !values::equals(left, right, case_sensitive),
            order => order.holds(values::order(left, right, case_sensitive)?),
        }),
    })
}

fn operate(word: &str, left: &Value, right: &Value, limits: &Limits) -> Result<Value> {
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        let whole = match word {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "%" if *b > 0 => Some(a % b),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Value::Int(whole));
        }
    }
    // What may become very large is for Rhai to refuse.
    let small = match (word, left, right) {
        ("*", Value::Str(_) | Value::List(_), _) => false,
        ("+", Value::Str(a), Value::Str(b)) => a.len() + b.len() <= limits.string,
        ("+", Value::List(a), _) => a.len() < limits.array,
        _ => true,
    };
    if small { Ok(ops::binary(word, left, right)?) } else { Err(Unfit) }
}

/// Appends the text of a value.
fn append(whole: &mut String, value: &Value) {
    use std::fmt::Write;
    match value {
        Value::Str(text) => whole.push_str(text),
        Value::Int(number) => {
            // Writing to a string cannot fail.
            let _ = write!(whole, "{number}");
        }
        other => whole.push_str(&text::to_text(other)),
    }
}
