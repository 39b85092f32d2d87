//! What ends a statement, a loop, a function, a script.

use super::support::Shell;
use reeve::language::Mode;

fn powershell(text: &str) -> (Vec<String>, Vec<String>) {
    Shell::new().run(text, Mode::PowerShell)
}

/// What a text puts out, and the ids of its errors, each in one line.
fn check(mode: Mode, cases: &[(&str, &str, &str)]) {
    for (text, outputs, errors) in cases {
        let (values, ids) = Shell::new().run(text, mode);
        assert_eq!((values.join(" ").as_str(), ids.join(" ").as_str()), (*outputs, *errors), "{text}");
    }
}

#[test]
fn error_action_stop_ends_the_script() {
    const WRITTEN: &str = "Microsoft.PowerShell.Commands.WriteErrorException";
    const IN_FUNCTION: &str = "Microsoft.PowerShell.Commands.WriteErrorException,Get-Bad";
    check(
        Mode::PowerShell,
        &[
            ("'a'; Write-Error 'x' -ErrorAction Stop; 'b'", "a", WRITTEN),
            ("$ErrorActionPreference = 'Stop'; 'a'; Write-Error 'x'; 'b'", "a", WRITTEN),
            ("$ErrorActionPreference = 'Stop'; 'a'; 1/0; 'b'", "a", "RuntimeException"),
            ("function Get-Bad { Write-Error 'x' -ErrorAction Stop; 'in' }; Get-Bad; 'b'", "", IN_FUNCTION),
            ("1..3 | ForEach-Object { $_; Write-Error 'x' -ErrorAction Stop }; 'b'", "1", WRITTEN),
            ("try { Write-Error 'x' -ErrorAction Stop; 'in' } catch { 'caught' }; 'b'", "caught b", ""),
            ("foreach ($i in 1..3) { $i; throw 'x' }; 'b'", "1", "x"),
            // A terminating error by itself ends the statement only.
            ("'a'; [int]'x'; 'b'", "a b", "InvalidCastFromStringToInteger"),
            ("$null.Foo(); 'b'", "b", "InvokeMethodOnNull"),
            (
                "Select-Object -Nope 1; 'b'",
                "b",
                "NamedParameterNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand",
            ),
        ],
    );
    check(
        Mode::Rhai,
        &[
            ("\"a\"; Write-Error 'x' -ErrorAction Stop; \"b\"", "a", WRITTEN),
            ("try { Write-Error 'x' -ErrorAction Stop } catch { \"caught\" }\n\"b\"", "caught b", ""),
        ],
    );
}

#[test]
fn a_block_leaves_the_loop_around_its_pipeline() {
    check(
        Mode::PowerShell,
        &[
            (
                "foreach ($x in 1,2) { 1..3 | ForEach-Object { if ($_ -eq 2) { break }; \"$x$_\" } }; 'after'",
                "11 after",
                "",
            ),
            ("foreach ($x in 1,2) { 1..3 | ForEach-Object { if ($_ -eq 2) { continue }; \"$x$_\" } }", "11 21", ""),
            (
                "foreach ($x in 1,2) { try { 1..3 | ForEach-Object { break } } catch { 'no' } finally { 'f' } }; 'after'",
                "f after",
                "",
            ),
            ("foreach ($x in 1,2) { $y = if ($x -eq 1) { continue } else { 5 }; \"$x$y\" }", "25", ""),
            ("foreach ($x in 1,2) { foreach ($y in 1,2) { 1..2 | ForEach-Object { break } }; $x }", "1 2", ""),
            // Without a loop, the script ends.
            ("'a'; 1..3 | ForEach-Object { break }; 'b'", "a", ""),
        ],
    );
    let text = "foreach ($x in 1..2) { 1..3 | ForEach-Object { if ($_ -eq 2) { break }; \"$x$_\" } }\n\"after\"";
    check(Mode::Rhai, &[(text, "11 after", "")]);
    let text = "for x in [1, 2] { 1..3 | ForEach-Object { if ($_ -eq 2) { break }; \"$x$_\" } }\n\"after\"";
    check(Mode::Rhai, &[(text, "11 after", "")]);
}

#[test]
fn return_leaves_the_function_from_any_depth() {
    check(
        Mode::PowerShell,
        &[
            ("function Get-It { $x = if ($true) { return 1 }; 'no' }; Get-It; 'b'", "1 b", ""),
            (
                "function Get-It { foreach ($i in 1..3) { $y = $(if ($i -eq 2) { return 'two' } else { $i }); $y } }; Get-It",
                "1 two",
                "",
            ),
            ("$x = if ($true) { return 'end' }; 'no'", "end", ""),
            ("1..2 | ForEach-Object { $x = if ($_ -eq 1) { return 'one' } else { 5 }; $x }; 'b'", "one 5 b", ""),
        ],
    );
}

#[test]
fn a_piped_variable_keeps_its_value() {
    let (values, errors) =
        powershell("$x = 1, 2; $x | Sort-Object -Descending; $x | Sort-Object; $b = { 'block' }; & $b; & $b; $x.Count");
    assert_eq!((values.join(" "), errors.len()), ("2 1 1 2 block block 2".to_string(), 0));
}
