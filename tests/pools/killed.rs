//! A pool that goes over, or comes back, and a computer that dies in the midst of it.

use super::{DUBLIN, DUBLIN_FILES, DUBLIN_USERS, LONDON, LONDON_FILES, LONDON_USERS, MASTER, documents, said, served};
use crate::support::fleet::{Fleet, PATIENCE};
use reeve::failover::{RunRecord, Stage};
use reeve::store::{Placed, SqliteStore};
use std::process::Stdio;
use std::time::Instant;

const OVER: &str = "Invoke-CsPoolFailOver -PoolFqdn dub-pool.litwareinc.com -SkipDataVerification -Confirm:$false";
const BACK: &str = "Invoke-CsPoolFailBack -PoolFqdn dub-pool.litwareinc.com -Confirm:$false";

/// What the computer recorded of its last failover of Dublin's user store.
fn record(fleet: &Fleet, computer: &str) -> Option<RunRecord> {
    let file = fleet.host(computer).join("pools").join(DUBLIN).join("users.db");
    let note = SqliteStore::open(&file).ok()?.note(RunRecord::NOTE).ok()??;
    serde_json::from_value(note).ok()
}

/// The state of the pool; one that never went anywhere has none of its own.
fn state(fleet: &Fleet) -> String {
    let identity = format!("service:Registrar:{DUBLIN}");
    let (code, told) = said(fleet, &format!("(Get-CsRegistrarConfiguration -Identity {identity}).PoolState"));
    match code {
        Some(0) => told.trim().to_string(),
        _ if told.contains("ManagementObjectNotFound") => "Active".to_string(),
        _ => panic!("{told}"),
    }
}

/// Rule: kill -9 of the computer that takes the users over, of the one that gives them, or of the command, at any recorded
/// step: run again it is finished, or undone by the other command; no document is lost, and the state of the pool says
/// where its users are.
#[test]
fn killed_at_a_step() {
    let mut fleet = Fleet::new();
    // Files go back with the users.
    fleet.launch(&[MASTER, DUBLIN_USERS, LONDON_USERS, DUBLIN_FILES, LONDON_FILES]);
    served(&fleet, DUBLIN);
    served(&fleet, LONDON);
    // The step, who is killed, and the command that is run then.
    let cases = [
        (Stage::Close, "target", OVER),
        (Stage::Pull, "target", BACK),
        (Stage::Export, "target", BACK),
        (Stage::Promote, "target", OVER),
        (Stage::Release, "target", BACK),
        (Stage::Pull, "source", OVER),
        (Stage::Close, "command", BACK),
        (Stage::Promote, "source", BACK),
    ];
    for (at, (stage, victim, again)) in cases.into_iter().enumerate() {
        let is_over = state(&fleet) == "FailedOver";
        let (first, source, target) =
            if is_over { (BACK, LONDON_USERS, DUBLIN_USERS) } else { (OVER, DUBLIN_USERS, LONDON_USERS) };
        let what = format!("{stage:?}, {victim} killed in {first}, then {again}");
        fleet.shell(&format!("Set-CsUserDocument \"Liam O'Brien\" Note @{{Text = \"Case {at}\"}}"));
        let before = documents(&fleet, DUBLIN);
        let last = record(&fleet, target).map(|record| record.id);
        let lab = fleet.lab.directory.to_str().unwrap().to_string();
        let mut command = fleet.command(&["--dir", &lab, "-c", first]);
        let mut command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        loop {
            let is_new = |record: &RunRecord| Some(&record.id) != last.as_ref() && record.stage >= stage;
            // A step takes a moment, and may be gone before it is seen.
            if record(&fleet, target).is_some_and(|record| is_new(&record)) || command.try_wait().unwrap().is_some() {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: never recorded");
        }
        match victim {
            "target" => fleet.kill(target),
            "source" => fleet.kill(source),
            _ => command.kill().unwrap(),
        }
        let ended = command.wait_with_output().unwrap();
        for computer in [source, target] {
            if !fleet.runs(computer) {
                fleet.start(computer);
            }
        }
        // A computer that starts takes a moment, and one that had the users first asks who else has them.
        let wanted = if again == OVER { "FailedOver" } else { "Active" };
        let start = Instant::now();
        let mut told = String::new();
        loop {
            // What the pool says is what counts, once nothing is under way with its user store.
            let open = [source, target].iter().filter_map(|computer| record(&fleet, computer)?.underway()).count();
            if state(&fleet) == wanted && open == 0 {
                break;
            }
            let ran = said(&fleet, again);
            let patient = start.elapsed() < PATIENCE;
            assert!(patient, "{what}: neither finished nor undone\n{}\n{told}", ran.1);
            assert!(!ran.1.contains("TargetIsActive"), "{what}: it took over, and that is no obstacle\n{}", ran.1);
            told = ran.1;
        }
        served(&fleet, DUBLIN);
        println!("{what}: {:?}", ended.status.code());
        assert_eq!(documents(&fleet, DUBLIN), before, "{what}: what the users have");
        let open = [source, target].iter().filter_map(|computer| record(&fleet, computer)?.underway()).count();
        assert_eq!(open, 0, "{what}: nothing is left over");
    }
}
