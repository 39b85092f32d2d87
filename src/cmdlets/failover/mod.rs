//! The cmdlets on failover: of the Central Management store, of a mirrored database, and what can be known before.

pub(super) mod account;
mod carry_out;
mod invoke_database;
mod invoke_server;
mod mirror_state;
mod outlook;
mod records;
mod test_server;
#[cfg(test)]
mod tests;

use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{Control, SqlName, Wish};
use crate::topology::Database;
use crate::value::near::nearest;
use std::sync::Arc;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<invoke_database::InvokeDatabase>(),
        entry::entry::<invoke_server::InvokeServer>(),
        entry::entry::<mirror_state::GetMirrorState>(),
        entry::entry::<test_server::TestServer>(),
    ]
}

/// Failover as the server that runs here does it, or as the files of one computer tell it.
///
/// # Errors
/// `HostUnreachable` for a deployment without either.
fn control(cx: &Context) -> Result<Arc<dyn Control>, Halt> {
    // Not as -LocalStore has it: a replica carries nothing out.
    let deployment = cx.session.deployment()?;
    let control = deployment.failover().cloned();
    control.ok_or_else(|| {
        let message = format!("{} takes no part in failovers.", deployment.computer());
        ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
            .hint("Ask on a computer that may hold the store: Get-CsService -CentralManagement names their pools.")
            .into()
    })
}

/// The parameters that say where the store goes.
struct Where<'a> {
    server: Option<&'a str>,
    instance: Option<&'a str>,
    mirror: Option<&'a str>,
    mirror_instance: Option<&'a str>,
    restore: bool,
}

impl Where<'_> {
    /// What they wish for.
    ///
    /// # Errors
    /// `MirrorServerMissing` where the instance of a mirror is named without its server.
    fn wish(&self) -> Result<Wish, ErrorRecord> {
        let name = |fqdn: &str, instance: Option<&str>| SqlName {
            fqdn: fqdn.trim().to_string(),
            instance: instance.map(str::trim).filter(|name| !name.is_empty()).map(String::from),
        };
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(String::from);
        let mirror = match (given(self.mirror), given(self.mirror_instance)) {
            (Some(fqdn), instance) => Some(name(&fqdn, instance.as_deref())),
            (None, Some(instance)) => {
                let message = format!("-BackupMirrorSqlInstanceName {instance} is the instance of no server.");
                return Err(ErrorRecord::new("MirrorServerMissing", Category::InvalidArgument, message)
                    .hint("Name the mirror's server too: -BackupMirrorSqlServerFqdn <Fqdn>."));
            }
            (None, None) => None,
        };
        Ok(match (given(self.server), self.restore) {
            (Some(fqdn), _) => Wish::Backup { to: name(&fqdn, self.instance), mirror },
            (None, true) => Wish::Restore,
            (None, false) => Wish::Next,
        })
    }
}

/// The types of databases that the published cmdlets know.
const TYPES: [&str; 7] =
    ["Application", "Archiving", "CentralMgmt", "Monitoring", "PersistentChat", "PersistentChatCompliance", "User"];

/// The types of which databases are kept here.
const KEPT: [&str; 2] = ["CentralMgmt", "User"];

/// A kind of database by the name of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    CentralMgmt,
    User,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::CentralMgmt, Kind::User];

    /// From the name of a type, in any case.
    ///
    /// # Errors
    /// `DatabaseTypeNotKept` for a published type of which nothing is kept here, `DatabaseTypeNotFound` for any other.
    fn named(name: &str) -> Result<Kind, ErrorRecord> {
        match TYPES.iter().find(|known| known.eq_ignore_ascii_case(name.trim())) {
            Some(&"CentralMgmt") => Ok(Kind::CentralMgmt),
            Some(&"User") => Ok(Kind::User),
            Some(other) => {
                let message = format!("Databases of the type {other} are not kept in this deployment.");
                Err(ErrorRecord::new("DatabaseTypeNotKept", Category::InvalidArgument, message)
                    .target(name)
                    .hint("CentralMgmt is the Central Management store, User what users of a pool have."))
            }
            None => {
                let message = format!("There is no type of databases '{name}'.");
                let error = ErrorRecord::new("DatabaseTypeNotFound", Category::InvalidArgument, message).target(name);
                Err(match nearest(name, KEPT.iter().copied()) {
                    Some(near) => error.hint(format!("Did you mean {near}?")),
                    None => error.hint(format!("The types kept here: {}.", KEPT.join(", "))),
                })
            }
        }
    }

    /// The name of its type.
    fn name(self) -> &'static str {
        match self {
            Kind::CentralMgmt => "CentralMgmt",
            Kind::User => "User",
        }
    }

    /// The name of its database, as the product that the cmdlets come from calls it.
    fn database_name(self) -> &'static str {
        match self {
            Kind::CentralMgmt => "xds",
            Kind::User => "rtcxds",
        }
    }

    /// The database of that kind of a pool.
    fn of_pool(self, pool: &str) -> Database {
        match self {
            Kind::CentralMgmt => Database::CentralMgmt,
            Kind::User => Database::users(pool),
        }
    }
}

/// The pool has no database of a type.
fn role_not_present(kind: Kind, pool: &str) -> ErrorRecord {
    let role = match kind {
        Kind::CentralMgmt => "CentralManagementDatabase",
        Kind::User => "UserDatabase",
    };
    let message = format!("The role {role} is not present on the pool {pool}.");
    ErrorRecord::new("RoleNotPresent", Category::ObjectNotFound, message)
        .target(pool)
        .hint(format!("Get-CsService -{role} lists the pools that have it."))
}
