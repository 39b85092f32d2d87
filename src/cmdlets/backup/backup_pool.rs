//! Backup-CsPool: everything of a pool goes to its backup pool, and its state afterwards is waited for and reported.

use super::jobs::{self, Outcome};
use super::{control, log, of_category, pair, settings};
use crate::access::Place;
use crate::backup::{Control, ExportState, Extent, ModuleStatus, SyncOrder};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, Progress, ScopeKind};
use crate::cmdlets::report;
use crate::cmdlets::user::go_on;
use crate::config::Reader;
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::html;
use crate::pools::PoolState;
use crate::value::{Str, TimeSpan, Value, date};
use serde::Deserialize;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long -SteadyState waits, where -WaitTime does not say.
const WAIT: Duration = Duration::from_secs(300);
/// How often a module that failed is tried again, where -RetryCount does not say.
const RETRIES: u32 = 0;
/// Most that may be asked for.
const MOST_RETRIES: f64 = 100.0;
/// Between two tries, and between two looks at the state.
const BETWEEN: Duration = Duration::from_millis(500);
/// How often it is looked whether Ctrl-C was pressed.
const STEP: Duration = Duration::from_millis(50);

/// The cmdlet.
#[derive(Default)]
pub struct BackupPool;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    category: Option<String>,
    #[serde(default)]
    failed_over_pool_only: bool,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    full_backup: bool,
    #[serde(default)]
    steady_state: bool,
    retry_count: Option<u32>,
    wait_time: Option<TimeSpan>,
}

impl Cmdlet for BackupPool {
    const NAME: &'static str = "Backup-CsPool";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Everything of a pool", run: "Backup-CsPool -PoolFqdn \"atl-cs-001.litwareinc.com\"" },
        Example {
            what: "The same, waiting until nothing but a batch is left",
            run: "Backup-CsPool -PoolFqdn \"atl-cs-001.litwareinc.com\" -SteadyState",
        },
        Example {
            what: "The pool's files were set up anew, and count: what the copy has otherwise goes",
            run: "Backup-CsPool -PoolFqdn dub-pool.litwareinc.com -Category UserData -FullBackup -Force",
        },
        Example {
            what: "What would be done",
            run: "Backup-CsPool -PoolFqdn dub-pool.litwareinc.com -FullBackup -WhatIf",
        },
    ];
    // The context reads the replica.
    // A number of tries, not of any size: each may take minutes.
    fn amend(spec: &mut CmdletSpec) {
        if let Some(tries) = spec.parameters.iter_mut().find(|parameter| &*parameter.name == "RetryCount") {
            tries.validation.range = Some((0.0, MOST_RETRIES));
        }
    }

    const FROM_BOUND: &'static [&'static str] = &["LocalStore", report::PARAMETER];
    const FILES: &'static [FileParameter] = &[FileParameter::Write(report::PARAMETER)];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = back_up(&args, cx);
        go_on(result, cx)
    }
}

fn back_up(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let modules = of_category(args.category.as_deref())?;
    let (pool, partner) = pair(&topology, &args.pool_fqdn)?;
    let grant = cx.authorize(&Place::Site(pool.site.clone()))?;
    if modules.is_empty() {
        cx.warning("Response groups take no part in the backup service here: export and import them.");
        return Ok(());
    }
    if args.failed_over_pool_only {
        let state = PoolState::of(&Reader { store: deployment.store(), topology: &topology }, &pool.fqdn)?;
        if state != PoolState::FailedOver {
            cx.warning(format!("{} is not failed over ({}): nothing is backed up.", pool.fqdn, state.name()));
            return Ok(());
        }
    }
    let (what, extent) = match (args.full_backup, args.force) {
        (true, true) => ("Full backup, whose source counts,", Extent::Forced),
        (true, false) => ("Full backup", Extent::Full),
        (false, _) => ("Backup", Extent::Changed),
    };
    if !cx.should_process(&pool.fqdn, &format!("{what} to {}", partner.fqdn))? {
        return Ok(());
    }
    let control = control(cx)?;
    report::begin(cx)?;
    log(cx, &grant, &format!("{what} of {} ordered", pool.fqdn))?;
    let mut outcomes = tries(args, cx, &control, jobs::orders(&pool.fqdn, &modules, extent))?;
    // Of several modules those take part that the pool has; where it has none of them nothing was backed up.
    if outcomes.iter().all(is_not_here)
        && let Some(Outcome { result: Err(error), .. }) = outcomes.first()
    {
        return Err(error.clone().into());
    }
    outcomes.retain(|outcome| !is_not_here(outcome));
    let failed = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err()).count();
    for outcome in &outcomes {
        if let Ok(report) = &outcome.result {
            jobs::say(cx, &outcome.order, report, args.force)?;
        }
    }
    let wanted = |status: &ModuleStatus| outcomes.iter().any(|outcome| outcome.order.module == status.module);
    let states = if args.steady_state && failed == 0 {
        steady(args, cx, &control, &pool.fqdn, &wanted)?
    } else {
        control.status(&pool.fqdn)?
    };
    report::write(
        || {
            let states: Vec<&ModuleStatus> = states.iter().filter(|status| wanted(status)).collect();
            page(&pool.fqdn, &partner.fqdn, &outcomes, &states)
        },
        cx,
    );
    for outcome in &outcomes {
        if let Err(error) = &outcome.result {
            cx.error(error.clone().target(outcome.order.pool.as_str()))?;
        }
    }
    let late = states.iter().filter(|status| wanted(status) && !is_steady(status)).collect::<Vec<_>>();
    match late.first() {
        Some(status) if args.steady_state && failed == 0 => cx.error(not_steady(&pool.fqdn, status)),
        _ => Ok(()),
    }
}

/// Carries the orders out, those that fail again, as often as is asked for.
fn tries(
    args: &Args,
    cx: &mut Context,
    control: &Arc<dyn Control>,
    orders: Vec<SyncOrder>,
) -> Result<Vec<Outcome>, Halt> {
    let most = settings(cx)?.concurrent;
    let mut left = args.retry_count.unwrap_or(RETRIES);
    let (mut outcomes, mut orders): (Vec<Outcome>, _) = (Vec::new(), orders);
    loop {
        let mut again = Vec::new();
        jobs::run(cx, control, std::mem::take(&mut orders), most, &mut |_, outcome| {
            if outcome.result.is_err() && left > 0 && !is_not_here(&outcome) {
                again.push(outcome.order);
            } else {
                outcomes.push(outcome);
            }
            Ok(())
        })?;
        if again.is_empty() {
            outcomes.sort_by_key(|outcome| outcome.order.module);
            return Ok(outcomes);
        }
        left -= 1;
        pause(BETWEEN, cx)?;
        orders = again;
    }
}

/// Waits until what is left fits one batch.
fn steady(
    args: &Args,
    cx: &mut Context,
    control: &Arc<dyn Control>,
    pool: &str,
    wanted: &dyn Fn(&ModuleStatus) -> bool,
) -> Result<Vec<ModuleStatus>, Halt> {
    let wait = args.wait_time.and_then(|span| u64::try_from(span.ticks).ok());
    let wait = wait.map_or(WAIT, |ticks| Duration::from_nanos(ticks.saturating_mul(100)));
    let begun = Instant::now();
    let mut line = Progress { id: 1, activity: "Waiting for a steady state".into(), ..Progress::default() };
    loop {
        let states = control.status(pool)?;
        let late = states.iter().find(|status| wanted(status) && !is_steady(status));
        let Some(late) = late.filter(|_| begun.elapsed() < wait) else {
            cx.progress(Progress { completed: true, percent: Some(100), status: String::new(), ..line });
            return Ok(states);
        };
        let status = format!("{}: {}", late.module.name(), late.cause);
        if line.status != status {
            line = Progress { status, ..line };
            cx.progress(line.clone());
        }
        pause(BETWEEN.min(wait.saturating_sub(begun.elapsed())), cx)?;
    }
}

fn is_steady(status: &ModuleStatus) -> bool {
    matches!(status.export, ExportState::FinalState | ExportState::SteadyState)
}

/// The pool has no such data, which is no failure where all modules were meant.
fn is_not_here(outcome: &Outcome) -> bool {
    outcome.result.as_ref().is_err_and(|error| error.id() == "BackupModuleNotHere")
}

fn pause(length: Duration, cx: &Context) -> Result<(), Halt> {
    let begun = Instant::now();
    loop {
        cx.session.check_interrupt()?;
        let left = length.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(STEP));
    }
}

fn not_steady(pool: &str, status: &ModuleStatus) -> ErrorRecord {
    let message = format!("{} of {pool} did not reach a steady state: {}", status.module.name(), status.cause);
    ErrorRecord::new("BackupNotSteady", Category::OperationTimeout, message)
        .target(pool)
        .hint("Wait longer with -WaitTime, or see Get-CsBackupServiceStatus.")
}

/// What was done and how it is now, as a page.
fn page(pool: &str, partner: &str, outcomes: &[Outcome], states: &[&ModuleStatus]) -> String {
    let when = date::text(date::to_local(date::now()));
    let title = format!("Backup-CsPool: {pool} to {partner}, {when}");
    let mut page = html::head(&title);
    page.push_str(&format!("\n<body>\n<h1>{}</h1>\n", html::escape(&title)));
    let done = ["Module", "Result", "Documents", "Files", "Moved", "Bytes on the wire", "Bytes saved", "Milliseconds"];
    let rows = outcomes.iter().map(|outcome| {
        let name = outcome.order.module.name();
        match &outcome.result {
            Ok(report) => {
                let numbers = [
                    report.documents,
                    report.files,
                    report.moved,
                    report.bytes_on_wire,
                    report.bytes_saved,
                    report.milliseconds,
                ];
                let numbers = numbers.map(|n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)));
                [Value::from(name), "Done".into()].into_iter().chain(numbers).collect::<Vec<_>>()
            }
            Err(error) => vec![name.into(), format!("{}: {}", error.id(), error.message()).as_str().into()],
        }
    });
    table(&mut page, &done, rows);
    let now = ["Module", "Export", "Import", "Cause"];
    table(
        &mut page,
        &now,
        states.iter().map(|status| {
            let (export, import) = super::records::overall(&[(*status).clone()]);
            vec![status.module.name().into(), export.into(), import.into(), status.cause.as_str().into()]
        }),
    );
    let notes = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().ok());
    let notes: Vec<Vec<Value>> = notes
        .flat_map(|report| {
            let of = |what: &'static str, names: &[String]| -> Vec<Vec<Value>> {
                names.iter().map(|name| vec![what.into(), name.as_str().into()]).collect()
            };
            [of("Changed at the target", &report.conflicts), of("Left behind", &report.left)].concat()
        })
        .collect();
    if !notes.is_empty() {
        table(&mut page, &["What", "File"], notes.into_iter());
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn table(page: &mut String, names: &[&str], rows: impl Iterator<Item = Vec<Value>>) {
    let names: Vec<Str> = names.iter().map(|name| Str::from(*name)).collect();
    page.push_str("<table>\n");
    page.push_str(&html::table_head(&names));
    page.push('\n');
    for mut row in rows {
        row.resize(names.len(), Value::Null);
        page.push_str(&html::row(&row));
        page.push('\n');
    }
    page.push_str("</table>\n");
}
