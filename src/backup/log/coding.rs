//! The lines of an answer: one that is too long for a line travels in pieces, a change with many documents in several
//! lines, and many lines packed into one.

use super::message::{Answer, Begin};
use crate::audit::{AuditRow, Decision, Hash};
use crate::error::{Category, ErrorRecord};
use crate::net::http::{LONGEST_LINE, fault};
use crate::store::{Document, DocumentId, LogEntry};
use crate::value::statics::{from_base64, to_base64};
use crate::value::{DateTime, DateTimeKind};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Bytes of documents in a line, about: a line is held as a whole at both ends.
const LINE: usize = 256 << 10;
/// Longest text of a piece, in bytes. Escaped it may be six times as long, and still is shorter than the longest line.
const PIECE: usize = 2 << 20;
/// Bytes from which on an answer is packed: below, the time is worth more than what is saved.
const PACKED: usize = 16 << 10;
/// Bytes that are packed together, about.
const GROUP: usize = 1 << 20;
/// Most bytes that are unpacked at once: a group and its last line.
const UNPACKED: usize = GROUP + LONGEST_LINE;
/// Most bytes of one answer that are taken. A batch is far smaller; a single change that is larger was never made, because
/// it would have had to be in memory.
const LARGEST: usize = 2 << 30;

#[derive(Serialize, Deserialize)]
enum Line {
    Begin(Begin),
    Entry(Box<EntryLine>),
    Documents(DocumentsLine),
    End {
        more: bool,
    },
    Differs(Begin),
    Hashes {
        begin: Begin,
        hashes: Vec<(u64, Option<Hash>)>,
    },
    Refused {
        epoch: u64,
        error: Json,
    },
    Piece(String),
    Joined,
    /// Lines, compressed with zstd, in base64.
    Packed(String),
    /// Before an answer: changes wait for the follower that asked.
    Synchronized,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntryLine {
    sequence: u64,
    epoch: u64,
    time: i64,
    principal: String,
    cmdlet: String,
    place: String,
    parameters: String,
    decision: String,
    through: String,
    outcome: String,
    changed: String,
    digest: String,
    before: u64,
    after: u64,
    previous: Hash,
    hash: Hash,
    #[serde(flatten)]
    documents: DocumentsLine,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DocumentsLine {
    documents: Vec<(String, String, String, Option<Json>)>,
    /// More documents of the same change follow.
    more: bool,
}

/// Makes the lines of an answer, each with its newline.
#[derive(Default)]
pub(super) struct Encoder {
    lines: Vec<Bytes>,
    /// Bytes of all lines before they are packed.
    pub(super) bytes: usize,
}

impl Encoder {
    pub(super) fn begin(&mut self, begin: Begin) -> Result<(), ErrorRecord> {
        self.line(&Line::Begin(begin))
    }

    pub(super) fn end(&mut self, more: bool) -> Result<(), ErrorRecord> {
        self.line(&Line::End { more })
    }

    pub(super) fn differs(&mut self, begin: Begin) -> Result<(), ErrorRecord> {
        self.line(&Line::Differs(begin))
    }

    pub(super) fn hashes(&mut self, begin: Begin, hashes: Vec<(u64, Option<Hash>)>) -> Result<(), ErrorRecord> {
        self.line(&Line::Hashes { begin, hashes })
    }

    pub(super) fn refused(&mut self, epoch: u64, error: &ErrorRecord) -> Result<(), ErrorRecord> {
        let error = serde_json::from_slice(&fault::to_json(error)).map_err(|e| invalid(&e))?;
        self.line(&Line::Refused { epoch, error })
    }

    pub(super) fn entry(&mut self, entry: LogEntry) -> Result<(), ErrorRecord> {
        let LogEntry { row, epoch, documents } = entry;
        let mut documents = documents.into_iter().peekable();
        let first = take(&mut documents);
        self.line(&Line::Entry(Box::new(EntryLine {
            sequence: row.sequence,
            epoch,
            time: row.time.ticks,
            principal: row.principal,
            cmdlet: row.cmdlet,
            place: row.place,
            parameters: row.parameters,
            decision: row.decision.name().to_owned(),
            through: row.through,
            outcome: row.outcome,
            changed: row.changed,
            digest: row.digest,
            before: row.version_before,
            after: row.version_after,
            previous: row.previous,
            hash: row.hash,
            documents: first,
        })))?;
        while documents.peek().is_some() {
            let next = take(&mut documents);
            self.line(&Line::Documents(next))?;
        }
        Ok(())
    }

    /// Before an answer: changes wait for the follower that asked.
    pub(super) fn synchronized(&mut self) -> Result<(), ErrorRecord> {
        self.line(&Line::Synchronized)
    }

    /// The lines, packed where they are many.
    pub(super) fn finish(self) -> Result<Vec<Bytes>, ErrorRecord> {
        if self.bytes < PACKED {
            return Ok(self.lines);
        }
        let (mut out, mut group) = (Encoder::default(), Vec::new());
        let mut lines = self.lines.into_iter().peekable();
        while let Some(line) = lines.next() {
            group.extend_from_slice(&line);
            if group.len() < GROUP && lines.peek().is_some() {
                continue;
            }
            let packed = zstd::bulk::compress(&group, 1).map_err(|e| unpackable(&e))?;
            let packed = serde_json::to_string(&Line::Packed(to_base64(&packed))).map_err(|e| invalid(&e))?;
            out.push(packed);
            group.clear();
        }
        Ok(out.lines)
    }

    fn line(&mut self, line: &Line) -> Result<(), ErrorRecord> {
        let text = serde_json::to_string(line).map_err(|e| invalid(&e))?;
        if text.len() <= PIECE {
            self.push(text);
            return Ok(());
        }
        let mut rest = text.as_str();
        while !rest.is_empty() {
            // A character has four bytes at most.
            let end = (0..4).map(|back| rest.len().min(PIECE) - back).find(|end| rest.is_char_boundary(*end));
            let (piece, more) = rest.split_at(end.unwrap_or(rest.len()));
            self.push(serde_json::to_string(&Line::Piece(piece.to_owned())).map_err(|e| invalid(&e))?);
            rest = more;
        }
        self.push(serde_json::to_string(&Line::Joined).map_err(|e| invalid(&e))?);
        Ok(())
    }

    fn push(&mut self, mut text: String) {
        text.push('\n');
        self.bytes += text.len();
        self.lines.push(text.into());
    }
}

/// As many documents as fit a line.
fn take(documents: &mut std::iter::Peekable<std::vec::IntoIter<Document>>) -> DocumentsLine {
    let (mut taken, mut size) = (Vec::new(), 0);
    while size < LINE
        && let Some(Document { id, body, .. }) = documents.next()
    {
        size += id.kind.len() + id.scope.len() + id.key.len() + body.as_ref().map_or(0, weight);
        taken.push((id.kind.to_string(), id.scope.to_string(), id.key.to_string(), body));
    }
    DocumentsLine { documents: taken, more: documents.peek().is_some() }
}

/// About as many bytes as a value has in text.
fn weight(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len() + 2,
        Json::Array(items) => items.iter().map(weight).sum::<usize>() + 2,
        Json::Object(fields) => fields.iter().map(|(name, value)| name.len() + 4 + weight(value)).sum::<usize>() + 2,
        _ => 8,
    }
}

/// Takes the lines of an answer.
#[derive(Default)]
pub(super) struct Decoder {
    begin: Option<Begin>,
    entries: Vec<LogEntry>,
    /// More documents of the last entry are to come.
    open: bool,
    pieces: String,
    taken: usize,
    synchronized: bool,
}

impl Decoder {
    /// Takes a line; gives the answer with its last one.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Option<Answer>, ErrorRecord> {
        self.taken = self.taken.saturating_add(line.len());
        if self.taken > LARGEST {
            let message = format!("An answer has more than {LARGEST} bytes.");
            return Err(ErrorRecord::new("LineTooLong", Category::LimitsExceeded, message));
        }
        match serde_json::from_slice(line).map_err(|e| invalid(&e))? {
            Line::Piece(piece) => {
                self.pieces.push_str(&piece);
                Ok(None)
            }
            Line::Joined => {
                let joined = std::mem::take(&mut self.pieces);
                self.take(serde_json::from_str(&joined).map_err(|e| invalid(&e))?)
            }
            Line::Packed(packed) => self.unpack(&packed),
            Line::Synchronized => {
                self.synchronized = true;
                Ok(None)
            }
            line => self.take(line),
        }
    }

    fn unpack(&mut self, packed: &str) -> Result<Option<Answer>, ErrorRecord> {
        let packed = from_base64(packed).ok_or_else(misplaced)?;
        let lines = zstd::bulk::decompress(&packed, UNPACKED).map_err(|e| unpackable(&e))?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // Nothing is packed twice: this does not go deeper.
            if line.starts_with(b"{\"Packed\"") {
                return Err(misplaced());
            }
            if let Some(answer) = self.line(line)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn take(&mut self, line: Line) -> Result<Option<Answer>, ErrorRecord> {
        let alone = self.begin.is_none();
        match line {
            Line::Begin(begin) if alone => self.begin = Some(begin),
            Line::Entry(line) if !alone && !self.open => {
                self.open = line.documents.more;
                self.entries.push(entry(*line)?);
            }
            Line::Documents(line) if self.open => {
                let Some(entry) = self.entries.last_mut() else { return Err(misplaced()) };
                self.open = line.more;
                documents(entry, line);
            }
            Line::End { more } if !self.open => {
                let begin = self.begin.ok_or_else(misplaced)?;
                let entries = std::mem::take(&mut self.entries);
                return Ok(Some(Answer::Batch { begin, entries, more, synchronized: self.synchronized }));
            }
            Line::Differs(begin) if alone => return Ok(Some(Answer::Differs { begin })),
            Line::Hashes { begin, hashes } if alone => return Ok(Some(Answer::Hashes { begin, hashes })),
            Line::Refused { epoch, error } => {
                let error = serde_json::to_vec(&error).map_err(|e| invalid(&e))?;
                let error = fault::from_json(&error).ok_or_else(misplaced)?;
                return Ok(Some(Answer::Refused { epoch, error }));
            }
            _ => return Err(misplaced()),
        }
        Ok(None)
    }
}

fn entry(line: EntryLine) -> Result<LogEntry, ErrorRecord> {
    let decision = Decision::parse(&line.decision).ok_or_else(misplaced)?;
    let row = AuditRow {
        sequence: line.sequence,
        time: DateTime { ticks: line.time, kind: DateTimeKind::Utc },
        principal: line.principal,
        cmdlet: line.cmdlet,
        place: line.place,
        parameters: line.parameters,
        decision,
        through: line.through,
        outcome: line.outcome,
        changed: line.changed,
        digest: line.digest,
        version_before: line.before,
        version_after: line.after,
        previous: line.previous,
        hash: line.hash,
    };
    let mut entry = LogEntry { row, epoch: line.epoch, documents: Vec::new() };
    documents(&mut entry, line.documents);
    Ok(entry)
}

fn documents(entry: &mut LogEntry, line: DocumentsLine) {
    let version = entry.row.version_after;
    let made = line.documents.into_iter();
    entry.documents.extend(made.map(|(kind, scope, key, body)| Document {
        id: DocumentId::new(&kind, &scope, &key),
        version,
        body,
    }));
}

fn unpackable(error: &std::io::Error) -> ErrorRecord {
    ErrorRecord::new(
        "LineInvalid",
        Category::InvalidData,
        format!("Lines of a log cannot be packed or unpacked: {error}."),
    )
    .hint("See whether both ends run the same version of the program.")
}

fn invalid(error: &serde_json::Error) -> ErrorRecord {
    ErrorRecord::new("LineInvalid", Category::InvalidData, format!("A line of a log cannot be read: {error}."))
        .hint("See whether both ends run the same version of the program.")
}

fn misplaced() -> ErrorRecord {
    ErrorRecord::new("LineInvalid", Category::InvalidData, "A line of a log comes where it has no place.")
        .hint("See whether both ends run the same version of the program.")
}
