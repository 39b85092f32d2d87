//! Whether a text only stops too early.

use crate::error::{Diagnostic, Severity};

/// Whether all that is wrong with a text is at its end; `trailing`: it ends in an operator of Rhai.
pub(super) fn of(text: &str, diagnostics: &[Diagnostic], trailing: bool) -> bool {
    let end = text.trim_end().len();
    let mut errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).peekable();
    if errors.peek().is_none() {
        return trailing || text.trim_end_matches(['\n', '\r']).ends_with('`') && !closes_template(text);
    }
    errors.all(|d| {
        let open = d.id.starts_with("MissingEnd")
            || d.id.starts_with("TerminatorExpected")
            || d.id.starts_with("MissingTerminator");
        let never = matches!(&*d.id, "UnexpectedToken" | "UnsupportedConstruct" | "DuplicateKeyInHashLiteral");
        open || (!never && d.span.end as usize >= end)
    })
}

/// A backtick at the end closes a Rhai string rather than continues a line.
fn closes_template(text: &str) -> bool {
    text.matches('`').count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use crate::language::{Mode, Names, is_incomplete, parse};

    struct Few;
    impl Names for Few {
        fn is_command(&self, name: &str) -> bool {
            name.eq_ignore_ascii_case("Get-CsPool")
        }
        fn alias(&self, _: &str) -> Option<String> {
            None
        }
        fn is_verb(&self, verb: &str) -> bool {
            matches!(&*verb.to_lowercase(), "get" | "where" | "foreach")
        }
        fn is_variable(&self, _: &str) -> bool {
            false
        }
        fn is_function(&self, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn a_text_that_stops_too_early_asks_for_more() {
        for text in [
            "Get-CsPool |",
            "Get-CsPool | Where-Object {",
            "Get-CsPool -Identity \"a",
            "$x = @\"\nline",
            "$x = @'",
            "let x = f(1,",
            "let x =",
            "$x =",
            "1 +",
            "$x -eq",
            "if ($x) {",
            "fn f(a) {",
            "Get-CsPool `",
            "Get-CsPool -Identity a,",
            "<# comment",
            "/* comment",
            "$h = @{",
            "try { Get-CsPool }",
            "`text ${x",
            "Get-CsPool &&",
        ] {
            assert!(is_incomplete(&parse(text, Mode::Rhai, &Few)), "{text}");
        }
        for text in ["Get-CsPool", "1 + 2", "(1 + }", "Get-CsPool )", "`text`", "let x = 1;", "", "$x = 5 5", "print(1"]
        {
            let more = text == "print(1";
            assert_eq!(is_incomplete(&parse(text, Mode::Rhai, &Few)), more, "{text}");
        }
    }
}
