//! A failover as its cmdlets carry it out: looked at first, asked about, done step by step, accounted for.

use super::account::Account;
use super::outlook;
use crate::cmdlet::preferences::Impact;
use crate::cmdlet::{Context, Progress};
use crate::cmdlets::report;
use crate::error::Halt;
use crate::failover::{Control, Mode, Order, Placement, Preflight, Report, StepReport, Wish};
use crate::store::Grant;
use crate::topology::Database;
use crate::value::{DateTime, date};
use std::time::{Duration, Instant};

/// Most computers that a warning names.
const NAMED: usize = 5;
/// How long is waited for who is about to come back: a replica that was refused asks again at least twice meanwhile.
const COME_BACK: Duration = Duration::from_secs(30);
/// Between two looks then.
const AGAIN: Duration = Duration::from_millis(250);

/// What is wanted.
pub(super) struct Wanted {
    /// Of which database.
    pub database: Database,
    /// Where to.
    pub wish: Wish,
    /// Somebody is asked before, unless -Confirm says something else.
    pub asks: bool,
}

/// Looks, and with leave does it.
///
/// # Errors
/// Those of [`Control::preflight`] and [`Control::fail_over`]; `PromptNotAvailable`; `ReportNotWritten`.
pub(super) fn run(cx: &mut Context, control: &dyn Control, grant: &Grant, wanted: Wanted) -> Result<(), Halt> {
    report::begin(cx)?;
    let name = wanted.database.called();
    let mut found = control.preflight(&wanted.database, &wanted.wish, grant.principal())?;
    if !cx.common.what_if {
        // Without servers the preflight knows little, and refuses for what is only a consequence.
        control.acts()?;
        found = settle(cx, control, grant, &wanted, found)?;
    }
    let mut account = Account::new(&found);
    let action = outlook::action(&found);
    if cx.common.what_if {
        cx.should_process_at(Impact::High, &name, &action)?;
        for line in outlook::lines(&found, &name) {
            cx.information(line);
        }
        report::write(|| account.page(), cx);
        return Ok(());
    }
    if let Some(refused) = found.refusal() {
        account.error = Some(&refused);
        report::write(|| account.page(), cx);
        return Err(refused.into());
    }
    for line in outlook::lines(&found, &name) {
        cx.verbose(line);
    }
    // A healthy source needs no disaster.
    for condition in found.conditions.iter().filter(|condition| condition.id.as_deref() == Some("SourceAnswers")) {
        cx.warning(
            format!("{} {}", condition.found, condition.advice.as_deref().unwrap_or_default()).trim().to_string(),
        );
    }
    if found.mode == Mode::Disaster || !found.lost.is_empty() {
        warn_of_losses(cx, &found);
    }
    let asks = wanted.asks || cx.common.confirm == Some(true);
    if asks && !cx.should_process_at(Impact::High, &name, &action)? {
        return Ok(());
    }
    let order = Order { database: wanted.database, wish: wanted.wish, entry: grant.entry("Failed over") };
    let mut told = Vec::new();
    let done = control.fail_over(&order, &mut |step| {
        tell(cx, &name, found.mode, step, &told);
        keep(&mut told, step);
    });
    let line = Progress { id: 1, activity: format!("Failing over {name}"), percent: Some(100), ..Progress::default() };
    cx.progress(Progress { completed: true, ..line });
    match done {
        Ok(report) => {
            place(cx, grant, &order.database, &report)?;
            if found.is_over() {
                tell_of_earlier(cx, &order.wish, &name, &found, &report);
            }
            say(cx, &name, &found, &report);
            // Who is gone asks again, and is told then.
            if cx.session.check_interrupt().is_ok() {
                control.heard(&order.database, &report);
            }
            account.report = Some(&report);
            report::write(|| account.page(), cx);
            Ok(())
        }
        Err(error) => {
            (account.steps, account.begun) = (&told, true);
            account.error = Some(&error);
            report::write(|| account.page(), cx);
            Err(error.into())
        }
    }
}

/// Nothing was done: the failover of before is told of.
fn tell_of_earlier(cx: &mut Context, wish: &Wish, name: &str, found: &Preflight, report: &Report) {
    let (source, target, id, by) = (&found.source, &found.target, &report.id, &report.by);
    let (was, at) = if report.undone { ("was undone", source) } else { ("was done", target) };
    if *wish == Wish::Report {
        let what = format!("The failover {id} from {source} to {target}, which {by} ordered, {was}.");
        cx.information(format!("{what} {} is at {at}.", outlook::capital(name)));
    } else {
        cx.warning(format!(
            "Nothing was done now: the failover {id} of this same command {was} before, and its report had reached nobody. {} is \
             at {at}.",
            outlook::capital(name)
        ));
    }
}

/// Looks again while all that refuses is about to mend itself, as after a failover that was undone: replicas and a target
/// that answer, and have not come back yet.
fn settle(
    cx: &mut Context,
    control: &dyn Control,
    grant: &Grant,
    wanted: &Wanted,
    mut found: Preflight,
) -> Result<Preflight, Halt> {
    let begun = Instant::now();
    let passes = |found: &Preflight| found.refusals().next().is_some() && found.refusals().all(|one| one.passes);
    let line = |status: &str| Progress {
        id: 1,
        activity: format!("Waiting until {} can fail over", wanted.database.called()),
        status: status.to_string(),
        ..Progress::default()
    };
    let waits = passes(&found);
    while passes(&found) && begun.elapsed() < COME_BACK {
        if let Some(condition) = found.refusals().next() {
            cx.progress(line(&condition.found));
        }
        cx.session.check_interrupt()?;
        std::thread::sleep(AGAIN);
        found = control.preflight(&wanted.database, &wanted.wish, grant.principal())?;
    }
    if waits {
        cx.progress(Progress { completed: true, ..line("") });
    }
    Ok(found)
}

/// Writes where a user store is now: the store itself writes that of its own, in the moment it goes over.
fn place(cx: &mut Context, grant: &Grant, database: &Database, report: &Report) -> Result<(), Halt> {
    if *database == Database::CentralMgmt || report.undone {
        return Ok(());
    }
    let change = Placement::of(report, grant.principal(), date::now()).change(database);
    if let Err(error) = cx.deployment()?.store().commit(grant, &[change]) {
        // It is found there all the same: whoever looks for it asks its other places too.
        cx.warning(format!("The configuration does not say yet where {} is: {}", database.called(), error.message()));
    }
    Ok(())
}

/// Before anything is done: what is known to be lost.
fn warn_of_losses(cx: &mut Context, found: &Preflight) {
    if !found.lost.is_empty() || found.uncertain.is_some() {
        cx.warning(outlook::losses(&found.lost, found.uncertain.as_deref(), "will be").join("\n"));
    }
}

/// A step that begins shows as progress, one that is over as a verbose line.
fn tell(cx: &mut Context, name: &str, mode: Mode, step: &StepReport, told: &[StepReport]) {
    match step.milliseconds {
        None => {
            let all = match mode {
                Mode::Planned => 7,
                Mode::Disaster => 6,
            };
            let done = told.iter().filter(|step| step.milliseconds.is_some()).count();
            let percent = u8::try_from(done * 100 / all).unwrap_or(99).min(99);
            let status = match step.found.is_empty() {
                true => step.name.clone(),
                false => format!("{}: {}", step.name, step.found),
            };
            let activity = format!("Failing over {name}");
            cx.progress(Progress { id: 1, activity, status, percent: Some(percent), completed: false });
        }
        Some(milliseconds) => {
            let at = step.began.map(clock).unwrap_or_default();
            cx.verbose(format!("{at}{}, {milliseconds} ms: {}", step.name, step.found));
        }
    }
}

fn clock(at: DateTime) -> String {
    let local = date::to_local(at);
    date::format(local, "HH:mm:ss.fff").map_or(String::new(), |text| format!("{text} "))
}

/// A step that is over takes the place of its beginning.
fn keep(told: &mut Vec<StepReport>, step: &StepReport) {
    match told.last_mut().filter(|last| last.name == step.name && last.milliseconds.is_none()) {
        Some(last) => *last = step.clone(),
        None => told.push(step.clone()),
    }
}

/// What came of it: losses and those that do not follow as warnings, the rest for who asks.
fn say(cx: &mut Context, name: &str, found: &Preflight, report: &Report) {
    if report.undone {
        let source = &found.source;
        cx.verbose(format!("The failover that was not over is undone; {source} takes changes again."));
        return;
    }
    let target = if report.preflight.target.is_empty() { &found.target } else { &report.preflight.target };
    let (version, epoch) = (report.version, report.epoch);
    cx.verbose(format!("{} is active at {target}, version {version}, epoch {epoch}.", outlook::capital(name)));
    let losses = outlook::losses(&report.lost, report.uncertain.as_deref(), "are").join("\n");
    if report.lost.is_empty() && report.uncertain.is_none() {
        cx.verbose("Nothing is lost.");
    } else if (&report.lost, &report.uncertain) == (&found.lost, &found.uncertain) {
        // It was warned of before.
        cx.verbose(losses);
    } else {
        cx.warning(losses);
    }
    let late: Vec<String> = report
        .followers
        .iter()
        .filter(|follower| !follower.up_to_date)
        .map(|follower| match &follower.reason {
            Some(reason) => format!("{} ({})", follower.computer, reason.trim_end_matches('.')),
            None => follower.computer.clone(),
        })
        .collect();
    let all = report.followers.len();
    if late.is_empty() {
        match all {
            1 => cx.verbose("The computer that follows it has the new epoch."),
            _ => cx.verbose(format!("All {all} computers that follow it have the new epoch.")),
        }
    } else {
        let more = late.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = late.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        cx.warning(format!(
            "{} of {all} computers do not follow yet: {named}{more}. They go on by themselves when they can be reached.",
            late.len()
        ));
    }
    if !report.export.is_empty() {
        cx.verbose(format!("Before the switch it was exported to {} at {target}.", report.export));
    }
    if let Some(outage) = report.outage {
        cx.verbose(format!("No change could be made for {outage} ms."));
    }
}
