//! The active computer is lost with its disk, and comes back later.

use super::site::{documents, policy};
use super::{ATLANTA, EDGE, REDMOND, SEED, Site, Writer};
use crate::support::fleet::{health, wait};
use reeve::replication::storage::ReplicaStore;
use reeve::store::{Document, Role, Store};
use std::collections::BTreeSet;

/// The names of policies of the drill that stand in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let ours = |word: &&str| {
        word.strip_prefix("Under").is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    };
    words.filter(ours).map(str::to_string).collect()
}

/// What a store has that changed after a version, what was removed too.
fn after(store: &dyn Store, version: u64) -> BTreeSet<String> {
    let name = |document: Document| {
        let id = document.id;
        format!("{}|{}|{}", id.kind, id.scope, id.key).to_lowercase()
    };
    store.since(version).unwrap().into_iter().map(name).collect()
}

/// Rule: the active computer killed, and its directory moved away, while changes are made: the published command, given
/// where a server still runs, lets Redmond take over; its report lists exactly what replicas had and Redmond had not; all
/// that run follow in the new epoch, and changes go on. The computer that comes back is fenced before it serves anybody,
/// keeps in a file what only it has, stands by, and -Restore brings it back with everything that was made meanwhile.
#[test]
fn lost_with_its_disk_and_back() {
    let mut site = Site::with_data();
    site.shell("New-CsClientCertificate -Identity admin -Path admin.pem | Out-Null");
    let writer = Writer::begin(&site, "Under");
    writer.goes_on(10);

    // Redmond is held back: what comes now only Atlanta and the replica have.
    site.kill(REDMOND);
    let held = site.standing(REDMOND).unwrap().at;
    writer.goes_on(10);
    site.shell("Set-CsVoicePolicy -Identity Under1 -Description Later; Remove-CsVoicePolicy -Identity Under2");
    wait("the replica is ahead", || !site.replica(EDGE).get(&policy("Under2")).is_some_and(|(_, body)| body.is_some()));
    site.kill(ATLANTA);
    let away = site.path("away");
    std::fs::rename(site.host(ATLANTA), &away).unwrap();
    // A replica keeps no trace of what was removed: that is what it has not, and Redmond has.
    let replica = site.replica(EDGE);
    let mut ahead = after(&ReplicaStore::open(&site.host(EDGE).join("replica")).unwrap().unwrap(), held.version);
    ahead.extend(documents(&site.store(REDMOND)).into_keys().filter(|name| !replica.contains_key(name)));
    assert!(ahead.len() > 10 && ahead.contains(&policy("Under1")) && ahead.contains(&policy("Under2")), "{ahead:?}");
    site.start(REDMOND);

    // Who works with the lab is not asked for a certificate, which would not bring it back.
    let away_now = site.lab("New-CsVoicePolicy -Identity Away");
    assert!(away_now.code == Some(4) && away_now.err.contains("-WhatIf"), "{away_now:?}");

    // Whoever asks before is told what would be lost, and nothing is done.
    let asked = site.on(REDMOND, "(Test-CsManagementServerFailover -BackupSqlServerFqdn redmond-cs-001.litwareinc.com).Lost | ForEach-Object Document");
    let lost: BTreeSet<String> = asked.ok().lines().iter().map(|line| line.to_lowercase()).collect();
    let expected: BTreeSet<String> = ahead.iter().map(|name| name.replace('|', " ").trim().to_string()).collect();
    assert_eq!(lost, expected);
    assert_eq!(site.standing(REDMOND).unwrap().at, held);

    // From the replica's computer, which holds no store: as an administrator with a certificate.
    let command = format!("{SEED} -Report lost.html -Verbose");
    let edge = site.host(EDGE).to_str().unwrap().to_string();
    site.ran(&["--dir", &edge, "--certificate", "admin.pem", "-c", &command]).ok();
    let record = site.record(REDMOND).expect("it recorded what it did");
    let lost: BTreeSet<String> =
        record.lost.iter().map(|lost| lost.document.trim().to_lowercase().replace(' ', "|") + "|").collect();
    assert_eq!(lost, ahead, "what is recorded");
    let names = |of: &BTreeSet<String>| of.iter().flat_map(|name| named(&name.replace("under", "Under"))).collect();
    let expected: BTreeSet<String> = names(&ahead);
    let report = std::fs::read_to_string(site.path("lost.html")).unwrap();
    let export = record.export.as_deref().expect("an export");
    assert!(std::path::Path::new(export).exists(), "{export}");

    // It says so everywhere.
    let now = site.standing(REDMOND).unwrap();
    assert!(now.role == Role::Active && now.at.epoch > held.epoch && now.at.version > held.version, "{now:?}");
    for (text, shown) in [
        ("(Get-CsManagementConnection).ActiveMaster", REDMOND),
        ("(Get-CsManagementConnection).SqlServer", REDMOND),
        ("(Get-CsService -CentralManagement | Where-Object {$_.Active}).PoolFqdn", REDMOND),
        ("(Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus).ActiveMasterFqdn", REDMOND),
    ] {
        assert_eq!(site.lab(text).ok().out.trim(), shown, "{text}");
    }
    site.follow(REDMOND, &[REDMOND, EDGE]);
    wait("the replica gave up what is lost", || site.replica(EDGE) == documents(&site.store(REDMOND)));
    writer.goes_on(5);
    let before = held.version;
    let acknowledged = writer.end();

    // Atlanta comes back, and takes itself for the active one.
    std::fs::rename(&away, site.host(ATLANTA)).unwrap();
    let came = site.standing(ATLANTA).unwrap();
    assert_eq!(came.role, Role::Active);
    let only = after(&site.store(ATLANTA), before);
    // What it acknowledged in the moment in which it was killed no replica may have: only its disk knows.
    let lost: BTreeSet<String> = names(&only);
    let since: Vec<String> = acknowledged.into_iter().filter(|name| !lost.contains(name)).collect();
    site.start(ATLANTA);
    let stray = site.on(ATLANTA, "New-CsVoicePolicy -Identity Stray");
    assert_ne!(stray.code, Some(0), "it took a change: {stray:?}");
    site.stands_by(ATLANTA, REDMOND);
    let unsent = site.unsent(ATLANTA);
    assert_eq!(unsent.len(), 1, "{unsent:?}");
    let kept = std::fs::read_to_string(&unsent[0]).unwrap();
    assert_eq!(named(&kept), lost, "the file has what only Atlanta has");
    let file = unsent[0].file_name().unwrap().to_str().unwrap();
    let status = site.lab("(Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus) | Format-List").ok();
    assert!(status.out.replace([' ', '\n'], "").contains(file), "{}", status.out);
    wait("its health names the file", || {
        health(&site.host(ATLANTA)).is_some_and(|health| health.warnings.values().any(|text| text.contains(file)))
    });
    let log = std::fs::read_to_string(site.host(ATLANTA).join("serve.log")).unwrap();
    assert!(log.contains(file), "its log does not name {file}");
    site.whole(REDMOND, &[ATLANTA], &[ATLANTA, REDMOND, EDGE], &since);
    assert!(documents(&site.store(REDMOND)).keys().all(|name| !name.contains("stray")));

    // And back.
    site.shell("New-CsVoicePolicy -Identity Meanwhile | Out-Null; Wait-CsReplication | Out-Null");
    site.lab("Invoke-CsManagementServerFailover -Restore -Confirm:$false").ok();
    let all: Vec<String> = since.into_iter().chain(["Meanwhile".to_string()]).collect();
    site.whole(ATLANTA, &[REDMOND], &[ATLANTA, REDMOND, EDGE], &all);
    assert_eq!(site.lab("(Get-CsManagementConnection).ActiveMaster").ok().out.trim(), ATLANTA);
    site.shell("New-CsVoicePolicy -Identity Again | Out-Null");
    assert!(site.store(ATLANTA).epoch().unwrap() > now.at.epoch);

    assert_eq!(named(&report), expected, "the report lists what is lost");
    assert!(report.contains(export), "{export}");
}
