//! Errors that statements survive, `try`, `throw`, `exit`.

use super::convert::{empty, to_dynamic, to_value};
use super::errors::{Leaving, Thrown, let_pass};
use super::runtime::Register;
use super::shared::Shared;
use crate::cmdlet::context::Action;
use crate::cmdlet::exception;
use crate::error::{Category, ErrorRecord, Halt, Leave};
use crate::value::{Value, same_name, text};
use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext};

/// Whether the statement after the one that failed runs: nobody catches the error, and nobody threw it on purpose.
pub(super) fn is_survivable(shared: &Shared, error: &ErrorRecord) -> bool {
    let stops = error.stops() || shared.session.preferences().error == Action::Stop;
    let is_limit = error.category() == Category::LimitsExceeded;
    // Without a deployment, or its store, the next statement can only say the same again.
    let is_nowhere = error.category() == Category::ResourceUnavailable;
    shared.tries.get() == 0 && !stops && !is_limit && !is_nowhere
}

/// Shows an error that a statement ended with, as `$ErrorActionPreference` says, and goes on.
pub(super) fn survive(shared: &Shared, error: ErrorRecord) {
    shared.session.set_succeeded(false);
    match shared.session.preferences().error {
        Action::SilentlyContinue => shared.session.remember_error(&error),
        Action::Ignore => {}
        _ => shared.session.report(error),
    }
}

/// Registers the functions.
pub(super) fn register(engine: &mut Register) {
    // `_next(e)`: behind a statement that failed.
    engine.function("next", 1, |shared, cx, args| {
        let_pass(args[0], cx.call_position())?;
        let error = shared.thrown(args[0]);
        if !is_survivable(shared, &error) {
            return Err(EvalAltResult::ErrorRuntime(Dynamic::from(Thrown(error)), cx.call_position()).into());
        }
        survive(shared, error);
        Ok(Dynamic::UNIT)
    });
    engine.function("rethrow", 1, |shared, cx, args| {
        let_pass(args[0], cx.call_position())?;
        let error = shared.thrown(args[0]);
        Err(EvalAltResult::ErrorRuntime(Dynamic::from(Thrown(error)), cx.call_position()).into())
    });
    // `let t = _try()`, and `_tried(t)` when it is left.
    engine.function("try", 0, |shared, _, _| {
        let tries = shared.tries.get();
        shared.tries.set(tries + 1);
        let mut items = shared.items.borrow_mut();
        items.truncate(tries as usize);
        items.push(shared.item());
        Ok(i64::from(tries).into())
    });
    engine.function("tried", 1, |shared, _, args| {
        let mark = args[0].as_int().ok().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        shared.tries.set(mark);
        shared.closing.borrow_mut().retain(|(of, _)| *of < mark);
        // A handler inside that was left by another error did not take its `$_` back.
        let mut items = shared.items.borrow_mut();
        items.truncate(mark as usize + 1);
        if let Some(item) = items.pop().filter(|_| items.len() == mark as usize) {
            shared.set_item(item);
        }
        Ok(Dynamic::UNIT)
    });
    // `_finally(t, block)`: what runs before `exit` ends the script.
    engine.function("finally", 2, |shared, _, args| {
        let mark = args[0].as_int().ok().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        if let Some(block) = args[1].read_lock::<FnPtr>() {
            shared.closing.borrow_mut().push((mark, block.clone()));
        }
        Ok(Dynamic::UNIT)
    });
    // `_catch(e)`: the error becomes `$_`; gives what that was.
    engine.function("catch", 1, |shared, cx, args| {
        let_pass(args[0], cx.call_position())?;
        let error = shared.thrown(args[0]);
        shared.session.remember_error(&error);
        shared.session.set_succeeded(false);
        let value = shared.error_value(&error);
        Ok(to_dynamic(shared.set_item(value)))
    });
    engine.function("catches", 2, |shared, _, args| {
        let error = shared.thrown(args[0]);
        let Value::List(types) = to_value(args[1]) else { return Ok(false.into()) };
        Ok(types.iter().any(|name| is_type(&error, &text::to_text(name))).into())
    });
    engine.function("throw", 0, |shared, cx, _| {
        // In a handler, the error at hand goes on.
        let error = match shared.error_of(&shared.item()) {
            Some(error) => error,
            None => {
                let error = ErrorRecord::new("ScriptHalted", Category::OperationStopped, "ScriptHalted");
                error.thrown(Value::Null)
            }
        };
        Err(shared.raise(Halt::Error(error), cx.call_position()))
    });
    engine.function("throw", 1, |shared, cx, args| {
        let error = shared.thrown_value(to_value(args[0]));
        let error = if error.thrown_value().is_some() { error } else { error.thrown(to_value(args[0])) };
        Err(shared.raise(Halt::Error(error), cx.call_position()))
    });
    engine.function("exit", 0, |shared, cx, _| {
        close(shared, cx)?;
        Err(shared.raise(Halt::Exit(0), cx.call_position()))
    });
    engine.function("exit", 1, |shared, cx, args| {
        let code = match to_value(args[0]) {
            Value::Int(n) => i32::try_from(n).unwrap_or(1),
            other => text::to_text(&other).trim().parse().unwrap_or(0),
        };
        close(shared, cx)?;
        Err(shared.raise(Halt::Exit(code), cx.call_position()))
    });
    engine.function("leave", 1, |shared, cx, args| {
        let leave = match &*text::to_text(&to_value(args[0])) {
            "break" => Leave::Break,
            "continue" => Leave::Continue,
            _ => Leave::Return,
        };
        Err(shared.raise(Halt::Leave(leave), cx.call_position()))
    });
    // `_left(e)`: whether what was caught leaves the loop (1) or the round (2) in which it was caught.
    engine.function("left", 1, |_, _, args| {
        let how = args[0].read_lock::<Leaving>().map(|leaving| leaving.0);
        Ok(Dynamic::from(match how {
            Some(Leave::Break) => 1_i64,
            Some(Leave::Continue) => 2,
            Some(Leave::Return) | None => 0,
        }))
    });
    engine.function("none", 0, |_, _, _| Ok(empty()));
    // `_ignored(why)`: a line that means nothing here, which -Verbose says.
    engine.function("ignored", 1, |shared, _, args| {
        if shared.session.preferences().verbose == Action::Continue {
            let text = text::to_text(&to_value(args[0])).to_string();
            shared.session.host.message(crate::cmdlet::host::Message::Verbose(text));
        }
        Ok(Dynamic::UNIT)
    });
    engine.function("went_well", 0, |shared, _, _| {
        shared.session.set_succeeded(true);
        Ok(Dynamic::UNIT)
    });
    engine.function("ok", 0, |shared, _, _| Ok(shared.session.succeeded().into()));
}

/// Runs the `finally` blocks around what exits, the innermost first.
fn close(shared: &Shared, cx: &NativeCallContext) -> Result<(), Box<EvalAltResult>> {
    loop {
        let Some((mark, block)) = shared.closing.borrow_mut().pop() else { return Ok(()) };
        shared.tries.set(mark);
        let _given = block.call_raw(cx, None, [])?;
    }
}

/// Whether `catch [T]` takes an error: the general types take all, others by the id's or the exception's name.
fn is_type(error: &ErrorRecord, name: &str) -> bool {
    let short = name.rsplit('.').next().unwrap_or(name);
    // An id that is named as an exception is caught by its name too.
    let id = error.id().rsplit('.').next().unwrap_or_default();
    same_name(short, "ErrorRecord")
        || exception::is(error, name)
        || same_name(id, short)
        || (same_name(&format!("{id}Exception"), short))
}
