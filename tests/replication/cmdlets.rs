//! The cmdlets on replication, over replication that is made up.

use super::desk::{Desk, REPLICAS, with_stack};
use reeve::replication::Hop;

const ONE: &str = "atl-cs-001.litwareinc.com";

/// Rule: the pages' examples run as they are printed, return nothing, and delete the status of all or of the one named.
#[test]
fn the_examples_of_the_page() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let all = desk.run("Invoke-CsManagementStoreReplication").ok();
        let one = desk.run("Invoke-CsManagementStoreReplication -ReplicaFqdn atl-cs-001.litwareinc.com").ok();
        assert!(all.objects.is_empty() && one.objects.is_empty());
        assert_eq!(*desk.control.forgotten.lock().unwrap(), [None, Some(ONE.to_string())]);
        let log = desk.run("Get-CsAuditLog -Cmdlet Invoke-CsManagementStoreReplication").ok();
        assert_eq!(log.objects.len(), 2, "who forced it is in the log");
    });
}

/// Rule: the status names each replica with the documented properties first, in every form of output; what went wrong
/// is in a list only where something did.
#[test]
fn the_status_in_its_forms() {
    with_stack(|| {
        let desk = Desk::with_late(&[REPLICAS[3]], false);
        let gave = desk.run("Get-CsManagementStoreReplicationStatus").ok();
        let rows = gave.json();
        let names: Vec<&str> = rows.iter().filter_map(|row| row["ReplicaFqdn"].as_str()).collect();
        assert_eq!(names, REPLICAS);
        let keys: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).take(5).collect();
        assert_eq!(keys, ["UpToDate", "ReplicaFqdn", "LastStatusReport", "LastUpdateCreation", "ProductVersion"]);
        let list = gave.shown();
        assert_eq!(list.matches("\nReason").count(), 1, "{list}");
        assert!(!list.contains("HookError") && list.contains("VersionHeld"), "{list}");
        let table =
            desk.run("Get-CsManagementStoreReplicationStatus | Format-Table UpToDate, ReplicaFqdn").ok().shown();
        assert!(table.contains("False") && table.contains(REPLICAS[3]), "{table}");

        let one = desk.run(&format!("Get-CsManagementStoreReplicationStatus {ONE}")).ok().json();
        assert_eq!(one.len(), 1);
        let central = desk.run("Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus").ok().json();
        assert_eq!(central[0]["ActiveMasterFqdn"], ONE);
        assert_eq!(central[0]["ActiveFileTransferAgents"][0], ONE);
    });
}

/// Rule: a name that is none gets the near name; a computer without a replica and a pool are told apart.
#[test]
fn names_that_are_no_replica() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        for cmdlet in
            ["Get-CsManagementStoreReplicationStatus", "Invoke-CsManagementStoreReplication", "Test-CsReplica"]
        {
            for name in ["atl-cs-01.litwareinc.com", "lon-pool.litwareinc.com", "nowhere"] {
                let gave = desk.run(&format!("{cmdlet} -ReplicaFqdn {name}"));
                assert_eq!(gave.errors, ["ReplicaNotFound"], "{cmdlet} {name}");
            }
        }
        assert!(desk.control.forgotten.lock().unwrap().is_empty());
        let pool = desk.run("Get-CsManagementStoreReplicationStatus lon-pool.litwareinc.com");
        assert!(pool.messages[0].contains("is a pool"), "{:?}", pool.messages);
        let without = desk.run(
            "$holding = Get-CsManagementStoreReplicationStatus | ForEach-Object { $_.ReplicaFqdn }; \
             $other = Get-CsComputer | Where-Object { $holding -notcontains $_.Identity } | Select-Object -First 1; \
             Get-CsManagementStoreReplicationStatus -ReplicaFqdn $other.Identity",
        );
        assert!(without.messages[0].contains("holds no replica"), "{:?}", without.messages);
    });
}

/// Rule: objects of the status are piped in by property name; one that is wrong does not stop the others.
#[test]
fn piped_by_property_name() {
    with_stack(|| {
        let desk = Desk::with_late(&[REPLICAS[1], REPLICAS[4]], false);
        desk.run(
            "Get-CsManagementStoreReplicationStatus | Where-Object {-not $_.UpToDate} | Invoke-CsManagementStoreReplication",
        )
        .ok();
        let forgotten = desk.control.forgotten.lock().unwrap().clone();
        assert_eq!(forgotten, [Some(REPLICAS[1].to_string()), Some(REPLICAS[4].to_string())]);
        let gave = desk.run(
            "@('nowhere', 'atl-cs-001.litwareinc.com') | ForEach-Object { [pscustomobject]@{ReplicaFqdn = $_} } | \
             Invoke-CsManagementStoreReplication",
        );
        assert_eq!(gave.errors, ["ReplicaNotFound"]);
        assert_eq!(desk.control.forgotten.lock().unwrap().len(), 3);
    });
}

/// Rule: -Wait says how many are up to date and which are not and why, and returns when all asked for are.
#[test]
fn waiting_with_progress() {
    with_stack(|| {
        let desk = Desk::with_late(&[], true);
        let gave = desk.run("Invoke-CsManagementStoreReplication -Wait").ok();
        assert!(gave.progress[0].starts_with("0 of 8 up to date"), "{:?}", gave.progress);
        assert!(gave.progress[0].contains("It takes a full snapshot"), "{:?}", gave.progress);
        assert!(desk.control.states.lock().unwrap().iter().all(|state| state.up_to_date));
    });
}

/// Rule: Wait-CsReplication returns when all are up to date; where the time is over it names who is late, and why.
#[test]
fn waiting_in_script() {
    with_stack(|| {
        let desk = Desk::with_late(&[REPLICAS[0], REPLICAS[7]], true);
        assert!(desk.run("Wait-CsReplication").ok().objects.is_empty());
        let status = desk.run("Wait-CsReplication -PassThru").ok();
        assert_eq!(status.objects.len(), 8);

        let desk = Desk::with_late(&[REPLICAS[5]], false);
        let late = desk.run("Wait-CsReplication -TimeoutSeconds 0");
        assert_eq!(late.errors, ["ReplicationTimedOut"]);
        assert!(late.messages[0].contains(REPLICAS[5]) && late.messages[0].contains("not connected"));
        desk.run(&format!("Wait-CsReplication {ONE} -TimeoutSeconds 0")).ok();
        desk.run("Get-CsManagementStoreReplicationStatus | Where-Object UpToDate | wait-csreplication").ok();
        assert_eq!(desk.run("Wait-CsReplication nowhere").errors, ["ReplicaNotFound"]);
        // It is a cmdlet like others: a wrong parameter is known before anything runs.
        assert_eq!(desk.run("Wait-CsReplication -TimeoutSeconds x").errors.len(), 1);
        assert_eq!(desk.run("(Get-Command Wait-CsReplication).Name").ok().json()[0], "Wait-CsReplication");
        let dynamic = desk.run("$name = 'Wait-CsReplication'; & $name -ReplicaFqdn atl-cs-001.litwareinc.com");
        assert!(dynamic.errors.is_empty(), "{dynamic:?}");
    });
}

/// Rule: where no terminal is, a picture is printed when something changed, and not otherwise.
#[test]
fn watching() {
    with_stack(|| {
        let desk = Desk::with_late(&[REPLICAS[5]], false);
        let same = desk.run("Watch-CsReplication -Interval 0.1 -Count 3").ok();
        assert_eq!(same.information.len(), 1, "{:?}", same.information);
        assert!(same.information[0].contains("7 of 8 up to date") && same.information[0].contains("not connected"));
        let desk = Desk::with_late(&[REPLICAS[5]], true);
        let healed = desk.run("Watch-CsReplication -Interval 0.1 -Count 3").ok();
        assert_eq!(healed.information.len(), 2, "{:?}", healed.information);
    });
}

/// Rule: each step is an object; one that did not pass is an error at the end, and the report has them all.
#[test]
fn trying_out_a_replica() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let hop = |step: &str, passed: bool| Hop {
            step: step.into(),
            passed,
            found: format!("found <{step}>"),
            milliseconds: 3,
            advice: (!passed).then(|| "Mend it.".to_string()),
        };
        *desk.control.hops.lock().unwrap() = vec![hop("Address", true), hop("Connection", true)];
        assert_eq!(desk.run("Test-CsReplica").ok().objects.len(), 2);
        *desk.control.hops.lock().unwrap() = vec![hop("Address", true), hop("Connection", false)];
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("report.html");
        let gave = desk.run(&format!("Test-CsReplica -ReplicaFqdn {} -Report '{}'", REPLICAS[2], page.display()));
        assert_eq!(gave.errors, ["ProcessingFailed"]);
        assert_eq!(gave.json()[1]["Advice"], "Mend it.");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(page.contains("found &lt;Connection&gt;") && page.contains(REPLICAS[2]), "{page}");
    });
}

/// Rule: who monitors may read the status; who may not change servers may not force replication.
#[test]
fn who_may_do_what() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let force = "Invoke-CsManagementStoreReplication -ReplicaFqdn dub-cs-001.litwareinc.com";
        let status = "Get-CsManagementStoreReplicationStatus";
        for (role, reads, forces) in [
            ("CsAdministrator", true, true),
            ("CsServerAdministrator", true, true),
            ("RTCUniversalServerAdmins", true, true),
            ("CsViewOnlyAdministrator", true, false),
            ("CsHelpDesk", true, false),
            ("CsUserAdministrator", false, false),
        ] {
            let denied = |text: &str| desk.holding(&[role], text).errors == ["AccessDenied"];
            assert_eq!(!denied(status), reads, "{role} reads");
            assert_eq!(!denied(force), forces, "{role} forces");
            assert_eq!(!denied("Wait-CsReplication -TimeoutSeconds 0"), reads, "{role} waits");
        }
    });
}
