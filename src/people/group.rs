//! Groups and organisational units of the directory, as their documents hold them.

use serde::{Deserialize, Serialize};

/// A group: a role's or another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Group {
    /// `CN=CsHelpDesk,CN=Users,DC=litwareinc,DC=com`.
    #[serde(rename = "DistinguishedName")]
    pub dn: String,
    /// `CsHelpDesk`.
    pub sam_account_name: String,
    /// What it is for.
    pub description: String,
    /// `S-1-5-21-…`.
    pub sid: String,
    /// Distinguished names of its members: users and groups.
    pub members: Vec<String>,
    /// What this program does not know.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// An organisational unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrganizationalUnit {
    /// `OU=Redmond,DC=litwareinc,DC=com`.
    #[serde(rename = "DistinguishedName")]
    pub dn: String,
    /// `Redmond`.
    pub name: String,
    /// What this program does not know.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}
