//! The front end: any text comes back as a tree that covers it; what it finds nothing wrong with, lowers to Rhai that
//! the engine can compile.

use reeve::cmdlet::Session;
use reeve::cmdlet::host::{Host, Message};
use reeve::error::{Diagnostic, Severity, Span};
use reeve::language::{Mode, context_at, tokens};
use reeve::script::{Engine, Limits};
use reeve::value::Value;
use std::cell::OnceCell;
use std::rc::Rc;

struct Nobody;

impl Host for Nobody {
    fn output(&self, _: Value) {}
    fn message(&self, _: Message) {}
}

thread_local! {
    static ENGINE: OnceCell<Engine> = const { OnceCell::new() };
}

/// The first byte chooses the mode, the others are the text.
pub fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let mode = if first % 2 == 0 { Mode::Rhai } else { Mode::PowerShell };
    let text = String::from_utf8_lossy(rest);
    ENGINE.with(|engine| {
        let make = || Engine::with_limits(Rc::new(Session::new(Box::new(Nobody))), Limits::for_stack(4 << 20));
        look(engine.get_or_init(make), &text, mode, usize::from(*first));
    });
}

fn look(engine: &Engine, text: &str, mode: Mode, cursor: usize) {
    let checked = engine.check(text, mode);
    assert_eq!(checked.parsed.script.body.span, Span::new(0, text.len()), "{text:?}");
    for found in &checked.diagnostics {
        assert!(text.get(found.span.start as usize..found.span.end as usize).is_some(), "{found:?} in {text:?}");
    }
    let names = engine.names();
    let mut end = 0;
    for token in tokens(text, mode, &names) {
        assert!(end <= token.span.start && token.span.start < token.span.end, "{token:?} in {text:?}");
        assert!(text.get(token.span.start as usize..token.span.end as usize).is_some(), "{token:?} in {text:?}");
        end = token.span.end;
    }
    context_at(text, cursor, mode, &names);
    // In a script of PowerShell nothing is Rhai's to find wrong, but for what Rhai limits.
    let of_rhai = |d: &&Diagnostic| d.severity == Severity::Error && d.id == "RhaiSyntax";
    if let (Mode::PowerShell, true, Some(found)) = (mode, text.is_ascii(), checked.diagnostics.iter().find(of_rhai)) {
        let limits = ["too deep", "complex", "too large", "exceed", "limit"];
        assert!(
            limits.iter().any(|l| found.message.to_lowercase().contains(l)),
            "{found:?} in {text:?}: {}",
            checked.lowered
        );
    }
}
