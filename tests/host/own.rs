//! What a computer does with its own replica: sessions on it, its hook, and what it is started with.

use super::fleet::{Fleet, health, wait};
use super::{DUBLIN, LONDON, MASTER};
use reeve::env::SystemClock;
use reeve::net::http::Channel;
use reeve::net::{JoinToken, dial};
use std::process::Stdio;
use std::sync::Arc;

/// What a text prints and says in a session of a user on Dublin's computer.
fn on(fleet: &Fleet, user: &str, text: &str) -> String {
    let ran = fleet.run(&["--dir", fleet.host(DUBLIN).to_str().unwrap(), "--user", user, "-c", text]);
    format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
}

/// Rule: on a computer without the store, -LocalStore reads its own replica, also while the master is away, and goes by
/// the roles as the replica has them; its replica can be made anew there; all else is the master's.
#[test]
fn a_session_on_a_replica() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN, LONDON]);
    fleet.up_to_date(&[MASTER, DUBLIN, LONDON]);
    assert_eq!(on(&fleet, "admin", "(Get-CsVoicePolicy -Identity Global -LocalStore).Identity"), "Global\n");
    assert!(on(&fleet, "helpdesk", "Enable-CsReplica -Force").contains("AccessDenied"));
    assert!(on(&fleet, "nobody-known", "Get-CsVoicePolicy -LocalStore").contains("PrincipalNotFound"));
    assert!(on(&fleet, "admin", "Get-CsVoicePolicy").contains("ClientCertificateRequired"));

    // A delta first, so that a full snapshot shows.
    fleet.shell("New-CsVoicePolicy -Identity Travels | Out-Null");
    let last = || fleet.shell(&format!("(Get-CsManagementStoreReplicationStatus {DUBLIN}).LastPackageKind"));
    wait("the change came as a delta", || last() == "Delta\n");
    assert_eq!(on(&fleet, "admin", "Enable-CsReplica -Force"), "");
    wait("it has taken everything anew", || last() == "Full\n");

    fleet.kill(MASTER);
    wait("it is read without the master", || {
        on(&fleet, "admin", "(Get-CsVoicePolicy -Identity Travels -LocalStore).Identity") == "Tag:Travels\n"
    });
}

/// Rule: a hook finds the files that it is told of, also where the server was given a relative directory.
#[test]
fn a_hook_is_told_where_the_files_are() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN]);
    fleet.up_to_date(&[MASTER, DUBLIN]);
    assert!(fleet.terminate(DUBLIN).success());
    let (script, seen) = (fleet.path("hook"), fleet.path("seen"));
    let text = format!("#!/bin/sh\n/bin/cat \"$REEVE_CHANGED\" \"$REEVE_DOCUMENTS/VoicePolicy/Global.json\" > {}\n", {
        seen.display()
    });
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let settings = format!("[replica]\nhook = \"{}\"\n", script.display());
    std::fs::write(fleet.host(DUBLIN).join("host.toml"), settings).unwrap();
    let mut command = fleet.command(&["serve", "--with-parent", "--dir", &format!("lab/hosts/{DUBLIN}")]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = command.spawn().unwrap();
    wait("it runs", || health(&fleet.host(DUBLIN)).is_some());
    fleet.shell("Set-CsVoicePolicy -Identity Global -Description Travels");
    wait("the hook has seen the change", || {
        std::fs::read_to_string(&seen).is_ok_and(|text| text.contains("written") && text.contains("Travels"))
    });
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Rule: a server does not start with the certificate of another computer.
#[test]
fn two_directories_mixed_up() {
    let fleet = Fleet::new();
    let (dublin, london) = (fleet.host(DUBLIN).join("tls"), fleet.host(LONDON).join("tls"));
    for name in ["computer.crt", "computer.key"] {
        std::fs::copy(london.join(name), dublin.join(name)).unwrap();
    }
    let ran = fleet.run(&["serve", "--listen", "127.0.0.1:0", "--dir", fleet.host(DUBLIN).to_str().unwrap()]);
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(!ran.status.success() && err.contains("NameMismatch"), "{err}");
}

/// Rule: whoever has shown no certificate cannot make the server hold a large request.
#[test]
fn strangers_are_not_listened_to_for_long() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER]);
    let token = fleet.shell(&format!("(New-CsJoinToken {LONDON}).Token"));
    let book: toml::Table = std::fs::read_to_string(fleet.lab.host.join("addresses.toml")).unwrap().parse().unwrap();
    let address = book[MASTER].as_str().unwrap().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async {
        let token = JoinToken::parse(&token).unwrap();
        let channel = Channel::over_tls(dial::join(&address, &token, Arc::new(SystemClock)).await.unwrap());
        let ask = serde_json::json!({ "Computer": "x".repeat(100_000), "Secret": "", "Request": "" });
        channel.await.unwrap().post::<serde_json::Value>("/v1/join", &ask).await.unwrap_err()
    });
    assert_eq!(error.id(), "LineTooLong");
}
