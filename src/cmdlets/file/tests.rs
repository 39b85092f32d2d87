//! Tests of this folder: what cmdlets say of what is not there.

use crate::cmdlets::harness::{command, pipe, run};

#[test]
fn what_is_not_there_is_named_by_powershells_id() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no").join("such.txt").display().to_string();
    for name in ["Get-Item", "Get-ChildItem", "Remove-Item", "Copy-Item", "Get-Content", "Clear-Content"] {
        let class = format!("Microsoft.PowerShell.Commands.{}Command", name.replace('-', ""));
        assert_eq!(run(command(name).arg(nowhere.clone())).errors, [format!("PathNotFound,{class}")], "{name}");
    }
    assert_eq!(run(command("Test-Path").arg(nowhere.clone())).shown(), ["False"]);
    let set = run(command("Set-Content").arg(nowhere).arg("x"));
    assert_eq!(set.errors, ["GetContentWriterDirectoryNotFoundError,Microsoft.PowerShell.Commands.SetContentCommand"]);
}

#[test]
fn files_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    assert!(run(command("New-Item").arg(at("d/e")).with("ItemType", "Directory")).errors.is_empty());
    run(command("Set-Content").arg(at("d/a.txt")).arg("x"));
    run(command("Add-Content").arg(at("d/a.txt")).arg("y"));
    assert_eq!(run(command("Get-Content").arg(at("d/a.txt"))).shown(), ["x", "y"]);
    run(command("Copy-Item").arg(at("d")).arg(at("f")).on("Recurse"));
    assert_eq!(run(command("Get-ChildItem").arg(at("f")).on("Name")).shown(), ["e", "a.txt"]);
    assert_eq!(run(command("Get-ChildItem").arg(at("f/*.txt"))).shown(), [at("f/a.txt")]);
    run(command("Remove-Item").arg(at("f")).on("Recurse"));
    assert_eq!(run(command("Test-Path").arg(at("f"))).shown(), ["False"]);
}

/// Lines together, parts by a delimiter, and what does not go together.
#[test]
fn content_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("a.txt").display().to_string();
    std::fs::write(&at, "1\n2\n3\n4\n5\n").unwrap();
    let get = || command("Get-Content").arg(at.clone());
    for (command, expected) in [
        (get().with("Tail", 2), vec!["\"4\"", "\"5\""]),
        (get().with("TotalCount", 1), vec!["\"1\""]),
        (get().with("ReadCount", 2), vec!["[\"1\",\"2\"]", "[\"3\",\"4\"]", "[\"5\"]"]),
        (get().with("ReadCount", 0).with("Head", 3), vec!["[\"1\",\"2\",\"3\"]"]),
        (get().with("Delimiter", "3"), vec!["\"1\\n2\\n\"", "\"\\n4\\n5\\n\""]),
        (get().with("Exclude", "*.txt"), vec![]),
    ] {
        assert_eq!(run(command).json(), expected);
    }
    assert_eq!(run(get().with("Tail", 1).with("Head", 1)).stopped.as_deref(), Some("TailAndHeadCannotCoexist"));
    assert_eq!(run(get().on("Raw").on("Wait")).stopped.as_deref(), Some("RawAndWaitCannotCoexist"));
}

/// -Wait gives what is written later, until nobody wants more.
#[test]
fn content_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("log.txt");
    std::fs::write(&at, "old\n").unwrap();
    let writes = at.clone();
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        for line in ["one\ntw", "o\n", "three\n"] {
            std::thread::sleep(std::time::Duration::from_millis(250));
            let mut file = std::fs::OpenOptions::new().append(true).open(&writes).unwrap();
            file.write_all(line.as_bytes()).unwrap();
        }
    });
    let follow = command("Get-Content").arg(at.display().to_string()).on("Wait");
    let some = command("Select-Object").with("First", 4);
    assert_eq!(pipe(None, vec![follow, some]).shown(), ["old", "one", "two", "three"]);
    writer.join().unwrap();
}

/// Whether a file is there counts with when it was changed.
#[test]
fn paths_are_tested_by_their_age() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("a").display().to_string();
    std::fs::write(&at, "").unwrap();
    for (name, date, expected) in [
        ("NewerThan", "2020-01-01", "True"),
        ("OlderThan", "2020-01-01", "False"),
        ("NewerThan", "2999-01-01", "False"),
    ] {
        assert_eq!(run(command("Test-Path").arg(at.clone()).with(name, date)).shown(), [expected], "{name} {date}");
    }
}

/// Rule: a server opens no path that a client names, and asks nobody on the web. What works on files, on the web, on
/// variables and on objects runs in the client, whatever the session is connected to.
#[test]
fn all_of_them_run_in_the_client() {
    use crate::cmdlet::{AccessKind, Side};
    let folders = [
        crate::cmdlets::file::all(),
        crate::cmdlets::format::all(),
        crate::cmdlets::help::all(),
        crate::cmdlets::object::all(),
        crate::cmdlets::utility::all(),
        crate::cmdlets::variable::all(),
        crate::cmdlets::web::all(),
    ];
    for entry in folders.into_iter().flatten() {
        assert_eq!((entry.side, entry.access.kind), (Side::Client, AccessKind::Client), "{}", entry.name);
    }
}
