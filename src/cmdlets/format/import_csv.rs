//! Import-Csv: objects from files of comma-separated values.

use super::csv::Rows;
use super::file;
use super::lines::Lines;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt};

/// Import-Csv.
#[derive(Default)]
pub struct ImportCsv;

impl ObjectCmdlet for ImportCsv {
    const NAME: &'static str = "Import-Csv";
    const ALIASES: &'static [&'static str] = &["ipcsv"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "What Export-Csv wrote",
        run: "Get-CsSite | Select-Object Identity | Export-Csv sites.csv; Import-Csv sites.csv",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["DelimiterPath", "DelimiterLiteralPath", "CulturePath", "CultureLiteralPath"])
            .parameter("Path", many(ParameterType::String))
            .at(0)
            .by_value()
            .only(&["DelimiterPath", "CulturePath"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["DelimiterLiteralPath", "CultureLiteralPath"])
            .parameter("Delimiter", ParameterType::String)
            .doc("char")
            .at(1)
            .only(&["DelimiterPath", "DelimiterLiteralPath"])
            .switch("UseCulture")
            .mandatory()
            .only(&["CulturePath", "CultureLiteralPath"])
            .parameter("Header", many(ParameterType::String))
            .not_empty()
            .parameter("Encoding", file::encodings())
            .build()
    }
}

impl Run for ImportCsv {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut paths = texts(bound.get("Path"));
        paths.extend(texts(bound.get("LiteralPath")));
        if paths.is_empty() {
            let message = "Import-Csv reads a file: give -Path or -LiteralPath.";
            let error = ErrorRecord::new("CannotSpecifyPathAndLiteralPath", Category::InvalidData, message);
            return Err(error.hint("Import-Csv pools.csv").into());
        }
        for path in paths {
            let mut rows = Rows::new(bound)?;
            for line in Lines::open(&path, bound)? {
                cx.session.check_interrupt()?;
                if let Some(object) = rows.line(&line?, cx)? {
                    cx.output(object)?;
                }
            }
            if let Some(object) = rows.finish(cx)? {
                cx.output(object)?;
            }
        }
        Ok(())
    }
}
