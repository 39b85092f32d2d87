//! What administrators' scripts rely on, each as they write it.

use super::support::{Shell, on_large_stack};
use reeve::language::Mode;

/// Runs each text; its outputs, or the ids of its errors, joined by commas.
fn all(cases: &'static [(&'static str, &'static str)]) {
    on_large_stack(move || {
        for (text, expected) in cases {
            let (outputs, errors) = Shell::new().run(text, Mode::PowerShell);
            let got: Vec<String> = outputs.into_iter().chain(errors).collect();
            assert_eq!(got.join(","), *expected, "{text}");
        }
    });
}

/// `+=` changes the variable alone, whatever it holds and whoever shares it.
#[test]
fn what_is_added_to_a_variable() {
    all(&[
        ("$a = @(); $b = $a; $a += 1; $a += 2, 3; \"$a|$b\"", "1 2 3|"),
        ("$a = 1, 2; $b = $a; $b += 3; \"$a|$b\"", "1 2|1 2 3"),
        ("$a = @(); 1..3 | ForEach-Object { $a += $_ * 2 }; \"$a\"", "2 4 6"),
        ("$a = @(); foreach ($i in 1..3) { $a += , @($i, $i) }; $a.Count", "3"),
        ("function f { $a += 5; $a }; $a = @(1); f; \"$a\"", "1,5,1"),
        ("$a = @(1); $a += Where-Object { $false }; $a += $null; $a.Count", "2"),
        ("$a = 'x'; $a += 'y'; $a += 1; $b = $a; $b += 'z'; $a, $b", "xy1,xy1z"),
        ("$a += 'x'; $a += 'y'; $a", "xy"),
        ("$a = 1; $a += 2.5; $a", "3.5"),
        ("[int]$a = 1; $a += '2'; $a", "3"),
        ("[array]$a = $null; $a += 1; $a += 2; $a.Count", "2"),
        ("[string[]]$a = 'x'; $a += 5; $a[1].GetType().Name; $a.GetType().Name", "String,String[]"),
        ("[int[]]$a = 1; $a += 'x'; $a.Count", "1,InvalidCastFromStringToInteger"),
        ("$a = 'x,y'.Split(','); $a += 5; $a.GetType().Name; $a[2].GetType().Name", "Object[],Int32"),
        ("$a = @(1, 2); $a += $a; \"$a\"", "1 2 1 2"),
        ("$h = @{ A = @(1) }; $h.A += 2; \"$($h.A)\"", "1 2"),
        ("$a = [System.Collections.ArrayList]@(1); $a += 2; $a.GetType().Name", "Object[]"),
        ("$a = @(); $b = ($a += 4); \"$b\"", "4"),
    ]);
}

/// Operators that search an array find what they find in any other list.
#[test]
fn what_an_array_holds() {
    all(&[
        (
            "$a = 'x', 'Y', 3, $null; $a -contains 'y'; $a -ccontains 'y'; $a -contains '3'; $a -contains $null",
            "True,False,True,True",
        ),
        (
            "'y' -in 'x', 'Y'; 'y' -cin 'x', 'Y'; 'y' -notin 'x'; 5 -notin 5, 6; 'x' -in 'X'",
            "True,False,True,False,True",
        ),
        ("(1, 2, 'a') -join '-'; 'a' -join '-'; @() -join '-'", "1-2-a,a,"),
        ("$a = @(); 1..3 | ForEach-Object { if ($a -notcontains ($_ % 2)) { $a += $_ % 2 } }; $a -join ''", "10"),
    ]);
}

/// Blocks that PowerShell runs in the caller's scope set the caller's variables.
#[test]
fn blocks_that_share_variables() {
    all(&[
        ("$t = Measure-Command { $u = 1..4 }; $u.Count; $t.GetType().Name", "4,TimeSpan"),
        ("$n = 0; (1, 2).ForEach({ $n += $_ }); $n", "3"),
        ("$n = 0; $k = (1, 2).Where({ $n += 1; $_ -gt 1 }); \"$n $k\"", "2 2"),
        ("$n = 1; & { $n = 2 }; $n", "1"),
    ]);
}

/// Rule: a parameter holds its type, whichever it is; what cannot become one is refused when the function is called.
#[test]
fn parameters_hold_their_types() {
    all(&[
        ("function f { param([array]$u) $u[0]; $u += 'x'; $u.Count }; f bob; f bob, eve", "bob,2,bob,3"),
        ("function f { param([array]$u) $u += 'x'; $u.Count }; f", "1"),
        (
            "function f { param([xml]$d) $d.a.b }; f '<a><b>5</b></a>'; f '<a'",
            "5,ParameterArgumentTransformationError,f",
        ),
        (
            "function f { param([regex]$r) $r.IsMatch('ab1') }; f '\\d'; f '('",
            "True,ParameterArgumentTransformationError,f",
        ),
        ("function f { param([System.Collections.ArrayList]$l) [void]$l.Add(3); $l.Count }; f (1, 2)", "3"),
        (
            "function f { param([System.Collections.ArrayList]$l) [void]$l.Add(3) }; $a = [System.Collections.ArrayList]@(1); \
             f $a; $a.Count",
            "2",
        ),
        ("function f { param([pscustomobject]$o) $o.A; $o.GetType().Name }; f @{ A = 1 }", "1,PSCustomObject"),
        ("function f { param([psobject]$o) $o.GetType().Name }; f @{ A = 1 }", "Hashtable"),
        (
            "function f { param([DayOfWeek]$d) $d; [int]$d }; f monday; f 2; f x",
            "Monday,1,Tuesday,2,ParameterArgumentTransformationError,f",
        ),
        ("function f { param([char]$c) $c.GetType().Name }; f x; f xy", "Char,ParameterArgumentTransformationError,f"),
        ("function f { param([char[]]$c) $c.Count }; f xyz", "3"),
        ("function f { param([nullable[int]]$n) $null -eq $n; $n }; f; f 5; f $null", "True,,False,5,True,"),
        (
            "function f { param([decimal]$d, [int16]$i, [uint32]$u, [single]$s) \"$d|$i|$u|$s\"; $d.GetType().Name }; f",
            "0|0|0|0,Decimal",
        ),
        (
            "function f { param([Parameter(ValueFromPipeline)][xml]$d) process { $d.a } }; '<a>1</a>', '<a>2</a>' | f",
            "1,2",
        ),
        ("function f { param([version]$v) $v.Major }; f 1.2; f x", "1,ParameterArgumentTransformationError,f"),
    ]);
}

/// Rule: what a parameter's attributes check is checked, with the script's own words where it has them.
#[test]
fn parameters_are_checked() {
    const NO: &str = "ParameterArgumentValidationError,f";
    let cases: &'static [(&'static str, &'static str, &'static str)] = &[
        ("[ValidateRange(1, [int]::MaxValue)][int]$x", "5", "0"),
        ("[ValidateRange(1kb, (2 * 1mb))]$x", "5000", "5"),
        ("[ValidateRange('Positive')][int]$x", "1", "0"),
        ("[ValidateRange('Positive')][double]$x", "0.5", "-0.5"),
        ("[ValidateRange([System.Management.Automation.ValidateRangeKind]::NonNegative)][int]$x", "0", "-1"),
        ("[ValidateRange('Negative')][int]$x", "-1", "0"),
        ("[ValidateRange('NonPositive')][int]$x", "0", "1"),
        ("[ValidateNotNullOrWhiteSpace()][string]$x", "a", "'  '"),
        ("[ValidateNotNullOrWhiteSpace()]$x", "1, 'a'", "'a', ''"),
        ("[ValidateSet('A', 'B')]$x", "a", "c"),
        ("[ValidateSet('A', 'B', IgnoreCase = $false)]$x", "A", "a"),
        ("[ValidatePattern('^a')]$x", "Ab", "b"),
        ("[ValidatePattern('^a', Options = 'None')]$x", "ab", "Ab"),
        ("[ValidateLength(1, [int]::MaxValue)]$x", "a", "''"),
        ("[ValidateCount(1, 2)]$x", "1, 2", "1, 2, 3"),
        ("[ValidateScript({ $_ -gt 1 })]$x", "2", "1"),
    ];
    on_large_stack(move || {
        for (parameter, good, bad) in cases {
            let text = format!("function f {{ param({parameter}) 'ran' }}; f {good}; f {bad}");
            let (outputs, errors) = Shell::new().run(&text, Mode::PowerShell);
            assert_eq!((outputs.join(","), errors.join(",")), ("ran".into(), NO.into()), "{text}");
        }
    });
}

/// Rule: `ErrorMessage` is what is said, with the value and the rule in it.
#[test]
fn a_check_says_what_the_script_says() {
    let cases: &'static [(&'static str, &'static str)] = &[
        ("[ValidateSet('A', 'B', ErrorMessage = '{0} is not of {1}')]$x", "c is not of A,B"),
        ("[ValidatePattern('^a', ErrorMessage = '{0} is not like {1}')]$x", "c is not like ^a"),
        ("[ValidateScript({ $_ -eq 1 }, ErrorMessage = 'no {0} here')]$x", "no c here"),
    ];
    on_large_stack(move || {
        for (parameter, said) in cases {
            let text =
                format!("function f {{ param({parameter}) 'ran' }}; try {{ f c }} catch {{ $_.Exception.Message }}");
            let (outputs, errors) = Shell::new().run(&text, Mode::PowerShell);
            assert!(
                errors.is_empty() && outputs.len() == 1 && outputs[0].contains(said),
                "{text}: {outputs:?} {errors:?}"
            );
        }
    });
}

/// Rule: the types and static members that scripts use do what .NET's do.
#[test]
fn members_of_types() {
    all(&[
        (
            "[datetime]::ParseExact('21.11.2026', 'dd.MM.yyyy', [System.Globalization.CultureInfo]::InvariantCulture).Day",
            "21",
        ),
        (
            "$d = $null; [datetime]::TryParseExact('21.11.2026', 'dd.MM.yyyy', [cultureinfo]::InvariantCulture, \
             [System.Globalization.DateTimeStyles]::None, [ref]$d); $d.Month",
            "True,11",
        ),
        (
            "$d = Get-Date; [datetime]::TryParseExact('x', [string[]]('dd.MM.yyyy', 'd.M.yy'), $null, 'None', [ref]$d); $d.Year",
            "False,1",
        ),
        ("([cultureinfo]'de-DE').Name; [cultureinfo]::GetCultureInfo('en-US').TwoLetterISOLanguageName", "de-DE,en"),
        ("[uri]::EscapeDataString('a b'); [System.Net.WebUtility]::HtmlEncode('<a>')", "a%20b,&lt;a&gt;"),
        (
            "[Environment]::OSVersion.Platform; [Environment]::NewLine.Length; [Environment]::MachineName -ne ''",
            "Unix,1,True",
        ),
        ("([mailaddress]'Eve <eve@litwareinc.com>').Host; 'x' -as [mailaddress]", "litwareinc.com,"),
        (
            "$r = New-Object System.Random 5; $n = $r.Next(1, 7); $n -ge 1 -and $n -le 6; $r.NextDouble() -lt 1",
            "True,True",
        ),
        (
            "[math]::Round(2.5, 0, 1); [math]::Round(-2.7, [MidpointRounding]::ToZero); [math]::Round(2.45, 1, 'AwayFromZero')",
            "3,-2,2.5",
        ),
        ("[math]::Round(2.5, 0); [decimal]::Round(2.345, 2)", "2,2.34"),
        (
            "'a.b.c'.LastIndexOf('.', 2); 'a.b.c'.LastIndexOf('.'); 'a.b.c'.IndexOf('.', 2, 1); 'a.b.c'.IndexOf('.', 2, 2)",
            "1,3,-1,3",
        ),
        (
            "'abcabc'.LastIndexOf('C', 4, [StringComparison]::OrdinalIgnoreCase); 'abcabc'.LastIndexOf('a', 5, 2)",
            "2,-1",
        ),
        (
            "[DateTimeOffset]::FromUnixTimeSeconds(0).Year; [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -gt 1",
            "1970,True",
        ),
        (
            "[System.IO.FileInfo]$f = '/no/such/file.txt'; $f.Name; $f.Exists; $f.DirectoryName",
            "file.txt,False,/no/such",
        ),
        ("[Console]::OutputEncoding = [System.Text.Encoding]::UTF8; [Console]::OutputEncoding.WebName", "utf-8"),
        (
            "try { [System.IO.File]::ReadAllText('/no/such') } catch { $_.Exception.InnerException.GetType().Name }",
            "DirectoryNotFoundException",
        ),
        (
            "$y = New-Object System.Management.Automation.Host.ChoiceDescription '&Yes', 'Do it'; \
          $o = [System.Management.Automation.Host.ChoiceDescription[]]($y, '&No'); $o[0].HelpMessage; $o[1].Label",
            "Do it,&No",
        ),
    ]);
}

/// Rule: a file is read and written as a whole by .NET's names, too.
#[test]
fn files_by_nets_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt").display().to_string();
    let text = format!(
        "$p = '{path}'; [System.IO.File]::Exists($p); [IO.File]::WriteAllLines($p, ('a', 'b')); \
         [IO.File]::AppendAllText($p, 'ä'); [IO.File]::ReadAllLines($p).Count; [IO.File]::ReadAllText($p).Length; \
         [IO.File]::ReadAllBytes($p).Count; [IO.Path]::GetExtension($p); [IO.File]::Delete($p); [IO.File]::Exists($p)"
    );
    on_large_stack(move || {
        let (outputs, errors) = Shell::new().run(&text, Mode::PowerShell);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(outputs.join(","), "False,3,5,6,.txt,False");
    });
}

/// Rule: what cannot be compared is an error of that object alone.
#[test]
fn an_object_that_cannot_be_compared() {
    all(&[(
        "[pscustomobject]@{ A = 5 }, [pscustomobject]@{ A = 'zzz' } | Where-Object A -gt 'abc' | ForEach-Object A",
        "zzz,OperatorFailed,Microsoft.PowerShell.Commands.WhereObjectCommand",
    )]);
}

/// Rule: a function knows how it was called.
#[test]
fn how_a_function_was_called() {
    all(&[
        (
            "function f($a, $b) { $MyInvocation.BoundParameters.Keys -join '+'; $MyInvocation.ScriptLineNumber; $MyInvocation.Line }\nf 1 -b 2",
            "b+a,2,f 1 -b 2",
        ),
        ("function f { [CmdletBinding()] param($a) $PSCmdlet.MyInvocation.BoundParameters['a'] }\nf 7", "7"),
    ]);
    on_large_stack(|| {
        let mut shell = Shell::new();
        let text = "function f { [CmdletBinding(SupportsShouldProcess)] param() \
                    $PSCmdlet.ShouldProcess('Moving Eve', 'Move Eve?', 'Move') }; f -WhatIf; f";
        assert_eq!(shell.run(text, Mode::PowerShell).0, ["False", "True"]);
        assert_eq!(shell.said(), ["What if: Moving Eve"]);
    });
}

/// Rule: a block may read the variable that stands at the head of its own pipeline, wherever the pipeline's value goes.
#[test]
fn a_block_reads_the_head_of_its_pipeline() {
    all(&[
        ("$a = 1, 2; $x = $a | ForEach-Object { $a.Count }; \"$x\"", "2 2"),
        ("$a = 1, 2; if ($a | Where-Object { $a.Count -gt 5 }) { 'y' } else { 'n' }", "n"),
        ("$a = 1..3; $a = $a | Where-Object { $_ -ne $a[0] }; \"$a\"", "2 3"),
        ("$a = 1, 2; ($a | ForEach-Object { $a.Count }).Count", "2"),
        ("$a = 1, 2; $x = ($a) | ForEach-Object { $a.Count }; \"$x\"", "2 2"),
        ("$a = 1, 2; foreach ($i in $a | ForEach-Object { $a.Count }) { $i }", "2,2"),
        ("$l = [System.Collections.ArrayList]@(1, 2); $x = $l | ForEach-Object { $l.Count }; \"$x\"", "2 2"),
        ("$h = @{ n = 1 }; $x = $h.Keys | ForEach-Object { $h[$_] }; $x", "1"),
        (
            "$c = 'a', 'b', 'a'; $d = $c | Where-Object { $n = $_; @($c | Where-Object { $_ -eq $n }).Count -gt 1 }; \"$d\"",
            "a a",
        ),
        (
            "$c = 1, 2, 3, 4; $p = $c | Select-Object @{ n = 'P'; e = { $_ / $c.Count } }; \"$($p.P)\"",
            "0.25 0.5 0.75 1",
        ),
    ]);
}

/// Rule: groups of a match go by name; a command, an error and a message print as PowerShell prints them.
#[test]
fn what_prints_by_its_name() {
    all(&[
        ("[regex]::Match('a1b', '(?<d>\\d)').Groups['d'].Value", "1"),
        ("$m = [regex]::Matches('a1b2', '(?<d>\\d)'); $m[1].Groups['D'].Value, $m[1].Groups['d'].Value", ",2"),
        ("function Get-It { \"[$($MyInvocation.MyCommand)]\" }; Get-It", "[Get-It]"),
        ("try { throw 'no' } catch { ($_ | Out-String).Trim() }", "no"),
        ("(Write-Error 'wrong' 2>&1 | Out-String).Trim()", "Write-Error: wrong"),
        ("(Write-Warning 'w' 3>&1 | Out-String).Trim()", "WARNING: w"),
        ("(Write-Verbose 'v' -Verbose 4>&1 | Out-String).Trim()", "VERBOSE: v"),
        ("(Write-Host 'h' 6>&1 | Out-String).Trim()", "h"),
    ]);
}

/// Rule: sets hold each value once, and lists of a type hold that type.
#[test]
fn sets_and_lists_of_a_type() {
    const SET: &str = "$s = [System.Collections.Generic.HashSet[string]]::new(";
    let cases: &[(&str, &str, &str)] = &[
        (
            "",
            "$s.Add('a'); $s.Add('a'); $s.Add('A'); $s.Count; $s.Contains('b'); $s.Remove('a'); $s.Count",
            "True,False,True,2,False,True,1",
        ),
        ("[StringComparer]::OrdinalIgnoreCase", "$s.Add('a'); $s.Add('A'); $s.Contains('A')", "True,False,True"),
        (
            "[string[]]('x', 'y', 'x')",
            "$s -join '+'; foreach ($v in $s) { $v }; ($s | Measure-Object).Count",
            "x+y,x,y,2",
        ),
        (
            "[string[]]('x', 'y')",
            "$s.ExceptWith([string[]]'x'); $s.UnionWith([string[]]('z', 'y')); $s -join '+'",
            "y+z",
        ),
    ];
    on_large_stack(move || {
        for (made, text, expected) in cases {
            let (outputs, errors) = Shell::new().run(&format!("{SET}{made}); {text}"), Mode::PowerShell);
            assert_eq!((outputs.join(","), errors.join(",")), ((*expected).into(), String::new()), "{made} {text}");
        }
    });
    all(&[
        (
            "$l = [System.Collections.Generic.List[string]]::new(); $l.Add(5); $l[0].GetType().Name; $l.Contains(5)",
            "String,True",
        ),
        ("$l = New-Object 'System.Collections.Generic.List[int]'; $l.Add('7'); $l[0] + 1", "8"),
        ("$l = [Collections.Generic.List[object]]::new(); $l.Add(5); $l[0].GetType().Name", "Int32"),
    ]);
}
