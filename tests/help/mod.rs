//! Help: its examples are commands that can be read, and whose arguments bind.

use reeve::check::check;
use reeve::cmdlet::registry::Registry;
use reeve::error::Severity;
use reeve::help::texts;
use reeve::language::Mode;

/// Every example of help: where it stands, and its text.
fn examples(registry: &Registry) -> Vec<(String, String)> {
    let of_cmdlets = registry
        .natives()
        .into_iter()
        .flat_map(|native| {
            native.entry.examples.iter().map(move |e| (native.entry.name.to_string(), e.run.to_string()))
        })
        .collect::<Vec<_>>();
    let of_texts = texts::cmdlets().into_iter().flat_map(|(language, name)| {
        let text = texts::find(language, name).unwrap_or_default();
        text.examples.into_iter().map(move |example| (format!("{language}/{name}"), example.run))
    });
    of_cmdlets.into_iter().chain(of_texts).collect()
}

/// The commands in the topics, one for each line of fenced text.
fn topics() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in texts::topics() {
        let text = texts::source(&reeve::help::Locale::default(), name).unwrap_or_default();
        for (at, part) in text.split("```").enumerate() {
            if at % 2 == 1 {
                found.push((name.to_string(), part.trim_start_matches("powershell").trim().to_string()));
            }
        }
    }
    found
}

#[test]
fn examples_can_be_read_and_bind() {
    let registry = Registry::default();
    let mut wrong = Vec::new();
    let all: Vec<_> = examples(&registry).into_iter().chain(topics()).collect();
    assert!(all.len() > 60, "{} examples", all.len());
    for (place, example) in &all {
        let (_, diagnostics) = check(example, Mode::Rhai, &registry);
        for found in diagnostics.iter().filter(|found| found.severity == Severity::Error) {
            // Cmdlets that cannot run here yet have help all the same.
            if found.id != "CmdletNotImplemented" {
                wrong.push(format!("{place}: {example}: {} {}", found.id, found.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
