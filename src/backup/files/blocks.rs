//! Signatures of what was last synchronised: a short hash of every small block of a file. With them the end that has
//! the new content finds what the other end has of it, without asking.

/// Bytes of the smallest blocks: small enough that an edit of 64 bytes carries few others with it, large enough that
/// a signature (4 bytes a block) stays near 3 % of the file.
pub const SMALLEST_BLOCK: u32 = 128;
/// Blocks that a signature may have: 8 MiB of it. Blocks of larger files are larger.
pub const MOST_BLOCKS: u64 = 1 << 21;
/// Files below this many bytes have no signature: they travel whole.
pub const SMALLEST_FILE: u64 = 256;

/// Multiplier of the rolling hash: any large odd number whose bits look random.
const P: u64 = 0x9E6C_63D0_876A_9A47 | 1;
const P2: u64 = P.wrapping_mul(P);
const P4: u64 = P2.wrapping_mul(P2);
const P8: u64 = P4.wrapping_mul(P4);
const POWERS: [u64; 8] =
    [P4.wrapping_mul(P2).wrapping_mul(P), P4.wrapping_mul(P2), P4.wrapping_mul(P), P4, P2.wrapping_mul(P), P2, P, 1];

/// The block size for a file of so many bytes.
pub fn block_size(size: u64) -> u32 {
    let mut block = SMALLEST_BLOCK;
    while size / u64::from(block) > MOST_BLOCKS && block < 1 << 30 {
        block *= 2;
    }
    block
}

/// The short hashes of a file's blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Bytes of a block.
    pub block: u32,
    /// A hash for every whole block.
    pub hashes: Vec<u32>,
    /// Bytes of the rest after the last whole block, and their hash.
    pub tail: (u32, u32),
}

impl Signature {
    /// As the index keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(12 + self.hashes.len() * 4);
        for number in [self.block, self.tail.0, self.tail.1].iter().chain(&self.hashes) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// From what the index keeps; `None` if it is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Signature> {
        let mut numbers = bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]));
        let (block, length, hash) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let sound =
            block >= SMALLEST_BLOCK && block.is_power_of_two() && length < block && bytes.len().is_multiple_of(4);
        sound.then(|| Signature { block, hashes: numbers.collect(), tail: (length, hash) })
    }
}

/// Makes the signature of content that comes in pieces.
pub struct Signer {
    block: usize,
    hash: u64,
    filled: usize,
    hashes: Vec<u32>,
}

impl Signer {
    /// For a file of so many bytes; `None` if such a file has no signature.
    pub fn new(size: u64) -> Option<Signer> {
        (size >= SMALLEST_FILE).then(|| Signer {
            block: block_size(size) as usize,
            hash: 0,
            filled: 0,
            hashes: Vec::with_capacity((size / u64::from(block_size(size))) as usize),
        })
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.block - self.filled));
            self.hash = absorb(self.hash, now);
            self.filled += now.len();
            if self.filled == self.block {
                self.hashes.push(short(self.hash));
                (self.hash, self.filled) = (0, 0);
            }
            bytes = later;
        }
    }

    /// Takes the next bytes as far as they are whole blocks whose hashes are known already; how many bytes it took.
    /// None, if the content so far does not end with a whole block.
    pub fn known(&mut self, block: u32, hashes: &[u32]) -> u64 {
        if self.filled != 0 || self.block != block as usize {
            return 0;
        }
        self.hashes.extend_from_slice(hashes);
        hashes.len() as u64 * u64::from(block)
    }

    /// The hash of a block that is complete.
    pub fn hash_of(&self, block: u32, index: usize) -> Option<u32> {
        if self.block == block as usize { self.hashes.get(index).copied() } else { None }
    }

    /// The signature.
    pub fn finish(self) -> Signature {
        let tail = (self.filled as u32, short(self.hash));
        Signature { block: self.block as u32, hashes: self.hashes, tail }
    }
}

/// The short hash of some bytes.
pub fn short_hash(bytes: &[u8]) -> u32 {
    short(absorb(0, bytes))
}

/// A hash over a window that goes through bytes one by one.
pub struct Rolling {
    hash: u64,
    /// What the byte that leaves has been multiplied with.
    leaving: u64,
}

impl Rolling {
    /// Over the first window.
    pub fn new(window: &[u8]) -> Rolling {
        let mut leaving = 1_u64;
        for _ in 1..window.len() {
            leaving = leaving.wrapping_mul(P);
        }
        Rolling { hash: absorb(0, window), leaving }
    }

    /// One byte leaves, one comes.
    pub fn roll(&mut self, out: u8, into: u8) {
        let without = self.hash.wrapping_sub(value(out).wrapping_mul(self.leaving));
        self.hash = without.wrapping_mul(P).wrapping_add(value(into));
    }

    /// The short hash of the window.
    pub fn short(&self) -> u32 {
        short(self.hash)
    }
}

/// A byte as a number that is never 0, so that leading zeros count.
fn value(byte: u8) -> u64 {
    u64::from(byte) + 1
}

/// One of eight bytes with its power.
#[inline(always)]
fn at(eight: &[u8], index: usize) -> u64 {
    value(eight[index]).wrapping_mul(POWERS[index])
}

fn absorb(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut eights = bytes.chunks_exact(8);
    for c in &mut eights {
        // Eight products that do not wait for each other.
        let (a, b) = (at(c, 0).wrapping_add(at(c, 1)), at(c, 2).wrapping_add(at(c, 3)));
        let (d, e) = (at(c, 4).wrapping_add(at(c, 5)), at(c, 6).wrapping_add(at(c, 7)));
        let sum = a.wrapping_add(b).wrapping_add(d.wrapping_add(e));
        hash = hash.wrapping_mul(P8).wrapping_add(sum);
    }
    for byte in eights.remainder() {
        hash = hash.wrapping_mul(P).wrapping_add(value(*byte));
    }
    hash
}

/// Only the high bits of the sum are good; they are stirred once more.
fn short(hash: u64) -> u32 {
    ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(n: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..n).map(|_| next()).collect()
    }

    /// Rule: the rolled hash of a window is the hash of that window.
    #[test]
    fn rolling_is_hashing() {
        let data = bytes(1000);
        let mut rolling = Rolling::new(&data[..128]);
        for at in 1..data.len() - 128 {
            rolling.roll(data[at - 1], data[at + 127]);
            assert_eq!(rolling.short(), short_hash(&data[at..at + 128]));
        }
    }

    /// Rule: a signature does not depend on how the content is cut into pieces, and survives the index.
    #[test]
    fn pieces_make_no_difference() {
        let data = bytes(10_001);
        let mut whole = Signer::new(data.len() as u64).unwrap();
        whole.update(&data);
        let whole = whole.finish();
        for step in [1, 7, 127, 128, 129, 4096] {
            let mut parts = Signer::new(data.len() as u64).unwrap();
            data.chunks(step).for_each(|c| parts.update(c));
            assert_eq!(parts.finish(), whole, "{step}");
        }
        let mut mixed = Signer::new(data.len() as u64).unwrap();
        mixed.update(&data[..1280]);
        assert_eq!(mixed.known(128, &whole.hashes[10..50]), 40 * 128);
        assert_eq!(mixed.known(256, &whole.hashes[10..50]), 0, "another block size");
        mixed.update(&data[50 * 128..]);
        assert_eq!(mixed.known(128, &whole.hashes[10..50]), 0, "in the midst of a block");
        assert_eq!(mixed.finish(), whole);
        assert_eq!(whole.hashes.len(), 78);
        assert_eq!(whole.tail.0, 17);
        assert_eq!(Signature::from_bytes(&whole.to_bytes()), Some(whole));
        assert_eq!(Signature::from_bytes(b"abc"), None);
        assert_eq!(Signature::from_bytes(&[0; 12]), None);
        assert!(Signer::new(255).is_none());
    }

    #[test]
    fn a_signature_is_bounded() {
        assert_eq!(block_size(1), 128);
        assert_eq!(block_size(256 << 20), 128);
        assert!((1_u64 << 45) / u64::from(block_size(1 << 45)) <= MOST_BLOCKS);
    }
}
