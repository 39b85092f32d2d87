//! The cmdlets that give a pool's users to its backup pool, and back: Invoke-CsPoolFailOver, Invoke-CsPoolFailBack.

mod account;
mod conference;
mod fail_back;
mod fail_over;
mod files;
mod list;
mod run;
mod seen;
mod words;

use crate::access::Place;
use crate::cmdlet::preferences::Impact;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{CmdletEntry, Context, FileParameter, entry};
use crate::cmdlets::report;
use crate::cmdlets::signature::ours;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::Mode;
use crate::pools::Way;
use crate::store::Grant;
use crate::value::{TimeSpan, date, timespan};
use account::Account;
use serde::Deserialize;
use std::time::Duration;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![entry::entry::<fail_back::FailBack>(), entry::entry::<fail_over::FailOver>()]
}

/// How long the last synchronisation is tried where nobody says: as it is documented.
const WAIT: Duration = Duration::from_secs(15);
/// The longest that may be asked for: a day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The parameters of either cmdlet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    #[serde(default)]
    disaster_mode: bool,
    #[serde(default)]
    skip_data_verification: bool,
    wait_time: Option<TimeSpan>,
    #[serde(default)]
    force: bool,
}

/// The page is the client's.
const FROM_BOUND: &[&str] = &[report::PARAMETER];
/// The page.
const FILES: &[FileParameter] = &[FileParameter::Write(report::PARAMETER)];

/// Adds what is ours to a signature: the page, as the failover of the store has it.
fn amend(spec: &mut CmdletSpec) {
    spec.parameters.push(ours(report::PARAMETER, ParameterType::String, "String"));
}

/// What is ordered.
struct Order<'a> {
    /// The pool whose users it is about.
    pub pool: &'a str,
    /// Which way.
    pub way: Way,
    /// How.
    pub mode: Mode,
    /// What is known to be behind is left behind.
    pub skip: bool,
    /// How long what must be the same on both sides is waited for.
    pub wait: Duration,
}

impl<'a> Order<'a> {
    fn new(args: &'a Args, way: Way) -> Result<Order<'a>, ErrorRecord> {
        let mode = if args.disaster_mode { Mode::Disaster } else { Mode::Planned };
        let wait = match args.wait_time {
            None => WAIT,
            Some(wait) => u64::try_from(wait.ticks / date::SECOND)
                .ok()
                .map(Duration::from_secs)
                .filter(|wait| *wait <= LONGEST)
                .ok_or_else(|| out_of_range(wait))?,
        };
        Ok(Order { pool: &args.pool_fqdn, way, mode, skip: args.skip_data_verification, wait })
    }
}

/// Looks, says what was found, and does it.
fn carry_out(args: &Args, way: Way, cx: &mut Context) -> Result<(), Halt> {
    let order = &Order::new(args, way)?;
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let (pool, partner) = crate::pools::partner(&topology, order.pool.trim())?;
    let grant = leave(cx, &pool.site)?;
    // It changes what the other pool serves as well.
    leave(cx, &partner.site)?;
    report::begin(cx)?;
    let mut plan = list::look(cx, order, &topology, pool, partner)?;
    let action = match order.way {
        Way::Over => "Invoke-CsPoolFailOver",
        Way::Back => "Invoke-CsPoolFailBack",
    };
    if cx.common.what_if {
        cx.should_process_at(Impact::High, &plan.what(), action)?;
        for line in plan.lines() {
            cx.information(line);
        }
        report::write(|| Account::new(&plan).page(), cx);
        return Ok(());
    }
    plan = list::settle(cx, order, &topology, pool, partner, plan)?;
    for line in plan.lines() {
        cx.verbose(line);
    }
    if let Some(error) = plan.refusal() {
        report::write(|| Account { error: Some(&error), ..Account::new(&plan) }.page(), cx);
        return Err(error.into());
    }
    for warning in plan.warnings() {
        cx.warning(warning);
    }
    let asks = !args.force || cx.common.confirm == Some(true);
    if asks && !cx.should_process_at(Impact::High, &plan.what(), action)? {
        return Ok(());
    }
    let mut done = run::Done::default();
    let result = run::run(cx, order, &grant, &topology, pool, &plan, &mut done);
    let error = match &result {
        Err(Halt::Error(error)) => Some(error),
        _ => None,
    };
    report::write(|| Account { done: Some(&done), error, ..Account::new(&plan) }.page(), cx);
    result
}

fn leave(cx: &mut Context, site: &str) -> Result<Grant, Halt> {
    cx.authorize(&Place::Site(site.to_string()))
}

fn out_of_range(wait: TimeSpan) -> ErrorRecord {
    let message = format!("-WaitTime {} is out of range: it is from nothing to a day.", timespan::constant(wait));
    ErrorRecord::new("ParameterArgumentValidationError", Category::InvalidArgument, message)
        .hint("-WaitTime 00:01:00 is a minute.")
}
