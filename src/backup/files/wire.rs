//! Numbers, bytes and names as messages carry them. Reading trusts nothing.

use super::path::TreePath;
use super::row::{Content, Hash, Row};
use super::trouble::protocol;
use crate::error::ErrorRecord;

/// Appends a number, 7 bits a byte.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be negative; small ones are short.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// Appends bytes with their length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a path.
pub(super) fn put_path(out: &mut Vec<u8>, path: &TreePath) {
    put_bytes(out, &path.to_bytes());
}

/// Appends a row.
pub(super) fn put_row(out: &mut Vec<u8>, row: &Row) {
    match &row.content {
        Content::Folder => out.push(0),
        Content::File { size, hash } => {
            out.push(1);
            put_number(out, *size);
            out.extend_from_slice(hash);
        }
        Content::Link { to } => {
            out.push(2);
            put_bytes(out, to);
        }
    }
    put_number(out, u64::from(row.mode));
    put_signed(out, row.mtime);
}

/// Reads what was written, and says so when it is not there.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], ErrorRecord> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| protocol("a message is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, ErrorRecord> {
        Ok(self.take(1)?[0]) // take gave exactly one
    }

    pub(super) fn number(&mut self) -> Result<u64, ErrorRecord> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(protocol("a number is too long"))
    }

    /// A number of at most `most`.
    pub(super) fn bounded(&mut self, most: u64, what: &str) -> Result<u64, ErrorRecord> {
        let number = self.number()?;
        if number > most { Err(protocol(format!("{what}: {number}, at most {most}"))) } else { Ok(number) }
    }

    pub(super) fn signed(&mut self) -> Result<i64, ErrorRecord> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], ErrorRecord> {
        let length = usize::try_from(self.number()?).map_err(|_| protocol("a message is cut off"))?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Result<String, ErrorRecord> {
        Ok(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    pub(super) fn hash(&mut self) -> Result<Hash, ErrorRecord> {
        let mut hash = Hash::default();
        hash.copy_from_slice(self.take(32)?);
        Ok(hash)
    }

    /// A path, not the root.
    pub(super) fn path(&mut self) -> Result<TreePath, ErrorRecord> {
        let bytes = self.bytes()?;
        TreePath::parse(bytes).ok_or_else(|| {
            let shown: String =
                String::from_utf8_lossy(bytes).chars().take(80).flat_map(char::escape_default).collect();
            protocol(format!("'{shown}' is not the name of a place inside the tree"))
        })
    }

    /// A path that may be the root.
    pub(super) fn folder(&mut self) -> Result<TreePath, ErrorRecord> {
        if self.rest.first() == Some(&0) {
            self.byte()?;
            return Ok(TreePath::root());
        }
        self.path()
    }

    pub(super) fn mode(&mut self) -> Result<u32, ErrorRecord> {
        Ok(self.bounded(u64::from(super::row::MODE), "mode")? as u32)
    }

    pub(super) fn row(&mut self) -> Result<Row, ErrorRecord> {
        let content = match self.byte()? {
            0 => Content::Folder,
            1 => Content::File { size: self.bounded(i64::MAX as u64, "size of a file")?, hash: self.hash()? },
            2 => Content::Link { to: self.bytes()?.to_vec() },
            other => return Err(protocol(format!("kind {other} of an entry"))),
        };
        Ok(Row { mode: self.mode()?, mtime: self.signed()?, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_went() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(Reader::new(&out).number().unwrap(), number);
            put_signed(&mut out, number as i64);
        }
        for number in [0, -1, 1, i64::MIN, i64::MAX, 1_700_000_000_000_000_000] {
            let mut out = Vec::new();
            put_signed(&mut out, number);
            assert_eq!(Reader::new(&out).signed().unwrap(), number);
        }
        assert!(Reader::new(&[0xff; 11]).number().is_err());
        assert!(Reader::new(&[0xff]).number().is_err());
        assert!(Reader::new(&[5, 1]).bytes().is_err());
    }
}
