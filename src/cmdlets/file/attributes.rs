//! What -Attributes asks of files: names with `!` (not), joined by `+` (and) and `,` (or).

use crate::error::{Category, ErrorRecord};
use crate::value::near;
use std::path::Path;

/// The attributes, with the letter that is short for some.
const NAMES: &[(&str, &str)] = &[
    ("ReadOnly", "R"),
    ("Hidden", "H"),
    ("System", "S"),
    ("Directory", "D"),
    ("Archive", "A"),
    ("Device", ""),
    ("Normal", ""),
    ("Temporary", ""),
    ("SparseFile", ""),
    ("ReparsePoint", ""),
    ("Compressed", ""),
    ("Offline", ""),
    ("NotContentIndexed", ""),
    ("Encrypted", ""),
    ("IntegrityStream", ""),
    ("NoScrubData", ""),
];

/// One attribute, and whether it must be there.
struct Term {
    name: &'static str,
    wanted: bool,
}

/// What is asked: one of the alternatives, all of whose terms hold.
pub(super) struct Attributes(Vec<Vec<Term>>);

/// Whether what lies at a path has an attribute; those of Windows' file systems nothing has here.
fn has(path: &Path, name: &str) -> bool {
    let read_only = || path.metadata().is_ok_and(|there| there.permissions().readonly());
    match name {
        "Directory" => path.is_dir(),
        "Hidden" => is_hidden(path),
        "ReadOnly" => read_only(),
        "ReparsePoint" => path.is_symlink(),
        "Normal" => !path.is_dir() && !is_hidden(path) && !read_only() && !path.is_symlink(),
        _ => false,
    }
}

/// Whether a name begins with a dot.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

impl Attributes {
    /// Reads the parts of -Attributes.
    ///
    /// # Errors
    /// `ParameterArgumentTransformationError` for a name that is no attribute's.
    pub(super) fn read<S: AsRef<str>>(parts: &[S]) -> Result<Option<Attributes>, ErrorRecord> {
        let alternatives: Vec<&str> = parts.iter().flat_map(|part| part.as_ref().split(',')).collect();
        if alternatives.is_empty() {
            return Ok(None);
        }
        let all = alternatives.into_iter().map(|one| one.split('+').map(term).collect()).collect::<Result<_, _>>()?;
        Ok(Some(Attributes(all)))
    }

    /// Whether hidden files are spoken of, which are looked at then.
    pub(super) fn speak_of_hidden(&self) -> bool {
        self.0.iter().flatten().any(|term| term.name == "Hidden")
    }

    /// Whether it holds of what lies at a path.
    pub(super) fn hold(&self, path: &Path) -> bool {
        self.0.iter().any(|terms| terms.iter().all(|term| has(path, term.name) == term.wanted))
    }
}

fn term(text: &str) -> Result<Term, ErrorRecord> {
    let text = text.trim();
    let (name, wanted) = text.strip_prefix('!').map_or((text, true), |name| (name.trim(), false));
    let known = NAMES.iter().find(|(full, short)| {
        full.eq_ignore_ascii_case(name) || (!short.is_empty() && short.eq_ignore_ascii_case(name))
    });
    known.map(|(name, _)| Term { name, wanted }).ok_or_else(|| {
        let message = format!("'{name}' is no attribute of a file.");
        let error = ErrorRecord::new("ParameterArgumentTransformationError", Category::InvalidData, message);
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        match near::nearest(name, names.clone()) {
            Some(near) => error.hint(format!("Did you mean {near}?")),
            None => error.hint(format!("They are {}; ! is not, + is and, a comma is or.", names.join(", "))),
        }
    })
}
