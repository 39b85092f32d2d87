//! Scripts of the kind that administrators write, run as they are: every construct that such scripts are made of.
//!
//! `real/NAME.ps1` is the script, `real/NAME.out` what it prints. `REEVE_UPDATE=1` writes the second anew, to be read
//! before it is kept.

use super::program::{Place, Ran};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/real")
}

fn run(place: &Place, name: &str, words: &[&str]) -> Ran {
    let path = folder().join(format!("{name}.ps1"));
    let mut all = vec!["--dir", "lab", "run", path.to_str().unwrap()];
    all.extend(words);
    place.run(&all)
}

/// Rule: a script of the kind runs as it is, and prints what PowerShell would.
#[test]
fn scripts_run_as_they_are() {
    let scripts: [(&str, &[&str], i32); 14] = [
        ("compare-report", &[], 0),
        ("enable-from-csv", &["-File", "people.csv"], 0),
        ("files", &[], 0),
        ("filters", &[], 0),
        ("functions", &[], 0),
        ("health", &[], 5),
        ("html-report", &[], 0),
        ("lists", &[], 0),
        ("splat-and-blocks", &[], 0),
        ("stopwatch", &[], 0),
        ("user-report", &["-OutputPath", "out.csv"], 0),
        ("user-report", &["-Pool", "dub", "-Verbose:$false"], 0),
        ("voice-dump", &["-Folder", "dump"], 0),
        ("enable-from-csv", &["nothing.csv"], 5),
    ];
    let place = Place::lab();
    std::fs::copy(folder().join("people.csv"), place.path("people.csv")).unwrap();
    for (at, (name, words, code)) in scripts.into_iter().enumerate() {
        let ran = run(&place, name, words);
        assert_eq!(ran.code, Some(code), "{name}: {}{}", ran.out, ran.err);
        let again = scripts[..at].iter().filter(|(n, ..)| *n == name).count();
        let file = folder().join(if again == 0 { format!("{name}.out") } else { format!("{name}-{again}.out") });
        if std::env::var_os("REEVE_UPDATE").is_some() {
            std::fs::write(&file, &ran.out).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(ran.out, expected, "{name} {words:?}\n{}", ran.err);
    }
    let csv = std::fs::read_to_string(place.path("out.csv")).unwrap();
    assert!(csv.lines().count() > 100 && csv.starts_with("\"DisplayName\",\"SipAddress\",\"Pool\",\"Voice\""), "{csv}");
    let page = std::fs::read_to_string(place.path("replication.html")).unwrap();
    assert!(page.contains("<td class=\"bad\">LATE</td>") && page.contains("<h1>Replication of 2"), "{page}");
    let log = std::fs::read_to_string(place.path("enable.log")).unwrap();
    assert!(log.contains("[ERROR] Row 2: Row 2 has no name") && log.contains("[INFO] Enabled Akira Turner"), "{log}");
    assert!(place.path("dump/DialPlan.txt").is_file());
}

/// Rule: a menu without anybody at it ends; it does not ask for ever.
#[test]
fn nobody_is_asked_for_ever() {
    let place = Place::lab();
    let ran = run(&place, "menu", &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(ran.err.matches("There is nobody to ask").count(), 1, "{}", ran.err);
}

/// Rule: what is not there is named before anything runs, once for each construct.
#[test]
fn what_is_not_there_is_named_once_before_anything_runs() {
    let place = Place::lab();
    let ran = run(&place, "out-of-reach", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    let constructs = [
        "using",
        "Invoke-Expression",
        "Add-Type",
        "class",
        "enum",
        "filter",
        "trap",
        "dot-sourcing",
        "assignment to $env:",
        "New-PSSession",
        "Enter-PSSession",
    ];
    for construct in constructs {
        let line = format!("× {construct} is not part of the language");
        assert_eq!(ran.err.matches(&line).count(), 1, "{construct}: {}", ran.err);
    }
    assert_eq!(ran.err.matches("× 'Get-CsNoSuchThing' is not").count(), 1, "{}", ran.err);
    assert!(!ran.err.contains("'Invoke-Expression' is not the name"), "{}", ran.err);
}
