//! What can be checked of the source itself: who knows whom, sizes, manners.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rooms that every other may use.
const OPEN: &[&str] = &["value", "error", "env"];

/// Which rooms a room may use beside the open ones and itself. ARCHITECTURE.md says why.
const MAY_USE: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("error", &[]),
    ("env", &[]),
    ("language", &[]),
    ("format", &[]),
    ("audit", &[]),
    ("store", &["audit"]),
    ("topology", &["store"]),
    ("config", &["store", "topology"]),
    ("people", &["store", "topology", "config"]),
    ("access", &["store", "topology", "people", "audit", "cmdlet"]),
    ("net", &[]),
    ("replication", &["store", "topology", "people", "net", "audit"]),
    ("failover", &["store", "topology", "audit", "replication", "format"]),
    ("pools", &["store", "topology", "people", "config", "audit", "failover", "backup"]),
    ("backup", &["store", "topology", "config", "people", "net", "replication", "audit", "failover"]),
    (
        "deployment",
        &[
            "store",
            "topology",
            "config",
            "people",
            "access",
            "audit",
            "net",
            "replication",
            "failover",
            "backup",
            "pools",
        ],
    ),
    (
        "cmdlet",
        &[
            "access",
            "audit",
            "store",
            "deployment",
            "topology",
            "config",
            "people",
            "cmdlets",
            "net",
            "replication",
            "failover",
            "backup",
            "pools",
        ],
    ),
    ("check", &["language", "cmdlet", "access", "store", "deployment", "script"]),
    ("script", &["language", "cmdlet"]),
    ("help", &["cmdlet", "format"]),
    (
        "cmdlets",
        &[
            "cmdlet",
            "access",
            "check",
            "format",
            "help",
            "store",
            "topology",
            "config",
            "people",
            "deployment",
            "audit",
            "language",
            "net",
            "replication",
            "failover",
            "backup",
            "pools",
            // The signature of a cmdlet that is written in script.
            "script",
        ],
    ),
    ("lsp", &["language", "cmdlet", "cmdlets", "script", "check", "shell", "help", "cli"]),
    ("shell", &["language", "cmdlet", "script", "format", "cli", "check", "access", "config", "people", "topology"]),
];

/// Lines of code and comments that a file may have, its unit tests not counted.
const LINES: usize = 500;

/// Words that have no place in finished code.
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "dbg!(", "FIXME", "XXX"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

/// The part of a file before its unit tests.
fn product(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn is_test_file(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "tests.rs") || path.components().any(|c| c.as_os_str() == "tests")
}

/// The text of a line without its comment; good enough for this code, whose strings hold no `//` before code.
fn code(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or("") }
}

/// Rule: a room knows only the rooms that the architecture allows it.
#[test]
fn rooms_know_only_whom_they_may() {
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().filter(|path| !is_test_file(path)) {
        let name = name(&path);
        let Some(room) = name.strip_prefix("src/").and_then(|rest| rest.split_once('/')).map(|(room, _)| room) else {
            continue;
        };
        let Some(may) = allowed.get(room) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in product(&text).lines().enumerate() {
            for part in code(line).split("crate::").skip(1) {
                let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = used == room || OPEN.contains(&used.as_str()) || may.contains(&used.as_str());
                if !known && !used.is_empty() {
                    wrong.push(format!("{name}:{}: {room} must not know {used}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: every file says what it is, no file runs on and on, nothing is left unfinished, no stray blanks.
#[test]
fn files_have_manners() {
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")).chain(files("benches", "rs")) {
        let name = name(&path);
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            wrong.push(format!("{name}: begins without a line that says what it is"));
        }
        let lines = product(&text).lines().count();
        if lines > LINES && !is_test_file(&path) {
            wrong.push(format!("{name}: {lines} lines; look for the second subject"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.ends_with(' ') || line.contains('\t') {
                wrong.push(format!("{name}:{}: a tab, or a blank at the end", number + 1));
            }
            if !name.ends_with("tidy.rs") && UNFINISHED.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{name}:{}: unfinished", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: no panic on input. `unwrap` and `expect` stand in the product only with the reason beside them.
#[test]
fn unwrap_has_its_reason_beside_it() {
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().filter(|path| !is_test_file(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = product(&text).lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = code(line);
            if !(code.contains(".unwrap()") || code.contains(".expect(\"") || code.contains("panic!(")) {
                continue;
            }
            let explained = line.contains("//") || lines[at.saturating_sub(4)..at].iter().any(|l| l.contains("//"));
            if !explained {
                wrong.push(format!("{}:{}: {}", name(&path), at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "no reason stands beside:\n{}", wrong.join("\n"));
}

/// Rule: domain code never prints; what is printed goes through the host.
#[test]
fn only_the_outside_prints() {
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().filter(|path| !is_test_file(path)) {
        let name = name(&path);
        if name.starts_with("src/cli/") || name.starts_with("src/shell/") || name == "src/main.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in product(&text).lines().enumerate() {
            if ["println!(", "print!("].iter().any(|word| code(line).contains(word)) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: the top level holds only what people expect in a Rust repository, and the scripts' and the library's folders: what a
/// run leaves behind is not kept.
#[test]
fn the_top_level_is_not_a_drawer() {
    const HERE: [&str; 20] = [
        ".ci",
        ".gitignore",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "NOTICE",
        "README.md",
        "benches",
        "build",
        "build.rs",
        "docs",
        "fuzz",
        "rustfmt.toml",
        "scripts",
        "src",
        "stdlib",
        "tests",
    ];
    // What somebody keeps beside it without giving it to the project is theirs.
    let Ok(git) = Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output() else { return };
    let kept = String::from_utf8(git.stdout).unwrap();
    let top = kept.split('\0').filter_map(|path| path.split('/').next());
    let strays: BTreeSet<&str> = top.filter(|name| !name.is_empty() && !HERE.contains(name)).collect();
    assert!(strays.is_empty(), "{strays:?}");
}
