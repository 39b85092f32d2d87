//! Functions, script blocks, param blocks, attributes, comment-based help.

use super::characters::{is_blank, is_name, is_newline};
use super::parser::{Parser, Place};
use super::tree::{Attribute, Body, Expr, ExprKind, Function, ParamBlock, Parameter, ScriptBlock, StatementKind};
use crate::error::Span;

/// The named blocks of a function or script block.
#[derive(Default)]
struct Named {
    begin: Option<Body>,
    process: Option<Body>,
    end: Option<Body>,
}

impl Parser<'_> {
    /// `{ param(…) … }`; the next character is the brace.
    pub fn script_block(&mut self) -> Expr {
        let open = self.at;
        self.at += 1;
        let mark = self.scope.enter();
        let block = self.nest(|p| {
            p.within(Place::default(), |p| {
                let params = p.param_block();
                let (named, body) = p.named_or_plain();
                p.close(open, '}', "MissingEndCurlyBrace");
                ScriptBlock { params, begin: named.begin, process: named.process, body: named.end.unwrap_or(body) }
            })
        });
        self.scope.leave(mark);
        let span = self.span_from(open);
        let empty = || ScriptBlock { params: None, begin: None, process: None, body: Body::default() };
        Expr { kind: ExprKind::ScriptBlock(Box::new(block.unwrap_or_else(empty))), span }
    }

    /// `begin { } process { } end { }`, or statements.
    fn named_or_plain(&mut self) -> (Named, Body) {
        let mut named = Named::default();
        let start = self.at;
        let mut any = false;
        loop {
            self.skip_lines();
            while self.eat(';') {
                self.skip_lines();
            }
            let before = self.at;
            let word = self.keyword_here().unwrap_or_default();
            if !matches!(word.as_str(), "begin" | "process" | "end" | "dynamicparam" | "clean") {
                break;
            }
            self.at += word.len();
            let keyword = self.span_from(before);
            self.skip_lines();
            if self.peek() != Some('{') {
                self.at = before;
                break;
            }
            any = true;
            let block = self.block("MissingNamedStatementTerminator", &word);
            let slot = match word.as_str() {
                "begin" => &mut named.begin,
                "process" => &mut named.process,
                "end" => &mut named.end,
                _ => {
                    self.unsupported(
                        keyword,
                        &format!("a {word} block"),
                        "declare the parameters in param, and clean up in end or finally",
                    );
                    continue;
                }
            };
            if slot.replace(block).is_some() {
                self.error("DuplicateScriptCommandClause", keyword, format!("a second {word} block"))
                    .hint("keep one of them");
            }
        }
        if any {
            let at = self.at;
            if !matches!(self.peek(), Some('}') | None) {
                let span = self.token_at(at);
                self.error("UnexpectedToken", span, "statements cannot stand beside begin, process and end blocks")
                    .hint("move them into one of the blocks");
                self.statements(Some('}'));
            }
            return (named, Body { pieces: Vec::new(), span: Span::new(at, at) });
        }
        let mut body = self.statements(Some('}'));
        body.span.start = body.span.start.min(start as u32);
        (named, body)
    }

    /// `function Name { … }`, `function Name($a, $b) { … }`; the keyword is read already.
    pub fn function_statement(&mut self, start: usize) -> Option<StatementKind> {
        let above = self.help_above(start);
        self.skip_space();
        let name_start = self.at;
        let rest = self.rest();
        let len = rest.find(|c: char| c.is_whitespace() || "({};|&,".contains(c)).unwrap_or(rest.len());
        let name = rest[..len].to_string();
        self.at += len;
        let name_span = self.span_from(name_start);
        if name.is_empty() {
            let at = self.token_at(name_start);
            self.error("MissingNameAfterKeyword", at, "function needs a name").hint("write function Verb-Noun { … }");
        }
        let mark = self.scope.enter();
        self.skip_lines();
        let mut params = ParamBlock { span: Span::new(self.at, self.at), ..ParamBlock::default() };
        if self.peek() == Some('(') {
            params = self.parameters(self.at, Vec::new());
            self.skip_lines();
        }
        let open = self.at;
        let mut function = Function {
            name: (strip_scope(&name).to_string(), name_span),
            params,
            help: above,
            begin: None,
            process: None,
            end: None,
            inside: Span::new(open, open),
        };
        if !self.eat('{') {
            let at = self.token_at(open);
            self.error("MissingFunctionBody", at, "function needs its body in braces")
                .hint("write function Verb-Noun { … }");
            self.scope.leave(mark);
            return Some(StatementKind::Function(function));
        }
        self.nest(|p| {
            p.within(Place::default(), |p| {
                if function.help.is_none() {
                    function.help = p.leading_help();
                }
                if let Some(params) = p.param_block() {
                    p.scope.name_function(&params);
                    function.params = params;
                }
                let (named, body) = p.named_or_plain();
                let plain = named.begin.is_none() && named.process.is_none() && named.end.is_none();
                (function.begin, function.process) = (named.begin, named.process);
                function.end = if plain { Some(body) } else { named.end };
                function.inside = Span::new(open + 1, p.at);
                p.close(open, '}', "MissingEndCurlyBrace");
            })
        });
        self.scope.leave(mark);
        Some(StatementKind::Function(function))
    }

    /// `param` where it is none of the beginning of a script, function or block.
    pub fn misplaced_param(&mut self, start: usize) -> Option<StatementKind> {
        self.skip_lines();
        if self.peek() != Some('(') {
            self.at = start;
            return None;
        }
        let span = Span::new(start, start + 5);
        self.parameters(self.at, Vec::new());
        self.error("UnexpectedToken", span, "param stands at the beginning of a script, function or script block")
            .hint("move it up, before all other statements");
        Some(StatementKind::Bad)
    }

    /// `[CmdletBinding()] param(…)` at the beginning of a script, function or block; `None`, and nothing read but
    /// blanks, if there is none.
    pub fn param_block(&mut self) -> Option<ParamBlock> {
        let start = self.at;
        let reported = self.diagnostics.len();
        self.skip_lines();
        let mut attributes = Vec::new();
        while self.peek() == Some('[') {
            let Some(attribute) = self.attribute() else { break };
            attributes.push(attribute);
            self.skip_lines();
        }
        if self.keyword_here().as_deref() == Some("param") {
            let begin = self.at;
            self.at += "param".len();
            self.skip_lines();
            if self.peek() == Some('(') {
                let first = attributes.first().map_or(begin, |a| a.span.start as usize);
                return Some(self.parameters(first, attributes));
            }
        }
        self.at = start;
        self.diagnostics.truncate(reported);
        None
    }

    /// `($a, [int]$b = 5)`; the next character is the bracket.
    fn parameters(&mut self, start: usize, attributes: Vec<Attribute>) -> ParamBlock {
        let open = self.at;
        self.at += 1;
        let parameters = self.bracketed(open, ')', "MissingEndParenthesisInFunctionParameterList", |p| {
            let mut parameters = Vec::new();
            loop {
                p.skip_lines();
                if p.at_end() || p.peek() == Some(')') {
                    return parameters;
                }
                match p.declared_parameter() {
                    Some(parameter) => parameters.push(parameter),
                    None => return parameters,
                }
                p.skip_lines();
                if !p.eat(',') {
                    return parameters;
                }
            }
        });
        ParamBlock { attributes, parameters: parameters.unwrap_or_default(), span: self.span_from(start) }
    }

    fn declared_parameter(&mut self) -> Option<Parameter> {
        let start = self.at;
        let mut attributes = Vec::new();
        while self.peek() == Some('[') {
            let Some(attribute) = self.attribute() else { break };
            attributes.push(attribute);
            self.skip_lines();
        }
        let Some(variable) = self.variable() else {
            let at = self.token_at(self.at);
            self.error("MissingParameterVariable", at, "a parameter's variable is expected here").hint("write $Name");
            return None;
        };
        self.scope.declare_dollar(&variable.name);
        let before = self.at;
        self.skip_lines();
        let mut default = None;
        if self.eat('=') {
            self.skip_lines();
            default = self.argument_expression();
            if default.is_none() {
                let at = Span::new(self.at, self.at);
                self.error("MissingExpressionAfterToken", at, "the parameter's default is missing behind =")
                    .hint("write a value");
            }
        } else {
            self.at = before;
        }
        Some(Parameter { attributes, variable, default, span: self.span_from(start) })
    }

    /// `[Name(arguments)]` or `[type]`; `None`, and nothing read, if neither stands here.
    fn attribute(&mut self) -> Option<Attribute> {
        let start = self.at;
        if let Some(name) = self.type_literal() {
            let span = name.span;
            return Some(Attribute { name, positional: Vec::new(), named: Vec::new(), has_arguments: false, span });
        }
        self.bump();
        let name = self.type_name();
        self.skip_lines();
        let Some(name) = name.filter(|_| self.peek() == Some('(')) else {
            self.at = start;
            return None;
        };
        let mut attribute =
            Attribute { name, positional: Vec::new(), named: Vec::new(), has_arguments: true, span: Span::default() };
        let open = self.at;
        self.bump();
        self.bracketed(open, ')', "MissingEndParenthesisInAttribute", |p| p.attribute_arguments(&mut attribute));
        self.skip_lines();
        if !self.eat(']') {
            let at = Span::new(start, start + 1);
            self.error("EndSquareBracketExpectedAtEndOfAttribute", at, "the attribute is not closed by ]")
                .hint("add ]");
        }
        attribute.span = self.span_from(start);
        Some(attribute)
    }

    fn attribute_arguments(&mut self, attribute: &mut Attribute) {
        loop {
            self.skip_lines();
            if self.at_end() || self.peek() == Some(')') {
                return;
            }
            let start = self.at;
            let name = self.name_here().to_string();
            if !name.is_empty() {
                self.at += name.len();
                self.skip_lines();
                if self.eat('=') {
                    self.skip_lines();
                    let value = self.argument_expression();
                    attribute.named.push((name, value));
                } else if matches!(self.peek(), Some(',' | ')')) {
                    attribute.named.push((name, None));
                } else {
                    self.at = start;
                    return;
                }
            } else {
                match self.argument_expression() {
                    Some(value) => attribute.positional.push(value),
                    None => return,
                }
            }
            self.skip_lines();
            if !self.eat(',') {
                return;
            }
        }
    }

    /// Comment-based help at the beginning of a script or body.
    pub fn leading_help(&mut self) -> Option<String> {
        let before = self.at;
        let reported = self.diagnostics.len();
        self.skip_lines();
        let comments = self.text.get(before..self.at).unwrap_or("");
        self.at = before;
        self.diagnostics.truncate(reported);
        help_of(comments)
    }

    /// Comment-based help that ends above a function.
    fn help_above(&self, start: usize) -> Option<String> {
        let above = self.text.get(..start)?.trim_end();
        if above.ends_with("#>") {
            let open = above.rfind("<#")?;
            return help_of(&above[open..]);
        }
        let mut from = above.len();
        for line in above.rsplit(is_newline).take(500) {
            if !line.trim_start_matches(is_blank).starts_with('#') {
                break;
            }
            from = line.as_ptr() as usize - above.as_ptr() as usize;
        }
        help_of(&above[from..])
    }
}

/// The text of comments without their marks, if it is help: a line in it is a keyword such as `.SYNOPSIS`.
fn help_of(comments: &str) -> Option<String> {
    let mut text = String::new();
    let mut block = false;
    for line in comments.lines() {
        let mut line = line.trim_end();
        if !block {
            line = line.trim_start();
        }
        if let Some(rest) = line.strip_prefix("<#") {
            (block, line) = (true, rest);
        } else if !block {
            line = line.strip_prefix('#').unwrap_or(line);
        }
        if block && let Some(rest) = line.strip_suffix("#>") {
            (block, line) = (false, rest);
        }
        text.push_str(line);
        text.push('\n');
    }
    let keyword = |line: &str| {
        let line = line.trim();
        line.strip_prefix('.').is_some_and(|word| {
            let word = word.split_whitespace().next().unwrap_or("").to_lowercase();
            ["synopsis", "description", "parameter", "example", "inputs", "outputs", "notes", "link"]
                .contains(&word.as_str())
        })
    };
    text.lines().any(keyword).then(|| text.trim().to_string())
}

fn strip_scope(name: &str) -> &str {
    match name.split_once(':') {
        Some((scope, rest)) if scope.chars().all(is_name) => rest,
        _ => name,
    }
}
