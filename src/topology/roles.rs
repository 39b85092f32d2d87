//! Names of service roles: what `Get-CsService` calls them, and what topology documents do.

/// `Get-CsService` switch and role, `RoleName` of the document. Names not here are the same on both sides.
const ROLES: &[(&str, &str)] = &[
    ("ApplicationDatabase", "ApplicationStore"),
    ("ApplicationServer", "ApplicationServer"),
    ("ArchivingDatabase", "ArchivingStore"),
    ("CentralManagement", "CentralMgmt"),
    ("CentralManagementDatabase", "CentralMgmtStore"),
    ("ConferencingServer", "ConfServices"),
    ("EdgeServer", "EdgeServer"),
    ("FileStore", "FileStore"),
    ("ManagementServer", "ManagementServices"),
    ("MediationServer", "MediationServer"),
    ("MonitoringDatabase", "MonitoringStore"),
    ("Registrar", "Registrar"),
    ("UserDatabase", "UserStore"),
    ("UserServer", "UserServices"),
    ("WacServer", "WacService"),
    ("WebServer", "WebServices"),
    ("PersistentChatDatabase", "PersistentChatStore"),
    ("PersistentChatComplianceDatabase", "PersistentChatComplianceStore"),
    ("PersistentChatServer", "PersistentChatService"),
    ("TrustedApplicationPool", "ExternalServer"),
];

/// A registrar that only directs, as `Get-CsService` names it.
pub const DIRECTOR: &str = "Director";

/// What `Get-CsService` calls a role of the document.
pub fn role(role_name: &str) -> &str {
    ROLES.iter().find(|(_, name)| *name == role_name).map_or(role_name, |(role, _)| role)
}
