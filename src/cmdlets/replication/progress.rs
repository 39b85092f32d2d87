//! Waiting for replicas, with a line that says how far they are.

use super::ask;
use crate::cmdlet::{Context, Progress};
use crate::error::{Category, ErrorRecord, Halt};
use crate::replication::ReplicaState;
use crate::value::same_name;
use std::time::Duration;

/// How often the state is looked at.
const STEP: Duration = Duration::from_millis(100);

/// How many late replicas a line of progress names.
const NAMED: usize = 3;

/// Waits until replicas are up to date; Ctrl-C ends it.
///
/// # Errors
/// `NoServer` where nothing runs that could bring them up to date; an interrupt; those of the store.
pub(super) fn wait(cx: &mut Context, replicas: &[String]) -> Result<(), Halt> {
    if cx.deployment()?.control().is_none() {
        return Err(no_server().into());
    }
    let activity = "Waiting for replication";
    let mut line = Progress { id: 1, activity: activity.into(), ..Progress::default() };
    loop {
        let states = ask(cx, |control| control.replicas())?;
        let asked = |state: &&ReplicaState| replicas.iter().any(|name| same_name(name, &state.replica_fqdn));
        let states: Vec<&ReplicaState> = states.iter().filter(asked).collect();
        let late: Vec<&ReplicaState> = states.iter().filter(|state| !state.up_to_date).copied().collect();
        if late.is_empty() {
            cx.progress(Progress { completed: true, percent: Some(100), status: String::new(), ..line });
            return Ok(());
        }
        let (status, percent) = status(states.len(), &late);
        if line.status != status {
            line = Progress { status, percent: Some(percent), ..line };
            cx.progress(line.clone());
        }
        cx.session.sleep(STEP)?;
    }
}

/// `6 of 8 up to date; a (not connected), b`, and how much of the whole that is.
fn status(all: usize, late: &[&ReplicaState]) -> (String, u8) {
    let done = all.saturating_sub(late.len());
    let mut text = format!("{done} of {all} up to date; waiting for ");
    let named: Vec<String> = late.iter().take(NAMED).map(|state| one(state)).collect();
    text.push_str(&named.join(", "));
    if late.len() > NAMED {
        text.push_str(&format!(" and {} more", late.len() - NAMED));
    }
    (text, u8::try_from(done * 100 / all.max(1)).unwrap_or(100))
}

fn one(state: &ReplicaState) -> String {
    match &state.reason {
        Some(reason) => format!("{} ({})", state.replica_fqdn, reason.trim_end_matches('.')),
        None => state.replica_fqdn.clone(),
    }
}

/// Nothing runs here that could bring replicas up to date or look at one.
pub(super) fn no_server() -> ErrorRecord {
    let message = "No server runs here that could bring replicas up to date: this session is in process.";
    ErrorRecord::new("NoServer", Category::ResourceUnavailable, message)
        .hint("reeve serve --dir DIR runs this computer's server; reeve lab runs those of a whole lab.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: progress says how many are up to date, which are not, and why.
    #[test]
    fn a_line_of_progress() {
        let late = |name: &str, reason: Option<&str>| ReplicaState {
            replica_fqdn: name.into(),
            reason: reason.map(String::from),
            ..ReplicaState::default()
        };
        let states = [late("a", Some("It is not connected.")), late("b", None), late("c", None), late("d", None)];
        let all: Vec<&ReplicaState> = states.iter().collect();
        let two = "6 of 8 up to date; waiting for a (It is not connected), b";
        assert_eq!(status(8, &all[..2]), (two.to_string(), 75));
        assert!(status(8, &all).0.ends_with("a (It is not connected), b, c and 1 more"));
    }
}
