//! Rhai without a command in it means here what it means in Rhai.

use super::support::{Shell, on_large_stack};
use proptest::prelude::*;
use proptest::sample::select;
use reeve::language::Mode;
use std::cell::RefCell;
use std::rc::Rc;

/// What a text does in Rhai alone: what it prints, and its value or error, without the place.
fn in_rhai(text: &str) -> (Vec<String>, String) {
    let mut engine = rhai::Engine::new();
    let printed = Rc::new(RefCell::new(Vec::new()));
    let (print, debug) = (printed.clone(), printed.clone());
    engine.on_print(move |text| print.borrow_mut().push(text.to_string()));
    engine.on_debug(move |text, _, _| debug.borrow_mut().push(text.to_string()));
    engine.set_max_operations(100_000).set_max_call_levels(16).set_max_expr_depths(200, 200);
    engine.set_max_string_size(100_000).set_max_array_size(10_000);
    // What a statement puts out here, Rhai drops.
    engine.register_fn("_emit", |_: rhai::Dynamic| ());
    let result = match engine.eval::<rhai::Dynamic>(text) {
        Ok(value) => format!("{value:?}"),
        Err(error) => {
            let mut error = error.to_string();
            while let Some(at) = error.find(" (line ") {
                let end = error[at..].find(')').map_or(error.len(), |end| at + end + 1);
                error.replace_range(at..end, "");
            }
            // Rhai names closures by their place.
            error.split("anon$").next().unwrap_or_default().to_string()
        }
    };
    let printed = printed.take();
    (printed, result)
}

fn lowered(text: &str) -> Result<String, String> {
    let checked = Shell::new().engine.check(text, Mode::Rhai);
    if checked.is_ok() { Ok(checked.lowered) } else { Err(format!("{:?}", checked.diagnostics)) }
}

fn is_alike(text: &str) -> Result<(), TestCaseError> {
    let original = in_rhai(text);
    match lowered(text) {
        Ok(lowered) if lowered == text => {}
        Ok(lowered) => {
            let ours = in_rhai(&lowered);
            // A text that is a whole statement is put out here.
            let is_put_out = lowered.contains("_emit(") && original.1.starts_with('"') && ours.1 == "()";
            let wanted = if is_put_out { (original.0, ours.1.clone()) } else { original };
            prop_assert_eq!(ours, wanted, "{}\n---\n{}", text, lowered);
        }
        // What Rhai does not read either says nothing.
        Err(found) => prop_assert!(rhai::Engine::new().compile(text).is_err(), "{}\n{}", text, found),
    }
    Ok(())
}

fn leaf() -> impl Strategy<Value = String> {
    select(vec![
        "0",
        "1",
        "42",
        "1.5",
        "true",
        "false",
        "\"x\"",
        "\"a-b $c {d}\"",
        "`t ${a} u`",
        "'c'",
        "()",
        "a",
        "b",
        "c",
        "m",
        "end",
        "start",
        "c[0]",
        "c[-1]",
        "m.p",
        "m[\"q\"]",
        "c.len()",
        "b.len",
        "[]",
        "#{}",
        "1..4",
        "0xFF",
        "1_000",
        "m?.zz",
        "sort",
        "where",
        "\"\\n\\\"\"",
        "r",
    ])
    .prop_map(String::from)
}

fn expression() -> impl Strategy<Value = String> {
    let operators = select(vec![
        "+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "&", "|", "^", "<<", ">>", "in",
        "??", "!in",
    ]);
    leaf().prop_recursive(3, 20, 3, move |inner| {
        prop_oneof![
            5 => (inner.clone(), operators.clone(), inner.clone(), any::<bool>())
                .prop_map(|(x, op, y, spaced)| if spaced || op.ends_with('n') { format!("{x} {op} {y}") } else { format!("{x}{op}{y}") }),
            1 => inner.clone().prop_map(|x| format!("({x})")),
            1 => inner.clone().prop_map(|x| format!("!({x})")),
            1 => inner.clone().prop_map(|x| format!("-({x})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("[{x}, {y}]")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("#{{p: {x}, \"q r\": {y}}}")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| format!("if {x} {{ {y} }} else {{ {z} }}")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(x, y, z)| format!("switch {x} {{ 1 => {y}, \"x\" | 2 => {z}, _ => 0 }}")),
            1 => inner.clone().prop_map(|x| format!("double({x})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("(|x, y| x + {y}).call({x}, 1)")),
            1 => (inner.clone(), select(vec!["to_string()", "type_of()", "len()", "is_empty()"]))
                .prop_map(|(x, call)| format!("({x}).{call}")),
            1 => inner.clone().prop_map(|x| format!("c.map(|i| i + {x})")),
            1 => inner.prop_map(|x| format!("{{ let z = {x}; z }}")),
        ]
    })
}

/// An expression in a header: one that has a block of its own stands in brackets there, as people write it.
fn header() -> impl Strategy<Value = String> {
    expression().prop_map(|x| if x.contains('{') { format!("({x})") } else { x })
}

/// A block's inside whose last value somebody takes: texts above all, which are put out where nobody does.
fn taken() -> impl Strategy<Value = String> {
    let text = select(vec!["\"many\"", "`t ${a}`", "'c'", "\"\"", "42", "b", "\"x\" + a"]).prop_map(String::from);
    let truth = || select(vec!["true", "false", "a > 3", "i == 3"]);
    text.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            (truth(), inner.clone(), inner.clone()).prop_map(|(c, x, y)| format!("if {c} {{ {x} }} else {{ {y} }}")),
            (truth(), inner.clone(), inner.clone())
                .prop_map(|(c, x, y)| format!("if {c} {{\n{x}\n}} else if a == 7 {{ let z = 1; {y} }} else {{ () }}")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| format!(
                "switch a {{ 1 => {{ {x} }}, 7 if a > 9 => {{ {z} }}, 7 => {{ {y} }}, _ => {{ {z} }} }}"
            )),
            inner.clone().prop_map(|x| format!("{{ let z = 1; {x} }}")),
            inner.clone().prop_map(|x| format!("{{ {x} }}")),
        ]
    })
}

/// What takes it.
fn taking() -> impl Strategy<Value = String> {
    (taken(), taken(), 0..11_u8).prop_map(|(x, y, how)| match how {
        0 => format!("let v = {x}; print(v);"),
        1 => format!("print({x});"),
        2 => format!("r = [{x}, {y}];"),
        // What a closure shares, Rhai cannot have in an array.
        3 => format!("print([1, 3].map(|i| type_of({x})));"),
        4 => format!("let f = |i| {{ {x} }}; print(f.call(3)); print(f.call(1));"),
        5 => format!("let f = |i| {{ if i == 3 {{ return {x}; }} {y} }}; print(f.call(3)); print(f.call(1));"),
        6 => format!("let f = || {{ try {{ {x} }} catch {{ {y} }} }}; print(f.call());"),
        7 => format!("let f = || {{ try {{ throw 1; }} catch (e) {{ {x} }} }}; print(f.call());"),
        8 => format!("r = {x};"),
        9 => format!("m.p = {x}; print(#{{ v: {y} }});"),
        _ => format!("let v = loop {{ break {x}; }}; print(v);"),
    })
}

fn statement() -> impl Strategy<Value = String> {
    let simple = prop_oneof![
        3 => taking(),
        1 => expression().prop_map(|x| format!("let v = {x};")),
        1 => (select(vec!["a", "b", "c", "r", "m.p", "c[1]"]), select(vec!["=", "+=", "-=", "*="]), expression())
            .prop_map(|(t, op, x)| format!("{t} {op} {x};")),
        1 => expression().prop_map(|x| format!("print({x});")),
        1 => expression().prop_map(|x| format!("r = {x};")),
        1 => select(vec!["// a comment | Get-Thing", "/* $x */", ";", "const K = 5;", "let end-start = 1;"])
            .prop_map(String::from),
    ];
    simple.prop_recursive(2, 10, 3, |inner| {
        prop_oneof![
            (header(), inner.clone()).prop_map(|(x, s)| format!("if {x} {{\n{s}\n}}")),
            (inner.clone(), inner.clone()).prop_map(|(s, t)| format!("for i in 0..3 {{ {s} }}\n{t}")),
            inner.clone().prop_map(|s| format!("let n = 0; while n < 3 {{ n += 1; {s} }}")),
            inner.clone().prop_map(|s| format!("loop {{ {s}\n break; }}")),
            inner.clone().prop_map(|s| format!("try {{ {s} }} catch (e) {{ print(\"caught\"); }}")),
            inner.clone().prop_map(|s| format!("do {{ {s} }} while false;")),
            (inner.clone(), inner).prop_map(|(s, t)| format!("{s}\n{t}")),
        ]
    })
}

const BEFORE: &str = "let a = 7; let b = \"text\"; let c = [3, 1, 2]; let m = #{p: 1, q: \"z\"}; let r = ();\n\
    let end = 9; let start = 4; let sort = 2; let where = 3;\nfn double(x) { x * 2 }\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rule: lowering never changes what plain Rhai means.
    #[test]
    fn rhai_stays_rhai(body in prop::collection::vec(statement(), 1..5), given in taken()) {
        let functions = format!("fn given(a, b, i) {{ {given} }}\nprint(given(7, \"b\", 3));\n");
        is_alike(&format!("{BEFORE}{functions}{}\n[a, b, c, m, r]", body.join("\n")))?;
    }
}

/// Rule: what was changed once by the lowering stays what it is.
#[test]
fn what_was_found_stays_rhai() {
    for body in [
        "try { if ([true, a]-\"a-b $c {d}\") {\nlet v = 0;\n} } catch (e) { print(\"caught\"); }",
        "let v = if if a == 7 { \"x\" } else { \"y\" } == \"x\" { 1 } else { 2 }; r = v;",
        "fn f(x) { if x { \"x\" } else { switch x { _ => { \"y\" } } } }\nr = [f(true), f(false)];",
        "let f = || { \"x\" }; r = f.call();",
    ] {
        is_alike(&format!("{BEFORE}{body}\n[a, b, c, m, r]")).unwrap();
    }
}

/// Rule: the texts in Rhai's own source, where it is here, mean the same.
#[test]
fn texts_of_rhais_own_source_stay_what_they_are() {
    let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| Some(std::path::PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let Some(sources) = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok()) else { return };
    let crates = sources.flatten().filter_map(|index| std::fs::read_dir(index.path()).ok()).flatten().flatten();
    let rhais = crates.filter(|entry| entry.file_name().to_string_lossy().starts_with("rhai-"));
    let mut texts = Vec::new();
    for folder in rhais.map(|entry| entry.path()) {
        gather(&folder, &mut texts);
    }
    on_large_stack(move || {
        let (mut alike, mut unread) = (0, 0);
        for text in &texts {
            // Not every text between such quotes is Rhai.
            if rhai::Engine::new().compile(text).is_err() {
                unread += 1;
                continue;
            }
            is_alike(text).unwrap();
            alike += 1;
        }
        println!("count: {alike} texts of Rhai's own source mean the same, {unread} others are no Rhai");
    });
}

fn gather(folder: &std::path::Path, texts: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(&path, texts);
        } else if path.extension().is_some_and(|e| e == "rhai") {
            texts.extend(std::fs::read_to_string(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            // In comments of documentation each line has its marks.
            let plain: Vec<&str> = source
                .lines()
                .map(|line| line.trim_start().trim_start_matches("///").trim_start_matches("//!"))
                .collect();
            let plain = plain.join("\n");
            texts.extend(plain.split("r#\"").skip(1).filter_map(|rest| rest.split("\"#").next()).map(String::from));
        }
    }
}
