//! Waits until all replicas of a lab are up to date.

use super::fleet::{Fleet, tail};
use super::probe;
use crate::deployment::lab::Lab;
use crate::error::{Category, ErrorRecord};
use crate::host::Health;
use crate::value::same_name;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it may take until all are up to date, beside a second for each computer: a few seconds are usual.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long whoever comes second waits for a computer that is not well: it may have been stopped, to see what happens.
const ATTACHED: Duration = Duration::from_secs(3);
/// How often it is looked.
const LOOKS: Duration = Duration::from_millis(40);

/// The health of each server of a lab, by computer; `None` of one that does not run.
pub type State = Vec<(String, Option<Health>)>;

/// Waits until every server answers and every replica of the lab is up to date; shows how far it is on a terminal. Where
/// the servers are another's (`fleet` is empty) it is enough that the master answers: what is not well is told.
///
/// # Errors
/// `LabNotReady`, with the computer that stands in the way, why, and the end of its log.
pub fn wait(lab: &Lab, fleet: &Mutex<Option<Fleet>>) -> Result<State, ErrorRecord> {
    let hosts = lab.hosts()?;
    let bar = bar(hosts.len() as u64);
    let start = Instant::now();
    let limit = PATIENCE + Duration::from_secs(hosts.len() as u64);
    let attached = fleet.lock().unwrap_or_else(PoisonError::into_inner).is_none();
    loop {
        let ended = fleet.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(Fleet::ended);
        if let Some((computer, how)) = ended.and_then(|ended| ended.into_iter().next()) {
            return Err(not_ready(&format!("the server of {computer} has ended ({})", how.trim_end())));
        }
        let master = probe::health(&lab.host).ok();
        let replicas = master.as_ref().and_then(|master| master.replicas.as_deref()).unwrap_or_default();
        // Of computers that joined from elsewhere the lab does not know whether they run.
        let here = |name: &str| hosts.iter().find(|(computer, _)| same_name(computer, name));
        let behind = replicas.iter().find(|replica| !replica.up_to_date && here(&replica.fqdn).is_some());
        // Those with a replica too: what the master knows of them may be from before they were started again.
        let silent = hosts.iter().find(|(_, directory)| !probe::runs(directory));
        let missing = match (&master, behind, silent) {
            (Some(master), None, None) if master.replicas.is_some() => None,
            (None, ..) => Some(("the Central Management server does not answer yet".to_string(), lab.host.clone())),
            (_, Some(replica), _) => {
                let why = replica.reason.clone().unwrap_or_else(|| "it has not reported yet".into());
                let directory = here(&replica.fqdn).map(|(_, directory)| directory.clone()).unwrap_or_default();
                Some((format!("{} is not up to date: {why}", replica.fqdn), directory))
            }
            (_, _, Some((name, directory))) => Some((format!("{name} does not answer yet"), directory.clone())),
            (Some(_), None, None) => Some(("the master's services have not begun yet".into(), lab.host.clone())),
        };
        let enough = attached && master.is_some() && start.elapsed() > ATTACHED;
        let Some((what, directory)) = missing.filter(|_| !enough) else {
            bar.finish_and_clear();
            return Ok(hosts.iter().map(|(name, directory)| (name.clone(), probe::health(directory).ok())).collect());
        };
        if start.elapsed() > limit {
            bar.finish_and_clear();
            return Err(not_ready(&format!("{what}\n{}", tail(&directory).trim_end())));
        }
        bar.set_position(replicas.iter().filter(|replica| replica.up_to_date).count() as u64);
        bar.set_message(what);
        std::thread::sleep(LOOKS);
    }
}

fn bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("Starting the lab [{bar:30}] {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

fn not_ready(what: &str) -> ErrorRecord {
    ErrorRecord::new("LabNotReady", Category::ResourceUnavailable, format!("The lab is not ready: {what}"))
        .hint("Its servers have a log each: hosts/COMPUTER/serve.log. Without servers: reeve lab --embedded.")
}
