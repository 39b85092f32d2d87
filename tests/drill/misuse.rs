//! What is refused, by its id, and that nothing changes then.

use super::{ATLANTA, EDGE, REDMOND, SEED, Site};
use reeve::store::Role;

/// Of each place: what the store is there, epoch and version.
fn standings(site: &Site) -> Vec<(Role, u64, u64)> {
    let of = |computer: &str| {
        site.standing(computer).map(|standing| (standing.role, standing.at.epoch, standing.at.version))
    };
    [ATLANTA, REDMOND].iter().filter_map(|computer| of(computer)).collect()
}

/// Rule: every error of use has its id, and changes no version, no epoch and no role.
#[test]
fn every_error_of_use_changes_nothing() {
    let mut site = Site::up();
    let before = standings(&site);
    assert_eq!(before.len(), 2);
    let failover = "Invoke-CsManagementServerFailover";
    let mirror = "Invoke-CsDatabaseFailover -PoolFqdn atl-cs-001.litwareinc.com -NewPrincipal Mirror -Force";
    let to = |sql: &str| format!("{failover} -BackupSqlServerFqdn {sql} -BackupSqlInstanceName RTC");
    let cases = [
        ("Invoke-CsBackupServiceSync -PoolFqdn nowhere.litwareinc.com".to_string(), "PoolNotFound"),
        ("Invoke-CsPoolFailOver -PoolFqdn nowhere.litwareinc.com -Confirm:$false".into(), "PoolNotFound"),
        ("Invoke-CsPoolFailBack -PoolFqdn nowhere.litwareinc.com -Confirm:$false".into(), "PoolNotFound"),
        ("Get-CsDatabaseMirrorState -PoolFqdn nowhere.litwareinc.com".into(), "PoolNotFound"),
        (
            "$m = \"ConfServices.DataCon\"; Invoke-CsBackupServiceSync -PoolFqdn atl-cs-001.litwareinc.com -BackupModule $m".into(),
            "ParameterArgumentValidationError",
        ),
        ("Invoke-CsBackupServiceSync -PoolFqdn atl-edge-001.litwareinc.com".into(), "PoolNotPaired"),
        ("Get-CsPoolBackupRelationship -PoolFqdn atl-edge-001.litwareinc.com".into(), "PoolNotPaired"),
        ("Invoke-CsPoolFailOver -PoolFqdn atl-edge-001.litwareinc.com -Confirm:$false".into(), "RegistrarNotFound"),
        (format!("{} -Force", to("dub-sql-001.litwareinc.com")), "TargetNotStandby"),
        (format!("{} -Force", to("nowhere.litwareinc.com")), "TargetNotStandby"),
        (format!("{} -Force", to(ATLANTA)), "TargetIsActive"),
        (format!("{SEED} -BackupMirrorSqlServerFqdn dub-sql-001.litwareinc.com"), "MirrorNotOfTarget"),
        (format!("{mirror} -DatabaseType CentralMgmt"), "NotMirrored"),
        (format!("{mirror} -DatabaseType User"), "NotMirrored"),
        (format!("{failover} -Restore -Confirm:$false"), "NothingToRestore"),
        (to(REDMOND), "ForceRequired"),
        (format!("{SEED} -Restore"), "AmbiguousParameterSet"),
        (SEED.replace("-BackupSqlInstanceName", "- BackupSqlInstanceName"), "PositionalParameterNotFound"),
        ("Invoke-CsPoolFailBack -PoolFqdn redmond-cs-001.litwareinc.com -Confirm:$false".into(), "PoolNotFailedOver"),
        // The store of the deployment is in this pool, and goes over first.
        ("Invoke-CsPoolFailOver -PoolFqdn atl-cs-001.litwareinc.com -Confirm:$false".into(), "StoreNotFailedOver"),
    ];
    let mut wrong = Vec::new();
    for (text, id) in &cases {
        let ran = site.lab(text);
        if ran.code == Some(0) || !ran.err.contains(id) {
            wrong.push(format!("{text}: not {id}:\n{ran:?}"));
        }
        assert_eq!(standings(&site), before, "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Who looks first is told the same, and touches nothing either.
    let looked = site.lab(&format!("{failover} -WhatIf -InformationAction Continue")).ok();
    let said = format!("{}{}", looked.out, looked.err);
    assert!(said.contains(ATLANTA) && said.contains(REDMOND), "{said}");
    assert_eq!(standings(&site), before);

    // A target that is out of reach, and a replica that is not there.
    site.kill(REDMOND);
    for text in [format!("{failover} -Confirm:$false"), SEED.to_string()] {
        site.lab(&text).fails("TargetUnreachable");
    }
    assert_eq!(standings(&site), before);
    site.start(REDMOND);
    site.stands_by(REDMOND, ATLANTA);
    site.kill(EDGE);
    site.lab(&format!("{failover} -Confirm:$false")).fails("ReplicasBehind");
    assert_eq!(standings(&site), before);
    site.lab("New-CsVoicePolicy -Identity Still | Out-Null").ok();
}
