//! Move-CsUser: moves a user to another pool, with what the old one keeps of the user.

use super::{Users, carry, go_on, not_enabled, registrar_pool};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::cmdlets::user_data::refuse_in_resiliency;
use crate::env::file;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::ACCOUNT;
use serde::Deserialize;
use std::io;

/// The cmdlet.
#[derive(Default)]
pub struct MoveUser {
    users: Users,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    target: String,
    user_list: Option<String>,
    #[serde(default)]
    pass_thru: bool,
    #[serde(default)]
    force: bool,
}

impl Cmdlet for MoveUser {
    const NAME: &'static str = "Move-CsUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Move a user",
            run: "Move-CsUser -Identity \"Pilar Ackerman\" -Target lon-pool.litwareinc.com",
        },
        Example {
            what: "See who would be moved",
            run: "Get-CsUser -OU \"ou=Finance,dc=litwareinc,dc=com\" | Move-CsUser -Target atl-cs-001.litwareinc.com -WhatIf",
        },
    ];
    const FILES: &'static [FileParameter] = &[FileParameter::Read("UserList")];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let identities = match (&args.identity, &args.user_list) {
            (Some(identity), _) => vec![identity.clone()],
            (None, Some(file)) => identities(file, cx)?,
            (None, None) => Vec::new(),
        };
        for identity in identities {
            let result = self.relocate(&identity, &args, cx);
            go_on(result, cx)?;
        }
        Ok(())
    }
}

impl MoveUser {
    fn relocate(&mut self, identity: &str, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let (mut user, version) = self.users.read(identity, cx)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        let target = registrar_pool(&topology, &args.target)?;
        cx.authorize(&Place::Site(target.site.clone()))?;
        if !user.has_account() {
            return Err(not_enabled(&user).into());
        }
        if user.registrar_pool != target.fqdn {
            refuse_in_resiliency(cx, &user, &target.fqdn)?;
            // What the old pool keeps is given up with -Force, so it does not matter in which state that is.
            if !args.force {
                refuse_in_resiliency(cx, &user, &user.registrar_pool)?;
            }
        }
        let wanted = cx.should_process(&user.dn, Self::NAME)?;
        if user.registrar_pool == target.fqdn {
            cx.verbose(format!("The user '{}' is on {} already.", user.display_name, target.fqdn));
        } else if wanted {
            let carried = carry::copy(&user, &target.fqdn, args.force, &topology, &grant, cx)?;
            user.registrar_pool = target.fqdn.clone();
            user.hosting_provider = "SRV:".into();
            self.users.commit(&grant, &mut user, version, cx)?;
            if let Some(carried) = carried {
                carried.finish(&grant, cx);
            }
        }
        if args.pass_thru {
            cx.output(ACCOUNT.record(&user))?;
        }
        Ok(())
    }
}

/// The identities in a file, one a line.
fn identities(file: &str, cx: &Context) -> Result<Vec<String>, ErrorRecord> {
    let read = cx
        .read_file("UserList", file::LARGEST)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)));
    let text = read.map_err(|error| {
        let message = format!("The list of users '{file}' cannot be read: {error}.");
        ErrorRecord::new("FileOpenFailure", Category::OpenError, message).target(file)
    })?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect())
}
