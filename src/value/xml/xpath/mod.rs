//! XPath 1.0: `/a/b[@n='v']`, `//b[last()]/text()`, `count(//b)`, as `SelectNodes` and Select-Xml take it.

mod functions;
mod parse;
mod run;

pub use run::{Found, evaluate};

use crate::error::{Category, ErrorRecord};

/// Brackets in brackets that an expression may have: far more than anybody writes, and little of the stack.
const DEEPEST: usize = 64;

/// What an expression is made of.
#[derive(Debug)]
pub(super) enum Expr {
    Text(String),
    Number(f64),
    /// An operator between two.
    Binary(Op, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Call(String, Vec<Expr>),
    /// Steps from the node at hand, from the document, or from what an expression gives.
    Path(Start, Vec<Step>),
    /// An expression with conditions.
    Filter(Box<Expr>, Vec<Expr>),
}

/// Where a path begins.
#[derive(Debug)]
pub(super) enum Start {
    Here,
    Document,
    Of(Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Union,
}

/// A step of a path.
#[derive(Debug)]
pub(super) struct Step {
    pub axis: Axis,
    pub test: Test,
    pub conditions: Vec<Expr>,
}

/// In which direction a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Parent,
    Ancestor,
    AncestorOrSelf,
    Itself,
    Attribute,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
}

impl Axis {
    /// Whether it counts from the end of the document to its beginning.
    pub fn is_reverse(self) -> bool {
        matches!(self, Axis::Parent | Axis::Ancestor | Axis::AncestorOrSelf | Axis::PrecedingSibling | Axis::Preceding)
    }
}

/// Which nodes a step takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// `node()`
    Any,
    Text,
    Comment,
    Instruction,
    /// A name with its prefix; `*` is no name.
    Name(Option<String>, Option<String>),
}

/// An expression that cannot be read or used.
fn wrong(xpath: &str, why: &str) -> ErrorRecord {
    ErrorRecord::new("XPathException", Category::NotSpecified, format!("The XPath '{xpath}' cannot be used: {why}."))
        .hint("Write it as /a/b, //b, //b[@name='value'], //b[1], @name, text(), or count(//b).")
        .target(xpath)
}
