//! Out-Host: to the terminal, past variables and files.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::{input, warn_of};
use crate::error::Halt;

/// Out-Host.
#[derive(Default)]
pub struct OutHost;

impl ObjectCmdlet for OutHost {
    const NAME: &'static str = "Out-Host";
    const ALIASES: &'static [&'static str] = &["oh"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Shows the pools, whatever takes the output", run: "Get-CsPool | Out-Host" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).switch("Paging").input().build()
    }
}

impl Run for OutHost {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        warn_of(&["Paging"], bound, cx);
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(item) = input(bound) {
            cx.session.check_interrupt()?;
            cx.session.host.output(item.clone());
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.session.host.flush();
        Ok(())
    }
}
