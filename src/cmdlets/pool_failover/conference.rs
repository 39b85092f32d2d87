//! How the files of conferences stand where they are to be served, and whether they can go there: before anything is done.

use super::Order;
use super::list::Plan;
use crate::backup::{ExportState, Module, ModuleStatus};
use crate::deployment::Deployment;
use crate::failover::{Condition, Mode};
use crate::pools::Way;
use crate::value::date;

/// The condition.
pub(super) const NAME: &str = "ConferenceFiles";

/// Looks, and adds to the plan what was found. A pool that has none to carry is told nothing of.
pub(super) fn look(deployment: &Deployment, order: &Order, plan: &mut Plan) {
    let states = deployment.backup().and_then(|backup| backup.status(&plan.pool).ok()).unwrap_or_default();
    let Some(state) = states.into_iter().find(|state| state.module == Module::DataConf) else { return };
    // One whose users are at the backup pool already sends nothing there any more.
    let goes = plan.wish.is_some() || order.way == Way::Back;
    // A pool without a file store has nothing to lose.
    if goes && !state.source.is_empty() {
        plan.files_lost = left_behind(order, &plan.pool, &plan.partner, &state);
    }
    plan.conditions.push(condition(order, &plan.partner, goes, &state));
}

/// Whether they can be carried, and are.
fn condition(order: &Order, partner: &str, goes: bool, state: &ModuleStatus) -> Condition {
    let last = match state.last_success {
        Some(at) => format!("synchronised last on {} UTC", date::text(at)),
        None => "never synchronised".to_string(),
    };
    let current = matches!(state.export, ExportState::FinalState | ExportState::SteadyState);
    let carried = goes && order.mode == Mode::Planned && !order.skip;
    let Some(why) = &state.unreachable else {
        let cause = state.cause.trim_end_matches('.');
        return Condition {
            name: NAME.into(),
            passed: current,
            refuses: false,
            id: None,
            found: format!("Files of conferences are {:?} ({cause}), and were {last}.", state.export),
            advice: (!current && goes).then(|| what_becomes(order, partner)),
            passes: false,
        };
    };
    let advice = match carried {
        true => format!(
            "Start its server, or mend the way to it. Or do without: with -SkipDataVerification files that are not there yet \
             stay at {}.",
            state.source
        ),
        false => what_becomes(order, partner),
    };
    Condition {
        name: NAME.into(),
        passed: false,
        refuses: carried,
        id: Some("HostUnreachable".into()),
        found: format!(
            "Files of conferences cannot go from {} to {}, and were {last}: {why}",
            state.source, state.target
        ),
        advice: goes.then_some(advice),
        passes: false,
    }
}

/// What becomes of files that are not known to be there.
fn what_becomes(order: &Order, partner: &str) -> String {
    match (order.way, order.mode) {
        (Way::Over, Mode::Planned) if order.skip => {
            format!("-SkipDataVerification leaves it at that: {partner} serves what it has of them.")
        }
        (Way::Over, Mode::Planned) => {
            "They are synchronised once more before the switch; where that fails nothing goes over.".to_string()
        }
        (Way::Over, Mode::Disaster) => format!("{partner} serves what it has of them."),
        (Way::Back, _) if order.skip => {
            format!("-SkipDataVerification leaves out what {partner} has of them: it stays there.")
        }
        (Way::Back, Mode::Planned) => format!("What {partner} has of them is carried back before the switch."),
        (Way::Back, Mode::Disaster) => {
            format!("What {partner} has of them is carried back before the switch, if it can be reached.")
        }
    }
}

/// What is to be said of files that do not go along; `None` where they do.
fn left_behind(order: &Order, pool: &str, partner: &str, state: &ModuleStatus) -> Option<String> {
    let disaster = order.mode == Mode::Disaster;
    match order.way {
        Way::Over if disaster || order.skip => {
            let become_of = match disaster {
                true => format!("are lost until {pool} is there again"),
                false => format!("stay at {pool} until its users are back"),
            };
            Some(match state.last_success {
                None => format!("No files of conferences were ever synchronised: all of them {become_of}."),
                Some(at) => format!(
                    "Files of conferences that were changed after the last synchronisation, on {} UTC, {become_of}; which \
                     ones is not known.",
                    date::text(at)
                ),
            })
        }
        Way::Back if order.skip || (disaster && state.unreachable.is_some()) => Some(format!(
            "Files of conferences that were written at {partner} meanwhile, and were not synchronised since, are not carried \
             back: they stay there; which ones is not known."
        )),
        Way::Over | Way::Back => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::ImportState;
    use std::time::Duration;

    fn state(unreachable: bool) -> ModuleStatus {
        ModuleStatus {
            module: Module::DataConf,
            pool: "dub".into(),
            backup_pool: "lon".into(),
            source: "dub-fs".into(),
            target: "lon-fs".into(),
            export: if unreachable { ExportState::ErrorState } else { ExportState::FinalState },
            import: ImportState::NormalState,
            expected: !unreachable,
            cause: "Why.".into(),
            backlog: None,
            last_success: None,
            last_attempt: None,
            error: None,
            unreachable: unreachable.then(|| "lon-fs does not answer.".into()),
        }
    }

    /// Rule: where a file store of either side cannot be reached what needs it is refused; -SkipDataVerification and
    /// -DisasterMode make that a warning, and say that files do not go along.
    #[test]
    fn file_stores_out_of_reach() {
        for (way, mode, skip, refuses, lost) in [
            (Way::Over, Mode::Planned, false, true, false),
            (Way::Over, Mode::Planned, true, false, true),
            (Way::Over, Mode::Disaster, false, false, true),
            (Way::Back, Mode::Planned, false, true, false),
            (Way::Back, Mode::Planned, true, false, true),
            (Way::Back, Mode::Disaster, false, false, true),
        ] {
            let order = Order { pool: "dub", way, mode, skip, wait: Duration::ZERO };
            let case = format!("{way:?} {mode:?} {skip}");
            let found = condition(&order, "lon", true, &state(true));
            assert_eq!((found.passed, found.refuses), (false, refuses), "{case}");
            assert_eq!(found.id.as_deref(), Some("HostUnreachable"), "{case}");
            let advice = found.advice.unwrap_or_default();
            assert!(!advice.contains("is carried back before the switch."), "{case}: {advice}");
            assert_eq!(left_behind(&order, "dub", "lon", &state(true)).is_some(), lost, "{case}");
            let well = condition(&order, "lon", true, &state(false));
            assert!(well.passed && !well.refuses, "{case}");
        }
        // Where the users are already nothing has to go.
        let order = Order { pool: "dub", way: Way::Over, mode: Mode::Planned, skip: false, wait: Duration::ZERO };
        assert!(!condition(&order, "lon", false, &state(true)).refuses);
    }
}
