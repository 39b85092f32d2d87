//! Users as cmdlets show them: the account (`Get-CsUser`) and the directory's entry (`Get-CsAdUser`).

use super::dn;
use super::user::User;
use crate::value::{Record, RecordType, Str, TextForm, Value, date, list_object};
use std::sync::{Arc, OnceLock};

/// A way to show a user: the type of the record, and its properties in order.
pub struct Shape {
    type_name: &'static str,
    properties: &'static [(&'static str, Get)],
    made: OnceLock<(Arc<RecordType>, Arc<[Str]>)>,
}

/// How the value of a property is had of a user.
type Get = fn(&User) -> Value;

impl Shape {
    /// The properties' names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.properties.iter().map(|(name, _)| *name).collect()
    }

    /// The value of a property by its place in the order.
    pub fn value(&self, user: &User, place: usize) -> Value {
        self.properties.get(place).map_or(Value::Null, |(_, get)| get(user))
    }

    /// A user in this shape.
    pub fn record(&self, user: &User) -> Record {
        let (kind, names) = self.made.get_or_init(|| {
            let names = self.properties.iter().map(|(name, _)| Str::from(*name)).collect();
            (RecordType::new(self.type_name, TextForm::Identity), names)
        });
        let values = self.properties.iter().map(|(_, get)| get(user)).collect();
        Record::from_parts(kind.clone(), names.clone(), values)
    }
}

/// What `Get-CsUser` shows.
pub static ACCOUNT: Shape = Shape {
    type_name: "Microsoft.Rtc.Management.ADConnect.Schema.OCSADUser",
    properties: &[
        ("SamAccountName", |u| text(&u.sam_account_name)),
        ("UserPrincipalName", |u| text(&u.user_principal_name)),
        ("FirstName", |u| text(&u.first_name)),
        ("LastName", |u| text(&u.last_name)),
        ("WindowsEmailAddress", |u| text(&u.windows_email_address)),
        ("Sid", |u| text(&u.sid)),
        ("LineServerURI", |u| text(&u.line_server_uri)),
        ("OriginatorSid", |_| Value::Null),
        ("AudioVideoDisabled", |u| u.audio_video_disabled.into()),
        ("IPPBXSoftPhoneRoutingEnabled", |_| false.into()),
        ("RemoteCallControlTelephonyEnabled", |u| u.remote_call_control_telephony_enabled.into()),
        ("PrivateLine", |u| text(&u.private_line)),
        ("AcpInfo", |_| list(&[])),
        ("HostedVoiceMail", |u| u.hosted_voice_mail.into()),
        ("DisplayName", |u| text(&u.display_name)),
        ("HomeServer", home_server),
        ("TargetServerIfMoving", |_| Value::Null),
        ("EnabledForFederation", |u| u.has_account().into()),
        ("EnabledForInternetAccess", |u| u.has_account().into()),
        ("PublicNetworkEnabled", |u| u.has_account().into()),
        ("EnterpriseVoiceEnabled", |u| u.enterprise_voice_enabled.into()),
        ("EnabledForRichPresence", |u| u.has_account().into()),
        ("LineURI", |u| text(&u.line_uri)),
        ("SipAddress", |u| text(&u.sip_address)),
        ("Enabled", |u| u.enabled.into()),
        ("TenantId", |_| uuid::Uuid::nil().into()),
        ("TargetRegistrarPool", |_| Value::Null),
        ("VoicePolicy", |u| u.policy("VoicePolicy").into()),
        ("MobilityPolicy", |u| u.policy("MobilityPolicy").into()),
        ("ConferencingPolicy", |u| u.policy("ConferencingPolicy").into()),
        ("PresencePolicy", |u| u.policy("PresencePolicy").into()),
        ("RegistrarPool", |u| text(&u.registrar_pool)),
        ("DialPlan", |u| u.policy("DialPlan").into()),
        ("LocationPolicy", |u| u.policy("LocationPolicy").into()),
        ("ClientPolicy", |u| u.policy("ClientPolicy").into()),
        ("ClientVersionPolicy", |u| u.policy("ClientVersionPolicy").into()),
        ("ArchivingPolicy", |u| u.policy("ArchivingPolicy").into()),
        ("PinPolicy", |u| u.policy("PinPolicy").into()),
        ("ExternalAccessPolicy", |u| u.policy("ExternalAccessPolicy").into()),
        ("HostedVoicemailPolicy", |u| u.policy("HostedVoicemailPolicy").into()),
        ("HostingProvider", |u| text(&u.hosting_provider)),
        ("Name", |u| text(&u.display_name)),
        ("DistinguishedName", |u| text(&u.dn)),
        ("Identity", |u| text(&u.dn)),
        ("Guid", guid),
        ("ObjectCategory", object_category),
        ("ObjectClass", |_| list(&["top", "person", "organizationalPerson", "user"])),
        ("WhenChanged", |u| time(&u.when_changed)),
        ("WhenCreated", |u| time(&u.when_created)),
        ("OriginatingServer", |u| format!("DC01.{}", u.domain()).into()),
        ("IsValid", |_| true.into()),
        ("ObjectState", |_| "Unchanged".into()),
        ("VoiceRoutingPolicy", |u| u.policy("VoiceRoutingPolicy").into()),
        ("PersistentChatPolicy", |u| u.policy("PersistentChatPolicy").into()),
        ("UserServicesPolicy", |u| u.policy("UserServicesPolicy").into()),
        ("ExchangeArchivingPolicy", |u| {
            let unset = u.exchange_archiving_policy.is_empty();
            if unset { "Uninitialized".into() } else { text(&u.exchange_archiving_policy) }
        }),
    ],
    made: OnceLock::new(),
};

/// What `Get-CsAdUser` shows.
pub static ENTRY: Shape = Shape {
    type_name: "Microsoft.Rtc.Management.ADConnect.Schema.CSADUser",
    properties: &[
        ("Identity", |u| text(&u.dn)),
        ("DisplayName", |u| text(&u.display_name)),
        ("FirstName", |u| text(&u.first_name)),
        ("LastName", |u| text(&u.last_name)),
        ("SamAccountName", |u| text(&u.sam_account_name)),
        ("UserPrincipalName", |u| text(&u.user_principal_name)),
        ("WindowsEmailAddress", |u| text(&u.windows_email_address)),
        ("SipAddress", |u| text(&u.sip_address)),
        ("Enabled", |u| u.enabled.into()),
        ("UserAccountControl", |u| text(&u.user_account_control)),
        ("Title", |u| text(&u.title)),
        ("Department", |u| text(&u.department)),
        ("Office", |u| text(&u.office)),
        ("Company", |u| text(&u.company)),
        ("Phone", |u| text(&u.phone)),
        ("MobilePhone", |u| text(&u.mobile_phone)),
        ("HomePhone", |u| text(&u.home_phone)),
        ("City", |u| text(&u.city)),
        ("StateOrProvince", |u| text(&u.state_or_province)),
        ("StreetAddress", |u| text(&u.street_address)),
        ("PostalCode", |u| text(&u.postal_code)),
        ("CountryOrRegion", |u| text(&u.country_or_region)),
        ("Manager", |u| text(&u.manager)),
        ("Guid", guid),
        ("Sid", |u| text(&u.sid)),
        ("WhenCreated", |u| time(&u.when_created)),
        ("WhenChanged", |u| time(&u.when_changed)),
    ],
    made: OnceLock::new(),
};

/// Text; what is empty in the directory is `$null`.
fn text(value: &str) -> Value {
    if value.is_empty() { Value::Null } else { Value::str(value) }
}

fn list(items: &[&str]) -> Value {
    Value::Record(list_object::new(true, items.iter().map(|item| Value::str(*item)).collect()))
}

fn guid(user: &User) -> Value {
    uuid::Uuid::parse_str(&user.guid).map_or(Value::Null, Value::Guid)
}

fn time(iso: &str) -> Value {
    date::parse(iso).map_or(Value::Null, Value::DateTime)
}

fn home_server(user: &User) -> Value {
    if user.registrar_pool.is_empty() {
        return Value::Null;
    }
    let root = dn::of_domain(&user.domain());
    format!(
        "CN=Lc Services,CN=Microsoft,CN={},CN=Pools,CN=RTC Service,CN=Services,CN=Configuration,{root}",
        user.registrar_pool
    )
    .into()
}

fn object_category(user: &User) -> Value {
    format!("CN=Person,CN=Schema,CN=Configuration,{}", dn::of_domain(&user.domain())).into()
}
