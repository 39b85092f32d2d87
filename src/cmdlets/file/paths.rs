//! Paths that cmdlets are given: `~`, wildcards, what is not there.

use crate::cmdlet::{Bound, Context};
use crate::cmdlets::format::file;
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt, go_on};
use crate::value::Str;
use crate::value::wildcard::{Wildcard, has_wildcard};
use std::io;
use std::path::{Component, Path, PathBuf};

/// How many paths a wildcard may stand for.
const MOST: usize = 1_000_000;

/// A path as the system takes it: `~` is the home folder, and `\` separates as `/` does.
///
/// # Errors
/// `DriveNotFound` for a path on a drive.
pub(crate) fn native(path: &str) -> Result<PathBuf, ErrorRecord> {
    file::resolved(path)
}

/// The whole path, without `.` and `..`.
pub(crate) fn full(path: &Path) -> PathBuf {
    let absolute = if path.is_absolute() { path.to_path_buf() } else { crate::env::folder::here().join(path) };
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
    let place = match native(path) {
        Ok(place) => full(&place),
        Err(error) => return error,
    };
    let message = format!("There is no file or folder '{}'.", place.display());
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
    let exception = file::exception(path, problem, &message);
    ErrorRecord::new(id, category, message).target(path.display().to_string()).exception(exception)
}

/// Writes an error about one of several files, of which the others are gone on with; not where it is a stop that came
/// in between.
pub(crate) fn tell(error: ErrorRecord, cx: &mut Context) -> Result<(), Halt> {
    cx.session.check_interrupt()?;
    if error.is_stop() { Err(error.into()) } else { cx.error(error) }
}

/// What -Path, with wildcards, and -LiteralPath name and is there; an error for each that is not.
pub(crate) fn given(bound: &Bound, cx: &mut Context) -> Result<Vec<PathBuf>, Halt> {
    let mut found = Vec::new();
    for (path, by_pattern) in named(bound) {
        match places(&path, by_pattern) {
            Ok(places) => found.extend(places),
            Err(error) => tell(error, cx)?,
        }
    }
    Ok(found)
}

/// The texts of -Path and -LiteralPath, and whether wildcards count in them.
pub(super) fn named(bound: &Bound) -> Vec<(Str, bool)> {
    let patterns = texts(bound.get("Path")).into_iter().map(|path| (path, true));
    patterns.chain(texts(bound.get("LiteralPath")).into_iter().map(|path| (path, false))).collect()
}

/// What is there of that which a path or a pattern names.
///
/// # Errors
/// `PathNotFound` for a path, `DriveNotFound`; that of a pattern that is none.
pub(super) fn places(path: &str, by_pattern: bool) -> Result<Vec<PathBuf>, ErrorRecord> {
    if by_pattern && has_wildcard(path) {
        return matching(&native(path)?);
    }
    let place = native(&if by_pattern { plain(path) } else { path.into() })?;
    // A link that leads nowhere is there all the same.
    if !path.is_empty() && place.symlink_metadata().is_ok() { Ok(vec![place]) } else { Err(not_found(path)) }
}

/// A pattern without wildcards as the text that it stands for: a backtick makes the character behind it plain.
pub(super) fn plain(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next @ ('*' | '?' | '[' | ']' | '`')) if c == '`' => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
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
        // Names are what the file system says, but a pattern fits them in any case, on every system.
        let wildcard = Wildcard::new(&text)?;
        let mut next = Vec::new();
        for folder in &found {
            go_on()?;
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

    /// Whether -Include says what is wanted.
    pub fn includes(&self) -> bool {
        !self.include.is_empty()
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
/// Those of the system; `Other` where what runs is stopped meanwhile.
pub(super) fn copy(from: &Path, to: &Path, recurse: bool) -> io::Result<()> {
    go_on().map_err(|stopped| io::Error::other(stopped.to_string()))?;
    if !from.is_dir() {
        // To open it for writing would empty it.
        if are_one_file(from, to) {
            return Err(io::Error::other("it cannot be put over itself"));
        }
        return std::fs::copy(from, to).map(|_| ());
    }
    std::fs::create_dir_all(to)?;
    if !recurse {
        return Ok(());
    }
    for name in children(from)? {
        copy(&from.join(&name), &to.join(&name), true)?;
    }
    Ok(())
}

/// Whether two paths lead to the same file, by whatever names and links; not said of folders.
pub(super) fn are_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let file = |path: &Path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
    file(one).zip(file(other)).is_some_and(|(one, other)| (one.dev(), one.ino()) == (other.dev(), other.ino()))
}

/// Removes a file, or a folder with all in it.
///
/// # Errors
/// As [`copy`].
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let is_folder = |path: &Path| path.is_dir() && !path.is_symlink();
    if !is_folder(path) {
        return std::fs::remove_file(path);
    }
    for entry in std::fs::read_dir(path)? {
        go_on().map_err(|stopped| io::Error::other(stopped.to_string()))?;
        let inner = entry?.path();
        // The folders in it go by the library's way, which follows no link that somebody puts in their place meanwhile.
        if is_folder(&inner) { std::fs::remove_dir_all(&inner)? } else { std::fs::remove_file(&inner)? }
    }
    std::fs::remove_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtick_makes_plain() {
        for (pattern, text) in [("a`[1`].txt", "a[1].txt"), ("a`b", "a`b"), ("``", "`"), ("x", "x"), ("`", "`")] {
            assert_eq!(plain(pattern), text);
        }
    }
}
