//! MD5: no protection against anybody, but what many lists of downloads still name.

/// The sum of bytes that come piece by piece.
pub(super) struct Md5 {
    state: [u32; 4],
    /// What does not fill a block yet.
    rest: Vec<u8>,
    length: u64,
}

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

impl Md5 {
    /// Of no bytes yet.
    pub fn new() -> Md5 {
        Md5 { state: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476], rest: Vec::with_capacity(64), length: 0 }
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        self.take(bytes);
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let mut blocks = rest.chunks_exact(64);
        for block in &mut blocks {
            self.block(block);
        }
        self.rest.extend_from_slice(blocks.remainder());
    }

    fn block(&mut self, block: &[u8]) {
        let words: Vec<u32> = block
            .chunks_exact(4)
            .map(|b| b.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte)))
            .collect();
        let [mut a, mut b, mut c, mut d] = self.state;
        for i in 0..64_usize {
            let (mixed, at) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), 5 * i + 1),
                2 => (b ^ c ^ d, 3 * i + 5),
                _ => (c ^ (b | !d), 7 * i),
            };
            // The constants are the fractions of sines; a double has more digits than they need.
            let constant = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(words[at % 16]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4]));
        }
        for (state, new) in self.state.iter_mut().zip([a, b, c, d]) {
            *state = state.wrapping_add(new);
        }
    }

    /// The sum.
    pub fn finish(mut self) -> Vec<u8> {
        let bits = self.length.wrapping_mul(8);
        let zeros = (119 - self.length % 64) % 64;
        let mut tail = vec![0x80];
        tail.resize(1 + usize::try_from(zeros).unwrap_or(0), 0);
        tail.extend(bits.to_le_bytes());
        self.take(&tail);
        self.state.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: the sums are those of the standard, wherever the pieces end.
    #[test]
    fn sums_are_those_of_the_standard() {
        let digits = "1234567890".repeat(8);
        for (text, expected) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            (&digits, "57edf4a22be3c955ac49da2e2107b67a"),
        ] {
            for piece in [1, 7, 100] {
                let mut sum = Md5::new();
                text.as_bytes().chunks(piece).for_each(|bytes| sum.update(bytes));
                let shown: String = sum.finish().iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(shown, expected);
            }
        }
    }
}
