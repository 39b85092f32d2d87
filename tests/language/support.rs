//! What the language tests share: a table of names, and the recorded answers.

use crate::support::shared;
use reeve::language::Names;
use std::collections::HashSet;
use std::sync::OnceLock;

/// The cmdlets of the catalogue, the object cmdlets, the usual aliases.
pub struct World {
    commands: HashSet<String>,
    variables: Vec<&'static str>,
    functions: Vec<&'static str>,
}

const OBJECT_CMDLETS: &str = "Where-Object ForEach-Object Select-Object Sort-Object Measure-Object Group-Object \
    Compare-Object Format-Table Format-List Format-Wide Format-Custom Out-File Out-String Out-Null Out-Host Out-Default \
    ConvertTo-Json ConvertFrom-Json ConvertTo-Csv ConvertFrom-Csv ConvertTo-Html Export-Csv Import-Csv Get-Help \
    Get-Command Get-Member Add-Member Get-Alias Get-History Get-Date Get-Content Set-Content Start-Sleep Write-Output \
    Write-Error Write-Warning Write-Verbose Write-Host Write-Progress Write-Information Write-Debug Tee-Object \
    Select-String New-Object Get-Credential Get-Item Test-Path Get-Variable Set-Variable Get-Random New-TimeSpan";
const ALIASES: &[(&str, &str)] = &[
    ("?", "Where-Object"),
    ("%", "ForEach-Object"),
    ("where", "Where-Object"),
    ("foreach", "ForEach-Object"),
    ("select", "Select-Object"),
    ("sort", "Sort-Object"),
    ("measure", "Measure-Object"),
    ("group", "Group-Object"),
    ("ft", "Format-Table"),
    ("fl", "Format-List"),
    ("gm", "Get-Member"),
    ("echo", "Write-Output"),
    ("tee", "Tee-Object"),
];

impl World {
    /// All names; the catalogue's come from the repository's own data.
    pub fn new() -> World {
        static COMMANDS: OnceLock<HashSet<String>> = OnceLock::new();
        let commands = COMMANDS.get_or_init(|| {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/stdlib/catalogue/signatures.json");
            let text = std::fs::read_to_string(path).expect("the catalogue is part of the repository");
            let json: serde_json::Value = serde_json::from_str(&text).expect("the catalogue is JSON");
            let cmdlets = json.as_object().expect("by cmdlet");
            cmdlets.keys().map(String::as_str).chain(OBJECT_CMDLETS.split_whitespace()).map(str::to_lowercase).collect()
        });
        World { commands: commands.clone(), variables: vec![], functions: vec![] }
    }

    /// The same with Rhai variables from before.
    pub fn with(variables: &[&'static str], functions: &[&'static str]) -> World {
        World { variables: variables.to_vec(), functions: functions.to_vec(), ..World::new() }
    }
}

impl Names for World {
    fn is_command(&self, name: &str) -> bool {
        self.commands.contains(&name.to_lowercase())
    }
    fn alias(&self, name: &str) -> Option<String> {
        ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, of)| of.to_string())
    }
    fn is_verb(&self, verb: &str) -> bool {
        const VERBS: &str = "get set new remove add clear enable disable invoke grant move test publish start stop update \
            import export debug sync reset restore lock unlock where foreach sort tee write out select convertto format";
        VERBS.split_whitespace().any(|v| v.eq_ignore_ascii_case(verb))
    }
    fn is_variable(&self, name: &str) -> bool {
        self.variables.contains(&name)
    }
    fn is_function(&self, name: &str) -> bool {
        self.functions.contains(&name)
    }
}

/// A handful of names, for tests that need many tables.
pub fn none() -> World {
    let commands = ["get-cspool", "sort-object"].map(String::from).into_iter().collect();
    World { commands, variables: vec!["x"], functions: vec![] }
}

/// The records of one of the answer files; none where they are not present.
pub fn records(file: &str) -> Vec<serde_json::Value> {
    let Some(path) = shared(&format!("oracle/{file}")) else { return Vec::new() };
    let text = std::fs::read_to_string(path).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}
