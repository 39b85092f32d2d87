//! Rules of PowerShell's beside those that the oracle's cases name: each row is a text and the texts that it puts out.

use super::support::Shell;
use reeve::language::Mode;

fn check(rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        let (outputs, errors) = Shell::new().run(text, Mode::PowerShell);
        let all: Vec<String> = outputs.into_iter().chain(errors.into_iter().map(|id| format!("!{id}"))).collect();
        assert_eq!(all.join(" "), *expected, "{text}");
    }
}

#[test]
fn script_blocks_have_named_blocks_and_scopes() {
    check(&[
        ("1..3 | & { begin { 'b' } process { $_ * 2 } end { 'e' } }", "b 2 4 6 e"),
        ("1..2 | & { param($f) process { $_ * $f } } 5", "5 10"),
        ("$x = 1; . { $x = 2; $y = 3 }; $x; $y", "2 3"),
        ("$x = 1; & { $x = 2 }; $x", "1"),
        ("function p { process { \"p$_\" } }; 1,2 | p", "p1 p2"),
        ("function i { $input | ForEach-Object { $_ * 2 } }; 1,2 | i", "2 4"),
        ("$x = 1; function s { $x = 2; $script:x = 3; $x }; s; $x", "2 3"),
        ("1..2 | ForEach-Object -Parallel { $_ * 2 } | Sort-Object", "2 4"),
    ]);
}

#[test]
fn variables_are_found_by_their_names() {
    check(&[
        ("$a1 = 1; $a2 = 2; Get-Variable a? -ValueOnly", "1 2"),
        ("foreach ($i in 1..2) { Set-Variable \"v$i\" $i }; $v2", "2"),
        ("function f { $x = 2; Get-Variable x -ValueOnly; $global:x = 9 }; $x = 1; f; $x", "2 9"),
        ("Set-Variable r 1 -Option ReadOnly; $r = 2", "!VariableNotWritable"),
        ("$x = 1; Remove-Variable x; $null -eq $x", "True"),
        (
            "New-Variable q 1; New-Variable q 2",
            "!VariableAlreadyExists,Microsoft.PowerShell.Commands.NewVariableCommand",
        ),
        ("$x = 1; 1..2 | Tee-Object -Variable x | Out-Null; $x.Count", "2"),
    ]);
}

#[test]
fn casts_leave_their_types() {
    check(&[
        ("[int][char]'A'; [char]'a' + 1; [char]'a' + 'b'; ('abc'[0]).GetType().Name", "65 98 ab Char"),
        ("'a'..'c' -join ','; 'abc'.ToCharArray() -contains 'B'", "a,b,c True"),
        ("([long]5).GetType().Name; (1u).GetType().Name; 5L -is [int]", "Int64 UInt32 False"),
        ("'a b'.Split(' ').GetType().Name; ([string[]](1,2)).GetType().Name", "String[] String[]"),
    ]);
}

#[test]
fn errors_have_their_exceptions() {
    check(&[
        ("try { throw [System.IO.FileNotFoundException]::new('f') } catch [System.IO.IOException] { 'io' }", "io"),
        ("try { 1/0 } catch { $_.Exception.InnerException.GetType().Name }", "DivideByZeroException"),
        ("try { 'a'.Substring(5) } catch { $_.Exception.GetType().Name }", "MethodInvocationException"),
        ("function g { throw 'in g' }; try { g } catch { $_.FullyQualifiedErrorId }", "in g"),
        (
            "try { Write-Error 'm' -EA Stop } catch { \"$($_.CategoryInfo)\" }",
            "NotSpecified: (:) [Write-Error], WriteErrorException",
        ),
        ("$ErrorActionPreference = 'SilentlyContinue'; 1/0; 'on'", "on"),
    ]);
}

#[test]
fn types_that_scripts_name() {
    check(&[
        ("[Nullable[int]]$n = $null; $null -eq $n; [Nullable[int]]'5' + 1", "True 6"),
        ("function f { param([Nullable[datetime]]$At) $null -eq $At }; f", "True"),
        (
            "$d = New-Object 'System.Collections.Generic.Dictionary[string,int]'; $d.Add('a', 1); $d['a']; $d.ContainsKey('b')",
            "1 False",
        ),
        (
            "$OFS = '-'; $a = 1,2; \"$a\"; [string]$a; \"$(3..5)\"; 1,2 | ForEach-Object { \"<$_>\" }",
            "1-2 1-2 3-4-5 <1> <2>",
        ),
    ]);
}

#[test]
fn blanks_around_the_values_of_a_csv() {
    check(&[
        ("$r = 'A, B', '1, x y ' | ConvertFrom-Csv; \"[$($r.A)][$($r.B)]\"", "[1][x y ]"),
        ("$r = 'A,B', '\"a \" ,\" b\"' | ConvertFrom-Csv; \"[$($r.A)][$($r.B)]\"", "[a ][ b]"),
        ("$r = \"A`tB\", \"1`t\" | ConvertFrom-Csv -Delimiter \"`t\"; \"[$($r.A)][$($r.B)]\"", "[1][]"),
    ]);
}

#[test]
fn expressions_say_whether_they_went_well() {
    check(&[
        ("Write-Error x -EA SilentlyContinue; $false && 'still'", "False still"),
        ("Write-Error x -EA Ignore; 'a'; $?", "a True"),
        ("Write-Error x -EA Ignore; $x = 5; $?", "True"),
        ("Write-Error x -EA Ignore; (1); $?", "1 True"),
        ("Write-Error x -EA Ignore; if ($true) {}; $?", "False"),
        ("1 && 2 || 3", "1 2"),
    ]);
}

#[test]
fn types_and_targets() {
    check(&[
        ("$OFS = '-'; $a = 1,2; \"$a\"; [string]$a; $OFS = $null; \"$a\"", "1-2 1-2 1 2"),
        ("($p, $q) = 1, 2; $q", "2"),
        ("[int[]]$t = 1, 2; $t[0] = '9'; $t[0].GetType().Name", "Int32"),
        ("(1, 2).ForEach([string])[0].GetType().Name", "String"),
        ("[int]::TryParse('5', [ref]$null); [float]1.1; [math]::Clamp(7, 1, 5)", "True 1.1 5"),
        ("[regex]::Replace('abc', 'b', { param($m) $m.Value * 2 })", "abbc"),
        ("$h = [ordered]@{c=3}; $h.Insert(0,'z',0); $h.Keys; $h.RemoveAt(0); $h.Keys", "z c c"),
        ("'abc'.IndexOfAny('cb')", "1"),
        ("try { [convert]::ToInt32('x') } catch { $_.FullyQualifiedErrorId }", "FormatException"),
    ]);
}

#[test]
fn functions_take_what_they_declare() {
    check(&[
        (
            "function vs { param([ValidateScript({ $_ -gt 1 })]$n) \"n$n\" }; vs 2; vs 1",
            "n2 !ParameterArgumentValidationError,vs",
        ),
        ("function ka { $args.Count }; ka -a 1; ka -Name x y", "2 3"),
        ("function sw { param([switch]$u) $u.IsPresent }; sw -u; sw", "True False"),
        ("$sb = { 's' }; . $sb", "s"),
        (
            "try { Write-Error -Exception ([System.ArgumentException]::new('ae')) -EA Stop } \
             catch [System.ArgumentException] { 'typed' }",
            "typed",
        ),
        ("& { 'o'; Write-Warning 'w' } *>&1 | Measure-Object | ForEach-Object Count", "2"),
    ]);
}

/// What scripts catch where a file is not to be had.
#[test]
fn files_have_the_exceptions_of_dotnet() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (here, below) = (at("no.csv"), at("no/such.csv"));
    let missing = format!("try {{ Import-Csv {here} }} catch [System.IO.FileNotFoundException] {{ 'file' }}");
    let folders = format!("try {{ 1 | Out-File {below} }} catch [System.IO.DirectoryNotFoundException] {{ 'folder' }}");
    let csv = format!("try {{ 1 | Export-Csv {below} }} catch [System.IO.IOException] {{ 'io' }}");
    let item = format!(
        "try {{ Get-Content {here} -EA Stop }} catch [System.Management.Automation.ItemNotFoundException] {{ 'item' }}"
    );
    let set = format!("try {{ Set-Content {below} x -EA Stop }} catch [System.IO.IOException] {{ 'set' }}");
    let written = format!("try {{ 1 | Out-File {} }} catch [System.UnauthorizedAccessException] {{ 'no' }}", at(""));
    check(&[
        (&missing, "file"),
        (&folders, "folder"),
        (&csv, "io"),
        (&item, "item"),
        (&set, "set"),
        (&written, "no"),
        (
            "try { Get-Item C:\\x -EA Stop } catch [System.Management.Automation.DriveNotFoundException] { 'drive' }",
            "drive",
        ),
        (
            "try { Get-Item C:\\x -EA Stop } catch { $_.FullyQualifiedErrorId }",
            "DriveNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
        ),
    ]);
}

/// Patterns of parameters are .NET's.
#[test]
fn patterns_of_parameters_are_dotnets() {
    let refused = "!ParameterArgumentValidationError,f";
    check(&[
        ("function f { param([ValidatePattern('^(?<a>\\d)\\k<a>$')]$x) $x }; f 11; f 12", &format!("11 {refused}")),
        (
            "function f { param([ValidatePattern('\\A[a-z-[aeiou]]+\\z')]$x) $x }; f bcd; f abc",
            &format!("bcd {refused}"),
        ),
        ("'ab1' | Select-String '\\A[a-z-[c]]+' | ForEach-Object { $_.Matches[0].Value }", "ab"),
        ("'x' | Select-String '('", "!InvalidRegex,Microsoft.PowerShell.Commands.SelectStringCommand"),
    ]);
}

/// `$FormatEnumerationLimit` says how many elements of a list a cell shows, where it is set and no further.
#[test]
fn lists_are_shown_as_far_as_is_said() {
    let shown = "([pscustomobject]@{ A = 1..6 } | Format-List | Out-String).Trim()";
    check(&[
        (shown, "A : {1, 2, 3, 4\u{2026}}"),
        (&format!("$FormatEnumerationLimit = -1; {shown}"), "A : {1, 2, 3, 4, 5, 6}"),
        (&format!("$FormatEnumerationLimit = 1; {shown}; $FormatEnumerationLimit"), "A : {1\u{2026}} 1"),
        (
            &format!("function f {{ $FormatEnumerationLimit = 2; {shown} }}; f; {shown}"),
            "A : {1, 2\u{2026}} A : {1, 2, 3, 4\u{2026}}",
        ),
        ("$FormatEnumerationLimit", "4"),
    ]);
}

/// How scripts begin: accepted, and nothing happens; a module's file is an error.
#[test]
fn what_scripts_begin_with_is_accepted() {
    let not_loaded = "!Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand";
    check(&[
        (
            "Set-ExecutionPolicy RemoteSigned -Scope Process -Force; Add-PSSnapin X; Set-StrictMode -Version 3; 'on'",
            "on",
        ),
        ("Import-Module Lync -MinimumVersion 1.0 -Scope Global -DisableNameChecking; Remove-Module Lync; 'on'", "on"),
        ("(Import-Module Lync -PassThru).Name; 'SkypeForBusiness' | Import-Module -Function a,b", "Lync"),
        ("Import-Module ./lib.psm1", not_loaded),
        ("Import-Module C:\\lib\\tools", not_loaded),
        ("(Get-Location).Path -eq $PWD; (gl).Path -eq \"$(pwd)\"", "True True"),
        ("(Test-Path $PWD.Path); \"$($PWD.Path)\" -eq \"$PWD\"", "True True"),
        ("(Get-Command -Module Lync -Name Get-CsPool).Source; Get-Command -Module Nothing", "SkypeForBusiness"),
        ("(Get-Command Get-ChildItem).Source", "Microsoft.PowerShell.Management"),
    ]);
}

/// Blocks where PowerShell takes them, and what a hashtable cannot hold.
#[test]
fn objects_are_measured_and_grouped() {
    check(&[
        ("('a','bcd' | Measure-Object { $_.Length * 2 } -Sum -Maximum).Sum", "8"),
        ("(1..3 | Measure-Object { $null } -Sum).Count", "0"),
        ("(1..3 | Measure-Object -Property { $_ }, { $_ * 10 } -Sum | ForEach-Object Sum) -join ','", "6,60"),
        ("$h = 'a','A' | Group-Object -AsHashTable; $h['a'].Count", "2"),
        (
            "'a','A' | Group-Object -AsHashTable -CaseSensitive",
            "!KeysWithDifferentCasing,Microsoft.PowerShell.Commands.GroupObjectCommand",
        ),
        ("$h = 'a','B' | Group-Object -AsHashTable -CaseSensitive; $h['b'].Count", "1"),
        ("('{\"d\":\"2026-11-21T08:35:00Z\"}' | ConvertFrom-Json -DateKind String).d", "2026-11-21T08:35:00Z"),
        ("('{\"d\":\"2026-11-21T08:35:00\"}' | ConvertFrom-Json -DateKind Utc).d.Kind", "Utc"),
    ]);
}

/// -Encoding is a name of PowerShell's, one of the web's, or the number of a code page, never a place in a list.
#[test]
fn encodings_have_names_and_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("e.txt").display().to_string();
    let through = |encoding: &str| {
        format!(
            "'\u{e9}' | Set-Content {at} -Encoding {encoding}; Get-Content {at} -Encoding {encoding}; (Get-Item {at}).Length"
        )
    };
    let refused = |value: &str| format!("1 | Out-File {at} -Encoding {value}");
    let error = "!CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.OutFileCommand";
    for (encoding, expected) in [
        ("ansi", "\u{e9} 2"),
        ("OEM", "\u{e9} 2"),
        ("1252", "\u{e9} 2"),
        ("850", "\u{e9} 2"),
        ("28591", "\u{e9} 2"),
        ("utf8", "\u{e9} 3"),
        ("BigEndianUTF32", "\u{e9} 12"),
        ("windows-1252", "\u{e9} 2"),
    ] {
        check(&[(&through(encoding), expected)]);
    }
    check(&[(&refused("5"), error), (&refused("Byte"), error), (&refused("utf7"), error)]);
}
