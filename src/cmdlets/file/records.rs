//! Files and folders as objects.

use super::paths::full;
use crate::cmdlets::format::file::PROVIDER;
use crate::value::{DateTime, DateTimeKind, Record, RecordType, TextForm, Value};
use std::fs::Metadata;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Ticks of 100 ns from .NET's first day to Unix's.
pub(super) const UNIX_TICKS: i64 = 621_355_968_000_000_000;

fn moment(time: std::io::Result<SystemTime>) -> Value {
    let Some(since) = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()) else { return Value::Null };
    let ticks = i64::try_from(since.as_nanos() / 100).unwrap_or(0).saturating_add(UNIX_TICKS);
    let utc = DateTime { ticks, kind: DateTimeKind::Utc };
    let local = crate::value::member::call(&Value::DateTime(utc), "ToLocalTime", &[]);
    local.unwrap_or(Value::DateTime(utc))
}

#[cfg(unix)]
fn rights(there: &Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    let mode = there.permissions().mode();
    let kind = if there.is_dir() {
        'd'
    } else if there.file_type().is_symlink() {
        'l'
    } else {
        '-'
    };
    let letters = (0..9).map(|at| if mode & (0o400 >> at) == 0 { '-' } else { ['r', 'w', 'x'][at % 3] });
    std::iter::once(kind).chain(letters).collect()
}

#[cfg(not(unix))]
fn rights(there: &Metadata) -> String {
    if there.is_dir() { "d----".into() } else { "-a---".into() }
}

/// When what is at a path was changed.
pub(super) fn changed(path: &Path) -> Option<Value> {
    Some(moment(path.metadata().ok()?.modified()))
}

/// What is at a path, as an object; `None` where there is nothing.
pub(super) fn object(path: &Path) -> Option<Value> {
    let there = path.metadata().or_else(|_| path.symlink_metadata()).ok()?;
    let whole = full(path);
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = if whole.file_name().is_some() { text(whole.file_name()) } else { whole.display().to_string() };
    let extension = whole.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    let hidden = name.starts_with('.');
    let parent = whole.parent().map(|p| p.display().to_string());
    let base = if there.is_dir() { name.clone() } else { text(whole.file_stem()) };
    let mode = match (there.is_dir(), hidden, there.permissions().readonly()) {
        (true, hidden, _) => format!("d--{}-", if hidden { 'h' } else { '-' }),
        (false, hidden, only) => format!("--{}{}-", if only { 'r' } else { '-' }, if hidden { 'h' } else { '-' }),
    };
    // With these a cmdlet takes it from the pipeline by its very path, whatever its name looks like.
    let at_provider = |path: String| Value::from(format!("{PROVIDER}{path}"));
    let mut fields: Vec<(&str, Value)> = vec![
        ("PSPath", at_provider(whole.display().to_string())),
        ("PSParentPath", parent.clone().map_or(Value::Null, at_provider)),
        ("PSChildName", Value::from(name.clone())),
        ("PSIsContainer", there.is_dir().into()),
        ("Mode", mode.into()),
        ("UnixMode", rights(&there).into()),
        ("LastWriteTime", moment(there.modified())),
    ];
    if there.is_dir() {
        fields.push(("Parent", parent.into()));
    } else {
        fields.push(("Length", Value::Int(i64::try_from(there.len()).unwrap_or(i64::MAX))));
    }
    fields.extend([
        ("Name", Value::from(name)),
        ("BaseName", base.into()),
        ("Extension", extension.into()),
        ("FullName", whole.display().to_string().into()),
        ("Exists", true.into()),
        ("IsReadOnly", there.permissions().readonly().into()),
        ("CreationTime", moment(there.created())),
        ("LastAccessTime", moment(there.accessed())),
    ]);
    if !there.is_dir() {
        let folder = whole.parent().map(|p| p.display().to_string());
        fields.push(("DirectoryName", folder.clone().into()));
        fields.push(("Directory", folder.into()));
    }
    let target = std::fs::read_link(path).ok().map(|target| target.display().to_string());
    fields.extend([
        ("LinkType", target.is_some().then_some("SymbolicLink").into()),
        ("LinkTarget", target.clone().into()),
        ("Target", target.into()),
    ]);
    let kind = if there.is_dir() { "System.IO.DirectoryInfo" } else { "System.IO.FileInfo" };
    Some(Value::Record(Record::new(RecordType::new(kind, TextForm::Property("FullName")), fields)))
}
