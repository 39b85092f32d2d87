//! The cmdlets on what pools keep of their users: Get-, Set-, Remove-CsUserDocument, Get-CsUserPoolInfo.

mod get_document;
mod get_pool_info;
mod remove_document;
mod set_document;

use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType};
use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::cmdlets::shape::Shape;
use crate::cmdlets::signature::{one_of, ours};
use crate::config::Reader;
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::active_computer;
use crate::people::{Directory, User, dn};
use crate::pools::{Control, DocumentChange, LocalStore, Order, PoolState, UserDocument, What};
use crate::store::Grant;
use crate::topology::Database;
use crate::value::{Record, Value, json, same_name};
use std::sync::{Arc, LazyLock};

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<get_document::GetDocument>(),
        entry::entry::<get_pool_info::GetPoolInfo>(),
        entry::entry::<remove_document::RemoveDocument>(),
        entry::entry::<set_document::SetDocument>(),
    ]
}

/// The type of a user's document.
const DOCUMENT_TYPE: &str = "Reeve.UserDocument";

static DOCUMENT: LazyLock<Shape> =
    LazyLock::new(|| Shape::new(DOCUMENT_TYPE, &["Identity", "SipAddress", "Kind", "PoolFqdn", "Value", "Version"]));

/// A document as an object of the shell.
fn record(document: &UserDocument, pool: &str) -> Record {
    let record = DOCUMENT.record(vec![
        Value::str(document.dn.as_str()),
        Value::str(document.address.as_str()),
        Value::str(document.what.name()),
        Value::str(pool),
        json::from_json(&document.value),
        Value::Int(i64::try_from(document.version).unwrap_or(i64::MAX)),
    ]);
    record.set_stamp(document.version);
    record
}

/// The user store of a pool: over the server that runs here, or in its file where that is here and active.
///
/// # Errors
/// `PoolNotFound`, `RoleNotPresent`; `HostUnreachable` where only files are here, and those of the pool are not.
pub(crate) fn reach(cx: &Context, pool: &str) -> Result<Arc<dyn Control>, Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let database = Database::users(pool);
    topology.require_database(&database)?;
    if let Some(users) = deployment.users() {
        return Ok(users.clone());
    }
    let keeper = active_computer(deployment.store(), &topology, &database)?.unwrap_or_default();
    let host = deployment.host();
    let path = host.database(&database);
    if same_name(&keeper, host.computer()) && path.exists() {
        return Ok(Arc::new(LocalStore::new(pool, path, Arc::new(SystemClock))));
    }
    let message = format!("The users of {pool} are kept by {keeper}, and no server runs here that could reach it.");
    let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message).target(pool);
    Err(error.hint("Start the servers: reeve serve --dir DIR on each computer, or reeve lab for a whole lab.").into())
}

/// The user of an identity who is homed on a pool, with the pool.
fn homed(directory: &Directory, identity: &str) -> Result<(User, String), ErrorRecord> {
    let user = directory.find_user(identity)?.clone();
    if user.registrar_pool.is_empty() {
        let message = format!("The user '{}' is homed on no pool.", user.display_name);
        let error = ErrorRecord::new("UserNotEnabled", Category::InvalidOperation, message).target(user.dn.as_str());
        return Err(error.hint("Enable-CsUser enables a user, and names a pool."));
    }
    let pool = user.registrar_pool.clone();
    Ok((user, pool))
}

/// A document that is to change: of whom, where it is kept, and the leave.
struct Changing {
    what: What,
    user: User,
    pool: String,
    grant: Grant,
}

impl Changing {
    /// Finds it; the directory is read once for all that come through the pipeline.
    ///
    /// # Errors
    /// `AccessDenied`, `UserInResiliencyMode`; those of the user's identity and of the kind.
    fn find(cx: &mut Context, known: &mut Option<Directory>, identity: &str, kind: &str) -> Result<Changing, Halt> {
        let what = What::parse(kind)?;
        let directory = match known {
            Some(directory) => directory,
            None => known.insert(Directory::load(cx.deployment()?.store())?),
        };
        let (user, pool) = homed(directory, identity)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        refuse_in_resiliency(cx, &user, &pool)?;
        Ok(Changing { what, user, pool, grant })
    }

    /// What is asked about, and shown by -WhatIf.
    fn target(&self) -> String {
        format!("{} of {}", self.what.name(), self.user.dn)
    }

    /// The order for a change of it.
    fn order(&self, change: DocumentChange) -> Order {
        Order { changes: vec![change], entry: self.grant.entry("Changed") }
    }
}

/// Refuses a change while a pool's users are on their way to another pool.
pub(crate) fn refuse_in_resiliency(cx: &Context, user: &User, pool: &str) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let state = PoolState::of(&Reader { store: deployment.store(), topology: &topology }, pool)?;
    if !state.is_resiliency() {
        return Ok(());
    }
    let message = format!(
        "'{}' is in resiliency mode: the pool {pool} is {}, and nothing that lasts can be changed.",
        user.display_name,
        state.name()
    );
    let error = ErrorRecord::new("UserInResiliencyMode", Category::ResourceUnavailable, message);
    let cmdlet = if state == PoolState::FailingOver { "Invoke-CsPoolFailOver" } else { "Invoke-CsPoolFailBack" };
    Err(error
        .target(user.dn.as_str())
        .hint(format!("Wait until it is over. One that was interrupted goes on with {cmdlet} -PoolFqdn {pool}."))
        .into())
}

/// The container of a user by distinguished name.
fn ou(dn: &str) -> String {
    dn::parent(dn).to_string()
}

/// -Identity: the user; by position and from the pipeline.
fn identity(mandatory: bool) -> ParameterSpec {
    let mut parameter = ours("Identity", ParameterType::String, "UserIdParameter");
    for set in &mut parameter.sets {
        set.mandatory = mandatory;
        set.position = Some(0);
        set.by_value = true;
        set.by_property_name = true;
    }
    parameter
}

/// -Kind: which document.
fn kind(mandatory: bool) -> ParameterSpec {
    let mut parameter = one_of(&What::ALL.map(What::name), ours("Kind", ParameterType::String, "String"));
    for set in &mut parameter.sets {
        set.mandatory = mandatory;
        set.position = Some(1);
        set.by_property_name = true;
    }
    parameter
}

/// A signature with these parameters, that changes something or not.
fn signature(name: &str, changes: bool, parameters: Vec<ParameterSpec>) -> CmdletSpec {
    CmdletSpec {
        name: name.into(),
        default_set: None,
        sets: Vec::new(),
        should_process: changes,
        positional_binding: false,
        parameters,
    }
}
