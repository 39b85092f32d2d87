//! The driver over works that are made up, the states, and who takes what from whom.

use super::duty::{Part, duties_of, part};
use super::*;
use crate::backup::{ExportState, Extent, ImportState, Module, SyncReport};
use crate::env::{Clock, FixedClock};
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::topology::{Database, Topology, sample};
use crate::value::DateTime;
use crate::value::date::SECOND;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

const DUB: &str = "dub-pool.litwareinc.com";
const LON: &str = "lon-pool.litwareinc.com";

/// Who is active where; nobody is on the way.
struct Still<F>(F);

impl<F: Fn(&Database) -> Option<String>> Situation for Still<F> {
    fn active(&self, database: &Database) -> Option<String> {
        self.0(database)
    }

    fn moves(&self, _pool: &str) -> bool {
        false
    }
}

fn duty_in(topology: &Topology, situation: &dyn Situation, pool: &str, module: Module) -> Duty {
    match part(topology, situation, pool, module).unwrap() {
        Part::Duty(duty) => duty,
        nothing => panic!("{nothing:?}"),
    }
}

/// Rule: documents go between the computers of the user stores, files between those of the file stores, the management
/// store from the active to the standby; what a pool does not host is rightly not begun.
#[test]
fn who_takes_what_from_whom() {
    let topology = Topology::parse(sample::LITWAREINC).unwrap();
    let unmoved = Still(|_: &Database| None);
    let ways = |pool: &str, module| {
        let duty = duty_in(&topology, &unmoved, pool, module);
        (duty.source.split('.').next().unwrap().to_string(), duty.target.split('.').next().unwrap().to_string())
    };
    let way = |from: &str, to: &str| (from.to_string(), to.to_string());
    assert_eq!(ways(DUB, Module::PresenceFocus), way("dub-sql-001", "lon-sql-001"));
    assert_eq!(ways("DUB-POOL.litwareinc.com", Module::DataConf), way("dub-fs-001", "lon-fs-001"));
    assert_eq!(ways("atl-cs-001.litwareinc.com", Module::CmsMaster), way("atl-cs-001", "redmond-cs-001"));
    let cms = part(&topology, &unmoved, DUB, Module::CmsMaster).unwrap();
    assert!(matches!(cms, Part::Nothing { expected: true, .. }), "{cms:?}");
    for (pool, id) in [("dub-pol.litwareinc.com", "PoolNotFound"), ("atl-edge-001.litwareinc.com", "PoolNotPaired")] {
        assert_eq!(part(&topology, &unmoved, pool, Module::DataConf).unwrap_err().id(), id);
    }
    let taken = duties_of(&topology, &unmoved, "redmond-cs-001.litwareinc.com");
    assert_eq!(taken.iter().map(|duty| duty.module).collect::<Vec<_>>(), Module::ALL);
}

/// Rule: where a pool has failed over, its documents and files go the other way, and those of its partner do not.
#[test]
fn a_failed_over_pool_turns_round() {
    let topology = Topology::parse(sample::LITWAREINC).unwrap();
    let moved = Still(|database: &Database| {
        (*database == Database::users(DUB)).then(|| "lon-sql-001.litwareinc.com".to_string())
    });
    for (pool, module, source, target, turned) in [
        (DUB, Module::PresenceFocus, "lon-sql-001", "dub-sql-001", true),
        (DUB, Module::DataConf, "lon-fs-001", "dub-fs-001", true),
        (LON, Module::PresenceFocus, "lon-sql-001", "dub-sql-001", false),
        (LON, Module::DataConf, "lon-fs-001", "dub-fs-001", false),
    ] {
        let duty = duty_in(&topology, &moved, pool, module);
        assert!(duty.source.starts_with(source) && duty.target.starts_with(target), "{duty:?}");
        assert_eq!(duty.turned, turned);
    }
}

/// Rule: the documented states follow from the last success, the last failure, and what is left beside one batch.
#[test]
fn states() {
    use ExportState as E;
    use ImportState as I;
    let now = FixedClock::at_unix_seconds(1_700_000_000).now();
    let ago = |seconds: i64| Some(DateTime { ticks: now.ticks - seconds * SECOND, ..now });
    let well = Record { last_success: ago(30), last_attempt: ago(30), ..Record::default() };
    let failed = Record { error: Some("HostUnreachable: gone".into()), last_attempt: ago(1), ..well.clone() };
    let late = Record { last_success: ago(3600), ..well.clone() };
    let moments = |seconds| Some(Duration::from_secs(seconds));
    let settings = Settings::default();
    let users = Module::PresenceFocus;
    for (module, record, running, left, expected) in [
        (users, Record::default(), None, Left::Known(0), (E::NotInitialized, I::NotInitialized)),
        (users, Record::default(), moments(1), Left::Known(9), (E::NotInitialized, I::NotInitialized)),
        (users, well.clone(), None, Left::Known(0), (E::FinalState, I::NormalState)),
        (users, well.clone(), moments(1), Left::Known(1), (E::SteadyState, I::NormalState)),
        (users, well.clone(), None, Left::Known(500), (E::SteadyState, I::NormalState)),
        (users, well.clone(), None, Left::Known(501), (E::NonSteadyState, I::NormalState)),
        (users, well.clone(), None, Left::Unknown("HostUnreachable".into()), (E::ErrorState, I::NormalState)),
        (users, failed.clone(), None, Left::Known(0), (E::ErrorState, I::ErrorState)),
        (users, late.clone(), None, Left::Known(3), (E::SteadyState, I::ErrorState)),
        // It takes long, and gets on; and one that hangs.
        (users, late.clone(), moments(60), Left::Known(3), (E::SteadyState, I::NormalState)),
        (users, late.clone(), moments(3000), Left::Known(3), (E::SteadyState, I::ErrorState)),
        (Module::DataConf, well.clone(), None, Left::Known(0), (E::FinalState, I::NormalState)),
        (Module::DataConf, well, None, Left::Known(2), (E::SteadyState, I::NormalState)),
    ] {
        let (export, import, cause) = judge(module, &record, running, &left, &settings, now);
        assert_eq!((export, import), expected, "{record:?} {left:?}: {cause}");
        assert!(!cause.is_empty());
    }
    let (.., cause) = judge(users, &failed, None, &Left::Known(0), &settings, now);
    assert!(cause.contains("HostUnreachable: gone") && cause.contains("last succeeded"), "{cause}");
}

/// Rule: the file of the past is written whole; one that is damaged, or of a later program, says nothing.
#[test]
fn the_past_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.json");
    assert_eq!(Past::read(&path), Past::default());
    let record = Record { source: "a".into(), error: Some("X: y".into()), ..Record::default() };
    let past = Past([(Module::DataConf, record)].into());
    past.write(&path).unwrap();
    assert_eq!(Past::read(&path), past);
    for damaged in [&b"{"[..], b"{\"Format\":2,\"Modules\":{}}", b""] {
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(Past::read(&path), Past::default());
    }
}

/// Works that wait for leave to end.
struct MadeUp {
    plan: Mutex<Plan>,
    runs: Mutex<Vec<(Key, Extent)>>,
    leave: Semaphore,
    under_way: AtomicUsize,
    most: AtomicUsize,
    dropped: AtomicU64,
    kept: Mutex<BTreeMap<Key, Record>>,
    fail: Mutex<bool>,
}

struct UnderWay(Arc<MadeUp>, bool);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
        if !self.1 {
            self.0.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Works for MadeUp {
    fn plan(&self) -> Result<Plan, ErrorRecord> {
        Ok(self.plan.lock().unwrap().clone())
    }

    fn run(self: Arc<Self>, duty: Duty, extent: Extent, told: Teller) -> Pending<Result<SyncReport, ErrorRecord>> {
        Box::pin(async move {
            self.runs.lock().unwrap().push((duty.key(), extent));
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let mut guard = UnderWay(self.clone(), false);
            told.tell("Works", None);
            self.leave.acquire().await.unwrap().forget();
            guard.1 = true;
            if *self.fail.lock().unwrap() {
                return Err(ErrorRecord::new("Failed", Category::NotSpecified, "on purpose"));
            }
            Ok(SyncReport { documents: 7, ..SyncReport::default() })
        })
    }

    fn now(&self) -> DateTime {
        FixedClock::at_unix_seconds(1_700_000_000).now()
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    fn recall(&self, key: &Key) -> Record {
        self.kept.lock().unwrap().get(key).cloned().unwrap_or_default()
    }

    fn keep(&self, key: &Key, record: &Record) -> Result<(), ErrorRecord> {
        self.kept.lock().unwrap().insert(key.clone(), record.clone());
        Ok(())
    }
}

struct Bench {
    works: Arc<MadeUp>,
    driver: Arc<Driver>,
    changes: watch::Sender<u64>,
    stop: watch::Sender<bool>,
}

impl Bench {
    /// A driver of the modules of a sample computer.
    fn of(computer: &str, settings: Settings) -> Bench {
        let topology = Topology::parse(sample::LITWAREINC).unwrap();
        let duties = duties_of(&topology, &Still(|_: &Database| None), computer);
        let works = Arc::new(MadeUp {
            plan: Mutex::new(Plan { duties, settings }),
            runs: Mutex::default(),
            leave: Semaphore::new(0),
            under_way: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            kept: Mutex::default(),
            fail: Mutex::new(false),
        });
        let (changes, changed) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let driver = Driver::start(works.clone(), changed, stopped);
        Bench { works, driver, changes, stop }
    }

    fn runs(&self) -> usize {
        self.works.runs.lock().unwrap().len()
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn ended(ticket: &mut Ticket) -> Result<SyncReport, ErrorRecord> {
    loop {
        if let Phase::Done(done) = ticket.phase() {
            return done;
        }
        ticket.changed().await?;
    }
}

fn hourly(concurrent: usize) -> Settings {
    Settings { interval: Duration::from_secs(3600), concurrent, ..Settings::default() }
}

const REDMOND: &str = "redmond-cs-001.litwareinc.com";
const ATL: &str = "atl-cs-001.litwareinc.com";

/// Rule: the cycle begins by itself, at most so many at once; who asks while one runs gets one that begins after it
/// asked, together with the others who ask; of several that run out only as many wait as there may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cycles_and_orders() {
    let bench = Bench::of(REDMOND, hourly(2));
    until("two of three begin", || bench.works.under_way.load(Ordering::SeqCst) == 2).await;
    let key = bench.works.runs.lock().unwrap()[0].0.clone();
    let mut one = bench.driver.ask(&key, Extent::Forced, false).unwrap();
    let mut two = bench.driver.ask(&key, Extent::Full, false).unwrap();
    assert!(matches!(one.phase(), Phase::Waiting));
    bench.works.leave.add_permits(100);
    assert_eq!(ended(&mut one).await.unwrap().documents, 7);
    assert_eq!(ended(&mut two).await.unwrap().documents, 7);
    until("all ran", || bench.runs() == 4).await;
    assert_eq!(bench.works.most.load(Ordering::SeqCst), 2);
    let asked = bench.works.runs.lock().unwrap().iter().filter(|run| **run == (key.clone(), Extent::Forced)).count();
    assert_eq!(asked, 1, "both asked for one");
    until("all is kept", || {
        bench.works.kept.lock().unwrap().values().filter(|r| r.last_success.is_some()).count() == 3
    })
    .await;
    assert_eq!(
        bench.driver.ask(&Key::new(DUB, Module::DataConf), Extent::Changed, false).err().unwrap().id(),
        "BackupNotReady"
    );
    let mut held = Vec::new();
    // None of these begins: leave is taken away by those that hold it.
    bench.works.leave.forget_permits(100);
    let refused = (0..100).find_map(|_| match bench.driver.ask(&key, Extent::Changed, false) {
        Ok(ticket) => {
            held.push(ticket);
            None
        }
        Err(error) => Some(error),
    });
    assert!(refused.is_none_or(|error| error.id() == "BackupBusy"));
    bench.stop.send_replace(true);
}

/// Rule: while a pool's users are on their way its files go only when the failover orders it: no cycle begins, and whoever
/// else asks is told; before this computer knows of the failover, its order waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_beside_a_failover() {
    let bench = Bench::of(REDMOND, hourly(8));
    bench.works.leave.add_permits(1000);
    until("the first cycle", || bench.works.kept.lock().unwrap().len() == 3).await;
    let key = Key::new(ATL, Module::DataConf);
    let failover = || bench.driver.ask(&key, Extent::Changed, true);
    assert_eq!(failover().err().unwrap().id(), "BackupNotReady");
    {
        let mut plan = bench.works.plan.lock().unwrap();
        plan.settings.interval = Duration::from_millis(5);
        plan.duties.iter_mut().filter(|duty| duty.module == Module::DataConf).for_each(|duty| duty.waits = true);
    }
    bench.changes.send_modify(|n| *n += 1);
    until("it knows", || failover().is_ok_and(|_| true)).await;
    assert_eq!(bench.driver.ask(&key, Extent::Changed, false).err().unwrap().id(), "FailoverUnderway");
    let of_files = || bench.works.runs.lock().unwrap().iter().filter(|(ran, _)| *ran == key).count();
    let others = || bench.runs() - of_files();
    assert!(ended(&mut failover().unwrap()).await.is_ok());
    let (files, rest) = (of_files(), others());
    until("others cycle", || others() > rest + 20).await;
    assert!(of_files() <= files + 1, "one that was dropped at most");
    bench.stop.send_replace(true);
}

/// Rule: a changed interval takes effect at once; who goes away ends what nobody else waits for, and that is no failure;
/// a failure is kept with its error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intervals_and_leaving() {
    let bench = Bench::of(REDMOND, hourly(8));
    bench.works.leave.add_permits(3);
    until("the first cycle", || bench.works.kept.lock().unwrap().len() == 3).await;
    let key = Key::new(ATL, Module::DataConf);
    let ticket = bench.driver.ask(&key, Extent::Changed, false).unwrap();
    until("it runs", || bench.runs() == 4).await;
    drop(ticket);
    until("it is ended", || bench.works.dropped.load(Ordering::SeqCst) == 1).await;
    let looked = |module: Module| bench.driver.looked(ATL).into_iter().find(|l| l.duty.module == module).unwrap();
    until("it is over", || looked(Module::DataConf).running.is_none()).await;
    assert!(looked(Module::DataConf).record.error.is_none());

    *bench.works.fail.lock().unwrap() = true;
    bench.works.leave.add_permits(1);
    let mut failed = bench.driver.ask(&key, Extent::Changed, false).unwrap();
    assert_eq!(ended(&mut failed).await.unwrap_err().id(), "Failed");
    until("it is kept", || bench.works.kept.lock().unwrap()[&key].error.is_some()).await;
    assert!(bench.works.kept.lock().unwrap()[&key].last_success.is_some(), "the success before stays known");

    *bench.works.fail.lock().unwrap() = false;
    let before = bench.runs();
    bench.works.plan.lock().unwrap().settings.interval = Duration::from_millis(20);
    bench.works.leave.add_permits(1000);
    bench.changes.send_modify(|n| *n += 1);
    until("it cycles", || bench.runs() >= before + 9).await;
    bench.stop.send_replace(true);
    until("it stops", || {
        bench.driver.ask(&key, Extent::Changed, false).is_err_and(|error| error.id() == "BackupStopped")
    })
    .await;
}
