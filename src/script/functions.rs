//! Functions of command mode as cmdlets: their signature, and what runs them.

use super::convert::to_value;
use super::kept::Level;
use super::shared::{Frame, Shared};
use super::signature::{self, ARGS, impact, spec};
use crate::cmdlet::context::{Bound, Context, Invoked};
use crate::cmdlet::preferences::{Impact, Preferences};
use crate::cmdlet::registry::Function;
use crate::cmdlet::run::Run;
use crate::error::Halt;
use crate::language::lower::Site;
use crate::value::{Block, Str, Value, same_name};
use rhai::{Dynamic, EvalAltResult, NativeCallContext};
use std::rc::Rc;
use std::sync::Arc;

/// `_function(name, factory)`.
pub(super) fn define(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    args: &mut [&mut Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let Some((chunk, Site::Function(tree))) = shared.site(cx.call_position()) else { return Ok(Dynamic::UNIT) };
    let [_, factory] = args else { return Ok(Dynamic::UNIT) };
    let Value::Block(factory) = to_value(factory) else { return Ok(Dynamic::UNIT) };
    let spec = Arc::new(spec(&tree.name.0, &tree.params, false));
    let impact = impact(&tree.params);
    let should_process = spec.should_process;
    let shared_in = shared.clone();
    let has_process = tree.process.is_some();
    let function = Function {
        name: tree.name.0.as_str().into(),
        spec,
        make: Rc::new(move || {
            Box::new(Running {
                shared: shared_in.clone(),
                factory: factory.clone(),
                has_process,
                impact,
                should_process,
                preferences: None,
                parts: Vec::new(),
                input: Vec::new(),
                level: Level::default(),
                frame: Frame { of_function: true, binds: true, ..Frame::default() },
            })
        }),
        help: tree.help.as_deref().map(Str::from),
        text: tree.inside.of(&chunk.source.text).into(),
    };
    for alias in signature::aliases(&tree.params) {
        shared.session.registry.set_alias(&alias, &function.name);
    }
    match &mut *shared.library.borrow_mut() {
        // A cmdlet of ours that is loaded stands behind its own entry of the registry.
        library if library.loading => {
            library.loaded.insert(function.name.to_lowercase(), function.make).map_or((), drop)
        }
        _ => shared.session.registry.define(function),
    }
    Ok(Dynamic::UNIT)
}

/// One invocation of a function.
struct Running {
    shared: Rc<Shared>,
    factory: Block,
    has_process: bool,
    /// Whether it has -WhatIf and -Confirm, and how much its changes weigh.
    should_process: bool,
    impact: Impact,
    /// The preferences that its body sees, and may set.
    preferences: Option<Preferences>,
    /// Its closures: bind, begin, process, end.
    parts: Vec<Block>,
    input: Vec<Value>,
    /// Its own variables among those that the session keeps.
    level: Level,
    frame: Frame,
}

impl Running {
    fn part(&mut self, at: usize, item: Option<&Value>, cx: &mut Context) -> Result<(), Halt> {
        let Some(block) = self.parts.get(at) else { return Ok(()) };
        *self.shared.pending.borrow_mut() = Some(self.frame.clone());
        let session = cx.session;
        let own = self.preferences.take();
        let own = own.unwrap_or_else(|| session.preferences().of_body(cx.bound, self.should_process));
        let mut outside = session.swap_preferences(own);
        session.enter(cx.command, cx.place);
        let sink = &mut *cx.sink;
        let kept = &self.shared.kept;
        let result = kept.within(&self.level, || {
            cx.blocks.run(block, item, &[], &mut |value| {
                // What takes the function's output is not under its preferences, nor in its scope.
                let own = session.swap_preferences(outside.clone());
                let call = session.leave();
                let taken = kept.outside(|| sink(value));
                session.enter_again(call);
                outside = session.swap_preferences(own);
                taken
            })
        });
        session.leave();
        self.preferences = Some(session.swap_preferences(outside));
        result
    }

    fn bind(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(invoked) = &self.frame.invoked {
            invoked.bind(bound);
        }
        self.frame.named = bound
            .values
            .iter()
            .filter(|(name, _)| !same_name(name, ARGS))
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        self.frame.bound = Rc::default();
        self.frame.args = bound.get(ARGS).cloned().map(crate::value::enumerate).unwrap_or_default();
        self.shared.refused.take();
        self.part(0, None, cx)?;
        match self.shared.refused.take() {
            Some(error) => Err(Halt::Error(error)),
            None => Ok(()),
        }
    }
}

impl Run for Running {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut parts = Vec::new();
        *self.shared.pending.borrow_mut() = Some(Frame { of_function: true, ..Frame::default() });
        cx.blocks.run(&self.factory, None, &[], &mut |value| {
            if let Value::Block(block) = value {
                parts.push(block);
            }
            Ok(())
        })?;
        self.parts = parts;
        let invoked = Invoked::new(cx.session, cx.command, cx.common.clone(), bound.clone());
        self.frame.invoked = Some(Rc::new(invoked.weighing(self.impact).at(cx.place)));
        self.bind(bound, cx)?;
        self.part(1, None, cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.bind(bound, cx)?;
        if self.has_process {
            let item = bound.input().cloned();
            return self.part(2, item.as_ref(), cx);
        }
        self.input.extend(bound.input().cloned());
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.frame.input = std::mem::take(&mut self.input);
        self.part(3, None, cx)
    }
}
