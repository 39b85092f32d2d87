//! Members, types, operators with script blocks, filters.

use super::support::Shell;
use reeve::deployment::lab::Temporary;
use reeve::language::Mode;

fn check(mode: Mode, cases: &[(&str, &str)]) {
    for (text, outputs) in cases {
        let (values, errors) = Shell::new().run(text, mode);
        assert_eq!((values.join(" ").as_str(), errors.len()), (*outputs, 0), "{text}: {errors:?}");
    }
}

#[test]
fn rhai_has_the_members_of_what_commands_give() {
    check(
        Mode::Rhai,
        &[
            ("let n = (1..3 | ForEach-Object { $_ }).Count;\n$n", "3"),
            ("let a = 1..3 | ForEach-Object { [pscustomobject]@{N=$_} };\nlet b = a.N;\n$b", "1 2 3"),
            ("let s = (Write-Output 'abc').Length;\n$s", "3"),
            ("let n = (1..3 | Where-Object { $_ -gt 5 }).Count;\n$n", "0"),
            ("let a = [1, 2];\nlet n = a.len();\n$n", "2"),
        ],
    );
}

#[test]
fn methods_of_types_change_variables() {
    check(
        Mode::PowerShell,
        &[
            ("$n = 5; [int]::TryParse('12', [ref]$n); $n; [int]::TryParse('x', [ref]$n); $n", "True 12 False 0"),
            ("$a = 3, 1, 2; [array]::Sort($a); \"$a\"; [array]::Reverse($a); \"$a\"", "1 2 3 3 2 1"),
            ("[int].FullName; [string].Name", "System.Int32 String"),
            ("$a, $b = (1..5).Where({ $_ -gt 3 }, 'Split'); \"$a|$b\"", "4 5|1 2 3"),
            ("('a', 'b').ForEach('ToUpper')", "A B"),
        ],
    );
}

#[test]
fn variables_keep_their_type() {
    check(
        Mode::PowerShell,
        &[
            ("[int]$n = '5'; $n = '7'; $n + 1; $n += '2'; $n", "8 9"),
            ("function Get-It { param([int]$A) $A = '3'; $A + 1 }; Get-It", "4"),
            ("[int]$n = 1; try { $n = 'x' } catch { 'no' }; $n; [string]$n = 5; $n + 1", "no 1 51"),
            ("$o = [pscustomobject]@{ PSTypeName = 'Cs.Role'; A = 1 }; $o.PSObject.TypeNames[0]; $o.A", "Cs.Role 1"),
        ],
    );
    let (values, errors) = Shell::new().run("[int]$n = 1; $n = 'x'; 'after'", Mode::PowerShell);
    assert_eq!((values.join(" ").as_str(), errors.len()), ("after", 1));
}

#[test]
fn blocks_replace_and_split() {
    check(
        Mode::PowerShell,
        &[("'a1b22' -replace '\\d+', { [int]$_.Value * 2 }", "a2b44"), ("'a1b2c' -split { $_ -match '\\d' }", "a b c")],
    );
}

#[test]
fn filters_see_the_variables_of_the_script() {
    let lab = Temporary::new().expect("a lab");
    let mut shell = Shell::on(&lab);
    let text = "$user = Get-CsUser | Select-Object -First 1; $p = $user.RegistrarPool\n\
                $all = @(Get-CsUser | Where-Object RegistrarPool -eq $p).Count; $all -gt 0\n\
                @(Get-CsUser -Filter {RegistrarPool -eq $p}).Count -eq $all\n\
                @(Get-CsUser -Filter {RegistrarPool -eq $user.RegistrarPool -and Enabled -eq $true}).Count -gt 0\n\
                $name = \"O'Nobody\"; @(Get-CsUser -Filter {DisplayName -eq $name}).Count\n\
                @(Get-CsUser -Fi {DisplayName -eq \"$($user.DisplayName)\"}).Count";
    for mode in [Mode::PowerShell, Mode::Rhai] {
        let (values, errors) = shell.run(text, mode);
        assert_eq!((values.join(" ").as_str(), errors.len()), ("True True True 0 1", 0), "{errors:?}");
    }
}

/// Lists take script blocks, arrays are made of a length, and an ordered table takes entries at a place.
#[test]
fn collections_have_what_scripts_use() {
    let list = "$l = [Collections.Generic.List[int]]::new(); 1..6 | % { $l.Add($_) }; ";
    for (text, outputs) in [
        ("$l.Find({ $args[0] -gt 3 })", "4"),
        ("$l.Find({ param($x) $x -gt 3 })", "4"),
        ("$l.FindLast({ $_ -lt 3 })", "2"),
        ("$l.FindAll({ $_ % 2 -eq 0 }) -join ','", "2,4,6"),
        ("$l.FindAll({ $_ -gt 9 }).Count", "0"),
        ("$l.FindIndex({ $_ -eq 3 }); $l.FindLastIndex({ $_ -lt 3 }); $l.FindIndex({ $_ -eq 9 })", "2 1 -1"),
        ("$l.Exists({ $_ -eq 9 }); $l.TrueForAll({ $_ -lt 9 })", "False True"),
        ("$l.RemoveAll({ $_ -gt 2 }); \"$l\"", "4 1 2"),
        ("$l.ConvertAll({ $_ * 2 }) -join ','", "2,4,6,8,10,12"),
        ("$l.Sort({ $args[1] - $args[0] }); \"$l\"", "6 5 4 3 2 1"),
        ("$l.GetRange(1, 2) -join ','; $l.RemoveRange(0, 4); \"$l\"", "2,3 5 6"),
        ("$l.InsertRange(1, (8, 9)); \"$l\"; $l.LastIndexOf(9)", "1 8 9 2 3 4 5 6 2"),
        ("try { $l.GetRange(5, 2) } catch { 'out of range' }", "out of range"),
        ("$a = [int[]]::new(3); \"$a\"; $a.Length; $a.GetType().Name", "0 0 0 3 Int32[]"),
        ("$a = New-Object int[] 2; \"$a\"; (New-Object string[] 3).Count; [bool[]]::new(1)", "0 0 3 False"),
        ("$a = New-Object 'object[]' 2; $null -eq $a[1]", "True"),
        (
            "$o = [ordered]@{a=1;c=3}; $o.Insert(1, 'b', 2); $o.Keys -join ''; $o.RemoveAt(0); $o.Keys -join ''",
            "abc bc",
        ),
        ("try { ([ordered]@{a=1}).Insert(5, 'b', 2) } catch { 'out of range' }", "out of range"),
    ] {
        check(Mode::PowerShell, &[(&format!("{list}{text}"), outputs)]);
    }
}
