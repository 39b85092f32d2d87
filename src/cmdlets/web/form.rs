//! Forms of several parts: texts and files, as `-Form` has them.

use crate::cmdlets::file::paths;
use crate::env::file;
use crate::error::ErrorRecord;
use crate::value::{Table, Value, enumerate, text};
use std::path::Path;

/// The body, and its content type. A file is what Get-Item gives; several values of a name are several parts.
///
/// # Errors
/// `WebCmdletInFileException` for a file that cannot be read.
pub(super) fn body(form: &Table) -> Result<(Vec<u8>, String), ErrorRecord> {
    // Nobody can put it into a part by chance.
    let boundary = uuid::Uuid::new_v4().to_string();
    let mut out = Vec::new();
    for (name, value) in form.named() {
        for item in enumerate(value) {
            out.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name={}", quoted(&name)).as_bytes(),
            );
            match file_of(&item) {
                Some(path) => {
                    let bytes = file::read(Path::new(&path), file::LARGEST);
                    let bytes =
                        bytes.map_err(|why| paths::failed("WebCmdletInFileException", Path::new(&path), &why))?;
                    let leaf = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let head =
                        format!("; filename={}\r\nContent-Type: application/octet-stream\r\n\r\n", quoted(&leaf));
                    out.extend_from_slice(head.as_bytes());
                    out.extend_from_slice(&bytes);
                }
                None => {
                    out.extend_from_slice(b"\r\n\r\n");
                    out.extend_from_slice(text::to_text(&item).as_bytes());
                }
            }
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((out, format!("multipart/form-data; boundary=\"{boundary}\"")))
}

fn file_of(value: &Value) -> Option<String> {
    match value {
        Value::Record(record) if &*record.kind().name == "System.IO.FileInfo" => {
            record.get("FullName").map(|path| text::to_text(&path).to_string())
        }
        _ => None,
    }
}

/// A name in quotes that nothing in it can end.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A"))
}
