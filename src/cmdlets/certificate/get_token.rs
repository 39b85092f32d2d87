//! Get-CsJoinToken: which join tokens there are, without their secrets.

use super::{by_property, given, records, signature};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::deployment::join_tokens;
use crate::error::Halt;
use crate::value::{date, same_name};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetJoinToken;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    computer: Option<String>,
}

impl Cmdlet for GetJoinToken {
    const NAME: &'static str = "Get-CsJoinToken";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All tokens", run: "Get-CsJoinToken" },
        Example { what: "Those that were not used", run: "Get-CsJoinToken | Where-Object State -eq Unused" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(signature(Self::NAME, false, vec![by_property("Computer", "Fqdn", Some(0), false)]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let now = date::now();
        let asked = given(args.computer.as_ref());
        for token in join_tokens::list(deployment.store())? {
            if asked.is_none_or(|name| same_name(name, &token.computer)) {
                cx.output(records::token(&token, now))?;
            }
        }
        Ok(())
    }
}
