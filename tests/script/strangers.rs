//! What a stranger tried who knows PowerShell.

use super::support::Shell;
use reeve::language::Mode;

pub(super) fn all(mode: Mode, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (outputs, errors) = Shell::new().run(text, mode);
        let all: Vec<String> = outputs.into_iter().chain(errors.into_iter().map(|id| format!("!{id}"))).collect();
        assert_eq!(all.join("|"), *expected, "{text}");
    }
}

/// Rule: what the initializer and the iterator of `for` give nobody gets.
#[test]
fn headers_of_for_put_nothing_out() {
    all(
        Mode::PowerShell,
        &[
            ("for (($i=0),($j=5); $i -lt 2; $i++, $j--) { \"b $i $j\" }", "b 0 5|b 1 4"),
            ("$r = for ($i=0; $i -lt 3; ($i++)) { 'x' }; \"$r\"", "x x x"),
            ("for ($i=0; $i -lt 2; $i += 1) { $i }", "0|1"),
        ],
    );
}

/// Rule: `exit` runs the `finally` blocks around it, the innermost first, once each.
#[test]
fn finally_runs_before_exit() {
    all(
        Mode::PowerShell,
        &[
            ("try { 'x'; exit 4 } finally { 'fin' }", "x|fin|!Exit(4)"),
            (
                "function F { try { exit } finally { 'inner' } }\ntry { F; 'no' } catch { 'no' } finally { 'outer' }\n'no'",
                "inner|outer|!Exit(0)",
            ),
            ("try { 'a' } finally { 'b' }\nexit 1", "a|b|!Exit(1)"),
            ("try { throw 'a' } catch { exit 1 } finally { 'b' }", "b|!Exit(1)"),
            ("foreach ($i in 1..2) { try { continue } finally { \"f$i\" } }\nexit", "f1|f2|!Exit(0)"),
        ],
    );
}

/// Rule: a redirection behind a bracket is of all that the commands in it say.
#[test]
fn brackets_are_redirected() {
    all(
        Mode::PowerShell,
        &[
            ("$x = (Write-Error e1) 2>&1; $x.Exception.Message", "e1"),
            ("$x = $(Write-Error e1; 'ok') 2>&1; $x.Count", "2"),
            ("$x = @(Write-Warning w) 3>&1; \"$x\"", "w"),
            ("$( Get-Item /nonesuch; 'ok' ) 2>$null", "ok"),
            ("(1 + 2) 2>$null", "3"),
            ("$y = 1; $($y = 2; $y) 2>$null; $y", "2|2"),
        ],
    );
}

/// Rule: a statement that ends in its block ends there: any other may follow on its line.
#[test]
fn statements_follow_a_block_on_its_line() {
    all(
        Mode::PowerShell,
        &[
            (
                "foreach ($n in 1..3) { if ($n -eq 2) { \"two\" } else { \"not two\" } \"end $n\" }",
                "not two|end 1|two|end 2|not two|end 3",
            ),
            ("1..3 | ForEach-Object { if ($_ -eq 2) { return } \"p$_\" }", "p1|p3"),
            ("try { 1 } catch { } 'a'", "1|a"),
            ("switch (1) { 1 { 'one' } } 5", "one|5"),
            ("if (1) { } @(1; 2)", "1|2"),
            ("if (1) { } -5", "-5"),
            ("if (1) { } !$true", "False"),
            ("if (1) { } @{ a = 1 }.a", "1"),
            ("while ($false) { } 'w'", "w"),
        ],
    );
    all(Mode::Rhai, &[("1..3 | ForEach-Object { if ($_ -eq 2) { return } \"p$_\" }", "p1|p3")]);
}

/// Rule: a point at the end of a line takes its member from the next.
#[test]
fn a_point_at_the_end_of_a_line_goes_on() {
    all(
        Mode::PowerShell,
        &[
            ("$s = \"abc\".\nToUpper()\n$s", "ABC"),
            ("$s = \"abc\".  \n  Substring(1).\n  Length\n$s", "2"),
            ("$x = [math]::\nAbs(-1)\n$x", "1"),
        ],
    );
}

/// Rule: an index is worked out once, also where the element is read and set.
#[test]
fn indexes_count_once() {
    all(
        Mode::PowerShell,
        &[
            ("$i=0; $q=0,0,0; $q[$i++] += 7; \"$i : $q\"", "1 : 7 0 0"),
            ("$i=0; $q=0,0,0; $q[$i++]++; \"$i : $q\"", "1 : 1 0 0"),
            ("$i=0; $q=5,0,0; $x = $q[$i++]++; \"$i : $x : $q\"", "1 : 5 : 6 0 0"),
            ("function n { 'called'; 0 }; $q=1,2; $q[(n)[1]] += 5; \"$q\"", "6 2"),
            ("$i=0; $h=@{a=1,2}; $h.a[$i++] *= 3; \"$i : $($h.a)\"", "1 : 3 2"),
            ("$i=1; $q=1,$null; $q[$i--] ??= 4; \"$i : $q\"", "0 : 1 4"),
        ],
    );
}
