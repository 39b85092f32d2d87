//! Get-CsUser: users that are enabled.

use super::go_on;
use super::select::Selection;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::people::{ACCOUNT, User};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetUser;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    ldap_filter: Option<String>,
    #[serde(rename = "OU")]
    ou: Option<String>,
    #[serde(default)]
    on_lync_server: bool,
    #[serde(default)]
    on_modern_server: bool,
    #[serde(default)]
    on_office_communication_server: bool,
    #[serde(default)]
    un_assigned_user: bool,
}

impl Cmdlet for GetUser {
    const NAME: &'static str = "Get-CsUser";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const FROM_BOUND: &'static [&'static str] = &["ResultSize"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All users that are enabled", run: "Get-CsUser" },
        Example { what: "One user", run: "Get-CsUser -Identity \"Ken Myer\"" },
        Example { what: "Users by the beginning of the name", run: "Get-CsUser -Identity \"Pilar*\"" },
        Example {
            what: "Users of one pool",
            run: "Get-CsUser -Filter {RegistrarPool -eq \"dub-pool.litwareinc.com\"}",
        },
        Example { what: "Users with a voice policy of their own", run: "Get-CsUser -Filter {VoicePolicy -ne $null}" },
        Example { what: "Managers in Finance", run: "Get-CsUser -LdapFilter \"&(Department=Finance)(Title=Manager)\"" },
        Example {
            what: "Users of a unit, the first ten",
            run: "Get-CsUser -OU \"ou=Redmond,dc=litwareinc,dc=com\" -ResultSize 10",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let selection = Selection {
            identity: args.identity.as_deref(),
            filter: args.filter.as_deref(),
            ldap_filter: args.ldap_filter.as_deref(),
            ou: args.ou.as_deref(),
            result_size: cx.bound.get("ResultSize"),
        };
        let also = |user: &User| {
            let has_pool = !user.registrar_pool.is_empty();
            user.has_account()
                && (!(args.on_lync_server || args.on_modern_server) || has_pool)
                && !(args.un_assigned_user && (has_pool || user.hosting_provider.contains('.')))
                // There are no pools of the product's forerunner here.
                && !args.on_office_communication_server
        };
        let result = selection.output(&ACCOUNT, &also, cx);
        go_on(result, cx)
    }
}
