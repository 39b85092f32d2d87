//! A document of a user: what the user store of the pool keeps of contacts, presence, notes and conferences.

use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Document, DocumentId, Expected};
use crate::value::near::nearest;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The kind of its documents in a user store. The scope is the user's distinguished name, the key is [`What`] it is.
pub const KIND: &str = "UserDocument";
/// Largest value of a document, in bytes of JSON: a list of a thousand contacts fits.
pub const LARGEST: usize = 256 << 10;

/// What a document of a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum What {
    /// The people that the user knows, in groups.
    Contacts,
    /// How the user can be reached.
    Presence,
    /// A line that the user shows to others.
    Note,
    /// Conferences that the user organises.
    Conferences,
}

impl What {
    /// All of them.
    pub const ALL: [What; 4] = [What::Contacts, What::Presence, What::Note, What::Conferences];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            What::Contacts => "Contacts",
            What::Presence => "Presence",
            What::Note => "Note",
            What::Conferences => "Conferences",
        }
    }

    /// From its name, in any case.
    ///
    /// # Errors
    /// `UserDocumentKindNotFound`, with the near name.
    pub fn parse(name: &str) -> Result<What, ErrorRecord> {
        let found = What::ALL.into_iter().find(|what| what.name().eq_ignore_ascii_case(name.trim()));
        found.ok_or_else(|| {
            let message = format!("There is no kind '{name}' of users' documents.");
            let error = ErrorRecord::new("UserDocumentKindNotFound", Category::InvalidArgument, message).target(name);
            match nearest(name, What::ALL.map(What::name)) {
                Some(near) => error.hint(format!("Did you mean {near}?")),
                None => error.hint("Kinds: Contacts, Presence, Note, Conferences."),
            }
        })
    }
}

/// A document of a user, as of a version of its store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserDocument {
    /// The user's distinguished name.
    pub dn: String,
    /// The user's SIP address when it was written; empty where the user had none.
    pub address: String,
    /// What it is.
    pub what: What,
    /// What it holds.
    pub value: Json,
    /// The version of the user store at which it last changed; 0 of one that is not kept yet.
    pub version: u64,
}

impl UserDocument {
    /// Which document of a user store it is.
    pub fn id(dn: &str, what: What) -> DocumentId {
        DocumentId::new(KIND, dn, what.name())
    }

    /// From a document of a user store; `None` where it is none of a user, or a tombstone.
    pub fn of(document: &Document) -> Option<UserDocument> {
        if !document.id.kind.eq_ignore_ascii_case(KIND) {
            return None;
        }
        let body = document.body.as_ref()?;
        Some(UserDocument {
            dn: document.id.scope.to_string(),
            address: body.get("User").and_then(Json::as_str).unwrap_or_default().to_string(),
            what: What::parse(&document.id.key).ok()?,
            value: body.get("Value").cloned().unwrap_or(Json::Null),
            version: document.version,
        })
    }

    /// The change that keeps it, in place of what is there.
    ///
    /// # Errors
    /// `UserDocumentTooLarge`.
    pub fn change(&self) -> Result<Change, ErrorRecord> {
        let size = self.value.to_string().len();
        if size > LARGEST {
            let message = format!(
                "{} of '{}' would have {size} bytes, and a document of a user has at most {LARGEST}.",
                self.what.name(),
                self.dn
            );
            return Err(ErrorRecord::new("UserDocumentTooLarge", Category::LimitsExceeded, message));
        }
        let body = json!({ "User": self.address, "Value": self.value });
        Ok(Change { id: UserDocument::id(&self.dn, self.what), expected: Expected::Any, body: Some(body) })
    }

    /// The change that deletes one.
    pub fn removal(dn: &str, what: What) -> Change {
        Change { id: UserDocument::id(dn, what), expected: Expected::Any, body: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Grant, SqliteStore, Store};

    /// Rule: a document comes back as it was written, and says which user.
    #[test]
    fn a_document_comes_back() {
        let store = SqliteStore::in_memory().unwrap();
        let mut document = UserDocument {
            dn: "CN=Ken Myer,OU=Redmond,DC=litwareinc,DC=com".into(),
            address: "sip:kenmyer@litwareinc.com".into(),
            what: What::Note,
            value: json!({"Text": "In Dublin"}),
            version: 0,
        };
        store.commit(&Grant::system("test"), &[document.change().unwrap()]).unwrap();
        let kept = store.get(&UserDocument::id(&document.dn.to_uppercase(), What::Note)).unwrap().unwrap();
        document.version = 1;
        assert_eq!(UserDocument::of(&kept), Some(document.clone()));
        document.value = Json::String("x".repeat(LARGEST));
        assert_eq!(document.change().unwrap_err().id(), "UserDocumentTooLarge");
        assert_eq!(What::parse("contatcs").unwrap_err().id(), "UserDocumentKindNotFound");
    }
}
