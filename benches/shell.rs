//! What a pipeline costs for each object: the engine, the binder and the object cmdlets, in one process.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reeve::cmdlet::host::{Host, Message};
use reeve::cmdlet::session::Session;
use reeve::language::Mode;
use reeve::script::Engine;
use reeve::value::Value;
use std::hint::black_box;
use std::rc::Rc;

/// Objects that go through each pipeline.
const OBJECTS: u64 = 10_000;

struct Nowhere;

impl Host for Nowhere {
    fn output(&self, value: Value) {
        black_box(value);
    }
    fn message(&self, message: Message) {
        black_box(message);
    }
}

fn engine() -> Engine {
    Engine::new(Rc::new(Session::new(Box::new(Nowhere))))
}

fn pipelines(c: &mut Criterion) {
    let made = "[pscustomobject]@{ A = $_; B = \"x$($_ % 100)\" }";
    let cases = [
        ("nothing", "ForEach-Object { $_ }"),
        ("objects made", &format!("ForEach-Object {{ {made} }}")),
        (
            "made, filtered, counted",
            &format!("ForEach-Object {{ {made} }} | Where-Object {{ $_.A -gt 5000 }} | Measure-Object"),
        ),
        ("where by property", &format!("ForEach-Object {{ {made} }} | Where-Object B -eq x7")),
        ("sort by number", &format!("ForEach-Object {{ {made} }} | Sort-Object A -Descending")),
        ("sort by text", &format!("ForEach-Object {{ {made} }} | Sort-Object B")),
        ("group", &format!("ForEach-Object {{ {made} }} | Group-Object B")),
        ("select properties", &format!("ForEach-Object {{ {made} }} | Select-Object A, B")),
        ("sum", "Measure-Object -Sum"),
        ("a block in Rhai", "ForEach-Object { $x = $_; $x + 1 }"),
    ];
    let mut group = c.benchmark_group("10000 objects");
    group.sample_size(20).throughput(Throughput::Elements(OBJECTS));
    for (name, stages) in cases {
        let text = format!("1..{OBJECTS} | {stages}");
        let mut engine = engine();
        group.bench_function(name, |b| {
            b.iter(|| engine.run("bench", &text, Mode::PowerShell, &[]).unwrap_or_else(|halt| panic!("{halt:?}")));
        });
    }
    group.finish();
}

fn starts(c: &mut Criterion) {
    c.bench_function("a session with its engine", |b| b.iter(engine));
    c.bench_function("a session that runs 1", |b| {
        b.iter(|| engine().run("bench", "1", Mode::Rhai, &[]).unwrap_or_else(|halt| panic!("{halt:?}")));
    });
}

criterion_group!(benches, pipelines, starts);
criterion_main!(benches);
