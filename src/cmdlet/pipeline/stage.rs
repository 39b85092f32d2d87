//! One stage of a running pipeline: what is bound, what runs, what is kept.

use super::{Argument, Env, Invocation, Sink, Stage, Streams, defaults, prompt, run};
use crate::cmdlet::binder::object::Unbound;
use crate::cmdlet::binder::{self, Binding, Failure, Options};
use crate::cmdlet::common;
use crate::cmdlet::context::{Action, Bound, Common, Context, LOCAL_STORE, StageMarks};
use crate::cmdlet::registry::Command;
use crate::cmdlet::remote;
use crate::cmdlet::run::{Run, Side};
use crate::cmdlet::streams::error_object;
use crate::error::{ErrorRecord, Halt, Source, Span};
use crate::value::{Block, Str, Value};
use std::rc::Rc;
use std::sync::Arc;

/// One stage, ready to run.
pub(super) struct StageState {
    name: Str,
    run: Box<dyn Run>,
    /// `None` for a stage without a signature.
    binding: Option<Binding>,
    /// The parameter to which objects go whole.
    whole: Option<Str>,
    /// What a stage without a signature sees.
    plain: Bound,
    common: Common,
    marks: StageMarks,
    place: Option<(Arc<Source>, Span)>,
    streams: Option<Rc<Streams>>,
    keeps: Keeps,
}

/// -OutVariable and -PipelineVariable.
#[derive(Default)]
struct Keeps {
    out: Option<(String, Vec<Value>)>,
    pipeline: Option<String>,
    error: Option<String>,
}

/// Finds the command of a stage and binds its command line.
pub(super) fn prepare(env: &Env, stage: Stage, fed: bool) -> Result<StageState, Halt> {
    let marks = StageMarks { id: env.session.new_stage(), ..StageMarks::default() };
    let invocation = match stage {
        Stage::Command(invocation) => invocation,
        Stage::Redirected(run, redirects) => {
            let mut state = prepare(env, Stage::Native(run), fed)?;
            state.streams = Streams::of(&redirects, Vec::new(), env.outer.clone());
            env.scoped.set(env.scoped.get() || state.streams.is_some());
            return Ok(state);
        }
        Stage::Native(run) => {
            return Ok(StageState {
                name: "".into(),
                run,
                binding: None,
                whole: None,
                plain: Bound::default(),
                common: common::resolve(&Bound::default(), &env.session.preferences(), false),
                marks,
                place: None,
                streams: None,
                keeps: Keeps::default(),
            });
        }
    };
    let place = invocation.source.clone().map(|source| (source, invocation.span));
    let located = |error: ErrorRecord, span: Option<Span>| match &place {
        Some((source, whole)) => Halt::Error(error.at(source, span.unwrap_or(*whole))),
        None => Halt::Error(error),
    };
    let registry = &env.session.registry;
    let command = registry.resolve(&invocation.name).map_err(|e| located(e, None))?;
    let spec = command.spec();
    let defaults = defaults::of(env, &command.name(), &spec)?;
    let name = command.name();
    let mut ask = prompt::asker(env.session, &name);
    let options = Options {
        input_expected: fed,
        conversions: command.conversions(),
        defaults: &defaults,
        ask: if env.session.host.can_ask() { Some(&mut ask) } else { None },
    };
    let binding = binder::command_line(&spec, &invocation.arguments, options).map_err(|f| {
        let Failure { record, span, .. } = *f;
        located(record, span)
    })?;
    let common = common::resolve(binding.bound(), &env.session.preferences(), spec.should_process);
    // What keeps it from beginning, a missing right above all, ends the script under -ErrorAction Stop as well.
    let refused = |halt: Halt| match halt {
        Halt::Error(error) => located(if common.error_action == Action::Stop { error.stopping() } else { error }, None),
        other => other,
    };
    let run = match (&command, env.session.link()) {
        (Command::Native(native), Some(link)) if native.entry.side != Side::Client => {
            remote::start(env.session, link, native, binding.bound(), &common, fed).map_err(refused)?
        }
        (Command::Native(native), _) => {
            env.session.may_start(&native.entry, binding.bound()).map_err(refused)?;
            command.make().map_err(|e| refused(e.into()))?
        }
        _ => command.make().map_err(|e| refused(e.into()))?,
    };
    let keeps = keeps(env, binding.bound());
    let mut state = StageState {
        name: command.name(),
        run,
        whole: binding.takes_input_whole(),
        plain: Bound::default(),
        common,
        marks,
        streams: streams(env, &invocation, binding.bound()),
        binding: Some(binding),
        place,
        keeps,
    };
    if state.streams.is_some() {
        env.scoped.set(true);
    }
    state.warn_of_meaningless(env, &command)?;
    Ok(state)
}

fn text_of(bound: &Bound, name: &str) -> Option<String> {
    bound.get(name).and_then(Value::as_str).filter(|v| !v.is_empty()).map(String::from)
}

fn streams(env: &Env, invocation: &Invocation, bound: &Bound) -> Option<Rc<Streams>> {
    let wanted = [(2, "ErrorVariable"), (3, "WarningVariable"), (6, "InformationVariable")];
    let variables = wanted.iter().filter_map(|(stream, name)| Some((*stream, text_of(bound, name)?))).collect();
    Streams::of(&invocation.redirections, variables, env.outer.clone())
}

fn keeps(env: &Env, bound: &Bound) -> Keeps {
    let out = text_of(bound, "OutVariable").map(|name| match name.strip_prefix('+') {
        Some(name) => (name.to_string(), earlier(env, name)),
        None => (name, Vec::new()),
    });
    Keeps { out, pipeline: text_of(bound, "PipelineVariable"), error: text_of(bound, "ErrorVariable") }
}

/// What a variable holds that is added to (`-OutVariable +x`).
fn earlier(env: &Env, name: &str) -> Vec<Value> {
    match env.blocks.variable(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => crate::value::enumerate(value),
    }
}

impl StageState {
    pub fn id(&self) -> u64 {
        self.marks.id
    }

    /// Whether it wrote an error.
    pub fn failed(&self) -> bool {
        self.marks.failed.get()
    }

    /// Runs a part of the stage with its context.
    fn call(&mut self, env: &Env, sink: Sink, part: Part) -> Result<(), Halt> {
        let StageState { name, run, binding, plain, common, marks, place, streams, keeps, .. } = self;
        let bound = binding.as_ref().map_or(&*plain, Binding::bound);
        let mut go = |sink: Sink| {
            let mut cx = Context {
                session: env.session,
                blocks: env.blocks,
                command: name,
                common,
                bound,
                place: place.as_ref(),
                sink,
                stage: marks,
            };
            part(&mut **run, bound, &mut cx)
        };
        let result = if env.scoped.get() || keeps.out.is_some() || keeps.pipeline.is_some() {
            let streams = streams.as_ref();
            env.enter(streams);
            let done = go(&mut |value| {
                env.restore();
                let handed = hand_on(env, streams, keeps, value, sink);
                env.enter(streams);
                handed
            });
            env.restore();
            done.and_then(|()| merged(streams, keeps, env, sink))
        } else {
            go(sink)
        };
        result.map_err(|halt| self.located(halt))
    }

    /// Says of an error which command gave it, and where that stands.
    fn located(&self, halt: Halt) -> Halt {
        match halt {
            Halt::Error(error) if !self.name.is_empty() => {
                // An error of a stage behind this one has its command and its place already; one that a server sent has
                // its command alone.
                let own = error.command().is_none() || (error.place().is_none() && self.place.is_some());
                if own {
                    self.marks.failed.set(true);
                }
                // Under -ErrorAction Stop also what ends only the statement by itself ends the script.
                let error = if own && self.common.error_action == Action::Stop { error.stopping() } else { error };
                let error = error.of_command(self.name.to_string());
                Halt::Error(match &self.place {
                    Some((source, span)) => error.at(source, *span),
                    None => error,
                })
            }
            other => other,
        }
    }

    /// Before the first object.
    pub fn begin(&mut self, env: &Env, sink: Sink) -> Result<(), Halt> {
        self.call(env, sink, |run, bound, cx| run.begin(bound, cx))
    }

    /// The only run of a stage that nothing feeds.
    pub fn once(&mut self, env: &Env, sink: Sink) -> Result<(), Halt> {
        self.call(env, sink, |run, bound, cx| run.process(bound, cx))
    }

    /// After the last object.
    pub fn end(&mut self, env: &Env, sink: Sink) -> Result<(), Halt> {
        match &mut self.binding {
            Some(binding) => binding.forget_object(),
            None => self.plain.set_input(None),
        }
        self.call(env, sink, |run, bound, cx| run.end(bound, cx))
    }

    /// One object of the pipeline.
    pub fn accept(&mut self, env: &Env, value: Value, sink: Sink) -> Result<(), Halt> {
        env.session.check_interrupt()?;
        match (&mut self.binding, &self.whole) {
            (None, _) => self.plain.set_input(Some(value)),
            (Some(binding), Some(parameter)) => binding.publish_whole(parameter, value),
            (Some(binding), None) => {
                let mut run = |block: &Block, item: &Value| {
                    let mut outputs = Vec::new();
                    env.blocks.run(block, Some(item), &[], &mut |output| {
                        outputs.push(output);
                        Ok(())
                    })?;
                    Ok(outputs)
                };
                match binding.object(&value, &mut run) {
                    Ok(()) => self.whole = binding.takes_the_rest_whole(),
                    Err(Unbound::Halt(halt)) => return Err(halt),
                    Err(Unbound::Failure(failure)) => {
                        let mut error = Some(failure.record.target(value));
                        return self.write_error(env, sink, &mut error);
                    }
                }
            }
        }
        self.call(env, sink, |run, bound, cx| run.process(bound, cx))
    }

    /// Writes a non-terminating error of binding.
    fn write_error(&mut self, env: &Env, sink: Sink, error: &mut Option<ErrorRecord>) -> Result<(), Halt> {
        let Some(error) = error.take() else { return Ok(()) };
        // It goes the way of the stage's own errors, so that -ErrorAction, -ErrorVariable and redirections hold for it.
        let own = std::mem::replace(&mut self.run, Box::new(Complain(Some(error))));
        let result = self.call(env, sink, |run, bound, cx| run.process(bound, cx));
        self.run = own;
        result
    }

    /// Sets -OutVariable, -ErrorVariable and the like; `error` is what ended the pipeline.
    pub fn set_variables(&self, env: &Env, error: Option<&ErrorRecord>) {
        if let Some((name, values)) = &self.keeps.out {
            env.blocks.set_variable(name, growing(values.clone()));
        }
        for (name, mut values) in self.streams.iter().flat_map(|s| s.variables()) {
            if let Some(error) = error.filter(|_| self.keeps.error.as_deref() == Some(name) && self.failed()) {
                values.push(error_object(error));
            }
            let (name, before) = match name.strip_prefix('+') {
                Some(name) => (name, earlier(env, name)),
                None => (name, Vec::new()),
            };
            env.blocks.set_variable(name, growing(before.into_iter().chain(values).collect()));
        }
    }

    /// Writes what was redirected into files.
    pub fn write_files(&self, env: &Env) -> Result<(), Halt> {
        let Some(streams) = &self.streams else { return Ok(()) };
        for (path, append, values) in streams.files() {
            let named = |name: &str, value: Value| Argument::Named {
                name: name.into(),
                value: Some(value),
                span: Span::default(),
            };
            let mut arguments = vec![named("FilePath", Value::str(path))];
            if append {
                arguments.push(named("Append", Value::Bool(true)));
            }
            let writer = Invocation { name: "Out-File".into(), arguments, ..Invocation::default() };
            let mut objects = values.into_iter().map(Ok);
            run(env.session, env.blocks, Some(&mut objects), vec![Stage::Command(writer)], &mut |_| Ok(()))?;
        }
        Ok(())
    }

    /// Warns of parameters that are taken but mean nothing here.
    fn warn_of_meaningless(&mut self, env: &Env, command: &Command) -> Result<(), Halt> {
        let Command::Native(native) = command else { return Ok(()) };
        let Some(looks_at) = native.looks_at() else { return Ok(()) };
        let Some(binding) = &self.binding else { return Ok(()) };
        let given = binding.bound().values.iter().map(|(name, _)| name);
        let meaningless: Vec<String> = given
            // -LocalStore is looked at by whoever hands the cmdlet its deployment.
            .filter(|n| !common::is_common(n) && !n.eq_ignore_ascii_case(LOCAL_STORE))
            .filter(|n| !looks_at.iter().any(|l| l.eq_ignore_ascii_case(n)))
            .map(|n| format!("-{n} has no meaning here and is not looked at."))
            .collect();
        if meaningless.is_empty() {
            return Ok(());
        }
        let own = std::mem::replace(&mut self.run, Box::new(Warn(meaningless)));
        let result = self.call(env, &mut |_| Ok(()), |run, bound, cx| run.process(bound, cx));
        self.run = own;
        result
    }
}

/// One part of a stage: begin, process or end.
type Part = fn(&mut dyn Run, &Bound, &mut Context) -> Result<(), Halt>;

/// What a stage put out: kept where a variable asks for it, then handed on.
fn hand_on(env: &Env, streams: Option<&Rc<Streams>>, keeps: &mut Keeps, value: Value, sink: Sink) -> Result<(), Halt> {
    merged(streams, keeps, env, sink)?;
    let Some(value) = streams.map_or(Some(value.clone()), |s| s.output(value)) else { return Ok(()) };
    pass_on(env, keeps, value, sink)
}

fn pass_on(env: &Env, keeps: &mut Keeps, value: Value, sink: Sink) -> Result<(), Halt> {
    if let Some((_, kept)) = &mut keeps.out {
        kept.push(value.clone());
    }
    if let Some(name) = &keeps.pipeline {
        env.blocks.set_variable(name, value.clone());
    }
    sink(value)
}

/// Hands on what other streams put into the output.
fn merged(streams: Option<&Rc<Streams>>, keeps: &mut Keeps, env: &Env, sink: Sink) -> Result<(), Halt> {
    let Some(streams) = streams else { return Ok(()) };
    streams.take_merged().into_iter().try_for_each(|value| pass_on(env, keeps, value, sink))
}

/// What a variable of -OutVariable and its like holds: an ArrayList.
fn growing(values: Vec<Value>) -> Value {
    Value::Record(crate::value::list_object::new(false, values))
}

/// Writes one error in a stage's name.
struct Complain(Option<ErrorRecord>);

impl Run for Complain {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        match self.0.take() {
            Some(error) => cx.error(error),
            None => Ok(()),
        }
    }
}

/// Writes warnings in a stage's name.
struct Warn(Vec<String>);

impl Run for Warn {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.0.drain(..).for_each(|text| cx.warning(text));
        Ok(())
    }
}
