//! The lab: the sample deployment with its data, or a topology of one's own, and a host directory for each computer.
//!
//! ```text
//! DIR/lab.json                 format and the computer that held the active store when the lab was made
//! DIR/hosts/<computer>/        a host directory for each computer of the topology
//! ```

use super::manifest::{self, FORMAT, Manifest};
use super::{Active, HostDirectory, damaged, init, lock, make, pool_data, tls};
use crate::access::{self, ConfigScope, Role, Roles, UserScope};
use crate::env::{Random, SystemClock, SystemRandom};
use crate::error::{Category, ErrorRecord};
use crate::net::Authority;
use crate::people::Directory;
use crate::store::{Change, Expected, SqliteStore, Store};
use crate::topology::{self, Topology, sample};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// Makes a lab of the sample, or finds the one that is there.
///
/// # Errors
/// `DirectoryNotEmpty`, `DeploymentExists` (a host directory is there), `DeploymentNotMade`; `DeploymentDamaged` and
/// `DeploymentNewer` of a lab that is there.
pub fn create(directory: &Path) -> Result<Lab, ErrorRecord> {
    create_of(directory, None)
}

/// Makes a lab of a topology, or of the sample with its people; or finds the one that is there.
///
/// # Errors
/// Those of [`create`]; `DeploymentExists` also where a topology is named for a lab that is there;
/// `NoComputers` for a topology without any.
pub fn create_of(directory: &Path, topology: Option<Topology>) -> Result<Lab, ErrorRecord> {
    if let Some(host) = active(directory)? {
        return match topology {
            None => Ok(Lab { directory: directory.to_path_buf(), host, made: false }),
            Some(_) => {
                let message = format!("There is a lab in '{}' already; it keeps its topology.", directory.display());
                Err(ErrorRecord::new("DeploymentExists", Category::ResourceExists, message).hint(
                    "Leave --topology out, change the topology with Publish-CsTopology, or name another directory.",
                ))
            }
        };
    }
    init::vacant(directory)?;
    let sample = topology.is_none();
    let topology = match topology {
        Some(topology) => topology,
        None => Topology::parse(sample::LITWAREINC)?,
    };
    let active = store_computer(&topology)?;
    let deployment = SystemRandom.uuid().to_string();
    make::make(directory, |place| {
        let folder = |path: &Path| make::directory(path).map_err(|error| make::not_made(path, &error));
        let hosts = place.join(HOSTS);
        folder(&hosts)?;
        let clock = SystemClock;
        let authority = Authority::create(&deployment, &clock)?;
        let mut certificates = Vec::new();
        for computer in topology.computers() {
            let host = host_of(place, &computer.fqdn);
            folder(&host)?;
            certificates.push(tls::equip(&host, &computer.fqdn, &authority, &clock)?);
        }
        for keeper in tls::keepers(&topology, &active) {
            tls::keep_authority(&host_of(place, &keeper), &authority)?;
        }
        let store = init::store(&host_of(place, &active))?;
        if sample {
            let mut changes = vec![topology::change(&topology, Expected::Absent)];
            changes.extend(certificates);
            init::commit(&store, "initialisation", &changes)?;
            seed(&store, &topology)?;
            pool_data::equip(&store, &topology, &|computer| host_of(place, computer))?;
        } else {
            init::seed(&store, &topology, &deployment, &active, certificates)?;
        }
        let hint = Active { computer: active.clone(), epoch: store.epoch()? };
        for computer in topology.computers() {
            let host = host_of(place, &computer.fqdn);
            init::host(&host, &deployment, &computer.fqdn, computer.fqdn == active, &hint)?;
        }
        let about = serde_json::json!({ "Format": FORMAT, "Store": active });
        let path = place.join(FILE);
        manifest::write_json(&path, &about, true).map_err(|error| make::not_made(&path, &error))
    })?;
    Ok(Lab { directory: directory.to_path_buf(), host: host_of(directory, &active), made: true })
}

/// The computer that holds the store: the one that the topology names, else, in a draft that names none, the first
/// that holds a replica.
fn store_computer(topology: &Topology) -> Result<String, ErrorRecord> {
    if let Some(place) = topology.active_store() {
        return Ok(place.sql.computer);
    }
    let first = topology.replicas().next().or_else(|| topology.computers().next());
    first
        .map(|computer| computer.fqdn.clone())
        .ok_or_else(|| ErrorRecord::new("NoComputers", Category::InvalidData, "The topology has no computer."))
}

impl Lab {
    /// Its computers, by name, each with its host directory.
    ///
    /// # Errors
    /// `DeploymentDamaged`, `DeploymentUnreadable`.
    pub fn hosts(&self) -> Result<Vec<(String, PathBuf)>, ErrorRecord> {
        let folder = self.directory.join(HOSTS);
        let entries = std::fs::read_dir(&folder).map_err(|error| super::unreadable(&folder, &error))?;
        let mut hosts = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.join(manifest::FILE).exists()) {
            hosts.push((Manifest::read(&path)?.computer, path));
        }
        hosts.sort();
        Ok(hosts)
    }

    /// Takes the lab for the process that runs its servers; `None` while another does. It is free again when the process
    /// ends, however that happens.
    ///
    /// # Errors
    /// `DeploymentUnreadable`.
    pub fn run(&self) -> Result<Option<Running>, ErrorRecord> {
        Ok(lock::alone(&self.directory)?.map(Running))
    }

    /// Keeps a temporary lab from being taken for a leftover as long as the result is held; `None` where somebody keeps
    /// it already.
    ///
    /// # Errors
    /// `DeploymentUnreadable`.
    pub fn keep(&self) -> Result<Option<Kept>, ErrorRecord> {
        Ok(lock::directory(&self.directory)?.map(Kept))
    }

    /// Gives certificates to the hosts, and their data to the pools, of a lab that an older program made. No server runs
    /// on it meanwhile.
    ///
    /// # Errors
    /// Those of the store and of files.
    pub fn equip(&self) -> Result<(), ErrorRecord> {
        self.certify()?;
        let host = HostDirectory::open(&self.host)?;
        if !host.holds_store() {
            return Ok(());
        }
        let store = SqliteStore::open(host.store())?;
        let (topology, _) = topology::load(&store)?;
        pool_data::equip(&store, &topology, &|computer| host_of(&self.directory, computer))
    }

    fn certify(&self) -> Result<(), ErrorRecord> {
        let clock = SystemClock;
        let bare: Vec<_> =
            self.hosts()?.into_iter().filter(|(_, path)| !path.join("tls/computer.crt").exists()).collect();
        if bare.is_empty() {
            return Ok(());
        }
        let host = HostDirectory::open(&self.host)?;
        let store = SqliteStore::open(host.store())?;
        let authority = tls::authority(&host, &clock)?;
        let hint = Active { computer: host.computer().to_string(), epoch: store.epoch()? };
        let mut changes = Vec::new();
        for (computer, path) in bare {
            hint.write_in(&path)?;
            changes.push(tls::equip(&path, &computer, &authority, &clock)?);
        }
        init::commit(&store, "certificates of an older lab", &changes)
    }

    /// Where its computers listen, as the host of the store knows.
    ///
    /// # Errors
    /// `DeploymentDamaged`.
    pub fn addresses(&self) -> Result<BTreeMap<String, String>, ErrorRecord> {
        let path = self.host.join("addresses.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(super::unreadable(&path, &error)),
        };
        toml::from_str(&text).map_err(|error| damaged(&self.host, &format!("addresses.toml: {}", error.message())))
    }

    /// Writes into each host directory where all of them listen.
    ///
    /// # Errors
    /// `DeploymentNotMade`.
    pub fn publish(&self, addresses: &[(String, String)]) -> Result<(), ErrorRecord> {
        for (_, path) in self.hosts()? {
            super::write_addresses(&path, addresses)?;
        }
        Ok(())
    }
}

/// Held by the process that runs a lab's servers.
#[derive(Debug)]
pub struct Running(#[allow(dead_code, reason = "held, not read")] lock::Lock);

/// Begins the names of temporary labs.
const TEMPORARY: &str = "reeve-lab-";
/// Temporary labs that are younger than this are left alone: between being made and being held they are nobody's.
const YOUNG: Duration = Duration::from_secs(60);
/// Most leftovers that are removed at a time: whoever starts a lab shall not wait for all of them.
const SWEPT: usize = 16;

/// Where a temporary lab is made: a place of its own. What killed ones left is removed.
pub fn temporary_place() -> PathBuf {
    let folder = std::env::temp_dir();
    sweep(&folder);
    folder.join(format!("{TEMPORARY}{}", SystemRandom.uuid().simple()))
}

/// Removes temporary labs that nobody holds, of the user who runs this.
fn sweep(folder: &Path) {
    let user = rustix::process::geteuid().as_raw();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = |name: &str| {
        name.strip_prefix(TEMPORARY).is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let leftovers = entries.filter(|entry| entry.file_name().to_str().is_some_and(named)).filter(|entry| {
        // Not through a link that somebody laid.
        entry.metadata().is_ok_and(|data| data.is_dir() && data.uid() == user)
    });
    for entry in leftovers.take(SWEPT) {
        let path = entry.path();
        let age = path.join(FILE).metadata().and_then(|data| data.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_some_and(|age| age >= YOUNG) && nobody_holds(&path) {
            // What cannot be removed now, the next one tries again.
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether nobody has a lab: neither itself, nor one of its computers.
fn nobody_holds(lab: &Path) -> bool {
    let free = |held: Result<Option<lock::Lock>, ErrorRecord>| held.ok().flatten();
    let Some(_itself) = free(lock::directory(lab)) else { return false };
    let Some(_running) = free(lock::alone(lab)) else { return false };
    let hosts = std::fs::read_dir(lab.join(HOSTS)).into_iter().flatten().flatten();
    hosts.into_iter().all(|host| free(lock::alone(&host.path())).is_some())
}

/// A lab that is gone when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    lab: Lab,
    _held: Option<Kept>,
}

/// Held by whoever uses a temporary lab, so that no other takes it for a leftover.
#[derive(Debug)]
pub struct Kept(#[allow(dead_code, reason = "held, not read")] lock::Lock);

impl Temporary {
    /// Makes one where the system keeps what is temporary.
    ///
    /// # Errors
    /// Those of [`create`].
    pub fn new() -> Result<Temporary, ErrorRecord> {
        let lab = create(&temporary_place())?;
        let held = lab.keep()?;
        Ok(Temporary { lab, _held: held })
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
    if let Some(claimant) = claimant(directory, &host) {
        return Ok(Some(claimant));
    }
    if host.is_dir() { Ok(Some(host)) } else { Err(damaged(directory, &format!("hosts/{store} is not there"))) }
}

/// The host directory of the store that is active by what it says itself, of several the one of the latest epoch: the
/// store may have gone over since the lab was made, for `first`. `None` where no store says so.
fn claimant(directory: &Path, first: &Path) -> Option<PathBuf> {
    let hosts = std::fs::read_dir(directory.join(HOSTS)).ok()?.flatten().map(|entry| entry.path());
    let with_store = |host: &PathBuf| host.join(super::STORE).exists() && host.join(manifest::FILE).exists();
    let stores: Vec<PathBuf> = hosts.filter(with_store).collect();
    // Nothing has to be opened where it cannot have gone anywhere.
    if stores.iter().all(|host| host == first) {
        return stores.into_iter().next();
    }
    let claims = stores.iter().filter_map(|host| Some((super::standing::claims(host)?, host.clone())));
    let claimant = claims.max().map(|(_, host)| host);
    // Where the one that had it is gone, a copy can at least be asked, and take it over.
    claimant.or_else(|| stores.into_iter().next().filter(|_| !first.is_dir()))
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

/// Where a lab has the host directory of a computer.
pub fn place(lab: &Path, computer: &str) -> PathBuf {
    host_of(lab, computer)
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
