//! Invoke-History and Clear-History: earlier commands of this session, again or no more.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::{Category, ErrorRecord, Halt};

/// Invoke-History. At the prompt the shell puts the command in its place before anything runs: a command that a script
/// picks while it runs could not be checked.
#[derive(Default)]
pub struct InvokeHistory;

impl ObjectCmdlet for InvokeHistory {
    const NAME: &'static str = "Invoke-History";
    const ALIASES: &'static [&'static str] = &["ihy", "r"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "At the prompt, the last command again", run: "Get-Command Invoke-History" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).parameter("Id", ParameterType::String).at(0).by_property().build()
    }
}

impl Run for InvokeHistory {
    fn process(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let message = "Invoke-History stands alone in a line of the prompt.";
        let error = ErrorRecord::new("InvokeHistoryNotAtPrompt", Category::InvalidOperation, message);
        Err(error.hint("Write the command itself; Get-History shows it.").into())
    }
}

/// Clear-History.
#[derive(Default)]
pub struct ClearHistory;

impl ObjectCmdlet for ClearHistory {
    const NAME: &'static str = "Clear-History";
    const ALIASES: &'static [&'static str] = &["clhy"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Forgets the commands of the session", run: "Clear-History" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).should_process().build()
    }
}

impl Run for ClearHistory {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if cx.should_process("Session history", "Clear History")? {
            cx.session.clear_history();
        }
        Ok(())
    }
}
