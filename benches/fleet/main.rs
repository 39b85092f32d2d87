//! A change's way to 1, 50, 200 and 1,000 connected replicas, beside etcd's watch on the same machine in the same run.
//!
//!   cargo bench --bench fleet                       all of it (etcd-server of Debian must be installed)
//!   cargo bench --bench fleet -- etcd 200 20        etcd alone, 200 watchers, 20 rounds

mod etcd;
mod figures;
mod ours;
mod proto;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The size of the value that changes, in bytes.
const SIZE: usize = 4096;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let number = |at: usize, otherwise: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    match words.first().map(String::as_str) {
        Some("etcd") => {
            let (watchers, rounds) = (number(1, 200), number(2, 20));
            let mut outcome = runtime.block_on(etcd::run(watchers, rounds, SIZE))?;
            println!("etcd {watchers:5} watchers   put acknowledged   {}", outcome.acknowledged.line());
            println!("etcd {watchers:5} watchers   delivered          {}", outcome.delivered.line());
            println!("etcd {watchers:5} watchers   memory each        {:8.1} KiB", outcome.memory_each_kib);
        }
        Some("ours") => {
            let (replicas, rounds, snapshots) = (number(1, 200), number(2, 20), number(3, 1));
            let mut outcome = runtime.block_on(ours::run(replicas, rounds, SIZE, snapshots))?;
            println!("reeve {replicas:5} replicas  change acknowledged {}", outcome.acknowledged.line());
            println!("reeve {replicas:5} replicas  delivered           {}", outcome.delivered.line());
            println!("reeve {replicas:5} replicas  applied, reported   {}", outcome.reported.line());
            println!("reeve {replicas:5} replicas  memory each         {:8.1} KiB", outcome.memory_each_kib);
            for time in &outcome.snapshot {
                println!(
                    "reeve {replicas:5} replicas  snapshot of {} KiB by all {:8.2} ms",
                    outcome.snapshot_bytes / 1024,
                    time.as_secs_f64() * 1000.0
                );
            }
        }
        _ => return Err("say what: etcd [WATCHERS] [ROUNDS]".into()),
    }
    Ok(())
}
