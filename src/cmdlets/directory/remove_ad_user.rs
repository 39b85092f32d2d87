//! Remove-CsAdUser: a user leaves the directory, and all groups.

use super::{Entries, change, identity, member, switch};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, User, document_id};
use crate::store::{Change, Expected};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveAdUser {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    #[serde(default)]
    force: bool,
}

/// What takes a user out of groups.
const LEAVE_GROUPS: &str = "Remove-CsGroupMember";

impl Cmdlet for RemoveAdUser {
    const NAME: &'static str = "Remove-CsAdUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "See which users that are not enabled would be removed",
            run: "Get-CsAdUser -Filter {Enabled -ne $true} | Remove-CsAdUser -WhatIf",
        },
        Example { what: "Remove a user who is enabled", run: "Remove-CsAdUser -Identity viewer -Force" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(change(Self::NAME, vec![identity(true, "UserIdParameter"), switch("Force")]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.remove(&args, cx);
        go_on(result, cx)
    }
}

impl RemoveAdUser {
    fn remove(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let directory = self.entries.now(cx)?;
        let user = directory.find_user(&args.identity)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        if user.has_account() && !args.force {
            return Err(enabled(user).into());
        }
        // The name of the user leaves the groups too, or whoever got it next would be in them. And so it takes the
        // right to change who is in a group: a user administrator removes no administrator.
        if directory.groups_with(&user.dn).next().is_some() {
            let names: Vec<&str> = directory.groups_with(&user.dn).map(|group| &*group.sam_account_name).collect();
            let leave = cx.session.authorize(LEAVE_GROUPS, cx.bound, &Place::Global);
            leave.map_err(|halt| match halt {
                Halt::Error(error) => {
                    let hint =
                        format!("{} is in groups, and would leave them: {}.", user.sam_account_name, names.join(", "));
                    Halt::Error(error.hint(hint))
                }
                other => other,
            })?;
        }
        if !cx.should_process(&user.dn, Self::NAME)? {
            return Ok(());
        }
        let expected = Expected::Version(directory.version_of(user));
        let mut changes = vec![Change { id: document_id(people::USER, &user.dn), expected, body: None }];
        changes.extend(member::out_of_all(directory, &user.dn)?);
        cx.deployment()?.store().commit(&grant, &changes)?;
        Ok(())
    }
}

fn enabled(user: &User) -> ErrorRecord {
    let message = format!("The user '{}' has an account: {}.", user.display_name, user.sip_address);
    ErrorRecord::new("UserEnabled", Category::InvalidOperation, message)
        .hint("Disable-CsUser takes the account away; -Force removes the user with it.")
        .target(user.dn.as_str())
}
