//! The active computer does not answer: it takes connections and says nothing, or is gone.

use super::{ATLANTA, EDGE, REDMOND, said, stands_by, store, up};
use crate::support::fleet::{Fleet, PATIENCE, wait};
use reeve::store::{Placed, Role};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long a command may take where the active computer hangs, on a busy machine: a few seconds otherwise.
const SOON: Duration = Duration::from_secs(60);

/// What a command gives, soon, has all the parts. The computers that answer have a second or two for it: on a machine that
/// gives them no time that may be too little, so it is asked again.
#[track_caller]
fn gives(fleet: &Fleet, arguments: &[&str], code: i32, parts: &[&str]) {
    let all = Instant::now();
    loop {
        let begun = Instant::now();
        let (ended, out) = said(&fleet.run(arguments));
        assert!(begun.elapsed() < SOON, "{arguments:?}: {:?}\n{out}", begun.elapsed());
        let missing = parts.iter().find(|part| !out.contains(**part));
        if ended == Some(code) && missing.is_none() {
            return;
        }
        assert!(all.elapsed() < PATIENCE, "{arguments:?}: {ended:?}, {missing:?} is not in\n{out}");
    }
}

/// Rule: what asks where the store is and how it stands is answered out of a copy, which says that it is one; a change says
/// soon who is silent and what can be done; whether the computer hangs or is gone, and whichever way the session came.
#[test]
fn what_answers_out_of_a_copy() {
    let mut fleet = up();
    fleet.shell("New-CsClientCertificate -Identity admin -Path admin.pem | Out-Null");
    // What Redmond answers while Atlanta hangs is what it had by then.
    fleet.up_to_date(&[ATLANTA, REDMOND, EDGE]);
    stands_by(&fleet);
    let script = fleet.path("hung.rhai");
    std::fs::write(&script, "New-CsVoicePolicy -Identity Script").unwrap();
    for hangs in [true, false] {
        if hangs {
            fleet.freeze(ATLANTA, true);
        } else {
            fleet.freeze(ATLANTA, false);
            fleet.kill(ATLANTA);
        }
        for way in [&["--dir", "lab"][..], &["--certificate", "admin.pem"]] {
            for (text, part) in [
                ("(Get-CsManagementConnection).ActiveMaster", ATLANTA),
                ("(Get-CsManagementConnection).ReadOnly", "True"),
                ("(Get-CsService -CentralManagement | Where-Object {$_.Active}).PoolFqdn", ATLANTA),
                (
                    "Get-CsManagementStoreReplicationStatus | ForEach-Object {\"$($_.ReplicaFqdn) $($_.UpToDate)\"}",
                    "redmond-cs-001.litwareinc.com True",
                ),
                ("Get-CsManagementStoreReplicationStatus -ReplicaFqdn atl-cs-001.litwareinc.com", ": False"),
                ("(Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus).LastUpdatedOn", "20"),
                ("Invoke-CsManagementServerFailover -WhatIf", "[SourceUnreachable]"),
            ] {
                let asked = [way, &["--width", "300", "-c", text]].concat();
                gives(&fleet, &asked, 0, &[part, "WARNING: ", REDMOND]);
            }
            let asked = [way, &["--width", "300", "-c", "New-CsVoicePolicy -Identity Lost"]].concat();
            gives(&fleet, &asked, 4, &["HostUnreachable", ATLANTA, "Invoke-CsManagementServerFailover -WhatIf"]);
            gives(&fleet, &[way, &["run", script.to_str().unwrap()]].concat(), 4, &[ATLANTA]);
        }
    }
    assert_eq!(store(&fleet, REDMOND).role().unwrap(), Role::Standby);
}

/// Rule: a session that is connected when the server hangs notices it soon, goes on with the same server when that answers
/// again, and what it was told had not been done is not done later; where that cannot be known, it is told so.
#[test]
fn a_connected_session_notices() {
    let fleet = up();
    let text = "foreach ($n in 1..100000) { try { New-CsVoicePolicy -Identity \"N$n\" -ErrorAction Stop | Out-Null; \
                Write-Warning \"made N$n\" } catch { if ($_.Exception.Message -like '*made is not known*') \
                { Write-Warning \"unsure N$n\" } else { Write-Warning \"failed N$n\" } } Start-Sleep -Milliseconds 50 }";
    let mut command = fleet.command(&["--dir", "lab", "-c", text]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (sender, said) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let mut all = Vec::new();
    let mut until = |word: &str| {
        let begun = Instant::now();
        loop {
            let line = said.recv_timeout(SOON.saturating_sub(begun.elapsed()));
            let line = line.unwrap_or_else(|ended| panic!("no {word} soon ({ended}): {all:?}"));
            all.push(line.trim_start_matches("WARNING: ").to_string());
            if line.contains(word) {
                return;
            }
        }
    };
    until("made");
    fleet.freeze(ATLANTA, true);
    // One may have been under way; the next ones began when the server hung.
    (0..2).for_each(|_| until("failed"));
    fleet.freeze(ATLANTA, false);
    until("made");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(said);
    let _ = reader.join();
    let (_, out) = super::on_lab(&fleet, "Get-CsVoicePolicy | ForEach-Object Identity");
    let there: Vec<&str> = out.lines().filter_map(|line| line.trim().strip_prefix("Tag:")).collect();
    let names = |word: &str| -> Vec<String> {
        all.iter().filter_map(|line| line.strip_prefix(word)).map(|name| name.trim().to_string()).collect()
    };
    for name in names("made ") {
        assert!(there.contains(&&*name), "{name} was acknowledged\n{out}");
    }
    for name in names("failed ") {
        assert!(!there.contains(&&*name), "{name} was not done\n{out}\n{all:?}");
    }
}

/// Rule: who interrupts a failover is told that it may go on, and what to ask; and it does go on.
#[test]
fn an_interrupted_failover_goes_on() {
    let fleet = up();
    // Its end waits for a replica that hangs.
    fleet.freeze(EDGE, true);
    let mut command = fleet.command(&["--dir", "lab", "--width", "1000", "-c", &format!("{} -Verbose", super::SEED)]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    for line in lines.by_ref() {
        said += &format!("{line}\n");
        if line.contains("Promote") {
            break;
        }
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    lines.for_each(|line| said += &format!("{line}\n"));
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    for part in ["may go on without this session", "-WhatIf", "-Restore", "Interrupted"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    fleet.freeze(EDGE, false);
    wait("Redmond is active", || store(&fleet, REDMOND).role().is_ok_and(|role| role == Role::Active));
    fleet.up_to_date_with(&fleet.host(REDMOND), &[ATLANTA, REDMOND, EDGE]);
}
