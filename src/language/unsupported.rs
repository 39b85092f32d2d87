//! Constructs of PowerShell that are not there: each is named, with the way to write it here.

use super::characters::is_newline;
use super::parser::Parser;
use super::tree::{ChainOperator, Command, Expr, ExprKind, RedirectionTarget, Stage, Statement, StatementKind};
use crate::error::Span;

impl Parser<'_> {
    /// Reports a construct that is not there.
    pub fn unsupported(&mut self, span: Span, what: &str, instead: &str) {
        self.error("UnsupportedConstruct", span, format!("{what} is not part of the language")).hint(instead);
    }

    /// A keyword of PowerShell that is not there; the statement is read over.
    pub fn unsupported_keyword(&mut self, word: &str) -> Option<StatementKind> {
        let start = self.at;
        let behind = self.rest_at(start + word.len()).trim_start_matches([' ', '\t']);
        let named = behind.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let instead = match word {
            "filter" if named => "write function Name { process { … } }",
            "class" if named => "write a function that returns [pscustomobject]@{ … }, or a Rhai map #{ … }",
            "enum" if named => "write a hashtable, or [ValidateSet(…)] on a parameter",
            "using" if named => "write import \"module\" as name",
            "trap" if behind.starts_with(['{', '[']) => "write try { … } catch { … }",
            "data" if behind.starts_with('{') => "write the value itself, or const NAME = …",
            "workflow" | "configuration" if named => "write function Name { … }",
            "begin" | "process" | "end" if behind.starts_with('{') => {
                "named blocks stand at the beginning of a script, a function or a script block"
            }
            "parallel" | "sequence" | "inlinescript" if behind.starts_with('{') => "write the statements themselves",
            _ => return None,
        };
        self.at += word.len();
        let span = self.span_from(start);
        self.unsupported(span, word, instead);
        // Over the header, and the block where there is one.
        loop {
            match self.peek() {
                None | Some(';') => break,
                Some(c) if is_newline(c) => {
                    let before = self.at;
                    self.skip_lines();
                    if self.peek() != Some('{') {
                        self.at = before;
                        break;
                    }
                }
                Some('{') => {
                    let reported = self.diagnostics.len();
                    self.script_block();
                    self.diagnostics.truncate(reported);
                    break;
                }
                Some(_) => {
                    self.bump();
                }
            }
        }
        Some(StatementKind::Bad)
    }

    /// A command of PowerShell that is not there, and no other has its name.
    pub fn unsupported_command(&mut self, name: &str, span: Span) {
        let instead = match name.to_lowercase().as_str() {
            "invoke-expression" | "iex" => "write the command itself; a name in a variable is called by & $name",
            "add-type" => "write a function, or a module of Rhai",
            "invoke-command" | "icm" | "enter-pssession" | "new-pssession" | "import-pssession" | "exit-pssession" => {
                "connect reeve to the deployment: its cmdlets reach every computer"
            }
            _ => return,
        };
        if !self.is_command(name) {
            self.unsupported(span, name, instead);
        }
    }

    /// Conditions in which `&&`, `||`, `>` and `<` are what a programmer of Rhai writes for `-and`, `-or`, `-gt`, `-lt`.
    pub fn warn_of_condition(&mut self, condition: &Statement) {
        let StatementKind::Chain(chain) = &condition.kind else { return };
        let pipelines = std::iter::once(&chain.first).chain(chain.rest.iter().map(|(_, pipeline)| pipeline));
        let mut plain = true;
        for pipeline in pipelines {
            match pipeline.stages.as_slice() {
                [Stage::Expression { redirections, .. }] => {
                    for redirection in redirections {
                        if matches!(redirection.to, RedirectionTarget::File { append: false, .. })
                            && redirection.from == Some(1)
                        {
                            let start = redirection.span.start as usize;
                            let span = Span::new(start, start + 1);
                            self.error("RedirectionInCondition", span, "> writes the value to a file")
                                .hint("to compare, write -gt")
                                .fix(span, "-gt")
                                .warning();
                        }
                    }
                }
                _ => plain = false,
            }
        }
        let mut before = chain.first.span;
        for (operator, pipeline) in &chain.rest {
            let between = Span { start: before.end, end: pipeline.span.start };
            before = pipeline.span;
            let (text, ours) = match operator {
                ChainOperator::And => ("&&", "-and"),
                ChainOperator::Or => ("||", "-or"),
            };
            if let Some(at) = between.of(self.text).find(text).filter(|_| plain) {
                let start = between.start as usize + at;
                let span = Span::new(start, start + 2);
                self.error(
                    "OperatorJoinsPipelines",
                    span,
                    format!("{text} joins pipelines, by whether the first succeeded"),
                )
                .hint(format!("to join conditions, write {ours}"))
                .fix(span, ours)
                .warning();
            }
        }
    }

    /// `. { … }` works on the caller's variables. `. file`: what it would run is read, and dropped by the diagnostic.
    pub fn dot_source(&mut self) -> Command {
        let start = self.at;
        self.at += 1;
        let span = self.span_from(start);
        self.skip_space();
        // What a variable holds is known when it runs: a block works, a file's name does not.
        if !matches!(self.peek(), Some('{' | '$')) {
            self.unsupported(span, "dot-sourcing", "write import \"file\" as name, and name::function(…)");
        }
        let name = self.argument().unwrap_or_else(|| Expr { kind: ExprKind::Missing, span });
        Command { shares: true, ..self.command(start, true, name) }
    }
}
