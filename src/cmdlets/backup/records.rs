//! What is said of the backup of a pool, as objects of the shell.

use crate::backup::{ExportState, ImportState, ModuleStatus};
use crate::cmdlets::shape::Shape;
use crate::value::{DateTime, Record, TextForm, Value, date};
use std::sync::LazyLock;

/// Of one module the documented properties first, in their order, then ours.
const MODULE: [&str; 13] = [
    "Identity",
    "ExportStatus",
    "ImportStatus",
    "Expected",
    "Cause",
    "Backlog",
    "LastSuccess",
    "LastAttempt",
    "LastError",
    "PoolFqdn",
    "BackupPoolFqdn",
    "SourceFqdn",
    "TargetFqdn",
];

static ONE: LazyLock<Shape> =
    LazyLock::new(|| Shape::new("Microsoft.Rtc.Management.Hadr.BackupService.BackupModule", &MODULE));

/// The same with another default view: which way it goes stands in it.
static DIRECTED: LazyLock<Shape> = LazyLock::new(|| Shape::new("Reeve.BackupDirection", &MODULE));

static STATUS: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "BackupModules",
        "PoolFqdn",
        "OverallExportStatus",
        "OverallImportStatus",
        "BackupPoolFqdn",
        "Expected",
        "Directions",
        "UnsentChanges",
        "Underway",
    ];
    let kind = "Microsoft.Rtc.Management.Hadr.BackupService.BackupServiceStatus";
    Shape::with_text(kind, &names, TextForm::Property("PoolFqdn"))
});

static RELATION: LazyLock<Shape> = LazyLock::new(|| {
    let kind = "Microsoft.Rtc.Management.Hadr.BackupService.BackupRelation";
    Shape::with_text(kind, &["PoolFqdn", "BackupPoolFqdn"], TextForm::Property("PoolFqdn"))
});

/// How a pool's backup is: its own modules, and those of both directions.
pub(super) fn status(
    pool: &str,
    partner: &str,
    there: &[ModuleStatus],
    back: &[ModuleStatus],
    unsent: &[String],
    underway: &[String],
) -> Record {
    let (export, import) = overall(there);
    let texts = |all: &[String]| Value::list(all.iter().map(|text| text.as_str().into()).collect());
    let directions: Vec<Value> = there.iter().chain(back).map(|status| module(&DIRECTED, status).into()).collect();
    STATUS.record(vec![
        Value::list(there.iter().map(|status| module(&ONE, status).into()).collect()),
        pool.into(),
        export.into(),
        import.into(),
        partner.into(),
        Value::Bool(there.iter().chain(back).all(|status| status.expected)),
        Value::list(directions),
        texts(unsent),
        texts(underway),
    ])
}

/// With whom a pool is paired.
pub(super) fn relationship(pool: &str, partner: &str) -> Record {
    RELATION.record(vec![pool.into(), partner.into()])
}

fn module(shape: &Shape, status: &ModuleStatus) -> Record {
    let number = |n: Option<u64>| n.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)));
    let name = |name: &str| if name.is_empty() { Value::Null } else { name.into() };
    shape.record(vec![
        status.module.name().into(),
        export_name(status.export).into(),
        import_name(status.import).into(),
        Value::Bool(status.expected),
        status.cause.as_str().into(),
        number(status.backlog),
        time(status.last_success),
        time(status.last_attempt),
        status.error.as_deref().into(),
        status.pool.as_str().into(),
        status.backup_pool.as_str().into(),
        name(&status.source),
        name(&status.target),
    ])
}

/// The worst of all; what is rightly not begun does not count, as long as something else is.
pub(super) fn overall(statuses: &[ModuleStatus]) -> (&'static str, &'static str) {
    let idle = |status: &&ModuleStatus| status.expected && status.export == ExportState::NotInitialized;
    let counting: Vec<&ModuleStatus> = statuses.iter().filter(|status| !idle(status)).collect();
    let counting = if counting.is_empty() { statuses.iter().collect() } else { counting };
    let bad = |state: ExportState| match state {
        ExportState::FinalState => 0,
        ExportState::SteadyState => 1,
        ExportState::NonSteadyState => 2,
        ExportState::NotInitialized => 3,
        ExportState::ErrorState => 4,
    };
    let worse = |state: ImportState| match state {
        ImportState::NormalState => 0,
        ImportState::NotInitialized => 1,
        ImportState::ErrorState => 2,
    };
    let export = counting.iter().map(|status| status.export).max_by_key(|state| bad(*state));
    let import = counting.iter().map(|status| status.import).max_by_key(|state| worse(*state));
    (
        export_name(export.unwrap_or(ExportState::NotInitialized)),
        import_name(import.unwrap_or(ImportState::NotInitialized)),
    )
}

fn export_name(state: ExportState) -> &'static str {
    match state {
        ExportState::FinalState => "FinalState",
        ExportState::SteadyState => "SteadyState",
        ExportState::NonSteadyState => "NonSteadyState",
        ExportState::NotInitialized => "NotInitialized",
        ExportState::ErrorState => "ErrorState",
    }
}

fn import_name(state: ImportState) -> &'static str {
    match state {
        ImportState::NormalState => "NormalState",
        ImportState::ErrorState => "ErrorState",
        ImportState::NotInitialized => "NotInitialized",
    }
}

/// A point in time as administrators read it: in the local zone.
fn time(at: Option<DateTime>) -> Value {
    at.map_or(Value::Null, |at| Value::DateTime(date::to_local(at)))
}
