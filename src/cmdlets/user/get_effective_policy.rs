//! Get-CsEffectivePolicy: which policies rule for a user, by assignment, site or global.

use super::{Users, go_on, not_enabled};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::config::{self, Reader};
use crate::error::Halt;
use crate::value::{Record, RecordType, TextForm, Value};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetEffectivePolicy {
    users: Users,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

/// What it shows, and the family of policies behind it.
const POLICIES: [(&str, &str); 14] = [
    ("LocationProfile", "DialPlan"),
    ("LocationPolicy", "LocationPolicy"),
    ("ClientPolicy", "ClientPolicy"),
    ("MobilityPolicy", "MobilityPolicy"),
    ("VoicePolicy", "VoicePolicy"),
    ("ConferencingPolicy", "ConferencingPolicy"),
    ("PresencePolicy", "PresencePolicy"),
    ("ExternalAccessPolicy", "ExternalAccessPolicy"),
    ("ArchivingPolicy", "ArchivingPolicy"),
    ("PinPolicy", "PinPolicy"),
    ("ClientVersionPolicy", "ClientVersionPolicy"),
    ("HostedVoicemailPolicy", "HostedVoicemailPolicy"),
    ("PersistentChatPolicy", "PersistentChatPolicy"),
    ("UserServicesPolicy", "UserServicesPolicy"),
];

impl Cmdlet for GetEffectivePolicy {
    const NAME: &'static str = "Get-CsEffectivePolicy";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "What rules for a user", run: "Get-CsEffectivePolicy -Identity \"Ken Myer\"" },
        Example { what: "For two", run: "\"Ken Myer\",\"Pilar Ackerman\" | Get-CsEffectivePolicy" },
        Example {
            what: "For all who have a policy assigned",
            run: "Get-CsUser -Filter {ConferencingPolicy -eq \"RedmondConferencingPolicy\"} | Get-CsEffectivePolicy | Select-Object Identity, ConferencingPolicy",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.show(&args, cx);
        go_on(result, cx)
    }
}

impl GetEffectivePolicy {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let user = self.users.directory(cx)?.find_user(&args.identity)?.clone();
        let place = Place::User(user.ou().to_string());
        if !cx.may_see(&place)? {
            cx.authorize(&place)?;
        }
        if !user.has_account() {
            return Err(not_enabled(&user).into());
        }
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        let reader = Reader { store: deployment.store(), topology: &topology };
        let mut fields = vec![("Identity", Value::str(user.dn.as_str()))];
        for (name, family) in POLICIES {
            let assigned = user.policy(family);
            let rules = match config::family(family) {
                Some(family) => reader.effective(family, assigned, &user.registrar_pool)?,
                None => assigned.unwrap_or("Global").to_string(),
            };
            fields.push((name, rules.into()));
        }
        let kind = RecordType::new("Microsoft.Rtc.Management.AD.Cmdlets.EffectivePolicies", TextForm::Identity);
        cx.output(Record::new(kind, fields))
    }
}
