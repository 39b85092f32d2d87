//! Invoke-CsPoolFailBack: a pool that was failed over serves its users again.

use super::{Args, carry_out};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::error::Halt;
use crate::pools::Way;

/// The cmdlet.
#[derive(Default)]
pub struct FailBack;

impl Cmdlet for FailBack {
    const NAME: &'static str = "Invoke-CsPoolFailBack";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[Example {
        what: "See whether a pool could be given its users back",
        run: "Invoke-CsPoolFailBack -PoolFqdn dub-pool.litwareinc.com -WhatIf",
    }];
    const IF_LOST: Option<&'static str> = Some(
        "Ask first how far it came: the same command with -WhatIf. The same command again goes on where it stopped.",
    );
    const FROM_BOUND: &'static [&'static str] = super::FROM_BOUND;
    const FILES: &'static [FileParameter] = super::FILES;
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        super::amend(spec);
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        carry_out(&args, Way::Back, cx)
    }
}
