//! The properties of what cmdlets put out, known without running them: one table for checks and completion.

use crate::config::{self, Verb};
use crate::value::{Str, same_name};

/// Cmdlets that hand on the objects that they take.
const PASS: &[&str] = &["Where-Object", "Sort-Object", "Select-Object", "Tee-Object", "Get-Unique", "Add-Member"];

/// Parameters of object cmdlets that take the names of properties, or script blocks and hashtables that compute with
/// the object.
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
    ("Format-Custom", &["Property", "GroupBy"]),
    ("ConvertTo-Html", &["Property"]),
    ("Join-String", &["Property"]),
];

/// Parameters whose script blocks run for each object.
const RUNS: &[(&str, &[&str])] =
    &[("Where-Object", &["FilterScript"]), ("ForEach-Object", &["Process", "RemainingScripts", "Parallel"])];

/// All that a cmdlet without a declared family puts out has these properties and no others. A test compares this with
/// what they do put out.
const COMPLETE: &[(&str, &[&str])] = &[
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
            "OriginatorSid",
            "AudioVideoDisabled",
            "IPPBXSoftPhoneRoutingEnabled",
            "RemoteCallControlTelephonyEnabled",
            "PrivateLine",
            "AcpInfo",
            "HostedVoiceMail",
            "DisplayName",
            "HomeServer",
            "TargetServerIfMoving",
            "EnabledForFederation",
            "EnabledForInternetAccess",
            "PublicNetworkEnabled",
            "EnterpriseVoiceEnabled",
            "EnabledForRichPresence",
            "LineURI",
            "SipAddress",
            "Enabled",
            "TenantId",
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
            "ObjectCategory",
            "ObjectClass",
            "WhenChanged",
            "WhenCreated",
            "OriginatingServer",
            "IsValid",
            "ObjectState",
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
        "Get-CsManagementStoreReplicationStatus",
        &[
            "UpToDate",
            "ReplicaFqdn",
            "LastStatusReport",
            "LastUpdateCreation",
            "ProductVersion",
            "VersionHeld",
            "LastPackageKind",
            "Epoch",
            "VersionsBehind",
            "BytesBehind",
            "LastContact",
            "Connected",
            "CertificateNotAfter",
            "ClockSkew",
            "HookError",
            "LastError",
            "Reason",
        ],
    ),
    (
        "Get-CsManagementConnection",
        &[
            "StoreProvider",
            "Connection",
            "ReadOnly",
            "SqlServer",
            "SqlInstance",
            "MirrorSqlServer",
            "MirrorSqlInstance",
            "ActiveMaster",
            "Address",
            "Epoch",
            "Version",
            "Session",
            "Principal",
        ],
    ),
    (
        "Get-CsAuditLog",
        &[
            "Sequence",
            "Time",
            "Principal",
            "Cmdlet",
            "Place",
            "Decision",
            "Through",
            "Outcome",
            "Parameters",
            "Changed",
            "VersionBefore",
            "VersionAfter",
            "Previous",
            "Hash",
        ],
    ),
    (
        "Get-CsCertificate",
        &[
            "Issuer",
            "NotAfter",
            "NotBefore",
            "SerialNumber",
            "Subject",
            "AlternativeNames",
            "Thumbprint",
            "EffectiveDate",
            "PreviousThumbprint",
            "UpdateTime",
            "Use",
            "SourceScope",
            "Computer",
            "DaysLeft",
            "Revoked",
        ],
    ),
    ("Get-CsGroup", &["Identity", "SamAccountName", "Description", "Members", "DistinguishedName", "Sid"]),
    ("Get-CsOU", &["Identity", "Name", "DistinguishedName"]),
    ("Get-CsSipDomain", &["Identity", "Name", "IsDefault"]),
    (
        "Test-CsManagementServerFailover",
        &[
            "WouldSucceed",
            "Summary",
            "Database",
            "Mode",
            "SourceFqdn",
            "SourcePool",
            "SourceVersion",
            "TargetFqdn",
            "TargetPool",
            "TargetVersion",
            "Epoch",
            "Lost",
            "Uncertain",
            "Refusals",
            "Conditions",
        ],
    ),
    ("Group-Object", &["Count", "Name", "Group", "Values"]),
    (
        "Measure-Object",
        &[
            "Count",
            "Average",
            "Sum",
            "Maximum",
            "Minimum",
            "StandardDeviation",
            "Property",
            "Lines",
            "Words",
            "Characters",
        ],
    ),
];

/// What comes has these properties at least.
const SOME: &[(&str, &[&str])] = &[
    ("Get-CsService", &["Identity", "DependentServiceList", "ServiceId", "SiteId", "PoolFqdn", "Version", "Role"]),
    (
        "Get-Command",
        &["CommandType", "Name", "Status", "Verb", "Noun", "DefaultParameterSet", "Parameters", "Definition"],
    ),
    ("Get-Alias", &["CommandType", "Name", "DisplayName", "Definition", "ResolvedCommandName"]),
    ("Get-Verb", &["Verb"]),
    ("Compare-Object", &["InputObject", "SideIndicator"]),
    ("Get-Member", &["TypeName", "Name", "MemberType", "Definition"]),
];

/// The properties of what a cmdlet puts out.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// Their names.
    pub names: Vec<Str>,
    /// There are no others, unless a parameter changes what comes.
    pub complete: bool,
}

/// What a parameter of a cmdlet does with the objects that come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing that shows in its argument.
    Nothing,
    /// Its argument names their properties, or computes with them.
    Properties,
    /// Its script block runs for each of them.
    Block,
}

/// The cmdlets of the tables, for the test that holds them to the truth.
pub fn listed() -> impl Iterator<Item = (&'static str, &'static [&'static str], bool)> {
    let complete = COMPLETE.iter().map(|(name, names)| (*name, *names, true));
    complete.chain(SOME.iter().map(|(name, names)| (*name, *names, false)))
}

/// Whether a cmdlet hands on the objects that it takes.
pub fn passes_on(command: &str) -> bool {
    PASS.iter().any(|name| same_name(name, command))
}

/// What a parameter does with the objects that come in.
pub fn takes(command: &str, parameter: &str) -> Takes {
    let within = |table: &[(&str, &[&str])]| {
        let of = table.iter().find(|(name, _)| same_name(name, command));
        of.is_some_and(|(_, parameters)| parameters.iter().any(|name| same_name(name, parameter)))
    };
    match (within(TAKES), within(RUNS)) {
        (true, _) => Takes::Properties,
        (_, true) => Takes::Block,
        _ => Takes::Nothing,
    }
}

/// The properties of what a cmdlet puts out; `None` where nothing is known of them.
pub fn of(command: &str) -> Option<Outputs> {
    if let Some((_, names, complete)) = listed().find(|(name, ..)| same_name(name, command)) {
        return Some(Outputs { names: names.iter().map(|name| Str::from(*name)).collect(), complete });
    }
    let puts_out = |verb: Verb| matches!(verb, Verb::Get | Verb::New);
    let family = config::sources()
        .iter()
        .find(|source| source.cmdlets.iter().any(|c| same_name(c.name, command) && puts_out(c.verb)))?;
    Some(Outputs { names: family.family().names().to_vec(), complete: true })
}
