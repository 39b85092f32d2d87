//! From the tree of a block to what runs natively; a block that needs Rhai gives nothing.

use super::{Comparison, Native, Node};
use crate::language::tree::{
    Body, Expr, ExprKind, Piece, Quote, ScriptBlock, Stage, Statement, StatementKind, StringPart, TypeName,
};
use crate::value::{RecordType, Str, Value, convert, same_name};

/// Operators that have no effect besides their value.
const OPERATORS: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "%",
    "f",
    "join",
    "is",
    "isnot",
    "as",
    "like",
    "notlike",
    "contains",
    "notcontains",
    "in",
    "notin",
    "replace",
    "split",
    "ilike",
    "inotlike",
    "icontains",
    "inotcontains",
    "iin",
    "inotin",
    "ireplace",
    "isplit",
    "clike",
    "cnotlike",
    "ccontains",
    "cnotcontains",
    "cin",
    "cnotin",
    "creplace",
    "csplit",
];

const COMPARISONS: &[(&str, Comparison)] = &[
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("ge", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("le", Comparison::LessOrEqual),
    ("ieq", Comparison::Equal),
    ("ine", Comparison::NotEqual),
    ("igt", Comparison::Greater),
    ("ige", Comparison::GreaterOrEqual),
    ("ilt", Comparison::Less),
    ("ile", Comparison::LessOrEqual),
    ("ceq", Comparison::Equal),
    ("cne", Comparison::NotEqual),
    ("cgt", Comparison::Greater),
    ("cge", Comparison::GreaterOrEqual),
    ("clt", Comparison::Less),
    ("cle", Comparison::LessOrEqual),
];

/// Operators that set `$Matches`.
const MATCHES: &[&str] = &["match", "notmatch", "imatch", "inotmatch", "cmatch", "cnotmatch"];

/// Methods of texts, dates and numbers that change nothing and always give something.
const METHODS: &[&str] = &[
    "ToUpper",
    "ToLower",
    "ToUpperInvariant",
    "ToLowerInvariant",
    "Trim",
    "TrimStart",
    "TrimEnd",
    "StartsWith",
    "EndsWith",
    "Contains",
    "Substring",
    "Replace",
    "Split",
    "IndexOf",
    "LastIndexOf",
    "PadLeft",
    "PadRight",
    "ToString",
];

/// Types to which a cast is a conversion and no more.
const TYPES: &[&str] = &[
    "int", "int32", "long", "int64", "double", "float", "single", "decimal", "string", "bool", "boolean", "char",
    "datetime", "timespan", "version", "guid",
];

/// Compiles a block; `None` if it needs Rhai.
pub(in crate::script) fn compile(block: &ScriptBlock) -> Option<Native> {
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

fn known(words: &'static [&'static str], word: &str) -> Option<&'static str> {
    words.iter().find(|known| **known == word).copied()
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
        ExprKind::Member { target, name, is_static: false, .. } => Node::Member(boxed(target)?, constant(name)?),
        ExprKind::Index { target, index, null_conditional: false } => Node::Index(boxed(target)?, boxed(index)?),
        ExprKind::Method { target, name, arguments, is_static: false, null_conditional: false } => {
            let name = constant(name)?;
            if !METHODS.iter().any(|method| same_name(method, &name)) {
                return None;
            }
            Node::Call(boxed(target)?, name, all(arguments)?)
        }
        ExprKind::Binary { operator, left, right, .. } => binary(operator, left, right)?,
        ExprKind::Unary { operator, operand } => match operator.as_str() {
            "not" | "!" => Node::Not(boxed(operand)?),
            "-" => Node::Sign("-", boxed(operand)?),
            "+" => Node::Sign("+", boxed(operand)?),
            _ => return None,
        },
        ExprKind::Ternary { condition, then, otherwise } => {
            Node::Choice(boxed(condition)?, boxed(then)?, boxed(otherwise)?)
        }
        ExprKind::Expandable { parts, .. } => Node::Text(
            parts
                .iter()
                .map(|part| match part {
                    StringPart::Text(text) => Some(Node::Constant(Value::str(text.as_str()))),
                    StringPart::Value(value) => match &value.kind {
                        ExprKind::SubExpression(body) => {
                            let inner = only(body)?;
                            let node = expr(inner)?;
                            // The property of an object is not put out first: a list in it stays one.
                            let is_member = matches!(inner.kind, ExprKind::Member { .. });
                            Some(if is_member { node } else { Node::Collected(Box::new(node)) })
                        }
                        _ => expr(value),
                    },
                })
                .collect::<Option<Vec<Node>>>()?,
        ),
        ExprKind::List(items) => Node::List(all(items)?),
        ExprKind::Cast { to, operand } if is_plain(to) => match &operand.kind {
            ExprKind::Hashtable(entries) if same_name(&to.name, "pscustomobject") => object(entries)?,
            ExprKind::Hashtable(entries) if same_name(&to.name, "ordered") => table(true, entries)?,
            _ if TYPES.iter().any(|known| same_name(known, &to.name)) => {
                Node::Cast(convert::target(&to.name)?, boxed(operand)?)
            }
            _ => return None,
        },
        ExprKind::Hashtable(entries) => table(false, entries)?,
        _ => return None,
    })
}

fn binary(operator: &str, left: &Expr, right: &Expr) -> Option<Node> {
    let second = match (&right.kind, operator) {
        (ExprKind::Type(name), "is" | "isnot" | "as") if is_plain(name) => {
            Node::Constant(Value::str(name.name.as_str()))
        }
        _ => expr(right)?,
    };
    let (left, right) = (boxed(left)?, Box::new(second));
    Some(match operator {
        "and" => Node::And(left, right),
        "or" => Node::Or(left, right),
        word => {
            if let Some((word, comparison)) = COMPARISONS.iter().find(|(known, _)| *known == word) {
                Node::Compare(*comparison, word, left, right)
            } else if let Some(word) = known(MATCHES, word) {
                Node::Match(word, left, right)
            } else {
                Node::Operator(known(OPERATORS, word)?, left, right)
            }
        }
    })
}

fn is_plain(name: &TypeName) -> bool {
    name.array_rank == 0 && name.arguments.is_empty()
}

/// A name that stands in the text as it is.
fn constant(name: &Expr) -> Option<Str> {
    match &name.kind {
        ExprKind::Bareword(text) | ExprKind::String { text, quote: Quote::Single | Quote::Double } => {
            Some(text.as_str().into())
        }
        _ => None,
    }
}

/// The entries of a literal whose keys are names, each once.
fn entries(entries: &[(Expr, Statement)]) -> Option<Vec<(Str, Node)>> {
    let mut made: Vec<(Str, Node)> = Vec::new();
    for (key, value) in entries {
        let (ExprKind::Bareword(name) | ExprKind::String { text: name, .. }) = &key.kind else { return None };
        if made.iter().any(|(known, _)| same_name(known, name)) {
            return None;
        }
        made.push((name.as_str().into(), expr(plain(value)?)?));
    }
    Some(made)
}

fn object(pairs: &[(Expr, Statement)]) -> Option<Node> {
    let (names, values): (Vec<Str>, Vec<Node>) = entries(pairs)?.into_iter().unzip();
    // It names the object's type.
    if names.iter().any(|name| same_name(name, "PSTypeName")) {
        return None;
    }
    Some(Node::Object(RecordType::custom(), names.into(), values))
}

fn table(ordered: bool, pairs: &[(Expr, Statement)]) -> Option<Node> {
    let entries = entries(pairs)?.into_iter().map(|(name, node)| (Value::Str(name), node));
    Some(Node::Table(ordered, entries.collect()))
}
