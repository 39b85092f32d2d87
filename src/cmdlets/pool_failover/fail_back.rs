//! Invoke-CsPoolFailBack: a pool that was failed over serves its users again.

use super::{Order, carry_out};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::pools::Way;
use crate::value::TimeSpan;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct FailBack;

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

impl Cmdlet for FailBack {
    const NAME: &'static str = "Invoke-CsPoolFailBack";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[Example {
        what: "See whether a pool could be given its users back",
        run: "Invoke-CsPoolFailBack -PoolFqdn dub-pool.litwareinc.com -WhatIf",
    }];
    // It asks nothing of its own and writes no error that would not matter, so there is nothing to suppress.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let skip = args.skip_data_verification;
        carry_out(&Order::new(&args.pool_fqdn, Way::Back, args.disaster_mode, skip, args.wait_time), cx)
    }
}
