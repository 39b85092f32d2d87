//! Test-CsReplica: tries each step on the way to a replica, and says what to do about the one that fails.

use super::{ask, records, select};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::cmdlets::report;
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::replication::Hop;
use crate::value::date;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct TestReplica;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    replica_fqdn: Option<String>,
}

impl Cmdlet for TestReplica {
    const NAME: &'static str = "Test-CsReplica";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const HERE: Option<&'static str> = Some("ReplicaFqdn");
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Try the replica of this computer", run: "Test-CsReplica" },
        Example {
            what: "Try each step on the way to another computer",
            run: "Test-CsReplica -ReplicaFqdn atl-cs-001.litwareinc.com",
        },
    ];
    const FROM_BOUND: &'static [&'static str] = &[report::PARAMETER];
    const FILES: &'static [FileParameter] = &[FileParameter::Write(report::PARAMETER)];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        let role = SetMembership { position: Some(0), by_property_name: true, ..SetMembership::default() };
        let mut replica = ours("ReplicaFqdn", ParameterType::String, "String");
        replica.sets = vec![role];
        spec.parameters.push(replica);
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = try_out(&args, cx);
        go_on(result, cx)
    }
}

fn try_out(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let name = args.replica_fqdn.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let computer = select::replica(&topology, name.unwrap_or(deployment.computer()))?;
    cx.authorize(&Place::Site(computer.site.clone()))?;
    report::begin(cx)?;
    let hops = ask(cx, |control| control.probe(&computer.fqdn))?;
    for hop in &hops {
        cx.output(records::hop(hop, &computer.fqdn))?;
    }
    report::write(|| page(&hops, &computer.fqdn), cx);
    match hops.iter().find(|hop| !hop.passed) {
        Some(failed) => cx.error(not_passed(&computer.fqdn, failed)),
        None => Ok(()),
    }
}

/// What was found, as a page.
fn page(hops: &[Hop], replica: &str) -> String {
    let when = date::text(date::to_local(date::now()));
    let title = format!("Test-CsReplica: {replica}, {when}");
    let records: Vec<_> = hops.iter().map(|hop| records::hop(hop, replica)).collect();
    report::of_records(&title, &records)
}

fn not_passed(replica: &str, hop: &Hop) -> ErrorRecord {
    let message = format!("The replica of {replica} did not pass at '{}': {}", hop.step, hop.found);
    let error = ErrorRecord::new("ProcessingFailed", Category::InvalidOperation, message).target(replica);
    match &hop.advice {
        Some(advice) => error.hint(advice.clone()),
        None => error,
    }
}
