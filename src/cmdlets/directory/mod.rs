//! The cmdlets on the directory itself: groups and who is in them, organisational units, users made and removed.

mod add_group_member;
mod entry;
mod get_group;
mod get_ou;
mod member;
mod new_ad_user;
mod new_group;
mod new_ou;
mod remove_ad_user;
mod remove_group;
mod remove_group_member;
mod remove_ou;

use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{CmdletEntry, Context, entry as register};
use crate::cmdlets::signature::ours;
use crate::error::Halt;
use crate::people::Directory;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        register::entry::<add_group_member::AddGroupMember>(),
        register::entry::<get_group::GetGroup>(),
        register::entry::<get_ou::GetOu>(),
        register::entry::<new_ad_user::NewAdUser>(),
        register::entry::<new_group::NewGroup>(),
        register::entry::<new_ou::NewOu>(),
        register::entry::<remove_ad_user::RemoveAdUser>(),
        register::entry::<remove_group::RemoveGroup>(),
        register::entry::<remove_group_member::RemoveGroupMember>(),
        register::entry::<remove_ou::RemoveOu>(),
    ]
}

/// The directory as a cmdlet sees it from one object of the pipeline to the next.
#[derive(Default)]
struct Entries {
    directory: Option<Directory>,
}

impl Entries {
    /// The directory as the store has it now.
    fn now(&mut self, cx: &Context) -> Result<&Directory, Halt> {
        let deployment = cx.deployment()?;
        match &mut self.directory {
            Some(directory) => directory.follow(deployment.store())?,
            None => self.directory = Some(Directory::load(deployment.store())?),
        }
        // It was put there just now.
        self.directory.as_ref().ok_or(Halt::Interrupted)
    }
}

/// The signature of a cmdlet that changes something.
fn change(name: &str, parameters: Vec<ParameterSpec>) -> CmdletSpec {
    CmdletSpec { should_process: true, ..read(name, parameters) }
}

/// The signature of a cmdlet that shows something.
fn read(name: &str, parameters: Vec<ParameterSpec>) -> CmdletSpec {
    CmdletSpec { name: name.into(), parameters, ..CmdletSpec::default() }
}

/// -Identity: what is worked on, the first by position, from the pipeline by itself or by property.
fn identity(mandatory: bool, doc_type: &str) -> ParameterSpec {
    let role = SetMembership {
        mandatory,
        position: Some(0),
        by_value: true,
        by_property_name: true,
        ..SetMembership::default()
    };
    ParameterSpec { sets: vec![role], ..ours("Identity", ParameterType::String, doc_type) }
}

/// A text that an object of the pipeline may have as a property.
fn text(name: &str) -> ParameterSpec {
    by_property(ours(name, ParameterType::String, "String"))
}

/// A parameter that an object of the pipeline may have as a property.
fn by_property(parameter: ParameterSpec) -> ParameterSpec {
    let role = SetMembership { by_property_name: true, ..SetMembership::default() };
    ParameterSpec { sets: vec![role], ..parameter }
}

/// A switch.
fn switch(name: &str) -> ParameterSpec {
    ours(name, ParameterType::Switch, "SwitchParameter")
}

/// A text that was given, and not as an empty cell of a table.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
