//! Remove-CsUserDocument: deletes what a pool keeps of a user.

use super::{Changing, identity, kind, reach, signature};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::Directory;
use crate::pools::{DocumentChange, Query};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveDocument {
    directory: Option<Directory>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    kind: String,
}

impl Cmdlet for RemoveDocument {
    const NAME: &'static str = "Remove-CsUserDocument";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "See which notes of a pool's users would go",
            run: "Get-CsUserDocument -PoolFqdn atl-cs-001.litwareinc.com -Kind Note | Remove-CsUserDocument -WhatIf",
        },
        Example {
            what: "Write a note, and remove it again",
            run: "Set-CsUserDocument \"Pilar Ackerman\" Note @{Text = \"At lunch\"}; Remove-CsUserDocument \"Pilar Ackerman\" Note",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(signature(Self::NAME, true, vec![identity(true), kind(true)]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.remove(&args, cx);
        go_on(result, cx)
    }
}

impl RemoveDocument {
    fn remove(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let changing = Changing::find(cx, &mut self.directory, &args.identity, &args.kind)?;
        let Changing { what, user, pool, .. } = &changing;
        let users = reach(cx, pool)?;
        let mut there = false;
        let query = Query { dn: Some(user.dn.clone()), what: Some(*what) };
        users.documents(pool, &query, &mut |_| {
            there = true;
            Ok(false)
        })?;
        if !there {
            let message = format!("{pool} keeps no {} of '{}'.", what.name(), user.display_name);
            let error = ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message);
            return Err(error.target(user.dn.as_str()).hint("Get-CsUserDocument lists what it keeps.").into());
        }
        if cx.should_process(&changing.target(), Self::NAME)? {
            let order = changing.order(DocumentChange::Remove { dn: user.dn.clone(), what: *what });
            users.change(pool, &order)?;
        }
        Ok(())
    }
}
