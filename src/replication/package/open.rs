//! Packages opened: unpacked as they are read, their bytes held to what was announced.

use crate::error::{Category, ErrorRecord};
use crate::replication::message::Announce;
use std::io::{self, BufReader, Read};

/// zstd's largest window, as a power of two: more than our level ever uses; a package that asks for more memory is none
/// of ours.
const WINDOW: u32 = 23;
/// Bytes that are read at a time.
const BUFFER: usize = 64 * 1024;

/// What a package unpacks to. Its end comes only when all bytes were there and had the hash that was announced: until
/// then nothing that was read may be taken for true.
pub type Unpacking<R> = BufReader<Unpacked<R>>;

/// Opens a package, from its bytes as they travelled.
///
/// # Errors
/// `PackageCorrupt`. Reading gives an error where the bytes are not those that were announced, or unpack to more.
pub fn open<R: Read>(bytes: R, announce: &Announce) -> Result<Unpacking<R>, ErrorRecord> {
    let checked = Checked {
        inner: bytes,
        left: announce.length,
        hasher: blake3::Hasher::new(),
        hash: blake3::Hash::from_bytes(announce.hash.0),
    };
    let begin = || {
        let mut decoder = zstd::stream::read::Decoder::new(checked)?;
        decoder.window_log_max(WINDOW)?;
        Ok(decoder)
    };
    let decoder = begin().map_err(|error: io::Error| {
        let message = format!("The package {} cannot be opened: {error}.", announce.package);
        ErrorRecord::new("PackageCorrupt", Category::InvalidData, message).hint("It is fetched again.")
    })?;
    // A package of a line needs no large buffer, and many are.
    let buffer = usize::try_from(announce.unpacked).unwrap_or(BUFFER).clamp(1024, BUFFER);
    Ok(BufReader::with_capacity(buffer, Unpacked { decoder, left: announce.unpacked }))
}

/// The unpacked bytes, no more of them than were announced.
pub struct Unpacked<R: Read> {
    decoder: zstd::stream::read::Decoder<'static, BufReader<Checked<R>>>,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(wrong("it unpacks to more than was announced")),
        }
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(wrong("it unpacks to less than was announced"));
        }
        Ok(read)
    }
}

/// The bytes as they travelled, held to their announced length and hash.
pub struct Checked<R> {
    inner: R,
    left: u64,
    hasher: blake3::Hasher,
    hash: blake3::Hash,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| wrong("it is longer than was announced"))?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        if read == 0 && !buffer.is_empty() {
            if self.left > 0 {
                return Err(wrong("it is shorter than was announced"));
            }
            if self.hasher.finalize() != self.hash {
                return Err(wrong("its hash is another than was announced"));
            }
        }
        Ok(read)
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
