//! What went wrong between two ends, in the terms of who has to mend it.

use super::peer::{Peer, PeerName};
use crate::error::{Category, ErrorRecord};
use crate::value::date;
use rustls::{AlertDescription, CertificateError, Error};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The two ends of a connection, for messages.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The other end: a computer's name, or an address where there is no name.
    pub other: Arc<str>,
    /// This end, if it has a certificate.
    pub own: Option<Arc<Peer>>,
}

impl Ends {
    /// Ends of which only the other is known.
    pub fn with(other: impl Into<Arc<str>>) -> Ends {
        Ends { other: other.into(), own: None }
    }

    /// What an error of reading, writing or shaking hands means.
    pub fn explain(&self, error: &io::Error) -> ErrorRecord {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::InvalidCertificate(why)) => self.their_certificate(why),
            Some(Error::AlertReceived(alert)) => self.alert(*alert),
            Some(Error::NoCertificatesPresented) => self.record("CertificateMissing", "it showed no certificate", NEW),
            Some(error) => self.record("ConnectionBroken", &format!("it does not speak as agreed ({error})"), WHO),
            None => self.io(error),
        }
    }

    pub(super) fn their_certificate(&self, why: &CertificateError) -> ErrorRecord {
        use CertificateError as E;
        let clocks = "Compare the clocks of both computers; a certificate that has expired is issued anew.";
        match why {
            E::Expired | E::ExpiredContext { .. } => {
                self.record("CertificateExpired", "its certificate has expired", clocks)
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                self.record("CertificateNotYetValid", "its certificate is not valid yet", clocks)
            }
            E::Revoked => self.record("CertificateRevoked", "its certificate was revoked", NEW),
            E::UnknownIssuer => {
                self.record("CertificateUnknown", "its certificate comes from another authority", FOREIGN)
            }
            E::NotValidForNameContext { presented, .. } => {
                let name = presented.first().map_or("nobody", String::as_str);
                let why = format!("its certificate names '{name}'");
                self.record("NameMismatch", &why, "Look at addresses.toml and DNS: the address leads to somebody else.")
            }
            E::NotValidForName => self.record("NameMismatch", "its certificate names somebody else", WHO),
            E::ApplicationVerificationFailure => {
                let hint = "Put the computer into the topology and publish it, then let it join with a new token.";
                self.record("ComputerRemoved", "the computer is not in the topology", hint)
            }
            E::Other(_) => self.record("CertificateUnknown", "its certificate's serial number is not known here", NEW),
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
                self.record("CertificateInvalid", "its certificate is for another purpose", NEW)
            }
            other => self.record("CertificateInvalid", &format!("its certificate is not genuine ({other:?})"), FOREIGN),
        }
    }

    /// What the other end says of us.
    fn alert(&self, alert: AlertDescription) -> ErrorRecord {
        use AlertDescription as A;
        let ours = self.ours();
        match alert {
            A::CertificateExpired => {
                let until =
                    self.own.as_ref().map(|own| format!(" (it is valid until {} UTC)", date::text(own.not_after)));
                let why = format!("{ours} has expired there or is not valid yet{}", until.unwrap_or_default());
                self.refused(
                    "CertificateExpired",
                    &why,
                    "Compare the clocks of both computers, or have it issued anew.",
                )
            }
            A::CertificateRevoked => self.refused("CertificateRevoked", &format!("{ours} was revoked"), NEW),
            A::UnknownCA => {
                self.refused("CertificateUnknown", &format!("{ours} comes from another authority"), FOREIGN)
            }
            A::CertificateUnknown => {
                self.refused("CertificateUnknown", &format!("the serial number of {ours} is not known there"), NEW)
            }
            A::AccessDenied => match self.own.as_ref().map(|own| &own.name) {
                Some(PeerName::Person(name)) => {
                    self.refused("AccessDenied", &format!("'{name}' is not let in"), "Ask an administrator.")
                }
                _ => {
                    let hint = "Put it into the topology and publish it, then let it join with a new token.";
                    self.refused("ComputerRemoved", "this computer is not in its topology", hint)
                }
            },
            A::CertificateRequired => self.refused("CertificateMissing", "a certificate is needed", NEW),
            A::BadCertificate | A::DecryptError | A::UnsupportedCertificate => {
                self.refused("CertificateInvalid", &format!("{ours} is not genuine or for another purpose"), FOREIGN)
            }
            A::NoApplicationProtocol => self.record(
                "ProtocolUnknown",
                "it does not speak this program's protocol",
                "Look at both programs' versions, and whether the address is that of a reeve server.",
            ),
            other => self.record("ConnectionBroken", &format!("it ended the connection ({other:?})"), WHO),
        }
    }

    fn io(&self, error: &io::Error) -> ErrorRecord {
        use io::ErrorKind as K;
        match error.kind() {
            K::ConnectionRefused => self.unreachable(NOBODY),
            K::TimedOut => self.unreachable("it does not answer in time"),
            K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable => {
                self.unreachable("no way leads there")
            }
            K::UnexpectedEof | K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::NotConnected => {
                self.record("ConnectionLost", "the connection has ended", RUNS)
            }
            _ => self.record("ConnectionLost", &format!("the connection failed: {error}"), WHO),
        }
    }

    /// It is connected, and says nothing for so long.
    pub fn silent(&self, within: Duration) -> ErrorRecord {
        let why = format!(
            "nothing has come from it for {} seconds, though it was asked whether it is there",
            within.as_secs()
        );
        self.record("ConnectionLost", &why, HANGS)
    }

    /// It cannot be reached.
    pub(super) fn unreachable(&self, why: &str) -> ErrorRecord {
        let message = format!("'{}' cannot be reached: {why}.", self.other);
        ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
            .hint("See whether its server runs, and whether addresses.toml or DNS gives the right address.")
    }

    /// Something is wrong with the other end.
    pub(super) fn record(&self, id: &'static str, why: &str, hint: &str) -> ErrorRecord {
        ErrorRecord::new(id, category(id), format!("The connection with '{}' failed: {why}.", self.other)).hint(hint)
    }

    /// The other end refuses this one.
    fn refused(&self, id: &'static str, why: &str, hint: &str) -> ErrorRecord {
        ErrorRecord::new(id, category(id), format!("'{}' refuses the connection: {why}.", self.other)).hint(hint)
    }

    fn ours(&self) -> String {
        match &self.own {
            Some(own) => format!("the certificate of '{}' (serial {})", own.name, own.serial),
            None => "this end's certificate".into(),
        }
    }
}

const RUNS: &str = "See whether its server runs.";
const HANGS: &str = "See whether its server hangs, or its computer, or the network between.";
const NEW: &str =
    "Have a new certificate issued: a computer joins again with a token, a person gets one from an administrator.";
const FOREIGN: &str =
    "See whether both belong to the same deployment (Get-CsCertificate), and what address was dialled.";
const WHO: &str = "See what runs at that address, and its log.";

fn category(id: &str) -> Category {
    match id {
        "ConnectionLost" | "ConnectionBroken" | "ProtocolUnknown" => Category::ResourceUnavailable,
        "AccessDenied" => Category::PermissionDenied,
        _ => Category::SecurityError,
    }
}

/// Why a connection is refused.
const NOBODY: &str = "nobody listens there";

/// Whether an error says that nothing runs where it was tried: the connection was refused at once.
pub fn nobody_listens(error: &ErrorRecord) -> bool {
    error.id() == "HostUnreachable" && error.message().contains(NOBODY)
}
