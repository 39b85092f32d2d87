//! Tests of this room: The cmdlets that tell what there is.

use crate::cmdlets::harness::*;
use crate::value::{Value, member, text};

fn property(item: &Value, name: &str) -> String {
    text::to_text(&member::get(item, name).unwrap_or_default()).to_string()
}

fn help(arguments: &[&str]) -> Command {
    let mut made = command("Get-Help");
    for argument in arguments {
        made = match argument.strip_prefix('-').map(|rest| rest.split_once(' ')) {
            None => made.arg(*argument),
            Some(None) => made.on(&argument[1..]),
            Some(Some((name, value))) => made.with(name, value),
        };
    }
    made
}

#[test]
fn a_page_has_what_is_asked_for() {
    let name = "invoke-csbackupservicesync";
    let cases: [(&[&str], &[&str], &[&str]); 8] = [
        (&[name, "-Locale en"], &["SYNOPSIS", "Invoke-CsBackupServiceSync -PoolFqdn <Fqdn>"], &["EXAMPLE 1"]),
        (&[name, "-Locale en", "-Examples"], &["EXAMPLE 1", "dub-pool.litwareinc.com"], &["SYNTAX"]),
        (&[name, "-Locale en", "-Full"], &["-BackupModule", "Accept pipeline input?", "true (ByValue)"], &[]),
        (&[name, "-Locale en", "-Parameter Back*"], &["UserServices.PresenceFocus"], &["SYNOPSIS", "-PoolFqdn"]),
        (&[name, "-Locale it"], &["SINTASSI", "Sincronizza subito un pool"], &["SYNTAX"]),
        (&[name, "-Locale ko-KR"], &["구문", "백업 풀과 바로 동기화"], &["SYNTAX"]),
        (&["Where-Object", "-Locale it"], &["SINTASSI", "Lets through"], &[]),
        (&["about_Roles"], &["about_Roles", "CsBackupServiceSync"], &[]),
    ];
    for (arguments, has, has_not) in cases {
        let outcome = run(help(arguments));
        let shown = property(outcome.values.first().unwrap_or(&Value::Null), "Text");
        for part in has {
            assert!(shown.contains(part), "{arguments:?} lacks {part}: {shown} {:?}", outcome.stopped);
        }
        for part in has_not {
            assert!(!shown.contains(part), "{arguments:?} has {part}: {shown}");
        }
    }
}

#[test]
fn names_lead_to_help_by_many_ways() {
    for name in ["?", "help", "man", "gcm", "roles", "about_errors"] {
        assert_eq!(run(command("man").arg(name)).values.len(), 1, "{name}");
    }
    let listed = run(command("Get-Help").arg("*Failover*"));
    assert!(listed.values.iter().any(|row| property(row, "Name") == "Invoke-CsManagementServerFailover"));
    let unknown = run(command("Get-Help").arg("Invoke-CsBackupServiceSink"));
    assert_eq!(unknown.errors, ["HelpNotFound,Microsoft.PowerShell.Commands.GetHelpCommand"]);
    let parameter = run(help(&["Get-CsPool", "-Parameter Nope"]));
    assert_eq!(parameter.errors, ["NoParmsFound,Microsoft.PowerShell.Commands.GetHelpCommand"]);
}

#[test]
fn get_command_finds() {
    let names =
        |command: Command| -> Vec<String> { run(command).values.iter().map(|row| property(row, "Name")).collect() };
    assert_eq!(names(command("gcm").arg("where-object")), ["Where-Object"]);
    assert_eq!(names(command("gcm").arg("%")), ["%"]);
    assert!(names(command("gcm").with("Verb", "Sort")).contains(&"Sort-Object".to_string()));
    assert!(!names(command("gcm").arg("*")).contains(&"Move-CsManagementServer".to_string()));
    assert!(names(command("gcm").arg("*ManagementServer*").on("All")).contains(&"Move-CsManagementServer".to_string()));
    assert_eq!(names(command("gcm").arg("Move-CsManagementServer")).len(), 1, "by its name it is shown");
    assert_eq!(
        run(command("gcm").arg("Get-CsPol")).errors,
        ["CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand"]
    );
    let syntax = run(command("gcm").arg("Start-Sleep").on("Syntax"));
    assert!(syntax.shown()[0].starts_with("Start-Sleep [-Seconds] <double>"), "{:?}", syntax.shown());
}

#[test]
fn aliases_verbs_history() {
    let outcome = run(command("gal").arg("ft"));
    let all = run(command("gal"));
    assert!(all.values.len() > 10);
    assert_eq!(run(command("gal").arg("?")).values.len(), 1);
    assert_eq!(
        run(command("gal").arg("nope")).errors,
        ["ItemNotFoundException,Microsoft.PowerShell.Commands.GetAliasCommand"]
    );
    assert!(outcome.values.len() <= 1);
    let verbs: Vec<String> =
        run(command("Get-Verb").arg("Convert*")).values.iter().map(|row| property(row, "Verb")).collect();
    assert_eq!(verbs, ["Convert", "ConvertFrom", "ConvertTo"]);
    assert_eq!(
        run(command("Get-History").arg(9)).errors,
        ["GetHistoryNoHistoryForId,Microsoft.PowerShell.Commands.GetHistoryCommand"]
    );
}

/// Aliases come and go; those of the shell stay.
#[test]
fn aliases_are_set_and_removed() {
    assert_eq!(
        property(&run(command("New-Alias").arg("zz").arg("Get-Date").on("PassThru")).values[0], "Definition"),
        "Get-Date"
    );
    let taken = run(command("New-Alias").arg("ft").arg("Get-Date"));
    assert_eq!(taken.errors, ["AliasAlreadyExists,Microsoft.PowerShell.Commands.NewAliasCommand"]);
    assert!(run(command("Set-Alias").arg("ft").arg("Get-Date")).errors.is_empty());
    let id = |name: &str| format!("{name},Microsoft.PowerShell.Commands.RemoveAliasCommand");
    assert_eq!(run(command("Remove-Alias").arg("nosuch")).errors, [id("AliasNotFound")]);
    assert_eq!(run(command("Remove-Alias").arg("ft")).errors, [id("AliasNotRemovable")]);
    assert_eq!(run(command("Invoke-History")).stopped.as_deref(), Some("InvokeHistoryNotAtPrompt"));
}
