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
