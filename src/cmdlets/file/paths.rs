//! Paths that cmdlets are given: `~`, wildcards, what is not there.

use crate::cmdlet::{Bound, Context};
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::{Wildcard, has_wildcard};
use std::io;
use std::path::{Component, Path, PathBuf};

/// How many paths a wildcard may stand for.
const MOST: usize = 1_000_000;

/// A path as the system takes it: `~` is the home folder, and `\` separates as `/` does.
pub(crate) fn native(path: &str) -> PathBuf {
    crate::cmdlets::format::file::resolved(path)
}

/// The whole path, without `.` and `..`.
pub(crate) fn full(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// There is nothing at a path.
pub(super) fn not_found(path: &str) -> ErrorRecord {
    let message = format!("There is no file or folder '{}'.", full(&native(path)).display());
    ErrorRecord::new("PathNotFound", Category::ObjectNotFound, message).target(path)
}

/// A system's error about a path, by an id.
pub(crate) fn failed(id: &'static str, path: &Path, problem: &io::Error) -> ErrorRecord {
    let category = match problem.kind() {
        io::ErrorKind::PermissionDenied => Category::SecurityError,
        io::ErrorKind::AlreadyExists => Category::ResourceExists,
        _ => Category::WriteError,
    };
    let message = format!("{}: {problem}.", path.display());
    ErrorRecord::new(id, category, message).target(path.display().to_string())
}

/// What -Path, with wildcards, and -LiteralPath name and is there; an error for each that is not.
pub(crate) fn given(bound: &Bound, cx: &mut Context) -> Result<Vec<PathBuf>, Halt> {
    let mut found = Vec::new();
    for path in texts(bound.get("Path")) {
        if has_wildcard(&path) {
            found.extend(matching(&native(&path))?);
        } else {
            found.extend(there(&path, cx)?);
        }
    }
    for path in texts(bound.get("LiteralPath")) {
        found.extend(there(&path, cx)?);
    }
    Ok(found)
}

fn there(path: &str, cx: &mut Context) -> Result<Option<PathBuf>, Halt> {
    let place = native(path);
    // A link that leads nowhere is there all the same.
    if !path.is_empty() && place.symlink_metadata().is_ok() {
        return Ok(Some(place));
    }
    cx.error(not_found(path))?;
    Ok(None)
}

/// The paths that a pattern stands for, by name.
///
/// # Errors
/// That of a pattern that is none.
pub(super) fn matching(pattern: &Path) -> Result<Vec<PathBuf>, ErrorRecord> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let text = part.as_os_str().to_string_lossy();
        if !matches!(part, Component::Normal(_)) || !has_wildcard(&text) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let wildcard = Wildcard::with_case(&text, true)?;
        let mut next = Vec::new();
        for folder in &found {
            for name in children(folder).unwrap_or_default() {
                if wildcard.matches(&name) && next.len() < MOST {
                    next.push(folder.join(&name));
                }
            }
        }
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    Ok(found)
}

/// The names in a folder, sorted without case.
pub(super) fn children(folder: &Path) -> io::Result<Vec<String>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort_by(|a, b| crate::value::collate::compare(a, b, false).then_with(|| a.cmp(b)));
    Ok(names)
}

/// What -Filter, -Include and -Exclude leave of names.
pub(crate) struct Choice {
    filter: Option<Wildcard>,
    include: Vec<Wildcard>,
    exclude: Vec<Wildcard>,
}

impl Choice {
    /// Reads the parameters.
    ///
    /// # Errors
    /// That of a pattern that is none.
    pub fn read(bound: &Bound) -> Result<Choice, ErrorRecord> {
        let many = |name: &str| -> Result<Vec<Wildcard>, ErrorRecord> {
            texts(bound.get(name)).iter().map(|pattern| Wildcard::new(pattern)).collect()
        };
        Ok(Choice { filter: many("Filter")?.into_iter().next(), include: many("Include")?, exclude: many("Exclude")? })
    }

    /// Whether a path's name is wanted.
    pub fn wants(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let one = |patterns: &[Wildcard]| patterns.iter().any(|pattern| pattern.matches(&name));
        self.filter.as_ref().is_none_or(|filter| filter.matches(&name))
            && (self.include.is_empty() || one(&self.include))
            && !one(&self.exclude)
    }
}

/// A folder or file with all in it, to another place.
///
/// # Errors
/// Those of the system.
pub(super) fn copy(from: &Path, to: &Path, recurse: bool) -> io::Result<()> {
    if !from.is_dir() {
        return std::fs::copy(from, to).map(|_| ());
    }
    std::fs::create_dir_all(to)?;
    if !recurse {
        return Ok(());
    }
    // The list is taken before anything is written: a folder may be copied into itself.
    for name in children(from)? {
        let (inner, target) = (from.join(&name), to.join(&name));
        if full(&inner) != full(to) {
            copy(&inner, &target, true)?;
        }
    }
    Ok(())
}
