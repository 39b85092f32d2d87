//! Reading XML that may be hostile: limits before the parser, and errors with line and column.

use super::raw::Finding;
use crate::error::{Category, ErrorRecord};
use roxmltree::{Document, ParsingOptions};

/// The largest document, in bytes: hundreds of times the largest real one.
pub(super) const LARGEST: usize = 16 << 20;
/// The deepest nesting; published documents go to seven.
const DEEPEST: usize = 32;
/// The most attributes of one element: the parser compares each with each.
const MOST_ATTRIBUTES: usize = 128;
/// The most namespaces that one element declares: each is handed down to every element inside.
const MOST_NAMESPACES: usize = 8;
/// The most nodes; a computer takes about eight.
const MOST_NODES: u32 = 1_000_000;

/// A document after all limits hold.
pub(super) fn parse(text: &str) -> Result<Document<'_>, ErrorRecord> {
    if text.len() > LARGEST {
        let size = format!("it has {} bytes, and {LARGEST} is the most that is read", text.len());
        return Err(refuse("TopologyTooLarge", Category::LimitsExceeded, text, LARGEST, &size));
    }
    scan(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        use roxmltree::Error;
        match error {
            Error::DtdDetected => unsafe_document(text, text.find("<!DOCTYPE").unwrap_or(0)),
            Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached => refuse(
                "TopologyTooLarge",
                Category::LimitsExceeded,
                text,
                text.len(),
                "it has more elements than are read",
            ),
            Error::UnclosedRootNode => {
                let what = "it ends before its elements do: it was cut off, or an end tag is missing";
                refuse("TopologyNotXml", Category::InvalidData, text, text.len(), what)
            }
            error => {
                let place = error.pos();
                let message = error.to_string();
                let message = message.strip_suffix(&format!(" at {place}")).unwrap_or(&message);
                let whole = place_message(place.row, place.col, message);
                ErrorRecord::new("TopologyNotXml", Category::InvalidData, whole)
                    .hint("A topology document is what (Get-CsTopology -AsXml).ToString() gives.")
            }
        }
    })
}

/// Text of a file's bytes: UTF-8 or, with its mark, UTF-16.
pub(super) fn decode(bytes: &[u8]) -> Result<String, ErrorRecord> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    // Twice, for UTF-16 takes two bytes where UTF-8 takes one.
    if bytes.len() > 2 * LARGEST {
        let size = format!("it has {} bytes, and {LARGEST} is the most that is read", bytes.len());
        return Err(refuse("TopologyTooLarge", Category::LimitsExceeded, "", 0, &size));
    }
    match bytes {
        [0xff, 0xfe, ..] => Ok(wide(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Ok(wide(u16::from_be_bytes)),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_string()),
            Err(error) => {
                let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let what = "a byte here is no UTF-8";
                Err(refuse("TopologyNotXml", Category::InvalidData, &good, good.len(), what)
                    .hint("Save the file as UTF-8, or as UTF-16 with a byte order mark."))
            }
        },
    }
}

/// Looks over the tags without building anything, so that the parser never sees what would cost it too much.
fn scan(text: &str) -> Result<(), ErrorRecord> {
    let bytes = text.as_bytes();
    let skip =
        |from: usize, end: &str| text.get(from..).and_then(|rest| rest.find(end)).map(|at| from + at + end.len());
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'<')) {
        let open = at + next;
        let rest = &bytes[open..];
        // Where a part does not end, the parser says so, with its place.
        at = if rest.starts_with(b"<!--") {
            match skip(open + 4, "-->") {
                Some(end) => end,
                None => return Ok(()),
            }
        } else if rest.starts_with(b"<![CDATA[") {
            match skip(open + 9, "]]>") {
                Some(end) => end,
                None => return Ok(()),
            }
        } else if rest.starts_with(b"<?") {
            match skip(open + 2, "?>") {
                Some(end) => end,
                None => return Ok(()),
            }
        } else if rest.starts_with(b"<!") {
            return Err(unsafe_document(text, open));
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            open + 2
        } else {
            let tag = tag(rest);
            if tag.attributes > MOST_ATTRIBUTES || tag.namespaces > MOST_NAMESPACES {
                let what = format!("an element has {} attributes", tag.attributes);
                return Err(refuse("TopologyTooLarge", Category::LimitsExceeded, text, open, &what));
            }
            if !tag.closed {
                depth += 1;
                if depth > DEEPEST {
                    let what = format!("elements are nested deeper than {DEEPEST}");
                    return Err(refuse("TopologyTooDeep", Category::LimitsExceeded, text, open, &what));
                }
            }
            open + tag.length
        };
    }
    Ok(())
}

struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    closed: bool,
}

/// One opening tag, to its `>` or to the end of the text.
fn tag(bytes: &[u8]) -> Tag {
    let mut tag = Tag { length: bytes.len(), attributes: 0, namespaces: 0, closed: false };
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(q), b) if *b == q => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'=') => tag.attributes += 1,
            (None, b'x') if bytes[at..].starts_with(b"xmlns") => tag.namespaces += 1,
            (None, b'>') => {
                tag.length = at + 1;
                tag.closed = at > 0 && bytes[at - 1] == b'/';
                break;
            }
            (None, _) => {}
        }
    }
    tag
}

fn unsafe_document(text: &str, offset: usize) -> ErrorRecord {
    let what =
        "it declares a document type, which topology documents never do and which could make it grow without end";
    refuse("TopologyUnsafe", Category::SecurityError, text, offset, what)
}

/// A document of another kind.
pub(super) fn foreign(text: &str, offset: usize, name: &str, namespace: Option<&str>) -> ErrorRecord {
    let of = namespace.map_or_else(|| "without a namespace".to_string(), |n| format!("of namespace {n}"));
    let what = format!("the root element is {name} {of}, so this is no topology document");
    refuse("TopologyForeign", Category::InvalidData, text, offset, &what).hint(format!(
        "A published topology has the root element Topology of namespace {}, a draft of Topology Builder has TopologyBuilder.",
        super::published::NAMESPACE
    ))
}

/// All that is wrong in a document, the first finding as the message, the others as hints.
pub(super) fn invalid(text: &str, findings: Vec<Finding>) -> ErrorRecord {
    const SHOWN: usize = 12;
    let count = findings.len();
    let mut findings = findings.into_iter();
    let Some(first) = findings.next() else {
        return refuse("TopologyInvalid", Category::InvalidData, text, 0, "it is not valid");
    };
    let mut error = refuse("TopologyInvalid", Category::InvalidData, text, first.at, &first.message);
    for finding in findings.take(SHOWN - 1) {
        let (line, column) = place(text, finding.at);
        error = error.hint(format!("Also at line {line}, column {column}: {}.", finding.message));
    }
    if count > SHOWN { error.hint(format!("And {} more.", count - SHOWN)) } else { error }
}

fn refuse(id: &'static str, category: Category, text: &str, offset: usize, what: &str) -> ErrorRecord {
    let (line, column) = place(text, offset);
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    ErrorRecord::new(id, category, place_message(line, u32::try_from(column).unwrap_or(u32::MAX), what))
}

fn place_message(line: u32, column: u32, what: &str) -> String {
    format!("The topology document cannot be used: at line {line}, column {column}: {what}.")
}

/// Line and column of a byte, both from 1, the column in characters.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}
