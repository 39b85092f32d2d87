//! What reading a text costs: it must grow with the text's length, and no faster.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reeve::check::RegistryNames;
use reeve::cmdlet::registry::Registry;
use reeve::language::{Mode, lower, parse};
use std::hint::black_box;

/// Lines of every kind, good ones and broken ones: each is repeated, and the time a line takes must stay what it is.
const LINES: &[(&str, &str)] = &[
    ("pipeline", "let x = Get-CsPool | Where-Object { $_.Site -eq \"Redmond\" } | Select-Object Identity, Computers\n"),
    ("loop", "for p in Get-CsPool { print(p.Identity); let y = p.Site + \"x\"; }\n"),
    ("rhai", "let m = #{ a: [1, 2, 3], b: |x| x + 1 }; f(m.a, m[\"b\"]);\n"),
    ("hashtable", "$x = @{ A = 1; B = \"$($_.Name) and ${y}\" }\n"),
    ("condition", "if ($x -gt 3) { Get-CsUser -Identity a, b } else { 'no' }\n"),
    ("open quotes", "\"a' "),
    ("open brackets", "{ ( [ "),
    ("closed brackets", ") ] } "),
    ("operators", "1 + 2 - "),
    ("stages", "a | b | c "),
    ("interpolation", "`a ${b} "),
];

fn reading(c: &mut Criterion) {
    let registry = Registry::default();
    let names = RegistryNames(&registry);
    for (mode, how) in [(Mode::Rhai, "rhai"), (Mode::PowerShell, "ps1")] {
        let mut group = c.benchmark_group(format!("read as {how}"));
        group.sample_size(10);
        for (name, line) in LINES {
            for count in [500, 4000] {
                let text = line.repeat(count);
                group.throughput(Throughput::Bytes(text.len() as u64));
                group.bench_function(BenchmarkId::new(*name, count), |b| {
                    b.iter(|| black_box(parse(black_box(&text), mode, &names)));
                });
            }
        }
        group.finish();
    }
}

/// What administrators' scripts are made of, ten lines.
const SCRIPT: &str = r#"# Pools of a site, with what is late
$site = "Redmond"
$pools = Get-CsPool -Site $site | Where-Object { $_.Computers.Count -gt 1 } | Sort-Object Identity
foreach ($pool in $pools) {
    $status = Get-CsManagementStoreReplicationStatus -ReplicaFqdn $pool.Computers[0]
    if ($status.UpToDate -eq $false -and $pool.Identity -notlike "*test*") {
        Write-Warning "$($pool.Identity): last report $($status.LastStatusReport)"
        Invoke-CsManagementStoreReplication -ReplicaFqdn $status.ReplicaFqdn -Verbose
    }
}
"#;

/// Parse and lower of a script of 10,000 lines: at most 100 ms.
fn a_long_script(c: &mut Criterion) {
    let registry = Registry::default();
    let names = RegistryNames(&registry);
    let text = SCRIPT.repeat(1000);
    let mut group = c.benchmark_group("10,000 lines");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(text.len() as u64));
    for (mode, how) in [(Mode::Rhai, "rhai"), (Mode::PowerShell, "ps1")] {
        group.bench_function(format!("parse and lower as {how}"), |b| {
            b.iter(|| {
                let parsed = parse(black_box(&text), mode, &names);
                assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics.first());
                black_box(lower::lower(&parsed, &text, &names))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, a_long_script, reading);
criterion_main!(benches);
