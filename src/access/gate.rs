//! The one door: every cmdlet of a session passes it.

use super::place::Place;
use super::principal::Principal;
use super::question::{Decision, decide};
use super::role::KIND;
use super::roles::Roles;
use crate::audit::{self, Entry};
use crate::error::ErrorRecord;
use crate::people::{Directory, GROUP, USER};
use crate::store::{Document, Grant, Store};
use crate::value::same_name;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;

/// Decides for one principal, and notices when its groups or the roles change.
pub struct Gate {
    seen: RefCell<Seen>,
}

#[derive(Clone)]
struct Seen {
    principal: Rc<Principal>,
    roles: Option<Rc<Roles>>,
    /// The version of the store up to which changes were looked at.
    version: u64,
}

impl Gate {
    /// A door for a principal.
    pub fn new(principal: Principal) -> Gate {
        Gate { seen: RefCell::new(Seen { principal: Rc::new(principal), roles: None, version: 0 }) }
    }

    /// Whom it is for.
    pub fn principal(&self) -> Rc<Principal> {
        self.seen.borrow().principal.clone()
    }

    /// The roles as they are now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn roles(&self, store: &dyn Store) -> Result<Rc<Roles>, ErrorRecord> {
        let Seen { principal, roles, version } = self.seen.borrow().clone();
        let now = store.version()?;
        if let Some(roles) = &roles {
            if now == version {
                return Ok(roles.clone());
            }
            let changed = store.since(version)?;
            let upto = changed.iter().map(|d| d.version).max().unwrap_or(now).max(now);
            if !changed.iter().any(|document| concerns(document, &principal)) {
                self.seen.borrow_mut().version = upto;
                return Ok(roles.clone());
            }
        }
        let roles_now = Rc::new(Roles::load(store)?);
        // The first time too: the directory may have changed since the principal was looked up.
        let principal_now = match principal.dn() {
            Some(dn) => Rc::new(again(store, &principal, dn)?),
            None => principal,
        };
        let version = roles_now.version();
        *self.seen.borrow_mut() = Seen { principal: principal_now, roles: Some(roles_now.clone()), version };
        Ok(roles_now)
    }

    /// Leave to change the store at a place.
    ///
    /// # Errors
    /// `AccessDenied`, which is written to the audit log; those of the store.
    pub fn authorize(
        &self,
        store: &dyn Store,
        cmdlet: &str,
        parameters: Json,
        place: &Place,
    ) -> Result<Grant, ErrorRecord> {
        let principal = self.principal();
        if principal.is_owner() {
            // No role decides here, so none is read: the owner can mend roles that cannot be read.
            return authorize(store, &Roles::none(), &principal, cmdlet, parameters, Some(place));
        }
        let roles = self.roles(store)?;
        authorize(store, &roles, &self.principal(), cmdlet, parameters, Some(place))
    }

    /// Whether the principal may run a cmdlet at a place, at `None` anywhere at all: asked before it is started.
    ///
    /// # Errors
    /// `AccessDenied`, which is written to the audit log; those of the store.
    pub fn may_start(
        &self,
        store: &dyn Store,
        cmdlet: &str,
        parameters: &dyn Fn() -> Json,
        place: Option<&Place>,
    ) -> Result<(), ErrorRecord> {
        if self.principal().is_owner() {
            return Ok(());
        }
        let roles = self.roles(store)?;
        let principal = self.principal();
        match decide(&roles, &principal, cmdlet, place) {
            Decision::Allowed(_) => Ok(()),
            Decision::Denied(_) => authorize(store, &roles, &principal, cmdlet, parameters(), place).map(|_| ()),
        }
    }

    /// Whether the principal may run a cmdlet at a place, without leave to change anything and without a row in the
    /// log: for leaving out of an output what is not in scope.
    ///
    /// # Errors
    /// Those of the store.
    pub fn may(&self, store: &dyn Store, cmdlet: &str, place: &Place) -> Result<bool, ErrorRecord> {
        if self.principal().is_owner() {
            return Ok(true);
        }
        let roles = self.roles(store)?;
        Ok(matches!(decide(&roles, &self.principal(), cmdlet, Some(place)), Decision::Allowed(_)))
    }
}

/// Decides whether a principal may run a cmdlet at a place (`None`: anywhere at all). The grant is what a change of the
/// store takes; a denial is written to the audit log.
///
/// # Errors
/// `AccessDenied`, naming the roles that would do.
pub fn authorize(
    store: &dyn Store,
    roles: &Roles,
    principal: &Principal,
    cmdlet: &str,
    parameters: Json,
    place: Option<&Place>,
) -> Result<Grant, ErrorRecord> {
    let mut entry = Entry {
        principal: principal.name().to_string(),
        cmdlet: cmdlet.to_string(),
        place: place.map_or("anywhere".into(), ToString::to_string),
        parameters,
        decision: audit::Decision::Allowed,
        through: String::new(),
        outcome: String::new(),
    };
    match decide(roles, principal, cmdlet, place) {
        Decision::Allowed(through) => {
            entry.through = through;
            Ok(Grant::decided(entry))
        }
        Decision::Denied(denial) => {
            let error = denial.error(principal, cmdlet, place);
            entry.decision = audit::Decision::Denied;
            entry.through = denial.held.join(", ");
            entry.outcome = error.id().to_string();
            // A denial stays one where the log cannot be written; but it is said.
            match store.record(&entry) {
                Ok(()) => Err(error),
                Err(log) => {
                    let (principal, cmdlet) = (&entry.principal, &entry.cmdlet);
                    tracing::warn!(principal, cmdlet, id = log.id(), "a denial is not in the audit log");
                    Err(error.hint(format!("The denial could not be logged: {}", log.message())))
                }
            }
        }
    }
}

/// Whether a change can concern what a principal may do.
fn concerns(document: &Document, principal: &Principal) -> bool {
    let kind = &document.id.kind;
    same_name(kind, KIND)
        || same_name(kind, GROUP)
        || (same_name(kind, USER) && principal.dn().is_some_and(|dn| same_name(&document.id.key, dn)))
}

/// The principal as the directory knows it now; without groups if it is gone from there.
fn again(store: &dyn Store, principal: &Principal, dn: &str) -> Result<Principal, ErrorRecord> {
    let directory = Directory::load(store)?;
    let found = directory.find_user(dn).ok().map(|user| Principal::of_user(&directory, user));
    Ok(found.unwrap_or_else(|| Principal::named(principal.name(), &[])))
}
