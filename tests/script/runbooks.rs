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
