//! Remove-CsUserDocument: deletes what a pool keeps of a user.

use super::{homed, identity, kind, reach, refuse_in_resiliency, signature};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::Directory;
use crate::pools::{DocumentChange, Order, Query, What};
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
        let what = What::parse(&args.kind)?;
        if self.directory.is_none() {
            self.directory = Some(Directory::load(cx.deployment()?.store())?);
        }
        // It was put there just now.
        let (user, pool) = homed(self.directory.as_ref().ok_or(Halt::Interrupted)?, &args.identity)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        refuse_in_resiliency(cx, &user, &pool)?;
        let users = reach(cx, &pool)?;
        let mut there = false;
        let query = Query { dn: Some(user.dn.clone()), what: Some(what) };
        users.documents(&pool, &query, &mut |_| {
            there = true;
            Ok(false)
        })?;
        if !there {
            let message = format!("{pool} keeps no {} of '{}'.", what.name(), user.display_name);
            let error = ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message);
            return Err(error.target(user.dn.as_str()).hint("Get-CsUserDocument lists what it keeps.").into());
        }
        if cx.should_process(&format!("{} of {}", what.name(), user.dn), Self::NAME)? {
            let changes = vec![DocumentChange::Remove { dn: user.dn.clone(), what }];
            users.change(&pool, &Order { changes, entry: grant.entry("Changed") })?;
        }
        Ok(())
    }
}
