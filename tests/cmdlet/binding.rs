//! Command lines of `binding.jsonl` against the binder and the pipeline, without a script engine: those that are only
//! commands and constants.

use crate::support::probes::{self, Log, Written};
use crate::support::{lines, shared};
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::registry::Registry;
use reeve::cmdlet::{NoBlocks, Session};
use reeve::error::{Halt, Span};
use reeve::language::tree::{Element, Expr, ExprKind, Piece, Statement, StatementKind};
use reeve::language::{Mode, Names, parse, tree};
use reeve::value::convert::{Target, cast};
use reeve::value::{Record, Table, Value};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::collections::HashMap;

/// What this small reader of command lines cannot do ends a case.
struct Skip;

#[derive(Default)]
struct Variables(RefCell<HashMap<String, Value>>);

impl reeve::cmdlet::BlockRunner for Variables {
    fn run(
        &self,
        block: &reeve::value::Block,
        item: Option<&Value>,
        args: &[Value],
        sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        NoBlocks.run(block, item, args, sink)
    }

    fn test(&self, block: &reeve::value::Block, item: &Value) -> Result<bool, Halt> {
        NoBlocks.test(block, item)
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.0.borrow().get(&name.to_lowercase()).cloned()
    }

    fn set_variable(&self, name: &str, value: Value) {
        self.0.borrow_mut().insert(name.to_lowercase(), value);
    }
}

struct AnyName;

impl Names for AnyName {
    fn is_command(&self, name: &str) -> bool {
        name.contains('-')
    }
    fn alias(&self, _: &str) -> Option<String> {
        None
    }
    fn is_verb(&self, verb: &str) -> bool {
        reeve::cmdlet::verbs::is_verb(verb)
    }
    fn is_variable(&self, _: &str) -> bool {
        false
    }
    fn is_function(&self, _: &str) -> bool {
        false
    }
}

fn is_object_cmdlet(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.ends_with("-object") || ["format-", "out-", "convertto-", "write-"].iter().any(|v| lower.starts_with(v))
}

struct Runner<'a> {
    session: &'a Session,
    variables: Variables,
    output: Vec<Value>,
}

impl Runner<'_> {
    fn expr(&self, expr: &Expr) -> Result<Value, Skip> {
        Ok(match &expr.kind {
            ExprKind::Constant(value) => value.clone(),
            ExprKind::Bareword(text) | ExprKind::String { text, .. } => Value::str(text.as_str()),
            ExprKind::List(items) => Value::list(items.iter().map(|e| self.expr(e)).collect::<Result<_, _>>()?),
            ExprKind::Array(body) if body.pieces.is_empty() => Value::list(Vec::new()),
            ExprKind::Array(body) => match body.pieces.as_slice() {
                [Piece::Statement(one)] => match self.value(one)? {
                    Value::List(items) => Value::List(items),
                    other => Value::list(vec![other]),
                },
                _ => return Err(Skip),
            },
            ExprKind::Paren(statement) => self.value(statement)?,
            ExprKind::Variable(variable) if variable.scope.is_none() => match variable.name.to_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                name => self.variables.0.borrow().get(name).cloned().ok_or(Skip)?,
            },
            ExprKind::Hashtable(entries) => {
                let table = Table::new(false);
                for (key, value) in entries {
                    table.put(self.expr(key)?, self.value(value)?);
                }
                Value::Map(table)
            }
            ExprKind::Cast { to, operand } => {
                let operand = self.expr(operand)?;
                match (to.name.to_lowercase().as_str(), &operand) {
                    ("pscustomobject", Value::Map(table)) => Value::Record(Record::custom(table.named())),
                    ("ordered", _) => operand,
                    ("datetime", _) => cast(&operand, &Target::DateTime).map_err(|_| Skip)?,
                    _ => return Err(Skip),
                }
            }
            _ => return Err(Skip),
        })
    }

    fn value(&self, statement: &Statement) -> Result<Value, Skip> {
        match &statement.kind {
            StatementKind::Chain(chain) if chain.rest.is_empty() => match chain.first.stages.as_slice() {
                [tree::Stage::Expression { expr, .. }] => self.expr(expr),
                _ => Err(Skip),
            },
            _ => Err(Skip),
        }
    }

    fn invocation(&self, command: &tree::Command) -> Result<Invocation, Skip> {
        if command.call || !command.redirections.is_empty() {
            return Err(Skip);
        }
        let mut arguments = Vec::new();
        let mut verbatim = false;
        for element in &command.elements {
            // Behind a bare `--` nothing is a parameter.
            if matches!(element, Element::Argument(Expr { kind: ExprKind::Bareword(text), .. }) if text == "--") {
                verbatim = true;
                continue;
            }
            arguments.push(match element {
                Element::Parameter { name, span, .. } if verbatim => {
                    Argument::Positional { value: Value::str(format!("-{name}")), span: *span }
                }
                Element::Parameter { name, argument, span } => {
                    let value = argument.as_ref().map(|a| self.expr(a)).transpose()?;
                    Argument::Named { name: name.clone(), value, span: *span }
                }
                Element::Argument(expr) => Argument::Positional { value: self.expr(expr)?, span: expr.span },
                Element::Splat { variable, span } => {
                    let value = self.variables.0.borrow().get(&variable.name.to_lowercase()).cloned().ok_or(Skip)?;
                    Argument::Splat { value, span: *span }
                }
            });
        }
        let name = command.constant_name.clone().ok_or(Skip)?;
        Ok(Invocation { name, arguments, span: command.span, ..Invocation::default() })
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Skip> {
        let chain = match &statement.kind {
            StatementKind::Assign(assign) => {
                let [Expr { kind: ExprKind::Variable(variable), .. }] = assign.targets.as_slice() else {
                    return Err(Skip);
                };
                if assign.operator != "=" || variable.scope.is_some() {
                    return Err(Skip);
                }
                let value = self.value(&assign.value)?;
                if !matches!(self.session.set_preference(&variable.name, &value), Ok(true)) {
                    self.variables.0.borrow_mut().insert(variable.name.to_lowercase(), value);
                }
                return Ok(());
            }
            StatementKind::Chain(chain) if chain.rest.is_empty() => chain,
            _ => return Err(Skip),
        };
        let mut input: Option<Vec<Value>> = None;
        let mut stages = Vec::new();
        for stage in &chain.first.stages {
            match stage {
                tree::Stage::Expression { expr, .. } if input.is_none() && stages.is_empty() => {
                    input = Some(reeve::value::enumerate(self.expr(expr)?));
                }
                tree::Stage::Expression { .. } => return Err(Skip),
                // Only the probes and stubs are there.
                tree::Stage::Command(command) if command.constant_name.as_deref().is_some_and(is_object_cmdlet) => {
                    return Err(Skip);
                }
                tree::Stage::Command(command) => {
                    let invocation = self.invocation(command)?;
                    stages.push(Stage::Command(invocation));
                }
            }
        }
        let mut objects = input.map(|values| values.into_iter().map(Ok));
        let input = objects.as_mut().map(|o| o as &mut dyn Iterator<Item = Result<Value, Halt>>);
        let output = &mut self.output;
        let result = pipeline::run(self.session, &self.variables, input, stages, &mut |value| {
            output.push(value);
            Ok(())
        });
        if let Err(Halt::Error(error)) = result {
            self.session.report(error);
        }
        Ok(())
    }
}

type Ran = (Vec<Json>, Vec<Value>, Vec<String>);

/// Runs a case with the probes.
fn run(code: &str, probes: &Json, native: bool) -> Option<Ran> {
    let log = Log::default();
    let registry = Registry::new(if native { probes::natives(probes, &log) } else { Vec::new() });
    if !native {
        probes::functions(probes, &log).into_iter().for_each(|f| registry.define(f));
    }
    run_with(code, registry, &log)
}

/// Runs a case; `None` where it needs an engine. The calls, the outputs and the errors' ids.
fn run_with(code: &str, registry: Registry, log: &Log) -> Option<Ran> {
    let parsed = parse(code, Mode::PowerShell, &AnyName);
    if !parsed.is_ok() {
        return None;
    }
    let written = Written::default();
    let session = Session::with_registry(Box::new(written.clone()), registry);
    let mut runner = Runner { session: &session, variables: Variables::default(), output: Vec::new() };
    for piece in &parsed.script.body.pieces {
        let Piece::Statement(statement) = piece else { return None };
        runner.statement(statement).ok()?;
    }
    let calls = log.lock().expect("no panic holds it").clone();
    Some((calls, runner.output, written.errors()))
}

#[test]
fn command_lines_bind_as_in_powershell() {
    let (Some(cases), Some(path)) = (shared("oracle/binding.jsonl"), shared("oracle/probes.json")) else { return };
    let probes: Json = serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON");
    let (mut ok, mut skipped, mut wrong) = (0, 0, Vec::new());
    for case in lines(&cases) {
        let name = case["name"].as_str().expect("a name");
        for native in [false, true] {
            let expected = if native && case["native"].is_object() { &case["native"] } else { &case };
            let Some((calls, output, errors)) = run(case["code"].as_str().expect("code"), &probes, native) else {
                skipped += 1;
                continue;
            };
            let ids: Vec<&str> =
                expected["errors"].as_array().expect("a list").iter().filter_map(|e| e["id"].as_str()).collect();
            let values = expected["values"].as_array().expect("a list");
            let same_output = output.len() == values.len()
                && output.iter().zip(values).all(|(a, b)| probes::alike(&probes::entry(a), b));
            if probes::log_alike(&calls, &expected["log"]) && errors == ids && same_output {
                ok += 1;
            } else {
                let calls = Json::Array(calls);
                wrong.push(format!("{name} native={native}: {} {errors:?} not {} {ids:?}", calls, expected["log"]));
            }
        }
    }
    println!("binding.jsonl, commands and constants only: {ok} alike, {} not, {skipped} need an engine", wrong.len());
    for line in wrong.iter().take(30) {
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{}", wrong.len());
}

#[test]
fn a_stray_dash_is_pointed_at_and_mended() {
    let spec = reeve::cmdlet::catalogue::signature("Invoke-CsManagementServerFailover").expect("known");
    let source = r#"Invoke-CsManagementServerFailover -BackupSqlServerFqdn "r" - BackupSqlInstanceName "RTC" -Force"#;
    use reeve::cmdlet::binder::{StaticArgument as A, StaticValue as V, bind_static};
    let at = |text: &str| {
        let start = source.find(text).expect("in the text");
        Span::new(start, start + text.len())
    };
    let known = |text: &str, quoted: &str| A::Positional { value: V::Known(Value::str(text)), span: at(quoted) };
    let named = |name: &str, text: &str| A::Named { name: name.into(), value: None, span: at(text) };
    let arguments = [
        named("BackupSqlServerFqdn", "-BackupSqlServerFqdn"),
        known("r", "\"r\""),
        A::Positional {
            value: V::Known(Value::str("-")),
            span: {
                let s = at("- Backup");
                Span { end: s.start + 1, ..s }
            },
        },
        known("BackupSqlInstanceName", "BackupSqlInstanceName"),
        known("RTC", "\"RTC\""),
        named("Force", "-Force"),
    ];
    let found = bind_static(&spec, &arguments, false, reeve::cmdlet::binder::Conversions::Native);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].id, "PositionalParameterNotFound");
    assert!(found[0].span.of(source).starts_with("- Backup"));
    assert_eq!(found[0].fix.as_ref().expect("a fix").text, "-BackupSqlInstanceName");
}

#[test]
fn the_published_examples_run_as_in_powershell() {
    let paths = (shared("oracle/run.jsonl"), shared("oracle/native.jsonl"), shared("oracle/parse.jsonl"));
    let (Some(functions), Some(natives), Some(sources)) = paths else { return };
    let by_id = |path: &std::path::Path| -> HashMap<String, Json> {
        lines(path).into_iter().map(|line| (line["id"].as_str().expect("an id").to_string(), line)).collect()
    };
    let (natives, sources) = (by_id(&natives), by_id(&sources));
    let (mut ok, mut skipped, mut wrong) = (0, 0, Vec::new());
    for case in lines(&functions) {
        let id = case["id"].as_str().expect("an id");
        let code = sources[id]["source"].as_str().expect("a source");
        for native in [false, true] {
            let expected = if native { natives.get(id).unwrap_or(&case) } else { &case };
            let log = Log::default();
            let registry = Registry::new(if native { probes::stub_natives(&log) } else { Vec::new() });
            if !native {
                probes::stub_functions(&log).into_iter().for_each(|f| registry.define(f));
            }
            let Some((calls, output, errors)) = run_with(code, registry, &log) else {
                skipped += 1;
                continue;
            };
            let texts: Json = output.iter().map(probes::plain).collect();
            let calls = Json::Array(calls);
            let same_output = expected["output"].is_null() || texts == expected["output"];
            if calls == expected["calls"] && json!(errors) == expected["errors"] && same_output {
                ok += 1;
            } else {
                wrong.push(format!(
                    "{id} native={native}: {calls} {errors:?} not {} {}",
                    expected["calls"], expected["errors"]
                ));
            }
        }
    }
    println!("run.jsonl, commands and constants only: {ok} alike, {} not, {skipped} need an engine", wrong.len());
    for line in wrong.iter().take(12) {
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{}", wrong.len());
}
