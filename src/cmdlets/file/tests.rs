//! Tests of this folder: what cmdlets say of what is not there.

use crate::cmdlets::harness::{command, feed, pipe, run};
use crate::value::Value;

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

/// Rule: nothing is copied over itself, by whatever name or link: to open it for writing would empty it.
#[test]
fn nothing_is_copied_over_itself() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("a.txt"), "AAA").unwrap();
    std::fs::hard_link(at("a.txt"), at("hard")).unwrap();
    std::os::unix::fs::symlink(at("a.txt"), at("soft")).unwrap();
    for to in ["a.txt", "./a.txt", "", "hard", "soft"] {
        let ran = run(command("Copy-Item").arg(at("a.txt")).arg(at(to)));
        assert_eq!(ran.errors, ["CopyError,Microsoft.PowerShell.Commands.CopyItemCommand"], "{to}");
        assert_eq!(std::fs::read_to_string(at("a.txt")).unwrap(), "AAA", "{to}");
    }
}

/// Rule: a folder is not copied into itself, which would have no end.
#[test]
fn no_folder_is_copied_into_itself() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir_all(at("d/sub")).unwrap();
    for to in ["d", "d/sub", "d/new"] {
        let ran = run(command("Copy-Item").arg(at("d")).arg(at(to)).on("Recurse"));
        assert_eq!(ran.errors, ["CopyError,Microsoft.PowerShell.Commands.CopyItemCommand"], "{to}");
    }
    assert_eq!(std::fs::read_dir(at("d/sub")).unwrap().count(), 0);
    assert!(run(command("Copy-Item").arg(at("d")).arg(at("d2")).on("Recurse")).errors.is_empty());
}

/// Rule: only -Recurse says that what is in a folder goes with it; -Force and -Confirm:$false do not.
#[test]
fn a_folder_that_is_not_empty_stays() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(at("d")).unwrap();
    std::fs::write(at("d/f"), "x").unwrap();
    for ran in [
        run(command("Remove-Item").arg(at("d"))),
        run(command("Remove-Item").arg(at("d")).on("Force")),
        run(command("Remove-Item").arg(at("d")).on("Force").with("Confirm", false)),
    ] {
        assert_eq!(ran.stopped.as_deref(), Some("PromptNotAvailable"));
        assert!(std::path::Path::new(&at("d/f")).exists());
    }
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

/// A folder with files: `x.log`, `a/y.log`, `a/b/z.log`, `a/n.txt`, and files whose names look like patterns.
fn tree() -> (tempfile::TempDir, impl Fn(&str) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("a/b")).unwrap();
    for name in ["x.log", "a/y.log", "a/b/z.log", "a/n.txt", "r[1].csv", "r1.csv"] {
        std::fs::write(root.join(name), format!("{name}\nline\n")).unwrap();
    }
    (folder, move |name: &str| root.join(name).display().to_string())
}

/// In a walk through all folders the last part of a pattern says what is wanted of all below, as in PowerShell.
#[test]
fn patterns_walk_through_folders() {
    let (_folder, at) = tree();
    let list = |path: &str| command("Get-ChildItem").arg(at(path)).on("Name");
    for (command, expected) in [
        (list("*.log"), vec!["x.log"]),
        (list("*.log").on("Recurse"), vec!["x.log", "a/y.log", "a/b/z.log"]),
        (list("a").arg("*.log").on("Recurse"), vec!["y.log", "b/z.log"]),
        (list("z.log").on("Recurse"), vec!["a/b/z.log"]),
        (list("*.log").with("Depth", 1), vec!["x.log", "a/y.log"]),
        (list("*").with("Include", "*.log").on("Recurse"), vec!["x.log", "a/y.log", "a/b/z.log"]),
        (list("*").on("Recurse").on("Directory"), vec!["a", "a/b"]),
        (list("a*").with("Include", "*.txt").on("Recurse"), vec!["n.txt"]),
        (list(".").with("Include", "z*").on("Recurse"), vec!["a/b/z.log"]),
        (list("*/b/*.log").on("Recurse"), vec!["z.log"]),
        (list("a").with("Attributes", "Directory"), vec!["b"]),
        (list("a").with("Attributes", "!Directory+!ReadOnly"), vec!["n.txt", "y.log"]),
        (list("a").on("System"), vec![]),
    ] {
        let outcome = run(command);
        assert_eq!((outcome.shown(), outcome.errors), (expected.iter().map(|e| e.to_string()).collect(), vec![]));
    }
    let wrong = run(list("a").with("Attributes", "Directoy"));
    assert_eq!(wrong.stopped.as_deref(), Some("ParameterArgumentTransformationError"));
    for nowhere in ["no/*.log", "no.log", "no/no.log"] {
        let outcome = run(list(nowhere).on("Recurse"));
        assert_eq!(outcome.errors, ["PathNotFound,Microsoft.PowerShell.Commands.GetChildItemCommand"], "{nowhere}");
    }
}

/// -Include with -Recurse looks for what goes in folders that stay; without it a whole folder goes.
#[test]
fn what_is_included_goes_from_all_folders() {
    let (_folder, at) = tree();
    run(command("Remove-Item").arg(at("*")).with("Include", "*.log").on("Recurse"));
    let left = run(command("Get-ChildItem").arg(at("")).on("Recurse").on("Name")).shown();
    assert_eq!(left, ["a", "r[1].csv", "r1.csv", "a/b", "a/n.txt"]);
}

/// A file from the pipeline is that file, whatever its name looks like.
#[test]
fn a_file_from_the_pipeline_is_no_pattern() {
    let (_folder, at) = tree();
    let file = || command("Get-Item").with("LiteralPath", at("r[1].csv"));
    let through = |next| pipe(None, vec![file(), next]);
    assert_eq!(through(command("Get-Content")).shown(), ["r[1].csv", "line"]);
    assert_eq!(through(command("Import-Csv")).json(), ["{\"r[1].csv\":\"line\"}"]);
    assert_eq!(through(command("Get-ChildItem").on("Name")).shown(), ["r[1].csv"]);
    assert_eq!(
        through(command("Select-String").with("Pattern", "lin")).shown(),
        [format!("{}:2:line", at("r[1].csv"))]
    );
    assert!(through(command("Copy-Item").with("Destination", at("a"))).errors.is_empty());
    assert!(std::fs::metadata(at("a/r[1].csv")).is_ok());
    assert!(through(command("Export-Csv").arg(at("list.csv"))).errors.is_empty());
    assert!(through(command("Remove-Item")).errors.is_empty());
    assert_eq!(run(command("Get-ChildItem").arg(at("r*")).on("Name")).shown(), ["r1.csv"]);
    let escaped = run(command("Get-Content").arg(at("a/r`[1`].csv")));
    assert_eq!(escaped.shown(), ["r[1].csv", "line"]);
    let path = run(command("Get-Item").arg(at("r1.csv"))).values.remove(0);
    let path = crate::value::member::get(&path, "PSPath").unwrap();
    assert_eq!(run(command("Get-Content").with("Path", path).with("First", 1)).shown(), ["r1.csv"]);
}

/// Links lead where -Value says, and are replaced with -Force.
#[test]
fn links_are_made() {
    let (_folder, at) = tree();
    let link = |kind: &str, to: &str| {
        command("New-Item").arg(at("link")).with("ItemType", kind).with("Value", at(to)).on("Force")
    };
    assert!(run(link("SymbolicLink", "x.log")).errors.is_empty());
    assert_eq!(run(command("Get-Content").arg(at("link"))).shown(), ["x.log", "line"]);
    assert!(run(link("HardLink", "r1.csv")).errors.is_empty());
    assert_eq!(run(command("Get-Content").arg(at("link"))).shown(), ["r1.csv", "line"]);
    let nowhere = run(command("New-Item").arg(at("other")).with("ItemType", "SymbolicLink"));
    assert_eq!(nowhere.errors, ["ArgumentNull,Microsoft.PowerShell.Commands.NewItemCommand"]);
    let wrong = run(command("New-Item").arg(at("other")).with("ItemType", "Registry"));
    assert_eq!(wrong.stopped.as_deref(), Some("Argument"));
}

/// There are no drives: nothing is made under their names, and nothing is there.
#[test]
fn a_path_on_a_drive_leads_nowhere() {
    let class = |name: &str| format!("DriveNotFound,Microsoft.PowerShell.Commands.{}Command", name.replace('-', ""));
    for name in ["Get-Item", "Get-ChildItem", "Get-Content", "Remove-Item"] {
        for path in ["C:\\Temp\\x", "d:", "HKLM:\\SOFTWARE", "c:/Temp/*.log"] {
            assert_eq!(run(command(name).arg(path)).errors, [class(name)], "{name} {path}");
        }
    }
    for (name, value) in [("Out-File", None), ("Export-Csv", None), ("Set-Content", Some("x")), ("New-Item", None)] {
        let with = match value {
            Some(value) => command(name).arg("C:\\Temp\\x").with("Value", value),
            None => command(name).arg("C:\\Temp\\x"),
        };
        let stages = if name.ends_with("Item") || value.is_some() { run(with) } else { feed(vec!["x".into()], with) };
        assert_eq!(stages.stopped.as_deref(), Some("DriveNotFound"), "{name}");
    }
    for path in ["C:\\Temp", "HKLM:\\SOFTWARE", "FileSystem::/no/where"] {
        assert_eq!(run(command("Test-Path").arg(path)).shown(), ["False"], "{path}");
    }
    assert!(!std::path::Path::new("C:").exists());
    // A name with a colon is a name.
    let (_folder, at) = tree();
    assert!(run(command("Set-Content").arg(at("12:30.txt")).arg("x")).errors.is_empty());
    assert_eq!(run(command("Test-Path").arg(at("12:30.txt"))).shown(), ["True"]);
}

/// One file of several that cannot be read is an error; the others are read.
#[test]
fn the_others_are_read() {
    let (_folder, at) = tree();
    let paths = |names: &[&str]| Value::list(names.iter().map(|name| Value::from(at(name))).collect());
    std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
    for (names, id) in [
        (["dangling", "x.log"], "GetContentReaderFileNotFoundError"),
        (["gone", "x.log"], "PathNotFound"),
        (["a", "x.log"], "GetContainerContentException"),
    ] {
        let outcome = run(command("Get-Content").with("Path", paths(&names)));
        assert_eq!(outcome.errors, [format!("{id},Microsoft.PowerShell.Commands.GetContentCommand")]);
        assert_eq!(outcome.shown(), ["x.log", "line"]);
    }
}
