//! Join tokens: a secret that is used once, and the hash by which a newcomer knows the deployment.

use crate::error::{Category, ErrorRecord};
use std::fmt;

/// Begins every token of this form.
const FORM: &str = "reeve1";

/// What a newcomer needs to be taken in. Its text is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    secret: [u8; 32],
    ca: [u8; 32],
}

impl JoinToken {
    /// A new token for the deployment whose authority's certificate has this hash ([`super::Authority::hash`]).
    ///
    /// # Errors
    /// `CertificateNotMade` where the system gives no randomness.
    pub fn new(ca: [u8; 32]) -> Result<JoinToken, ErrorRecord> {
        Ok(JoinToken { secret: super::tls::random()?, ca })
    }

    /// Reads `reeve1.<secret>.<hash>`; blanks around it do not count.
    ///
    /// # Errors
    /// `TokenInvalid`, which does not repeat the text.
    pub fn parse(text: &str) -> Result<JoinToken, ErrorRecord> {
        let invalid = |why: &str| {
            ErrorRecord::new("TokenInvalid", Category::InvalidArgument, format!("This is no join token: {why}."))
                .hint("Copy the whole token as New-CsJoinToken printed it: reeve1.<64 digits>.<64 digits>.")
        };
        let mut parts = text.trim().split('.');
        match parts.next() {
            Some(FORM) => {}
            Some(form) if form.starts_with("reeve") && parts.clone().count() == 2 => {
                return Err(invalid("it is of a form that this program does not know"));
            }
            _ => return Err(invalid("it does not begin with 'reeve1.'")),
        }
        let (Some(secret), Some(ca), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(invalid("it does not have three parts"));
        };
        match (digits(secret), digits(ca)) {
            (Some(secret), Some(ca)) => Ok(JoinToken { secret, ca }),
            _ => Err(invalid("a part of it is not 64 hexadecimal digits")),
        }
    }

    /// The text that an administrator carries over. It is a secret.
    pub fn text(&self) -> String {
        format!("{FORM}.{}.{}", hex(&self.secret), hex(&self.ca))
    }

    /// What the newcomer shows to the server. It is a secret.
    pub fn secret(&self) -> String {
        hex(&self.secret)
    }

    /// The key of the token's document: blake3 of the secret.
    pub fn key(&self) -> String {
        blake3::hash(&self.secret).to_hex().to_string()
    }

    /// The key of the token's document, from what a newcomer showed.
    ///
    /// # Errors
    /// `TokenInvalid`.
    pub fn key_of_secret(secret: &str) -> Result<String, ErrorRecord> {
        let secret = digits(secret).ok_or_else(|| {
            ErrorRecord::new(
                "TokenInvalid",
                Category::InvalidArgument,
                "The secret of the join token is not one of ours.",
            )
            .hint("Copy the whole token as New-CsJoinToken printed it.")
        })?;
        Ok(blake3::hash(&secret).to_hex().to_string())
    }

    /// blake3 of the authority's certificate (DER).
    pub fn ca(&self) -> &[u8; 32] {
        &self.ca
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinToken({})", self.key())
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

fn digits(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a token gives back what was put in, its documents' key is not its secret, and no message shows it.
    #[test]
    fn tokens_come_back_and_keep_their_secret() {
        let token = JoinToken::new([7; 32]).unwrap();
        let text = token.text();
        let again = JoinToken::parse(&format!(" {text}\n")).unwrap();
        assert_eq!(again, token);
        assert_eq!(again.ca(), &[7; 32]);
        assert_eq!(JoinToken::key_of_secret(&token.secret()).unwrap(), token.key());
        assert_ne!(JoinToken::new([7; 32]).unwrap().key(), token.key());
        assert!(!token.key().contains(&token.secret()) && !format!("{token:?}").contains(&token.secret()));
        let wrong = [
            String::new(),
            "x".into(),
            text.replace("reeve1", "reeve2"),
            text.replace('.', ","),
            format!("{text}.{text}"),
            text[..text.len() - 1].to_string(),
            format!("{text}0"),
            text.replace("reeve1.", "reeve1.g"),
            format!("reeve1..{}", "0".repeat(64)),
        ];
        for text in wrong {
            let error = JoinToken::parse(&text).unwrap_err();
            assert_eq!(error.id(), "TokenInvalid", "{text}");
            assert!(!error.message().contains(&token.secret()) && !error.hints().is_empty());
        }
        for secret in ["", "xyz", &"0".repeat(63)] {
            assert_eq!(JoinToken::key_of_secret(secret).unwrap_err().id(), "TokenInvalid");
        }
    }
}
