//! The cmdlets about files and folders of the client, and about paths.

mod attributes;
mod clear_content;
mod copy_item;
mod get_child_item;
mod get_content;
mod get_file_hash;
mod get_item;
mod get_location;
mod join_path;
mod md5;
mod move_item;
mod new_item;
mod new_temporary_file;
pub(crate) mod paths;
mod records;
mod remove_item;
mod rename_item;
mod resolve_path;
mod set_item_property;
mod set_location;
mod split_path;
mod test_path;
#[cfg(test)]
mod tests;
mod write_content;

use super::object::signature::{Signature, many};
use crate::cmdlet::CmdletEntry;
use crate::cmdlet::entry::object_entry;
use crate::cmdlet::spec::ParameterType;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<get_item::GetItem>(),
        object_entry::<get_location::GetLocation>(),
        object_entry::<set_location::SetLocation>(),
        object_entry::<set_location::PushLocation>(),
        object_entry::<set_location::PopLocation>(),
        object_entry::<get_child_item::GetChildItem>(),
        object_entry::<new_item::NewItem>(),
        object_entry::<new_item::MakeFolder>(),
        object_entry::<remove_item::RemoveItem>(),
        object_entry::<copy_item::CopyItem>(),
        object_entry::<move_item::MoveItem>(),
        object_entry::<rename_item::RenameItem>(),
        object_entry::<set_item_property::SetItemProperty>(),
        object_entry::<test_path::TestPath>(),
        object_entry::<resolve_path::ResolvePath>(),
        object_entry::<join_path::JoinPath>(),
        object_entry::<split_path::SplitPath>(),
        object_entry::<get_content::GetContent>(),
        object_entry::<write_content::SetContent>(),
        object_entry::<write_content::AddContent>(),
        object_entry::<clear_content::ClearContent>(),
        object_entry::<get_file_hash::GetFileHash>(),
        object_entry::<new_temporary_file::NewTemporaryFile>(),
    ]
}

/// A signature that begins with -Path and -LiteralPath in two sets, one of which must be given.
fn about_paths(name: &str) -> Signature {
    Signature::new(name)
        .sets(&["Path", "LiteralPath"])
        .parameter("Path", many(ParameterType::String))
        .mandatory()
        .at(0)
        .by_value()
        .by_property()
        .only(&["Path"])
        .parameter("LiteralPath", many(ParameterType::String))
        .aliases(&["PSPath", "LP"])
        .mandatory()
        .by_property()
        .only(&["LiteralPath"])
}

/// -Filter, -Include, -Exclude.
fn choosing(signature: Signature) -> Signature {
    including(signature.parameter("Filter", ParameterType::String))
}

/// -Include, -Exclude.
fn including(signature: Signature) -> Signature {
    let signature = signature.parameter("Include", many(ParameterType::String));
    signature.parameter("Exclude", many(ParameterType::String))
}
