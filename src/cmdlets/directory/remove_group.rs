//! Remove-CsGroup: a group is no more, nor is it a member of others.

use super::entry::{self, GROUP_TYPE};
use super::{Entries, change, identity};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Group, document_id, groundwork};
use crate::store::{Change, Expected};
use crate::value::Value;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveGroup {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for RemoveGroup {
    const NAME: &'static str = "Remove-CsGroup";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Remove a group", run: "Remove-CsGroup -Identity \"Service Desk Leads\"" },
        Example {
            what: "See which groups without members would be removed",
            run: "Get-CsGroup | Where-Object {$_.Members.Count -eq 0 -and $_.SamAccountName -notmatch \"^(Cs|RTC|Schema)\"} | Remove-CsGroup -WhatIf",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(change(Self::NAME, vec![identity(true, "String")]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.remove(&args, cx);
        go_on(result, cx)
    }
}

impl RemoveGroup {
    fn remove(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let roles = cx.session.roles()?;
        let directory = self.entries.now(cx)?;
        let group = entry::find_group(directory, &args.identity)?;
        let role = roles.get(&group.sam_account_name);
        if groundwork::is_predefined(&group.sam_account_name) || role.is_some_and(|role| role.standard) {
            return Err(predefined(group).into());
        }
        if role.is_some() {
            return Err(in_use(group).into());
        }
        if !cx.should_process(&group.dn, Self::NAME)? {
            return Ok(());
        }
        // An object from the pipeline may be older than what was read here: then it is the one that counts.
        let stamp = match cx.bound.input() {
            Some(Value::Record(record)) if &*record.kind().name == GROUP_TYPE => record.stamp(),
            _ => None,
        };
        let expected = Expected::Version(stamp.unwrap_or_else(|| directory.version_of_group(group)));
        let mut changes = vec![Change { id: document_id(people::GROUP, &group.dn), expected, body: None }];
        changes.extend(super::member::out_of_all(directory, &group.dn)?);
        cx.deployment()?.store().commit(&grant, &changes)?;
        Ok(())
    }
}

fn predefined(group: &Group) -> ErrorRecord {
    let message = format!("{} is a group that every deployment has: it cannot be removed.", group.sam_account_name);
    ErrorRecord::new("PredefinedGroup", Category::InvalidOperation, message)
        .hint("Remove-CsGroupMember takes its members out of it.")
        .target(group.sam_account_name.as_str())
}

fn in_use(group: &Group) -> ErrorRecord {
    let name = &group.sam_account_name;
    let message = format!("The group {name} holds the role of its name: it cannot be removed before the role.");
    ErrorRecord::new("GroupInUse", Category::InvalidOperation, message)
        .hint(format!("Remove the role first: Remove-CsAdminRole -Identity '{name}'."))
        .target(name.as_str())
}
