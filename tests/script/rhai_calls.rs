//! Commands from plain Rhai: every cmdlet by its Rhai name, with the same binding; functions and closures as stages.

use super::support::Shell;
use reeve::cmdlet::registry::Registry;
use reeve::language::Mode;
use reeve::language::lower::{spelled, unspelled};

/// Rule: every cmdlet has a Rhai name that leads back to it, and a call by it binds as the command does.
#[test]
fn every_cmdlet_is_a_function() {
    let mut wrong = Vec::new();
    let registry = Registry::default();
    // PowerShell's mkdir is a function beside New-Item, which has the name in Rhai.
    for name in registry.native_names().into_iter().filter(|name| name.contains('-')) {
        let Some(function) = spelled(&name) else {
            wrong.push(format!("{name} has no Rhai name"));
            continue;
        };
        if unspelled(&function).as_deref() != Some(&*name) {
            wrong.push(format!("{function} does not lead back to {name}"));
        }
        // What takes the rest takes names that it does not know, too.
        let spec = registry.lookup(&name).expect("it is registered").spec();
        if spec.parameters.iter().flat_map(|p| &p.sets).any(|set| set.remaining) {
            continue;
        }
        // A parameter that no cmdlet has: the binder answers before anything runs.
        let text = format!("let x = {function}(#{{Zzyzx: 1}});");
        let (_, errors) = Shell::new().run(&text, Mode::Rhai);
        if !errors.first().is_some_and(|error| error.contains("NamedParameterNotFound")) {
            wrong.push(format!("{text}: {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: arguments by position, by name in a map, by a beginning of the name, switches, input before the dot.
#[test]
fn calls_bind_as_commands_do() {
    let cases = [
        ("Join_Path(\"a\", \"b\")", "a/b"),
        ("Join_Path(\"a\", #{ChildPath: \"b\"})", "a/b"),
        ("Get_Date(#{Year: 2020, Month: 2, Day: 3}).Month", "2"),
        ("[3, 1, 2].Sort_Object(#{Desc: true})[0]", "3"),
        ("[3, 1, 2].Sort_Object().Select_Object(#{First: 1})", "1"),
        ("\"x\".Write_Output()", "x"),
        ("[1, 2, 3].ForEach_Object(|x| x * 2)[2]", "6"),
        ("[1, 2, 3].Where_Object(|x| x > 2)", "3"),
        ("[1, 2, 3].Measure_Object(#{Sum: true}).Sum", "6"),
        ("(1..4 | Measure-Object -Sum).Sum", "10"),
    ];
    let mut wrong = Vec::new();
    for (text, value) in cases {
        let given = Shell::new().run(&format!("let v = {text}; Write-Output $v"), Mode::Rhai);
        if given != (vec![value.to_string()], Vec::new()) {
            wrong.push(format!("{text}: {given:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: a Rhai function or closure can be a stage, takes each object, and puts out what it gives.
#[test]
fn functions_and_closures_are_stages() {
    let double = "fn double(x) { x * 2 }\nfn odd(x) { x % 2 == 1 }\n";
    let cases = [
        ("1..3 | double", &["2", "4", "6"][..]),
        ("1..3 | |x| { x + 10 } | Select-Object -First 2", &["11", "12"]),
        ("let plus = |x| x + 1; 1..2 | plus | double", &["4", "6"]),
        ("1..4 | Where-Object { odd($_) } | double", &["2", "6"]),
        ("1..4 | Where-Object (|x| odd(x))", &["1", "3"]),
        ("let all = [1, 2].ForEach_Object(Fn(\"double\")); Write-Output $all", &["2", "4"]),
        ("(1..3 | double).len()", &["3"]),
    ];
    let mut wrong = Vec::new();
    for (text, values) in cases {
        let (out, errors) = Shell::new().run(&format!("{double}{text}"), Mode::Rhai);
        if out != values || !errors.is_empty() {
            wrong.push(format!("{text}: {out:?} {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
