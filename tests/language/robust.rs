//! Whatever the text, the parser comes back, with a tree that covers it, in time that grows with its length.

use super::support::World;
use proptest::prelude::*;
use reeve::error::Span;
use reeve::language::tree::*;
use reeve::language::{Mode, Token, context_at, parse, tokens};

const PIECES: &[&str] = &[
    "Get-CsPool",
    " ",
    " ",
    " ",
    "\n",
    "|",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "$",
    "$x",
    "$_",
    "@",
    "@{",
    "@(",
    "#",
    "#{",
    "<#",
    "#>",
    "/*",
    "*/",
    "//",
    ";",
    ",",
    ".",
    "..",
    "::",
    "?",
    "?.",
    "-eq",
    "-Name",
    "–match",
    "-",
    "--",
    "=",
    "==",
    "+=",
    "&",
    "&&",
    "||",
    "if",
    "else",
    "foreach",
    "for",
    "in",
    "while",
    "do",
    "until",
    "switch",
    "try",
    "catch",
    "finally",
    "function",
    "param",
    "let",
    "fn",
    "import",
    "return",
    "|x|",
    "${",
    "1",
    "1.5kb",
    "0x",
    "é",
    "“",
    "”",
    "\\|",
    "$\\_",
    "\\",
    "PS C:\\>",
    "@\"\n",
    "\n\"@",
    "[int]",
    "=>",
    "x",
    "filter",
    "class",
    ">",
    "2>&1",
    "%",
    "!",
    "*",
];

fn text() -> impl Strategy<Value = String> {
    let known = prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => known, 1 => any::<String>()]
}

fn covers(body: &Body, text: &str) {
    let mut at = body.span.start;
    for piece in &body.pieces {
        let span = match piece {
            Piece::Rhai(rhai) => {
                let mut inner = rhai.span.start;
                for island in &rhai.islands {
                    assert!(inner <= island.span.start && island.span.end <= rhai.span.end, "{island:?} in {text:?}");
                    inner = island.span.end;
                    if let IslandKind::Block(block) = &island.kind {
                        covers(&block.body, text);
                    }
                }
                rhai.span
            }
            Piece::Statement(statement) => statement.span,
        };
        assert!(at <= span.start && span.start <= span.end && span.end as usize <= text.len(), "{piece:?} in {text:?}");
        assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        // Nothing that means anything stands between pieces, unless a diagnostic says so.
        at = span.end;
    }
}

fn ordered(tokens: &[Token], text: &str) {
    let mut at = 0;
    for token in tokens {
        assert!(at <= token.span.start && token.span.start < token.span.end, "{token:?} in {text:?}");
        assert!(text.get(token.span.start as usize..token.span.end as usize).is_some());
        at = token.span.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back_as_a_tree(text in text(), mode in prop::sample::select(&[Mode::Rhai, Mode::PowerShell][..]), cut in 0usize..200) {
        let world = super::support::none();
        let parsed = parse(&text, mode, &world);
        prop_assert_eq!(parsed.script.body.span, Span::new(0, text.len()));
        covers(&parsed.script.body, &text);
        for diagnostic in &parsed.diagnostics {
            prop_assert!(diagnostic.span.end as usize <= text.len(), "{:?} in {:?}", diagnostic, text);
            prop_assert!(diagnostic.hint.is_some(), "{:?}", diagnostic);
        }
        ordered(&tokens(&text, mode, &world), &text);
        context_at(&text, cut, mode, &world);
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let world = World::new();
    for unit in [
        "(",
        "[",
        "{",
        "$(",
        "@(",
        "@{a=",
        "!",
        "-not ",
        "if (",
        "f(",
        "#{a:",
        "|x| ",
        "\"$(",
        "`${",
        "[int]",
        "[a[",
        "x.y(",
        "{ let a = (",
        "try {",
        "fn f() {",
        "1 + (",
        "switch a { 1 => ",
        "if (if (",
        "({ let a = (1 | sort ",
    ] {
        for mode in [Mode::Rhai, Mode::PowerShell] {
            let text = unit.repeat(5_000);
            let parsed = parse(&text, mode, &world);
            let brackets = ["(", "{", "$(", "@(", "@{a=", "f(", "x.y(", "try {"].contains(&unit);
            assert!(!parsed.diagnostics.is_empty() || !brackets, "{unit} {mode:?}");
        }
    }
}
