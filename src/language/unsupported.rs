//! Constructs of PowerShell that are not there: each is named, with the way to write it here.

use super::characters::is_newline;
use super::parser::Parser;
use super::tree::{Command, Expr, ExprKind, StatementKind};
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

    /// `. file`: what it would run is read, and dropped by the diagnostic.
    pub fn dot_source(&mut self) -> Command {
        let start = self.at;
        self.at += 1;
        let span = self.span_from(start);
        self.unsupported(span, "dot-sourcing", "write import \"file\" as name, and name::function(…)");
        self.skip_space();
        let name = self.argument().unwrap_or_else(|| Expr { kind: ExprKind::Missing, span });
        self.command(start, true, name)
    }
}
