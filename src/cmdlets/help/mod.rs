//! The cmdlets that tell what there is: help, commands, aliases, verbs, history.

mod get_alias;
mod get_command;
mod get_help;
mod get_history;
mod get_verb;
mod invoke_history;
mod metadata;
pub(crate) mod pages;
mod set_alias;
#[cfg(test)]
mod tests;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::entry::object_entry;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<get_help::GetHelp>(),
        object_entry::<get_command::GetCommand>(),
        object_entry::<get_alias::GetAlias>(),
        object_entry::<get_verb::GetVerb>(),
        object_entry::<get_history::GetHistory>(),
        object_entry::<invoke_history::InvokeHistory>(),
        object_entry::<invoke_history::ClearHistory>(),
        object_entry::<set_alias::SetAlias>(),
        object_entry::<set_alias::NewAlias>(),
        object_entry::<set_alias::RemoveAlias>(),
    ]
}
