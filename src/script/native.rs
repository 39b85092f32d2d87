//! Script blocks that are plain expressions over `$_` and constants, run without Rhai: the same results, much faster.

use crate::error::ErrorRecord;
use crate::language::tree::{
    Body, Expr, ExprKind, Piece, Quote, ScriptBlock, Stage, Statement, StatementKind, StringPart,
};
use crate::value::{Record, RecordType, Str, Value, member, ops, same_name, text, truth};
use std::sync::Arc;

/// A compiled block.
#[derive(Debug)]
pub(super) struct Native {
    root: Node,
}

#[derive(Debug)]
enum Node {
    Constant(Value),
    /// `$_`.
    Item,
    Member(Box<Node>, Str),
    Operator(&'static str, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Text(Vec<Node>),
    List(Vec<Node>),
    /// `[pscustomobject]@{…}`.
    Object(Arc<[Str]>, Vec<Node>),
}

/// Operators that have no effect besides their value. `-match` is not among them: it sets `$Matches`.
const OPERATORS: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "%",
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "like",
    "notlike",
    "contains",
    "notcontains",
    "in",
    "notin",
    "ieq",
    "ine",
    "igt",
    "ige",
    "ilt",
    "ile",
    "ilike",
    "inotlike",
    "icontains",
    "inotcontains",
    "iin",
    "inotin",
    "ceq",
    "cne",
    "cgt",
    "cge",
    "clt",
    "cle",
    "clike",
    "cnotlike",
    "ccontains",
    "cnotcontains",
    "cin",
    "cnotin",
    "join",
];

/// Compiles a block; `None` if it needs Rhai.
pub(super) fn compile(block: &ScriptBlock) -> Option<Native> {
    if block.params.is_some() || block.begin.is_some() || block.process.is_some() {
        return None;
    }
    Some(Native { root: expr(only(&block.body)?)? })
}

fn only(body: &Body) -> Option<&Expr> {
    match body.pieces.as_slice() {
        [Piece::Statement(statement)] => plain(statement),
        _ => None,
    }
}

fn plain(statement: &Statement) -> Option<&Expr> {
    let StatementKind::Chain(chain) = &statement.kind else { return None };
    match (chain.first.stages.as_slice(), chain.rest.is_empty()) {
        ([Stage::Expression { expr, redirections }], true) if redirections.is_empty() => Some(expr),
        _ => None,
    }
}

fn boxed(e: &Expr) -> Option<Box<Node>> {
    expr(e).map(Box::new)
}

fn all<'e>(items: impl IntoIterator<Item = &'e Expr>) -> Option<Vec<Node>> {
    items.into_iter().map(expr).collect()
}

fn expr(e: &Expr) -> Option<Node> {
    Some(match &e.kind {
        ExprKind::Constant(value) => Node::Constant(value.clone()),
        ExprKind::Bareword(text) | ExprKind::String { text, .. } => Node::Constant(Value::str(text.as_str())),
        ExprKind::Variable(v) if v.scope.is_none() => match v.name.to_ascii_lowercase().as_str() {
            "_" | "psitem" => Node::Item,
            "true" => Node::Constant(Value::Bool(true)),
            "false" => Node::Constant(Value::Bool(false)),
            "null" => Node::Constant(Value::Null),
            _ => return None,
        },
        ExprKind::Paren(statement) => expr(plain(statement)?)?,
        ExprKind::Member { target, name, is_static: false, .. } => match &name.kind {
            ExprKind::Bareword(name) => Node::Member(boxed(target)?, name.as_str().into()),
            ExprKind::String { text, quote: Quote::Single | Quote::Double } => {
                Node::Member(boxed(target)?, text.as_str().into())
            }
            _ => return None,
        },
        ExprKind::Binary { operator, left, right, .. } => match operator.as_str() {
            "and" => Node::And(boxed(left)?, boxed(right)?),
            "or" => Node::Or(boxed(left)?, boxed(right)?),
            word => {
                let known = OPERATORS.iter().find(|o| **o == word)?;
                Node::Operator(known, boxed(left)?, boxed(right)?)
            }
        },
        ExprKind::Unary { operator, operand } if matches!(operator.as_str(), "not" | "!") => Node::Not(boxed(operand)?),
        ExprKind::Expandable { parts, .. } => Node::Text(
            parts
                .iter()
                .map(|part| match part {
                    StringPart::Text(text) => Some(Node::Constant(Value::str(text.as_str()))),
                    StringPart::Value(value) => match &value.kind {
                        ExprKind::SubExpression(body) => expr(only(body)?),
                        _ => expr(value),
                    },
                })
                .collect::<Option<Vec<Node>>>()?,
        ),
        ExprKind::List(items) => Node::List(all(items)?),
        ExprKind::Cast { to, operand } if to.array_rank == 0 && same_name(&to.name, "pscustomobject") => {
            let ExprKind::Hashtable(entries) = &operand.kind else { return None };
            let mut names: Vec<Str> = Vec::new();
            let mut values = Vec::new();
            for (key, value) in entries {
                let name: Str = match &key.kind {
                    ExprKind::Bareword(text) | ExprKind::String { text, .. } => text.as_str().into(),
                    _ => return None,
                };
                if names.iter().any(|n| same_name(n, &name)) {
                    return None;
                }
                names.push(name);
                values.push(expr(plain(value)?)?);
            }
            Node::Object(names.into(), values)
        }
        _ => return None,
    })
}

impl Native {
    /// What the block puts out, as one value: a list is several objects.
    pub fn value(&self, item: &Value) -> Result<Value, ErrorRecord> {
        self.root.value(item)
    }

    /// Whether it is true.
    pub fn test(&self, item: &Value) -> Result<bool, ErrorRecord> {
        self.root.test(item)
    }
}

impl Node {
    fn value(&self, item: &Value) -> Result<Value, ErrorRecord> {
        Ok(match self {
            Node::Constant(value) => value.clone(),
            Node::Item => item.clone(),
            Node::Member(target, name) => match &**target {
                Node::Item => of(item, name),
                other => of(&other.value(item)?, name),
            },
            Node::Operator(operator, left, right) => {
                let (left, right) = (left.value(item)?, right.value(item)?);
                match quick(operator, &left, &right) {
                    Some(value) => value,
                    None => ops::binary(operator, &left, &right)?,
                }
            }
            Node::And(..) | Node::Or(..) | Node::Not(_) => Value::Bool(self.test(item)?),
            Node::Text(parts) => {
                let mut whole = String::new();
                for part in parts {
                    whole.push_str(&text::to_text(&part.value(item)?));
                }
                Value::from(whole)
            }
            Node::List(items) => Value::list(items.iter().map(|node| node.value(item)).collect::<Result<_, _>>()?),
            Node::Object(names, values) => {
                let values = values.iter().map(|node| node.value(item)).collect::<Result<Vec<_>, _>>()?;
                Value::Record(Record::from_parts(RecordType::custom(), names.clone(), values))
            }
        })
    }

    fn test(&self, item: &Value) -> Result<bool, ErrorRecord> {
        Ok(match self {
            Node::And(left, right) => left.test(item)? && right.test(item)?,
            Node::Or(left, right) => left.test(item)? || right.test(item)?,
            Node::Not(node) => !node.test(item)?,
            other => match other.value(item)? {
                Value::Bool(b) => b,
                value => truth::is_true(&value),
            },
        })
    }
}

fn of(value: &Value, name: &str) -> Value {
    if let Value::Record(record) = value
        && let Some(found) = record.get(name)
    {
        return found;
    }
    member::get(value, name).unwrap_or_default()
}

/// The commonest comparisons of whole numbers.
fn quick(operator: &str, left: &Value, right: &Value) -> Option<Value> {
    let (Value::Int(a), Value::Int(b)) = (left, right) else { return None };
    Some(Value::Bool(match operator {
        "eq" => a == b,
        "ne" => a != b,
        "gt" => a > b,
        "ge" => a >= b,
        "lt" => a < b,
        "le" => a <= b,
        _ => return None,
    }))
}
