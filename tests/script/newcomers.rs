//! What a second stranger tried: scopes, errors and maps where PowerShell and Rhai meet.

use super::strangers::all;
use super::support::Shell;
use reeve::language::Mode;

/// Rule: what a block behind a dot sets are its caller's variables, whoever else sets them, and held in a variable too;
/// behind `&` they are its own.
#[test]
fn a_dot_shares_the_scope() {
    all(
        Mode::PowerShell,
        &[
            ("$g = 1; . { $g = 2 }; \"a $g\"; function Inner { $script:g++ }; & { $g = 7 }", "a 2"),
            ("function Inc { $e++; $script:e += 10 }\n$e = 0; Inc; . { $e = 5 }; $e", "5"),
            ("$o = 1; $sb = { $o = 40 }; . $sb; $o", "40"),
            ("$o = 1; $sb = { $o = 40 }; & $sb; $o; . $sb; $o", "1|40"),
            ("$setup = { $script:c = 1; $y = 2 }; . $setup; \"$c $y\"", "1 2"),
            ("function F { $sb = { $n = 4 }; . $sb; $n }\nF; \"<$n>\"", "4|<>"),
            ("$sb = { param($a) $n += $a }; $n = 1; . $sb 2; . $sb 3; $n", "6"),
        ],
    );
}

/// Rule: a bare `throw` outside a handler is an error of its own, and `$_` is what it was where a handler was left by another
/// error or by `return`.
#[test]
fn handlers_give_back_what_they_took() {
    all(
        Mode::PowerShell,
        &[
            (
                "try { try { throw 'a' } catch { throw 'o' } } catch { \"$_\" }\n\"[$_]\"\ntry { throw } catch { $_.FullyQualifiedErrorId }",
                "o|[]|ScriptHalted",
            ),
            ("function F { try { throw 'z' } catch { return 5 } }\nF; \"<$_>\"", "5|<>"),
            ("1..2 | ForEach-Object { try { try { throw 'x' } catch { throw 'y' } } catch { }; $_ }", "1|2"),
            ("try { throw 'a' } catch { try { throw 'b' } catch { }; \"$_\" }", "a"),
        ],
    );
}

/// Runs texts of Rhai and compares what they print, and their errors.
fn printed(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let mut shell = Shell::new();
        let (_, errors) = shell.run(text, Mode::Rhai);
        let all: Vec<String> = shell.said().into_iter().chain(errors.into_iter().map(|id| format!("!{id}"))).collect();
        assert_eq!(all.join("|"), *expected, "{text}");
    }
}

/// Rule: a map that went through a command is still a map for Rhai.
#[test]
fn maps_stay_maps() {
    printed(&[
        (
            "let m = #{N: 2, A: 1}; let r = [m] | Where-Object N -gt 1; let k = r.keys(); k.sort(); print(k[0] + k[1] + k.len);",
            "AN2",
        ),
        (
            "let m = #{N: 2}; let q = [m] | Select-Object -First 1; print(q == m); print(q == #{N: 3}); print(m != q);",
            "true|false|false",
        ),
        (
            "let s = [#{N: 2}, #{N: 1}].Sort_Object(\"N\"); print(\"N\" in s[0]); print(\"Q\" in s[0]); print(s[0].len());",
            "true|false|1",
        ),
        (
            "let s = [#{N: 2}] | ForEach-Object { $_ }; s.remove(\"N\"); print(s.is_empty()); print(s == #{});",
            "true|true",
        ),
        ("let s = [#{N: [1, #{x: 2}]}] | ForEach-Object { $_ }; print(s == #{N: [1, #{x: 2}]});", "true"),
        ("let s = [#{N: 2}] | ForEach-Object { $_ }; let v = s.values(); print(v[0]);", "2"),
    ]);
}

/// Rule: a function of the script is a command for plain Rhai too, by its Rhai name.
#[test]
fn own_functions_have_a_rhai_name() {
    let function = "function Get-Foo { param([int]$N = 2) $N * 3 }\n";
    for (text, expected) in [
        ("let x = Get_Foo(#{N: 4}); print(x);", "12"),
        ("print(Get_Foo());", "6"),
        ("let y = Get_Foo(5); print(y);", "15"),
    ] {
        printed(&[(&format!("{function}{text}"), expected)]);
    }
}

/// Rule: -AutoSize takes the widths from the values, whatever the view of their type says.
#[test]
fn auto_size_fits_views() {
    let cases = [("@{abc=1} | Format-Table -AutoSize | Out-String", "\nName Value\n---- -----\nabc  1\n\n")];
    all(Mode::PowerShell, &cases);
}

/// Rule: objects of .NET that scripts make with several arguments are what .NET makes.
#[test]
fn constructors() {
    all(
        Mode::PowerShell,
        &[
            (
                "[datetime]::new(2024,1,2,3,4,5,[System.DateTimeKind]::Utc).ToString('o')",
                "2024-01-02T03:04:05.0000000Z",
            ),
            ("[datetime]::new(2024,1,2,3,4,5,6,'Utc').ToString('o')", "2024-01-02T03:04:05.0060000Z"),
            ("[datetime]::new(2024,1,2,3,4,5,6).Kind", "Unspecified"),
            ("[datetime]::new(0,[DateTimeKind]::Utc).Kind", "Utc"),
            ("$q = [pscustomobject]@{a=1}; $q.PSObject.Properties.Add([psnoteproperty]::new('c',3)); $q.c", "3"),
            (
                "$q = [pscustomobject]@{a=1}\n$q.PSObject.Properties.Add((New-Object System.Management.Automation.PSNoteProperty 'c',3))\n\"$q\"",
                "@{a=1; c=3}",
            ),
            (
                "try { [math]::Abs([long]::MinValue) } catch { $_.Exception.GetType().Name }",
                "MethodInvocationException",
            ),
        ],
    );
}
