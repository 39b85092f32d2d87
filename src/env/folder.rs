//! The current folder, which is the process's; one that vanished is remembered, so that there is a way out of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folder that was the current one when somebody last looked.
static LAST: Mutex<Option<PathBuf>> = Mutex::new(None);

fn remember(folder: &Path) {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_deref() != Some(folder) {
        *last = Some(folder.to_path_buf());
    }
}

/// The current folder. Of one that vanished the path that it had: as the shell knows it, which started this process,
/// where nobody looked before.
pub fn here() -> PathBuf {
    if let Ok(folder) = std::env::current_dir() {
        remember(&folder);
        return folder;
    }
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let told = || std::env::var_os("PWD").map(PathBuf::from).filter(|folder| folder.is_absolute());
    last.or_else(told).unwrap_or_else(|| PathBuf::from("/"))
}

/// Makes a folder the current one.
///
/// # Errors
/// What the system says.
pub fn enter(folder: &Path) -> io::Result<()> {
    std::env::set_current_dir(folder)?;
    remember(folder);
    Ok(())
}
