//! Invoke-CsPoolFailOver: the backup pool serves the users of a pool.

use super::{Order, carry_out};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::pools::Way;
use crate::value::TimeSpan;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct FailOver;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    #[serde(default)]
    disaster_mode: bool,
    #[serde(default)]
    skip_data_verification: bool,
    wait_time: Option<TimeSpan>,
}

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
    // It asks nothing of its own and writes no error that would not matter, so there is nothing to suppress.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let skip = args.skip_data_verification;
        carry_out(&Order::new(&args.pool_fqdn, Way::Over, args.disaster_mode, skip, args.wait_time), cx)
    }
}
