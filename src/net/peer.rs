//! Who is at the other end of a connection, as the certificate or the kernel proves it.

use crate::error::{Category, ErrorRecord};
use crate::value::DateTime;
use std::fmt;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Begins the URI by which a certificate names a person.
pub const PERSON: &str = "reeve:person:";

/// Ticks of 100 ns in a second.
const SECOND: i64 = 10_000_000;

/// Whom a certificate names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerName {
    /// A computer, by its full name.
    Computer(String),
    /// A person, by the account name in the deployment's directory.
    Person(String),
}

impl PeerName {
    /// The name itself.
    pub fn text(&self) -> &str {
        match self {
            PeerName::Computer(name) | PeerName::Person(name) => name,
        }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Whom the certificate names.
    pub name: PeerName,
    /// Its serial number, hexadecimal digits in upper case.
    pub serial: String,
    /// SHA-1 would be .NET's; ours is the first 40 hexadecimal digits, in upper case, of blake3 over the certificate.
    pub thumbprint: String,
    /// From when it is valid.
    pub not_before: DateTime,
    /// Until when it is valid.
    pub not_after: DateTime,
}

impl Peer {
    /// What a certificate (DER) says. Whether it is genuine, others have to prove.
    ///
    /// # Errors
    /// `CertificateInvalid` where it is no certificate, or does not name exactly one computer or person.
    pub fn parse(certificate: &[u8]) -> Result<Peer, ErrorRecord> {
        let (rest, parsed) = X509Certificate::from_der(certificate).map_err(|_| invalid("it cannot be read"))?;
        if !rest.is_empty() {
            return Err(invalid("something follows it"));
        }
        let names = parsed.subject_alternative_name().map_err(|_| invalid("its names cannot be read"))?;
        let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
        let name = match names {
            [GeneralName::DNSName(name)] => PeerName::Computer((*name).to_string()),
            [GeneralName::URI(uri)] => match uri.strip_prefix(PERSON).and_then(decode) {
                Some(name) => PeerName::Person(name),
                None => return Err(invalid("its name is none of ours")),
            },
            _ => return Err(invalid("it does not name one computer or one person")),
        };
        Ok(Peer {
            name,
            serial: serial(parsed.raw_serial()),
            thumbprint: thumbprint(certificate),
            not_before: at(parsed.validity().not_before.timestamp()),
            not_after: at(parsed.validity().not_after.timestamp()),
        })
    }

    /// The computer that it names.
    pub fn computer(&self) -> Option<&str> {
        match &self.name {
            PeerName::Computer(name) => Some(name),
            PeerName::Person(_) => None,
        }
    }

    /// The person that it names.
    pub fn person(&self) -> Option<&str> {
        match &self.name {
            PeerName::Person(name) => Some(name),
            PeerName::Computer(_) => None,
        }
    }

    /// Whether it is valid at a time.
    pub fn valid_at(&self, now: DateTime) -> bool {
        self.not_before.ticks <= now.ticks && now.ticks <= self.not_after.ticks
    }
}

/// The thumbprint of a certificate (DER).
pub fn thumbprint(certificate: &[u8]) -> String {
    blake3::hash(certificate).to_hex().to_ascii_uppercase().chars().take(40).collect()
}

/// The URI that names a person.
pub fn person_uri(account: &str) -> String {
    let mut uri = String::from(PERSON);
    for byte in account.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

/// A serial number as text, without the zero that DER puts before a high bit.
pub(super) fn serial(bytes: &[u8]) -> String {
    let digits = bytes.iter().skip_while(|byte| **byte == 0);
    digits.map(|byte| format!("{byte:02X}")).collect()
}

/// Seconds after 1970 as a time.
pub(super) fn at(unix_seconds: i64) -> DateTime {
    DateTime::from_unix_ticks(unix_seconds.saturating_mul(SECOND))
}

/// A time as seconds after 1970.
pub(super) fn unix_seconds(time: DateTime) -> i64 {
    (time.ticks - at(0).ticks).div_euclid(SECOND)
}

fn invalid(why: &str) -> ErrorRecord {
    ErrorRecord::new(
        "CertificateInvalid",
        Category::SecurityError,
        format!("The certificate is not one of ours: {why}."),
    )
    .hint("Take a certificate that this deployment's own authority made.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        for bytes in [&b""[..], b"x", &[0x30, 0x82, 0xff, 0xff], &[0; 100]] {
            assert_eq!(Peer::parse(bytes).unwrap_err().id(), "CertificateInvalid");
        }
    }

    proptest! {
        /// Rule: any account name comes back from the URI, which is plain ASCII.
        #[test]
        fn names_of_people_come_back(name in ".{1,40}") {
            let uri = person_uri(&name);
            prop_assert!(uri.is_ascii());
            prop_assert_eq!(uri.strip_prefix(PERSON).and_then(decode), Some(name));
        }

        #[test]
        fn broken_names_are_none_or_text(uri in "[%a-fA-F0-9]{0,12}") {
            let _ = decode(&uri);
        }
    }
}
