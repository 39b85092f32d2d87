//! Functions that work like cmdlets, and the parameters of scripts.

use super::support::Shell;
use reeve::error::Halt;
use reeve::language::Mode;

/// Outputs, what was said besides, and ids of errors, each in one line.
fn run(text: &str, args: &[&str]) -> (String, String, String) {
    let mut shell = Shell::new();
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_string()).collect();
    let result = shell.engine.run("test.ps1", text, Mode::PowerShell, &args);
    let mut errors = shell.errors();
    if let Err(Halt::Error(error)) = &result {
        errors.push(error.fully_qualified_id());
    }
    (shell.outputs().join(" "), shell.said().join("; "), errors.join(" "))
}

const SET: &str = "function Set-It { [CmdletBinding(SupportsShouldProcess)] param([string]$Name, [int]$By = 1) \
                   if ($PSCmdlet.ShouldProcess($Name, 'Change')) { \"done $Name $By\" } }\n";

#[test]
fn functions_ask_before_they_change() {
    let said = "What if: Performing the operation \"Change\" on target \"a\".";
    for (text, outputs, what_if, errors) in [
        ("Set-It a -By 2", "done a 2", "", ""),
        ("Set-It a -WhatIf", "", said, ""),
        ("$WhatIfPreference = $true; Set-It a", "", said, ""),
        ("Set-It a -Confirm", "", "", "PromptNotAvailable,Set-It"),
        ("Set-It a -Confirm:$false", "done a 1", "", ""),
        ("Set-It -Nope 1", "", "", "NamedParameterNotFound,Set-It"),
        // What it is told reaches the commands that it calls, and not those that follow.
        (
            "function Set-All { [CmdletBinding(SupportsShouldProcess)] param() Set-It a; 'out' }; Set-All -WhatIf | ForEach-Object { Set-It b }",
            "done b 1",
            said,
            "",
        ),
        (
            "function Get-Quiet { [CmdletBinding()] param() Write-Error 'x'; 'in' }; Get-Quiet -ErrorAction SilentlyContinue; $ErrorActionPreference",
            "in Continue",
            "",
            "",
        ),
        (
            "function Get-Strict { $ErrorActionPreference = 'Stop'; Write-Error 'x'; 'in' }; try { Get-Strict } catch { 'caught' }; $ErrorActionPreference",
            "caught Continue",
            "",
            "",
        ),
    ] {
        let result = run(&format!("{SET}{text}"), &[]);
        assert_eq!(result, (outputs.into(), what_if.into(), errors.into()), "{text}");
    }
}

#[test]
fn functions_know_what_was_bound() {
    for (text, outputs) in [
        (
            "function Get-Bound { param($A, $B = 2) $PSBoundParameters.Keys; $PSBoundParameters.ContainsKey('B') }; Get-Bound -A 1",
            "A False",
        ),
        (
            "function Get-In { param($A, $B) \"$A-$B\" }; function Get-Out { param($A, $B) [void]$PSBoundParameters.Remove('A'); Get-In @PSBoundParameters }; Get-Out -A 1 -B 2",
            "-2",
        ),
        (
            "function Get-Set { [CmdletBinding(DefaultParameterSetName='One')] param([Parameter(ParameterSetName='One')]$A, [Parameter(ParameterSetName='Two')]$B) $PSCmdlet.ParameterSetName }; Get-Set -B 1; Get-Set",
            "Two One",
        ),
        ("function Get-Name { $MyInvocation.MyCommand.Name }; Get-Name", "Get-Name"),
        ("function Get-Deep { param($A) 1..2 | ForEach-Object { $PSBoundParameters.Count } }; Get-Deep -A 1", "1 1"),
    ] {
        let result = run(text, &[]);
        assert_eq!(result, (outputs.into(), String::new(), String::new()), "{text}");
    }
}

#[test]
fn scripts_have_parameters() {
    let param = "param([Parameter(Mandatory)][string]$Path, [switch]$Force, [int]$Count = 3, [ValidateSet('a', 'b')][string]$Kind = 'a')\n\
                 \"$Path $Force $($Count + 1) $Kind\"";
    for (args, outputs, errors) in [
        (&["-Path", "p"][..], "p False 4 a", ""),
        (&["p", "-Force", "-Count", "5"], "p True 6 a", ""),
        (&["-Pa", "p", "-Force:$false", "-Count:7"], "p False 8 a", ""),
        (&["-Path", "p", "-Kind", "b", "-Verbose"], "p False 4 b", ""),
        (&[], "", "MissingMandatoryParameter,test.ps1"),
        (&["p", "-Nope", "1"], "", "NamedParameterNotFound,test.ps1"),
        (&["p", "-Count", "many"], "", "ParameterArgumentTransformationError,test.ps1"),
        (&["p", "-Kind", "c"], "", "ParameterArgumentValidationError,test.ps1"),
    ] {
        let result = run(param, args);
        assert_eq!(result, (outputs.into(), String::new(), errors.into()), "{args:?}");
    }
    // Nothing ran: the exit code is that of a wrong command line.
    let mut shell = Shell::new();
    assert!(shell.engine.run("test.ps1", param, Mode::PowerShell, &[]).is_err());
    assert_eq!(shell.engine.session().exit_code(), 2);
    assert_eq!(run("\"$($args.Count) $($args[1])\"", &["x", "-y"]).0, "2 -y");
    let text = "[CmdletBinding(SupportsShouldProcess)] param($Name) if ($PSCmdlet.ShouldProcess($Name)) { 'did' }";
    assert_eq!(run(text, &["a"]).0, "did");
    assert_eq!(run(text, &["a", "-WhatIf"]).0, "");
}

/// Rule: a script of named blocks runs each of them once, in order, on the script's variables; `return` leaves one block.
#[test]
fn a_script_of_named_blocks() {
    for (text, outputs, errors) in [
        (
            "param($N = 1)\nBegin\n{ $x = $N; return; 'no' }\nProcess { $x += 1; function Get-It { 'it' } } End { \"x $x\"; Get-It }",
            "x 2 it",
            "",
        ),
        ("end { 'only' }", "only", ""),
        ("process { [string]::IsNullOrEmpty($_) }", "true", ""),
        ("begin { 1 }\n'beside'", "", "UnexpectedToken"),
        ("end { 1 }\nbegin { 2 }", "", "UnexpectedToken"),
    ] {
        let (out, _, failed) = run(text, &[]);
        assert_eq!((out.to_lowercase().as_str(), failed.split(',').next().unwrap_or("")), (outputs, errors), "{text}");
    }
}

/// Rule: a script knows its own file, its folder and its name, within a function too; a function knows its name.
#[test]
fn a_script_knows_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("where.ps1");
    let text = "param($A)\nfunction Get-Name { $MyInvocation.MyCommand.Name; Split-Path -Leaf $script:MyInvocation.MyCommand.Path }\n\
                Get-Name; $MyInvocation.MyCommand.Name\n(Split-Path -Parent $MyInvocation.MyCommand.Definition) -eq $PSScriptRoot\n\
                $PSCommandPath -eq (Join-Path $PSScriptRoot 'where.ps1')\nTest-Path $PSCommandPath";
    std::fs::write(&file, text).unwrap();
    let mut shell = Shell::new();
    shell.engine.run(file.to_str().unwrap(), text, Mode::PowerShell, &[]).unwrap();
    assert_eq!(shell.outputs(), ["Get-Name", "where.ps1", "where.ps1", "True", "True", "True"]);
}

/// Rule: what scripts do with their window does no harm, and a key that nobody can press is an error, never a hang.
#[test]
fn a_script_and_its_window() {
    for (text, outputs, errors) in [
        ("$Host.UI.RawUI.WindowTitle = 'Report'; $host.UI.RawUI.WindowTitle", "Report", ""),
        ("$Host.Name.Length -gt 0; $Host.Version.Major -ge 0", "True True", ""),
        ("$null = $Host.UI.RawUI.ReadKey('NoEcho,IncludeKeyDown')", "", "PromptNotAvailable"),
        ("$Host.UI.PromptForChoice('Go', 'Shall it?', @('&Yes', '&No'), 1)", "", "PromptNotAvailable"),
        ("$Host.UI.WriteLine('shown')", "", ""),
    ] {
        let (out, _, failed) = run(text, &[]);
        assert_eq!((out.as_str(), failed.split(',').next().unwrap_or("")), (outputs, errors), "{text}");
    }
}
