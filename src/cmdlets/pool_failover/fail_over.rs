//! Invoke-CsPoolFailOver: the backup pool serves the users of a pool.

use super::{Args, carry_out};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::error::Halt;
use crate::pools::Way;

/// The cmdlet.
#[derive(Default)]
pub struct FailOver;

impl Cmdlet for FailOver {
    const NAME: &'static str = "Invoke-CsPoolFailOver";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "See whether a pool could be failed over, and what stands in the way",
            run: "Invoke-CsPoolFailOver -PoolFqdn dub-pool.litwareinc.com -WhatIf",
        },
        Example {
            what: "See the same for a pool that is lost",
            run: "Invoke-CsPoolFailOver -PoolFqdn lon-pool.litwareinc.com -DisasterMode -WhatIf",
        },
    ];
    const IF_LOST: Option<&'static str> = Some(
        "Ask first how far it came: the same command with -WhatIf. The same command again goes on where it stopped; \
         Invoke-CsPoolFailBack undoes it, or leads back where the switch was made.",
    );
    const FROM_BOUND: &'static [&'static str] = super::FROM_BOUND;
    const FILES: &'static [FileParameter] = super::FILES;
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        super::amend(spec);
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        carry_out(&args, Way::Over, cx)
    }
}
