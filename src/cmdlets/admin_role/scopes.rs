//! What a role is given, checked against what there is: sites, organisational units, cmdlets.

use super::edit::Edit;
use crate::access::{ConfigScope, Role, UserScope, is_known, is_reserved, names, sorted};
use crate::error::{Category, ErrorRecord};
use crate::people::{Directory, dn};
use crate::topology::Topology;
use crate::value::{Str, Value, near};

/// The lists that New- and Set-CsAdminRole change.
#[derive(Default)]
pub struct Edits {
    cmdlets: Option<Edit>,
    script_modules: Option<Edit>,
    config_scopes: Option<Edit>,
    user_scopes: Option<Edit>,
}

impl Edits {
    /// From the parameters as bound, all that they bring in checked.
    ///
    /// # Errors
    /// `CmdletNotFound`, `CmdletReserved`, `InvalidScope`, `SiteNotFound`, `OUNotFound`, `InvalidListModifier`, each with what to do.
    pub fn parse(
        bound: &dyn Fn(&str) -> Option<Value>,
        topology: &Topology,
        directory: &Directory,
    ) -> Result<Edits, ErrorRecord> {
        let edit = |name: &str, spell: &dyn Fn(&Str) -> Result<Str, ErrorRecord>| {
            bound(name).map(|value| Edit::parse(name, &value)?.map(spell)).transpose()
        };
        Ok(Edits {
            cmdlets: edit("Cmdlets", &cmdlet)?,
            script_modules: edit("ScriptModules", &script_module)?,
            config_scopes: edit("ConfigScopes", &|text| config_scope(text, topology))?,
            user_scopes: edit("UserScopes", &|text| user_scope(text, directory))?,
        })
    }

    /// Whether nothing is to change.
    pub fn is_empty(&self) -> bool {
        let all = [&self.cmdlets, &self.script_modules, &self.config_scopes, &self.user_scopes];
        all.iter().all(|edit| edit.is_none())
    }

    /// Makes them.
    ///
    /// # Errors
    /// `InvalidScope` where a role would be left without a scope.
    pub fn apply(&self, role: &mut Role) -> Result<(), ErrorRecord> {
        if let Some(edit) = &self.cmdlets {
            role.cmdlets = sorted(edit.apply(&role.cmdlets));
        }
        if let Some(edit) = &self.script_modules {
            role.script_modules = edit.apply(&role.script_modules);
        }
        if let Some(edit) = &self.config_scopes {
            let after = edit.apply(&as_texts(&role.config_scopes));
            role.config_scopes = after.iter().map(|text| ConfigScope::parse(text)).collect::<Result<_, _>>()?;
        }
        if let Some(edit) = &self.user_scopes {
            let after = edit.apply(&as_texts(&role.user_scopes));
            role.user_scopes = after.iter().map(|text| UserScope::parse(text)).collect::<Result<_, _>>()?;
        }
        if role.config_scopes.is_empty() && role.user_scopes.is_empty() {
            let message = format!("The role {} would have no scope left, so could do nothing anywhere.", role.name);
            return Err(ErrorRecord::new("InvalidScope", Category::InvalidArgument, message)
                .hint("Leave it one scope, or remove the role with Remove-CsAdminRole."));
        }
        Ok(())
    }
}

fn as_texts(scopes: &[impl ToString]) -> Vec<Str> {
    scopes.iter().map(|scope| scope.to_string().into()).collect()
}

fn cmdlet(name: &Str) -> Result<Str, ErrorRecord> {
    if is_reserved(name) {
        let message =
            format!("No role that is made here can have {name}: with it, a holder could make anybody administrator.");
        return Err(ErrorRecord::new("CmdletReserved", Category::PermissionDenied, message)
            .hint("CsAdministrator and RTCUniversalServerAdmins have it.")
            .target(name.clone()));
    }
    is_known(name).cloned().ok_or_else(|| {
        let message = format!("'{name}' is not the name of a cmdlet that a role can have.");
        let error = ErrorRecord::new("CmdletNotFound", Category::ObjectNotFound, message).target(name.clone());
        match near::nearest(name, names().iter().map(|known| &**known)) {
            Some(near) => error.hint(format!("Did you mean {near}?")),
            None => error.hint("Cmdlets that work on objects in the shell need no role; Get-Command lists the others."),
        }
    })
}

fn script_module(text: &Str) -> Result<Str, ErrorRecord> {
    let whole =
        text.split_once(':').is_some_and(|(file, function)| !file.trim().is_empty() && !function.trim().is_empty());
    if whole || !text.contains(':') {
        return Ok(text.clone());
    }
    let message = format!("'{text}' is no script module.");
    Err(ErrorRecord::new("InvalidScriptModule", Category::InvalidArgument, message)
        .hint("A script module is a file, or a file and a function of it: tools.ps1:Get-Report."))
}

fn config_scope(text: &Str, topology: &Topology) -> Result<Str, ErrorRecord> {
    match ConfigScope::parse(text)? {
        ConfigScope::Site(site) => {
            // By id or by name; kept by name, which is what configuration and pools go by.
            let name = topology.site(&site)?.name.clone();
            Ok(ConfigScope::Site(name).to_string().into())
        }
        ConfigScope::Global => Ok("Global".into()),
    }
}

fn user_scope(text: &Str, directory: &Directory) -> Result<Str, ErrorRecord> {
    let scope = UserScope::parse(text)?;
    if let UserScope::Ou(name) = &scope {
        // A domain, or a unit that only holds others, is no less a place for users.
        let holds_units = directory.ous().any(|ou| dn::within(&ou.dn, name));
        if !holds_units {
            directory.find_ou(name)?;
        }
    }
    Ok(scope.to_string().into())
}
