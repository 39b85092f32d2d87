//! Synchronisations that a cmdlet orders: several at once, with progress, one that fails does not stop the others.

use crate::backup::{Control, Extent, Module, SyncOrder, SyncProgress, SyncReport};
use crate::cmdlet::{Context, Progress};
use crate::error::{ErrorRecord, Halt};
use crate::value::amount;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Most at once, whatever MaxConcurrentCalls says: each has a thread of the computer that orders them.
const MOST: usize = 16;
/// How often it is looked whether Ctrl-C was pressed.
const STEP: Duration = Duration::from_millis(50);

/// What is known of an order when it is over.
pub(super) struct Outcome {
    /// The order.
    pub order: SyncOrder,
    /// What came of it.
    pub result: Result<SyncReport, ErrorRecord>,
}

enum Event {
    Progress(usize, SyncProgress),
    Done(usize, Box<Outcome>),
}

/// Carries orders out, at most so many at once, and hands what came of each to `each`, as they end.
///
/// # Errors
/// An interrupt, after those under way have ended; those of `each`.
pub(super) fn run(
    cx: &mut Context,
    control: &Arc<dyn Control>,
    orders: Vec<SyncOrder>,
    most: usize,
    each: &mut dyn FnMut(&mut Context, Outcome) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let all = orders.len();
    let names: Vec<String> = orders.iter().map(|order| format!("{} {}", order.pool, order.module.name())).collect();
    let waiting: Mutex<VecDeque<(usize, SyncOrder)>> = Mutex::new(orders.into_iter().enumerate().collect());
    let stop = AtomicBool::new(false);
    let mut line = Progress { id: 1, activity: "Synchronising with the backup pool".into(), ..Progress::default() };
    let ended = thread::scope(|scope| {
        let (events, heard) = mpsc::channel();
        for _ in 0..most.clamp(1, MOST).min(all) {
            let (events, waiting, stop) = (events.clone(), &waiting, &stop);
            scope.spawn(move || work(&**control, waiting, stop, &events));
        }
        drop(events);
        let (mut done, mut ended) = (0, Ok(()));
        loop {
            match heard.recv_timeout(STEP) {
                Ok(Event::Progress(at, progress)) => {
                    let name = names.get(at).map_or("", String::as_str);
                    let status = format!("{done} of {all}; {name}: {}", progress.what);
                    if line.status != status {
                        let percent = u8::try_from(done * 100 / all.max(1)).unwrap_or(100);
                        line = Progress { status, percent: Some(percent), ..line.clone() };
                        cx.progress(line.clone());
                    }
                }
                Ok(Event::Done(at, outcome)) => {
                    done += 1;
                    let _ = at;
                    if ended.is_ok() {
                        ended = each(cx, *outcome);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return ended,
            }
            if ended.is_ok() {
                ended = cx.session.check_interrupt();
            }
            if ended.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    cx.progress(Progress { completed: true, percent: Some(100), status: String::new(), ..line });
    ended
}

fn work(
    control: &dyn Control,
    waiting: &Mutex<VecDeque<(usize, SyncOrder)>>,
    stop: &AtomicBool,
    events: &mpsc::Sender<Event>,
) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((at, order)) = next.filter(|_| !stop.load(Ordering::Relaxed)) else { return };
        let mut last = SyncProgress::default();
        let result = control.sync(&order, &mut |progress| {
            if *progress != last {
                last = progress.clone();
                // Whoever listened has gone only when everything is over.
                let _ = events.send(Event::Progress(at, last.clone()));
            }
            !stop.load(Ordering::Relaxed)
        });
        let _ = events.send(Event::Done(at, Box::new(Outcome { order, result })));
    }
}

/// The orders for modules of a pool.
pub(super) fn orders(pool: &str, modules: &[Module], extent: Extent) -> Vec<SyncOrder> {
    modules
        .iter()
        .map(|module| SyncOrder { pool: pool.to_string(), module: *module, extent, failover: false })
        .collect()
}

/// Says what a synchronisation did: one line on the verbose stream, warnings for what an administrator should look at.
///
/// # Errors
/// Under -ErrorAction Stop what is left.
pub(super) fn say(cx: &mut Context, order: &SyncOrder, report: &SyncReport, force: bool) -> Result<(), Halt> {
    cx.verbose(told(&order.pool, order.module, report));
    for refused in &report.refused {
        cx.verbose(format!("{}: never followed: {refused}", order.pool));
    }
    if force {
        return Ok(());
    }
    never_followed(cx, &order.pool, report);
    for conflict in &report.conflicts {
        cx.warning(format!("{}: {conflict}", order.pool));
    }
    let more = report.conflict_count().saturating_sub(report.conflicts.len() as u64);
    if more > 0 {
        cx.warning(format!("{}: {more} more were changed at the target; the first are named.", order.pool));
    }
    if report.left.is_empty() {
        return Ok(());
    }
    let some: Vec<&str> = report.left.iter().take(3).map(String::as_str).collect();
    let more = report.left_count().saturating_sub(some.len() as u64);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let message = format!("{} of {}: left behind: {}{more}", order.module.name(), order.pool, some.join("; "));
    let error = ErrorRecord::new("BackupIncomplete", crate::error::Category::WriteError, message);
    cx.error(error.target(order.pool.as_str()).hint("Mend what is named; the next synchronisation takes it."))
}

/// Warns of what is never followed, once for a synchronisation; the names are on the verbose stream.
pub(in crate::cmdlets) fn never_followed(cx: &mut Context, pool: &str, report: &SyncReport) {
    let count = report.refused_count();
    if count > 0 {
        let what = if count == 1 {
            "1 entry of the file tree is".into()
        } else {
            format!("{count} entries of the file tree are")
        };
        cx.warning(format!(
            "{pool}: {what} never followed, so there is no copy: devices, sockets, links that lead out \
             of it. -Verbose names them."
        ));
    }
}

/// What a synchronisation did, in a line.
pub(in crate::cmdlets) fn told(pool: &str, module: Module, report: &SyncReport) -> String {
    format!(
        "{pool}, {}: {}, {} ({} moved without their content), {} on the wire, {} saved, {}, {} ms",
        module.name(),
        amount(report.documents, "document"),
        amount(report.files, "file"),
        report.moved,
        amount(report.bytes_on_wire, "byte"),
        amount(report.bytes_saved, "byte"),
        amount(report.conflict_count(), "conflict"),
        report.milliseconds,
    )
}
