//! Requests for certificates: made where the private key stays.

use super::authority::failed;
use crate::error::{Category, ErrorRecord};
use rcgen::{CertificateParams, CertificateSigningRequestParams, DnType, KeyPair, PublicKeyData};

/// Longest request that is read, in bytes: ours have 500.
const LONGEST: usize = 16 * 1024;

/// A new key and the request for a certificate over it.
pub struct Request {
    /// The private key (PEM). It stays where it was made.
    pub key: String,
    /// The request (PEM), signed with the key.
    pub request: String,
}

/// Makes a key and a request. The name in it is for whoever looks at it: the authority goes by what it is told.
///
/// # Errors
/// `CertificateNotMade` where the system gives no randomness.
pub fn new(name: &str) -> Result<Request, ErrorRecord> {
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let request = params.serialize_request(&key).and_then(|request| request.pem()).map_err(|error| failed(&error))?;
    Ok(Request { key: key.serialize_pem(), request })
}

/// The public key of a request whose signature proves that the sender has the private one. Nothing else is taken from it.
pub(super) fn public_key(request: &str) -> Result<rcgen::PublicKey, ErrorRecord> {
    if request.len() > LONGEST {
        return Err(invalid("it is too long"));
    }
    let parsed = CertificateSigningRequestParams::from_pem(request).map_err(|error| invalid(&error.to_string()))?;
    let known = [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519];
    if !known.contains(&parsed.public_key.algorithm()) {
        return Err(invalid("its key is neither ECDSA on P-256 or P-384 nor Ed25519"));
    }
    // An algorithm is told by the signature: the length of the key must agree with it.
    let lengths = [65, 97, 32];
    let expected = known.iter().position(|algorithm| *algorithm == parsed.public_key.algorithm());
    if expected.and_then(|at| lengths.get(at)) != Some(&parsed.public_key.der_bytes().len()) {
        return Err(invalid("its key does not fit its signature"));
    }
    Ok(parsed.public_key)
}

fn invalid(why: &str) -> ErrorRecord {
    let message = format!("The request for a certificate cannot be used: {why}.");
    ErrorRecord::new("CertificateRequestInvalid", Category::InvalidData, message)
        .hint("Make a new request on the computer that the certificate is for.")
}
