//! Write-Warning, Write-Verbose, Write-Debug, Write-Information: a text on a stream of its own.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::string;
use crate::error::Halt;

fn message(name: &str) -> CmdletSpec {
    Signature::new(name)
        .parameter("Message", ParameterType::String)
        .aliases(&["Msg"])
        .mandatory()
        .at(0)
        .by_value()
        .allow_empty_string()
        .build()
}

/// Write-Warning.
#[derive(Default)]
pub struct WriteWarning;

impl ObjectCmdlet for WriteWarning {
    const NAME: &'static str = "Write-Warning";
    const EXAMPLES: &'static [Example] = &[Example { what: "Warns", run: "Write-Warning \"The replica is late.\"" }];

    fn spec() -> CmdletSpec {
        message(Self::NAME)
    }
}

impl Run for WriteWarning {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.warning(string(bound, "Message").unwrap_or_default().to_string());
        Ok(())
    }
}

/// Write-Verbose.
#[derive(Default)]
pub struct WriteVerbose;

impl ObjectCmdlet for WriteVerbose {
    const NAME: &'static str = "Write-Verbose";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Says what is done, to who asks", run: "Write-Verbose \"Reading the topology.\" -Verbose" }];

    fn spec() -> CmdletSpec {
        message(Self::NAME)
    }
}

impl Run for WriteVerbose {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.verbose(string(bound, "Message").unwrap_or_default().to_string());
        Ok(())
    }
}

/// Write-Debug.
#[derive(Default)]
pub struct WriteDebug;

impl ObjectCmdlet for WriteDebug {
    const NAME: &'static str = "Write-Debug";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Says what a programmer wants to know", run: "Write-Debug \"18 pools\" -Debug" }];

    fn spec() -> CmdletSpec {
        message(Self::NAME)
    }
}

impl Run for WriteDebug {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.debug(string(bound, "Message").unwrap_or_default().to_string());
        Ok(())
    }
}

/// Write-Information.
#[derive(Default)]
pub struct WriteInformation;

impl ObjectCmdlet for WriteInformation {
    const NAME: &'static str = "Write-Information";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Puts a text on the information stream, and shows it",
        run: "Write-Information \"Half done\" -InformationAction Continue",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("MessageData", ParameterType::Object)
            .aliases(&["Msg", "Message"])
            .mandatory()
            .at(0)
            .by_value()
            .allow_null()
            .parameter("Tags", many(ParameterType::String))
            .at(1)
            .build()
    }
}

impl Run for WriteInformation {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.information_if_wanted(string(bound, "MessageData").unwrap_or_default().to_string());
        Ok(())
    }
}
