//! What an expression finds in a document.

use super::super::dom::{At, DOCUMENT, Dom, Item, Kind};
use super::{Axis, Expr, Op, Start, Step, Test, functions, parse, wrong};
use crate::env::bounds;
use crate::error::ErrorRecord;
use crate::value::number;
use std::cell::OnceCell;
use std::collections::HashSet;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nodes in the order of the document.
    Nodes(Vec<At>),
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// Whether something holds.
    Truth(bool),
}

/// Looks for what an expression names, from a node on.
///
/// # Errors
/// `XPathException`.
pub fn evaluate(dom: &Dom, at: At, xpath: &str, spaces: &[(String, String)]) -> Result<Found, ErrorRecord> {
    let expr = parse::read(xpath)?;
    let run = Run { dom, xpath, spaces, order: OnceCell::new() };
    run.expr(&expr, Place { at, position: 1, last: 1 })
}

/// The node at hand, and which of how many it is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub at: At,
    pub position: usize,
    pub last: usize,
}

pub(super) struct Run<'a> {
    pub dom: &'a Dom,
    pub xpath: &'a str,
    /// What prefixes stand for.
    spaces: &'a [(String, String)],
    /// The place in the document of each node.
    order: OnceCell<Vec<usize>>,
}

impl Found {
    /// As a truth: nodes where there is one, text where there is some, a number that is not 0.
    pub fn truth(&self) -> bool {
        match self {
            Found::Nodes(nodes) => !nodes.is_empty(),
            Found::Text(text) => !text.is_empty(),
            Found::Number(number) => *number != 0.0 && !number.is_nan(),
            Found::Truth(truth) => *truth,
        }
    }
}

/// A text as a number.
fn number_of(text: &str) -> f64 {
    let text = text.trim();
    let fits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    if fits { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

impl Run<'_> {
    pub(super) fn text(&self, found: &Found) -> String {
        match found {
            Found::Nodes(nodes) => nodes.first().map(|at| self.dom.text(*at)).unwrap_or_default(),
            Found::Text(text) => text.clone(),
            Found::Number(x) => number::shortest(*x),
            Found::Truth(truth) => truth.to_string(),
        }
    }

    pub(super) fn number(&self, found: &Found) -> f64 {
        match found {
            Found::Number(number) => *number,
            Found::Truth(truth) => f64::from(u8::from(*truth)),
            other => number_of(&self.text(other)),
        }
    }

    pub(super) fn wrong(&self, why: &str) -> ErrorRecord {
        wrong(self.xpath, why)
    }

    pub(super) fn expr(&self, expr: &Expr, place: Place) -> Result<Found, ErrorRecord> {
        Ok(match expr {
            Expr::Text(text) => Found::Text(text.clone()),
            Expr::Number(number) => Found::Number(*number),
            Expr::Negative(inner) => Found::Number(-self.number(&self.expr(inner, place)?)),
            Expr::Call(name, arguments) => functions::call(self, name, arguments, place)?,
            Expr::Binary(op, left, right) => self.binary(*op, left, right, place)?,
            Expr::Filter(inner, conditions) => {
                let Found::Nodes(nodes) = self.expr(inner, place)? else {
                    return Err(self.wrong("what stands before [ is no node"));
                };
                Found::Nodes(self.filtered(nodes, conditions)?)
            }
            Expr::Path(start, steps) => {
                let mut nodes = match start {
                    Start::Here => vec![place.at],
                    Start::Document => vec![self.top(place.at)],
                    Start::Of(inner) => match self.expr(inner, place)? {
                        Found::Nodes(nodes) => nodes,
                        _ => return Err(self.wrong("what stands before / is no node")),
                    },
                };
                for step in steps {
                    nodes = self.step(&nodes, step)?;
                }
                Found::Nodes(nodes)
            }
        })
    }

    /// What a node is in at last: the document, or the topmost of what is in no document.
    fn top(&self, at: At) -> At {
        std::iter::successors(Some(at), |at| self.dom.item(*at).parent).last().unwrap_or(DOCUMENT)
    }

    fn filtered(&self, nodes: Vec<At>, conditions: &[Expr]) -> Result<Vec<At>, ErrorRecord> {
        let mut nodes = nodes;
        for condition in conditions {
            let last = nodes.len();
            let mut kept = Vec::new();
            for (before, at) in nodes.into_iter().enumerate() {
                let place = Place { at, position: before + 1, last };
                let holds = match self.expr(condition, place)? {
                    Found::Number(number) => number == place.position as f64,
                    other => other.truth(),
                };
                if holds {
                    kept.push(at);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }

    fn step(&self, from: &[At], step: &Step) -> Result<Vec<At>, ErrorRecord> {
        let mut found = Vec::new();
        for at in from {
            // Whoever runs the script sees that it must stop; what was found is not used then.
            if bounds::spent().is_some() {
                return Ok(Vec::new());
            }
            let mut there = Vec::new();
            for candidate in self.along(*at, step.axis) {
                if self.fits(candidate, step)? {
                    there.push(candidate);
                }
            }
            found.extend(self.filtered(there, &step.conditions)?);
        }
        if from.len() == 1 {
            if step.axis.is_reverse() {
                found.reverse();
            }
            return Ok(found);
        }
        Ok(if matches!(step.axis, Axis::Attribute | Axis::Itself) { found } else { self.in_order(found) })
    }

    /// Nodes in the order of the document, each once.
    pub(super) fn in_order(&self, mut nodes: Vec<At>) -> Vec<At> {
        let mut seen = HashSet::new();
        nodes.retain(|at| seen.insert(*at));
        if nodes.len() < 2 {
            return nodes;
        }
        let order = self.order.get_or_init(|| {
            let mut order = Vec::new();
            let mut next = 0;
            let mut number = |at: At| {
                if order.len() <= at {
                    order.resize(at + 1, usize::MAX);
                }
                order[at] = next;
                next += 1;
            };
            for at in self.dom.within(self.top(nodes.first().copied().unwrap_or(DOCUMENT))) {
                number(at);
                self.dom.item(at).attributes.iter().for_each(|attribute| number(*attribute));
            }
            order
        });
        nodes.sort_by_key(|at| order.get(*at).copied().unwrap_or(usize::MAX));
        nodes
    }

    fn along(&self, at: At, axis: Axis) -> Vec<At> {
        let dom = self.dom;
        let item = dom.item(at);
        let up = |first: Option<At>| std::iter::successors(first, |at| dom.item(*at).parent);
        let siblings = |of: At| -> (Vec<At>, Vec<At>) {
            let Some(parent) = dom.item(of).parent else { return Default::default() };
            let all = &dom.item(parent).children;
            let Some(place) = all.iter().position(|child| *child == of) else { return Default::default() };
            (all[..place].to_vec(), all[place + 1..].to_vec())
        };
        match axis {
            Axis::Child => item.children.clone(),
            Axis::Descendant => dom.within(at).skip(1).collect(),
            Axis::DescendantOrSelf => dom.within(at).collect(),
            Axis::Parent => item.parent.into_iter().collect(),
            Axis::Ancestor => up(item.parent).collect(),
            Axis::AncestorOrSelf => up(Some(at)).collect(),
            Axis::Itself => vec![at],
            Axis::Attribute => item.attributes.iter().copied().filter(|a| dom.item(*a).declares().is_none()).collect(),
            Axis::FollowingSibling => siblings(at).1,
            Axis::PrecedingSibling => siblings(at).0.into_iter().rev().collect(),
            Axis::Following => up(Some(at)).flat_map(|at| siblings(at).1).flat_map(|at| dom.within(at)).collect(),
            Axis::Preceding => {
                let before = up(Some(at)).flat_map(|at| siblings(at).0.into_iter().rev());
                let within = |at: At| dom.within(at).collect::<Vec<_>>().into_iter().rev();
                before.flat_map(within).collect()
            }
        }
    }

    fn fits(&self, at: At, step: &Step) -> Result<bool, ErrorRecord> {
        let item = self.dom.item(at);
        Ok(match &step.test {
            // The declaration is no node of a path.
            Test::Any => item.kind != Kind::Declaration,
            Test::Text => item.is_text(),
            Test::Comment => item.kind == Kind::Comment,
            Test::Instruction => item.kind == Kind::Instruction,
            Test::Name(prefix, local) => {
                let principal = if step.axis == Axis::Attribute { Kind::Attribute } else { Kind::Element };
                if item.kind != principal {
                    return Ok(false);
                }
                match (prefix, local) {
                    (None, None) => true,
                    (None, Some(local)) => item.space.is_empty() && *local == item.local(),
                    (Some(prefix), local) => {
                        self.is_in_space(item, prefix)? && local.as_ref().is_none_or(|l| *l == item.local())
                    }
                }
            }
        })
    }

    fn is_in_space(&self, item: &Item, prefix: &str) -> Result<bool, ErrorRecord> {
        match self.spaces.iter().rev().find(|(known, _)| known == prefix) {
            Some((_, space)) => Ok(*item.space == **space),
            None => Err(self
                .wrong(&format!("nothing says which name space the prefix '{prefix}' stands for"))
                .hint("Select-Xml takes -Namespace @{prefix = 'uri'}; SelectNodes an XmlNamespaceManager as its second argument. local-name()='x' needs neither.")),
        }
    }

    fn binary(&self, op: Op, left: &Expr, right: &Expr, place: Place) -> Result<Found, ErrorRecord> {
        let first = self.expr(left, place)?;
        match (op, first.truth()) {
            (Op::Or, true) => return Ok(Found::Truth(true)),
            (Op::And, false) => return Ok(Found::Truth(false)),
            _ => {}
        }
        let second = self.expr(right, place)?;
        let calculated = |of: fn(f64, f64) -> f64| Found::Number(of(self.number(&first), self.number(&second)));
        Ok(match op {
            Op::Or | Op::And => Found::Truth(second.truth()),
            Op::Add => calculated(|a, b| a + b),
            Op::Subtract => calculated(|a, b| a - b),
            Op::Multiply => calculated(|a, b| a * b),
            Op::Divide => calculated(|a, b| a / b),
            Op::Remainder => calculated(|a, b| a % b),
            Op::Union => match (first, second) {
                (Found::Nodes(mut nodes), Found::Nodes(more)) => {
                    nodes.extend(more);
                    Found::Nodes(self.in_order(nodes))
                }
                _ => return Err(self.wrong("| stands between what is no node")),
            },
            Op::Equal | Op::NotEqual | Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
                Found::Truth(self.compares(op, &first, &second))
            }
        })
    }

    /// Of nodes it is enough that one of them compares so.
    fn compares(&self, op: Op, left: &Found, right: &Found) -> bool {
        match (left, right) {
            (Found::Truth(_), _) | (_, Found::Truth(_)) if matches!(op, Op::Equal | Op::NotEqual) => {
                (left.truth() == right.truth()) == (op == Op::Equal)
            }
            (Found::Nodes(nodes), _) if !matches!(right, Found::Truth(_)) => {
                nodes.iter().any(|at| self.compares(op, &Found::Text(self.dom.text(*at)), right))
            }
            (_, Found::Nodes(nodes)) if !matches!(left, Found::Truth(_)) => {
                nodes.iter().any(|at| self.compares(op, left, &Found::Text(self.dom.text(*at))))
            }
            (Found::Text(a), Found::Text(b)) if matches!(op, Op::Equal | Op::NotEqual) => (a == b) == (op == Op::Equal),
            _ => {
                let (a, b) = (self.number(left), self.number(right));
                match op {
                    Op::Equal => a == b,
                    Op::NotEqual => a != b,
                    Op::Less => a < b,
                    Op::LessOrEqual => a <= b,
                    Op::Greater => a > b,
                    _ => a >= b,
                }
            }
        }
    }
}
