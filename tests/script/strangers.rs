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
            ("$i=0; $q=0,0; $y = ($q[$i++] = 5); \"$i : $y : $q\"", "1 : 5 : 5 0"),
            ("$i=0; $q=0,0; $y = $q[$i++] = 5; \"$i : $y : $q\"", "1 : 5 : 5 0"),
            ("$i=0; $q=0,0; $y = ($q[$i++], $p = 8, 9); \"$i : $y : $q\"", "1 : 8 9 : 8 0"),
        ],
    );
}

/// Rule: what `$script:x` in a closure of its own sets stays from one call to the next; a variable of the block begins
/// anew.
#[test]
fn closures_keep_what_is_the_scripts() {
    all(
        Mode::PowerShell,
        &[
            ("$k = { $script:cc++; \"$script:cc\" }.GetNewClosure(); & $k; & $k", "1|2"),
            ("$n = 1; $k = { $n++; $n }.GetNewClosure(); & $k; & $k; $n = 5; & $k", "2|2|2"),
        ],
    );
}

/// Rule: a parameter or a variable of a type that nothing is converted to takes what is of that type, and nothing else.
#[test]
fn types_that_nothing_is_made_into() {
    let refused = "!ParameterArgumentTransformationError,f";
    for (of, given, expected) in [
        ("Collections.IDictionary", "([ordered]@{ a = 1 })", "OrderedDictionary"),
        ("System.Collections.IDictionary", "5", refused),
        ("System.Collections.IEnumerable", "'x'", "String"),
        ("System.Collections.Generic.IList[string]", "@('a', 'b')", "Object[]"),
        ("System.Collections.ICollection", "5", refused),
        ("System.Xml.XmlNode", "([xml]'<a/>').DocumentElement", "XmlElement"),
        ("Exception", "([System.ArgumentException]::new('x'))", "ArgumentException"),
        ("System.IO.FileSystemInfo", "(Get-Item /)", "DirectoryInfo"),
        ("System.IO.DirectoryInfo", "5", refused),
        ("math", "5", refused),
    ] {
        let text = format!("function f([{of}]$v) {{ $v.GetType().Name }}; f {given}");
        all(Mode::PowerShell, &[(&text, expected)]);
    }
    all(
        Mode::PowerShell,
        &[
            (
                "[System.Collections.IDictionary]$d = @{ a = 1 }; $d.Count; $d = 5",
                "1|!ConvertToFinalInvalidCastException",
            ),
            (
                "$null -eq (5 -as [System.Collections.IList]); $n = 'int[,]'; New-Object $n 2, 3",
                "True|!TypeNotFound,Microsoft.PowerShell.Commands.NewObjectCommand",
            ),
        ],
    );
}

/// Rule: a number as PowerShell writes it is one in a text of Rhai too; a range there is Rhai's, and says so.
#[test]
fn numbers_of_powershell_in_rhai() {
    all(
        Mode::Rhai,
        &[
            ("5kb", "5120"),
            (".5 + 1", "1.5"),
            ("let x = 1.5mb; Write-Output $x", "1572864"),
            ("2 * 1GB", "2147483648"),
            ("10L", "10"),
            ("let kb = 2; let x = 5 - kb; Write-Output $x", "3"),
            ("(1..5).Count", "!PropertyNotFound"),
            ("@(1..5).Count", "5"),
        ],
    );
}

/// Rule: a function's text can be had by its name; it is no block, and is not assigned to.
#[test]
fn functions_give_their_text() {
    all(
        Mode::PowerShell,
        &[
            (
                "function g { 'hi' }; ${function:g}; $function:g.Trim(); (Get-Command g).Definition",
                " 'hi' |'hi'| 'hi' ",
            ),
            (
                "function g { param($a) $a }; (Get-Command g).ScriptBlock; $null -eq ${function:nosuch}",
                " param($a) $a |True",
            ),
        ],
    );
}

/// Rule: a file's times and whether it is only to be read are set by name; what cannot be set is an error.
#[test]
fn properties_of_files_are_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.txt");
    std::fs::write(&file, "x").unwrap();
    let file = file.display();
    let read_only = |value: &str| format!("Set-ItemProperty {file} IsReadOnly {value}; (Get-Item {file}).IsReadOnly");
    let written = format!(
        "(Set-ItemProperty {file} -Name LastWriteTime -Value '2026-01-31 08:00' -PassThru).LastWriteTime.ToString('s')"
    );
    let refused = format!("Set-ItemProperty {file} Colour red");
    all(
        Mode::PowerShell,
        &[
            (&read_only("$true"), "True"),
            (&read_only("$false"), "False"),
            (&written, "2026-01-31T08:00:00"),
            (&refused, "!PropertyNotFound,Microsoft.PowerShell.Commands.SetItemPropertyCommand"),
        ],
    );
}
