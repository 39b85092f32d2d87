//! Rule: every command that the seeds' pages print does what the page says, or says why it cannot yet.

use crate::cli::program::Place;
use crate::support::shared;
use std::collections::BTreeSet;

/// The commands of the pages: code blocks, and the queries that stand in the text.
fn commands() -> Option<BTreeSet<String>> {
    let folder = shared("seeds")?;
    let mut found = BTreeSet::new();
    for page in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(page.expect("readable").path()).expect("a text");
        for line in text.lines() {
            let code = line.strip_prefix("    ").or_else(|| line.starts_with("Get-Cs").then_some(line));
            let Some(code) = code.map(str::trim) else { continue };
            let is_syntax = code.contains("[-") || code.contains('<');
            if (code.starts_with("Invoke-Cs") || code.starts_with("Get-Cs")) && !is_syntax {
                found.insert(code.to_string());
            }
        }
    }
    Some(found)
}

#[test]
fn every_command_of_the_pages_does_what_it_can() {
    let Some(commands) = commands() else { return };
    let place = Place::lab();
    let (mut queries, mut examples) = (0, 0);
    for command in &commands {
        let ran = place.shell(command);
        if command.contains("$\\_") {
            queries += 1;
            ran.fails(2, "UnexpectedToken");
            let mended = command.replace("$\\_", "$_");
            let names: Vec<String> = place
                .json(&mended)
                .ok()
                .objects()
                .iter()
                .map(|role| role["Identity"].as_str().expect("a name").to_string())
                .collect();
            assert!(names.iter().any(|name| name == "CsAdministrator"), "{mended}: {names:?}");
            let table = place.run(&["--dir", "lab", "--output", "table", "-c", &mended]).ok();
            assert!(names.iter().all(|name| table.out.contains(name.as_str())), "{mended}: {}", table.out);
        } else if command.contains(" - ") {
            examples += 1;
            ran.fails(2, "PositionalParameterNotFound");
            place.shell(&command.replace(" - ", " -")).fails(4, "HostUnreachable");
        } else if command.starts_with("Invoke-CsManagementStoreReplication") {
            examples += 1;
            // It returns nothing, at once.
            assert_eq!(ran.ok().out, "", "{command}");
        } else {
            examples += 1;
            // It binds: nothing but that no server runs here is in its way.
            ran.fails(4, "HostUnreachable");
        }
    }
    println!("count: seeds: {queries} role queries answered, {examples} examples bind");
    assert!(queries >= 3 && examples >= 4, "{commands:?}");
}
