//! A change's way to 1, 50, 200 and 1,000 connected replicas, beside etcd's watch on the same machine in the same run;
//! a forced full snapshot; memory at the master; and stores of 1,000 to 100,000 documents.
//!
//!   cargo bench --bench fleet                       all of it, and whether the goals are met (under 10 minutes)
//!   cargo bench --bench fleet -- etcd 200 20        etcd alone: 200 watchers, 20 rounds
//!   cargo bench --bench fleet -- ours 200 20 1      reeve alone: 200 replicas, 20 rounds, 1 forced snapshot
//!   cargo bench --bench fleet -- scale 10000 20     reeve alone: 1 replica, 10,000 documents in the store, 20 rounds
//!
//! etcd is Debian's package etcd-server; `benches/beside-etcd` installs it where it is missing, and runs this.
//!
//! What is timed. A round begins when the value (4 KiB, another each time, that does not compress to nothing) is handed
//! to the client: an administrator's session on the master's socket that runs `Set-CsVoicePolicy`, or etcd's `Put` over
//! TLS. Both servers have it on their disk before they answer.
//!   acknowledged       the client has the answer
//!   delivered          the replica has read the announcement with the package in it; the watcher has the value
//!   applied, reported  the replica's database has it on the disk, and its report is written to its connection
//! The server is a process of its own. The receivers share this process and two threads of its runtime: each has a TLS
//! connection (and with reeve a certificate and a database) of its own. A round ends when all receivers are through; then
//! 100 ms of rest. The first round is not counted. Each count of receivers runs in a process of its own, etcd and reeve
//! in turn, several passes; percentiles go over the rounds and receivers of all passes, nearest rank.
//!
//! A store of 1,000,000 documents is left to `-- scale 1000000` (many minutes, most of them for the million files that the
//! server's own replica writes) and to benches/replica.rs and benches/store.rs, which time the parts of a change's way.
//!
//! Memory is the growth of the server's resident memory from before the first receiver until all are connected (and have
//! taken their first snapshot), after it has settled; nothing is trimmed. The kernel's memory for sockets is not in it.

mod etcd;
mod figures;
mod ours;
mod proto;
mod table;

use figures::Figures;
use std::process::{Command, Stdio};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The size of the value that changes, in bytes.
const SIZE: usize = 4096;
/// Rest between rounds: what a round leaves to be done (rows of the status) is done before the next.
const REST: std::time::Duration = std::time::Duration::from_millis(100);
/// Times that each pair is run.
const PASSES: usize = 2;
/// Receivers, with the rounds of a pass and the forced snapshots after them.
const COUNTS: [(usize, usize, usize); 4] = [(1, 40, 1), (50, 30, 1), (200, 20, 1), (1000, 15, 1)];
/// Documents in the store, with the rounds.
const STORES: [(usize, usize); 3] = [(1_000, 60), (10_000, 60), (100_000, 60)];

fn main() -> Result<(), Failure> {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let raw = words.first().is_some_and(|word| word == "raw");
    if raw {
        words.remove(0);
    }
    let number = |at: usize, otherwise: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    reeve::net::listen::raise_descriptors();
    let figures = match words.first().map(String::as_str) {
        Some("etcd") => runtime()?.block_on(etcd::run(number(1, 200), number(2, 20), SIZE))?,
        Some("ours") => {
            let documents = 1024;
            runtime()?.block_on(ours::run(number(1, 200), number(2, 20), SIZE, number(3, 1), documents))?
        }
        Some("scale") => runtime()?.block_on(ours::run(1, number(2, 20), SIZE, 0, number(1, 10_000)))?,
        Some(other) => return Err(format!("'{other}' is none of: etcd, ours, scale").into()),
        None => return everything(),
    };
    print!("{}", if raw { figures.write() } else { figures.show() });
    Ok(())
}

fn everything() -> Result<(), Failure> {
    println!("{}", table::machine());
    let mut pairs: Vec<(usize, Figures, Figures)> = Vec::new();
    for (count, ..) in COUNTS {
        pairs.push((count, Figures::default(), Figures::default()));
    }
    for pass in 1..=PASSES {
        for ((count, rounds, snapshots), (_, theirs, ours)) in COUNTS.into_iter().zip(&mut pairs) {
            eprintln!("pass {pass} of {PASSES}: {count} receivers");
            theirs.merge(apart(&["etcd", &count.to_string(), &rounds.to_string()])?);
            ours.merge(apart(&["ours", &count.to_string(), &rounds.to_string(), &snapshots.to_string()])?);
        }
    }
    let mut stores = Vec::new();
    for (documents, rounds) in STORES {
        eprintln!("a store of {documents} documents");
        stores.push((documents, apart(&["scale", &documents.to_string(), &rounds.to_string()])?));
    }
    print!("{}", table::all(&pairs, &stores));
    println!("{}", table::machine());
    Ok(())
}

/// A run in a process of its own.
fn apart(words: &[&str]) -> Result<Figures, Failure> {
    let mut run = Command::new(std::env::current_exe()?);
    let output = run.arg("raw").args(words).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{words:?}: {}", output.status).into());
    }
    Ok(Figures::read(&String::from_utf8(output.stdout)?))
}
