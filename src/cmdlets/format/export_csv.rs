//! Export-Csv: objects into a file of comma-separated values.

use super::csv;
use super::file::{self, Target};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::input;
use crate::cmdlets::object::signature::Signature;
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::csv::{Reader, Writer};
use crate::value::{Str, Value, enumerate, member, same_name, text};

/// Export-Csv.
#[derive(Default)]
pub struct ExportCsv {
    writer: Writer,
    /// `None` under -WhatIf.
    target: Option<Target>,
    /// The columns of the file that is appended to.
    columns: Option<Vec<Str>>,
    any: bool,
}

impl ObjectCmdlet for ExportCsv {
    const NAME: &'static str = "Export-Csv";
    const ALIASES: &'static [&'static str] = &["epcsv"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Users for a spreadsheet",
        run: "Get-CsUser | Select-Object DisplayName, SipAddress | Export-Csv users.csv -NoTypeInformation",
    }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .should_process()
            .input()
            .mandatory()
            .parameter("Path", ParameterType::String)
            .at(0)
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .switch("Force")
            .switch("NoClobber")
            .aliases(&["NoOverwrite"])
            .parameter("Encoding", file::encodings())
            .switch("Append")
            .parameter("Delimiter", ParameterType::String)
            .doc("char")
            .at(1);
        csv::writing(signature).build()
    }
}

impl ExportCsv {
    /// The object fits the columns that the file has.
    fn check(&self, item: &Value) -> Result<(), ErrorRecord> {
        let Some(columns) = &self.columns else { return Ok(()) };
        let names = member::names(item);
        let Some(missing) = columns.iter().find(|column| !names.iter().any(|name| same_name(name, column))) else {
            return Ok(());
        };
        let message = format!("The file has a column {missing}, and the object has no such property.");
        let error = ErrorRecord::new("CannotAppendCsvWithMismatchedPropertyNames", Category::InvalidData, message);
        Err(error.hint("-Force leaves the field empty.").target(item.clone()))
    }
}

impl Run for ExportCsv {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let path = file::path(bound, "Path");
        let given = [bound.get("Path"), bound.get("LiteralPath")].into_iter().flatten();
        if given.filter(|path| !text::to_text(path).is_empty()).count() != 1 {
            let error = ErrorRecord::new(
                "CannotSpecifyPathAndLiteralPath",
                Category::InvalidData,
                "Export-Csv writes one file: give -Path or -LiteralPath.",
            );
            return Err(error.hint("... | Export-Csv pools.csv").into());
        }
        let options = csv::options(bound)?;
        if bound.switch("Append")
            && let Some(line) = file::first_line(&path, bound)?
        {
            let names = Reader::new(options.delimiter).line(&line).unwrap_or_default();
            let names: Vec<Str> = names.into_iter().map(Str::from).collect();
            self.columns = (!bound.switch("Force")).then(|| names.clone());
            self.writer = Writer::continuing(options, names);
            self.any = true;
        } else {
            self.writer = Writer::new(options);
        }
        if cx.should_process(&path, "Export-Csv")? {
            self.target = Some(Target::open(&path, &file::Options::read(bound))?);
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for item in input(bound).map(|item| enumerate(item.clone())).unwrap_or_default() {
            cx.session.check_interrupt()?;
            if item.is_null() {
                continue;
            }
            self.check(&item)?;
            let Some(target) = &mut self.target else { continue };
            if !std::mem::replace(&mut self.any, true)
                && let Some(line) = csv::type_line(&item, bound)
            {
                target.line(&line)?;
            }
            self.writer.lines(&item).iter().try_for_each(|line| target.line(line))?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        if let Some(target) = self.target.take() {
            target.finish()?;
        }
        Ok(())
    }
}
