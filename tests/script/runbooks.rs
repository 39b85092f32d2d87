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
