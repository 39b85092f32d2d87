//! Grant-Cs…Policy: assigns a per-user policy to a user, or with `$null` takes the assignment away.

use super::{Ground, go_on, text_of, warn_of_unused};
use crate::access::Place;
use crate::cmdlet::{Bound, Context, Run};
use crate::cmdlets::user::Users;
use crate::config::{Family, Identity, Source};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::ACCOUNT;

/// Assigns a policy of a family to users.
pub(super) struct Grant {
    source: &'static Source,
    users: Users,
}

impl Grant {
    pub fn new(source: &'static Source) -> Grant {
        Grant { source, users: Users::default() }
    }

    fn assign(&mut self, family: &'static Family, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let ground = Ground::open(cx)?;
        let Some(identity) = text_of(bound, "Identity") else { return Err(nobody(family).into()) };
        let (mut user, version) = self.users.read(&identity, cx)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        if !user.has_account() {
            return Err(not_enabled(&user.display_name, &user.dn).into());
        }
        let policy = match text_of(bound, "PolicyName").filter(|name| !name.is_empty()) {
            Some(name) => Some(self.policy(&ground, family, &name)?),
            None => None,
        };
        if cx.should_process(&user.dn, cx.command)? && user.policy(&family.name) != policy.as_deref() {
            user.set_policy(&family.name, policy.as_deref());
            self.users.commit(&grant, &mut user, version, cx)?;
        }
        if bound.switch("PassThru") {
            cx.output(ACCOUNT.record(&user))?;
        }
        Ok(())
    }

    /// The name of a per-user policy as it is spelled.
    fn policy(&self, ground: &Ground, family: &'static Family, name: &str) -> Result<String, ErrorRecord> {
        match Identity::parse(family, name, &ground.topology)? {
            identity @ Identity::Tag(_) => Ok(ground.reader().require(family, &identity)?.identity.name()),
            other => {
                let message = format!("'{other}' cannot be assigned: it rules by itself for all of its scope.");
                let error = ErrorRecord::new("InvalidScope", Category::InvalidArgument, message).target(name);
                Err(error.hint("Only per-user policies are assigned; $null takes an assignment away."))
            }
        }
    }
}

impl Run for Grant {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let family = self.source.family();
        warn_of_unused(family, bound, cx);
        let result = self.assign(family, bound, cx);
        go_on(result, cx)
    }
}

fn nobody(family: &Family) -> ErrorRecord {
    let message = format!("To whom? A {} is assigned to users: -Identity is missing.", family.what);
    let error = ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message);
    error.hint(format!("To change what rules for all: Set-Cs{} -Identity Global …", family.name))
}

fn not_enabled(name: &str, dn: &str) -> ErrorRecord {
    let message = format!("The user '{name}' is not enabled.");
    let error = ErrorRecord::new("UserNotEnabled", Category::InvalidOperation, message).target(dn);
    error.hint("Enable-CsUser enables a user.")
}
