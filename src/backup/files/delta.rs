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
/// Bytes without anything of the old content after which only samples are searched: it is likely to be other content, and
/// to search all of it takes many times as long as to send it.
const PATIENCE: u64 = 256 * 1024;
/// Most blocks from one sample to the next. What is found is followed back to where it begins, so that a sample which comes
/// late costs nothing; only old content shorter than this may be missed.
const LEAP: usize = 48;

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
    /// Where in the new content something of the old was seen last.
    matched: u64,
    /// Up to where in the new content the way to the next sample goes.
    leaps_to: i64,
    /// Places that were searched.
    #[cfg(test)]
    searched: u64,
}

impl Matcher {
    /// For content whose first `skipped` bytes the other end has already.
    pub fn new(old: Option<Signature>, skipped: u64) -> Matcher {
        let old = old.filter(|old| !old.hashes.is_empty());
        let (buffer, start, at) = (Vec::new(), 0, 0);
        Matcher {
            old,
            buffer,
            base: skipped,
            start,
            at,
            shift: 0,
            copy: None,
            table: None,
            searching: false,
            matched: skipped,
            leaps_to: 0,
            #[cfg(test)]
            searched: 0,
        }
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
        let block = self.old.as_ref().map_or(0, |old| old.block as usize);
        self.flush_data(self.settled(block), false, out);
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
                self.matched = self.position(self.at) as u64;
                (self.searching, self.leaps_to) = (false, 0);
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
            if !self.search(old, signer, last, out) {
                break;
            }
        }
        if last {
            self.at = self.buffer.len();
        }
    }

    /// Only samples are searched from here on.
    fn samples(&self) -> bool {
        self.searching && (self.position(self.at) as u64).saturating_sub(self.matched) >= PATIENCE
    }

    /// Up to where of the buffer nothing is found any more: what lies between two samples may be followed back into.
    fn settled(&self, block: usize) -> usize {
        self.at.saturating_sub(if self.samples() { (LEAP + 1) * block } else { 0 })
    }

    /// Looks for any block; false if more bytes are needed.
    fn search(&mut self, old: &Signature, signer: Option<&Signer>, last: bool, out: &mut Vec<Piece>) -> bool {
        let block = old.block as usize;
        let needed = if last { block } else { 2 * block };
        let Some(end) = self.buffer.len().checked_sub(needed) else { return false };
        let table = self.table.take().unwrap_or_else(|| Table::new(&old.hashes));
        let mut found = None;
        while found.is_none() && self.at <= end {
            if self.leaps_to > self.position(self.at) {
                found = self.leap(old, signer, end);
                continue;
            }
            let samples = self.samples();
            // Old content, wherever it comes from, has a block that begins within the length of one.
            let much = if samples { block } else { PATIENCE as usize };
            let until = end.min(self.at + much);
            found = self.stretch(old, &table, until);
            if found.is_none() && samples {
                // Of different lengths, so that content in steps of one length does not escape all samples.
                let at = self.position(self.at);
                let blocks = LEAP - (at as usize / block * 7) % (LEAP / 2);
                self.leaps_to = at + (blocks * block) as i64;
            }
        }
        self.table = Some(table);
        if let Some(mut index) = found {
            // It may have begun before the sample.
            while let (Some(before), Some(at)) = (index.checked_sub(1), self.at.checked_sub(block)) {
                let bytes = self.buffer.get(at..self.at).filter(|_| at >= self.start);
                if bytes.is_none_or(|bytes| old.hashes.get(before) != Some(&short_hash(bytes))) {
                    break;
                }
                (index, self.at) = (before, at);
            }
            self.shift = self.position(self.at) - (index * block) as i64;
            (self.searching, self.leaps_to) = (false, 0);
        }
        let settled = if found.is_some() { self.at } else { self.settled(block) };
        self.flush_data(settled, false, out);
        found.is_some()
    }

    /// Looks byte by byte, from where the next look is up to a place; the block that it finds there.
    fn stretch(&mut self, old: &Signature, table: &Table, until: usize) -> Option<usize> {
        let block = old.block as usize;
        let mut at = self.at;
        let mut rolling = Rolling::new(self.buffer.get(at..at + block)?);
        // Blocks are powers of two.
        let within = block as i64 - 1;
        let found = loop {
            let hash = rolling.short();
            let here = (self.base + at as u64) as i64 - self.shift;
            if here & within == 0 && here >= 0 && old.hashes.get(here as usize / block) == Some(&hash) {
                break Some(here as usize / block);
            }
            if table.may_have(hash) {
                let next = self.buffer.get(at + block..at + 2 * block);
                let found = table.find(hash, &old.hashes, |index| {
                    next.is_some_and(|next| old.hashes.get(index + 1).is_some_and(|h| *h == short_hash(next)))
                });
                if found.is_some() {
                    break found;
                }
            }
            if at >= until {
                break None;
            }
            rolling.roll(self.buffer[at], self.buffer[at + block]);
            at += 1;
        };
        #[cfg(test)]
        {
            self.searched += (at - self.at) as u64;
        }
        self.at = if found.is_some() { at } else { at + 1 };
        found
    }

    /// Goes on to the next sample, or to a place before it, and looks on the way at blocks in place alone.
    fn leap(&mut self, old: &Signature, signer: Option<&Signer>, end: usize) -> Option<usize> {
        let block = old.block as usize;
        let to = end.min(self.at + (self.leaps_to - self.position(self.at)) as usize);
        let from = self.position(self.at) - self.shift;
        let mut at = self.at + (-from).rem_euclid(block as i64) as usize;
        while at <= to {
            if self.in_place(old, signer, at) {
                self.at = at;
                return Some((self.position(at) - self.shift) as usize / block);
            }
            at += block;
        }
        self.at = to + 1;
        None
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
    /// A bit for what the high bits of each hash say: small enough for the processor's cache, where the slots are not,
    /// and enough to know of most hashes that they are not there.
    bits: Vec<u64>,
    shift: u32,
}

/// Bits of the filter for each hash: one in eight of the hashes that are not there seems to be.
const FILTER: usize = 8;

impl Table {
    fn new(hashes: &[u32]) -> Table {
        let size = (hashes.len() * 2 + 2).next_power_of_two();
        let bits = (hashes.len() * FILTER).next_power_of_two().clamp(64, 1 << 31);
        let shift = u32::BITS - bits.trailing_zeros();
        let mut table = Table { slots: vec![0; size], mask: size - 1, bits: vec![0; bits / 64], shift };
        for (index, hash) in hashes.iter().enumerate() {
            let bit = hash >> table.shift;
            table.bits[bit as usize / 64] |= 1 << (bit % 64);
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

    /// Whether a hash may be there; else it certainly is not.
    #[inline(always)]
    fn may_have(&self, hash: u32) -> bool {
        let bit = hash >> self.shift;
        self.bits[bit as usize / 64] >> (bit % 64) & 1 == 1
    }

    fn find(&self, hash: u32, hashes: &[u32], fits: impl Fn(usize) -> bool) -> Option<usize> {
        let mut slot = hash as usize & self.mask;
        while self.slots[slot] != 0 {
            let index = self.slots[slot] as usize - 1;
            if hashes.get(index) == Some(&hash) && fits(index) {
                return Some(index);
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
        goes(old, new, step).0
    }

    /// The same, and how many places were searched.
    fn goes(old: &[u8], new: &[u8], step: usize) -> (usize, u64) {
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
        let searched = matcher.searched;
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
        (data, searched)
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

    /// Rule: of content that is wholly another only a small part is searched, and what of the old comes back behind it is
    /// found from its beginning, at whatever distance; pieces that come in steps are found too.
    #[test]
    fn other_content_is_soon_given_up() {
        let (old, new) = (noise(1 << 20, 1), noise(4 << 20, 2));
        for step in [65_536, 1000, new.len()] {
            let (data, searched) = goes(&old, &new, step);
            assert_eq!(data, new.len());
            let bound = PATIENCE + new.len() as u64 / 10;
            assert!(searched < bound, "{searched} places by {step}");
            for ahead in [1 << 20, (1 << 20) + 77, (2 << 20) + 100_003] {
                let back = [&new[..ahead], &old[5000..]].concat();
                let (data, _) = goes(&old, &back, step);
                assert!(data <= ahead + 2 * 128, "{data} for {ahead} by {step}");
            }
            let mut mixed = new[..1 << 20].to_vec();
            for n in 0..100 {
                mixed.extend_from_slice(&new[(1 << 20) + n * 8192..][..8192]);
                mixed.extend_from_slice(&old[n * 9001..][..8192]);
            }
            let (data, _) = goes(&old, &mixed, step);
            let most = (1 << 20) + 100 * 8192;
            assert!(data < most + 100 * 256 + (64 << 10), "{data} of {} by {step}", mixed.len());
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
