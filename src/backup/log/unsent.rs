//! Changes that nobody else has, in a file: what a place had done before it lost its role.

use crate::audit::{Hash, time_text};
use crate::error::{Category, ErrorRecord};
use crate::store::{LogEntry, Placed};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file with changes that nobody else has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unsent {
    /// Where it is.
    pub file: PathBuf,
    /// The last row that the others have too.
    pub after: u64,
    /// Rows of the log in it.
    pub rows: u64,
    /// Changes of documents among them; the others are denials and the like.
    pub changes: u64,
    /// The first version among them, and the last; 0 where there is none.
    pub versions: (u64, u64),
    /// The hash of the last row.
    pub hash: Hash,
}

/// Writes everything after a row into a file of a folder: named by what is in it, so that whoever is killed and does it
/// again writes the same file. Beside, then renamed; on the disk when this returns.
pub(super) fn write(
    log: &dyn Placed,
    to: &Path,
    database: &str,
    computer: &str,
    after: u64,
) -> Result<Unsent, ErrorRecord> {
    folder(to)?;
    let end = log.position()?;
    let name: String = database.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let digits: String = end.hash.to_string().chars().take(12).collect();
    let file = to.join(format!("{name}-{}-{digits}.json", after + 1));
    let mut beside = file.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let lost = |error: io::Error| failed(&file, &error);
    let open = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(lost)?;
    let mut out = BufWriter::new(open);
    let mut kept = Unsent { file: file.clone(), after, rows: 0, changes: 0, versions: (0, 0), hash: end.hash };
    let head = json!({ "Database": database, "Computer": computer, "AfterRow": after, "LastRow": end.sequence,
        "Epoch": end.epoch, "Version": end.version, "LastHash": end.hash });
    let head = head.to_string();
    // The rows come last in the object, one on a line.
    write!(out, "{},\"Rows\":[", head.trim_end_matches('}')).map_err(lost)?;
    log.entries_after(after, &mut |entry| {
        let comma = if kept.rows == 0 { "" } else { "," };
        kept.rows += 1;
        kept.hash = entry.row.hash;
        if entry.row.version_after > entry.row.version_before {
            kept.changes += 1;
            let first = if kept.versions.0 == 0 { entry.row.version_after } else { kept.versions.0 };
            kept.versions = (first, entry.row.version_after);
        }
        write!(out, "{comma}\n{}", row(entry)).map_err(lost)?;
        Ok(true)
    })?;
    out.write_all(b"\n]}\n").map_err(lost)?;
    let written = out.into_inner().map_err(|error| lost(error.into_error()))?;
    written.sync_all().map_err(lost)?;
    std::fs::rename(&beside, &file).map_err(lost)?;
    File::open(to).and_then(|folder| folder.sync_all()).map_err(lost)?;
    Ok(kept)
}

fn row(entry: LogEntry) -> serde_json::Value {
    let LogEntry { row, epoch, documents } = entry;
    let documents: Vec<serde_json::Value> = documents
        .into_iter()
        .map(|document| {
            json!({ "Kind": &*document.id.kind, "Scope": &*document.id.scope, "Key": &*document.id.key,
                "Version": document.version, "Deleted": document.body.is_none(), "Body": document.body })
        })
        .collect();
    // Its text is JSON; what is none stays a text.
    let parameters: serde_json::Value =
        serde_json::from_str(&row.parameters).unwrap_or_else(|_| row.parameters.clone().into());
    json!({ "Sequence": row.sequence, "Time": time_text(row.time), "Principal": row.principal, "Cmdlet": row.cmdlet,
        "Place": row.place, "Parameters": parameters, "Decision": row.decision.name(), "Through": row.through,
        "Outcome": row.outcome, "Changed": row.changed, "Epoch": epoch, "VersionBefore": row.version_before,
        "VersionAfter": row.version_after, "Hash": row.hash, "Documents": documents })
}

/// Makes a folder, and those above it, for their owner alone. They are on the disk when this returns: what is written into
/// them is there after a power cut only if they are.
pub(super) fn folder(path: &Path) -> Result<(), ErrorRecord> {
    let name = naming(path);
    let lost = |error| failed(path, &error);
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(lost)?;
    name.into_iter().try_for_each(|above| File::open(above)?.sync_all()).map_err(lost)
}

/// The folders in which one stands that is about to be made, and those that have to be made for it. The lowest counts
/// though it is there: whoever made it may have been ended before it was on the disk.
fn naming(path: &Path) -> Vec<&Path> {
    let mut name = Vec::new();
    for above in path.ancestors().skip(1) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        name.push(above);
        if above.exists() {
            break;
        }
    }
    name
}

pub(super) fn failed(path: &Path, error: &dyn fmt::Display) -> ErrorRecord {
    let message = format!("What nobody else has cannot be kept in '{}': {error}.", path.display());
    ErrorRecord::new("UnsentNotKept", Category::ResourceUnavailable, message)
        .hint("Nothing was taken back. Make room there, and see that the folder can be written.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a folder that is made is on the disk by name: its own, and those of the folders that are made for it.
    #[test]
    fn who_says_that_a_folder_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let unsent = place.join("pools/dub/unsent");
        assert_eq!(naming(&unsent), [&*place.join("pools/dub"), &*place.join("pools"), place]);
        super::folder(&unsent).unwrap();
        assert!(unsent.is_dir());
        assert_eq!(naming(&unsent), [place.join("pools/dub")]);
        super::folder(&unsent).unwrap();
        assert_eq!(naming(Path::new("a-folder-that-nobody-made/unsent")).last().unwrap(), &Path::new("."));
    }
}
