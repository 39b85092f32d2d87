//! The properties of a service by its role. Which there are, in which order, stands in one table.

use super::records::texts;
use crate::cmdlets::shape::Shape;
use crate::topology::{Port, Service, Topology, roles};
use crate::value::{Record, TimeSpan, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Where the value of a property is found.
#[derive(Clone, Copy)]
enum Source {
    /// Identity of a service that it needs.
    Needs(&'static str),
    /// Identity of the service that stands in for it.
    Backup(&'static str),
    /// A port by owner, usage, interface side and protocol; empty is any.
    Port(&'static str, &'static str, &'static str, &'static str),
    /// The port that the outside sees.
    Published(&'static str, &'static str, &'static str, &'static str),
    /// How many ports from there on.
    Count(&'static str, &'static str, &'static str),
    /// The name that the outside sees.
    OutsideName(&'static str, &'static str),
    /// A setting of the role's own element.
    Setting(&'static str),
    /// The same as true or false.
    Flag(&'static str),
    /// An address on the pool's own name: component and path.
    Inside(&'static str, &'static str),
    /// The same without encryption.
    InsideOpen(&'static str, &'static str),
    /// An address on the name that the outside sees.
    Outside(&'static str, &'static str),
    /// Anything else.
    Call(fn(&Service) -> Value),
    /// Nothing in the document says it.
    Unknown,
}

use Source::{
    Backup, Call, Count, Flag, Inside, InsideOpen, Needs, Outside, OutsideName, Port as P, Published, Setting, Unknown,
};

type Fields = &'static [(&'static str, Source)];

const MEDIA: &str = "MediaComp";
const AUDIO: &str = "AudioCommunication";
const VIDEO: &str = "VideoCommunication";
const SHARING: &str = "AppSharingCommunication";

const REGISTRAR: Fields = &[
    ("UserServer", Needs("UserServer")),
    ("WebServer", Needs("WebServer")),
    ("EdgeServer", Needs("EdgeServer")),
    ("BackupRegistrar", Backup("Registrar")),
    ("EnableAutomaticFailover", Call(|s| s.needs("Registrar", "Backup").is_some().into())),
    ("FailureDetectionInterval", Call(|s| minutes_if_backed_up(s, 5))),
    ("FailbackDetectionInterval", Call(|s| minutes_if_backed_up(s, 10))),
    ("MonitoringDatabase", Needs("MonitoringDatabase")),
    ("ArchivingDatabase", Needs("ArchivingDatabase")),
    ("SipPort", P("Registrar", "SipServer", "", "Mtls")),
    ("SipServerTcpPort", P("Registrar", "SipServer", "", "Tcp")),
    ("SipHealthPort", P("Registrar", "SipHealth", "", "")),
    ("WebPort", P("Registrar", "WebServer", "", "")),
    ("XmppGatewaySipPort", P("XmppFederation", "SipServer", "", "")),
    ("LyssWcfMtlsPort", P("Lyss", "WcfMtls", "", "")),
];

const WEB_SERVER: Fields = &[
    ("FileStore", Needs("FileStore")),
    ("UserServer", Needs("UserServer")),
    ("PrimaryHttpPort", P("OCSWebSite", "WebSite", "Primary", "Http")),
    ("PrimaryHttpsPort", P("OCSWebSite", "WebSite", "Primary", "Https")),
    ("ExternalHttpPort", P("OCSWebSite", "WebSite", "External", "Http")),
    ("ExternalHttpsPort", P("OCSWebSite", "WebSite", "External", "Https")),
    ("PublishedPrimaryHttpPort", Published("OCSWebSite", "WebSite", "Primary", "Http")),
    ("PublishedPrimaryHttpsPort", Published("OCSWebSite", "WebSite", "Primary", "Https")),
    ("PublishedExternalHttpPort", Published("OCSWebSite", "WebSite", "External", "Http")),
    ("PublishedExternalHttpsPort", Published("OCSWebSite", "WebSite", "External", "Https")),
    ("ReachPrimaryPsomServerPort", P("Reach", "PsomServer", "Primary", "")),
    ("ReachExternalPsomServerPort", P("Reach", "PsomServer", "External", "")),
    ("AppSharingPortStart", P(MEDIA, SHARING, "", "")),
    ("AppSharingPortCount", Count(MEDIA, SHARING, "")),
    ("LIServiceInternalUri", Inside("LIService", "/locationinformation/liservice.svc")),
    ("ABHandlerInternalUri", Inside("ABHandler", "/abs/handler")),
    ("ABHandlerExternalUri", Outside("ABHandler", "/abs/handler")),
    ("DLExpansionInternalUri", Inside("DLExpansion", "/groupexpansion/service.svc")),
    ("DLExpansionExternalUri", Outside("DLExpansion", "/groupexpansion/service.svc")),
    ("CAHandlerInternalUri", Inside("CAHandler", "/CertProv/CertProvisioningService.svc")),
    ("CAHandlerInternalAnonUri", InsideOpen("CAHandlerAnon", "/CertProv/CertProvisioningService.svc")),
    ("CollabContentInternalUri", Inside("CollabContent", "/CollabContent")),
    ("CollabContentExternalUri", Outside("CollabContent", "/CollabContent")),
    ("CAHandlerExternalUri", Outside("CAHandler", "/CertProv/CertProvisioningService.svc")),
    ("DeviceUpdateDownloadInternalUri", Unknown),
    ("DeviceUpdateDownloadExternalUri", Unknown),
    ("DeviceUpdateStoreInternalUri", Unknown),
    ("DeviceUpdateStoreExternalUri", Unknown),
    ("RgsAgentServiceInternalUri", Unknown),
    ("RgsAgentServiceExternalUri", Unknown),
    ("MeetExternalUri", Outside("Meet", "/Meet")),
    ("DialinExternalUri", Outside("Dialin", "/Dialin")),
    ("CscpInternalUri", Inside("Cscp", "/Cscp")),
    ("ReachExternalUri", Outside("Reach", "/Reach")),
    ("ReachInternalUri", Inside("Reach", "/Reach")),
    ("WebTicketExternalUri", Outside("WebTicket", "/WebTicket/WebTicketService.svc")),
    ("WebTicketInternalUri", Inside("WebTicket", "/WebTicket/WebTicketService.svc")),
    ("ExternalFqdn", Setting("ExternalSettings.Host")),
    ("InternalFqdn", Call(|s| internal_name(s).into())),
];

const EDGE_SERVER: Fields = &[
    ("Registrar", Needs("Registrar")),
    ("AccessEdgeInternalSipPort", P("AccessEdge", "SipServer", "Internal", "")),
    ("AccessEdgeExternalSipPort", P("AccessEdge", "SipServer", "External", "")),
    ("AccessEdgeClientSipPort", P("AccessEdge", "SipClient", "External", "")),
    ("DataPsomServerPort", P("DataEdge", "PsomServer", "Internal", "")),
    ("DataPsomClientPort", P("DataEdge", "PsomClient", "External", "")),
    ("MediaRelayAuthEdgePort", P("MediaRelayAuthenticationEdge", "SipServer", "Internal", "")),
    ("MediaRelayAuthInternalTurnTcpPort", P("MediaRelayEdge", "TURNServer", "Internal", "Tcp")),
    ("MediaRelayAuthExternalTurnTcpPort", P("MediaRelayEdge", "TURNServer", "External", "Tcp")),
    ("MediaRelayAuthInternalTurnUdpPort", P("MediaRelayEdge", "TURNServer", "Internal", "Udp")),
    ("MediaRelayAuthExternalTurnUdpPort", P("MediaRelayEdge", "TURNServer", "External", "Udp")),
    ("MediaCommunicationPortStart", P("MediaRelayEdge", "MediaCommunication", "External", "")),
    ("MediaCommunicationPortCount", Count("MediaRelayEdge", "MediaCommunication", "External")),
    ("AccessEdgeExternalFqdn", OutsideName("AccessEdge", "SipClient")),
    ("DataEdgeExternalFqdn", OutsideName("DataEdge", "PsomClient")),
    ("AVEdgeExternalFqdn", OutsideName("MediaRelayEdge", "TURNServer")),
    ("InternalInterfaceFqdn", Unknown),
    ("ExternalMrasFqdn", OutsideName("MediaRelayEdge", "MediaCommunication")),
];

const DATABASE: Fields = &[
    ("SqlInstanceName", Call(|s| s.sql.as_ref().map(|sql| sql.instance.as_str()).into())),
    ("MirrorSqlServer", Call(|s| s.mirror.as_ref().map(|sql| sql.fqdn.as_str()).into())),
    ("MirrorSqlInstance", Call(|s| s.mirror.as_ref().map(|sql| sql.instance.as_str()).into())),
];

/// What stands between `Identity` and the properties that all have, by role.
const ROLES: &[(&str, Fields)] = &[
    ("Registrar", REGISTRAR),
    (roles::DIRECTOR, REGISTRAR),
    ("WebServer", WEB_SERVER),
    ("EdgeServer", EDGE_SERVER),
    (
        "UserServer",
        &[
            ("UserDatabase", Needs("UserDatabase")),
            ("ConferenceServer", Needs("ConferencingServer")),
            ("McuFactorySipPort", P("McuFactory", "WebServer", "", "")),
            ("UserPinManagementWcfHttpPort", P("PresenceFocus", "UserPinManagement", "", "")),
            ("ConfDirManagementWcfTcpPort", P("McuFactory", "WcfServer", "", "")),
        ],
    ),
    (
        "ApplicationServer",
        &[
            ("Registrar", Needs("Registrar")),
            ("ApplicationDatabase", Needs("ApplicationDatabase")),
            ("AppSharingPortStart", P(MEDIA, SHARING, "", "")),
            ("AppSharingPortCount", Count(MEDIA, SHARING, "")),
            ("AudioPortStart", P(MEDIA, AUDIO, "", "")),
            ("AudioPortCount", Count(MEDIA, AUDIO, "")),
            ("VideoPortStart", P(MEDIA, VIDEO, "", "")),
            ("VideoPortCount", Count(MEDIA, VIDEO, "")),
            ("AtsSipPort", P("testbot", "SipServer", "", "")),
            ("CpsSipPort", P("Cps", "SipServer", "", "")),
            ("RgsSipPort", P("RGS", "SipServer", "", "")),
            ("CaaSipPort", P("Caa", "SipServer", "", "")),
            ("CasSipPort", P("Cas", "SipServer", "", "")),
        ],
    ),
    (
        "CentralManagement",
        &[
            ("CentralManagementDatabase", Needs("CentralManagementDatabase")),
            ("FileStore", Needs("FileStore")),
            ("Active", Flag("IsActive")),
        ],
    ),
    (
        "FileStore",
        &[
            ("ShareName", Setting("ShareName")),
            ("UncPath", Call(|s| s.setting("ShareName").map(|share| format!("\\\\{}\\{share}", s.pool)).into())),
            ("IsDfsShare", Flag("IsDfsShare")),
        ],
    ),
    (
        "ConferencingServer",
        &[
            ("FileStore", Needs("FileStore")),
            ("WebServer", Needs("WebServer")),
            ("UserServer", Needs("UserServer")),
            ("EdgeServer", Needs("EdgeServer")),
            ("ImSipPort", P("IMConf", "SipServer", "", "")),
            ("DataPsomPort", P("DataConf", "PsomClient", "", "")),
            ("AudioVideoSipPort", P("AVConf", "SipServer", "", "")),
            ("AppSharingSipPort", P("AppSharingConf", "SipServer", "", "")),
            ("AudioPortStart", P(MEDIA, AUDIO, "", "")),
            ("AudioPortCount", Count(MEDIA, AUDIO, "")),
            ("VideoPortStart", P(MEDIA, VIDEO, "", "")),
            ("VideoPortCount", Count(MEDIA, VIDEO, "")),
            ("AppSharingPortStart", P(MEDIA, SHARING, "", "")),
            ("AppSharingPortCount", Count(MEDIA, SHARING, "")),
        ],
    ),
    (
        "MediationServer",
        &[
            ("Registrar", Needs("Registrar")),
            ("EdgeServer", Needs("EdgeServer")),
            ("SipServerPort", P("Mediation", "SipServer", "", "")),
            ("SipClientTcpPort", P("Mediation", "SipClient", "", "Tcp")),
            ("SipClientTlsPort", P("Mediation", "SipClient", "", "Tls")),
            ("AudioPortStart", P(MEDIA, AUDIO, "", "")),
            ("AudioPortCount", Count(MEDIA, AUDIO, "")),
        ],
    ),
    (
        "PstnGateway",
        &[
            ("MediationServer", Needs("MediationServer")),
            ("GatewaySipClientTcpPort", P("PstnGateway", "SipServer", "", "Tcp")),
            ("GatewaySipClientTlsPort", P("PstnGateway", "SipServer", "", "Tls")),
        ],
    ),
    ("ManagementServer", &[("ReplicationServicePort", P("ReplicationService", "Replication", "", ""))]),
    ("WacServer", &[("DiscoveryUri", Setting("DiscoveryUrl")), ("IsExternal", Flag("IsExternal"))]),
    ("ApplicationDatabase", DATABASE),
    ("ArchivingDatabase", DATABASE),
    ("CentralManagementDatabase", DATABASE),
    ("MonitoringDatabase", DATABASE),
    ("UserDatabase", DATABASE),
    ("PersistentChatDatabase", DATABASE),
    ("PersistentChatComplianceDatabase", DATABASE),
];

/// What closes every service.
const COMMON: [&str; 6] = ["DependentServiceList", "ServiceId", "SiteId", "PoolFqdn", "Version", "Role"];

thread_local! {
    /// One shape for each role met.
    static SHAPES: RefCell<HashMap<String, Rc<Shape>>> = RefCell::default();
}

/// A service as an object.
pub(super) fn record(topology: &Topology, service: &Service) -> Record {
    let fields = ROLES.iter().find(|(role, _)| *role == service.role).map_or(&[][..], |(_, fields)| fields);
    let shape = SHAPES.with_borrow_mut(|shapes| {
        let make = || {
            let own = fields.iter().map(|(name, _)| *name);
            let names: Vec<&str> = std::iter::once("Identity").chain(own).chain(COMMON).collect();
            // Trusted application pools are published by the name that their role once had.
            let role = if service.role == "TrustedApplicationPool" { "ExternalServer" } else { &service.role };
            Rc::new(Shape::new(&format!("Microsoft.Rtc.Management.Xds.Display{role}"), &names))
        };
        shapes.entry(service.role.clone()).or_insert_with(make).clone()
    });
    let mut values = vec![Value::from(service.identity.as_str())];
    values.extend(fields.iter().map(|(_, from)| value(service, *from)));
    values.extend([
        texts(topology.dependents(service)),
        service.service_id.as_str().into(),
        service.site.as_str().into(),
        service.pool.as_str().into(),
        service.version.into(),
        service.role.as_str().into(),
    ]);
    shape.record(values)
}

fn value(service: &Service, from: Source) -> Value {
    match from {
        Needs(role) => service.needs(role, "Default").into(),
        Backup(role) => service.needs(role, "Backup").into(),
        P(owner, usage, side, protocol) => port(service, owner, usage, side, protocol).map(|p| p.port).into(),
        Published(owner, usage, side, protocol) => {
            port(service, owner, usage, side, protocol).map(|p| p.configured_port.unwrap_or(p.port)).into()
        }
        Count(owner, usage, side) => port(service, owner, usage, side, "").and_then(|p| p.range).into(),
        OutsideName(owner, usage) => {
            port(service, owner, usage, "External", "").and_then(|p| p.configured_fqdn.as_deref()).into()
        }
        Setting(name) => service.setting(name).into(),
        Flag(name) => service.setting(name).is_some_and(|text| text.eq_ignore_ascii_case("true")).into(),
        Inside(component, path) => address(service, component, "https", internal_name(service), path),
        InsideOpen(component, path) => address(service, component, "http", internal_name(service), path),
        Outside(component, path) => match service.setting("ExternalSettings.Host") {
            Some(host) => address(service, component, "https", host, path),
            None => Value::Null,
        },
        Call(call) => call(service),
        Unknown => Value::Null,
    }
}

fn port<'a>(service: &'a Service, owner: &str, usage: &str, side: &str, protocol: &str) -> Option<&'a Port> {
    let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
    service.ports.iter().find(|p| {
        p.owner.rsplit(':').next() == Some(owner)
            && p.usage == usage
            && fits(side, &p.side)
            && fits(protocol, &p.protocol)
    })
}

fn internal_name(service: &Service) -> &str {
    service.setting("InternalSettings.Host").unwrap_or(&service.pool)
}

fn address(service: &Service, component: &str, scheme: &str, host: &str, path: &str) -> Value {
    if service.components.iter().any(|c| c == component) {
        format!("{scheme}://{host}{path}").into()
    } else {
        Value::Null
    }
}

/// What the reference states for registrars that have a backup.
fn minutes_if_backed_up(service: &Service, minutes: i64) -> Value {
    const MINUTE: i64 = 60 * 10_000_000;
    service.needs("Registrar", "Backup").map(|_| TimeSpan { ticks: minutes * MINUTE }).into()
}
