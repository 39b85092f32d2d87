//! What state a module is in, from what is known of it.

use super::super::control::{ExportState, ImportState};
use super::record::Record;
use super::settings::Settings;
use crate::backup::Module;
use crate::value::DateTime;
use crate::value::date::{self, SECOND};
use std::time::Duration;

/// Intervals after which a module that nothing synchronises any more is said to have failed.
const OVERDUE: u32 = 3;
/// Seconds that it has in any case: short intervals must not make every delay a failure.
const PATIENCE: i64 = 60;

/// What is left at the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// So many changes or files.
    Known(u64),
    /// The source cannot say; why.
    Unknown(String),
}

/// Export, import and why.
///
/// `running`: one is under way now, and has told nothing for so long. `left`: what the source has and the target has not, in the module's own unit: changes,
/// files.
pub fn judge(
    module: Module,
    record: &Record,
    running: Option<Duration>,
    left: &Left,
    settings: &Settings,
    now: DateTime,
) -> (ExportState, ImportState, String) {
    if let (Some(error), false) = (&record.error, running.is_some() && record.last_success.is_none()) {
        let since = record
            .last_success
            .map_or("It never succeeded".to_string(), |at| format!("It last succeeded at {} UTC", date::text(at)));
        return (ExportState::ErrorState, ImportState::ErrorState, format!("{since}. {error}"));
    }
    let Some(success) = record.last_success else {
        let cause = if running.is_some() {
            "The first synchronisation is under way."
        } else {
            "It has not been synchronised yet."
        };
        return (ExportState::NotInitialized, ImportState::NotInitialized, cause.into());
    };
    let age = (now.ticks - success.ticks) / SECOND;
    let bound = i64::try_from(settings.interval.as_secs()).unwrap_or(i64::MAX).saturating_mul(i64::from(OVERDUE));
    let left = match left {
        Left::Unknown(why) => {
            return (ExportState::ErrorState, ImportState::NormalState, format!("What is left is not known. {why}"));
        }
        Left::Known(left) => *left,
    };
    let bound = bound.max(PATIENCE);
    // One that gets on may take as long as it needs; one that hangs is none.
    let hangs = running.map(|silent| i64::try_from(silent.as_secs()).unwrap_or(i64::MAX));
    if age > bound && hangs.is_none_or(|silent| silent > bound) {
        let hangs =
            hangs.map_or_else(String::new, |silent| format!(" One is under way, and did not get on for {silent} s."));
        let cause = format!("Nothing was synchronised for {age} s, {OVERDUE} times the SyncInterval and more.{hangs}");
        return (export(module, left, record, settings), ImportState::ErrorState, cause);
    }
    let export = export(module, left, record, settings);
    let unit = if module == Module::DataConf { "file" } else { "change" };
    let some = if left == 1 { format!("1 {unit} is") } else { format!("{left} {unit}s are") };
    let batch = settings.batch(module);
    let cause = match (export, module) {
        (ExportState::FinalState, Module::DataConf) => "The last synchronisation left nothing.".into(),
        (ExportState::FinalState, _) => "Nothing is left.".into(),
        (ExportState::SteadyState, Module::DataConf) => format!("{some} left for the next synchronisation."),
        (ExportState::SteadyState, _) => format!("{some} left, within one batch ({batch})."),
        (_, Module::DataConf) => format!("{some} left, and {} KB and more travelled at a time.", batch >> 10),
        (_, _) => format!("{some} left, more than one batch ({batch})."),
    };
    (export, ImportState::NormalState, cause)
}

/// How far the export is where nothing failed.
fn export(module: Module, left: u64, record: &Record, settings: &Settings) -> ExportState {
    // What files that are left would take is not known; what went before them says how much there is.
    let size = if module == Module::DataConf { record.report.bytes_on_wire } else { left };
    match left {
        0 => ExportState::FinalState,
        _ if size <= settings.batch(module) => ExportState::SteadyState,
        _ => ExportState::NonSteadyState,
    }
}
