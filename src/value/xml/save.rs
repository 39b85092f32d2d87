//! A document as a file.

use super::dom::{DOCUMENT, Dom, Kind};
use super::properties::part;
use super::write;
use crate::env::{bounds, file};
use crate::error::{Category, ErrorRecord};
use std::path::Path;

fn failed(path: &str, problem: &std::io::Error) -> ErrorRecord {
    let id = match problem.kind() {
        std::io::ErrorKind::NotFound => "FileNotFoundException",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::IsADirectory => "UnauthorizedAccessException",
        _ => "IOException",
    };
    ErrorRecord::new(id, Category::NotSpecified, format!("'{path}': {problem}.")).target(path)
}

/// The text of a file, in the encoding that its first bytes show.
pub(super) fn read(path: &str) -> Result<String, ErrorRecord> {
    let bytes = file::read(Path::new(path), bounds::LONGEST_TEXT as u64).map_err(|problem| failed(path, &problem))?;
    let units = |make: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2).skip(1).filter_map(|pair| pair.try_into().ok()).map(make);
        String::from_utf16_lossy(&pairs.collect::<Vec<_>>())
    };
    Ok(match bytes.as_slice() {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        all => String::from_utf8_lossy(all).into_owned(),
    })
}

/// Writes a document in the encoding that it declares: UTF-8 without a mark where it declares none.
pub(super) fn write(path: &str, dom: &Dom) -> Result<(), ErrorRecord> {
    if dom.root().is_none() {
        let message = "The document has no root element.";
        return Err(ErrorRecord::new("XmlException", Category::NotSpecified, message)
            .hint("Append one: $doc.AppendChild($doc.CreateElement('root'))."));
    }
    let text = write::document(dom);
    let declaration = dom.item(DOCUMENT).children.iter().map(|at| dom.item(*at)).find(|i| i.kind == Kind::Declaration);
    let encoding = declaration.and_then(|d| part(&d.text, "encoding")).unwrap_or_default().to_ascii_lowercase();
    let bytes: Vec<u8> = match encoding.as_str() {
        "" => text.into_bytes(),
        "utf-16" | "unicode" => {
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }
        _ => [0xEF, 0xBB, 0xBF].into_iter().chain(text.into_bytes()).collect(),
    };
    if !bounds::write(bytes.len()) {
        let message = format!("'{path}': the run has written as much as it may.");
        return Err(ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message));
    }
    std::fs::write(path, bytes).map_err(|problem| failed(path, &problem))
}
