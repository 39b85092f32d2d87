//! Get-CsAuditLog: who changed what, who was refused what, and whether the log is as it was written.

use crate::access::Place;
use crate::audit::{AuditRow, Decision, Query};
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::{one_of, ours};
use crate::error::{Category, ErrorRecord, Halt};
use crate::store::Store;
use crate::value::wildcard::Wildcard;
use crate::value::{DateTime, Record, RecordType, Str, TextForm, Value, date};
use serde::Deserialize;
use std::sync::Arc;

/// Get-CsAuditLog.
#[derive(Default)]
pub struct GetAuditLog;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    principal: Option<String>,
    cmdlet: Option<String>,
    decision: Option<String>,
    since: Option<DateTime>,
    until: Option<DateTime>,
    first: Option<u64>,
    verify: Option<bool>,
}

impl Cmdlet for GetAuditLog {
    const NAME: &'static str = "Get-CsAuditLog";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The last ten changes and denials", run: "Get-CsAuditLog -First 10" },
        Example { what: "What was refused", run: "Get-CsAuditLog -Decision Denied" },
        Example {
            what: "Changes of voice policies since a day",
            run: "Get-CsAuditLog -Cmdlet *-CsVoicePolicy -Since 2024-01-01",
        },
        Example { what: "Whether the log is as it was written", run: "Get-CsAuditLog -Verify" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let in_set = |set: &str, mandatory: bool, mut parameter: ParameterSpec| {
            parameter.sets = vec![SetMembership { set: Some(set.into()), mandatory, ..SetMembership::default() }];
            parameter
        };
        let rows = |parameter: ParameterSpec| in_set("Rows", false, parameter);
        let first = ParameterType::Integer { name: "Int32".into(), min: 0, max: i64::from(i32::MAX) };
        let decisions = [Decision::Allowed.name(), Decision::Denied.name()];
        let parameters = vec![
            rows(ours("Principal", ParameterType::String, "String")),
            rows(ours("Cmdlet", ParameterType::String, "String")),
            rows(one_of(&decisions, ours("Decision", ParameterType::String, "String"))),
            rows(ours("Since", ParameterType::DateTime, "DateTime")),
            rows(ours("Until", ParameterType::DateTime, "DateTime")),
            rows(ours("First", first, "Int32")),
            in_set("Verify", true, ours("Verify", ParameterType::Switch, "SwitchParameter")),
        ];
        Some(CmdletSpec {
            name: Self::NAME.into(),
            default_set: Some("Rows".into()),
            sets: ["Rows", "Verify"].map(Str::from).to_vec(),
            parameters,
            ..CmdletSpec::default()
        })
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        if args.verify == Some(true) {
            return verify(deployment.store(), cx);
        }
        let pattern = |text: &Option<String>| text.as_deref().map(Wildcard::new).transpose();
        let (principal, cmdlet) = (pattern(&args.principal)?, pattern(&args.cmdlet)?);
        let fits = |pattern: &Option<Wildcard>, text: &str| pattern.as_ref().is_none_or(|p| p.matches(text));
        let query = Query {
            since: args.since.map(date::to_utc),
            until: args.until.map(date::to_utc),
            decision: args.decision.as_deref().and_then(Decision::parse),
        };
        let mut left = args.first.unwrap_or(u64::MAX);
        let mut halt = Ok(());
        let kind = RecordType::new("Reeve.AuditRow", TextForm::TypeName);
        let names: Arc<[Str]> = NAMES.map(Str::from).into();
        deployment.store().audit(&query, &mut |row| {
            if left == 0 {
                return false;
            }
            if fits(&principal, &row.principal) && fits(&cmdlet, &row.cmdlet) {
                left -= 1;
                halt = cx.output(Record::from_parts(kind.clone(), names.clone(), values(row)));
            }
            halt.is_ok() && left > 0
        })?;
        halt
    }
}

const NAMES: [&str; 14] = [
    "Sequence",
    "Time",
    "Principal",
    "Cmdlet",
    "Place",
    "Decision",
    "Through",
    "Outcome",
    "Parameters",
    "Changed",
    "VersionBefore",
    "VersionAfter",
    "Previous",
    "Hash",
];

fn values(row: AuditRow) -> Vec<Value> {
    let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    vec![
        number(row.sequence),
        Value::DateTime(row.time),
        row.principal.into(),
        row.cmdlet.into(),
        row.place.into(),
        row.decision.name().into(),
        row.through.into(),
        row.outcome.into(),
        row.parameters.into(),
        Value::list(row.changed.lines().map(Value::from).collect()),
        number(row.version_before),
        number(row.version_after),
        row.previous.to_string().into(),
        row.hash.to_string().into(),
    ]
}

/// Puts out what a walk over the whole log found; a fault is an error too.
fn verify(store: &dyn Store, cx: &mut Context) -> Result<(), Halt> {
    let verdict = store.verify_audit()?;
    let fault = verdict.fault.as_ref().map(|fault| format!("row {}: {}", fault.sequence, fault.what));
    let kind = RecordType::new("Reeve.AuditVerdict", TextForm::TypeName);
    let rows = Value::Int(i64::try_from(verdict.rows).unwrap_or(i64::MAX));
    cx.output(Record::new(
        kind,
        [
            ("IsIntact", Value::Bool(fault.is_none())),
            ("Rows", rows),
            ("Head", verdict.head.to_string().into()),
            ("Fault", fault.clone().into()),
        ],
    ))?;
    match fault {
        None => Ok(()),
        Some(fault) => cx.error(
            ErrorRecord::new(
                "AuditLogDamaged",
                Category::SecurityError,
                format!("The audit log was altered: {fault}."),
            )
            .hint("Rows before it are as they were written. Compare with a backup to see what is missing."),
        ),
    }
}
