//! Entries of the directory for these cmdlets: found, named, placed, shown.

use crate::cmdlet::Context;
use crate::env::{Random, SystemRandom};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{Directory, Group, OrganizationalUnit, User, dn, groundwork};
use crate::value::{Record, RecordType, TextForm, Value, near, same_name, wildcard};
use std::sync::Arc;

/// What `Get-CsGroup` puts out.
pub const GROUP_TYPE: &str = "Reeve.Group";
/// The longest logon name.
const LONGEST: usize = 64;
/// What a logon name cannot have.
const NOT_IN_NAMES: &[char] = &['"', '/', '\\', '[', ']', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@'];

/// A user or a group.
pub enum Entry<'a> {
    /// A user.
    User(&'a User),
    /// A group.
    Group(&'a Group),
}

impl Entry<'_> {
    /// Its distinguished name.
    pub fn dn(&self) -> &str {
        match self {
            Entry::User(user) => &user.dn,
            Entry::Group(group) => &group.dn,
        }
    }

    /// Its logon name.
    pub fn name(&self) -> &str {
        match self {
            Entry::User(user) => &user.sam_account_name,
            Entry::Group(group) => &group.sam_account_name,
        }
    }
}

/// The user or the group of a name.
///
/// # Errors
/// `AmbiguousIdentity`, `ManagementObjectNotFound` with the near name.
pub fn find<'a>(directory: &'a Directory, name: &str) -> Result<Entry<'a>, ErrorRecord> {
    match (directory.find_group(name.trim()), directory.find_user(name)) {
        (Some(group), Err(error)) if error.id() == "ManagementObjectNotFound" => Ok(Entry::Group(group)),
        (Some(_), _) => {
            let message = format!("A group is named '{name}', and a user too.");
            let error = ErrorRecord::new("AmbiguousIdentity", Category::InvalidArgument, message).target(name);
            Err(error.hint("Give the distinguished name, or the user's address."))
        }
        (None, Ok(user)) => Ok(Entry::User(user)),
        (None, Err(error)) if error.id() == "ManagementObjectNotFound" => {
            let message = format!("There is neither a user nor a group '{name}' in the directory.");
            let new = ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message).target(name);
            Err(match near::nearest(name, directory.groups().map(|group| group.sam_account_name.as_str())) {
                Some(near) => new.hint(format!("Did you mean the group '{near}'?")),
                None => error.hints().iter().fold(new, |new, hint| new.hint(hint.clone())),
            })
        }
        (None, Err(error)) => Err(error),
    }
}

/// The group of a name.
///
/// # Errors
/// `GroupNotFound` with the near name.
pub fn find_group<'a>(directory: &'a Directory, name: &str) -> Result<&'a Group, ErrorRecord> {
    directory.find_group(name.trim()).ok_or_else(|| {
        let message = format!("There is no group '{name}' in the directory.");
        let error = ErrorRecord::new("GroupNotFound", Category::ObjectNotFound, message).target(name);
        if wildcard::has_wildcard(name) {
            return error.hint("-Identity takes no wildcards; Get-CsGroup -Filter does.");
        }
        match near::nearest(name, directory.groups().map(|group| group.sam_account_name.as_str())) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None => error.hint("Get-CsGroup shows the groups that there are, New-CsGroup makes one."),
        }
    })
}

/// The unit of a distinguished name, or of a name that only one has.
///
/// # Errors
/// `OUNotFound` with the near name, `AmbiguousIdentity`.
pub fn find_ou<'a>(directory: &'a Directory, name: &str) -> Result<&'a OrganizationalUnit, ErrorRecord> {
    let name = name.trim();
    if !dn::is_dn(name) {
        let mut named = directory.ous().filter(|ou| same_name(&ou.name, name));
        match (named.next(), named.next()) {
            (Some(ou), None) => return Ok(ou),
            (Some(one), Some(other)) => {
                let message = format!("More than one organizational unit is named '{name}'.");
                let error = ErrorRecord::new("AmbiguousIdentity", Category::InvalidArgument, message).target(name);
                return Err(error.hint(format!("Give the distinguished name: {}, or {}.", one.dn, other.dn)));
            }
            (None, _) => {}
        }
    }
    directory.find_ou(name).map_err(|error| error.hint("Get-CsOU shows the units that there are, New-CsOU makes one."))
}

/// The root of the deployment's directory: `DC=litwareinc,DC=com`.
pub fn root(cx: &Context) -> Result<String, Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    Ok(groundwork::root_of(&topology, deployment.computer()))
}

/// Where a new user or group goes: into the unit that is named, or where those are for whom none is.
pub fn container(directory: &Directory, ou: Option<&str>, cx: &Context) -> Result<String, Halt> {
    let common = groundwork::container(&root(cx)?);
    match ou {
        Some(ou) if dn::normal(ou) != dn::normal(&common) => Ok(find_ou(directory, ou)?.dn.clone()),
        _ => Ok(common),
    }
}

/// A logon name, checked.
///
/// # Errors
/// `InvalidName`.
pub fn logon_name(name: &str) -> Result<&str, ErrorRecord> {
    let name = shown_name(name)?;
    if name.contains(NOT_IN_NAMES) || name.ends_with('.') {
        let hint = format!("A logon name has none of these: {}; and no full stop at its end.", list(NOT_IN_NAMES));
        return Err(invalid(name).hint(hint));
    }
    Ok(name)
}

/// A name for people to read, checked.
///
/// # Errors
/// `InvalidName`.
pub fn shown_name(name: &str) -> Result<&str, ErrorRecord> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(invalid(name).hint(format!("A name has 1 to {LONGEST} characters, all of which can be printed.")));
    }
    Ok(name)
}

fn list(characters: &[char]) -> String {
    characters.iter().map(char::to_string).collect::<Vec<_>>().join(" ")
}

fn invalid(name: &str) -> ErrorRecord {
    let message = format!("'{name}' cannot be the name of anything in the directory.");
    ErrorRecord::new("InvalidName", Category::InvalidArgument, message).target(name)
}

/// Something has the name already.
pub fn taken(id: &'static str, name: &str, by: &str) -> ErrorRecord {
    let message = format!("The name '{name}' is taken: by {by}.");
    ErrorRecord::new(id, Category::ResourceExists, message).target(name)
}

/// Refuses a distinguished name that something has, or that a group still has among its members: whoever got it would
/// be in that group.
///
/// # Errors
/// `NameInUse`.
pub fn check_dn_free(directory: &Directory, dn: &str) -> Result<(), ErrorRecord> {
    let entry = directory.users_named(dn).next().map(|user| format!("the user {}", user.sam_account_name));
    let entry = entry.or_else(|| directory.find_group(dn).map(|group| format!("the group {}", group.sam_account_name)));
    if let Some(entry) = entry {
        return Err(taken("NameInUse", dn, &entry));
    }
    match directory.groups_with(dn).next() {
        Some(group) => {
            let error = taken("NameInUse", dn, &format!("a member of {} that is gone", group.sam_account_name));
            Err(error.hint(format!("Remove-CsGroupMember -Identity '{}' -Members '{dn}'", group.sam_account_name)))
        }
        None => Ok(()),
    }
}

/// A security identifier that nobody has or had: its last number is drawn, not counted, so that what is removed does
/// not pass its own on.
pub fn security_identifier(directory: &Directory, cx: &Context) -> Result<String, Halt> {
    let known =
        directory.groups().map(|group| group.sid.as_str()).chain(directory.users().map(|user| user.sid.as_str()));
    let authority = known.filter_map(|sid| sid.rsplit_once('-')).map(|(authority, _)| authority.to_string()).next();
    let authority = match authority {
        Some(authority) => authority,
        None => groundwork::authority(cx.deployment()?.id()),
    };
    Ok(format!("{authority}-{}", 10_000 + SystemRandom.below(1 << 30)))
}

/// A group as an object.
pub fn group_record(directory: &Directory, group: &Group, version: u64) -> Record {
    let member = |dn: &String| {
        let user = directory.users_named(dn).find(|user| dn::normal(&user.dn) == dn::normal(dn));
        let name = user.map(|user| user.sam_account_name.as_str());
        let name = name.or_else(|| directory.find_group(dn).map(|group| group.sam_account_name.as_str()));
        Value::str(name.unwrap_or(dn))
    };
    let fields = [
        ("Identity", Value::str(group.sam_account_name.as_str())),
        ("SamAccountName", Value::str(group.sam_account_name.as_str())),
        ("Description", Value::str(group.description.as_str())),
        ("Members", Value::list(group.members.iter().map(member).collect())),
        ("DistinguishedName", Value::str(group.dn.as_str())),
        ("Sid", Value::str(group.sid.as_str())),
    ];
    let record = Record::new(RecordType::new(GROUP_TYPE, TextForm::Identity), fields);
    record.set_stamp(version);
    record
}

/// A unit as an object.
pub fn ou_record(ou: &OrganizationalUnit) -> Record {
    let kind: Arc<RecordType> = RecordType::new("Reeve.OrganizationalUnit", TextForm::Identity);
    let fields = [("Identity", &ou.dn), ("Name", &ou.name), ("DistinguishedName", &ou.dn)];
    Record::new(kind, fields.map(|(name, value)| (name, Value::str(value.as_str()))))
}
