//! How long nobody can write while the Central Management store goes over: planned and after a disaster, with the sample's
//! computers, and with 200 replicas.
//!
//!   cargo bench --bench failover                          all of it, and whether the goals are met (a few minutes)
//!   cargo bench --bench failover -- sample 5              the sample's computers alone, 5 runs of each
//!   cargo bench --bench failover -- simulated 200 5       200 replicas, 5 runs of each
//!
//! What is timed. A client of its own writes in a closed loop through a session on the deployment: a policy of 4 KiB is
//! changed, and changed again as soon as that was acknowledged or failed; it goes over with the store as any session does.
//! Every computer that serves is a process (`reeve serve`), and the order to fail over is given by a process too, as a
//! person gives it.
//!   planned    `Invoke-CsManagementServerFailover`, and `-Restore` on the way back: the longest time between two
//!              acknowledged changes, from the order until a second after its report
//!   disaster   the active computer is killed (kill -9); a second later the published command with -Force is given:
//!              from the start of that process to the first change that is acknowledged in the new epoch
//!   command    from the start of the process that gives the order to its end, until every replica follows
//!   stopped    how long the source took no changes, as the report says
//! With the sample all its computers that serve something run. The simulated replicas share this process: each has its own
//! TLS connection, certificate, database and listener. Goals: planned 1 s, disaster 3 s, by the median.

mod client;
mod order;
mod replicas;

#[path = "../../tests/support/fleet.rs"]
#[allow(dead_code, reason = "the tests use the rest of it")]
mod fleet;

use client::Client;
use fleet::{Fleet, PATIENCE, health};
use order::Order;
use reeve::topology::{Topology, sample};
use replicas::Replicas;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const ATLANTA: &str = "atl-cs-001.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";
/// How long the client writes before and after.
const STEADY: Duration = Duration::from_secs(1);
/// Replicas and runs, where nothing is said.
const REPLICAS: usize = 200;
const RUNS: usize = 5;

/// What was measured, in milliseconds.
#[derive(Default)]
struct Figures {
    planned: Vec<f64>,
    stopped: Vec<f64>,
    planned_command: Vec<f64>,
    disaster: Vec<f64>,
    disaster_command: Vec<f64>,
    steady: Vec<f64>,
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize, otherwise: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    reeve::net::listen::raise_descriptors();
    println!("{}", machine());
    match words.first().map(String::as_str) {
        Some("sample") => show("the sample's computers", &with_sample(number(1, RUNS))?),
        Some("simulated") => {
            let replicas = number(1, REPLICAS);
            show(&format!("{replicas} replicas"), &with_replicas(replicas, number(2, RUNS))?);
        }
        Some(other) => return Err(format!("'{other}' is none of: sample, simulated").into()),
        None => {
            show("the sample's computers", &with_sample(RUNS)?);
            show(&format!("{REPLICAS} replicas"), &with_replicas(REPLICAS, RUNS)?);
        }
    }
    println!("{}", machine());
    Ok(())
}

/// Cores, and how busy the machine is: what else it does is in the times.
fn machine() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, load average {}", load.join(" "))
}

fn show(what: &str, figures: &Figures) {
    println!("\nWith {what}, ms                          median      least       most   runs");
    let rows = [
        ("planned: outage of writes", &figures.planned, Some(1000.0)),
        ("         stopped, as reported", &figures.stopped, None),
        ("         command", &figures.planned_command, None),
        ("disaster: outage after the command", &figures.disaster, Some(3000.0)),
        ("         command", &figures.disaster_command, None),
        ("longest pause in a steady second", &figures.steady, None),
    ];
    for (name, values, goal) in rows {
        let mut values = values.clone();
        values.sort_unstable_by(f64::total_cmp);
        let Some(median) = values.get(values.len() / 2) else { continue };
        let (least, most) = (values.first().unwrap_or(median), values.last().unwrap_or(median));
        let goal = goal.map_or(String::new(), |goal| {
            format!("   <= {goal:.0}: {}", if *median <= goal { "met" } else { "MISSED" })
        });
        println!("{name:36} {median:10.1} {least:10.1} {most:10.1} {:6}{goal}", values.len());
    }
}

/// Every computer of the sample that serves something.
fn with_sample(runs: usize) -> Result<Figures, Failure> {
    let mut fleet = Fleet::new();
    let topology = Topology::parse(sample::LITWAREINC)?;
    let serving = topology.followers();
    let names: Vec<&str> = serving.iter().map(String::as_str).collect();
    fleet.launch(&names);
    measure(&mut fleet, runs)
}

fn with_replicas(count: usize, runs: usize) -> Result<Figures, Failure> {
    let mut fleet = Fleet::of(replicas::topology(count)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listeners = runtime.block_on(replicas::listeners(&fleet.lab))?;
    let book: Vec<(String, String)> = listeners
        .iter()
        .map(|(name, socket)| Ok((name.clone(), socket.address()?.to_string())))
        .collect::<Result<_, Failure>>()?;
    fleet.launch_beside(&[ATLANTA, REDMOND], &book);
    let replicas = runtime.block_on(Replicas::start(&fleet.lab, listeners))?;
    let figures = measure(&mut fleet, runs)?;
    runtime.block_on(replicas.stop());
    Ok(figures)
}

fn measure(fleet: &mut Fleet, runs: usize) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    settled(fleet, ATLANTA, REDMOND)?;
    let client = Client::start(&fleet.lab.directory);
    for _ in 0..runs {
        planned(fleet, &client, Order::Next, (ATLANTA, REDMOND), &mut figures)?;
        planned(fleet, &client, Order::Restore, (REDMOND, ATLANTA), &mut figures)?;
    }
    for _ in 0..runs {
        client.writes(true);
        std::thread::sleep(STEADY);
        fleet.kill(ATLANTA);
        std::thread::sleep(STEADY);
        let begin = Instant::now();
        let took = Order::Backup.give(fleet, REDMOND)?;
        // Who acknowledged before then is gone.
        figures.disaster.push(millis(client.first_after(begin)?));
        figures.disaster_command.push(millis(took));
        client.writes(false);
        fleet.start(ATLANTA);
        settled(fleet, REDMOND, ATLANTA)?;
        Order::Restore.give(fleet, REDMOND)?;
        settled(fleet, ATLANTA, REDMOND)?;
    }
    client.stop()?;
    Ok(figures)
}

/// A planned failover from a computer to another.
fn planned(
    fleet: &Fleet,
    client: &Client,
    order: Order,
    (from, to): (&str, &str),
    figures: &mut Figures,
) -> Result<(), Failure> {
    client.writes(true);
    std::thread::sleep(STEADY);
    let quiet = Instant::now();
    std::thread::sleep(STEADY);
    let begin = Instant::now();
    figures.steady.push(millis(client.longest(quiet, begin)));
    let took = order.give(fleet, from)?;
    std::thread::sleep(STEADY);
    figures.planned.push(millis(client.longest(begin, Instant::now())));
    figures.planned_command.push(millis(took));
    figures.stopped.extend(order::stopped(&fleet.host(to))?);
    client.writes(false);
    settled(fleet, to, from)
}

/// Waits until a computer is active, every replica has its version, and the other place of the store has everything.
/// Nobody writes meanwhile.
fn settled(fleet: &Fleet, active: &str, standby: &str) -> Result<(), Failure> {
    let (start, mut last) = (Instant::now(), String::new());
    while start.elapsed() < PATIENCE {
        if let Some(replicas) = health(&fleet.host(active)).and_then(|health| health.replicas) {
            let behind: Vec<_> = replicas.iter().filter(|replica| !replica.up_to_date).collect();
            // The standby may be making its store yet.
            let (one, other) = (order::position(&fleet.host(active))?, order::position(&fleet.host(standby)).ok());
            if behind.is_empty() && other == Some(one) {
                return Ok(());
            }
            last = format!("{behind:?}\n{one:?}\n{other:?}");
        }
        fleet::pause();
    }
    Err(format!("{active} is not followed: {last}").into())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
