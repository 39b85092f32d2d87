//! `[io.file]`, `[io.directory]`, `[io.fileinfo]`: files as .NET reads and writes them, as a whole.

use super::super::member::{Answer, Call};
use super::super::{Record, RecordType, TextForm, Value, enumerate, text};
use super::{convert, system};
use crate::env::{bounds, file};
use crate::error::{Category, ErrorRecord};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Type name of a file.
pub const FILE_INFO: &str = "System.IO.FileInfo";

/// A path as an object, as `$PWD` and Resolve-Path give it.
pub fn path_info(path: &Path) -> Record {
    let kind = RecordType::new("System.Management.Automation.PathInfo", TextForm::Property("Path"));
    Record::new(kind, [("Path", Value::from(path.display().to_string()))])
}

/// The exception that .NET has for what the system says.
fn failed(path: &str, problem: &io::Error) -> ErrorRecord {
    let parent_missing = Path::new(path).parent().is_some_and(|p| !p.as_os_str().is_empty() && !p.is_dir());
    let id = match problem.kind() {
        ErrorKind::NotFound if parent_missing => "DirectoryNotFoundException",
        ErrorKind::NotFound => "FileNotFoundException",
        ErrorKind::PermissionDenied | ErrorKind::IsADirectory => "UnauthorizedAccessException",
        _ => "IOException",
    };
    ErrorRecord::new(id, Category::NotSpecified, format!("'{path}': {problem}.")).target(path)
}

/// The name of the encoding that a call names last, if it names one.
fn encoding(call: &Call, at: usize) -> String {
    match call.arguments.get(at) {
        Some(Value::Record(record)) => text::to_text(&record.get("WebName").unwrap_or_default()).to_string(),
        _ => "utf-8".into(),
    }
}

fn read(call: &Call) -> Result<Vec<u8>, ErrorRecord> {
    let path = call.text(0);
    file::read(Path::new(&*path), bounds::LONGEST_TEXT as u64).map_err(|problem| failed(&path, &problem))
}

fn read_text(call: &Call) -> Result<String, ErrorRecord> {
    let text = system::decoded(&encoding(call, 1), &read(call)?);
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}

fn write(call: &Call, bytes: &[u8], append: bool) -> Result<Value, ErrorRecord> {
    let path = call.text(0);
    if !bounds::write(bytes.len()) {
        let message = format!("'{path}': the run has written as much as it may.");
        return Err(ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message));
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).append(append).truncate(!append);
    let written = options.open(&*path).and_then(|mut file| file.write_all(bytes));
    written.map(|()| Value::Null).map_err(|problem| failed(&path, &problem))
}

fn lines(call: &Call) -> String {
    enumerate::enumerate(call.value(1)).iter().map(|line| format!("{}\n", text::to_text(line))).collect()
}

/// `[io.file]`.
pub(super) fn call(call: &Call) -> Answer {
    let path = call.text(0);
    let text = |text: &str, append| write(call, &system::encoded(&encoding(call, 2), text), append);
    Some(match (call.name, call.count()) {
        ("exists", 1) => Ok(Path::new(&*path).is_file().into()),
        ("readalltext", 1 | 2) => read_text(call).map(Value::from),
        ("readalllines" | "readlines", 1 | 2) => {
            read_text(call).map(|text| Value::list(text.lines().map(Value::from).collect()))
        }
        ("readallbytes", 1) => {
            read(call).map(|bytes| Value::list(bytes.into_iter().map(|b| Value::Int(b.into())).collect()))
        }
        ("writealltext", 2 | 3) => text(&call.text(1), false),
        ("appendalltext", 2 | 3) => text(&call.text(1), true),
        ("writealllines", 2 | 3) => text(&lines(call), false),
        ("appendalllines", 2 | 3) => text(&lines(call), true),
        ("writeallbytes", 2) => match convert::bytes(&call.value(1)) {
            Some(bytes) => write(call, &bytes, false),
            None => Err(call.unfit(1)),
        },
        // As .NET has it, a file that is not there is deleted already.
        ("delete", 1) => match std::fs::remove_file(&*path) {
            Err(problem) if problem.kind() != ErrorKind::NotFound => Err(failed(&path, &problem)),
            _ => Ok(Value::Null),
        },
        _ => return None,
    })
}

/// A file by its path, whether it is there or not.
pub(super) fn info(path: &str) -> Record {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let there = whole.metadata().ok().filter(|there| there.is_file());
    let shown = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let folder = whole.parent().map(|parent| parent.display().to_string());
    let extension = whole.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    let length = there.as_ref().map(|there| i64::try_from(there.len()).unwrap_or(i64::MAX));
    let fields: [(&str, Value); 9] = [
        ("Length", length.into()),
        ("Name", shown(whole.file_name()).into()),
        ("BaseName", shown(whole.file_stem()).into()),
        ("Extension", extension.into()),
        ("FullName", whole.display().to_string().into()),
        ("PSIsContainer", false.into()),
        ("Exists", there.is_some().into()),
        ("DirectoryName", folder.clone().into()),
        ("Directory", folder.into()),
    ];
    Record::new(RecordType::new(FILE_INFO, TextForm::Property("FullName")), fields)
}
