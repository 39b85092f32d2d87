//! Constructs of PowerShell that are not there: each is named once, before anything runs, and shows the way here.

use super::found;
use crate::cli::program::Place;
use reeve::error::Severity;
use reeve::language::Mode;

/// A construct, the text that the diagnostic points at, a word of the way that it shows.
const CONSTRUCTS: &[(&str, &str, &str)] = &[
    ("filter F { $_ }", "filter", "function"),
    ("class C { [int]$A }", "class", "pscustomobject"),
    ("enum E { A; B }", "enum", "ValidateSet"),
    ("using namespace System.Text", "using", "import"),
    ("trap { 'x' }", "trap", "try"),
    ("workflow W { 1 }", "workflow", "function"),
    ("data { 'a' }", "data", "const"),
    (". ./lib.ps1", ".", "import"),
    ("Invoke-Expression 'Get-CsPool'", "Invoke-Expression", "& $name"),
    ("iex 'Get-CsPool'", "iex", "& $name"),
    ("Add-Type -AssemblyName System.Web", "Add-Type", "function"),
    ("Invoke-Command -ComputerName a { 1 }", "Invoke-Command", "connect"),
    ("Enter-PSSession a", "Enter-PSSession", "connect"),
    ("$s = New-PSSession a", "New-PSSession", "connect"),
    ("Import-PSSession $Host", "Import-PSSession", "connect"),
    ("$env:PATH = 'x'", "$env:PATH", ""),
    ("New-Object 'object[,]' 2, 3", "'object[,]'", "array of arrays"),
    ("[int[,]]$x = 1, 2", "[int[,]]", "array of arrays"),
    ("$x = [int[,]]::new(2, 3)", "[int[,]]", "array of arrays"),
    ("[scriptblock]::Create('1')", "[scriptblock]::Create", "{"),
    ("New-Object -ComObject Excel.Application", "-ComObject", "Export-Csv"),
    ("New-Object System.Net.WebClient", "System.Net.WebClient", ""),
    ("[System.Net.Dns]::GetHostName()", "[System.Net.Dns]", ""),
    ("Write-Output ([ref]$x)", "[ref]$x", "hashtable"),
    ("Get-CsPool &", "&", ""),
];

/// Rule: a construct that is not there is one error with a place and a way, for each place where it stands.
#[test]
fn each_construct_is_named_with_the_way_here() {
    let mut wrong = Vec::new();
    for (text, at, way) in CONSTRUCTS {
        let (_, found) = reeve::check::check(text, Mode::PowerShell, &reeve::cmdlet::registry::Registry::default());
        let errors: Vec<_> = found.iter().filter(|d| d.severity == Severity::Error).collect();
        let good = match errors.as_slice() {
            [one] => {
                let hint = one.hint.clone().unwrap_or_default();
                one.span.of(text) == *at && !hint.is_empty() && hint.contains(way)
            }
            _ => false,
        };
        if !good {
            wrong.push(format!("{text}: {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: a script that uses one does nothing before it says so.
#[test]
fn nothing_runs_before_it_is_said() {
    let ran =
        Place::empty().run_with(&["run", "-"], "Write-Output 'ran'\n. ./lib.ps1\n").fails(2, "UnsupportedConstruct");
    assert!(!ran.out.contains("ran"), "{}", ran.out);
}

/// Rule: what a variable holds that was given what Get-Command found is as good a guard as the question itself.
#[test]
fn answers_in_variables_guard() {
    let asked = "$have = Get-Command Get-Nothing1 -ErrorAction SilentlyContinue\n";
    for (text, stops) in [
        ("if ($have) { Get-Nothing1 }", false),
        ("if ($null -ne $have) { Get-Nothing1 }", false),
        ("if (-not $have) { return }\nGet-Nothing1", false),
        ("if ($other) { Get-Nothing1 }", true),
        ("Get-Nothing1", true),
    ] {
        let found = found(&format!("$other = 1\n{asked}{text}"));
        let severe =
            found.iter().any(|(id, _, severity)| id == "CommandNotFoundException" && *severity == Severity::Error);
        assert_eq!(severe, stops, "{text}: {found:?}");
    }
}

/// Rule: a catch that takes nothing is warned of, with what was probably meant.
#[test]
fn catches_of_what_is_never_thrown() {
    for (kind, warned) in [
        ("DivideByZeroException", false),
        ("System.Net.WebException", false),
        ("System.Management.Automation.ErrorRecord", false),
        ("Exception", false),
        ("DividByZeroException", true),
        ("Microsoft.Some.Module.OtherException", true),
    ] {
        let found = found(&format!("try {{ 1 }} catch [{kind}] {{ 2 }}"));
        assert_eq!(found.iter().any(|(id, ..)| id == "TypeNotFound"), warned, "{kind}: {found:?}");
        assert!(found.iter().all(|(.., severity)| *severity == Severity::Warning), "{kind}");
    }
}

/// Rule: a file that is not read is told once, not for each function of it; programs and files of scripts are told apart
/// from misspelt names.
#[test]
fn files_that_are_not_read_are_told_once() {
    for (text, expected) in [
        (". ./lib.ps1\nGet-State\nGet-Other 5\nGet-State", vec![("UnsupportedConstruct", ".", "Get-State, Get-Other")]),
        (
            "Import-Module ./m1.psm1; Get-State; Set-State 5",
            vec![("CommandNotFoundException", "Get-State", "./m1.psm1")],
        ),
        (
            "Import-Module Lync; Get-State; Set-State 5",
            vec![("CommandNotFoundException", "Get-State", ""), ("CommandNotFoundException", "Set-State", "")],
        ),
        ("ipconfig /all", vec![("CommandNotFoundException", "ipconfig", "start no programs")]),
        ("& ./lib.ps1", vec![("CommandNotFoundException", "./lib.ps1", "reeve run FILE")]),
        ("notepad.exe x.txt", vec![("CommandNotFoundException", "notepad.exe", "start no programs")]),
    ] {
        let (_, found) = reeve::check::check(text, Mode::PowerShell, &reeve::cmdlet::registry::Registry::default());
        let found: Vec<_> = found.into_iter().filter(|d| d.severity == Severity::Error).collect();
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for (diagnostic, (id, at, hint)) in found.iter().zip(expected) {
            assert_eq!((&*diagnostic.id, diagnostic.span.of(text)), (id, at), "{text}");
            assert!(diagnostic.hint.as_deref().unwrap_or_default().contains(hint), "{text}: {diagnostic:?}");
        }
    }
}
