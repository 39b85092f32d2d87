//! Select-String: the texts in which a pattern is found.

use super::matched;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::file::paths;
use crate::cmdlets::format::file;
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{input, items, string, texts};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::pattern::{self, IGNORE_CASE, Pattern};
use crate::value::{Record, Str, Value, text};
use std::collections::VecDeque;
use std::rc::Rc;

/// Select-String.
#[derive(Default)]
pub struct SelectString {
    patterns: Vec<(Str, Rc<Pattern>)>,
    line: i64,
    before: VecDeque<Str>,
    /// Matches that still want lines after them, with how many.
    waiting: VecDeque<(Record, usize)>,
    context: (usize, usize),
    found: bool,
}

impl ObjectCmdlet for SelectString {
    const NAME: &'static str = "Select-String";
    const ALIASES: &'static [&'static str] = &["sls"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Texts that hold a word", run: "\"pool1\",\"edge1\",\"pool2\" | Select-String pool" },
        Example { what: "Where the logs say it", run: "Get-ChildItem *.log | Select-String \"Failed\" -Context 1" },
        Example {
            what: "Cmdlets that speak of voice",
            run: "(Get-CsAdminRole CsHelpDesk).Cmdlets | Select-String Voice | ForEach-Object Line",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Object", "File", "LiteralFile"])
            .parameter("InputObject", ParameterType::Object)
            .mandatory()
            .by_value()
            .allow_null()
            .only(&["Object"])
            .parameter("Pattern", many(ParameterType::String))
            .mandatory()
            .at(0)
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(1)
            .by_property()
            .only(&["File"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["LiteralFile"])
            .parameter("Include", many(ParameterType::String))
            .not_empty()
            .parameter("Exclude", many(ParameterType::String))
            .not_empty()
            .parameter("Encoding", file::encodings())
            .switch("SimpleMatch")
            .switch("CaseSensitive")
            .switch("Quiet")
            .switch("List")
            .switch("Raw")
            .switch("NotMatch")
            .switch("AllMatches")
            .switch("NoEmphasis")
            .parameter("Context", many(int()))
            .range(0.0, i32::MAX.into())
            .build()
    }
}

impl SelectString {
    /// Looks at one line; `false` ends the search of its file.
    fn look(&mut self, line: &str, whole: &Value, path: &str, bound: &Bound, cx: &mut Context) -> Result<bool, Halt> {
        self.line += 1;
        let mut fed = std::mem::take(&mut self.waiting);
        for (record, left) in &mut fed {
            matched::add_after(record, line);
            *left -= 1;
        }
        for (record, left) in fed {
            if left == 0 { cx.output(matched::whole(record))? } else { self.waiting.push_back((record, left)) }
        }
        let mut hit = None;
        for (pattern, compiled) in &self.patterns {
            if compiled.is_match(line)? {
                hit = Some((pattern, compiled));
                break;
            }
        }
        let (pattern, matches) = match (hit, bound.switch("NotMatch")) {
            (Some((pattern, compiled)), false) => {
                (pattern.clone(), matched::matches(compiled, line, bound.switch("AllMatches"))?)
            }
            (None, true) => (self.patterns.first().map(|(pattern, _)| pattern.clone()).unwrap_or_default(), Vec::new()),
            _ => {
                self.remember(line);
                return Ok(true);
            }
        };
        self.found = true;
        if bound.switch("Quiet") {
            return Ok(false);
        }
        if bound.switch("Raw") {
            cx.output(whole.clone())?;
        } else {
            let place = matched::Place {
                line,
                number: self.line,
                path,
                pattern: &pattern,
                ignore_case: !bound.switch("CaseSensitive"),
            };
            let before = (bound.get("Context").is_some()).then(|| self.before.iter().cloned().collect());
            let record = matched::record(&place, matches, before);
            match self.context.1 {
                0 => cx.output(matched::whole(record))?,
                after => self.waiting.push_back((record, after)),
            }
        }
        self.remember(line);
        Ok(true)
    }

    fn remember(&mut self, line: &str) {
        if self.context.0 > 0 {
            self.before.push_back(line.into());
            if self.before.len() > self.context.0 {
                self.before.pop_front();
            }
        }
    }

    /// Puts out the matches that want more lines than there are.
    fn flush(&mut self, cx: &mut Context) -> Result<(), Halt> {
        std::mem::take(&mut self.waiting).into_iter().try_for_each(|(record, _)| cx.output(matched::whole(record)))
    }

    fn file(&mut self, path: &str, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let content = match file::read(path, bound) {
            Ok(content) => content,
            Err(problem) => {
                let error = ErrorRecord::new("ProcessingFile", Category::InvalidArgument, problem.message());
                let exception = problem.exception_value().cloned().unwrap_or_default();
                return paths::tell(error.target(path).exception(exception), cx);
            }
        };
        self.line = 0;
        self.before.clear();
        let seen = self.found;
        for line in content.lines() {
            cx.session.check_interrupt()?;
            self.found = false;
            let on = self.look(line, &Value::str(line), path, bound, cx)?;
            let hit = self.found;
            if !on || (hit && bound.switch("List")) {
                break;
            }
        }
        self.found |= seen;
        self.flush(cx)
    }
}

/// The path of a file that Get-ChildItem or Get-Item put out.
fn file_of(item: &Value) -> Option<Str> {
    match item {
        Value::Record(record) if &*record.kind().name == "System.IO.FileInfo" => {
            record.get("FullName").map(|path| text::to_text(&path))
        }
        _ => None,
    }
}

impl Run for SelectString {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        for pattern in texts(bound.get("Pattern")) {
            let plain = if bound.switch("SimpleMatch") { pattern::escape(&pattern) } else { pattern.to_string() };
            let options = if bound.switch("CaseSensitive") { 0 } else { IGNORE_CASE };
            let compiled = pattern::compile(&plain, options).map_err(|problem| {
                ErrorRecord::new("InvalidRegex", Category::InvalidArgument, problem.message())
                    .hint("-SimpleMatch looks for the text as it stands.")
            })?;
            self.patterns.push((pattern, compiled));
        }
        let sizes: Vec<usize> = items(bound.get("Context"))
            .iter()
            .filter_map(|size| match size {
                Value::Int(size) => usize::try_from(*size).ok(),
                _ => None,
            })
            .collect();
        self.context = match sizes.as_slice() {
            [] => (0, 0),
            [both] => (*both, *both),
            [before, after, ..] => (*before, *after),
        };
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if bound.get("Path").or(bound.get("LiteralPath")).is_some() {
            let choice = paths::Choice::read(bound)?;
            for path in paths::given(bound, cx)?.iter().filter(|path| !path.is_dir() && choice.wants(path)) {
                if self.found && bound.switch("Quiet") {
                    break;
                }
                self.file(&paths::full(path).display().to_string(), bound, cx)?;
            }
            return Ok(());
        }
        let Some(given) = input(bound) else { return Ok(()) };
        for item in items(Some(given)) {
            if self.found && bound.switch("Quiet") {
                break;
            }
            // A file stands for its lines.
            match file_of(&item) {
                Some(path) => self.file(&path, bound, cx)?,
                None => drop(self.look(&text::to_text(&item), &item, matched::STREAM, bound, cx)?),
            }
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.flush(cx)?;
        if bound.switch("Quiet") && (self.found || string(bound, "Path").is_some()) {
            return cx.output(self.found);
        }
        Ok(())
    }
}
