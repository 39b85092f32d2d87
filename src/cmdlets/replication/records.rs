//! What replication says of itself, as objects of the shell.

use super::central::Others;
use crate::cmdlets::shape::Shape;
use crate::replication::{CentralState, Hop, ReplicaState};
use crate::value::{DateTime, Record, TextForm, TimeSpan, Value, date};
use std::sync::LazyLock;

/// The type of the state of a replica.
pub(super) const STATE_TYPE: &str = "Microsoft.Rtc.Management.Xds.ReplicaState";

/// The documented properties first, in their order, then ours.
static STATE: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "UpToDate",
        "ReplicaFqdn",
        "LastStatusReport",
        "LastUpdateCreation",
        "ProductVersion",
        "VersionHeld",
        "LastPackageKind",
        "Epoch",
        "VersionsBehind",
        "BytesBehind",
        "LastContact",
        "Connected",
        "CertificateNotAfter",
        "ClockSkew",
        "HookError",
        "LastError",
        "Reason",
    ];
    Shape::with_text(STATE_TYPE, &names, TextForm::Property("ReplicaFqdn"))
});

static CENTRAL: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "LastUpdatedOn",
        "ActiveMasterFqdn",
        "ActiveMasterLastHeartbeat",
        "ActiveFileTransferAgents",
        "ActiveFileTransferAgentLastHeartbeat",
        "ActiveReplicas",
        "DeletedReplicas",
        "Version",
        "Epoch",
        "Standby",
        "StandbyState",
        "UnsentChanges",
    ];
    let kind = "Microsoft.Rtc.Management.Xds.CentralManagementStoreStatusResult";
    Shape::with_text(kind, &names, TextForm::TypeName)
});

static HOP: LazyLock<Shape> = LazyLock::new(|| {
    let names = ["Step", "Passed", "Found", "Milliseconds", "Advice", "ReplicaFqdn"];
    Shape::with_text("Microsoft.Rtc.SyntheticTransactions.TaskOutput", &names, TextForm::Property("Step"))
});

/// The state of a replica.
pub(super) fn state(state: &ReplicaState) -> Record {
    let skew = state.clock_skew_seconds.map(|s| TimeSpan { ticks: s.saturating_mul(date::SECOND) });
    STATE.record(vec![
        Value::Bool(state.up_to_date),
        state.replica_fqdn.as_str().into(),
        time(state.last_status_report),
        time(state.last_update_creation),
        state.product_version.as_deref().into(),
        number(state.version_held),
        state.last_package_kind.map(|kind| kind.name()).into(),
        number(state.epoch),
        number(state.versions_behind),
        number(state.bytes_behind),
        time(state.last_contact),
        Value::Bool(state.connected),
        time(state.certificate_not_after),
        skew.map_or(Value::Null, Value::Duration),
        state.hook_error.as_deref().into(),
        state.last_error.as_deref().into(),
        state.reason.as_deref().into(),
    ])
}

/// The state of the master. Where nobody answers for it the names are empty, as they are where the master is gone.
pub(super) fn central(state: &CentralState, others: &Others) -> Record {
    let names = |names: &[String]| Value::list(names.iter().map(|name| name.as_str().into()).collect());
    // What sends packages to replicas runs where the master runs.
    let agents: Vec<String> = state.active_master_fqdn.iter().cloned().collect();
    let heartbeat = state.active_master_fqdn.as_ref().and(state.active_master_last_heartbeat);
    CENTRAL.record(vec![
        time(state.last_updated_on),
        state.active_master_fqdn.as_deref().unwrap_or_default().into(),
        time(state.active_master_last_heartbeat),
        names(&agents),
        time(heartbeat),
        names(&state.active_replicas),
        names(&state.deleted_replicas),
        number(state.version),
        number(state.epoch),
        names(&others.standby),
        names(&others.states),
        names(&others.unsent),
    ])
}

/// A step on the way to a replica.
pub(super) fn hop(hop: &Hop, replica: &str) -> Record {
    HOP.record(vec![
        hop.step.as_str().into(),
        Value::Bool(hop.passed),
        hop.found.as_str().into(),
        number(Some(hop.milliseconds)),
        hop.advice.as_deref().into(),
        replica.into(),
    ])
}

/// A point in time as administrators read it: in the local zone.
fn time(at: Option<DateTime>) -> Value {
    at.map_or(Value::Null, |at| Value::DateTime(date::to_local(at)))
}

fn number(n: Option<u64>) -> Value {
    n.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: where no master is, its names are empty and nothing has a heartbeat of its own.
    #[test]
    fn without_a_master_the_names_are_empty() {
        let record =
            central(&CentralState { active_replicas: vec!["a".into()], ..CentralState::default() }, &Others::default());
        let shown = |record: &Record| crate::value::json::to_json(&Value::from(record.clone())).to_string();
        let text = shown(&record);
        assert!(
            text.contains(r#""ActiveMasterFqdn":"""#) && text.contains(r#""ActiveFileTransferAgents":[]"#),
            "{text}"
        );
        assert!(text.contains(r#""ActiveMasterLastHeartbeat":null"#), "{text}");
        let there = CentralState { active_master_fqdn: Some("p".into()), ..CentralState::default() };
        let text = shown(&central(&there, &Others::default()));
        assert!(text.contains(r#""ActiveFileTransferAgents":["p"]"#), "{text}");
    }

    /// Rule: the documented properties stand first, in their order.
    #[test]
    fn documented_properties_first() {
        let record = state(&ReplicaState { replica_fqdn: "a".into(), ..ReplicaState::default() });
        let names: Vec<String> = record.names().iter().take(5).map(|name| name.to_string()).collect();
        assert_eq!(names, ["UpToDate", "ReplicaFqdn", "LastStatusReport", "LastUpdateCreation", "ProductVersion"]);
    }
}
