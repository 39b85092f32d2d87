//! The files of conferences: taken from the computer that has them, given to the one that keeps them.

use super::{Backup, Running, ask, folder};
use crate::backup::carry::{Carried, carry};
use crate::backup::files::{Names, Options, Report, Source, Target, Tree};
use crate::backup::service::{Duty, Part, Teller, duty};
use crate::backup::{Extent, Module, SyncReport};
use crate::error::{Category, ErrorRecord};
use crate::host::node::Node;
use crate::net::http::{Answer, Body, Channel, Method, Request};
use crate::store::Role;
use crate::topology::Database;
use crate::value::same_name;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long it waits for an earlier synchronisation of the same tree, that was cut off, to let go of it.
const LETS_GO: Duration = Duration::from_secs(10);
/// How often it looks.
const STEP: Duration = Duration::from_millis(100);
/// Names that a report has of each sort.
const NAMES: usize = 100;

/// Takes the files of a pool from the computer that has them.
///
/// # Errors
/// `FailoverUnderway`; those of connecting, and those of the synchronisation.
pub(super) async fn take(
    backup: &Arc<Backup>,
    duty: &Duty,
    extent: Extent,
    told: Teller,
) -> Result<SyncReport, ErrorRecord> {
    right_way(backup, duty).await?;
    let begun = Instant::now();
    loop {
        match once(backup, duty, extent, told.clone()).await {
            Err(error) if error.id() == "FileSyncBusy" && begun.elapsed() < LETS_GO => tokio::time::sleep(STEP).await,
            other => return other.map_err(|error| advised(error, duty)),
        }
    }
}

/// Files go from where the users are served. What this computer knows of that may be old, and then it would take what is
/// old for what is new: so the places of the user store are asked. Whoever does not answer does not know better.
async fn right_way(backup: &Backup, duty: &Duty) -> Result<(), ErrorRecord> {
    // They come back: what the backup pool has goes first, wherever the user store is already.
    if duty.waits && duty.turned {
        return Ok(());
    }
    let database = Database::users(&duty.pool);
    let Some(known) = backup.node.known() else { return Ok(()) };
    let Some(places) = known.places(&database) else { return Ok(()) };
    let answers =
        crate::host::place::ask::places(&backup.node, &database, known.places_of(&database), ask::PATIENCE).await;
    let states: Vec<_> = answers.iter().filter_map(|answer| answer.state.as_ref().ok()).collect();
    let served = states.iter().filter(|state| state.role == Some(Role::Active) && state.serves);
    if let Some(serves) = served.max_by_key(|state| state.position.epoch)
        && places.at_backup(&serves.computer) != duty.turned
    {
        let why = format!("its users are served at {}, which is not known here yet", serves.computer);
        return Err(not_source(&why));
    }
    if duty.waits {
        return Ok(());
    }
    let active = known.active_of(&database).unwrap_or_default();
    match states.into_iter().find(|state| same_name(&state.computer, active)) {
        Some(state) => ask::no_failover(duty, &database, &[state]),
        None => Ok(()),
    }
}

/// Where a source is not believed somebody has to say which side counts: by which command.
fn advised(error: ErrorRecord, duty: &Duty) -> ErrorRecord {
    let Duty { pool, source, target, .. } = duty;
    let counts = format!("Backup-CsPool -PoolFqdn {pool} -Category UserData -FullBackup -Force");
    let right = match error.id() {
        "FileSyncSourceEmpty" => {
            format!("If {source} is rightly empty: put one file into its tree, and order {counts}")
        }
        "FileSyncSourceNew" => format!("If {source} is right, whatever {target} has: {counts}"),
        _ => return error,
    };
    let message = format!("{source} gives no files of {pool} to {target}: {}.", error.message().trim_end_matches('.'));
    let lost = match duty.turned {
        false => format!(
            "If its disk was lost {target} has the files, and they come back with the users: Invoke-CsPoolFailOver -PoolFqdn \
             {pool} -SkipDataVerification, then Invoke-CsPoolFailBack -PoolFqdn {pool}"
        ),
        true => format!(
            "If its disk was lost {target} has the files: Invoke-CsPoolFailBack -PoolFqdn {pool} -SkipDataVerification goes \
             back to them"
        ),
    };
    ErrorRecord::new(error.id().to_owned(), Category::InvalidOperation, message)
        .target(pool.as_str())
        .hint("If its disk is not mounted: mount it. Nothing is deleted or replaced meanwhile.")
        .hint(lost)
        .hint(right)
}

async fn once(backup: &Arc<Backup>, duty: &Duty, extent: Extent, told: Teller) -> Result<SyncReport, ErrorRecord> {
    // A connection of its own: what passes it is what this synchronisation costs.
    let channel = Channel::over_tls(backup.node.asking()?.http(&duty.source).await?).await?;
    let (to, body) = Body::lines();
    let path = format!("/v1/files/{}{}", duty.pool.to_lowercase(), extent.query());
    let from = channel.request(Method::POST, &path, body).await?.accepted().await?;
    let (node, pool) = (backup.node.clone(), duty.pool.clone());
    // What it holds is read again; what it knows to be synchronised it keeps, so that nothing travels that is here.
    let make = move || Target::begin(open(&node, &pool, extent, Tree::read_again)?);
    told.tell("Comparing the trees", None);
    let mut before = 0;
    let report = carry(
        make,
        to,
        from,
        move |bytes| {
            // Not for every message: who looks, looks a few times a second.
            if bytes - before >= 1 << 20 {
                before = bytes;
                told.tell(format!("{} MB of files received", bytes >> 20), None);
            }
        },
        |_| None,
    );
    let carried = report.await?;
    let mut report = told_of(&carried.report, channel.wire().total());
    // Of another program it may be something else.
    let theirs = carried.farewell.and_then(|words| serde_json::from_slice::<NotGiven>(&words).ok()).unwrap_or_default();
    report.bytes_saved += theirs.bytes_saved;
    report.left_in_all += theirs.left_in_all.max(theirs.left.len() as u64);
    report.left.extend(theirs.left.into_iter().take(NAMES));
    report.refused_in_all += theirs.refused_in_all.max(theirs.refused.len() as u64);
    report.refused.extend(theirs.refused.into_iter().take(NAMES));
    Ok(report)
}

/// The names of a report, each with what is to be said of it.
fn named(names: &Names) -> Vec<String> {
    names.first.iter().take(NAMES).map(|(name, why)| format!("{name}: {why}")).collect()
}

/// What the source tells the target in the end: it alone knows it.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NotGiven {
    left: Vec<String>,
    left_in_all: u64,
    refused: Vec<String>,
    refused_in_all: u64,
    bytes_saved: u64,
}

fn not_given(report: &Report) -> Option<Bytes> {
    let (left, refused) = (named(&report.failed), named(&report.refused));
    let words = NotGiven {
        left,
        left_in_all: report.failed.count,
        refused,
        refused_in_all: report.refused.count,
        bytes_saved: report.bytes_saved,
    };
    let silent = words.left.is_empty() && words.refused.is_empty() && words.bytes_saved == 0;
    if silent { None } else { serde_json::to_vec(&words).ok().map(Bytes::from) }
}

fn told_of(report: &Report, bytes_on_wire: u64) -> SyncReport {
    let files = report.created + report.changed + report.moved + report.copied + report.deleted + report.touched;
    SyncReport {
        files,
        moved: report.moved,
        bytes_on_wire,
        bytes_saved: report.bytes_saved,
        conflicts: named(&report.conflicts).into_iter().chain(named(&report.stayed)).take(NAMES).collect(),
        conflicts_in_all: report.conflicts.count + report.stayed.count,
        left: named(&report.failed),
        left_in_all: report.failed.count,
        refused: named(&report.refused),
        refused_in_all: report.refused.count,
        ..SyncReport::default()
    }
}

/// Gives the files of a pool to the computer that keeps them: `POST /v1/files/<pool>`.
pub(super) async fn give(running: &Running, pool: String, request: Request) -> Result<Answer, ErrorRecord> {
    let backup = &running.backup;
    let caller = super::routes::computer(&request.caller)?;
    let known = backup.node.known().ok_or_else(super::routes::not_ready)?;
    let duty = match duty::part(&known.topology, &*known, &pool, Module::DataConf)? {
        Part::Duty(duty) => duty,
        Part::Nothing { cause, .. } => return Err(not_source(&cause)),
    };
    let ours = same_name(&duty.source, backup.node.computer()) || same_name(&duty.target, backup.node.computer());
    let theirs = same_name(&duty.source, &caller) || same_name(&duty.target, &caller);
    if !(ours && theirs) || same_name(&caller, backup.node.computer()) {
        let message = format!("{caller} does not keep the files of {}, as far as is known here.", duty.pool);
        return Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message)
            .hint("The topology says which pools are paired, and where their file stores are."));
    }
    if !same_name(&duty.target, &caller) {
        let why =
            format!("as far as is known here the files of {} go from {} to {}", duty.pool, duty.source, duty.target);
        return Err(not_source(&why));
    }
    let place = backup.given.clone().try_acquire_owned().map_err(|_| {
        let message = format!("{} gives files to {} others now.", backup.node.computer(), super::GIVEN);
        ErrorRecord::new("ServerBusy", Category::ResourceUnavailable, message).hint("It is tried again by itself.")
    })?;
    let extent = Extent::asked(request.query.as_deref());
    let (to, body) = Body::lines();
    let (node, mut stop) = (backup.node.clone(), backup.stop.clone());
    tokio::spawn(async move {
        let _place = place;
        let (opens, pool) = (node.clone(), duty.pool.clone());
        let make = move || {
            let begun = Instant::now();
            let tree = loop {
                match open(&opens, &pool, extent, Tree::forget) {
                    Err(error) if error.id() == "FileSyncBusy" && begun.elapsed() < LETS_GO / 4 => {
                        std::thread::sleep(STEP);
                    }
                    other => break other?,
                }
            };
            Source::begin(tree)
        };
        tokio::select! {
            given = carry(make, to, request.body, |_| {}, not_given) => match given {
                Ok(Carried { report, .. }) => tracing::debug!(pool = duty.pool, to = duty.target, ?report, "files given"),
                Err(error) => tracing::warn!(pool = duty.pool, to = duty.target, id = error.id(), "{}", error.message()),
            },
            _ = stop.wait_for(|stop| *stop) => {}
        }
    });
    Ok(Answer::bytes(body))
}

/// What an end forgets before everything is compared anew.
type Anew = fn(Tree) -> Result<(), ErrorRecord>;

/// Opens the tree of a pool on this computer; `anew` forgets what must be, where everything is compared.
fn open(node: &Node, pool: &str, extent: Extent, anew: Anew) -> Result<Tree, ErrorRecord> {
    let directory = node.directory();
    folder(&directory.files(pool))?;
    let (host, clock) = (node.computer().to_string(), node.clock().clone());
    let options = Options { host, clock, may_be_empty: false, counts: extent == Extent::Forced };
    let index = directory.files_index(pool);
    let opened = Tree::open(&directory.files(pool), &index, options.clone())?;
    if extent == Extent::Changed {
        return Ok(opened);
    }
    // Nobody else has it open. What is staged stays and is gone on with.
    anew(opened)?;
    Tree::open(&directory.files(pool), &index, options)
}

fn not_source(why: &str) -> ErrorRecord {
    let message = format!("This computer does not give these files: {why}.");
    ErrorRecord::new("NotSource", Category::ResourceUnavailable, message)
        .hint("The pool may be failing over; the next synchronisation asks the right computer.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: of what is left, and of what both sides changed, the first are named and all are counted; a report of a
    /// program that does not count is counted by its names.
    #[test]
    fn all_that_is_left_counts() {
        let mut names = Names::default();
        (0..250).for_each(|n| names.add(format!("f{n}").as_bytes(), "changed while it was read"));
        let report = told_of(&Report { failed: names.clone(), conflicts: names, ..Report::default() }, 0);
        assert!(report.left.len() <= NAMES && report.conflicts.len() <= NAMES);
        assert_eq!((report.left_count(), report.conflict_count()), (250, 250));
        let older: SyncReport = serde_json::from_str(r#"{"Left": ["a: x", "b: y"]}"#).unwrap();
        assert_eq!((older.left_count(), older.conflict_count()), (2, 0));
    }

    /// Rule: where a source is not believed the error says by which commands one side counts, or the other; whatever else
    /// went wrong stays as it is.
    #[test]
    fn what_to_do_about_a_source() {
        let topology = crate::topology::Topology::parse(crate::topology::sample::LITWAREINC).unwrap();
        let still = Nowhere;
        let Part::Duty(duty) = duty::part(&topology, &still, "dub-pool.litwareinc.com", Module::DataConf).unwrap()
        else {
            panic!("files go to London")
        };
        for (id, turned, commands) in [
            ("FileSyncSourceNew", false, &["Invoke-CsPoolFailOver", "Invoke-CsPoolFailBack", "-FullBackup -Force"][..]),
            ("FileSyncSourceEmpty", false, &["Invoke-CsPoolFailOver", "Invoke-CsPoolFailBack", "-FullBackup -Force"]),
            ("FileSyncSourceEmpty", true, &["Invoke-CsPoolFailBack", "-FullBackup -Force"]),
            ("FileSyncDiskFull", false, &[]),
        ] {
            let duty = Duty { turned, ..duty.clone() };
            let error = advised(ErrorRecord::new(id, Category::InvalidOperation, "why"), &duty);
            let hints = error.hints().join(" ");
            assert!(error.id() == id && error.message().contains("why"), "{error:?}");
            assert!(commands.iter().all(|command| hints.contains(command)), "{id}: {hints}");
            assert_eq!(commands.is_empty(), hints.is_empty(), "{hints}");
        }
    }

    /// Nothing went anywhere.
    struct Nowhere;

    impl duty::Situation for Nowhere {
        fn active(&self, _database: &Database) -> Option<String> {
            None
        }

        fn moves(&self, _pool: &str) -> bool {
            false
        }
    }
}
