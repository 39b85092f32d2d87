//! Sessions when the store goes over, and while its computer is lost: who answers them, and that nothing runs twice.

mod hung;

use crate::support::fleet::{Fleet, health, wait};
use reeve::env::SystemClock;
use reeve::store::{Expected, Grant, Placed, Role, SqliteStore, Store};
use reeve::topology::{self, Topology, sample};
use std::io::Write;
use std::process::{Output, Stdio};
use std::sync::Arc;

const ATLANTA: &str = "atl-cs-001.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";
const EDGE: &str = "atl-edge-001.litwareinc.com";

/// The command of the published page.
const SEED: &str = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" \
                    -BackupSqlInstanceName \"RTC\" -Force";

/// Three computers of the sample with its people: the active store, the one that stands by, and a replica.
fn up() -> Fleet {
    let mut fleet = Fleet::new();
    let mut text = sample::LITWAREINC.to_string();
    // A failover waits for replicas; computers that do not run here hold none.
    for pool in ["dub-pool.litwareinc.com", "lon-pool.litwareinc.com"] {
        let fqdn = format!("RequiresSetup=\"true\" Fqdn=\"{pool}\"");
        text = text
            .replace(&format!("RequiresReplication=\"true\" {fqdn}"), &format!("RequiresReplication=\"false\" {fqdn}"));
    }
    let small = Topology::parse(&text).unwrap();
    assert_eq!(small.replicas().count(), 3);
    store(&fleet, ATLANTA).commit(&Grant::system("test"), &[topology::change(&small, Expected::Any)]).unwrap();
    fleet.launch(&[ATLANTA, REDMOND, EDGE]);
    fleet.up_to_date(&[ATLANTA, REDMOND, EDGE]);
    stands_by(&fleet);
    fleet
}

/// Waits until Redmond's standby has all that Atlanta's store has.
fn stands_by(fleet: &Fleet) {
    wait("Redmond stands by with everything", || {
        let (here, there) = (store(fleet, ATLANTA).version().unwrap(), store(fleet, REDMOND).version());
        there.is_ok_and(|there| there == here)
    });
}

/// The store of a computer, which it makes when it first follows.
fn store(fleet: &Fleet, computer: &str) -> SqliteStore {
    let file = fleet.host(computer).join("store/cms.db");
    wait(&format!("{computer} has a store"), || file.exists());
    SqliteStore::open_with(file, Arc::new(SystemClock)).unwrap()
}

/// What a run gave: its exit code, and all that it said.
fn said(output: &Output) -> (Option<i32>, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
}

fn on_lab(fleet: &Fleet, text: &str) -> (Option<i32>, String) {
    said(&fleet.run(&["--dir", "lab", "--width", "300", "-c", text]))
}

/// Rule: a session goes on where the store went, by itself, and says so once; also one with a person's certificate that
/// came to another computer. What it changes then is changed there.
#[test]
fn a_session_goes_on_where_the_store_went() {
    let fleet = up();
    let text = "New-CsVoicePolicy -Identity Before | Out-Null;
        (Get-CsManagementConnection).ActiveMaster;
        Invoke-CsManagementServerFailover -Confirm:$false;
        $there = Get-CsManagementConnection;
        if (-not $there.ReadOnly) { $there.ActiveMaster };
        New-CsVoicePolicy -Identity After | Out-Null;
        (Get-CsManagementConnection).ActiveMaster;
        (Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus).ActiveMasterFqdn";
    let (code, out) = on_lab(&fleet, text);
    assert_eq!(code, Some(0), "{out}");
    let masters: Vec<&str> = out.lines().map(str::trim).filter(|line| [ATLANTA, REDMOND].contains(line)).collect();
    assert_eq!(masters, [ATLANTA, REDMOND, REDMOND, REDMOND], "{out}");
    assert_eq!(out.matches("this session goes on there").count(), 1, "{out}");
    let policies = |computer: &str| {
        let documents = store(&fleet, computer).since(0).unwrap();
        documents.iter().filter(|document| format!("{:?}", document.id).contains("After")).count()
    };
    assert_eq!(policies(REDMOND), 1, "it was made at the new master, once");

    // A person with a certificate, whose session begins at the computer that is no master any more.
    fleet.shell("New-CsClientCertificate -Identity admin -Path admin.pem | Out-Null");
    let mut child = fleet
        .command(&["--certificate", "admin.pem", "--width", "300"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "(Get-CsManagementConnection).ActiveMaster\n\
                 Invoke-CsManagementServerFailover -Restore -Confirm:$false\n\
                 (Get-CsManagementConnection).ActiveMaster\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let (code, out) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{out}");
    let at = |name: &str| out.lines().position(|line| line.trim() == name);
    assert!(at(REDMOND).is_some() && at(REDMOND) < at(ATLANTA), "{out}");
}

/// Rule: while the active computer is lost, status and failover answer at another that may hold the store, changes say
/// what can be done, and after the failover a session that knows only the lost one finds the new one.
#[test]
fn what_answers_while_the_active_computer_is_lost() {
    let mut fleet = up();
    fleet.shell("New-CsClientCertificate -Identity admin -Path admin.pem | Out-Null");
    // Redmond lets in who has it once it knows of it.
    fleet.up_to_date(&[ATLANTA, REDMOND, EDGE]);
    stands_by(&fleet);
    fleet.kill(ATLANTA);
    for way in [&["--dir", "lab"][..], &["--certificate", "admin.pem"]] {
        let ask = |text: &str| said(&fleet.run(&[way, &["--width", "300", "-c", text]].concat()));
        let (code, out) = ask("$s = Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus; \
             Write-Output \"master '$($s.ActiveMasterFqdn)', agents $($s.ActiveFileTransferAgents.Count)\"");
        assert!(code == Some(0) && out.contains("master '', agents 0"), "{way:?}: {out}");
        let (code, out) = ask("Invoke-CsManagementServerFailover -WhatIf");
        for part in
            ["as far as is known, and that does not answer", "It would go to redmond-cs-001", "[SourceUnreachable]"]
        {
            assert!(code == Some(0) && out.contains(part), "{way:?}: {part} is not in\n{out}");
        }
        let (code, out) = ask("(Test-CsManagementServerFailover).WouldSucceed");
        assert!(code == Some(0) && out.contains("False"), "{way:?}: {out}");
        let (code, out) = ask("New-CsVoicePolicy -Identity Lost");
        assert!(code == Some(4) && out.contains("HostUnreachable"), "{way:?}: {out}");
        for text in [
            "(Get-CsPoolBackupRelationship -PoolFqdn atl-cs-001.litwareinc.com).BackupPoolFqdn",
            "(Get-CsBackupServiceStatus -PoolFqdn redmond-cs-001.litwareinc.com).BackupPoolFqdn",
            "(Test-CsPoolPairing redmond-cs-001.litwareinc.com).Count",
            "(Get-CsPool redmond-cs-001.litwareinc.com).BackupPoolFqdn",
        ] {
            let (code, out) = ask(text);
            assert!(code == Some(0) && out.contains("out of its copy"), "{way:?}: {text}: {out}");
        }
        assert!(out.contains("Invoke-CsManagementServerFailover -WhatIf"), "{way:?}: {out}");
        let (code, out) = ask("Invoke-CsManagementServerFailover -Confirm:$false");
        assert!(code == Some(4) && out.contains("SourceUnreachable"), "{way:?}: {out}");
    }
    assert_eq!(store(&fleet, REDMOND).role().unwrap(), Role::Standby);
    let report = fleet.path("report.html");
    let (code, out) =
        on_lab(&fleet, &format!("{SEED} -Report report.html; New-CsVoicePolicy -Identity After | Out-Null"));
    assert_eq!(code, Some(0), "{out}");
    assert!(std::fs::read_to_string(report).unwrap().starts_with("<!DOCTYPE html>"));
    let (code, out) =
        said(&fleet.run(&["--certificate", "admin.pem", "-c", "(Get-CsManagementConnection).ActiveMaster"]));
    assert!(code == Some(0) && out.contains(REDMOND), "{out}");

    // The lost one comes back, follows, and a session that begins there is led to the new master.
    fleet.start(ATLANTA);
    wait("Atlanta stands by", || store(&fleet, ATLANTA).role().is_ok_and(|role| role == Role::Standby));
    let atlanta = fleet.host(ATLANTA);
    wait("Atlanta knows who is active", || {
        health(&atlanta).and_then(|health| health.active).is_some_and(|active| active == REDMOND)
    });
    let (code, out) =
        said(&fleet.run(&["--certificate", "admin.pem", "-c", "(Get-CsManagementConnection).ActiveMaster"]));
    assert!(code == Some(0) && out.contains(REDMOND), "{out}");
}

/// Rule: at a computer that may hold the store, without a person's certificate, what is answered there says that the
/// certificate is what is missing, and not that the active store, which answers, were silent; what is refused says so too.
#[test]
fn without_a_certificate_the_cause_is_said() {
    let fleet = up();
    let redmond = fleet.host(REDMOND);
    let ask = |text: &str| said(&fleet.run(&["--dir", redmond.to_str().unwrap(), "--width", "1000", "-c", text]));
    for text in [
        "Get-CsManagementStoreReplicationStatus",
        "Get-CsManagementConnection",
        "Get-CsService -CentralManagement",
        "Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus",
        "Test-CsManagementServerFailover",
    ] {
        let (code, out) = ask(text);
        assert_eq!(code, Some(0), "{text}: {out}");
        assert!(out.contains("ClientCertificateRequired") && out.contains("--certificate"), "{text}: {out}");
        assert!(out.contains(REDMOND) && !out.contains("does not answer"), "{text}: {out}");
    }
    let (code, out) = ask("New-CsVoicePolicy -Identity No");
    assert!(code == Some(3) && out.contains("ClientCertificateRequired"), "{out}");
}

/// Rule: the drill goes there and back and passes, with a report of each way; planned alone, it touches nothing; the
/// daily check finds what is wrong, and its exit code says how bad that is.
#[test]
fn scripts() {
    let mut fleet = up();
    let script = |name: &str| format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR"));
    let run = |fleet: &Fleet, name: &str, more: &[&str]| {
        let name = script(name);
        let ran = fleet.run(&[&["--dir", "lab", "--output", "json", "run", &name], more].concat());
        let objects = String::from_utf8_lossy(&ran.stdout).into_owned();
        let objects: Vec<serde_json::Value> =
            objects.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        (ran.status.code(), objects, String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let epoch = |fleet: &Fleet| store(fleet, ATLANTA).epoch().unwrap();
    let before = epoch(&fleet);
    let (code, steps, err) = run(&fleet, "failover-drill.rhai", &["-PlanOnly"]);
    assert!(code == Some(0) && steps[0]["Step"] == "Plan" && epoch(&fleet) == before, "{steps:?}\n{err}");
    let (code, steps, err) = run(&fleet, "failover-drill.rhai", &[]);
    let names: Vec<&str> = steps.iter().filter_map(|step| step["Step"].as_str()).collect();
    assert_eq!(names, ["Plan", "There", "Verify There", "Back", "Verify Back"], "{steps:?}\n{err}");
    assert!(code == Some(0) && steps.iter().all(|step| step["Result"] == "Passed"), "{steps:?}\n{err}");
    assert!(epoch(&fleet) > before);
    for file in ["drill-there.html", "drill-back.html"] {
        assert!(fleet.path(file).exists(), "{file}");
    }

    let worst = |found: &[serde_json::Value], area: &str| {
        let of: Vec<&str> =
            found.iter().filter(|one| one["Area"] == area).filter_map(|one| one["Severity"].as_str()).collect();
        ["Critical", "Warning", "Ok"].into_iter().find(|severity| of.contains(severity)).map(str::to_string)
    };
    let (_, found, err) = run(&fleet, "daily-backup-check.rhai", &["-Report", "daily.html"]);
    for area in ["Store", "Standby", "Failover", "Replication"] {
        assert_eq!(worst(&found, area).as_deref(), Some("Ok"), "{area}: {found:?}\n{err}");
    }
    assert!(worst(&found, "Backup").is_some(), "{found:?}\n{err}");
    // One line for each thing: whose it is, how bad it is, and what was found.
    for one in &found {
        let text = |name: &str| one[name].as_str().unwrap_or_default();
        assert!(
            ["Store", "Standby", "Failover", "Replication", "Mirror", "Backup", "Pool"].contains(&text("Area")),
            "{one}"
        );
        assert!(["Ok", "Warning", "Critical"].contains(&text("Severity")), "{one}");
        assert!(!text("Name").is_empty() && text("Finding").ends_with('.'), "{one}");
    }
    for module in ["UserServices.PresenceFocus", "ConfServices.DataConf"] {
        let name = format!("{module} of {ATLANTA}");
        assert!(found.iter().any(|one| one["Area"] == "Backup" && one["Name"] == *name), "{name}: {found:?}");
    }
    assert!(std::fs::read_to_string(fleet.path("daily.html")).unwrap().contains("<table"));
    fleet.kill(REDMOND);
    wait("the standby is missed", || {
        let (code, found, _) = run(&fleet, "daily-backup-check.rhai", &[]);
        let bad = |area: &str| worst(&found, area).is_some_and(|severity| severity != "Ok");
        code != Some(0) && bad("Standby") && bad("Failover")
    });
    fleet.start(REDMOND);
    fleet.kill(ATLANTA);
    let (code, found, err) = run(&fleet, "daily-backup-check.rhai", &[]);
    assert!(code == Some(2) && worst(&found, "Store").as_deref() == Some("Critical"), "{found:?}\n{err}");
    // What cannot be looked at then is said, and is not well; the backups are looked at out of the copy.
    assert_eq!(worst(&found, "Replication").as_deref(), Some("Warning"), "{found:?}");
    assert!(worst(&found, "Backup").is_some_and(|worst| worst != "Ok"), "{found:?}");
    let missed = |area: &str| {
        let mut of_it = found.iter().filter(|one| one["Area"] == area).filter_map(|one| one["Finding"].as_str());
        of_it.any(|finding| finding.starts_with("Not looked at"))
    };
    assert!(missed("Replication") && !missed("Backup"), "{found:?}");
    let (code, found, err) = run(&fleet, "health-check.rhai", &[]);
    assert!(code == Some(2) && worst_of(&found, "Store") == Some("Error"), "{found:?}\n{err}");
}

/// The severity of the first finding of an area.
fn worst_of<'a>(found: &'a [serde_json::Value], area: &str) -> Option<&'a str> {
    found.iter().find(|one| one["Area"] == area)?["Severity"].as_str()
}

/// Rule: a target that took over and was given up for another while it was dead stands in no failover's way when it is
/// back; and -Restore leads back once.
#[test]
fn a_target_that_died_after_the_switch_is_no_obstacle() {
    let mut fleet = up();
    let mut command = fleet.command(&["--dir", "lab", "-c", "Invoke-CsManagementServerFailover -Confirm:$false"]);
    let mut begun = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait("Redmond took over", || store(&fleet, REDMOND).role().is_ok_and(|role| role == Role::Active));
    fleet.kill(REDMOND);
    let _ = begun.wait();
    let (code, out) = on_lab(&fleet, &SEED.replace(REDMOND, ATLANTA));
    assert_eq!(code, Some(0), "{out}");
    fleet.start(REDMOND);
    fleet.up_to_date(&[ATLANTA, REDMOND, EDGE]);
    let what_if = || on_lab(&fleet, "Invoke-CsManagementServerFailover -WhatIf");
    wait("it would succeed", || what_if().1.contains("it would succeed"));
    let (code, out) = on_lab(&fleet, "Invoke-CsManagementServerFailover -Confirm:$false");
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(store(&fleet, REDMOND).role().unwrap(), Role::Active, "{out}");

    let restore = || on_lab(&fleet, "Invoke-CsManagementServerFailover -Restore -Confirm:$false");
    wait("it is led back", || restore().0 == Some(0));
    assert_eq!(store(&fleet, ATLANTA).role().unwrap(), Role::Active);
    let (code, out) = restore();
    assert!(code != Some(0) && out.contains("NothingToRestore"), "{out}");
    assert_eq!(store(&fleet, ATLANTA).role().unwrap(), Role::Active);
}
