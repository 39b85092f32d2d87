//! A role: cmdlets, and the scopes in which its holders may run them.

use super::place::{ConfigScope, Place, UserScope};
use super::rules;
use crate::error::{Category, ErrorRecord};
use crate::store::{Document, DocumentId};
use crate::value::{Str, same_name};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;

/// The kind of the documents of custom roles.
pub const KIND: &str = "AdminRole";

/// The id of the document of a custom role.
pub fn document_id(name: &str) -> DocumentId {
    DocumentId::new(KIND, "Global", name)
}

/// A role. Who is in the group of its name holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its name: the SamAccountName of the group that holds it.
    pub name: Str,
    /// What it is for; of a custom role empty.
    pub about: Str,
    /// The security identifier of its group.
    pub sid: Str,
    /// It is predefined, and cannot be changed.
    pub standard: bool,
    /// It is one of the groups that decide on the management server itself, no role that Get-CsAdminRole shows.
    pub group: bool,
    /// The role that it was made from.
    pub template: Option<Str>,
    /// The names of its cmdlets, sorted without regard to case.
    pub cmdlets: Arc<[Str]>,
    /// `file.ps1:function`.
    pub script_modules: Vec<Str>,
    /// Where it may read and change configuration.
    pub config_scopes: Vec<ConfigScope>,
    /// Which users it is for.
    pub user_scopes: Vec<UserScope>,
    /// The version of the store at which it last changed; 0 of a predefined one.
    pub version: u64,
}

impl Role {
    /// Whether it has a cmdlet.
    pub fn holds(&self, cmdlet: &str) -> bool {
        self.cmdlets.binary_search_by(|name| order(name, cmdlet)).is_ok()
    }

    /// Whether one of its scopes has a place.
    pub fn has(&self, place: &Place) -> bool {
        self.config_scopes.iter().any(|scope| scope.has(place)) || self.user_scopes.iter().any(|scope| scope.has(place))
    }

    /// Its scopes for messages: `site:Redmond; OU:ou=Redmond,dc=litwareinc,dc=com`.
    pub fn scopes(&self) -> String {
        let config = self.config_scopes.iter().map(ToString::to_string);
        let mut all: Vec<String> = config.chain(self.user_scopes.iter().map(ToString::to_string)).collect();
        all.dedup();
        all.join("; ")
    }

    /// A custom role from its document.
    ///
    /// # Errors
    /// `StoreDamaged` where the document is none of a role.
    pub fn from_document(document: &Document) -> Result<Role, ErrorRecord> {
        let damaged = |what: String| {
            let message = format!("The document '{}' cannot be read: {what}.", document.id);
            ErrorRecord::new("StoreDamaged", Category::ResourceUnavailable, message).hint(format!(
                "The owner of the files may remove the role: Remove-CsAdminRole -Identity '{}'.",
                document.id.key
            ))
        };
        let body = document.body.as_ref().ok_or_else(|| damaged("it is deleted".into()))?;
        let body = Body::deserialize(body).map_err(|e| damaged(e.to_string()))?;
        let scope = |e: ErrorRecord| damaged(e.message().to_string());
        let cmdlets = match body.cmdlets {
            Some(names) => sorted(names.iter().map(|name| Str::from(&**name)).collect()),
            None => {
                let base = rules::standard(&body.template);
                base.map(|role| role.cmdlets.clone())
                    .ok_or_else(|| damaged("its template is no predefined role".into()))?
            }
        };
        Ok(Role {
            name: body.identity.into(),
            about: "".into(),
            sid: body.sid.into(),
            standard: false,
            group: false,
            template: Some(body.template.into()),
            // Whatever a document says: it may have been written by hand, or by an older program.
            cmdlets: rules::delegable(&cmdlets),
            script_modules: body.script_modules.into_iter().map(Into::into).collect(),
            config_scopes: body
                .config_scopes
                .iter()
                .map(|s| ConfigScope::parse(s))
                .collect::<Result<_, _>>()
                .map_err(scope)?,
            user_scopes: body
                .user_scopes
                .iter()
                .map(|s| UserScope::parse(s))
                .collect::<Result<_, _>>()
                .map_err(scope)?,
            version: document.version,
        })
    }

    /// The body of its document. A role that has what its predefined template has says no more than that, so that it
    /// has a cmdlet that its template gains.
    ///
    /// # Errors
    /// `InvalidData` where it cannot be written as JSON.
    pub fn body(&self) -> Result<serde_json::Value, ErrorRecord> {
        let template = self.template.as_deref().unwrap_or_default();
        let as_template = rules::standard(template).is_some_and(|base| rules::delegable(&base.cmdlets) == self.cmdlets);
        let texts = |list: &[Str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let body = Body {
            identity: self.name.to_string(),
            sid: self.sid.to_string(),
            template: template.to_string(),
            cmdlets: (!as_template).then(|| texts(&self.cmdlets)),
            script_modules: texts(&self.script_modules),
            config_scopes: self.config_scopes.iter().map(ToString::to_string).collect(),
            user_scopes: self.user_scopes.iter().map(ToString::to_string).collect(),
        };
        serde_json::to_value(body).map_err(|e| {
            ErrorRecord::new("InvalidData", Category::InvalidData, format!("The role cannot be kept: {e}."))
        })
    }
}

/// A custom role as its document holds it. Without `Cmdlets` it has those of its template.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    identity: String,
    #[serde(rename = "SID")]
    sid: String,
    template: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cmdlets: Option<Vec<String>>,
    #[serde(default)]
    script_modules: Vec<String>,
    config_scopes: Vec<String>,
    user_scopes: Vec<String>,
}

/// Names of cmdlets in the order of a role, each once.
pub fn sorted(mut names: Vec<Str>) -> Arc<[Str]> {
    names.sort_by(|a, b| order(a, b));
    names.dedup_by(|a, b| same_name(a, b));
    names.into()
}

/// The order of names of cmdlets, without regard to case; they are ASCII.
pub fn order(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.bytes().map(|c| c.to_ascii_lowercase()), b.bytes().map(|c| c.to_ascii_lowercase()));
    a.cmp(b)
}
