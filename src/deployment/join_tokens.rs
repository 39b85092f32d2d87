//! Join tokens: what a computer that has no certificate yet shows once to get one.
//!
//! The store holds the hash of the secret, never the secret; [`crate::net::JoinToken`] is what an administrator carries.

use super::certificates::{body_of, of_body};
use super::when;
use crate::error::{Category, ErrorRecord};
use crate::net;
use crate::store::{Change, Document, DocumentId, Expected, Store};
use crate::value::{DateTime, date, same_name};
use serde::{Deserialize, Serialize};

/// The kind of these documents. Scope `Global`, the key is the hash of the secret.
pub const KIND: &str = "JoinToken";

/// How long a token is good for where nobody says, in hours.
pub const VALID_HOURS: i64 = 24;

/// The longest that one may be good for, in days: who holds it can become a computer of the deployment.
pub const LONGEST_DAYS: i64 = 30;

/// How long one is remembered after its end, in days, so that who comes late is told why.
const REMEMBERED_DAYS: i64 = 30;

/// A token as its document holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct JoinToken {
    /// The hash of its secret: the document's key.
    #[serde(skip)]
    pub hash: String,
    /// The version of its document that was read; 0 of one that is not in the store yet.
    #[serde(skip)]
    pub version: u64,
    /// The computer that it is for.
    pub computer: String,
    /// When it was made.
    #[serde(with = "when")]
    pub created_on: DateTime,
    /// Until when it is good.
    #[serde(with = "when")]
    pub expires_on: DateTime,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "when::optional")]
    pub used_on: Option<DateTime>,
    /// The serial number of the certificate that was issued for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// What a newer program added.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl JoinToken {
    /// A token for a computer, good from now until `expires_on`.
    pub fn new(token: &net::JoinToken, computer: &str, now: DateTime, expires_on: DateTime) -> JoinToken {
        JoinToken {
            hash: token.key(),
            version: 0,
            computer: computer.to_string(),
            created_on: date::to_utc(now),
            expires_on: date::to_utc(expires_on),
            used_on: None,
            serial: None,
            other: serde_json::Map::new(),
        }
    }

    /// The change that puts it into the store.
    ///
    /// # Errors
    /// None: a token can always be written as JSON.
    pub fn issue(&self) -> Result<Change, ErrorRecord> {
        Ok(Change { id: id(&self.hash), expected: Expected::Absent, body: Some(body_of(self)?) })
    }

    /// The change that uses it up, for the transaction that records the certificate: of two who come with it at once
    /// one gets `StoreConflict`.
    ///
    /// # Errors
    /// None, as above.
    pub fn consume(&self, now: DateTime, serial: &str) -> Result<Change, ErrorRecord> {
        let used = JoinToken { used_on: Some(date::to_utc(now)), serial: Some(serial.to_string()), ..self.clone() };
        Ok(Change { id: id(&self.hash), expected: Expected::Version(self.version), body: Some(body_of(&used)?) })
    }

    /// The change that takes it away.
    pub fn remove(&self) -> Change {
        Change { id: id(&self.hash), expected: Expected::Version(self.version), body: None }
    }

    /// `Unused`, `Used` or `Expired`.
    pub fn state(&self, now: DateTime) -> &'static str {
        match self.used_on {
            Some(_) => "Used",
            None if date::to_utc(now) >= self.expires_on => "Expired",
            None => "Unused",
        }
    }
}

/// The id of a token's document.
pub fn id(hash: &str) -> DocumentId {
    DocumentId::new(KIND, "Global", &hash.to_ascii_lowercase())
}

/// All tokens that the store knows, by computer and age.
///
/// # Errors
/// Those of the store; `StoreDamaged`.
pub fn list(store: &dyn Store) -> Result<Vec<JoinToken>, ErrorRecord> {
    let mut all: Vec<JoinToken> = store.list(KIND)?.iter().map(read).collect::<Result<_, _>>()?;
    all.sort_by(|a, b| {
        let key = |token: &JoinToken| (token.computer.to_lowercase(), token.created_on);
        key(a).cmp(&key(b)).then_with(|| a.hash.cmp(&b.hash))
    });
    Ok(all)
}

/// The token of a secret, if a computer may use it now.
///
/// # Errors
/// `TokenInvalid`, `TokenInvalid`, `TokenUsed`, `TokenExpired`, `TokenForAnother`; those of the store.
pub fn redeem(store: &dyn Store, secret: &str, computer: &str, now: DateTime) -> Result<JoinToken, ErrorRecord> {
    let refused = |id, message: String| {
        Err(ErrorRecord::new(id, Category::PermissionDenied, message)
            .hint(format!("An administrator makes another: New-CsJoinToken -Computer {computer}.")))
    };
    let found = store.get(&id(&net::JoinToken::key_of_secret(secret)?))?.filter(|document| document.body.is_some());
    let Some(token) = found.as_ref().map(read).transpose()? else {
        return refused("TokenInvalid", "The deployment has no such join token; it may have been removed.".into());
    };
    if !same_name(&token.computer, computer) {
        return refused("TokenForAnother", format!("This join token is not for {computer}."));
    }
    if let Some(on) = token.used_on {
        let message = format!("This join token was used already, on {} UTC; it is good for one use.", date::text(on));
        return refused("TokenUsed", message);
    }
    if date::to_utc(now) >= token.expires_on {
        let on = date::text(token.expires_on);
        return refused("TokenExpired", format!("This join token was good until {on} UTC."));
    }
    Ok(token)
}

/// Changes that forget tokens that ended long ago. To be made along with the issue of another.
///
/// # Errors
/// Those of [`list`].
pub fn sweep(store: &dyn Store, now: DateTime) -> Result<Vec<Change>, ErrorRecord> {
    let over = |t: &JoinToken| date::to_utc(now).ticks - t.expires_on.ticks > REMEMBERED_DAYS * date::DAY;
    Ok(list(store)?.iter().filter(|token| over(token)).map(JoinToken::remove).collect())
}

fn read(document: &Document) -> Result<JoinToken, ErrorRecord> {
    let token: JoinToken = of_body(document)?;
    Ok(JoinToken { hash: document.id.key.to_string(), version: document.version, ..token })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Clock, FixedClock};
    use crate::store::{Grant, SqliteStore};
    use crate::value::TimeSpan;

    /// Rule: a token is good once, for its computer, in its time; and who may not use it is told why.
    #[test]
    fn a_token_is_good_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(folder.path().join("cms.db")).unwrap();
        let grant = Grant::system("test");
        let clock = FixedClock::at_unix_seconds(1_600_000_000);
        let now = clock.now();
        let text = net::JoinToken::new([15; 32]).unwrap();
        let secret = text.secret();
        let ends = DateTime { ticks: now.ticks + VALID_HOURS * date::HOUR, ..now };
        store.commit(&grant, &[JoinToken::new(&text, "a.litwareinc.com", now, ends).issue().unwrap()]).unwrap();

        let body = store.list(KIND).unwrap()[0].body.clone().unwrap().to_string();
        assert!(!body.contains(&secret), "the store does not know the secret");

        let id =
            |computer: &str, secret: &str| redeem(&store, secret, computer, clock.now()).unwrap_err().id().to_string();
        assert_eq!(id("b.litwareinc.com", &secret), "TokenForAnother");
        assert_eq!(id("a.litwareinc.com", &"ab".repeat(32)), "TokenInvalid");
        assert_eq!(id("a.litwareinc.com", "x"), "TokenInvalid");
        let token = redeem(&store, &secret, "A.litwareinc.com", now).unwrap();
        assert_eq!(token.state(now), "Unused");
        clock.advance(TimeSpan { ticks: 25 * date::HOUR });
        assert_eq!(id("a.litwareinc.com", &secret), "TokenExpired");
        assert_eq!(token.state(clock.now()), "Expired");

        store.commit(&grant, &[token.consume(now, "0A").unwrap()]).unwrap();
        assert_eq!(id("a.litwareinc.com", &secret), "TokenUsed");
        let twice = store.commit(&grant, &[token.consume(now, "0B").unwrap()]);
        assert_eq!(twice.unwrap_err().id(), "StoreConflict");
        assert!(sweep(&store, clock.now()).unwrap().is_empty());
        clock.advance(TimeSpan { ticks: 40 * date::DAY });
        store.commit(&grant, &sweep(&store, clock.now()).unwrap()).unwrap();
        assert!(list(&store).unwrap().is_empty());
    }
}
