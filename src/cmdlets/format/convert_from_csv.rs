//! ConvertFrom-Csv: lines of comma-separated values as objects.

use super::csv::Rows;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::{input, texts};
use crate::error::Halt;

/// ConvertFrom-Csv.
#[derive(Default)]
pub struct ConvertFromCsv {
    rows: Option<Rows>,
}

impl ObjectCmdlet for ConvertFromCsv {
    const NAME: &'static str = "ConvertFrom-Csv";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Two lines, one object", run: "\"Name,Site\", \"pool1,Redmond\" | ConvertFrom-Csv" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .input()
            .mandatory()
            .at(0)
            .parameter("Delimiter", ParameterType::String)
            .doc("char")
            .at(1)
            .switch("UseCulture")
            .parameter("Header", many(ParameterType::String))
            .not_empty()
            .build()
    }
}

impl Run for ConvertFromCsv {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.rows = Some(Rows::new(bound)?);
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        for text in texts(input(bound)) {
            for line in text.lines() {
                if let Some(object) = rows.line(line, cx)? {
                    cx.output(object)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        match rows.finish(cx)? {
            Some(object) => cx.output(object),
            None => Ok(()),
        }
    }
}
