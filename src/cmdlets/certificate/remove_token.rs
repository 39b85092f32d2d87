//! Remove-CsJoinToken: takes a join token away before it is used.

use super::{by_property, given, records, signature};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::deployment::join_tokens;
use crate::error::{Category, ErrorRecord, Halt};
use crate::store::Change;
use crate::value::same_name;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveJoinToken;

/// Its parameters: what is given selects together.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    id: Option<String>,
    computer: Option<String>,
}

impl Cmdlet for RemoveJoinToken {
    const NAME: &'static str = "Remove-CsJoinToken";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Those that ended, or were used",
        run: "Get-CsJoinToken | Where-Object State -ne Unused | Remove-CsJoinToken",
    }];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let parameters =
            vec![by_property("Id", "String", Some(0), false), by_property("Computer", "Fqdn", None, false)];
        Some(signature(Self::NAME, true, parameters))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = remove(&args, cx);
        go_on(result, cx)
    }
}

fn remove(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let grant = cx.authorize(&Place::Global)?;
    let (id, computer) = (given(args.id.as_ref()), given(args.computer.as_ref()));
    let Some(name) = id.or(computer) else {
        let message = "Which join token is to be removed? Nothing names one.";
        return Err(ErrorRecord::new("JoinTokenNotNamed", Category::InvalidArgument, message)
            .hint("Name it by -Id, or all of a computer by -Computer.")
            .into());
    };
    let deployment = cx.deployment()?;
    let mut found = join_tokens::list(deployment.store())?;
    found.retain(|token| {
        id.is_none_or(|id| same_name(id, records::id(token)))
            && computer.is_none_or(|name| same_name(name, &token.computer))
    });
    if found.is_empty() {
        return Err(ErrorRecord::new(
            "JoinTokenNotFound",
            Category::ObjectNotFound,
            format!("There is no join token {name}."),
        )
        .target(name)
        .hint("Get-CsJoinToken lists those that there are.")
        .into());
    }
    let mut changes: Vec<Change> = Vec::new();
    for token in &found {
        let target = format!("{} of {}", records::id(token), token.computer);
        if cx.should_process(&target, RemoveJoinToken::NAME)? {
            changes.push(token.remove());
        }
    }
    if !changes.is_empty() {
        deployment.store().commit(&grant, &changes)?;
    }
    Ok(())
}
