//! A user of the directory, as its document holds it.

use super::dn;
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A user. The document's key is the distinguished name; what a newer program added is kept in `other`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct User {
    /// `CN=Ken Myer,OU=Redmond,DC=litwareinc,DC=com`.
    #[serde(rename = "DistinguishedName")]
    pub dn: String,
    /// The logon name: `kenmyer`.
    pub sam_account_name: String,
    /// `kenmyer@litwareinc.com`.
    pub user_principal_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// `Ken Myer`.
    pub display_name: String,
    /// The mail address.
    pub windows_email_address: String,
    /// The directory's guid of the user.
    pub guid: String,
    /// `S-1-5-21-…`.
    pub sid: String,
    /// Whether the account may log on: `NormalAccount` or `AccountDisabled`.
    pub user_account_control: String,
    /// Title.
    pub title: String,
    /// Department.
    pub department: String,
    /// Office.
    pub office: String,
    /// Company.
    pub company: String,
    /// Telephone.
    pub phone: String,
    /// Mobile telephone.
    pub mobile_phone: String,
    /// Telephone at home.
    pub home_phone: String,
    /// City: LDAP's `l`.
    pub city: String,
    /// State or province.
    pub state_or_province: String,
    /// Street.
    pub street_address: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country_or_region: String,
    /// The manager's distinguished name.
    pub manager: String,
    /// When the user was made: `2013-03-04T09:00:00Z`.
    pub when_created: String,
    /// When the user was changed last.
    pub when_changed: String,
    /// Whether the user is enabled; `None`: never was, or no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// `sip:kenmyer@litwareinc.com`; empty: none.
    pub sip_address: String,
    /// The pool at which the user registers; empty: none.
    pub registrar_pool: String,
    /// The provider that hosts the user elsewhere; empty: none.
    pub hosting_provider: String,
    /// `tel:+14255550712`.
    #[serde(rename = "LineURI")]
    pub line_uri: String,
    /// The address of the telephone exchange for remote call control.
    #[serde(rename = "LineServerURI")]
    pub line_server_uri: String,
    /// A second, private line.
    pub private_line: String,
    /// Enterprise Voice.
    pub enterprise_voice_enabled: bool,
    /// Voice mail hosted elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted_voice_mail: Option<bool>,
    /// No audio and video.
    pub audio_video_disabled: bool,
    /// Remote call control.
    pub remote_call_control_telephony_enabled: bool,
    /// `Uninitialized`, `UseLyncArchivingPolicy`, `NoArchiving`, `ArchivingToExchange`.
    pub exchange_archiving_policy: String,
    /// Policies assigned to the user itself, by family: `VoicePolicy` → `RedmondVoicePolicy`.
    pub policies: BTreeMap<String, String>,
    /// What this program does not know.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// The container of the user: `OU=Redmond,DC=litwareinc,DC=com`.
    pub fn ou(&self) -> &str {
        dn::parent(&self.dn)
    }

    /// `litwareinc.com`.
    pub fn domain(&self) -> String {
        dn::domain(&self.dn)
    }

    /// Whether the user has an account of this system, enabled or disabled by `Set-CsUser -Enabled $false`.
    pub fn has_account(&self) -> bool {
        self.enabled.is_some()
    }

    /// The policy of a family that is assigned to the user itself.
    pub fn policy(&self, family: &str) -> Option<&str> {
        self.policies.iter().find(|(name, _)| same_name(name, family)).map(|(_, policy)| policy.as_str())
    }

    /// Assigns a policy of a family, or takes the assignment away.
    pub fn set_policy(&mut self, family: &str, policy: Option<&str>) {
        self.policies.retain(|name, _| !same_name(name, family));
        if let Some(policy) = policy {
            self.policies.insert(family.to_string(), policy.to_string());
        }
    }

    /// The names by which the user is found exactly: distinguished name, SIP address with and without `sip:`, UPN,
    /// `DOMAIN\sam`, display name, logon name, guid, SID.
    pub fn names(&self) -> Vec<String> {
        let domain = self.domain();
        let short = domain.split('.').next().unwrap_or_default();
        let mut names = vec![
            dn::normal(&self.dn),
            self.user_principal_name.clone(),
            format!("{short}\\{}", self.sam_account_name),
            format!("{domain}\\{}", self.sam_account_name),
            self.display_name.clone(),
            self.sam_account_name.clone(),
            self.guid.clone(),
            self.sid.clone(),
        ];
        if !self.sip_address.is_empty() {
            names.push(self.sip_address.clone());
            names.push(self.sip_address.trim_start_matches("sip:").to_string());
        }
        names.retain(|name| !name.is_empty());
        names
    }
}
