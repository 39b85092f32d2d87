//! A script block that `&` or `.` calls, as a stage of a pipeline: once, or part by part if it has named blocks.

use super::blocks;
use super::kept::Level;
use super::shared::{Frame, Shared};
use crate::cmdlet::context::{Bound, Context};
use crate::cmdlet::run::Run;
use crate::error::Halt;
use crate::value::{Block, Value};
use std::rc::Rc;

/// One call. Without a `process` block all objects are its `$input`.
pub(super) struct Call {
    shared: Rc<Shared>,
    block: Block,
    given: Vec<(Option<String>, Option<Value>)>,
    input: Vec<Value>,
    /// Its closures, if it has named blocks: bind, begin, process, end.
    parts: Vec<Block>,
    frame: Frame,
    /// Its own variables among those that the session keeps; behind a `.` it has none.
    level: Option<Level>,
}

impl Call {
    /// A call with its arguments. What a block that `shares` sets are its caller's variables.
    pub fn new(shared: Rc<Shared>, block: Block, given: Vec<(Option<String>, Option<Value>)>, shares: bool) -> Call {
        let (input, parts) = (Vec::new(), Vec::new());
        let level = (!shares).then(Level::default);
        Call { shared, block, given, input, parts, frame: Frame::default(), level }
    }

    /// Runs a block with the frame at hand.
    fn run(&self, block: &Block, item: Option<&Value>, cx: &mut Context) -> Result<(), Halt> {
        *self.shared.pending.borrow_mut() = Some(self.frame.clone());
        let Some(level) = &self.level else { return cx.blocks.run(block, item, &[], cx.sink) };
        // The preferences that it sets are its own.
        let preferences = self.shared.session.preferences();
        let kept = &self.shared.kept;
        let sink = &mut *cx.sink;
        let result = kept.within(level, || cx.blocks.run(block, item, &[], &mut |value| kept.outside(|| sink(value))));
        self.shared.session.swap_preferences(preferences);
        result
    }

    fn part(&self, at: usize, item: Option<&Value>, cx: &mut Context) -> Result<(), Halt> {
        self.parts.get(at).map_or(Ok(()), |part| self.run(part, item, cx))
    }
}

impl Run for Call {
    fn begin(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if !blocks::has_parts(&self.block) {
            return Ok(());
        }
        *self.shared.pending.borrow_mut() = Some(Frame { of_function: true, ..Frame::default() });
        let mut parts = Vec::new();
        cx.blocks.run(&self.block, None, &[], &mut |value| {
            if let Value::Block(block) = value {
                parts.push(block);
            }
            Ok(())
        })?;
        self.parts = parts;
        self.frame = blocks::frame_for(&self.block, std::mem::take(&mut self.given), Vec::new());
        self.frame.of_function = true;
        self.part(0, None, cx)?;
        self.part(1, None, cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if blocks::has_process(&self.block) {
            return self.part(2, bound.input(), cx);
        }
        self.input.extend(bound.input().cloned());
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let input = std::mem::take(&mut self.input);
        if self.parts.is_empty() {
            self.frame = blocks::frame_for(&self.block, std::mem::take(&mut self.given), input);
            return self.run(&self.block, None, cx);
        }
        self.frame.input = input;
        self.part(3, None, cx)
    }
}
