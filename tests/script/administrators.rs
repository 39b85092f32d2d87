//! What administrators and Rhai programmers type who come from PowerShell and from Rhai.

use super::support::{Shell, on_large_stack};
use reeve::language::Mode;

fn all(mode: Mode, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (outputs, errors) = Shell::new().run(text, mode);
        let all: Vec<String> = outputs.into_iter().chain(errors.into_iter().map(|id| format!("!{id}"))).collect();
        assert_eq!(all.join(" "), *expected, "{text}");
    }
}

/// Rule: `switch -File` goes through the lines of a text file, with other flags and a path of any form; a file that is
/// not there stops it.
#[test]
fn switch_reads_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("l.txt").display().to_string();
    std::fs::write(&at, "alpha\nbeta\n").unwrap();
    all(
        Mode::PowerShell,
        &[
            (&format!("switch -File {at} {{ 'beta' {{ \"b:$_\" }} default {{ \"d:$_\" }} }}"), "d:alpha b:beta"),
            (&format!("$p = '{at}'; switch -Regex -File $p {{ '^a' {{ 'a' }} }}"), "a"),
            (
                &format!("switch -File (Join-Path '{}' l.txt) -Wildcard {{ 'b*' {{ $_ }} }}", folder.path().display()),
                "beta",
            ),
            (
                &format!("try {{ switch -File {at}x {{ default {{ 1 }} }} }} catch {{ $_.FullyQualifiedErrorId }}"),
                "PathNotFound,Microsoft.PowerShell.Commands.GetContentCommand",
            ),
        ],
    );
    all(Mode::Rhai, &[(&format!("switch -File {at} {{ 'beta' {{ 'b' }} }}"), "b")]);
}

/// Rule: `[Alias]` names a function and its parameters, in both modes.
#[test]
fn aliases_of_functions_are_commands() {
    let function = "function Get-Thing { [CmdletBinding()][Alias('gth', 'gth2')] param([Alias('nm')][string]$Name) \"<$Name>\" }\n";
    for mode in [Mode::PowerShell, Mode::Rhai] {
        all(
            mode,
            &[
                (&format!("{function}gth -nm 5\ngth2 6\nGet-Thing -Name 7"), "<5> <6> <7>"),
                (&format!("{function}(Get-Command gth).CommandType"), "Alias"),
            ],
        );
    }
}

/// Rule: `catch [T]` takes what it takes in PowerShell; what a failed request throws has the name of Windows
/// PowerShell, too.
#[test]
fn exceptions_are_caught_by_their_names() {
    for (failing, kind) in [
        ("1 / 0", "DivideByZeroException"),
        ("1 / 0", "System.ArithmeticException"),
        ("Get-Item /nonesuch -ea Stop", "System.Management.Automation.ItemNotFoundException"),
        ("Get-Item /nonesuch -ea Stop", "ItemNotFoundException"),
        ("Get-Nothing1", "System.Management.Automation.CommandNotFoundException"),
        ("Get-Date -Nosuch 1", "System.Management.Automation.ParameterBindingException"),
        ("[int]'abc'", "InvalidCastException"),
        ("[int]::Parse('abc')", "FormatException"),
        ("throw [IO.FileNotFoundException]'x'", "IO.IOException"),
        ("throw 'x'", "System.Management.Automation.RuntimeException"),
        ("'abc'.Substring(10)", "ArgumentOutOfRangeException"),
        ("Invoke-WebRequest http://127.0.0.1:1/ -ea Stop", "System.Net.WebException"),
        ("Invoke-WebRequest http://127.0.0.1:1/ -ea Stop", "System.Net.Http.HttpRequestException"),
    ] {
        let text =
            format!("try {{ {failing} }} catch [System.TimeoutException] {{ 'no' }} catch [{kind}] {{ 'caught' }}");
        all(Mode::PowerShell, &[(&text, "caught")]);
    }
}

/// Rule: a text alone in double quotes that names a variable of `$` is PowerShell's; in all other places it is Rhai's.
#[test]
fn texts_alone_are_interpolated() {
    all(
        Mode::Rhai,
        &[
            ("$x = 5\n\"Hello $x\"", "Hello 5"),
            ("$x = 5\n\"a $($x + 1) b\"", "a 6 b"),
            ("\"$env:NO_SUCH_NAME.\"", "."),
            ("(\"$PWD\".Length -gt 0); (pwd).Path -eq $PWD; let pwd = 4; (pwd) + 1 | Write-Output", "True True 5"),
            ("foreach ($i in 1..2) { 1 }\n\"at $i\"", "1 1 at 2"),
            ("let price = 5; \"$ $price\"", "$ $price"),
            ("let x = 5; let s = \"Hello $x\"; s.len() | Write-Output", "8"),
            ("'single'", "single"),
            ("''", ""),
            ("let s = 'two words'; s.len() | Write-Output", "9"),
            ("let c = 'x'; type_of(c) | Write-Output", "char"),
            ("\"a\", \"b\"", "a b"),
            ("1, 2 | ForEach-Object { $_ * 2 }", "2 4"),
            ("[1, 2] | ForEach-Object { $_ * 2 }", "2 4"),
            ("let a = 3; [a, a + 1] | Measure-Object -Sum | % Sum", "7"),
        ],
    );
}

/// Rule: what a pipeline of no objects leaves has no elements, by every name for how many there are.
#[test]
fn nothing_has_no_elements() {
    all(
        Mode::Rhai,
        &[
            ("let r = 1..3 | Where-Object { $_ -gt 8 }; [r.len(), r.Count, r.is_empty()] | Write-Output", "0 0 True"),
            ("$r = 1..3 | Where-Object { $_ -gt 8 }; $r.Count; $r.Length; $null.Count", "0 0 0"),
        ],
    );
}

/// Rule: the last value of a block or function that is taken is given, and not written to the output.
#[test]
fn values_of_blocks_are_given() {
    all(
        Mode::Rhai,
        &[
            ("let v = if true { \"x\" } else { \"y\" }; v.len() | Write-Output", "1"),
            (
                "fn f(a) { if a { \"x\" } else { switch a { _ => { \"yy\" } } } } [f(true), f(false)] | Write-Output",
                "x yy",
            ),
            ("let f = || { (1..3 | Write-Output).len() }; f.call() | Write-Output", "3"),
            ("if true { \"x\" }", "x"),
        ],
    );
}

/// Rule: a function's parameters keep the type of array that they declare.
#[test]
fn arrays_of_parameters_keep_their_type() {
    all(
        Mode::PowerShell,
        &[
            ("function f([string[]]$a) { $a.GetType().Name }; f a, b; f a", "String[] String[]"),
            ("function f([int[]]$a = (1, 2)) { $a.GetType().FullName }; f; f 1", "System.Int32[] System.Int32[]"),
        ],
    );
}

/// Rule: a script makes errors, and writes and throws them by $PSCmdlet: their own id, category and target.
#[test]
fn errors_are_made_and_thrown() {
    let make = "function Get-A { [CmdletBinding()] param($p)\n\
        $r = [System.Management.Automation.ErrorRecord]::new([Exception]::new('boom'), 'MyId', [ErrorCategory]::InvalidData, $p)\n\
        if ($p) { $PSCmdlet.ThrowTerminatingError($r) } else { $PSCmdlet.WriteError($r); 'on' } }\n";
    let told = "catch { $_.FullyQualifiedErrorId; $_.CategoryInfo.Category; $_.TargetObject; $_.Exception.Message }";
    all(
        Mode::PowerShell,
        &[
            (&format!("{make}try {{ Get-A 7 }} {told}"), "MyId,Get-A InvalidData 7 boom"),
            (&format!("{make}Get-A"), "on !MyId,Get-A"),
            ("[System.Management.Automation.ErrorCategory]::ObjectNotFound", "ObjectNotFound"),
            (
                "$r = New-Object System.Management.Automation.ErrorRecord ([Exception]'m'), 'Id2', 'ReadError', $null; \
                 try { throw $r } catch { $_.FullyQualifiedErrorId }",
                "Id2",
            ),
            ("[System.Management.Automation.ErrorRecord]::new('m')", "!CannotFindAppropriateCtor"),
        ],
    );
}

/// Rule: a command's parameters are found by their names.
#[test]
fn parameters_are_found_by_name() {
    all(
        Mode::PowerShell,
        &[
            ("$p = (Get-Command Get-Date).Parameters['Format']; $p.Name; $p.ParameterType.Name", "Format String"),
            ("(Get-Command Get-Item).Parameters.Path.IsMandatory", "True"),
            ("(Get-Command New-Item).Parameters.ContainsKey('whatif')", "True"),
            (
                "function f([ValidateSet('a', 'b')][Alias('q')]$x) { 1 }; $p = (Get-Command f).Parameters['x']; $p.Aliases; \
                 $p.Attributes.ValidValues",
                "q a b",
            ),
        ],
    );
}

/// Rule: to ask an array that a block has, too, how many elements it has, or for one of them, copies nothing. The bound
/// is a hundredth of what the copies took.
#[test]
fn arrays_of_blocks_are_not_copied() {
    on_large_stack(|| {
        let text = "$x = 1..300000; $f = { $x.Count }; $n = 0\n\
                    foreach ($i in 1..2000) { $n += $x.Count + $x[0] + $x[-1] }; $n; & $f";
        let begun = std::time::Instant::now();
        all(Mode::PowerShell, &[(text, "1200002000 300000")]);
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
        all(Mode::PowerShell, &[("$x = 1, 2; $f = { $x -join ',' }; $x[0] = 5; & $f; $x[0]", "5,2 5")]);
    });
}

/// Rule: a pattern fits names of files in any case; a name is what it is.
#[test]
fn patterns_of_files_fit_any_case() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Foo.TXT"), "").unwrap();
    let at = folder.path().display().to_string();
    all(
        Mode::PowerShell,
        &[
            (
                &format!(
                    "(Get-ChildItem {at}/*.txt).Name; (Get-Item {at}/f*).Name; (Get-ChildItem {at} -Filter f*.txt).Name"
                ),
                "Foo.TXT Foo.TXT Foo.TXT",
            ),
            (&format!("Test-Path {at}/foo.txt"), "False"),
        ],
    );
}
