//! Which certificates the deployment issued, and which of them it took back: documents of the store, so that every
//! computer learns of a revocation by replication.

use super::when;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Document, DocumentId, Expected, Store};
use crate::value::{DateTime, date, same_name};
use serde::{Deserialize, Serialize};

/// The kind of these documents. Scope `Global`, the key is the serial number in upper-case hexadecimal digits.
pub const KIND: &str = "Certificate";

/// How long a certificate is remembered after its end, in days: long enough that who looks for why something stopped
/// finds it, and bounded because certificates renew for ever.
pub const REMEMBERED_DAYS: i64 = 90;

/// Whom a certificate is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A computer: server and client.
    #[default]
    Computer,
    /// A person: client only.
    Person,
}

impl Holder {
    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Holder::Computer => "Computer",
            Holder::Person => "Person",
        }
    }
}

/// A certificate that the deployment issued. What a newer program added is kept in `other`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Certificate {
    /// Its serial number, upper-case hexadecimal digits. It is the document's key.
    #[serde(skip)]
    pub serial: String,
    /// The version of its document that was read; 0 of one that is not in the store yet.
    #[serde(skip)]
    pub version: u64,
    /// Whom it is for.
    pub kind: Holder,
    /// The computer's full name, or the person's SamAccountName.
    pub issued_to: String,
    /// `CN=…`.
    pub subject: String,
    /// `CN=…` of the authority.
    pub issuer: String,
    /// The names that it proves: DNS names of a computer, `reeve:person:…` of a person.
    #[serde(default)]
    pub alternative_names: Vec<String>,
    /// From when it is valid.
    #[serde(with = "when")]
    pub not_before: DateTime,
    /// Until when it is valid.
    #[serde(with = "when")]
    pub not_after: DateTime,
    /// See [`crate::net::peer::Peer::thumbprint`].
    pub thumbprint: String,
    /// When it was issued.
    #[serde(with = "when")]
    pub issued_on: DateTime,
    /// The thumbprint of the one that it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_thumbprint: Option<String>,
    /// It was taken back.
    #[serde(default)]
    pub revoked: bool,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "when::optional")]
    pub revoked_on: Option<DateTime>,
    /// What a newer program added.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// How a serial number stands with the store.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Issued, and not taken back. Whether it is still in its time its own dates say.
    Good(Box<Certificate>),
    /// Taken back.
    Revoked(Box<Certificate>),
    /// The store has none of this number.
    Unknown,
}

impl Certificate {
    /// The change that puts a new one into the store.
    ///
    /// # Errors
    /// None: a certificate can always be written as JSON.
    pub fn issue(&self) -> Result<Change, ErrorRecord> {
        self.change(Expected::Absent)
    }

    /// The change that takes it back.
    ///
    /// # Errors
    /// None, as above.
    pub fn revoke(&self, now: DateTime) -> Result<Change, ErrorRecord> {
        let revoked = Certificate { revoked: true, revoked_on: Some(date::to_utc(now)), ..self.clone() };
        revoked.change(Expected::Version(self.version))
    }

    /// In its time, and not taken back.
    pub fn is_valid(&self, now: DateTime) -> bool {
        let now = date::to_utc(now);
        !self.revoked && self.not_before <= now && now < self.not_after
    }

    /// Whole days until its end; negative where it is over.
    pub fn days_left(&self, now: DateTime) -> i64 {
        (self.not_after.ticks - date::to_utc(now).ticks).div_euclid(date::DAY)
    }

    fn change(&self, expected: Expected) -> Result<Change, ErrorRecord> {
        Ok(Change { id: id(&self.serial), expected, body: Some(body_of(self)?) })
    }
}

/// The id of a certificate's document.
pub fn id(serial: &str) -> DocumentId {
    DocumentId::new(KIND, "Global", &serial.to_ascii_uppercase())
}

/// All certificates that the store knows, by whom they are for and when they were issued.
///
/// # Errors
/// Those of the store; `StoreDamaged`.
pub fn list(store: &dyn Store) -> Result<Vec<Certificate>, ErrorRecord> {
    let mut all: Vec<Certificate> = store.list(KIND)?.iter().map(read).collect::<Result<_, _>>()?;
    all.sort_by(|a, b| {
        let key = |c: &Certificate| (c.kind.name(), c.issued_to.to_lowercase(), c.issued_on);
        key(a).cmp(&key(b)).then_with(|| a.serial.cmp(&b.serial))
    });
    Ok(all)
}

/// The certificates of one computer or person, the newest last.
///
/// # Errors
/// Those of [`list`].
pub fn of(store: &dyn Store, kind: Holder, name: &str) -> Result<Vec<Certificate>, ErrorRecord> {
    let mut all = list(store)?;
    all.retain(|certificate| certificate.kind == kind && same_name(&certificate.issued_to, name));
    Ok(all)
}

/// The certificate of a serial number.
///
/// # Errors
/// Those of the store; `StoreDamaged`.
pub fn find(store: &dyn Store, serial: &str) -> Result<Option<Certificate>, ErrorRecord> {
    store.get(&id(serial))?.filter(|d| d.body.is_some()).as_ref().map(read).transpose()
}

/// How a serial number stands: what an accepting computer asks, of the store or of its replica.
///
/// # Errors
/// Those of the store; `StoreDamaged`.
pub fn standing(store: &dyn Store, serial: &str) -> Result<Standing, ErrorRecord> {
    Ok(match find(store, serial)? {
        None => Standing::Unknown,
        Some(certificate) if certificate.revoked => Standing::Revoked(Box::new(certificate)),
        Some(certificate) => Standing::Good(Box::new(certificate)),
    })
}

/// Changes that forget what ended more than [`REMEMBERED_DAYS`] ago. To be made along with the issue of another.
///
/// # Errors
/// Those of [`list`].
pub fn sweep(store: &dyn Store, now: DateTime) -> Result<Vec<Change>, ErrorRecord> {
    let over = |certificate: &Certificate| certificate.days_left(now) < -REMEMBERED_DAYS;
    let gone = |c: Certificate| Change { id: id(&c.serial), expected: Expected::Version(c.version), body: None };
    Ok(list(store)?.into_iter().filter(over).map(gone).collect())
}

fn read(document: &Document) -> Result<Certificate, ErrorRecord> {
    let certificate: Certificate = of_body(document)?;
    Ok(Certificate { serial: document.id.key.to_string(), version: document.version, ..certificate })
}

/// What a document holds.
pub(super) fn of_body<T: serde::de::DeserializeOwned>(document: &Document) -> Result<T, ErrorRecord> {
    serde_json::from_value(document.body.clone().unwrap_or_default()).map_err(|error| {
        let message = format!("The document '{}' cannot be read: {error}.", document.id);
        ErrorRecord::new("StoreDamaged", Category::InvalidData, message)
    })
}

/// A body for a document.
pub(super) fn body_of(item: &impl Serialize) -> Result<serde_json::Value, ErrorRecord> {
    serde_json::to_value(item)
        .map_err(|error| ErrorRecord::new("InvalidData", Category::InvalidData, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Clock, FixedClock};
    use crate::store::{Grant, SqliteStore};
    use crate::value::TimeSpan;

    fn certificate(serial: &str, to: &str, now: DateTime, days: i64) -> Certificate {
        Certificate {
            serial: serial.into(),
            version: 0,
            kind: Holder::Computer,
            issued_to: to.into(),
            subject: format!("CN={to}"),
            issuer: "CN=Reeve".into(),
            alternative_names: vec![to.into()],
            not_before: now,
            not_after: DateTime { ticks: now.ticks + days * date::DAY, ..now },
            thumbprint: "AB".repeat(20),
            issued_on: now,
            previous_thumbprint: None,
            revoked: false,
            revoked_on: None,
            other: serde_json::Map::new(),
        }
    }

    /// Rule: a certificate comes back from the store as it was, and a revocation is seen by who asks for its number.
    #[test]
    fn issued_then_taken_back_then_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(folder.path().join("cms.db")).unwrap();
        let clock = FixedClock::at_unix_seconds(1_600_000_000);
        let now = clock.now();
        let grant = Grant::system("test");
        let first = certificate("0A1B", "a.litwareinc.com", now, 90);
        store.commit(&grant, &[first.issue().unwrap()]).unwrap();
        let found = find(&store, "0a1b").unwrap().unwrap();
        assert_eq!(found, Certificate { version: found.version, ..first.clone() });
        assert!(found.is_valid(now) && found.days_left(now) == 90);
        assert!(matches!(standing(&store, "0A1B").unwrap(), Standing::Good(_)));
        assert_eq!(standing(&store, "FF").unwrap(), Standing::Unknown);
        assert_eq!(store.commit(&grant, &[first.issue().unwrap()]).unwrap_err().id(), "StoreConflict");

        store.commit(&grant, &[found.revoke(now).unwrap()]).unwrap();
        assert!(matches!(standing(&store, "0A1B").unwrap(), Standing::Revoked(c) if c.revoked_on == Some(now)));
        assert!(store.commit(&grant, &[found.revoke(now).unwrap()]).is_err(), "it was read before another changed it");

        store.commit(&grant, &[certificate("0C", "A.litwareinc.com", now, 300).issue().unwrap()]).unwrap();
        assert_eq!(of(&store, Holder::Computer, "a.LITWAREINC.com").unwrap().len(), 2);
        assert!(sweep(&store, now).unwrap().is_empty());
        clock.advance(TimeSpan { ticks: (91 + REMEMBERED_DAYS) * date::DAY });
        let gone = sweep(&store, clock.now()).unwrap();
        store.commit(&grant, &gone).unwrap();
        assert_eq!(list(&store).unwrap().iter().map(|c| c.serial.as_str()).collect::<Vec<_>>(), ["0C"]);
    }
}
