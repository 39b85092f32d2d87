//! The properties of what a cmdlet puts out, known without running it; which parameters take the name of one.

use crate::config::{self, Verb};
use crate::value::{Str, same_name};

/// Cmdlets that hand on the objects that they take.
const PASS: &[&str] = &["Where-Object", "Sort-Object", "Select-Object", "Tee-Object", "Get-Unique", "Add-Member"];

/// Parameters of object cmdlets that take the names of properties.
const TAKES: &[(&str, &[&str])] = &[
    ("Select-Object", &["Property", "ExpandProperty", "ExcludeProperty"]),
    ("Where-Object", &["Property"]),
    ("ForEach-Object", &["MemberName"]),
    ("Sort-Object", &["Property"]),
    ("Group-Object", &["Property"]),
    ("Measure-Object", &["Property"]),
    ("Compare-Object", &["Property"]),
    ("Format-Table", &["Property", "GroupBy"]),
    ("Format-List", &["Property", "GroupBy"]),
    ("Format-Wide", &["Property", "GroupBy"]),
    ("ConvertTo-Html", &["Property"]),
    ("Join-String", &["Property"]),
];

/// What the cmdlets that have no declared family put out. A test compares it with what they do put out.
pub(super) const OUTPUTS: &[(&str, &[&str])] = &[
    ("Get-CsPool", &["Identity", "Services", "Computers", "Fqdn", "BackupPoolFqdn", "Site"]),
    ("Get-CsComputer", &["Identity", "Pool", "Fqdn"]),
    (
        "Get-CsSite",
        &[
            "Identity",
            "SiteId",
            "Services",
            "Pools",
            "FederationRoute",
            "XmppFederationRoute",
            "DefaultPersistentChatPool",
            "Description",
            "DisplayName",
            "SiteType",
            "ParentSite",
            "City",
            "State",
            "CountryCode",
        ],
    ),
    ("Get-CsService", &["Identity", "DependentServiceList", "ServiceId", "SiteId", "PoolFqdn", "Version", "Role"]),
    (
        "Get-CsUser",
        &[
            "SamAccountName",
            "UserPrincipalName",
            "FirstName",
            "LastName",
            "WindowsEmailAddress",
            "Sid",
            "LineServerURI",
            "AudioVideoDisabled",
            "IPPBXSoftPhoneRoutingEnabled",
            "RemoteCallControlTelephonyEnabled",
            "PrivateLine",
            "HostedVoiceMail",
            "DisplayName",
            "HomeServer",
            "EnabledForFederation",
            "EnabledForInternetAccess",
            "PublicNetworkEnabled",
            "EnterpriseVoiceEnabled",
            "EnabledForRichPresence",
            "LineURI",
            "SipAddress",
            "Enabled",
            "TargetRegistrarPool",
            "VoicePolicy",
            "MobilityPolicy",
            "ConferencingPolicy",
            "PresencePolicy",
            "RegistrarPool",
            "DialPlan",
            "LocationPolicy",
            "ClientPolicy",
            "ClientVersionPolicy",
            "ArchivingPolicy",
            "PinPolicy",
            "ExternalAccessPolicy",
            "HostedVoicemailPolicy",
            "HostingProvider",
            "Name",
            "DistinguishedName",
            "Identity",
            "Guid",
            "WhenChanged",
            "WhenCreated",
            "VoiceRoutingPolicy",
            "PersistentChatPolicy",
            "UserServicesPolicy",
            "ExchangeArchivingPolicy",
        ],
    ),
    (
        "Get-CsAdUser",
        &[
            "Identity",
            "DisplayName",
            "FirstName",
            "LastName",
            "SamAccountName",
            "UserPrincipalName",
            "WindowsEmailAddress",
            "SipAddress",
            "Enabled",
            "UserAccountControl",
            "Title",
            "Department",
            "Office",
            "Company",
            "Phone",
            "MobilePhone",
            "HomePhone",
            "City",
            "StateOrProvince",
            "StreetAddress",
            "PostalCode",
            "CountryOrRegion",
            "Manager",
            "Guid",
            "Sid",
            "WhenCreated",
            "WhenChanged",
        ],
    ),
    (
        "Get-CsAdminRole",
        &[
            "Identity",
            "SID",
            "IsStandardRole",
            "Cmdlets",
            "ScriptModules",
            "ConfigScopes",
            "UserScopes",
            "TemplateName",
        ],
    ),
    (
        "Get-CsTopology",
        &[
            "Machines",
            "SqlInstances",
            "InternalDomains",
            "Sites",
            "Clusters",
            "Services",
            "SimpleUrlConfiguration",
            "Signature",
            "IsPublished",
        ],
    ),
    (
        "Get-Command",
        &["CommandType", "Name", "Status", "Verb", "Noun", "DefaultParameterSet", "Parameters", "Definition"],
    ),
    ("Get-Alias", &["CommandType", "Name", "DisplayName", "Definition", "ResolvedCommandName"]),
    ("Get-Verb", &["Verb"]),
    ("Group-Object", &["Count", "Name", "Group", "Values"]),
    ("Measure-Object", &["Count", "Average", "Sum", "Maximum", "Minimum", "StandardDeviation", "Property"]),
    ("Compare-Object", &["InputObject", "SideIndicator"]),
    ("Get-Member", &["TypeName", "Name", "MemberType", "Definition"]),
];

/// Whether a cmdlet hands on the objects that it takes.
pub(super) fn passes_on(command: &str) -> bool {
    PASS.iter().any(|name| same_name(name, command))
}

/// Whether a parameter takes the name of a property.
pub(super) fn takes_property(command: &str, parameter: &str) -> bool {
    let of = TAKES.iter().find(|(name, _)| same_name(name, command));
    of.is_some_and(|(_, parameters)| parameters.iter().any(|name| same_name(name, parameter)))
}

/// The properties of what a cmdlet puts out; none where it is not known.
pub(super) fn of(command: &str) -> Vec<Str> {
    if let Some((_, names)) = OUTPUTS.iter().find(|(name, _)| same_name(name, command)) {
        return names.iter().map(|name| Str::from(*name)).collect();
    }
    let puts_out = |verb: Verb| matches!(verb, Verb::Get | Verb::New);
    let family = config::sources()
        .iter()
        .find(|source| source.cmdlets.iter().any(|c| same_name(c.name, command) && puts_out(c.verb)));
    family.map(|source| source.family().names().to_vec()).unwrap_or_default()
}
