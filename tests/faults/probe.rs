//! Each step on the way to a replica tried.

use super::{DUBLIN, LONDON, MASTER, Site};
use crate::host::fleet::wait;

fn hops(text: &str) -> Vec<(String, bool, String)> {
    let rows = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_string();
    rows.map(|row: serde_json::Value| (text(&row, "Step"), row["Passed"].as_bool().unwrap(), text(&row, "Found")))
        .collect()
}

const STEPS: [&str; 7] = ["Topology", "Address", "Connection", "Certificate", "Agent", "Replica", "Hook"];

/// Rule: of a replica that is well every step passes; of one that is stopped the connection does not, of one whose address
/// leads to another computer its certificate, of one that sees another master its agent; what failed is an error, with
/// advice, and nothing after it is tried.
#[test]
fn a_probe_names_the_step_that_fails() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let lab = site.lab.directory.to_str().unwrap().to_string();
    let probe = |site: &Site, computer: &str| {
        let text = format!("Test-CsReplica -ReplicaFqdn {computer}");
        let ran = site.run(&["--dir", &lab, "--output", "json", "-c", &text]);
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        (hops(&String::from_utf8_lossy(&ran.stdout)), err)
    };
    let (found, err) = probe(&site, DUBLIN);
    assert!(found.iter().all(|(_, passed, _)| *passed) && err.is_empty(), "{found:?} {err}");
    assert_eq!(found.iter().map(|(step, ..)| step.as_str()).collect::<Vec<_>>(), STEPS);
    let fails = |site: &Site, computer: &str, step: &str, id: &str| {
        let (found, err) = probe(site, computer);
        let (last, before) = found.split_last().unwrap();
        assert!(before.iter().all(|(_, passed, _)| *passed), "{found:?}");
        assert!(last.0 == step && !last.1 && last.2.contains(id), "{found:?}");
        assert!(err.contains("ProcessingFailed") && err.contains(step), "{err}");
    };
    site.stop(LONDON);
    fails(&site, LONDON, "Connection", "HostUnreachable");
    site.publish(&[(LONDON, site.address(DUBLIN))]);
    fails(&site, LONDON, "Certificate", "NameMismatch");
    site.publish(&[]);
    site.start(LONDON);
    site.up_to_date(&[LONDON]);
    wait("it passes again", || probe(&site, LONDON).0.iter().all(|(_, passed, _)| *passed));
}
