//! Pipelines of native stages: order, stops, errors, streams, variables, speed.

use super::*;
use crate::cmdlet::common::ACTIONS;
use crate::cmdlet::context::{Bound, Context};
use crate::cmdlet::host::{Choice, Host, Message};
use crate::cmdlet::registry::{Function, Registry};
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use crate::error::{Category, ErrorRecord};
use crate::value::Block;
use std::cell::RefCell;
use std::collections::HashMap;

type Words = Rc<RefCell<Vec<String>>>;

#[derive(Clone, Default)]
struct TestHost {
    said: Words,
    answers: Rc<RefCell<Vec<usize>>>,
}

impl Host for TestHost {
    fn output(&self, _value: Value) {}
    fn message(&self, message: Message) {
        self.said.borrow_mut().push(match message {
            Message::Error(error) => format!("error {}", error.fully_qualified_id()),
            Message::Warning(text) => format!("warning {text}"),
            Message::Information { text, .. } => format!("information {text}"),
            other => format!("{other:?}"),
        });
    }
    fn can_ask(&self) -> bool {
        !self.answers.borrow().is_empty()
    }
    fn choose(&self, _: &str, _: &str, _: &[Choice], _: usize) -> Option<usize> {
        self.answers.borrow_mut().pop()
    }
}

#[derive(Default)]
struct Variables(RefCell<HashMap<String, Value>>);

impl BlockRunner for Variables {
    fn run(&self, _: &Block, _: Option<&Value>, _: &[Value], _: Sink) -> Result<(), Halt> {
        Ok(())
    }
    fn test(&self, _: &Block, _: &Value) -> Result<bool, Halt> {
        Ok(true)
    }
    fn variable(&self, name: &str) -> Option<Value> {
        self.0.borrow().get(name).cloned()
    }
    fn set_variable(&self, name: &str, value: Value) {
        self.0.borrow_mut().insert(name.into(), value);
    }
}

/// A stage made of a function, which says when it begins and ends.
struct Worker {
    name: &'static str,
    said: Words,
    work: fn(&Value, &mut Context) -> Result<(), Halt>,
}

impl Run for Worker {
    fn begin(&mut self, _: &Bound, _: &mut Context) -> Result<(), Halt> {
        self.said.borrow_mut().push(format!("{} begins", self.name));
        Ok(())
    }
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        (self.work)(bound.input().unwrap_or(&Value::Null), cx)
    }
    fn end(&mut self, _: &Bound, _: &mut Context) -> Result<(), Halt> {
        self.said.borrow_mut().push(format!("{} ends", self.name));
        Ok(())
    }
}

type Work = fn(&Value, &mut Context) -> Result<(), Halt>;

struct Bench {
    session: Session,
    host: TestHost,
    variables: Variables,
}

impl Bench {
    fn new(workers: &[(&'static str, Work)]) -> Bench {
        let host = TestHost::default();
        let session = Session::with_registry(Box::new(host.clone()), Registry::new(Vec::new()));
        for (name, work) in workers {
            let input = ParameterSpec {
                name: "InputObject".into(),
                kind: ParameterType::Object,
                doc_type: "Object".into(),
                aliases: Vec::new(),
                sets: vec![SetMembership { by_value: true, ..SetMembership::default() }],
                validation: Validation::default(),
                ours: true,
            };
            let spec = CmdletSpec {
                name: (*name).into(),
                should_process: true,
                parameters: vec![input],
                ..CmdletSpec::default()
            };
            let (said, name, work) = (host.said.clone(), *name, *work);
            session.registry.define(Function {
                name: name.into(),
                spec: spec.into(),
                make: Rc::new(move || Box::new(Worker { name, said: said.clone(), work })),
                help: None,
                text: "".into(),
            });
        }
        Bench { session, host, variables: Variables::default() }
    }

    fn run(&self, input: Option<i64>, stages: Vec<Invocation>) -> (Vec<Value>, Result<(), Halt>) {
        let mut output = Vec::new();
        let mut objects = input.map(|count| (1..=count).map(|n| Ok(Value::Int(n))));
        let input = objects.as_mut().map(|o| o as &mut dyn Iterator<Item = Result<Value, Halt>>);
        let stages = stages.into_iter().map(Stage::Command).collect();
        let result = run(&self.session, &self.variables, input, stages, &mut |value| {
            output.push(value);
            Ok(())
        });
        (output, result)
    }

    fn said(&self) -> Vec<String> {
        self.host.said.take()
    }
}

fn call(name: &str) -> Invocation {
    Invocation { name: name.into(), ..Invocation::default() }
}

fn with(mut invocation: Invocation, name: &str, value: impl Into<Value>) -> Invocation {
    let span = Span::default();
    invocation.arguments.push(Argument::Named { name: name.into(), value: Some(value.into()), span });
    invocation
}

fn redirected(mut invocation: Invocation, from: Option<u8>, to: RedirectTo) -> Invocation {
    invocation.redirections.push(Redirect { from, to });
    invocation
}

fn pass(value: &Value, cx: &mut Context) -> Result<(), Halt> {
    cx.output(value.clone())
}

fn first(value: &Value, cx: &mut Context) -> Result<(), Halt> {
    cx.output(value.clone())?;
    Err(cx.stop_upstream())
}

/// Complains of every second object.
fn odd(value: &Value, cx: &mut Context) -> Result<(), Halt> {
    match value {
        Value::Int(n) if n % 2 == 0 => cx.error(ErrorRecord::new("Even", Category::InvalidData, "even")),
        other => cx.output(other.clone()),
    }
}

fn change(value: &Value, cx: &mut Context) -> Result<(), Halt> {
    let target = crate::value::text::to_text(value);
    if cx.should_process(&target, "change")? { cx.output(value.clone()) } else { Ok(()) }
}

fn numbers(values: &[Value]) -> Vec<i64> {
    values.iter().map(|v| if let Value::Int(n) = v { *n } else { -1 }).collect()
}

#[test]
fn a_stage_that_wants_no_more_stops_those_before_it_and_ends() {
    let bench = Bench::new(&[("Pass-It", pass), ("First-One", first), ("Last-One", pass)]);
    let (output, result) = bench.run(Some(1_000_000_000), vec![call("Pass-It"), call("First-One"), call("Last-One")]);
    assert!(result.is_ok() && bench.session.succeeded());
    assert_eq!(numbers(&output), [1]);
    let expected =
        ["Pass-It begins", "First-One begins", "Last-One begins", "First-One ends", "Last-One ends"].map(String::from);
    assert_eq!(bench.said(), expected);
}

#[test]
fn errors_go_on_or_stop_by_error_action() {
    let bench = Bench::new(&[("Pass-Odd", odd)]);
    let cases: [(&str, &[i64], usize, bool); 4] = [
        ("Continue", &[1, 3], 1, true),
        ("SilentlyContinue", &[1, 3], 0, true),
        ("Ignore", &[1, 3], 0, true),
        ("Stop", &[1], 0, false),
    ];
    for (action, wanted, shown, ok) in cases {
        assert!(ACTIONS.contains(&action));
        let (output, result) = bench.run(Some(3), vec![with(call("Pass-Odd"), "ErrorAction", action)]);
        assert_eq!((numbers(&output).as_slice(), result.is_ok()), (wanted, ok), "{action}");
        assert_eq!(bench.said().iter().filter(|s| *s == "error Even,Pass-Odd").count(), shown, "{action}");
        assert!(!bench.session.succeeded(), "{action}");
    }
    assert_eq!(bench.session.errors().len(), 2, "Ignore and Stop do not keep theirs");
    assert_eq!(bench.session.exit_code(), 1);
}

#[test]
fn streams_are_merged_dropped_and_kept() {
    let bench = Bench::new(&[("Pass-Odd", odd), ("Pass-It", pass)]);
    let merge = redirected(call("Pass-Odd"), Some(2), RedirectTo::Stream(1));
    let (output, _) = bench.run(Some(3), vec![merge, call("Pass-It")]);
    assert_eq!(numbers(&output), [1, -1, 3], "the error stands where it arose");
    assert!(!bench.said().iter().any(|s| s.starts_with("error")));

    let (output, _) = bench.run(Some(3), vec![redirected(call("Pass-Odd"), Some(2), RedirectTo::Null)]);
    assert_eq!(numbers(&output), [1, 3]);
    assert!(!bench.said().iter().any(|s| s.starts_with("error")));

    let kept = with(with(call("Pass-Odd"), "OutVariable", "out"), "ErrorVariable", "errors");
    let (output, _) = bench.run(Some(3), vec![kept]);
    assert_eq!(numbers(&output), [1, 3]);
    let count = |name: &str| bench.variables.variable(name).map_or(0, |value| crate::value::enumerate(value).len());
    assert_eq!((count("out"), count("errors")), (2, 1));
    let _ = bench.run(Some(1), vec![with(call("Pass-Odd"), "OutVariable", "+out")]);
    assert_eq!(count("out"), 3);
    let (output, _) = bench.run(Some(2), vec![redirected(call("Pass-Odd"), None, RedirectTo::Null)]);
    assert!(output.is_empty());
}

#[test]
fn changes_are_shown_asked_for_or_refused() {
    let bench = Bench::new(&[("Set-It", change)]);
    let (output, _) = bench.run(Some(2), vec![with(call("Set-It"), "WhatIf", true)]);
    assert!(output.is_empty());
    assert_eq!(bench.said().iter().filter(|s| s.contains("What if")).count(), 2);

    // Nobody can be asked: an error, never a wait.
    let (_, result) = bench.run(Some(2), vec![with(call("Set-It"), "Confirm", true)]);
    let Err(Halt::Error(error)) = result else { panic!("{result:?}") };
    assert_eq!(error.fully_qualified_id(), "PromptNotAvailable,Set-It");
    let hints = error.hints().join(" ");
    assert!(hints.contains("-Confirm:$false") && !hints.contains("-Force"), "{hints}");

    // Answers are taken from the back: No, then Yes to All.
    bench.host.answers.borrow_mut().extend([1, 2]);
    let (output, _) = bench.run(Some(4), vec![with(call("Set-It"), "Confirm", true)]);
    assert_eq!(numbers(&output), [2, 3, 4]);
    assert!(bench.session.set_preference("ConfirmPreference", &Value::str("Medium")).unwrap());
    let (output, _) = bench.run(Some(1), vec![with(call("Set-It"), "Confirm", false)]);
    assert_eq!(numbers(&output), [1]);
}

#[test]
fn nothing_runs_where_one_stage_does_not_bind() {
    let bench = Bench::new(&[("Pass-It", pass)]);
    let (_, result) = bench.run(Some(1), vec![call("Pass-It"), with(call("Pass-It"), "Bogus", 1_i64)]);
    let Err(Halt::Error(error)) = result else { panic!("{result:?}") };
    assert_eq!(error.fully_qualified_id(), "NamedParameterNotFound,Pass-It");
    assert!(bench.said().is_empty() && !bench.session.succeeded());
}

#[test]
fn many_objects_through_three_stages() {
    let bench = Bench::new(&[("Pass-A", pass), ("Pass-B", pass), ("Pass-C", pass)]);
    let (output, result) = bench.run(Some(100_000), vec![call("Pass-A"), call("Pass-B"), call("Pass-C")]);
    assert!(result.is_ok());
    assert_eq!(output.len(), 100_000);
}
