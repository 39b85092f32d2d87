//! Commands that scripts from Windows hold and that are not here: what takes their place.

use super::aliases;
use crate::value::same_name;

/// Groups of commands with what does their work here.
const INSTEAD: &[(&[&str], &str)] = &[
    (
        &["Out-GridView"],
        "Format-Table shows objects, Where-Object chooses among them, Export-Csv writes them for a spreadsheet",
    ),
    (
        &["Send-MailMessage"],
        "Write the text with ConvertTo-Html or Out-File, and let the system's mail program send it; Invoke-RestMethod posts \
         to a service of the web",
    ),
    (
        &[
            "Get-WmiObject",
            "Get-CimInstance",
            "Invoke-WmiMethod",
            "Invoke-CimMethod",
            "Set-WmiInstance",
            "Set-CimInstance",
            "New-CimSession",
            "Remove-CimSession",
            "Register-WmiEvent",
            "Get-ComputerInfo",
        ],
        "Get-CsComputer, Get-CsService and Get-CsPool know the deployment's computers; there is no WMI",
    ),
    (
        &[
            "Start-Job",
            "Get-Job",
            "Wait-Job",
            "Receive-Job",
            "Remove-Job",
            "Stop-Job",
            "Start-ThreadJob",
            "Register-ObjectEvent",
            "Register-EngineEvent",
            "Wait-Event",
        ],
        "ForEach-Object -Parallel { … } -ThrottleLimit N runs blocks side by side",
    ),
    (&["Get-Process", "Stop-Process", "Start-Process", "Wait-Process", "Invoke-Item"], PROGRAMS),
    (
        &[
            "cmd",
            "powershell",
            "pwsh",
            "ipconfig",
            "ifconfig",
            "hostname",
            "whoami",
            "ping",
            "nslookup",
            "netstat",
            "tracert",
            "telnet",
            "ssh",
            "notepad",
            "explorer",
            "robocopy",
            "xcopy",
            "reg",
            "net",
            "netsh",
            "schtasks",
            "msiexec",
            "certutil",
            "gpupdate",
            "gpresult",
            "systeminfo",
            "tasklist",
            "taskkill",
            "wmic",
            "icacls",
            "bcdedit",
            "sqlcmd",
            "git",
            "grep",
            "vi",
            "vim",
            "nano",
            "sudo",
            "bash",
            "sh",
            "systemctl",
        ],
        PROGRAMS,
    ),
    (
        &["Get-Service", "Start-Service", "Stop-Service", "Restart-Service", "Set-Service", "New-Service"],
        "Get-CsService knows the deployment's services; the system's own are systemctl's",
    ),
    (
        &["Restart-Computer", "Stop-Computer", "Add-Computer", "Rename-Computer"],
        "A computer is the system's: Get-CsComputer knows those of the deployment",
    ),
    (
        &[
            "New-PSSession",
            "Get-PSSession",
            "Remove-PSSession",
            "Enter-PSSession",
            "Exit-PSSession",
            "Import-PSSession",
            "Connect-PSSession",
            "Disconnect-PSSession",
            "New-PSSessionOption",
            "Invoke-Command",
            "New-CsOnlineSession",
        ],
        "Connect reeve to the deployment: its cmdlets reach every computer",
    ),
    (
        &["Get-EventLog", "Get-WinEvent", "Write-EventLog", "New-EventLog", "Limit-EventLog"],
        "Get-CsAuditLog shows what was changed and by whom; Write-Warning and Out-File -Append write a script's own notes",
    ),
    (
        &[
            "Get-ItemProperty",
            "New-ItemProperty",
            "Remove-ItemProperty",
            "New-PSDrive",
            "Get-PSDrive",
            "Remove-PSDrive",
            "Get-Acl",
            "Set-Acl",
        ],
        "There is no registry and there are no drives: settings are those of Get-Cs*Configuration, files have whole paths",
    ),
    (
        &[
            "Register-ScheduledTask",
            "New-ScheduledTask",
            "New-ScheduledTaskAction",
            "New-ScheduledTaskTrigger",
            "Get-ScheduledTask",
            "Unregister-ScheduledTask",
            "Register-ScheduledJob",
        ],
        "The system's timer (systemd, cron) starts reeve run FILE",
    ),
    (
        &["Test-Connection", "Test-NetConnection", "Resolve-DnsName", "Get-NetIPAddress", "Get-NetAdapter"],
        "Get-CsManagementStoreReplicationStatus says which computers answer; Invoke-WebRequest asks an address of the web",
    ),
    (&["Get-ADUser", "Set-ADUser"], "Get-CsAdUser and Get-CsUser find users, Set-CsUser changes them"),
    (&["Update-Help", "Save-Help"], "Help is part of the program: Get-Help NAME"),
    (
        &["Install-Module", "Find-Module", "Update-Module", "Install-PackageProvider", "Install-WindowsFeature"],
        "What is here is part of the program; modules of Rhai are read with import",
    ),
    (
        &["Set-PSDebug", "Set-PSBreakpoint", "Wait-Debugger"],
        "reeve check FILE names variables and properties that are not there before a script runs",
    ),
];

/// For programs of the system.
const PROGRAMS: &str =
    "Scripts of reeve start no programs: let a script of the system's shell run them, and reeve run FILE";

/// For files of scripts, as commands.
const SCRIPTS: &str =
    "A script's file is no command here: reeve run FILE runs it; functions that are used stand in the script itself";

/// What takes the place of a command of Windows, by its name or an alias of it, of a program or of a script's file;
/// `None` for all others.
pub fn instead(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&[".ps1", ".psm1", ".rhai"]) {
        return Some(SCRIPTS);
    }
    if ends(&[".exe", ".bat", ".cmd", ".com", ".msc", ".msi", ".vbs", ".sh"]) || name.contains(['/', '\\']) {
        return Some(PROGRAMS);
    }
    let whole = aliases::built_in(&name.to_lowercase()).unwrap_or(name);
    INSTEAD.iter().find(|(names, _)| names.iter().any(|known| same_name(known, whole))).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdlet::registry::Registry;

    /// Rule: what is said to be elsewhere is not here, and what is named in its place is.
    #[test]
    fn what_is_named_is_there() {
        let registry = Registry::default();
        for (names, instead) in INSTEAD {
            for name in *names {
                assert!(registry.not_found(name).hints().join(" ").contains(instead), "{name}");
            }
            let words = instead.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '*');
            for word in words.filter(|w| w.contains('-') && !w.starts_with('-') && !w.contains('*')) {
                assert!(registry.is_command(word), "{word} of {instead}");
            }
        }
        for program in ["ogv", "whoami", "ipconfig.exe", "./lib.ps1", "C:\\tools\\lib.PS1", "/bin/true"] {
            assert!(instead(program).is_some(), "{program}");
        }
        assert!(instead("Get-CsUser").is_none());
    }
}
