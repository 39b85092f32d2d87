//! A script block that is a plain expression runs without Rhai: with the same results as in Rhai.

use super::support::Shell;
use proptest::prelude::*;
use proptest::sample::select;
use reeve::cmdlet::registry::Registry;
use reeve::language::Mode;
use reeve::script::Limits;
use std::time::Duration;

/// What the blocks see as `$_`.
const ITEMS: &str = "$items = @(1, -7, 0, 2.5, 'x', 'Ab c', '12', $null, $true, @(1, 'two'), \
    [pscustomobject]@{ A = 5; B = 'text'; C = @(3, 4) }, [pscustomobject]@{ A = $null; B = 'Zz'; Name = 'n' }, \
    @{ A = 1; K = 'v' }, [datetime]'2026-11-21T10:00:00Z', [timespan]'01:30:00', [version]'5.0.1')\n";

/// What a text puts out, with types, and the ids of its errors.
fn outcome(text: &str) -> (Vec<String>, Vec<String>) {
    let mut shell = Shell::new();
    let (_, errors) = shell.run(&format!("{ITEMS}{text}"), Mode::PowerShell);
    let values = shell.kept.values.borrow();
    (values.iter().map(|value| format!("{value:?}")).collect(), errors)
}

/// The same for each object and as a filter; a second statement keeps a block from running natively.
fn both_ways(expression: &str) -> Result<(), TestCaseError> {
    for (command, after) in [("ForEach-Object", "; $Matches"), ("Where-Object", "; $Matches")] {
        let text = |block: &str| format!("$items | {command} {{ {block} }}{after}");
        let native = outcome(&text(expression));
        let rhai = outcome(&text(&format!("$nothing = 0; {expression}")));
        prop_assert_eq!(native, rhai, "{} {{ {} }}", command, expression);
    }
    Ok(())
}

fn leaf() -> impl Strategy<Value = String> {
    select(vec![
        "$_",
        "$_.A",
        "$_.b",
        "$_.C",
        "$_.Count",
        "$_.Length",
        "$_.Missing",
        "$psitem",
        "0",
        "3",
        "-2",
        "1.5",
        "'x'",
        "'a*'",
        "\"7\"",
        "''",
        "$null",
        "$true",
        "$false",
        "\"<$_ $($_.A)>\"",
        "\"$($_.C) $($_)\"",
        "(1, 2)",
        "[string]",
    ])
    .prop_map(String::from)
}

fn expression() -> impl Strategy<Value = String> {
    let operators = select(vec![
        "+",
        "-",
        "*",
        "/",
        "%",
        "-eq",
        "-ne",
        "-gt",
        "-ge",
        "-lt",
        "-le",
        "-ceq",
        "-like",
        "-notlike",
        "-contains",
        "-in",
        "-notin",
        "-match",
        "-notmatch",
        "-replace",
        "-split",
        "-join",
        "-and",
        "-or",
        "-is",
        "-f",
    ]);
    leaf().prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            4 => (inner.clone(), operators.clone(), inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            1 => inner.clone().prop_map(|a| format!("(-not {a})")),
            1 => inner.clone().prop_map(|a| format!("(-({a}))")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}, {b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[pscustomobject]@{{ A = {a}; B = {b} }}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("@{{ A = {a}; 'b c' = {b} }}")),
            1 => (select(vec!["int", "string", "double", "bool"]), inner.clone())
                .prop_map(|(kind, a)| format!("[{kind}]({a})")),
            1 => (inner.clone(), select(vec!["0", "-1", "1", "'A'"])).prop_map(|(a, at)| format!("({a})[{at}]")),
            1 => (inner.clone(), select(vec!["ToUpper()", "Trim()", "Contains('a')", "Split(' ')", "ToString()"]))
                .prop_map(|(a, call)| format!("({a}).{call}")),
            1 => (inner.clone(), select(vec!["A", "B", "Length", "Count"])).prop_map(|(a, name)| format!("({a}).{name}")),
            1 => inner.prop_map(|a| format!("\"[$({a})]\"")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn native_blocks_give_what_rhai_gives(expression in expression()) {
        both_ways(&expression)?;
    }
}

#[test]
fn the_common_forms_agree() {
    for expression in [
        "$_",
        "$_.A -gt 2",
        "$_.B -match 'e(x)'",
        "$_.B -like 't*' -and $_.A -eq 5",
        "[pscustomobject]@{ A = $_; B = \"x\" }",
        "\"$_ and $($_.C)\"",
        "1 / $_",
        "$_.A + 'x'",
        "'ab' * 3",
        "$_.B.ToUpper()",
        "$_ -is [string]",
        "[int]$_",
        "!$_.A",
    ] {
        both_ways(expression).unwrap();
    }
}

#[test]
fn the_time_limit_holds_for_native_blocks() {
    let limits = Limits { time: Some(Duration::from_millis(50)), ..Limits::for_stack(6 << 20) };
    for stages in ["ForEach-Object { $_ }", "Where-Object { $_ -lt 0 }"] {
        let mut shell = Shell::with(Registry::default(), limits.clone());
        let text = format!("1..1000000000000 | {stages} | Measure-Object");
        let (values, errors) = shell.run(&text, Mode::PowerShell);
        assert!(values.is_empty());
        assert!(errors.iter().any(|id| id.starts_with("TimeLimitExceeded")), "{errors:?}");
    }
}
