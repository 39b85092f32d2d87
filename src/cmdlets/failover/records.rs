//! What failover says of itself, as objects of the shell.

use crate::cmdlets::shape::Shape;
use crate::failover::{Condition, Lost, Mode, Preflight};
use crate::value::{Record, TextForm, Value, json};
use std::sync::LazyLock;

static TEST: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "WouldSucceed",
        "Summary",
        "Database",
        "Mode",
        "SourceFqdn",
        "SourcePool",
        "SourceVersion",
        "TargetFqdn",
        "TargetPool",
        "TargetVersion",
        "Epoch",
        "Lost",
        "Uncertain",
        "Refusals",
        "Conditions",
    ];
    Shape::with_text("Reeve.FailoverTest", &names, TextForm::Property("Summary"))
});

static CONDITION: LazyLock<Shape> = LazyLock::new(|| {
    let names = ["Condition", "Passed", "Refuses", "Id", "Found", "Advice"];
    Shape::with_text("Reeve.FailoverCondition", &names, TextForm::Property("Condition"))
});

static LOST: LazyLock<Shape> = LazyLock::new(|| {
    let names = ["Version", "Document", "Deleted", "Body", "SeenAt"];
    Shape::with_text("Reeve.LostChange", &names, TextForm::Property("Document"))
});

static MIRROR: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "DatabaseName",
        "StateOnPrimary",
        "StateOnMirror",
        "MirroringStatusOnPrimary",
        "MirroringStatusOnMirror",
        "DatabaseType",
        "Primary",
        "Mirror",
        "Principal",
        "Epoch",
        "Version",
        "Reason",
        "ServedAt",
        "UnsentChanges",
    ];
    let kind = "Microsoft.Rtc.Management.Deployment.DatabaseMirrorState";
    Shape::with_text(kind, &names, TextForm::Property("DatabaseName"))
});

/// Whether a failover would succeed.
pub(super) fn test(found: &Preflight) -> Record {
    let refusals: Vec<Value> = found.refusals().map(|condition| super::outlook::refusal(condition).into()).collect();
    TEST.record(vec![
        // Nothing would be done where only a report is left.
        Value::Bool(refusals.is_empty() && !found.is_over()),
        super::outlook::summary(found).into(),
        found.database.as_str().into(),
        mode(found.mode).into(),
        found.source.as_str().into(),
        found.source_pool.as_str().into(),
        number(found.source_version),
        found.target.as_str().into(),
        found.target_pool.as_str().into(),
        number(found.target_version),
        number(Some(found.epoch)),
        Value::list(found.lost.iter().map(|lost| self::lost(lost).into()).collect()),
        found.uncertain.as_deref().into(),
        if refusals.is_empty() { Value::Null } else { Value::list(refusals) },
        Value::list(found.conditions.iter().map(|one| condition(one).into()).collect()),
    ])
}

/// How a database goes over, in a word.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Planned => "Planned",
        Mode::Disaster => "Disaster",
    }
}

fn condition(found: &Condition) -> Record {
    CONDITION.record(vec![
        found.name.as_str().into(),
        Value::Bool(found.passed),
        Value::Bool(found.refuses && !found.passed),
        found.id.as_deref().into(),
        found.found.as_str().into(),
        found.advice.as_deref().into(),
    ])
}

fn lost(lost: &Lost) -> Record {
    LOST.record(vec![
        number(Some(lost.version)),
        lost.document.as_str().into(),
        Value::Bool(lost.deleted),
        lost.body.as_ref().map_or(Value::Null, json::from_json),
        lost.seen_at.as_str().into(),
    ])
}

/// The two sides of a mirrored database.
pub(super) struct Sides {
    pub database: &'static str,
    pub kind: &'static str,
    pub states: [&'static str; 2],
    pub statuses: [&'static str; 2],
    pub primary: String,
    pub mirror: Option<String>,
    pub principal: Option<String>,
    pub epoch: Option<u64>,
    pub version: Option<u64>,
    pub reason: Option<String>,
    /// The computer of another pool that serves it, where it was failed over.
    pub served_at: Option<String>,
    /// Files with changes that one place alone had.
    pub unsent: Vec<String>,
}

impl Sides {
    /// As an object.
    pub fn record(&self) -> Record {
        let [on_primary, on_mirror] = self.states;
        let [status_on_primary, status_on_mirror] = self.statuses;
        MIRROR.record(vec![
            self.database.into(),
            on_primary.into(),
            on_mirror.into(),
            status_on_primary.into(),
            status_on_mirror.into(),
            self.kind.into(),
            self.primary.as_str().into(),
            self.mirror.as_deref().into(),
            self.principal.as_deref().into(),
            number(self.epoch),
            number(self.version),
            self.reason.as_deref().into(),
            self.served_at.as_deref().into(),
            match &self.unsent[..] {
                [] => Value::Null,
                files => Value::list(files.iter().map(|file| file.as_str().into()).collect()),
            },
        ])
    }
}

fn number(n: Option<u64>) -> Value {
    n.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}
