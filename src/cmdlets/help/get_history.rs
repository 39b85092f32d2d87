//! Get-History: the commands of this session.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{count, items};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, RecordType, Str, TextForm, TimeSpan, Value, date};
use std::sync::Arc;

/// Get-History.
#[derive(Default)]
pub struct GetHistory;

impl ObjectCmdlet for GetHistory {
    const NAME: &'static str = "Get-History";
    const ALIASES: &'static [&'static str] = &["ghy", "h", "history"];
    const EXAMPLES: &'static [Example] = &[Example { what: "The last five commands", run: "Get-History -Count 5" }];

    fn spec() -> CmdletSpec {
        let number = ParameterType::Integer { name: "Int64".into(), min: i64::MIN, max: i64::MAX };
        Signature::new(Self::NAME)
            .parameter("Id", many(number))
            .at(0)
            .by_value()
            .range(1.0, i64::MAX as f64)
            .parameter("Count", int())
            .at(1)
            .range(0.0, 32_767.0)
            .build()
    }
}

impl Run for GetHistory {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let kind = RecordType::new("Microsoft.PowerShell.Commands.HistoryInfo", TextForm::Property("CommandLine"));
        let names: Arc<[Str]> =
            ["Id", "CommandLine", "ExecutionStatus", "StartExecutionTime", "EndExecutionTime", "Duration"]
                .map(Str::from)
                .into();
        let entries: Vec<Record> = cx
            .session
            .history()
            .into_iter()
            .map(|(id, entry)| {
                let values = vec![
                    Value::Int(i64::try_from(id).unwrap_or(i64::MAX)),
                    Value::str(entry.line),
                    Value::str(if entry.succeeded { "Completed" } else { "Failed" }),
                    Value::DateTime(date::to_local(entry.start)),
                    Value::DateTime(date::to_local(entry.end)),
                    Value::Duration(TimeSpan { ticks: entry.end.ticks - entry.start.ticks }),
                ];
                Record::from_parts(kind.clone(), names.clone(), values)
            })
            .collect();
        let ids = items(bound.get("Id"));
        if ids.is_empty() {
            let skip = entries.len().saturating_sub(count(bound, "Count").unwrap_or(usize::MAX));
            return entries.into_iter().skip(skip).try_for_each(|entry| cx.output(entry));
        }
        for id in ids {
            let Value::Int(number) = id else { continue };
            let is = |entry: &&Record| matches!(entry.get("Id"), Some(Value::Int(id)) if id == number);
            match entries.iter().find(is) {
                Some(entry) => cx.output(entry.clone())?,
                None => {
                    let error = ErrorRecord::new(
                        "GetHistoryNoHistoryForId",
                        Category::ObjectNotFound,
                        format!("There is no command number {number} in the history."),
                    );
                    cx.error(error.target(Value::Int(number)))?;
                }
            }
        }
        Ok(())
    }
}
