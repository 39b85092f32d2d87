//! The door of a session: who the session is, and what that principal may run. All cmdlets pass it.

use super::context::{Bound, LOCAL_STORE};
use super::run::{AccessKind, CmdletEntry, ScopeKind, Side};
use super::session::Session;
use crate::access::{Gate, Place, Principal, Roles};
use crate::audit;
use crate::deployment::Deployment;
use crate::error::{ErrorRecord, Halt};
use crate::people::Directory;
use crate::store::Grant;
use std::cell::OnceCell;
use std::rc::Rc;

/// Whose session it is; the gate is made when the deployment is first asked for something.
#[derive(Default)]
pub(super) struct Door {
    user: Option<String>,
    principal: Option<Principal>,
    gate: OnceCell<Rc<Gate>>,
}

impl Door {
    /// One for another session of the same user.
    pub fn another(&self) -> DoorSeed {
        let known = self.gate.get().map(|gate| (*gate.principal()).clone());
        DoorSeed { user: self.user.clone(), principal: known.or_else(|| self.principal.clone()) }
    }
}

/// Whose a session will be that is made on another thread.
#[derive(Clone)]
pub(super) struct DoorSeed {
    user: Option<String>,
    principal: Option<Principal>,
}

impl DoorSeed {
    /// The door.
    pub fn open(&self) -> Door {
        Door { user: self.user.clone(), principal: self.principal.clone(), gate: OnceCell::new() }
    }
}

impl Session {
    /// The same as a user of the deployment's directory, by any of its names; the owner of the files may be anybody.
    #[must_use]
    pub fn as_user(mut self, user: impl Into<String>) -> Session {
        self.door = Door { user: Some(user.into()), ..Door::default() };
        self
    }

    /// The same as a principal that is known already.
    #[must_use]
    pub fn as_principal(mut self, principal: Principal) -> Session {
        self.door = Door { principal: Some(principal), ..Door::default() };
        self
    }

    /// The same with a gate that is kept over several sessions of one principal.
    #[must_use]
    pub fn with_gate(mut self, gate: Rc<Gate>) -> Session {
        self.door = Door { gate: OnceCell::from(gate), ..Door::default() };
        self
    }

    /// As whom a remote session asks to be taken, where it is not who it is.
    pub fn asks_to_be(&self) -> Option<&str> {
        self.door.user.as_deref()
    }

    /// Who the session is.
    ///
    /// # Errors
    /// `PrincipalNotFound`, `AccessDenied` where somebody else than the owner asks to be another, and what keeps the
    /// deployment from opening.
    pub fn principal(&self) -> Result<Rc<Principal>, Halt> {
        let deployment = self.deployment()?;
        Ok(self.gate(&deployment)?.principal())
    }

    /// The roles of the deployment as they are now.
    ///
    /// # Errors
    /// What keeps the deployment from answering.
    pub fn roles(&self) -> Result<Rc<Roles>, Halt> {
        let deployment = self.deployment()?;
        Ok(self.gate(&deployment)?.roles(deployment.store())?)
    }

    fn gate(&self, deployment: &Deployment) -> Result<Rc<Gate>, ErrorRecord> {
        if let Some(gate) = self.door.gate.get() {
            return Ok(gate.clone());
        }
        let principal = match &self.door.principal {
            Some(principal) => principal.clone(),
            None => {
                let directory = || Directory::load(deployment.store());
                Principal::of_process(deployment.owner_uid()?, self.door.user.as_deref(), directory)?
            }
        };
        let gate = Rc::new(Gate::new(principal));
        Ok(self.door.gate.get_or_init(|| gate).clone())
    }

    /// Asks whether the principal may run a cmdlet at a place. The grant is what a change of the store takes; a refusal
    /// goes into the audit log.
    ///
    /// # Errors
    /// `AccessDenied`, naming the roles that would do.
    pub fn authorize(&self, cmdlet: &str, bound: &Bound, place: &Place) -> Result<Grant, Halt> {
        let deployment = self.deployment()?;
        let gate = self.gate(&deployment)?;
        let place = self.place_that_counts(cmdlet, place);
        Ok(gate.authorize(deployment.store(), cmdlet, audit::describe(&bound.values), place)?)
    }

    /// Whether the principal may see what lies at a place with a cmdlet.
    ///
    /// # Errors
    /// What keeps the deployment from answering.
    pub fn may(&self, cmdlet: &str, place: &Place) -> Result<bool, Halt> {
        let deployment = self.deployment()?;
        let gate = self.gate(&deployment)?;
        Ok(gate.may(deployment.store(), cmdlet, self.place_that_counts(cmdlet, place))?)
    }

    /// A cmdlet that is held against the whole deployment needs a role for that, whatever place it names.
    fn place_that_counts<'a>(&self, cmdlet: &str, place: &'a Place) -> &'a Place {
        let global = self.registry.native(cmdlet).is_some_and(|c| c.entry.access.scope == ScopeKind::Global);
        if global { &Place::Global } else { place }
    }

    /// Whether the principal may run a cmdlet anywhere at all, or, if it is held against the whole deployment, there:
    /// asked before it begins, so that a cmdlet that forgets to ask is guarded too. A cmdlet that works in the client
    /// needs no role, and no deployment.
    ///
    /// # Errors
    /// `AccessDenied`, naming the roles that would do; `HostUnreachable` for what is not decided here; what
    /// keeps the deployment from answering.
    pub fn may_start(&self, entry: &CmdletEntry, bound: &Bound) -> Result<(), Halt> {
        if entry.access.kind == AccessKind::Client {
            return Ok(());
        }
        let deployment = self.deployment()?;
        if entry.side == Side::Server && !bound.switch(LOCAL_STORE) {
            deployment.decides()?;
        }
        let gate = self.gate(&deployment)?;
        let parameters = || audit::describe(&bound.values);
        let place = (entry.access.scope == ScopeKind::Global).then_some(&Place::Global);
        Ok(gate.may_start(deployment.store(), &entry.name, &parameters, place)?)
    }
}
