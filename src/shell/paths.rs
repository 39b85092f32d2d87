//! File names that begin with what is written.

use std::path::Path;

/// Names that are offered; a folder of more is not listed whole.
const MOST: usize = 500;

/// The paths that begin with a text, by name; a folder ends with a slash. Hidden ones show where their dot is written.
pub(super) fn matching(word: &str) -> Vec<String> {
    let (folder, beginning) = match word.rsplit_once('/') {
        Some((folder, beginning)) => (format!("{folder}/"), beginning),
        None => (String::new(), word),
    };
    let home = std::env::var("HOME").unwrap_or_default();
    let place = match folder.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None if folder.is_empty() => ".".to_string(),
        None => folder.clone(),
    };
    let Ok(entries) = std::fs::read_dir(Path::new(&place)) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let shown = name.starts_with(beginning) && (!name.starts_with('.') || beginning.starts_with('.'));
            let slash = if entry.path().is_dir() { "/" } else { "" };
            shown.then(|| format!("{folder}{name}{slash}"))
        })
        .collect();
    found.sort_unstable();
    found.truncate(MOST);
    found
}
