//! Elements of arrays: where they may be set, and what that costs.

use super::support::Shell;
use reeve::language::Mode;
use std::time::{Duration, Instant};

/// Rule: an element is set wherever the array stands: in functions, blocks, subexpressions, statements that give a
/// value, arrays of the script and of the session, parameters, arrays with a type, inside of other things.
#[test]
fn elements_are_set_wherever_the_array_stands() {
    for (text, expected) in [
        (
            "function F { $l = @('a','b'); for ($i=0; $i -lt $l.Count; $i++) { $l[$i] = $l[$i].ToUpper() }; \"$l\" }; F",
            "A B",
        ),
        ("$a = 0,0,0,0; 0..3 | % { $a[$_] = $_*10 }; \"$a\"", "0 10 20 30"),
        ("$a = 0,0; 0..1 | ForEach-Object { $a[$_]++; $a[$_] += 4 }; \"$a\"", "5 5"),
        ("$a = 1,2; 1 | Where-Object { $a[0] = 9 } | Out-Null; \"$a\"", "9 2"),
        ("$script:a = 1,2,3; function F { $script:a[0] = 100; \"$($script:a[0])\" }; F; \"$a\"", "100|100 2 3"),
        (
            "$global:g = 1,2,3; function F { $global:g[1] += 7; $global:g[2]++; \"$global:g\" }; F; \"$global:g\"",
            "1 9 4|1 9 4",
        ),
        ("Set-Variable v (1,2); function F { $v[0] = 5 }; F; \"$v\"", "5 2"),
        ("function F { $b = 1,2,3; $b[0] += 5; $b[1]++; ++$b[2]; $b[-1] *= 2; \"$b\" }; F", "6 3 8"),
        ("function F($p) { $p[0] = 9; \"$p\" }; F (1,2)", "9 2"),
        ("function F([int[]]$p) { $p[0] = '9'; \"$p\"; $p[0].GetType().Name }; F 1,2", "9 2|Int32"),
        ("function F { [int[]]$k = 1,2; $k[1] = '20'; $k.GetType().Name; \"$k\" }; F", "Int32[]|1 20"),
        (
            "function F { $m = @((1,2),(3,4)); for ($i=0;$i -lt 2;$i++) { $m[$i][1] = 0 }; $m[1][0]++; \"$($m[0]) $($m[1])\" }; F",
            "1 0 4 0",
        ),
        ("$a = 1,2; . { $a[0] = 5 }; \"$a\"", "5 2"),
        ("& { $z = 1,2; $z[-1] = 9; \"$z\" }", "1 9"),
        ("$a = 1,2,3; foreach ($i in 0..2) { try { $a[$i] = $i*2 } catch { } }; \"$a\"", "0 2 4"),
        ("$a = 1,2; $x = if ($true) { $a[0] = 7; 'v' }; \"$x $a\"", "v 7 2"),
        ("$a = 1,2; $x = foreach ($i in 0..1) { $a[$i] = 5; $i }; \"$x $a\"", "0 1 5 5"),
        ("$a = 1,2; \"$( $a[1] = 3; 'z' ) $a\"", "z 1 3"),
        ("function F { $c = 1,2; $c[0], $c[1] = $c[1], $c[0]; \"$c\" }; F", "2 1"),
        ("function F { $c = $null,1; $c[0] ??= 4; \"$c\" }; F", "4 1"),
        ("$h = @{ l = 1,2 }; function F { $h.l[0] = 5 }; F; \"$($h.l)\"", "5 2"),
        (
            "function F { $h = @{}; $h['a'] = 1; $h.b = 1,2; $h.b[1] = 5; $h['b'][0] += 2; \"$($h.a) $($h.b)\" }; F",
            "1 3 5",
        ),
        ("$o = [pscustomobject]@{ l = (1,2),3 }; $o.l[0][1] = 8; \"$($o.l[0]) $($o.l[1])\"", "1 8 3"),
        ("$a = @{ n = 1 }, @{ n = 2 }; 0..1 | % { $a[$_].n += 5 }; \"$($a.n)\"", "6 7"),
        ("$a = 1,2; $b = $a; $b[0] = 9; \"$a\"", "1 2"),
        ("function F { $c = 1,2; try { $c[5] = 1 } catch { 'out' }; \"$c\" }; F", "out|1 2"),
        ("$n = $null; try { $n[0] = 1 } catch { $_.FullyQualifiedErrorId }", "NullArray"),
    ] {
        let (outputs, errors) = Shell::new().run(text, Mode::PowerShell);
        assert!(errors.is_empty(), "{text}: {errors:?}");
        assert_eq!(outputs.join("|"), expected, "{text}");
    }
}

/// Rule: to set, read, add or count elements takes the time of one, however many there are.
#[test]
fn a_loop_over_elements_takes_linear_time() {
    const MANY: u32 = 100_000;
    for body in [
        "$a = @(0) * $n; for ($i = 0; $i -lt $a.Count; $i++) { $a[$i] = $a[$i] + 1 }; $a[$n - 1]",
        "$h = @{ l = @(0) * $n }; for ($i = 0; $i -lt $n; $i++) { $h.l[$i] = 1 }; $h.l[-1]",
        "$m = @((0, 0), (@(0) * $n)); for ($i = 0; $i -lt $n; $i++) { $m[1][$i] = 1 }; $m[1][-1]",
        "$a = @(); for ($i = 0; $i -lt $n; $i++) { $a += 1 }; $a[-1]",
    ] {
        let took = |n: u32| {
            let text = format!("function F($n) {{ {body} }}; F {n}");
            let began = Instant::now();
            let (outputs, errors) = Shell::new().run(&text, Mode::PowerShell);
            assert_eq!((outputs.join("|").as_str(), errors.len()), ("1", 0), "{body}");
            began.elapsed()
        };
        let small = took(MANY / 10).max(Duration::from_millis(20));
        // Linear is ten times as long, the square a hundred times; a busy machine lies between.
        let whole = took(MANY);
        assert!(whole < small * 50, "{body}: {small:?}, then {whole:?}");
    }
}
