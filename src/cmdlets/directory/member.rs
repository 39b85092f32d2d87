//! Who is in a group: how that is changed.

use super::{Entries, by_property, change, entry, switch};
use crate::access::Place;
use crate::cmdlet::Context;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlets::signature::ours;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Directory, Group, dn};
use crate::store::Change;
use serde::Deserialize;

/// The parameters of both cmdlets.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    members: Vec<String>,
    #[serde(default)]
    pass_thru: bool,
}

/// Their signature: users and groups come from the pipeline as members.
pub fn spec(name: &str) -> CmdletSpec {
    let texts = ParameterType::Array(Box::new(ParameterType::String));
    let role = SetMembership { mandatory: true, position: Some(1), by_property_name: true, ..SetMembership::default() };
    let members = ParameterSpec {
        aliases: vec!["SamAccountName".into()],
        sets: vec![role],
        ..by_property(ours("Members", texts, "String[]"))
    };
    change(name, vec![super::identity(true, "String"), members, switch("PassThru")])
}

/// What is made of a group's members: the new list, the changes beside that of the group, and the names for messages.
struct Edit {
    members: Vec<String>,
    beside: Vec<Change>,
    names: Vec<String>,
}

/// Changes who is in a group; `into` it or out of it.
pub fn change_members(entries: &mut Entries, args: &Args, into: bool, cx: &mut Context) -> Result<(), Halt> {
    let grant = cx.authorize(&Place::Global)?;
    let directory = entries.now(cx)?;
    let group = entry::find_group(directory, &args.identity)?;
    let mut edit = Edit { members: group.members.clone(), beside: Vec::new(), names: Vec::new() };
    let mut asked: Vec<String> = Vec::new();
    for name in &args.members {
        let done = if into { edit.add(directory, group, name) } else { edit.remove(directory, group, name) };
        match done {
            Ok(true) => {}
            Ok(false) => {
                asked.push(name.to_string());
                cx.verbose(format!("'{name}' is in {} already.", group.sam_account_name));
            }
            Err(error) => cx.error(error)?,
        }
    }
    let (mut group, mut version) = (group.clone(), directory.version_of_group(group));
    // What is as asked already is asked for all the same; what gave an error is not.
    let names = if edit.names.is_empty() { &asked } else { &edit.names };
    let action = format!("{} {}", cx.command, names.join(", "));
    if !names.is_empty() && cx.should_process(&group.dn, &action)? && !edit.names.is_empty() {
        group.members = edit.members;
        let mut changes = vec![people::group_change(&group, version)?];
        changes.append(&mut edit.beside);
        version = cx.deployment()?.store().commit(&grant, &changes)?;
    }
    if args.pass_thru {
        cx.output(entry::group_record(directory, &group, version))?;
    }
    Ok(())
}

impl Edit {
    /// Puts a user or a group in; `false` if it is in already.
    fn add(&mut self, directory: &Directory, group: &Group, name: &str) -> Result<bool, ErrorRecord> {
        let found = entry::find(directory, name)?;
        if self.members.iter().any(|member| dn::normal(member) == dn::normal(found.dn())) {
            return Ok(false);
        }
        // The member is written as it is: were it removed, and another made of its name, while this is under way, the
        // other would be in the group. So the store refuses this then.
        self.beside.push(match found {
            entry::Entry::User(user) => people::user_change(user, directory.version_of(user))?,
            entry::Entry::Group(member) => {
                if member.dn == group.dn || directory.groups_holding(&group.dn).any(|above| above.dn == member.dn) {
                    return Err(cycle(group, member));
                }
                people::group_change(member, directory.version_of_group(member))?
            }
        });
        self.members.push(found.dn().to_string());
        self.names.push(found.name().to_string());
        Ok(true)
    }

    /// Takes a user or a group out, by distinguished name one too that is gone from the directory.
    fn remove(&mut self, directory: &Directory, group: &Group, name: &str) -> Result<bool, ErrorRecord> {
        let gone = |wanted: &str| self.members.iter().position(|member| dn::normal(member) == dn::normal(wanted));
        let (at, shown) = match entry::find(directory, name) {
            Ok(found) => (gone(found.dn()), found.name().to_string()),
            Err(error) => match gone(name) {
                Some(at) => (Some(at), name.to_string()),
                None => return Err(error),
            },
        };
        let Some(at) = at else {
            let message = format!("'{shown}' is not itself a member of {}.", group.sam_account_name);
            let error = ErrorRecord::new("MemberNotFound", Category::ObjectNotFound, message).target(name);
            return Err(error.hint(format!("Get-CsGroup '{}' shows who is.", group.sam_account_name)));
        };
        self.members.remove(at);
        self.names.push(shown);
        Ok(true)
    }
}

/// The changes that take an entry out of all groups.
///
/// # Errors
/// None: a group can always be written as JSON.
pub fn out_of_all(directory: &Directory, gone: &str) -> Result<Vec<Change>, ErrorRecord> {
    let gone = dn::normal(gone);
    let change = |group: &Group| {
        let mut after = group.clone();
        after.members.retain(|member| dn::normal(member) != gone);
        people::group_change(&after, directory.version_of_group(group))
    };
    directory.groups_with(&gone).map(change).collect()
}

fn cycle(group: &Group, member: &Group) -> ErrorRecord {
    let (group, member) = (&group.sam_account_name, &member.sam_account_name);
    let message = if group == member {
        format!("The group {group} cannot be a member of itself.")
    } else {
        format!("The group {member} cannot be a member of {group}, because {group} is in {member}.")
    };
    ErrorRecord::new("GroupCycle", Category::InvalidOperation, message)
        .hint(format!("Get-CsGroup -Member '{group}' shows the groups that it is in."))
        .target(member.as_str())
}
