//! The .NET classes by which PowerShell's own cmdlets stand in the ids of errors.

/// PowerShell's own cmdlets among those of this shell, in alphabetical order: each is a class of its own there.
const OWN: &[&str] = &[
    "Add-Content",
    "Add-Member",
    "Clear-Content",
    "Clear-History",
    "Clear-Variable",
    "Compare-Object",
    "ConvertFrom-CliXml",
    "ConvertFrom-Csv",
    "ConvertFrom-Json",
    "ConvertFrom-SecureString",
    "ConvertTo-CliXml",
    "ConvertTo-Csv",
    "ConvertTo-Html",
    "ConvertTo-Json",
    "ConvertTo-SecureString",
    "Copy-Item",
    "Export-Clixml",
    "Export-Csv",
    "ForEach-Object",
    "Format-Custom",
    "Format-List",
    "Format-Table",
    "Format-Wide",
    "Get-Alias",
    "Get-ChildItem",
    "Get-Command",
    "Get-Content",
    "Get-Credential",
    "Get-Date",
    "Get-Help",
    "Get-History",
    "Get-Item",
    "Get-Location",
    "Get-Member",
    "Get-Module",
    "Get-Random",
    "Get-Unique",
    "Get-Variable",
    "Get-Verb",
    "Group-Object",
    "Import-Clixml",
    "Import-Csv",
    "Import-Module",
    "Invoke-History",
    "Invoke-RestMethod",
    "Invoke-WebRequest",
    "Join-Path",
    "Join-String",
    "Measure-Command",
    "Measure-Object",
    "Move-Item",
    "New-Alias",
    "New-Guid",
    "New-Item",
    "New-Object",
    "New-TimeSpan",
    "New-Variable",
    "Out-Default",
    "Out-File",
    "Out-Host",
    "Out-Null",
    "Out-String",
    "Pop-Location",
    "Push-Location",
    "Read-Host",
    "Remove-Alias",
    "Remove-Item",
    "Remove-Module",
    "Remove-Variable",
    "Rename-Item",
    "Resolve-Path",
    "Select-Object",
    "Select-String",
    "Set-Alias",
    "Set-Content",
    "Set-Location",
    "Set-Variable",
    "Sort-Object",
    "Split-Path",
    "Start-Sleep",
    "Start-Transcript",
    "Stop-Transcript",
    "Tee-Object",
    "Test-Path",
    "Where-Object",
    "Write-Debug",
    "Write-Error",
    "Write-Host",
    "Write-Information",
    "Write-Output",
    "Write-Progress",
    "Write-Verbose",
    "Write-Warning",
];

/// What stands for a command in the id of an error: the class of a cmdlet of PowerShell's own, else its name.
pub(super) fn of_command(command: &str) -> String {
    match OWN.iter().find(|own| own.eq_ignore_ascii_case(command)) {
        Some(own) => format!("Microsoft.PowerShell.Commands.{}Command", own.replace('-', "")),
        None => command.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cmdlets_of_powershells_own_are_classes() {
        assert!(OWN.is_sorted());
        assert_eq!(of_command("select-object"), "Microsoft.PowerShell.Commands.SelectObjectCommand");
        assert_eq!(of_command("Get-CsPool"), "Get-CsPool");
    }
}
