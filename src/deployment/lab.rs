//! The lab: the sample deployment with its data, and a host directory for each of its computers.
//!
//! ```text
//! DIR/lab.json                 format and the computer that holds the active store
//! DIR/hosts/<computer>/        a host directory for each computer of the topology
//! ```

use super::manifest::{self, FORMAT};
use super::{damaged, init, make};
use crate::access::{self, ConfigScope, Role, Roles, UserScope};
use crate::env::{Random, SystemRandom};
use crate::error::ErrorRecord;
use crate::people::Directory;
use crate::store::{Change, Expected, Store};
use crate::topology::{self, Topology, sample};
use std::path::{Path, PathBuf};

/// What makes a directory a lab.
pub(super) const FILE: &str = "lab.json";
/// Where its host directories are.
pub(super) const HOSTS: &str = "hosts";

/// A lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lab {
    /// Where it is.
    pub directory: PathBuf,
    /// The host directory of the active store.
    pub host: PathBuf,
    /// Whether it was made just now, or was there.
    pub made: bool,
}

/// Makes a lab, or finds the one that is there.
///
/// # Errors
/// `DirectoryNotEmpty`, `DeploymentExists` (a host directory is there), `DeploymentNotMade`; `DeploymentDamaged` and
/// `DeploymentNewer` of a lab that is there.
pub fn create(directory: &Path) -> Result<Lab, ErrorRecord> {
    if let Some(host) = active(directory)? {
        return Ok(Lab { directory: directory.to_path_buf(), host, made: false });
    }
    init::vacant(directory)?;
    let topology = Topology::parse(sample::LITWAREINC)?;
    let active = init::active_computer(&topology)?;
    let deployment = SystemRandom.uuid().to_string();
    make::make(directory, |place| {
        let folder = |path: &Path| make::directory(path).map_err(|error| make::not_made(path, &error));
        let hosts = place.join(HOSTS);
        folder(&hosts)?;
        for computer in topology.computers() {
            let host = host_of(place, &computer.fqdn);
            folder(&host)?;
            let holds_store = computer.fqdn == active;
            if holds_store {
                let store = init::store(&host)?;
                init::commit(&store, "initialisation", &[topology::change(&topology, Expected::Absent)])?;
                seed(&store, &topology)?;
            }
            init::host(&host, &deployment, &computer.fqdn, holds_store)?;
        }
        let about = serde_json::json!({ "Format": FORMAT, "Store": active });
        let path = place.join(FILE);
        manifest::write_json(&path, &about, true).map_err(|error| make::not_made(&path, &error))
    })?;
    Ok(Lab { directory: directory.to_path_buf(), host: host_of(directory, &active), made: true })
}

/// A lab that is gone when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    lab: Lab,
}

impl Temporary {
    /// Makes one where the system keeps what is temporary.
    ///
    /// # Errors
    /// Those of [`create`].
    pub fn new() -> Result<Temporary, ErrorRecord> {
        let directory = std::env::temp_dir().join(format!("reeve-lab-{}", SystemRandom.uuid().simple()));
        create(&directory).map(|lab| Temporary { lab })
    }

    /// The lab.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nobody is left to be told; what stays is in the system's directory for temporary files.
        let _ = std::fs::remove_dir_all(&self.lab.directory);
    }
}

/// Whether a directory is a lab.
pub(super) fn is_lab(directory: &Path) -> bool {
    directory.join(FILE).exists()
}

/// The host directory of the active store, if the directory is a lab.
pub(super) fn active(directory: &Path) -> Result<Option<PathBuf>, ErrorRecord> {
    let Some(about) = manifest::read_json(directory, FILE)? else { return Ok(None) };
    let store = about.get("Store").and_then(serde_json::Value::as_str).unwrap_or_default();
    // Names of computers never have separators; one that does was not written by us.
    if store.is_empty() || store.contains('/') || store.contains("..") {
        return Err(damaged(directory, "lab.json does not name the computer that holds the store"));
    }
    let host = host_of(directory, store);
    if host.is_dir() { Ok(Some(host)) } else { Err(damaged(directory, &format!("hosts/{store} is not there"))) }
}

/// The host directories of a lab, that of the active store first; `None` where the directory is none.
///
/// # Errors
/// `DeploymentDamaged`, `DeploymentNewer`.
pub fn hosts(directory: &Path) -> Result<Option<Vec<PathBuf>>, ErrorRecord> {
    let Some(active) = active(directory)? else { return Ok(None) };
    let folder = std::fs::read_dir(directory.join(HOSTS)).into_iter().flatten().flatten();
    let mut others: Vec<PathBuf> = folder.map(|entry| entry.path()).filter(|path| *path != active).collect();
    others.sort();
    Ok(Some(std::iter::once(active).chain(others).collect()))
}

/// The host directory of the active store in the lab that a host directory is part of.
pub(super) fn active_beside(host: &Path) -> Option<PathBuf> {
    let lab = host.canonicalize().ok()?.parent()?.parent()?.to_path_buf();
    active(&lab).ok().flatten()
}

fn host_of(lab: &Path, computer: &str) -> PathBuf {
    lab.join(HOSTS).join(computer.to_lowercase())
}

/// What the lab has beyond a fresh deployment.
fn seed(store: &dyn Store, topology: &Topology) -> Result<(), ErrorRecord> {
    crate::people::sample::seed(store, topology)?;
    crate::config::sample::seed(store, topology)?;
    let directory = Directory::load(store)?;
    let predefined = Roles::predefined();
    let mut changes = Vec::new();
    for (name, template, site, ou) in ROLES {
        let group = directory.find_group(name);
        let role = Role {
            name: name.into(),
            about: "".into(),
            sid: group.map(|group| group.sid.as_str()).unwrap_or_default().into(),
            standard: false,
            group: false,
            template: Some(template.into()),
            cmdlets: predefined.find(template)?.cmdlets.clone(),
            script_modules: Vec::new(),
            config_scopes: vec![ConfigScope::Site(site.into())],
            user_scopes: vec![UserScope::Ou(ou.into())],
            version: 0,
        };
        changes.push(Change { id: access::document_id(name), expected: Expected::Absent, body: Some(role.body()?) });
    }
    init::commit(store, "sample roles", &changes)
}

/// Custom roles of the sample: name of the role and its group, template, site, unit of the users.
const ROLES: [(&str, &str, &str, &str); 2] = [
    ("RedmondVoiceAdministrator", "CsVoiceAdministrator", "Redmond", "ou=Redmond,dc=litwareinc,dc=com"),
    ("DublinUserAdministrator", "CsUserAdministrator", "Dublin", "ou=Dublin,dc=litwareinc,dc=com"),
];
