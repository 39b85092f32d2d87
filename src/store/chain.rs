//! The hash chain of a store's history: what two holders compare to know that they hold the same.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The hash of a history up to a version: each change's hash covers the one before, so that two histories which agree
/// on the chain at a version agree on all before. The chain of version 0 is all zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Chain(pub [u8; 32]);

impl Chain {
    /// The chain after one more change: its version, and the digest of what it changed.
    #[must_use]
    pub fn next(self, version: u64, digest: &[u8]) -> Chain {
        let mut hasher = blake3::Hasher::new_derive_key("reeve store chain 1");
        hasher.update(&self.0);
        hasher.update(&version.to_le_bytes());
        hasher.update(&(digest.len() as u64).to_le_bytes());
        hasher.update(digest);
        Chain(*hasher.finalize().as_bytes())
    }

    /// From its 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Chain> {
        blake3::Hash::from_hex(text).ok().map(|hash| Chain(*hash.as_bytes()))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_string().get(..8).unwrap_or_default())
    }
}

impl Serialize for Chain {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Chain, D::Error> {
        let text = String::deserialize(from)?;
        Chain::parse(&text).ok_or_else(|| serde::de::Error::custom("a chain has 64 hexadecimal digits"))
    }
}

/// What somebody holds: a version of the store, with the chain that leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Held {
    /// The epoch in which it got there.
    pub epoch: u64,
    /// The version.
    pub version: u64,
    /// The chain at that version.
    pub chain: Chain,
}

/// Where a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its epoch.
    pub epoch: u64,
    /// Its version.
    pub version: u64,
    /// The chain at that version.
    pub chain: Chain,
}

impl Head {
    /// What somebody holds who has all of it.
    pub fn held(&self) -> Held {
        Held { epoch: self.epoch, version: self.version, chain: self.chain }
    }
}
