//! ForEach-Object: runs script blocks, or takes one member, for each object.

use super::parallel::Parallel;
use super::property::{Lookup, ambiguous, is_pattern, lookup};
use super::signature::{Signature, int, many};
use super::{count, input, items, number};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Block, Str, Value, enumerate, member};

/// ForEach-Object.
#[derive(Default)]
pub struct ForEachObject {
    /// The blocks that run for each object.
    process: Vec<Block>,
    end: Option<Block>,
    member: Option<Str>,
    arguments: Option<Vec<Value>>,
    parallel: Option<Parallel>,
}

impl ObjectCmdlet for ForEachObject {
    const NAME: &'static str = "ForEach-Object";
    const ALIASES: &'static [&'static str] = &["%", "foreach"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Computes something for each object", run: "1..3 | ForEach-Object { $_ * 2 }" },
        Example { what: "Takes one property of each object", run: "Get-CsPool | ForEach-Object Identity" },
        Example {
            what: "Something before, for each, and after",
            run: "1..3 | ForEach-Object -Begin { $sum = 0 } -Process { $sum += $_ } -End { $sum }",
        },
        Example {
            what: "Some at the same time, with a variable of the script's",
            run: "$site = \"Redmond\"; 1..3 | ForEach-Object -Parallel { \"$using:site $_\" } -ThrottleLimit 3 | Sort-Object",
        },
        Example { what: "Calls a method of each object", run: "\"a,b\" | ForEach-Object Split \",\"" },
    ];

    fn spec() -> CmdletSpec {
        let blocks = || many(ParameterType::ScriptBlock);
        Signature::new(Self::NAME)
            .sets(&["ScriptBlockSet", "PropertyAndMethodSet", "ParallelParameterSet"])
            .should_process()
            .input()
            .parameter("Begin", ParameterType::ScriptBlock)
            .only(&["ScriptBlockSet"])
            .parameter("Process", blocks())
            .mandatory()
            .at(0)
            .allow_null()
            .only(&["ScriptBlockSet"])
            .parameter("End", ParameterType::ScriptBlock)
            .only(&["ScriptBlockSet"])
            .parameter("RemainingScripts", blocks())
            .remaining()
            .allow_null()
            .only(&["ScriptBlockSet"])
            .parameter("MemberName", ParameterType::String)
            .mandatory()
            .at(0)
            .not_empty()
            .only(&["PropertyAndMethodSet"])
            .parameter("ArgumentList", many(ParameterType::Object))
            .aliases(&["Args"])
            .remaining()
            .allow_null()
            .only(&["PropertyAndMethodSet"])
            .parameter("Parallel", ParameterType::ScriptBlock)
            .mandatory()
            .only(&["ParallelParameterSet"])
            .parameter("ThrottleLimit", int())
            .range(1.0, i32::MAX.into())
            .only(&["ParallelParameterSet"])
            .parameter("TimeoutSeconds", int())
            .range(0.0, i32::MAX.into())
            .only(&["ParallelParameterSet"])
            // Each run has variables of its own here in any case.
            .switch("UseNewRunspace")
            .only(&["ParallelParameterSet"])
            .build()
    }
}

impl ForEachObject {
    /// Sorts the blocks as PowerShell does: with several, the first is for the beginning; with three or more, and no
    /// -End, the last is for the end.
    fn arrange(&mut self, bound: &Bound) -> Option<Block> {
        let blocks = |name: &str| {
            items(bound.get(name))
                .iter()
                .map(|value| match value {
                    Value::Block(block) => Some(block.clone()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let mut all = blocks("Begin");
        all.extend(blocks("Process"));
        all.extend(blocks("RemainingScripts"));
        self.end = blocks("End").pop().flatten();
        if self.end.is_none() && bound.get("End").is_none() && all.len() > 2 {
            self.end = all.pop().flatten();
        }
        let begin = if all.len() > 1 { all.remove(0) } else { None };
        self.process = all.into_iter().flatten().collect();
        begin
    }

    fn begin_parallel(&mut self, block: &Block, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        const NOT_WITH: [&str; 5] =
            ["ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "PipelineVariable"];
        if let Some(name) = NOT_WITH.iter().find(|name| bound.get(name).is_some()) {
            let message = format!("-{name} does not go with -Parallel.");
            let error = ErrorRecord::new("ParallelCommonParametersNotSupported", Category::NotImplemented, message);
            return Err(error.hint("Set it on the commands in the block.").into());
        }
        let throttle = count(bound, "ThrottleLimit").unwrap_or(5);
        let seconds = number(bound, "TimeoutSeconds").and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        self.parallel = Some(Parallel::new(cx.blocks.elsewhere(block)?, throttle, seconds));
        Ok(())
    }

    fn take_member(&self, name: &str, item: &Value, cx: &mut Context) -> Result<(), Halt> {
        if item.is_null() {
            let error = ErrorRecord::new(
                "InputObjectIsNull",
                Category::InvalidArgument,
                format!("There is no {name} of $null."),
            );
            return cx.error(error);
        }
        if let Some(arguments) = &self.arguments {
            return match member::call(item, name, arguments) {
                Ok(value) => emit(value, cx),
                Err(error) => cx.error(error),
            };
        }
        match lookup(item, name) {
            Lookup::Found(value) => emit(value, cx),
            Lookup::Ambiguous(names) => cx.error(ambiguous(name, &names, item)),
            Lookup::Missing if is_pattern(name) => cx.output(Value::Null),
            Lookup::Missing => match member::call(item, name, &[]) {
                Ok(value) => emit(value, cx),
                Err(error) if error.id() == "MethodNotFound" => cx.output(Value::Null),
                Err(error) => cx.error(error),
            },
        }
    }
}

/// Puts out a value, a list one by one.
fn emit(value: Value, cx: &mut Context) -> Result<(), Halt> {
    for value in enumerate(value) {
        cx.output(value)?;
    }
    Ok(())
}

impl Run for ForEachObject {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(Value::Str(name)) = bound.get("MemberName") {
            self.member = Some(name.clone());
            self.arguments = bound.get("ArgumentList").map(|value| items(Some(value)));
            return Ok(());
        }
        if let Some(Value::Block(block)) = bound.get("Parallel") {
            return self.begin_parallel(block, bound, cx);
        }
        match self.arrange(bound) {
            Some(begin) => cx.blocks.run(&begin, None, &[], cx.sink),
            None => Ok(()),
        }
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let item = input(bound);
        if let Some(name) = &self.member {
            return item.map_or(Ok(()), |item| self.take_member(name, item, cx));
        }
        if let Some(parallel) = &mut self.parallel {
            let item = item.cloned().unwrap_or_default();
            if matches!(item, Value::Block(_)) {
                let message = "A script block belongs to the thread that made it, so it is no object for -Parallel.";
                let id = "ParallelPipedInputObjectCannotBeScriptBlock";
                return cx.error(ErrorRecord::new(id, Category::InvalidType, message).target(item));
            }
            return parallel.hand_out(item, cx);
        }
        // Without a pipeline the blocks run once all the same, with $_ empty.
        let item = item.unwrap_or(&Value::Null);
        for block in &self.process {
            cx.blocks.run(block, Some(item), &[], cx.sink)?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(parallel) = &mut self.parallel {
            return parallel.finish(cx);
        }
        match &self.end {
            Some(block) => cx.blocks.run(block, None, &[], cx.sink),
            None => Ok(()),
        }
    }
}
