//! ConvertTo-Csv: objects as lines of comma-separated values.

use super::csv;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::input;
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::format::csv::Writer;
use crate::value::enumerate;

/// ConvertTo-Csv.
#[derive(Default)]
pub struct ConvertToCsv {
    writer: Writer,
    any: bool,
}

impl ObjectCmdlet for ConvertToCsv {
    const NAME: &'static str = "ConvertTo-Csv";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Pools with a semicolon between the fields",
        run: "Get-CsPool | Select-Object Identity, Site | ConvertTo-Csv -Delimiter \";\"",
    }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME).input().mandatory().at(0);
        csv::writing(signature.parameter("Delimiter", ParameterType::String).doc("char").at(1)).build()
    }
}

impl Run for ConvertToCsv {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.writer = Writer::new(csv::options(bound)?);
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for item in input(bound).map(|item| enumerate(item.clone())).unwrap_or_default() {
            if item.is_null() {
                continue;
            }
            if !std::mem::replace(&mut self.any, true)
                && let Some(line) = csv::type_line(&item, bound)
            {
                cx.output(line)?;
            }
            for line in self.writer.lines(&item) {
                cx.output(line)?;
            }
        }
        Ok(())
    }
}
