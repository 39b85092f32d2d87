//! Who is at the other end of a connection, as the certificate or the kernel proves it.

use crate::value::DateTime;

/// Whom a certificate names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerName {
    /// A computer, by its full name.
    Computer(String),
    /// A person, by the account name in the deployment's directory.
    Person(String),
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
