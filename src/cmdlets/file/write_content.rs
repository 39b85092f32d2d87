//! Set-Content and Add-Content: objects as lines of a file.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::format::file::{self, Options, Target, encodings};
use crate::cmdlets::object::signature::many;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::has_wildcard;
use crate::value::{Value, enumerate, text};
use std::io;

fn spec(name: &str) -> CmdletSpec {
    choosing(about_paths(name))
        .parameter("Value", many(ParameterType::Object))
        .mandatory()
        .at(1)
        .by_value()
        .by_property()
        .allow_null()
        .switch("PassThru")
        .switch("Force")
        .switch("NoNewline")
        .switch("AsByteStream")
        .parameter("Encoding", encodings())
        .should_process()
        .build()
}

/// The files that are written.
#[derive(Default)]
struct Writing {
    /// `None` until the first object.
    open: Option<Vec<Target>>,
}

impl Writing {
    fn open(&mut self, bound: &Bound, append: bool, cx: &mut Context) -> Result<(), Halt> {
        let mut places = Vec::new();
        for (path, by_pattern) in paths::named(bound) {
            if by_pattern && has_wildcard(&path) {
                places.extend(paths::matching(&paths::native(&path)?)?);
            } else {
                places.push(paths::native(&if by_pattern { paths::plain(&path) } else { path.to_string() })?);
            }
        }
        let mut targets = Vec::new();
        for place in places {
            let what = if append { "Add Content" } else { "Set Content" };
            if !cx.should_process(&format!("Path: {}", paths::full(&place).display()), what)? {
                continue;
            }
            if place.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) {
                let message = format!("There is no folder for {}.", paths::full(&place).display());
                let exception = file::exception(&place, &io::ErrorKind::NotFound.into(), &message);
                let error =
                    ErrorRecord::new("GetContentWriterDirectoryNotFoundError", Category::ObjectNotFound, message);
                cx.error(error.exception(exception).target(place.display().to_string()))?;
                continue;
            }
            let options = Options { append, ..Options::read(bound) };
            match Target::open(&place.display().to_string(), &options) {
                Ok(target) => targets.push(target),
                Err(error) => {
                    let id = "GetContentWriterUnauthorizedAccessError";
                    let exception = error.exception_value().cloned().unwrap_or_default();
                    let error = ErrorRecord::new(id, Category::PermissionDenied, error.message());
                    cx.error(error.exception(exception).target(place.display().to_string()))?;
                }
            }
        }
        self.open = Some(targets);
        Ok(())
    }

    fn process(&mut self, bound: &Bound, append: bool, cx: &mut Context) -> Result<(), Halt> {
        if self.open.is_none() {
            self.open(bound, append, cx)?;
        }
        let value = bound.get("Value").cloned().unwrap_or_default();
        let items = if value.is_null() { Vec::new() } else { enumerate(value) };
        for item in items {
            for target in self.open.iter_mut().flatten() {
                if bound.switch("AsByteStream") {
                    target.bytes(&[byte(&item)?])?;
                    continue;
                }
                // An object says its properties here.
                let line = if matches!(item, Value::Record(_)) { text::to_text(&item) } else { text::to_string(&item) };
                if bound.switch("NoNewline") { target.write(&line) } else { target.line(&line) }?;
            }
            if bound.switch("PassThru") {
                cx.output(item)?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Halt> {
        Ok(self.open.take().into_iter().flatten().try_for_each(Target::finish)?)
    }
}

fn byte(item: &Value) -> Result<u8, ErrorRecord> {
    let found = match item {
        Value::Int(n) => u8::try_from(*n).ok(),
        other => text::to_text(other).trim().parse().ok(),
    };
    found.ok_or_else(|| {
        let message = format!("\"{item}\" is no byte: a number from 0 to 255.");
        ErrorRecord::new("ArgumentException", Category::InvalidArgument, message)
    })
}

/// Set-Content.
#[derive(Default)]
pub struct SetContent(Writing);

impl ObjectCmdlet for SetContent {
    const NAME: &'static str = "Set-Content";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A file of names", run: "\"Ken Myer\", \"Pilar Ackerman\" | Set-Content names.txt" }];

    fn spec() -> CmdletSpec {
        spec(Self::NAME)
    }
}

impl Run for SetContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.0.process(bound, false, cx)
    }

    fn end(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.0.end()
    }
}

/// Add-Content.
#[derive(Default)]
pub struct AddContent(Writing);

impl ObjectCmdlet for AddContent {
    const NAME: &'static str = "Add-Content";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "One line more", run: "Add-Content names.txt \"Hao Chen\"" }];

    fn spec() -> CmdletSpec {
        spec(Self::NAME)
    }
}

impl Run for AddContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.0.process(bound, true, cx)
    }

    fn end(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.0.end()
    }
}
