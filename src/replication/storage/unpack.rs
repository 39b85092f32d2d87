//! An unpacked package read line by line: its header, its documents, its end.

use super::document::{PackedDocument, corrupt};
use crate::error::ErrorRecord;
use crate::replication::PackageKind;
use crate::replication::message::{Announce, FORMAT};
use crate::replication::package::{End, Header, LARGEST_UNPACKED};
use std::io::{BufRead, Read};

/// Longest line, in bytes: a document is held in memory as a whole, nothing else is.
const LINE: u64 = 256 << 20;
/// Begins the last line: no document begins so.
const END: &str = "{\"Count\":";

/// An unpacked package: the header is read at once, the documents one by one.
pub struct Unpacked<'a> {
    lines: &'a mut dyn BufRead,
    line: String,
    header: Header,
    /// Bytes that may still come.
    left: u64,
    count: u64,
    over: bool,
}

impl<'a> Unpacked<'a> {
    /// Begins to read a package.
    ///
    /// # Errors
    /// `PackageCorrupt`, `PackageNewer`.
    pub fn open(lines: &'a mut dyn BufRead) -> Result<Unpacked<'a>, ErrorRecord> {
        let (mut line, mut left) = (String::new(), LARGEST_UNPACKED);
        read(lines, &mut line, &mut left)?;
        let header: Header = serde_json::from_str(&line).map_err(|e| corrupt(&format!("its header: {e}")))?;
        if header.format > FORMAT {
            let message = format!("The package has form {}; this program reads up to {FORMAT}.", header.format);
            return Err(ErrorRecord::new("PackageNewer", crate::error::Category::InvalidData, message)
                .hint("Bring this computer's program to the version of the server's."));
        }
        Ok(Unpacked { lines, line, header, left, count: 0, over: false })
    }

    /// What the package says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the package says of itself what was announced.
    ///
    /// # Errors
    /// `PackageCorrupt`.
    pub fn check(&self, announce: &Announce) -> Result<(), ErrorRecord> {
        let (header, package, to) = (&self.header, announce.package, announce.to);
        let fits = header.epoch == package.epoch
            && header.from == package.from
            && header.to == package.to
            && header.kind == package.kind()
            && header.chain_to == to.chain
            && header.chain_from == announce.from.map(|from| from.chain)
            && header.floor.is_none_or(|floor| header.kind == PackageKind::Full && floor == header.to)
            && (to.version, to.epoch) == (package.to, package.epoch)
            && package.from == announce.from.map(|from| from.version)
            && package.from.is_none_or(|from| from <= package.to);
        if fits { Ok(()) } else { Err(corrupt(&format!("{package} was announced as something else"))) }
    }

    fn try_next(&mut self) -> Result<Option<PackedDocument>, ErrorRecord> {
        read(self.lines, &mut self.line, &mut self.left)?;
        if self.line.starts_with(END) {
            let end: End = serde_json::from_str(&self.line).map_err(|e| corrupt(&format!("its end: {e}")))?;
            if end.count != self.count {
                let what = format!("it has {} documents, and says that it has {}", self.count, end.count);
                return Err(corrupt(&what));
            }
            return match self.lines.fill_buf() {
                Ok([]) => Ok(None),
                Ok(_) => Err(corrupt("something follows its end")),
                Err(error) => Err(corrupt(&error.to_string())),
            };
        }
        self.count += 1;
        PackedDocument::parse(&self.line).map(Some)
    }
}

impl Iterator for Unpacked<'_> {
    type Item = Result<PackedDocument, ErrorRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.try_next().transpose();
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Reads a line that has an end.
fn read(lines: &mut dyn BufRead, line: &mut String, left: &mut u64) -> Result<(), ErrorRecord> {
    line.clear();
    let most = LINE.min(*left);
    let count = lines.take(most).read_line(line).map_err(|error| corrupt(&error.to_string()))?;
    *left = left.saturating_sub(count as u64);
    match line.ends_with('\n') {
        true => Ok(()),
        false if count as u64 == most => Err(corrupt("it is larger than any package")),
        false => Err(corrupt("it ends too early")),
    }
}
