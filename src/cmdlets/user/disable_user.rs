//! Disable-CsUser: takes a user's account away, with all that belongs to it.

use super::{Users, go_on};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::people::{ENTRY, User};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct DisableUser {
    users: Users,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    #[serde(default)]
    pass_thru: bool,
}

impl Cmdlet for DisableUser {
    const NAME: &'static str = "Disable-CsUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Disable a user", run: "Disable-CsUser -Identity \"Ken Myer\"" },
        Example {
            what: "See who would be disabled",
            run: "Get-CsUser -LdapFilter \"Department=Finance\" | Disable-CsUser -WhatIf",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.disable(&args, cx);
        go_on(result, cx)
    }
}

impl DisableUser {
    fn disable(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let (user, version) = self.users.read(&args.identity, cx)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        let mut user = user;
        if !user.has_account() {
            cx.warning(format!("The user '{}' is not enabled.", user.display_name));
        } else if cx.should_process(&user.dn, Self::NAME)? {
            user = without_account(user);
            self.users.commit(&grant, &mut user, version, cx)?;
        }
        if args.pass_thru {
            cx.output(ENTRY.record(&user))?;
        }
        Ok(())
    }
}

/// The user as the directory has it, without the account.
fn without_account(user: User) -> User {
    let none = User::default();
    User {
        enabled: none.enabled,
        sip_address: none.sip_address,
        registrar_pool: none.registrar_pool,
        hosting_provider: none.hosting_provider,
        line_uri: none.line_uri,
        line_server_uri: none.line_server_uri,
        private_line: none.private_line,
        enterprise_voice_enabled: false,
        hosted_voice_mail: none.hosted_voice_mail,
        audio_video_disabled: false,
        remote_call_control_telephony_enabled: false,
        exchange_archiving_policy: none.exchange_archiving_policy,
        policies: none.policies,
        ..user
    }
}
