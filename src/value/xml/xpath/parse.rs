//! From the text of an expression to what it means.

use super::{Axis, DEEPEST, Expr, Op, Start, Step, Test, wrong};
use crate::error::ErrorRecord;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Mark(&'static str),
    Name(String),
    Text(String),
    Number(f64),
}

/// Marks, the longer first.
const MARKS: &[&str] = &[
    "..", "//", "::", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">", "*", "$",
    ":",
];

fn tokens(xpath: &str) -> Result<Vec<Token>, ErrorRecord> {
    let mut found = Vec::new();
    let mut rest = xpath.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = matches!(first, '\'' | '"');
        let digit = |c: char| c.is_ascii_digit() || c == '.';
        let taken;
        if quoted {
            let inside = &rest[1..];
            let end = inside.find(first).ok_or_else(|| wrong(xpath, "a quote is not closed"))?;
            found.push(Token::Text(inside[..end].into()));
            taken = end + 2;
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            taken = rest.find(|c: char| !digit(c)).unwrap_or(rest.len());
            found.push(Token::Number(rest[..taken].parse().map_err(|_| wrong(xpath, "a number is none"))?));
        } else if first.is_alphabetic() || first == '_' {
            let within = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
            taken = rest.find(|c: char| !within(c)).unwrap_or(rest.len());
            found.push(Token::Name(rest[..taken].into()));
        } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            taken = mark.len();
            found.push(Token::Mark(mark));
        } else {
            return Err(wrong(xpath, &format!("it has an unexpected '{first}'")));
        }
        rest = rest[taken..].trim_start();
    }
    Ok(found)
}

/// Reads an expression.
///
/// # Errors
/// `XPathException`.
pub(super) fn read(xpath: &str) -> Result<Expr, ErrorRecord> {
    let mut parser = Parser { xpath, tokens: tokens(xpath)?, at: 0, depth: 0, operators: 0 };
    let expr = parser.expr(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some(token) => Err(wrong(xpath, &format!("{} is not expected there", shown(token)))),
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Mark(mark) => format!("'{mark}'"),
        Token::Name(name) => format!("'{name}'"),
        Token::Text(text) => format!("the text '{text}'"),
        Token::Number(number) => format!("the number {number}"),
    }
}

struct Parser<'a> {
    xpath: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// Brackets that are open.
    depth: usize,
    operators: usize,
}

/// Operators, those that bind least first.
const LEVELS: &[&[(&str, Op)]] = &[
    &[("or", Op::Or)],
    &[("and", Op::And)],
    &[("=", Op::Equal), ("!=", Op::NotEqual)],
    &[("<", Op::Less), ("<=", Op::LessOrEqual), (">", Op::Greater), (">=", Op::GreaterOrEqual)],
    &[("+", Op::Add), ("-", Op::Subtract)],
    &[("*", Op::Multiply), ("div", Op::Divide), ("mod", Op::Remainder)],
];

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(0), Some(Token::Mark(found)) if *found == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let is = self.is(mark);
        self.at += usize::from(is);
        is
    }

    fn must(&mut self, mark: &str) -> Result<(), ErrorRecord> {
        if self.take(mark) { Ok(()) } else { Err(self.missing(&format!("'{mark}'"))) }
    }

    fn missing(&self, what: &str) -> ErrorRecord {
        let before = self.peek(0).map_or_else(|| "its end".into(), shown);
        wrong(self.xpath, &format!("{what} is missing before {before}"))
    }

    fn operator(&self, level: &[(&str, Op)]) -> Option<Op> {
        let word = match self.peek(0)? {
            Token::Mark(mark) => mark,
            Token::Name(name) => name.as_str(),
            _ => return None,
        };
        level.iter().find(|(known, _)| *known == word).map(|(_, op)| *op)
    }

    fn expr(&mut self, level: usize) -> Result<Expr, ErrorRecord> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        if level == 0 {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(wrong(self.xpath, "it is nested too deeply"));
            }
        }
        let mut left = self.expr(level + 1)?;
        while let Some(op) = self.operator(operators) {
            self.at += 1;
            left = Expr::Binary(op, Box::new(left), Box::new(self.expr(level + 1)?));
            self.longer()?;
        }
        self.depth -= usize::from(level == 0);
        Ok(left)
    }

    /// A long chain is deep as a tree.
    fn longer(&mut self) -> Result<(), ErrorRecord> {
        self.operators += 1;
        if self.operators > DEEPEST * 8 { Err(wrong(self.xpath, "it is too long")) } else { Ok(()) }
    }

    fn unary(&mut self) -> Result<Expr, ErrorRecord> {
        if self.take("-") {
            self.longer()?;
            return Ok(Expr::Negative(Box::new(self.unary()?)));
        }
        let mut left = self.path()?;
        while self.take("|") {
            left = Expr::Binary(Op::Union, Box::new(left), Box::new(self.path()?));
            self.longer()?;
        }
        Ok(left)
    }

    fn path(&mut self) -> Result<Expr, ErrorRecord> {
        if let Some(primary) = self.primary()? {
            let conditions = self.conditions()?;
            let filtered = if conditions.is_empty() { primary } else { Expr::Filter(Box::new(primary), conditions) };
            if !self.is("/") && !self.is("//") {
                return Ok(filtered);
            }
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            return Ok(Expr::Path(Start::Of(Box::new(filtered)), steps));
        }
        let mut steps = Vec::new();
        if self.is("/") || self.is("//") {
            // `/` alone is the document.
            if self.is("/") && !self.begins_step(1) {
                self.at += 1;
            } else {
                self.steps(&mut steps)?;
            }
            return Ok(Expr::Path(Start::Document, steps));
        }
        steps.push(self.step()?);
        self.steps(&mut steps)?;
        Ok(Expr::Path(Start::Here, steps))
    }

    fn begins_step(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(Token::Name(_)) => true,
            Some(Token::Mark(mark)) => matches!(*mark, "*" | "@" | "." | ".."),
            _ => false,
        }
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), ErrorRecord> {
        loop {
            if self.take("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Any, conditions: Vec::new() });
            } else if !self.take("/") {
                return Ok(());
            }
            steps.push(self.step()?);
        }
    }

    fn primary(&mut self) -> Result<Option<Expr>, ErrorRecord> {
        let found = match self.peek(0) {
            Some(Token::Text(text)) => Expr::Text(text.clone()),
            Some(Token::Number(number)) => Expr::Number(*number),
            Some(Token::Mark("$")) => return Err(wrong(self.xpath, "it has a variable")),
            Some(Token::Mark("(")) => {
                self.at += 1;
                let inside = self.expr(0)?;
                self.must(")")?;
                return Ok(Some(inside));
            }
            Some(Token::Name(name)) if self.peek(1) == Some(&Token::Mark("(")) && !is_node_type(name) => {
                let name = name.clone();
                self.at += 2;
                let mut arguments = Vec::new();
                while !self.take(")") {
                    if !arguments.is_empty() {
                        self.must(",")?;
                    }
                    arguments.push(self.expr(0)?);
                }
                return Ok(Some(Expr::Call(name, arguments)));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(found))
    }

    fn conditions(&mut self) -> Result<Vec<Expr>, ErrorRecord> {
        let mut found = Vec::new();
        while self.take("[") {
            found.push(self.expr(0)?);
            self.must("]")?;
        }
        Ok(found)
    }

    fn step(&mut self) -> Result<Step, ErrorRecord> {
        let shortcut = |axis| Step { axis, test: Test::Any, conditions: Vec::new() };
        if self.take("..") {
            return Ok(shortcut(Axis::Parent));
        }
        if self.take(".") {
            return Ok(shortcut(Axis::Itself));
        }
        let axis = if self.take("@") {
            Axis::Attribute
        } else if let (Some(Token::Name(name)), Some(Token::Mark("::"))) = (self.peek(0), self.peek(1)) {
            let axis = axis_of(name).ok_or_else(|| wrong(self.xpath, &format!("there is no axis '{name}'")))?;
            self.at += 2;
            axis
        } else {
            Axis::Child
        };
        let test = self.test()?;
        Ok(Step { axis, test, conditions: self.conditions()? })
    }

    fn test(&mut self) -> Result<Test, ErrorRecord> {
        if self.take("*") {
            return Ok(Test::Name(None, None));
        }
        let Some(Token::Name(name)) = self.peek(0).cloned() else { return Err(self.missing("a name")) };
        self.at += 1;
        if self.is("(") {
            self.at += 1;
            if let Some(Token::Text(_)) = self.peek(0) {
                self.at += 1;
            }
            self.must(")")?;
            return Ok(match name.as_str() {
                "text" => Test::Text,
                "comment" => Test::Comment,
                "processing-instruction" => Test::Instruction,
                _ => Test::Any,
            });
        }
        if self.take(":") {
            if self.take("*") {
                return Ok(Test::Name(Some(name), None));
            }
            let Some(Token::Name(local)) = self.peek(0).cloned() else { return Err(self.missing("a name")) };
            self.at += 1;
            return Ok(Test::Name(Some(name), Some(local)));
        }
        Ok(Test::Name(None, Some(name)))
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

fn axis_of(name: &str) -> Option<Axis> {
    Some(match name {
        "child" => Axis::Child,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "parent" => Axis::Parent,
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "self" => Axis::Itself,
        "attribute" => Axis::Attribute,
        "following-sibling" => Axis::FollowingSibling,
        "preceding-sibling" => Axis::PrecedingSibling,
        "following" => Axis::Following,
        "preceding" => Axis::Preceding,
        _ => return None,
    })
}
