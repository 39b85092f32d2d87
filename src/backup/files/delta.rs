//! What of a new content the other end has already: found from the signature of its old content.

use super::blocks::{Rolling, Signature, Signer, short_hash};

/// A part of the new content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As in the old content from this byte, so many bytes.
    Copy(u64, u64),
    /// New bytes.
    Data(Vec<u8>),
}

/// Bytes of new content that are put together before they are given on: they are what memory it takes.
const LONGEST_DATA: usize = 64 * 1024;
/// Blocks that are looked at ahead, in place, before the slower search for shifted content begins.
const AHEAD: usize = 64;
/// Places of the same hash that are tried.
const TRIES: usize = 8;

/// Compares new content, that comes in pieces, with an old signature.
///
/// A block in its old place, or right after the one that matched before it, counts by its 32 bits alone; a block found
/// anywhere else must have its neighbour with it. Whoever puts the content together checks its whole hash.
pub struct Matcher {
    old: Option<Signature>,
    /// Content that is not given on yet; it begins at `base`, and `start` is where what is not matched begins.
    buffer: Vec<u8>,
    base: u64,
    start: usize,
    /// Where the next look is.
    at: usize,
    /// Place in the new content minus place in the old, as it was last seen.
    shift: i64,
    copy: Option<(u64, u64)>,
    table: Option<Table>,
    /// There is no use in looking further in place from here: the search is on.
    searching: bool,
}

impl Matcher {
    /// For content whose first `skipped` bytes the other end has already.
    pub fn new(old: Option<Signature>, skipped: u64) -> Matcher {
        let old = old.filter(|old| !old.hashes.is_empty());
        let (buffer, start, at) = (Vec::new(), 0, 0);
        Matcher { old, buffer, base: skipped, start, at, shift: 0, copy: None, table: None, searching: false }
    }

    /// Takes the next bytes; what is certain is given on. `signer` has taken the same bytes: what it hashed is not
    /// hashed again.
    pub fn feed(&mut self, bytes: &[u8], signer: Option<&Signer>, out: &mut Vec<Piece>) {
        self.buffer.extend_from_slice(bytes);
        if let Some(old) = self.old.take() {
            self.advance(&old, signer, false, out);
            self.old = Some(old);
        } else {
            self.at = self.buffer.len();
        }
        self.flush_data(self.at, false, out);
        self.forget();
    }

    /// There are no more bytes: all the rest is given on.
    pub fn finish(&mut self, signer: Option<&Signer>, out: &mut Vec<Piece>) {
        let end = self.buffer.len();
        if let Some(old) = self.old.take() {
            self.advance(&old, signer, true, out);
            let tail = old.tail.0 as usize;
            if tail > 0 && end - self.start >= tail && short_hash(&self.buffer[end - tail..]) == old.tail.1 {
                self.flush_data(end - tail, true, out);
                self.copy_block(old.hashes.len() as u64 * u64::from(old.block), tail as u64, out);
                self.start = end;
            }
        }
        self.flush_data(end, true, out);
        out.extend(self.copy.take().map(|(from, length)| Piece::Copy(from, length)));
    }

    /// Goes on as far as the bytes allow.
    fn advance(&mut self, old: &Signature, signer: Option<&Signer>, last: bool, out: &mut Vec<Piece>) {
        let block = old.block as usize;
        loop {
            let left = self.buffer.len() - self.at;
            // Two blocks are needed to search, more to look ahead; at the end one is enough.
            if left < block || (!last && left < 2 * block) {
                break;
            }
            if self.in_place(old, signer, self.at) {
                let from = (self.position(self.at) - self.shift) as u64;
                self.flush_data(self.at, true, out);
                self.copy_block(from, block as u64, out);
                self.at += block;
                self.start = self.at;
                self.searching = false;
                continue;
            }
            if !self.searching {
                let far = (1..=AHEAD).find(|n| self.in_place(old, signer, self.at + n * block));
                if let Some(n) = far {
                    self.at += n * block;
                    continue;
                }
                if !last && left < (AHEAD + 1) * block {
                    break;
                }
                self.searching = true;
            }
            if !self.search(old, last, out) {
                break;
            }
        }
        if last {
            self.at = self.buffer.len();
        }
    }

    /// Looks for any block, byte by byte; false if more bytes are needed.
    fn search(&mut self, old: &Signature, last: bool, out: &mut Vec<Piece>) -> bool {
        let block = old.block as usize;
        let table = self.table.get_or_insert_with(|| Table::new(&old.hashes));
        let needed = if last { block } else { 2 * block };
        let Some(end) = self.buffer.len().checked_sub(needed) else { return false };
        let mut at = self.at;
        let mut rolling = Rolling::new(&self.buffer[at..at + block]);
        let found = loop {
            let hash = rolling.short();
            let here = (self.base + at as u64) as i64 - self.shift;
            if here >= 0 && here % block as i64 == 0 && old.hashes.get(here as usize / block) == Some(&hash) {
                break Some(here as u64 / block as u64);
            }
            let next = self.buffer.get(at + block..at + 2 * block);
            let found = table.find(hash, &old.hashes, |index| {
                next.is_some_and(|next| old.hashes.get(index + 1).is_some_and(|h| *h == short_hash(next)))
            });
            if found.is_some() || at >= end {
                break found;
            }
            rolling.roll(self.buffer[at], self.buffer[at + block]);
            at += 1;
        };
        let more = found.is_some();
        if let Some(index) = found {
            self.shift = (self.base + at as u64) as i64 - (index * block as u64) as i64;
            self.searching = false;
        } else {
            at += 1;
        }
        self.at = at;
        self.flush_data(at, false, out);
        more
    }

    /// Whether the block at this place of the buffer is the old one of the same alignment.
    fn in_place(&self, old: &Signature, signer: Option<&Signer>, at: usize) -> bool {
        let block = old.block as usize;
        let from = self.position(at) - self.shift;
        if from < 0 || from % block as i64 != 0 {
            return false;
        }
        let Some(hash) = old.hashes.get(from as usize / block) else { return false };
        let Some(bytes) = self.buffer.get(at..at + block) else { return false };
        let position = self.base as usize + at;
        let hashed =
            signer.filter(|_| position.is_multiple_of(block)).and_then(|s| s.hash_of(old.block, position / block));
        hashed.unwrap_or_else(|| short_hash(bytes)) == *hash
    }

    fn position(&self, at: usize) -> i64 {
        (self.base + at as u64) as i64
    }

    fn copy_block(&mut self, from: u64, length: u64, out: &mut Vec<Piece>) {
        match &mut self.copy {
            Some((begin, so_far)) if *begin + *so_far == from => *so_far += length,
            _ => out.extend(self.copy.replace((from, length)).map(|(from, length)| Piece::Copy(from, length))),
        }
    }

    /// Gives on what was not matched before `to`: all of it, or only when it became much.
    fn flush_data(&mut self, to: usize, all: bool, out: &mut Vec<Piece>) {
        while to > self.start && (all || to - self.start >= LONGEST_DATA) {
            out.extend(self.copy.take().map(|(from, length)| Piece::Copy(from, length)));
            let end = to.min(self.start + LONGEST_DATA);
            out.push(Piece::Data(self.buffer[self.start..end].to_vec()));
            self.start = end;
        }
    }

    /// Lets go of what was given on.
    fn forget(&mut self) {
        let gone = self.start;
        self.buffer.drain(..gone);
        self.base += gone as u64;
        self.at -= gone;
        self.start = 0;
    }
}

/// Where a hash stands in a signature.
struct Table {
    /// Index + 1 of a block; 0 is empty. Open addressing, at most half full.
    slots: Vec<u32>,
    mask: usize,
}

impl Table {
    fn new(hashes: &[u32]) -> Table {
        let size = (hashes.len() * 2 + 2).next_power_of_two();
        let mut table = Table { slots: vec![0; size], mask: size - 1 };
        for (index, hash) in hashes.iter().enumerate() {
            let mut slot = *hash as usize & table.mask;
            let mut same = 0;
            loop {
                match table.slots[slot] {
                    0 => {
                        table.slots[slot] = index as u32 + 1;
                        break;
                    }
                    // Of content that repeats itself a few places are enough.
                    taken if hashes.get(taken as usize - 1) == Some(hash) => {
                        same += 1;
                        if same == TRIES {
                            break;
                        }
                    }
                    _ => {}
                }
                slot = (slot + 1) & table.mask;
            }
        }
        table
    }

    fn find(&self, hash: u32, hashes: &[u32], fits: impl Fn(usize) -> bool) -> Option<u64> {
        let mut slot = hash as usize & self.mask;
        while self.slots[slot] != 0 {
            let index = self.slots[slot] as usize - 1;
            if hashes.get(index) == Some(&hash) && fits(index) {
                return Some(index as u64);
            }
            slot = (slot + 1) & self.mask;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Signer;
    use super::*;

    fn noise(n: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..n).map(|_| next()).collect()
    }

    /// Matches in pieces of `step` bytes, checks that the result is the new content; bytes that travel.
    fn travels(old: &[u8], new: &[u8], step: usize) -> usize {
        let signature = Signer::new(old.len() as u64).map(|mut signer| {
            signer.update(old);
            signer.finish()
        });
        let mut matcher = Matcher::new(signature, 0);
        let mut pieces = Vec::new();
        let mut signer = Signer::new(new.len() as u64);
        for part in new.chunks(step) {
            signer.iter_mut().for_each(|signer| signer.update(part));
            matcher.feed(part, signer.as_ref(), &mut pieces);
        }
        matcher.finish(signer.as_ref(), &mut pieces);
        let (mut made, mut data) = (Vec::new(), 0);
        for piece in pieces {
            match piece {
                Piece::Copy(from, length) => made.extend_from_slice(&old[from as usize..(from + length) as usize]),
                Piece::Data(bytes) => {
                    data += bytes.len();
                    made.extend_from_slice(&bytes);
                }
            }
        }
        assert!(made == new, "the content is another");
        data
    }

    /// Rule: what travels is what changed, and little beside it.
    #[test]
    fn only_what_changed_travels() {
        let old = noise(300_000, 1);
        let cases: [(&str, Vec<u8>, usize); 13] = [
            ("nothing", old.clone(), 0),
            ("64 bytes", [&old[..1000], &noise(64, 2)[..], &old[1064..]].concat(), 256),
            ("4 KiB", [&old[..1000], &noise(4096, 2)[..], &old[5096..]].concat(), 4096 + 256),
            ("64 KiB", [&old[..1000], &noise(65536, 2)[..], &old[66536..]].concat(), 65536 + 256),
            ("a byte in front", [b"x", &old[..]].concat(), 1),
            ("10 bytes inside", [&old[..150_001], &noise(10, 2)[..], &old[150_001..]].concat(), 10 + 128),
            ("10 bytes away", [&old[..150_001], &old[150_011..]].concat(), 256),
            ("appended", [&old[..], &noise(1000, 2)[..]].concat(), 1000 + 127),
            ("cut off", old[..100_000].to_vec(), 127),
            ("the front cut off", old[100_001..].to_vec(), 127),
            ("halves exchanged", [&old[150_000..], &old[..150_000]].concat(), 512),
            ("empty", Vec::new(), 0),
            ("another", noise(100_000, 3), 100_000),
        ];
        for (name, new, most) in cases {
            for step in [300_001, 65_536, 1000] {
                let data = travels(&old, &new, step);
                assert!(data <= most, "{name} by {step}: {data} of at most {most}");
            }
        }
    }

    /// Rule: content that repeats itself costs neither time nor content.
    #[test]
    fn repeating_content_is_found() {
        let zeros = vec![0; 400_000];
        assert!(travels(&zeros, &zeros[..300_000], 65_536) <= 127);
        let new = [&noise(100, 1)[..], &zeros[..]].concat();
        assert!(travels(&zeros, &new, 65_536) <= 100 + 256);
        assert!(travels(b"short", b"shorter", 100) == 7);
    }
}
