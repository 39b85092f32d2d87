//! The example blocks of the public cmdlet reference, as they are printed: how many parse, bind and run on the lab.

use crate::support::shell::{Bench, Gave, in_a_folder_of_its_own, on_large_stack};
use crate::support::{lines, shared};
use reeve::check;
use reeve::cmdlet::registry::Registry;
use reeve::error::{Phase, Severity};
use reeve::language::Mode;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Blocks that must parse, of a hundred of those that PowerShell parses.
const PARSE: usize = 95;
/// Blocks that must bind, in all.
const BIND: usize = 818;
/// Blocks that must run on the lab without an error, in all.
const RUN: usize = 163;

/// One block and what became of it.
struct Block {
    id: String,
    text: String,
    powershell_parses: bool,
    outcome: Outcome,
}

#[derive(Default)]
struct Outcome {
    parses: bool,
    binds: bool,
    panicked: bool,
    /// What keeps it from parsing or binding.
    wrong: Vec<(String, String)>,
    /// What went wrong as it ran.
    errors: Vec<(String, String)>,
    /// How many objects it put out.
    objects: usize,
    /// The same objects and errors come of it as a script of PowerShell.
    alike: bool,
}

fn blocks() -> Option<Vec<Block>> {
    let (corpus, parse) = (shared("corpus/published-examples.jsonl")?, shared("oracle/parse.jsonl")?);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let ok: BTreeMap<String, bool> = lines(&parse).iter().map(|one| (text(&one["id"]), one["ok"] == true)).collect();
    let block = |one: &serde_json::Value| {
        let id = text(&one["id"]);
        let powershell_parses = ok.get(&id).copied().unwrap_or(false);
        Block { id, text: text(&one["text"]), powershell_parses, outcome: Outcome::default() }
    };
    Some(lines(&corpus).iter().map(block).collect())
}

fn try_out(bench: &Bench, registry: &Registry, text: &str) -> Outcome {
    let (_, found) = check::check(text, Mode::Rhai, registry);
    let errors: Vec<_> = found.into_iter().filter(|d| d.severity == Severity::Error).collect();
    let parses = !errors.iter().any(|d| d.phase == Phase::Parse);
    // A cmdlet that is not built binds all the same.
    let wrong: Vec<_> = errors.into_iter().filter(|d| d.id != "CmdletNotImplemented").collect();
    let binds = wrong.is_empty();
    let wrong = wrong.into_iter().map(|d| (d.id.to_string(), d.message)).collect();
    let (gave, of_ps1) = (bench.run(text), bench.run_as(text, Mode::PowerShell));
    let ids = |gave: &Gave| gave.errors.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let alike = gave.objects.len() == of_ps1.objects.len() && ids(&gave) == ids(&of_ps1);
    Outcome { parses, binds, wrong, errors: gave.errors, objects: gave.objects.len(), alike, panicked: false }
}

/// The share of one of the threads.
fn share(mut blocks: Vec<Block>) -> Vec<Block> {
    let (bench, registry) = (Bench::new(), Registry::default());
    for block in &mut blocks {
        let tried = catch_unwind(AssertUnwindSafe(|| try_out(&bench, &registry, &block.text)));
        block.outcome = tried.unwrap_or_else(|_| Outcome { panicked: true, ..Outcome::default() });
    }
    blocks
}

/// How often each id is the first that went wrong.
fn first_ids<'a>(of: impl Iterator<Item = &'a [(String, String)]>) -> Vec<(usize, &'a str)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in of.filter_map(|errors| errors.first()) {
        *counts.entry(id).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(id, count)| (count, id)).collect();
    counts.sort_by(|a, b| b.cmp(a));
    counts
}

#[test]
fn the_published_examples_run() {
    in_a_folder_of_its_own("corpus::the_published_examples_run", published_examples);
}

fn published_examples() {
    let Some(mut left) = blocks() else { return };
    let right = left.split_off(left.len() / 2);
    let threads = [left, right].map(|half| on_large_stack(move || share(half)));
    let blocks: Vec<Block> = threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();

    let count = |is: &dyn Fn(&Block) -> bool| blocks.iter().filter(|block| is(block)).count();
    let total = blocks.len();
    let powershell = count(&|b| b.powershell_parses);
    let both = count(&|b| b.powershell_parses && b.outcome.parses);
    let parse = count(&|b| b.outcome.parses);
    let bind = count(&|b| b.outcome.binds);
    let run = count(&|b| !b.outcome.panicked && b.outcome.errors.is_empty());
    println!("count: corpus: {parse} of {total} blocks parse ({both} of the {powershell} that PowerShell parses)");
    println!("count: corpus: {bind} of {total} blocks bind");
    println!("count: corpus: {run} of {total} blocks run on the lab without an error");
    let alike = count(&|b| b.outcome.alike);
    println!("count: corpus: {alike} of {total} blocks do the same in a script of PowerShell");
    for (count, id) in first_ids(blocks.iter().map(|b| b.outcome.wrong.as_slice())) {
        println!("  binding: {count:4} {id}");
    }
    for (count, id) in first_ids(blocks.iter().map(|b| b.outcome.errors.as_slice())) {
        println!("  running: {count:4} {id}");
    }
    if std::env::var_os("REEVE_SHOW").is_some() {
        for block in &blocks {
            let Outcome { parses, wrong, errors, objects, alike, .. } = &block.outcome;
            println!(
                "== {} parses={parses} objects={objects} alike={alike} wrong={wrong:?} errors={errors:?}",
                block.id
            );
            println!("{}", block.text);
        }
    }

    let panicked: Vec<&str> = blocks.iter().filter(|b| b.outcome.panicked).map(|b| b.id.as_str()).collect();
    assert!(panicked.is_empty(), "{panicked:?}");
    assert!(both * 100 >= powershell * PARSE, "{both} of {powershell} parse");
    assert!(bind >= BIND, "{bind} bind, {BIND} did");
    assert!(run >= RUN, "{run} run, {RUN} did");
}
