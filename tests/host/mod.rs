//! Servers as processes: what they do for each other, and what becomes of it when they are killed.

mod joining;
mod killed;
mod own;
mod place;
mod renewal;

pub use crate::support::fleet;
use fleet::{Fleet, get, health, wait};
use std::path::Path;

const MASTER: &str = "atl-cs-001.litwareinc.com";
const DUBLIN: &str = "dub-cs-001.litwareinc.com";
const LONDON: &str = "lon-cs-001.litwareinc.com";

/// Whether a document whose file name has this in it lies in the documents folder of a computer.
fn has_document(host: &Path, name: &str) -> bool {
    let kinds = std::fs::read_dir(host.join("replica/documents")).into_iter().flatten().flatten();
    let files = kinds.filter_map(|kind| std::fs::read_dir(kind.path()).ok()).flatten().flatten();
    files.into_iter().any(|file| file.file_name().to_string_lossy().contains(name))
}

/// Rule: a change made in a session is on every computer in a moment; a server says how it is; it ends when it is told.
#[test]
fn a_change_reaches_every_computer() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN, LONDON]);
    fleet.up_to_date(&[MASTER, DUBLIN, LONDON]);
    fleet.shell("New-CsVoicePolicy -Identity Travels | Out-Null");
    for computer in [MASTER, DUBLIN, LONDON] {
        wait(computer, || has_document(&fleet.host(computer), "Travels"));
    }
    fleet.shell("Remove-CsVoicePolicy -Identity Travels");
    wait("the document is gone", || !has_document(&fleet.host(DUBLIN), "Travels"));

    let (status, text) = get(&fleet.lab.host, "/healthz").unwrap();
    assert_eq!(status, 200, "{text}");
    let master = health(&fleet.lab.host).unwrap();
    assert!(master.healthy && master.services.iter().any(|service| service == "Master"), "{master:?}");
    let dublin = health(&fleet.host(DUBLIN)).unwrap();
    assert_eq!(dublin.active.as_deref(), Some(MASTER));
    assert!(dublin.replicas.is_none() && dublin.services == ["Replica"], "{dublin:?}");
    wait("the replicas are counted", || {
        let (_, metrics) = get(&fleet.lab.host, "/metrics").unwrap();
        metrics.contains("reeve_replicas{state=\"up_to_date\"} 3") && metrics.contains("reeve_store_version ")
    });
    let (_, metrics) = get(&fleet.host(DUBLIN), "/metrics").unwrap();
    for name in ["reeve_replica_version", "reeve_certificate_expiry_seconds", "reeve_connections"] {
        assert!(metrics.contains(name), "{name} is not in\n{metrics}");
    }

    assert!(fleet.terminate(DUBLIN).success(), "SIGTERM ends it in order");
    assert!(!fleet.host(DUBLIN).join("reeve.sock").exists());
    assert!(fleet.terminate(MASTER).success());
    // For a short while that is a warning and no failure.
    wait("the replica says that the master is gone", || {
        health(&fleet.host(LONDON)).is_some_and(|health| health.warnings.contains_key("Replica"))
    });
}

/// Rule: what a computer's replica holds is read on that computer while the master is away, with its server and without;
/// nothing else is decided there.
#[test]
fn a_replica_is_read_where_it_is() {
    let mut fleet = Fleet::new();
    let host = fleet.host(DUBLIN);
    fleet.launch(&[MASTER, DUBLIN]);
    fleet.up_to_date(&[MASTER, DUBLIN]);
    let on = |fleet: &Fleet, text: &str| {
        let ran = fleet.run(&["--dir", host.to_str().unwrap(), "-c", text]);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        (ran.status.code(), format!("{out}{err}"))
    };
    fleet.kill(MASTER);
    for server in [true, false] {
        let (code, text) = on(&fleet, "Get-CsVoicePolicy -LocalStore -Identity Global | Select-Object Identity");
        assert!(code == Some(0) && text.contains("Global"), "{server}: {text}");
        for refused in ["Get-CsVoicePolicy", "Set-CsVoicePolicy -Identity Global -EnableTeamCall $true"] {
            let (code, text) = on(&fleet, refused);
            assert!(code != Some(0) && (server || text.contains("HostUnreachable")), "{server} {refused}: {text}");
        }
        if server {
            fleet.terminate(DUBLIN);
        }
    }
    let (code, text) = on(&fleet, "Enable-CsReplica -Force");
    assert_eq!(code, Some(0), "{text}");
    let (_, text) = on(&fleet, "Get-CsVoicePolicy -LocalStore");
    assert!(text.contains("HostUnreachable"), "it was discarded: {text}");
}

/// Rule: two servers never run on one directory, and a command line names what is wrong with it.
#[test]
fn what_keeps_a_server_from_starting() {
    let mut fleet = Fleet::new();
    fleet.launch(&[DUBLIN]);
    let host = fleet.host(DUBLIN);
    let starts =
        |directory: &Path| fleet.run(&["serve", "--listen", "127.0.0.1:0", "--dir", directory.to_str().unwrap()]);
    let fails = |directory: &Path, id: &str| {
        let ran = starts(directory);
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && err.contains(id), "{id} is not in {err}");
    };
    fails(&host, "DeploymentLocked");
    fails(&fleet.path("nowhere"), "NoDeployment");
    let london = fleet.host(LONDON);
    std::fs::write(london.join("host.toml"), "lisen = 1").unwrap();
    fails(&london, "SettingsInvalid");
    std::fs::remove_file(london.join("host.toml")).unwrap();
    std::fs::remove_dir_all(london.join("tls")).unwrap();
    fails(&london, "CertificateMissing");
}

/// Rule: a directory that an older program made, without certificates, gets them when its server first starts.
#[test]
fn an_older_directory_gets_its_certificates() {
    let mut fleet = Fleet::new();
    let host = fleet.host(MASTER);
    for name in ["addresses.toml", "host.toml", "active.json"] {
        std::fs::remove_file(host.join(name)).unwrap();
    }
    std::fs::remove_dir_all(host.join("tls")).unwrap();
    fleet.launch(&[MASTER]);
    fleet.up_to_date(&[MASTER]);
    assert!(host.join("tls/computer.crt").exists() && host.join("tls/ca.key").exists());
}
