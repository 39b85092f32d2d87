//! What PowerShell makes of a thousand pieces of code, and what we make of them.

use crate::support::semantics::{Agreement, compare};
use crate::support::{lines, shared};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The least numbers of cases that agree: in values, in text, in errors, in the other streams, in all of them.
const FLOORS: [usize; 5] = [1026, 1025, 1029, 1029, 1023];
const PARTS: [&str; 5] = ["values", "text", "errors", "streams", "all"];

fn parts(agreement: Agreement) -> [bool; 5] {
    let Agreement { values, text, errors, streams } = agreement;
    [values != Some(false), text, errors, streams, agreement.all()]
}

/// The code of a case with its files in a folder of their own.
fn in_folder(case: &Json, folder: &std::path::Path) -> String {
    let mut code = case["code"].as_str().unwrap_or_default().to_string();
    for name in ["x.txt", "x.csv"] {
        code = code.replace(name, &folder.join(name).display().to_string());
    }
    code
}

#[test]
fn values_texts_and_errors_are_powershells() {
    let Some(file) = shared("oracle/semantics.jsonl") else { return };
    let cases = lines(&file);
    super::support::on_large_stack(move || {
        let mut counts: BTreeMap<String, (usize, [usize; 5])> = BTreeMap::new();
        for case in &cases {
            let name = case["name"].as_str().unwrap_or_default().to_string();
            let category = name.split('.').next().unwrap_or_default().to_string();
            let count = counts.entry(category).or_default();
            count.0 += 1;
            let owned = case.clone();
            let outcome = std::panic::catch_unwind(|| {
                let folder = tempfile::tempdir().expect("a folder");
                let code = in_folder(&owned, folder.path());
                let (agreement, done) = compare(&owned, &code);
                (agreement, format!("{:?} {:?} {:?}", done.values, done.errors, done.messages))
            });
            let (agreement, said) = outcome.unwrap_or_else(|_| panic!("{name} panics"));
            for (sum, good) in count.1.iter_mut().zip(parts(agreement)) {
                *sum += usize::from(good);
            }
            if !agreement.all() && std::env::var("SHOW_FAILING").is_ok() {
                println!("{name}: {agreement:?}\n    {}\n    {said}", case["code"].as_str().unwrap_or_default());
            }
        }
        for (category, (of, sums)) in &counts {
            println!("{category}: of {of} {sums:?}");
        }
        for (at, part) in PARTS.iter().enumerate() {
            let good: usize = counts.values().map(|(_, sums)| sums[at]).sum();
            println!("count: semantics, {part}: {good} of {} agree", cases.len());
            assert!(good >= FLOORS[at], "{part}: {good} of {} agree, there were {}", cases.len(), FLOORS[at]);
        }
    });
}
