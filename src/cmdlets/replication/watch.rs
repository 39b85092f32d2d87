//! Watch-CsReplication: the status of the replicas, again and again, until Ctrl-C.

use super::frame;
use crate::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use crate::cmdlet::spec::{CmdletSpec, ParameterType, SetMembership, Validation};
use crate::cmdlet::{Access, Cmdlet, Context, Example};
use crate::cmdlets::signature::ours;
use crate::error::{Halt, Span};
use crate::value::{Record, Value, date};
use serde::Deserialize;
use std::time::Duration;

/// What it looks at.
const LOOKS: &str = "Get-CsManagementStoreReplicationStatus";

/// The cmdlet.
#[derive(Default)]
pub struct Watch {
    replicas: Vec<String>,
    interval: Option<f64>,
    count: Option<u64>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    replica_fqdn: Option<Vec<String>>,
    interval: Option<f64>,
    count: Option<u64>,
}

impl Cmdlet for Watch {
    const NAME: &'static str = "Watch-CsReplication";
    const ACCESS: Access = Access::CLIENT;
    const RUNS: &'static [&'static str] = &[LOOKS];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "One look at every replica", run: "Watch-CsReplication -Count 1" },
        Example {
            what: "Two looks at one replica, a tenth of a second apart",
            run: "Watch-CsReplication atl-cs-001.litwareinc.com -Interval 0.1 -Count 2",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let role = SetMembership { position: Some(0), by_property_name: true, ..SetMembership::default() };
        let mut replica = ours("ReplicaFqdn", ParameterType::Array(ParameterType::String.into()), "String[]");
        replica.sets = vec![role];
        let mut interval = ours("Interval", ParameterType::Double, "Double");
        interval.validation = Validation { range: Some((0.1, 3600.0)), ..Validation::default() };
        let times = ParameterType::Integer { name: "Int32".into(), min: 1, max: i64::from(i32::MAX) };
        let parameters = vec![replica, interval, ours("Count", times, "Int32")];
        Some(CmdletSpec { name: Self::NAME.into(), parameters, ..CmdletSpec::default() })
    }

    fn process(&mut self, args: Args, _cx: &mut Context) -> Result<(), Halt> {
        self.replicas.extend(args.replica_fqdn.into_iter().flatten());
        self.interval = args.interval.or(self.interval);
        self.count = args.count.or(self.count);
        Ok(())
    }

    fn end(&mut self, cx: &mut Context) -> Result<(), Halt> {
        let interval = Duration::from_secs_f64(self.interval.unwrap_or(1.0).clamp(0.1, 3600.0));
        let redraws = cx.session.host.redraws();
        let mut shown: Option<(Vec<Vec<String>>, usize)> = None;
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            left -= 1;
            let states = self.look(cx)?;
            let facts: Vec<Vec<String>> = states.iter().map(frame::facts).collect();
            let lines = frame::lines(&states, date::now(), cx.session.host.width(), redraws);
            if redraws {
                let up = shown.as_ref().map_or(String::new(), |(_, lines)| frame::over(*lines));
                cx.information(format!("{up}{}", lines.join("\n")));
            } else if shown.as_ref().is_none_or(|(before, _)| *before != facts) {
                cx.information(lines.join("\n"));
            }
            shown = Some((facts, lines.len()));
            if left > 0 {
                cx.session.sleep(interval)?;
            }
        }
        Ok(())
    }
}

impl Watch {
    /// The states now. They come through the session, so that it works on a remote one too.
    fn look(&self, cx: &mut Context) -> Result<Vec<Record>, Halt> {
        let mut states = Vec::new();
        let names: Vec<Option<&String>> =
            if self.replicas.is_empty() { vec![None] } else { self.replicas.iter().map(Some).collect() };
        for name in names {
            let arguments = name.into_iter().map(|name| Argument::Named {
                name: "ReplicaFqdn".into(),
                value: Some(name.as_str().into()),
                span: Span::default(),
            });
            let stage = Invocation { name: LOOKS.into(), arguments: arguments.collect(), ..Invocation::default() };
            pipeline::run(cx.session, cx.blocks, None, vec![Stage::Command(stage)], &mut |value| {
                if let Value::Record(record) = value {
                    states.push(record);
                }
                Ok(())
            })?;
        }
        Ok(states)
    }
}
