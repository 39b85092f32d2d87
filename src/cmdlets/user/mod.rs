//! The cmdlets on users: Get-CsUser, Get-CsAdUser, Enable-, Disable-, Set-, Move-CsUser, Get-CsEffectivePolicy.

mod carry;
mod disable_user;
mod enable_user;
mod get_ad_user;
mod get_effective_policy;
mod get_user;
mod move_user;
mod select;
mod set_user;

use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::config::Reader;
use crate::env::{Clock, SystemClock};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Directory, User};
use crate::store::Grant;
use crate::topology::{Pool, Topology};
use crate::value::date;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<disable_user::DisableUser>(),
        entry::entry::<enable_user::EnableUser>(),
        entry::entry::<get_ad_user::GetAdUser>(),
        entry::entry::<get_effective_policy::GetEffectivePolicy>(),
        entry::entry::<get_user::GetUser>(),
        entry::entry::<move_user::MoveUser>(),
        entry::entry::<set_user::SetUser>(),
    ]
}

/// The users that a cmdlet changes one after the other: the directory is read once.
#[derive(Default)]
pub(super) struct Users {
    directory: Option<Directory>,
}

impl Users {
    /// The directory.
    pub fn directory(&mut self, cx: &Context) -> Result<&Directory, Halt> {
        if self.directory.is_none() {
            self.directory = Some(Directory::load(cx.deployment()?.store())?);
        }
        // It was put there just now.
        self.directory.as_ref().ok_or(Halt::Interrupted)
    }

    /// A user of an identity, as the store has it now, with its version.
    pub fn read(&mut self, identity: &str, cx: &Context) -> Result<(User, u64), Halt> {
        let dn = self.directory(cx)?.find_user(identity)?.dn.clone();
        Ok(people::read_user(cx.deployment()?.store(), &dn)?)
    }

    /// Keeps a user that was changed, in place of the version that it was read at.
    pub fn commit(&mut self, grant: &Grant, user: &mut User, version: u64, cx: &Context) -> Result<(), Halt> {
        user.when_changed = date::iso(SystemClock.now());
        let version = cx.deployment()?.store().commit(grant, &[people::user_change(user, version)?])?;
        if let Some(directory) = &mut self.directory {
            directory.put(user.clone(), version);
        }
        Ok(())
    }
}

/// What went wrong with one user does not stop the next one; what keeps the deployment from answering does.
pub(super) fn go_on(result: Result<(), Halt>, cx: &mut Context) -> Result<(), Halt> {
    match result {
        Err(Halt::Error(error)) if error.category() != Category::ResourceUnavailable => cx.error(error),
        other => other,
    }
}

/// A pool at which users can register.
///
/// # Errors
/// `PoolNotFound` with the near name; `RegistrarNotFound` where the pool has no Registrar.
fn registrar_pool<'a>(topology: &'a Topology, fqdn: &str) -> Result<&'a Pool, ErrorRecord> {
    let pool = topology.pool(fqdn)?;
    if pool.services.iter().any(|service| service.starts_with("Registrar:")) {
        return Ok(pool);
    }
    let message = format!("No user can register at '{}': the pool has no Registrar.", pool.fqdn);
    let error = ErrorRecord::new("RegistrarNotFound", Category::InvalidArgument, message).target(pool.fqdn.as_str());
    Err(error.hint("Get-CsService -Registrar lists the pools that have one."))
}

/// The deployment's SIP domains.
fn sip_domains(cx: &Context) -> Result<Vec<String>, Halt> {
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    Ok(Reader { store: deployment.store(), topology: &topology }.sip_domains()?)
}

/// A user that has no account was named where one is needed.
fn not_enabled(user: &User) -> ErrorRecord {
    let message = format!("The user '{}' is not enabled.", user.display_name);
    let error = ErrorRecord::new("UserNotEnabled", Category::InvalidOperation, message).target(user.dn.as_str());
    error.hint("Enable-CsUser enables a user.")
}
