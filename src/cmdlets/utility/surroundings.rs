//! What a script runs in: Get-Culture, Get-UICulture, Get-Host, Get-PSCallStack, Get-Uptime, Pause.

use crate::cmdlet::host::nobody;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::value::{TimeSpan, date, statics};

/// Get-Culture and Get-UICulture: both the one form that values have here.
#[derive(Default)]
pub struct GetCulture;

impl ObjectCmdlet for GetCulture {
    const NAME: &'static str = "Get-Culture";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "In whose form dates and numbers are", run: "(Get-Culture).Name" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for GetCulture {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.output(statics::get("System.Globalization.CultureInfo", "CurrentCulture")?)
    }
}

/// Get-UICulture.
#[derive(Default)]
pub struct GetUiCulture;

impl ObjectCmdlet for GetUiCulture {
    const NAME: &'static str = "Get-UICulture";
    const EXAMPLES: &'static [Example] = &[Example { what: "The language of messages", run: "(Get-UICulture).Name" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for GetUiCulture {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.output(statics::get("System.Globalization.CultureInfo", "CurrentUICulture")?)
    }
}

/// Get-Host: `$Host`.
#[derive(Default)]
pub struct GetHost;

impl ObjectCmdlet for GetHost {
    const NAME: &'static str = "Get-Host";
    const EXAMPLES: &'static [Example] = &[Example { what: "The program's version", run: "(Get-Host).Version" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for GetHost {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        match cx.blocks.variable("Host") {
            Some(host) => cx.output(host),
            None => Ok(()),
        }
    }
}

/// Get-PSCallStack: which function called which.
#[derive(Default)]
pub struct GetPsCallStack;

impl ObjectCmdlet for GetPsCallStack {
    const NAME: &'static str = "Get-PSCallStack";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Who called a function",
        run: "function Show-Caller { (Get-PSCallStack)[1].Command }; function Test-It { Show-Caller }; Test-It",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for GetPsCallStack {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.blocks.call_stack().into_iter().try_for_each(|frame| cx.output(frame))
    }
}

/// Get-Uptime: how long the computer runs.
#[derive(Default)]
pub struct GetUptime;

impl ObjectCmdlet for GetUptime {
    const NAME: &'static str = "Get-Uptime";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "How long the computer runs", run: "(Get-Uptime).Days -ge 0" },
        Example { what: "Since when", run: "(Get-Uptime -Since) -lt (Get-Date)" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).switch("Since").build()
    }
}

impl Run for GetUptime {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let ticks = up.tv_sec.saturating_mul(date::SECOND);
        if bound.switch("Since") {
            let now = date::to_local(date::now());
            let since = crate::value::DateTime { ticks: now.ticks - now.ticks % date::SECOND - ticks, ..now };
            return cx.output(since);
        }
        cx.output(TimeSpan { ticks })
    }
}

/// Pause: waits for Enter.
#[derive(Default)]
pub struct Pause;

impl ObjectCmdlet for Pause {
    const NAME: &'static str = "Pause";
    const EXAMPLES: &'static [Example] = &[Example { what: "Waits until somebody presses Enter", run: "Pause" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for Pause {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let read = cx.session.host.can_ask().then(|| cx.session.host.read_line("Press Enter to continue...: ", false));
        match read.flatten() {
            Some(_) => Ok(()),
            None => Err(nobody("InvalidOperation", "a line").into()),
        }
    }
}
