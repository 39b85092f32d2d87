//! The aliases of Windows PowerShell, for the commands that a session may have.

/// Alias and command, aliases in lower case and alphabetical order.
const ALIASES: &[(&str, &str)] = &[
    ("%", "ForEach-Object"),
    ("?", "Where-Object"),
    ("ac", "Add-Content"),
    ("cat", "Get-Content"),
    ("cd", "Set-Location"),
    ("chdir", "Set-Location"),
    ("clc", "Clear-Content"),
    ("clear", "Clear-Host"),
    ("clhy", "Clear-History"),
    ("cls", "Clear-Host"),
    ("clv", "Clear-Variable"),
    ("compare", "Compare-Object"),
    ("copy", "Copy-Item"),
    ("cp", "Copy-Item"),
    ("cpi", "Copy-Item"),
    ("del", "Remove-Item"),
    ("diff", "Compare-Object"),
    ("dir", "Get-ChildItem"),
    ("echo", "Write-Output"),
    ("epal", "Export-Alias"),
    ("epcsv", "Export-Csv"),
    ("fc", "Format-Custom"),
    ("fl", "Format-List"),
    ("foreach", "ForEach-Object"),
    ("ft", "Format-Table"),
    ("fw", "Format-Wide"),
    ("gal", "Get-Alias"),
    ("gc", "Get-Content"),
    ("gci", "Get-ChildItem"),
    ("gcm", "Get-Command"),
    ("ghy", "Get-History"),
    ("gi", "Get-Item"),
    ("gl", "Get-Location"),
    ("gm", "Get-Member"),
    ("gmo", "Get-Module"),
    ("group", "Group-Object"),
    ("gu", "Get-Unique"),
    ("gv", "Get-Variable"),
    ("h", "Get-History"),
    ("help", "Get-Help"),
    ("history", "Get-History"),
    ("ihy", "Invoke-History"),
    ("ipcsv", "Import-Csv"),
    ("ipmo", "Import-Module"),
    ("irm", "Invoke-RestMethod"),
    ("iwr", "Invoke-WebRequest"),
    ("ls", "Get-ChildItem"),
    ("man", "Get-Help"),
    ("md", "mkdir"),
    ("measure", "Measure-Object"),
    ("mi", "Move-Item"),
    ("move", "Move-Item"),
    ("mv", "Move-Item"),
    ("nal", "New-Alias"),
    ("ni", "New-Item"),
    ("nv", "New-Variable"),
    ("ogv", "Out-GridView"),
    ("oh", "Out-Host"),
    ("popd", "Pop-Location"),
    ("pushd", "Push-Location"),
    ("pwd", "Get-Location"),
    ("r", "Invoke-History"),
    ("rd", "Remove-Item"),
    ("ren", "Rename-Item"),
    ("ri", "Remove-Item"),
    ("rm", "Remove-Item"),
    ("rmdir", "Remove-Item"),
    ("rmo", "Remove-Module"),
    ("rni", "Rename-Item"),
    ("rv", "Remove-Variable"),
    ("sal", "Set-Alias"),
    ("sc", "Set-Content"),
    ("select", "Select-Object"),
    ("set", "Set-Variable"),
    ("si", "Set-Item"),
    ("sl", "Set-Location"),
    ("sleep", "Start-Sleep"),
    ("sls", "Select-String"),
    ("sort", "Sort-Object"),
    ("sp", "Set-ItemProperty"),
    ("sv", "Set-Variable"),
    ("tee", "Tee-Object"),
    ("type", "Get-Content"),
    ("where", "Where-Object"),
    ("write", "Write-Output"),
];

/// What an alias stands for; `alias` in lower case.
pub fn built_in(alias: &str) -> Option<&'static str> {
    let at = ALIASES.binary_search_by(|(name, _)| (*name).cmp(alias)).ok()?;
    ALIASES.get(at).map(|(_, target)| *target)
}

/// All of them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALIASES.is_sorted());
        assert_eq!(built_in("?"), Some("Where-Object"));
    }
}
