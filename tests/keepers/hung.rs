//! The active computer does not answer: it takes connections and says nothing, or is gone.

use super::{ATLANTA, REDMOND, said, store, up};
use crate::support::fleet::Fleet;
use reeve::store::{Placed, Role};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long a command may take where the active computer hangs, on a busy machine: a few seconds otherwise.
const SOON: Duration = Duration::from_secs(40);

/// What a text gives, soon.
fn ask(fleet: &Fleet, way: &[&str], text: &str) -> (Option<i32>, String) {
    let begun = Instant::now();
    let given = said(&fleet.run(&[way, &["--width", "300", "-c", text]].concat()));
    assert!(begun.elapsed() < SOON, "{way:?} {text}: {:?}\n{}", begun.elapsed(), given.1);
    given
}

/// Rule: what asks where the store is and how it stands is answered out of a copy, which says that it is one; a change says
/// soon who is silent and what can be done; whether the computer hangs or is gone, and whichever way the session came.
#[test]
fn what_answers_out_of_a_copy() {
    let mut fleet = up();
    fleet.shell("New-CsClientCertificate -Identity admin -Path admin.pem | Out-Null");
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
                let (code, out) = ask(&fleet, way, text);
                assert!(code == Some(0) && out.contains(part), "{hangs} {way:?} {text}: {part} is not in\n{out}");
                assert!(out.contains("WARNING: ") && out.contains(REDMOND), "{text} does not say so:\n{out}");
            }
            let (code, out) = ask(&fleet, way, "New-CsVoicePolicy -Identity Lost");
            assert!(code == Some(4) && out.contains("HostUnreachable") && out.contains(ATLANTA), "{way:?}: {out}");
            assert!(out.contains("Invoke-CsManagementServerFailover -WhatIf"), "{way:?}: {out}");
            let begun = Instant::now();
            let (code, out) = said(&fleet.run(&[way, &["run", script.to_str().unwrap()]].concat()));
            assert!(code == Some(4) && out.contains(ATLANTA), "{way:?}: {out}");
            assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        }
    }
    assert_eq!(store(&fleet, REDMOND).role().unwrap(), Role::Standby);
}

/// Rule: a session that is connected when the server hangs notices it soon; what had not begun is not done later; and it
/// goes on with the same server when that answers again.
#[test]
fn a_connected_session_notices() {
    let fleet = up();
    let mut command = fleet.command(&["--dir", "lab", "--width", "300"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut lines, mut out) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut says = |line: &str| {
        writeln!(lines, "{line}").unwrap();
        let mut said = String::new();
        while !said.contains("said:") {
            said.clear();
            assert!(out.read_line(&mut said).unwrap() > 0, "it ended at {line}");
        }
        said.trim().to_string()
    };
    let make = |name: &str| {
        format!(
            "try {{ New-CsVoicePolicy -Identity {name} -ErrorAction Stop | Out-Null; Write-Output \"said: made\" }} catch \
             (e) {{ Write-Output \"said: $e\" }}"
        )
    };
    assert_eq!(says(&make("First")), "said: made");
    fleet.freeze(ATLANTA, true);
    let begun = Instant::now();
    let said = says(&make("Hung"));
    assert!(said != "said: made" && begun.elapsed() < SOON, "{said} {:?}", begun.elapsed());
    fleet.freeze(ATLANTA, false);
    assert_eq!(says(&make("Second")), "said: made");
    drop(lines);
    child.wait().unwrap();
    let (_, out) = super::on_lab(&fleet, "Get-CsVoicePolicy | ForEach-Object Identity");
    assert!(out.contains("Tag:First") && out.contains("Tag:Second") && !out.contains("Tag:Hung"), "{out}");
}
