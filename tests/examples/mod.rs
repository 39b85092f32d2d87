//! Rule: the examples of the cmdlets and of help run on the lab without an error.

use crate::support::shell::{Bench, in_a_folder_of_its_own};
use reeve::cmdlet::registry::{Command, Registry};
use reeve::help::texts;

/// Files that examples read from the folder they run in.
const FILES: &[(&str, &str)] = &[("provision-users.rhai", include_str!("../../scripts/provision-users.rhai"))];

/// The seed's example of a failover.
const DISASTER: &str = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force";

/// Examples that show an error, and its id.
const FAILING: &[(&str, &str)] = &[
    // Nobody sits before a test.
    ("Read-Host -Prompt \"Name of the pool\"", "InvalidOperation"),
    ("$pin = Read-Host PIN -AsSecureString", "InvalidOperation"),
    ("Pause", "InvalidOperation"),
    ("$who = Get-Credential litwareinc\\kenmyer", "InvalidOperation"),
    // Nothing listens there.
    (
        "Invoke-RestMethod https://localhost:8443/api/pools -TimeoutSec 5 -ErrorAction SilentlyContinue",
        "WebCmdletWebResponseException",
    ),
    (
        "(Invoke-WebRequest https://localhost:8443/health -TimeoutSec 5 -ErrorAction SilentlyContinue).StatusCode",
        "WebCmdletWebResponseException",
    ),
    // No server runs that could try the way to a replica.
    ("Test-CsReplica -ReplicaFqdn atl-cs-001.litwareinc.com", "NoServer"),
    ("Test-CsReplica", "NoServer"),
    // No server runs that could carry a pool's data over, or say how that is.
    ("Invoke-CsBackupServiceSync -PoolFqdn \"atl-cs-001.litwareinc.com\"", "HostUnreachable"),
    (
        "\"dub-pool.litwareinc.com\", \"lon-pool.litwareinc.com\" | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf",
        "HostUnreachable",
    ),
    (
        "\"atl-cs-001.litwareinc.com\", \"dub-pool.litwareinc.com\" | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf",
        "HostUnreachable",
    ),
    (
        "Invoke-CsBackupServiceSync -PoolFqdn dub-pool.litwareinc.com -BackupModule PresenceFocus -Verbose",
        "HostUnreachable",
    ),
    ("Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com", "HostUnreachable"),
    ("(Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com).BackupModules", "HostUnreachable"),
    (
        "Get-CsPool | Where-Object BackupPoolFqdn | ForEach-Object Identity | Get-CsBackupServiceStatus -Category UserData | Select-Object PoolFqdn, UnsentChanges",
        "HostUnreachable",
    ),
    (
        "(Get-CsBackupServiceStatus -PoolFqdn dub-pool.litwareinc.com).Directions | Where-Object {-not $_.Expected} | Select-Object PoolFqdn, Identity, Cause",
        "HostUnreachable",
    ),
    ("Move-CsUser -Identity \"Pilar Ackerman\" -Target lon-pool.litwareinc.com", "HostUnreachable"),
    ("Backup-CsPool -PoolFqdn \"atl-cs-001.litwareinc.com\"", "HostUnreachable"),
    ("Backup-CsPool -PoolFqdn \"atl-cs-001.litwareinc.com\" -SteadyState", "HostUnreachable"),
    ("Backup-CsPool -PoolFqdn dub-pool.litwareinc.com -Category UserData -FullBackup -Force", "HostUnreachable"),
    // No server runs at the places of the store, so it goes nowhere; and it has not gone anywhere yet.
    (DISASTER, "HostUnreachable"),
    ("Invoke-CsManagementServerFailover -Confirm:$false -Verbose", "HostUnreachable"),
    ("Invoke-CsManagementServerFailover -Restore", "NothingToRestore"),
    // In the sample the store has no mirror.
    (
        "Invoke-CsDatabaseFailover -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt -NewPrincipal mirror -Verbose",
        "NotMirrored",
    ),
    // Nothing runs that could bring a replica up to date.
    ("Wait-CsReplication -TimeoutSeconds 1", "ReplicationTimedOut"),
    ("Wait-CsReplication atl-cs-001.litwareinc.com -TimeoutSeconds 0 -PassThru", "ReplicationTimedOut"),
];

/// Every example of a cmdlet that runs: where it stands, and its text.
fn examples(registry: &Registry) -> Vec<(String, String)> {
    let of_cmdlets = registry.natives().into_iter().flat_map(|native| {
        let name = native.entry.name.to_string();
        native.entry.examples.iter().map(move |example| (name.clone(), example.run.to_string()))
    });
    let is_built = |name: &str| matches!(registry.lookup(name), Some(Command::Native(_)));
    let of_texts = texts::cmdlets().into_iter().filter(|(_, name)| is_built(name)).flat_map(|(language, name)| {
        let text = texts::find(language, name).unwrap_or_default();
        text.examples.into_iter().map(move |example| (format!("{language}/{name}"), example.run))
    });
    of_cmdlets.collect::<Vec<_>>().into_iter().chain(of_texts).collect()
}

/// The commands in the topics of help: a text for each fenced part.
fn topics() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in texts::topics() {
        let text = texts::source(&reeve::help::Locale::default(), name).unwrap_or_default();
        for part in text.split("```").skip(1).step_by(2) {
            found.push((name.to_string(), part.trim_start_matches("powershell").trim().to_string()));
        }
    }
    found
}

#[test]
fn every_example_runs() {
    in_a_folder_of_its_own("examples::every_example_runs", || {
        for (name, text) in FILES {
            std::fs::write(name, text).expect("the folder is ours");
        }
        let request = reeve::net::request::new("kenmyer").expect("a request").request;
        std::fs::write("kenmyer.csr", request).expect("the folder is ours");
        let (bench, registry) = (Bench::new(), Registry::default());
        let all: Vec<_> = examples(&registry).into_iter().chain(topics()).collect();
        let mut wrong = Vec::new();
        for (place, example) in &all {
            let mut errors = bench.run(example).errors;
            if let Some((_, id)) = FAILING.iter().find(|(known, _)| known == example) {
                let shown = errors.iter().position(|(error, _)| error == id);
                match shown {
                    Some(at) => drop(errors.remove(at)),
                    None => errors.push((format!("{id} expected"), String::new())),
                }
            }
            if !errors.is_empty() {
                wrong.push(format!("{place}: {example}\n    {errors:?}"));
            }
        }
        println!("count: examples: {} of {} run", all.len() - wrong.len(), all.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
