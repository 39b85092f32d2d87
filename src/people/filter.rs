//! The language of `-Filter`: `RegistrarPool -eq "dub-pool.litwareinc.com" -and EnterpriseVoiceEnabled -eq $true`.
//!
//! Comparisons of properties with literals, joined by `-and` (which binds closer), `-or`, `-not` and brackets. The
//! caller's variables become literals before the text travels: see [`resolve`].

mod lexer;

use crate::error::{ErrorRecord, Span};
use crate::value::wildcard::Wildcard;
use crate::value::{Value, compare, near, same_name, text};
use lexer::{Token, Word, tokens};

/// A filter, ready to be held against objects.
#[derive(Debug)]
pub struct Filter(Node);

#[derive(Debug)]
enum Node {
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare { property: usize, operator: Operator, value: Value },
    Like { property: usize, wildcard: Wildcard, not: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

const OPERATORS: [&str; 8] = ["eq", "ne", "like", "notlike", "gt", "ge", "lt", "le"];
/// Brackets and `-not` within each other: no filter of use comes near.
const DEEPEST: usize = 64;

/// Replaces the variables of a filter by what they hold, so that it means the same elsewhere: `$pool`, `$user.City`,
/// also inside double quotes. `$true`, `$false` and `$null` stay.
///
/// # Errors
/// `InvalidFilter` with the place, where a variable is unknown to `value` or holds what no filter can say.
pub fn resolve(source: &str, value: &dyn Fn(&str) -> Option<Value>) -> Result<String, ErrorRecord> {
    let mut resolved = String::with_capacity(source.len());
    let mut from = 0;
    for word in tokens(source)? {
        let replaced = match &word.token {
            Token::Variable(path) => lexer::variable(source, word.span, path, value)?,
            Token::Expandable(raw) => lexer::expand(source, word.span, raw, value)?,
            _ => continue,
        };
        resolved.push_str(source.get(from..word.span.start as usize).unwrap_or_default());
        resolved.push_str(&replaced);
        from = word.span.end as usize;
    }
    resolved.push_str(source.get(from..).unwrap_or_default());
    Ok(resolved)
}

/// The variables that a filter speaks of, without `$`, each once: `pool`, `user`.
///
/// # Errors
/// `InvalidFilter`.
pub fn variables(source: &str) -> Result<Vec<String>, ErrorRecord> {
    let names = std::cell::RefCell::new(Vec::new());
    resolve(source, &|name| {
        names.borrow_mut().push(name.to_string());
        Some(Value::Null)
    })?;
    let mut names = names.into_inner();
    names.dedup();
    Ok(names)
}

impl Filter {
    /// Reads a filter on objects that have these properties.
    ///
    /// # Errors
    /// `InvalidFilter`, with the place, and the near name of a property or operator that there is not.
    pub fn parse<S: AsRef<str>>(source: &str, properties: &[S]) -> Result<Filter, ErrorRecord> {
        let words = tokens(source)?;
        let properties = properties.iter().map(AsRef::as_ref).collect();
        let mut parser = Parser { source, words: &words, at: 0, properties };
        let node = parser.or(0)?;
        match parser.words.get(parser.at) {
            None => Ok(Filter(node)),
            Some(word) => {
                Err(parser.error(word.span, "Nothing is expected here.").hint("Comparisons are joined by -and or -or."))
            }
        }
    }

    /// Whether an object is meant; `property` gives the value of the property of that number.
    pub fn selects(&self, property: &dyn Fn(usize) -> Value) -> bool {
        self.0.holds(property)
    }
}

impl Node {
    fn holds(&self, property: &dyn Fn(usize) -> Value) -> bool {
        match self {
            Node::And(a, b) => a.holds(property) && b.holds(property),
            Node::Or(a, b) => a.holds(property) || b.holds(property),
            Node::Not(a) => !a.holds(property),
            Node::Like { property: at, wildcard, not } => {
                let value = property(*at);
                (!value.is_null() && wildcard.matches(&text::to_text(&value))) != *not
            }
            Node::Compare { property: at, operator, value } => {
                let left = property(*at);
                let order = || compare::order(&left, value, false).ok();
                match operator {
                    Operator::Eq => same(&left, value),
                    Operator::Ne => !same(&left, value),
                    // What is not there is neither more nor less than anything.
                    _ if left.is_null() || value.is_null() => false,
                    Operator::Gt => order().is_some_and(|o| o.is_gt()),
                    Operator::Ge => order().is_some_and(|o| o.is_ge()),
                    Operator::Lt => order().is_some_and(|o| o.is_lt()),
                    Operator::Le => order().is_some_and(|o| o.is_le()),
                }
            }
        }
    }
}

/// Equality as the directory sees it: an empty text and nothing are the same, and `"True"` is `$true`.
fn same(left: &Value, right: &Value) -> bool {
    let nothing = |v: &Value| v.is_null() || v.as_str().is_some_and(str::is_empty);
    match (left, right) {
        _ if nothing(left) || nothing(right) => nothing(left) && nothing(right),
        (Value::Bool(a), Value::Str(b)) | (Value::Str(b), Value::Bool(a)) => {
            same_name(b, if *a { "true" } else { "false" })
        }
        _ => compare::equals(left, right, false),
    }
}

struct Parser<'a> {
    source: &'a str,
    words: &'a [Word],
    at: usize,
    properties: Vec<&'a str>,
}

impl Parser<'_> {
    fn or(&mut self, depth: usize) -> Result<Node, ErrorRecord> {
        let mut node = self.and(depth)?;
        while self.takes_operator("or") {
            node = Node::Or(Box::new(node), Box::new(self.and(depth)?));
        }
        Ok(node)
    }

    fn and(&mut self, depth: usize) -> Result<Node, ErrorRecord> {
        let mut node = self.not(depth)?;
        while self.takes_operator("and") {
            node = Node::And(Box::new(node), Box::new(self.not(depth)?));
        }
        Ok(node)
    }

    fn not(&mut self, depth: usize) -> Result<Node, ErrorRecord> {
        if depth > DEEPEST {
            return Err(self.error(self.here(), "The filter is nested too deeply."));
        }
        if self.takes_operator("not") || self.takes(&Token::Not) {
            return Ok(Node::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.takes(&Token::Open) {
            let node = self.or(depth + 1)?;
            if !self.takes(&Token::Close) {
                return Err(self.error(self.here(), "A bracket is not closed.").hint("')' is missing."));
            }
            return Ok(node);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, ErrorRecord> {
        let property = self.property()?;
        let span = self.here();
        let Some(Word { token: Token::Operator(name), .. }) = self.words.get(self.at) else {
            let names = OPERATORS.map(|name| format!("-{name}")).join(", ");
            return Err(self.error(span, "A comparison is expected here.").hint(format!("Comparisons: {names}.")));
        };
        self.at += 1;
        let operator = match name.to_lowercase().trim_start_matches(['i', 'c']) {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            like @ ("like" | "notlike") => {
                let not = like == "notlike";
                let span = self.here();
                let value = self.value()?;
                let wildcard = Wildcard::new(&text::to_text(&value)).map_err(|e| self.error(span, e.message()))?;
                return Ok(Node::Like { property, wildcard, not });
            }
            _ => {
                let error = self.error(span, &format!("-{name} is no comparison of the filter language."));
                return Err(match near::nearest(name, OPERATORS) {
                    _ if name.to_lowercase().contains("match") => {
                        error.hint("-like takes wildcards: DisplayName -like \"Ken*\".")
                    }
                    Some(near) => error.hint(format!("Did you mean -{near}?")),
                    None => error.hint("What a filter cannot say, Where-Object can."),
                });
            }
        };
        let value = self.value()?;
        Ok(Node::Compare { property, operator, value })
    }

    fn property(&mut self) -> Result<usize, ErrorRecord> {
        let span = self.here();
        let name = match self.words.get(self.at).map(|word| &word.token) {
            Some(Token::Bare(name) | Token::Literal(name)) => name,
            Some(Token::Variable(path)) if path.first().is_some_and(|name| name == "_") => {
                let error = self.error(span, "A filter has no $_.");
                return Err(error.hint(format!(
                    "Name the property alone: {}.",
                    path.get(1).map_or("RegistrarPool", String::as_str)
                )));
            }
            _ => {
                let error = self.error(span, "The name of a property is expected here.");
                return Err(error.hint("A comparison is a property, an operator and a value: RegistrarPool -eq \"…\"."));
            }
        };
        self.at += 1;
        if let Some(found) = self.properties.iter().position(|p| same_name(p, name)) {
            return Ok(found);
        }
        let error = self.error(span, &format!("There is no property '{name}'."));
        Err(match near::nearest(name, self.properties.iter().copied()) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None => error.hint("Get-Member shows the properties."),
        })
    }

    fn value(&mut self) -> Result<Value, ErrorRecord> {
        let span = self.here();
        let value = match self.words.get(self.at).map(|word| &word.token) {
            Some(Token::Literal(text) | Token::Expandable(text)) => Value::str(text.as_str()),
            Some(Token::Bare(text)) => crate::value::number::parse(text).unwrap_or_else(|| Value::str(text.as_str())),
            Some(Token::Variable(path)) => match path.as_slice() {
                [name] if same_name(name, "true") => true.into(),
                [name] if same_name(name, "false") => false.into(),
                [name] if same_name(name, "null") => Value::Null,
                _ => {
                    let error = self.error(span, &format!("The variable ${} has no value here.", path.join(".")));
                    return Err(
                        error.hint("A value of the script is put into the filter before it is read; this one was not.")
                    );
                }
            },
            _ => {
                return Err(self
                    .error(span, "A value is expected here.")
                    .hint("A text in quotes, a number, $true, $false or $null."));
            }
        };
        self.at += 1;
        Ok(value)
    }

    fn takes(&mut self, token: &Token) -> bool {
        let takes = self.words.get(self.at).is_some_and(|word| word.token == *token);
        self.at += usize::from(takes);
        takes
    }

    fn takes_operator(&mut self, name: &str) -> bool {
        let takes =
            matches!(self.words.get(self.at), Some(Word { token: Token::Operator(op), .. }) if same_name(op, name));
        self.at += usize::from(takes);
        takes
    }

    /// The next word, or the end.
    fn here(&self) -> Span {
        let end = Span::new(self.source.len(), self.source.len());
        self.words.get(self.at).map_or(end, |word| word.span)
    }

    fn error(&self, span: Span, message: &str) -> ErrorRecord {
        lexer::error(self.source, span, message)
    }
}

#[cfg(test)]
mod tests;
