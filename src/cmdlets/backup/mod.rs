//! The cmdlets on the backup of paired pools: synchronised now, its state, who is paired with whom.

mod backup_pool;
mod jobs;
mod records;
mod relationship;
mod status;
mod sync;

pub(super) use jobs::{never_followed, told};

use crate::backup::service::{Settings, duty};
use crate::backup::{Control, Module};
use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::error::{Category, ErrorRecord, Halt};
use crate::store::Grant;
use crate::topology::{Pool, Topology};
use std::rc::Rc;
use std::sync::Arc;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<backup_pool::BackupPool>(),
        entry::entry::<relationship::GetRelationship>(),
        entry::entry::<status::GetStatus>(),
        entry::entry::<sync::InvokeSync>(),
    ]
}

/// The backup service of the server that runs here. With -LocalStore too: what is asked is asked of the servers.
///
/// # Errors
/// `HostUnreachable` where none runs.
fn control(cx: &Context) -> Result<Arc<dyn Control>, Halt> {
    let deployment: Rc<_> = cx.session.deployment()?;
    deployment.backup().cloned().ok_or_else(|| no_server().into())
}

fn no_server() -> ErrorRecord {
    let message = "The pools' computers cannot be reached: no server runs here, this session is in process.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("reeve serve --dir DIR runs this computer's server, reeve lab those of a whole lab; the servers of both pools take part.")
}

/// A pool by its name, as somebody gave it, and its partner.
///
/// # Errors
/// `PoolNotFound` with the near name, `PoolNotPaired`.
fn pair<'a>(topology: &'a Topology, name: &str) -> Result<(&'a Pool, &'a Pool), ErrorRecord> {
    duty::partner(topology, name.trim())
}

/// The modules of a category.
///
/// # Errors
/// `BackupCategoryNotFound`.
fn of_category(category: Option<&str>) -> Result<Vec<Module>, ErrorRecord> {
    let Some(category) = category.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(Module::ALL.to_vec());
    };
    match category.to_ascii_lowercase().as_str() {
        "cms" => Ok(vec![Module::CmsMaster]),
        "userdata" => Ok(vec![Module::PresenceFocus, Module::DataConf]),
        // Response groups are no part of the backup here.
        "rgs" => Ok(Vec::new()),
        _ => {
            let message = format!("There is no backup category '{category}'.");
            Err(ErrorRecord::new("BackupCategoryNotFound", Category::InvalidArgument, message)
                .hint("CMS is the management store, UserData documents of users and files of conferences."))
        }
    }
}

/// The settings of the backup service.
fn settings(cx: &Context) -> Result<Settings, Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    Ok(Settings::read(deployment.store(), &topology)?)
}

/// Writes into the audit log what was ordered with leave; no change of the store says it.
fn log(cx: &Context, grant: &Grant, what: &str) -> Result<(), Halt> {
    match cx.session.deployment()?.store().record(&grant.entry(what)) {
        // A computer without the store has no log of its own.
        Err(error) if error.id() == "ReplicaIsReadOnly" => Ok(()),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a category is a list of modules, in any case; none means all; what is none is an error that says what there is.
    #[test]
    fn categories() {
        for (name, modules) in [(None, 3), (Some(" "), 3), (Some("cms"), 1), (Some("USERDATA"), 2), (Some("Rgs"), 0)] {
            assert_eq!(of_category(name).unwrap().len(), modules, "{name:?}");
        }
        let error = of_category(Some("UserDate")).unwrap_err();
        assert_eq!(error.id(), "BackupCategoryNotFound");
        assert!(error.hints().iter().any(|hint| hint.contains("UserData")));
    }
}
