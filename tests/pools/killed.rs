//! A pool that goes over, or comes back, and a computer that dies in the midst of it.

use super::{
    DUBLIN, DUBLIN_FILES, DUBLIN_USERS, LONDON, LONDON_FILES, LONDON_USERS, MASTER, documents, refused, said, served,
};
use crate::support::fleet::{Fleet, PATIENCE, wait};
use reeve::failover::{RunRecord, Stage};
use reeve::store::{Placed, Role, SqliteStore};
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

/// Rule: where the place that took a pool's users over died before the configuration heard of it nobody serves them. The
/// fail-back says so, and writes Active only once a computer of the pool says that it serves; and it brings home users who
/// are elsewhere though the state says Active.
#[test]
fn nobody_is_not_taken_for_a_server() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN_USERS, LONDON_USERS]);
    served(&fleet, DUBLIN);
    served(&fleet, LONDON);
    let before = documents(&fleet, DUBLIN);
    // No file stores run here.
    let back = format!("{BACK} -SkipDataVerification");
    let role = |fleet: &Fleet, computer: &str| {
        let file = fleet.host(computer).join("pools").join(DUBLIN).join("users.db");
        SqliteStore::open(&file).ok().and_then(|store| store.role().ok())
    };
    // The master may have been told of the end before it was killed: then again.
    for attempt in 1.. {
        let last = record(&fleet, LONDON_USERS).map(|record| record.id);
        let lab = fleet.lab.directory.to_str().unwrap().to_string();
        let begin = || {
            let mut command = fleet.command(&["--dir", &lab, "-c", OVER]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut command = begin();
        wait("London begins", || {
            let begun = record(&fleet, LONDON_USERS).map(|record| record.id) != last;
            // It is refused until London has everything.
            if !begun && command.try_wait().unwrap().is_some() {
                command = begin();
            }
            begun
        });
        fleet.kill(MASTER);
        command.wait().unwrap();
        wait("Dublin gave its users away", || role(&fleet, DUBLIN_USERS) == Some(Role::Standby));
        wait("London ends it", || record(&fleet, LONDON_USERS).is_some_and(|record| record.underway().is_none()));
        fleet.kill(LONDON_USERS);
        fleet.start(MASTER);
        let found = state(&fleet);
        if found == "FailingOver" {
            break;
        }
        assert!(attempt < 5 && found == "FailedOver", "{found}");
        fleet.start(LONDON_USERS);
        wait("its users come back", || said(&fleet, &back).0 == Some(0));
    }
    let at_once = format!("{BACK} -WaitTime 00:00:01");
    refused(&fleet, &at_once, "SourceUnreachable");
    assert_eq!(state(&fleet), "FailingOver", "nobody serves them");
    fleet.shell(&format!("Set-CsRegistrarConfiguration -Identity service:Registrar:{DUBLIN} -PoolState Active"));
    let told = refused(&fleet, &at_once, "SourceUnreachable");
    assert!(told.contains("-DisasterMode"), "{told}");
    let (code, told) = said(&fleet, &format!("{back} -DisasterMode"));
    assert_eq!((code, state(&fleet)), (Some(0), "Active".to_string()), "{told}");
    assert_eq!(documents(&fleet, DUBLIN), before);

    // London comes back and follows, and gets them again, of which the state tells nothing.
    fleet.start(LONDON_USERS);
    wait("London takes them over", || said(&fleet, OVER).0 == Some(0));
    fleet.shell(&format!("Set-CsRegistrarConfiguration -Identity service:Registrar:{DUBLIN} -PoolState Active"));
    let (code, told) = said(&fleet, &format!("{back} -Verbose"));
    assert_eq!((code, state(&fleet)), (Some(0), "Active".to_string()), "{told}");
    assert_eq!((role(&fleet, DUBLIN_USERS), role(&fleet, LONDON_USERS)), (Some(Role::Active), Some(Role::Standby)));
    assert_eq!(documents(&fleet, DUBLIN), before);
}
