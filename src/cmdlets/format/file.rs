//! Files that cmdlets write and read. A new content is written beside the old one and takes its place at the end, so
//! that a failure or Ctrl-C on the way loses nothing.

pub(crate) use super::encoding::{Encoding, encodings, text_of};
use super::encoding::{decoded, encoding};
use crate::cmdlet::Bound;
use crate::cmdlets::object::string;
use crate::env::bounds;
use crate::error::{Category, ErrorRecord};
use crate::value::{Record, Value, exceptions};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The path that a cmdlet was given: by a parameter, or literally.
pub(crate) fn path(bound: &Bound, name: &str) -> String {
    string(bound, name).or_else(|| string(bound, "LiteralPath")).map(|path| path.to_string()).unwrap_or_default()
}

pub(crate) use crate::format::PROVIDER;

/// A path as the system takes it: `~` is the home folder, and `\` separates as `/` does.
///
/// # Errors
/// `DriveNotFound` for a path on a drive, where there are none.
pub(crate) fn resolved(path: &str) -> Result<PathBuf, ErrorRecord> {
    let path = [PROVIDER, "FileSystem::"]
        .iter()
        .find(|provider| path.get(..provider.len()).is_some_and(|start| start.eq_ignore_ascii_case(provider)))
        .and_then(|provider| path.get(provider.len()..))
        .unwrap_or(path);
    if let Some((drive, rest)) = drive(path) {
        let message =
            format!("Cannot find drive '{drive}': there are none on this computer, so '{path}' leads nowhere.");
        let error = ErrorRecord::new("DriveNotFound", Category::ObjectNotFound, message).target(drive);
        return Err(error.hint(way_without(drive, rest, path)));
    }
    let slashed = if cfg!(windows) { path.to_string() } else { path.replace('\\', "/") };
    let path = slashed.as_str();
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    Ok(match path.strip_prefix('~') {
        Some("") => home().unwrap_or_else(|| path.into()),
        Some(rest) if rest.starts_with('/') => {
            home().map_or_else(|| path.into(), |home| home.join(rest.trim_start_matches('/')))
        }
        _ => path.into(),
    })
}

/// What is there in place of a drive.
fn way_without(drive: &str, rest: &str, path: &str) -> String {
    match drive.to_lowercase().as_str() {
        "env" => "$env:NAME is a variable of the environment.".into(),
        "variable" => "Get-Variable lists variables.".into(),
        "function" | "alias" => "Get-Command and Get-Alias list what can be called.".into(),
        "hklm" | "hkcu" | "cert" | "wsman" => "There is the file system alone.".into(),
        _ => {
            let here = format!("./{}", rest.replace('\\', "/").trim_start_matches('/'));
            format!("Paths begin with / here, or with ./ in the folder at hand: '{here}' instead of '{path}'.")
        }
    }
}

/// The drive that a path begins with, and what follows: a letter, or a longer name before a separator (`HKLM:\x`).
fn drive(path: &str) -> Option<(&str, &str)> {
    if cfg!(windows) {
        return None;
    }
    let (name, rest) = path.split_once(':')?;
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_drive = name.len() == 1 || rest.is_empty() || rest.starts_with(['/', '\\']);
    (is_name && is_drive).then_some((name, rest))
}

/// How a file is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// At the end of what is there.
    pub append: bool,
    /// Not over what is there.
    pub no_clobber: bool,
    /// Over a file that is marked read-only too.
    pub force: bool,
    /// How text becomes bytes.
    pub encoding: Encoding,
}

impl Options {
    /// Reads -Append, -NoClobber, -Force, -Encoding.
    pub fn read(bound: &Bound) -> Options {
        Options {
            append: bound.switch("Append"),
            no_clobber: bound.switch("NoClobber"),
            force: bound.switch("Force"),
            encoding: encoding(bound),
        }
    }
}

/// A file in the making.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
    /// Where it is written until it is whole.
    beside: Option<PathBuf>,
    out: Option<BufWriter<File>>,
    encoding: Encoding,
}

impl Target {
    /// Opens a file for writing.
    ///
    /// # Errors
    /// `NoClobber` where it is there and must stay, `FileOpenFailure` where it cannot be written.
    pub fn open(path: &str, options: &Options) -> Result<Target, ErrorRecord> {
        // What a link points to is replaced, not the link.
        let path = resolved(path)?;
        let path = path.canonicalize().unwrap_or(path);
        let there = path.metadata().ok();
        if there.is_some() && options.no_clobber && !options.append {
            return Err(ErrorRecord::new(
                "NoClobber",
                Category::ResourceExists,
                format!("The file {} is there already, and -NoClobber was given.", path.display()),
            )
            .target(path.display().to_string()));
        }
        let read_only = there.as_ref().is_some_and(|there| there.permissions().readonly());
        if read_only && !options.force {
            let problem = io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only");
            return Err(failed(&path, &problem).hint("-Force writes it nevertheless."));
        }
        let is_file = there.as_ref().is_none_or(std::fs::Metadata::is_file);
        let target = if options.append || !is_file {
            let file = OpenOptions::new().append(options.append).write(true).create(true).open(&path);
            let file = file.map_err(|problem| failed(&path, &problem))?;
            Target { path, beside: None, out: Some(BufWriter::new(file)), encoding: options.encoding }
        } else {
            let (beside, file) = create_beside(&path).map_err(|problem| failed(&path, &problem))?;
            if let Some(there) = &there {
                // A file whose rights cannot be kept is not written: others might read it.
                if let Err(problem) = file.set_permissions(there.permissions()) {
                    let _ = std::fs::remove_file(&beside);
                    return Err(failed(&path, &problem));
                }
            }
            Target { path, beside: Some(beside), out: Some(BufWriter::new(file)), encoding: options.encoding }
        };
        let is_new = !options.append || there.is_none_or(|there| there.len() == 0);
        if is_new { target.marked() } else { Ok(target) }
    }

    fn marked(mut self) -> Result<Target, ErrorRecord> {
        let mark = self.encoding.mark();
        self.put(mark)?;
        Ok(self)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ErrorRecord> {
        if !bounds::write(bytes.len()) {
            return Err(ErrorRecord::stopped());
        }
        let written = self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes));
        written.map_err(|problem| unwritten(&self.path, &problem))
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Target::write`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), ErrorRecord> {
        self.put(bytes)
    }

    /// Writes a text.
    ///
    /// # Errors
    /// `FileWriteFailure`: the disk is full, and the like.
    pub fn write(&mut self, text: &str) -> Result<(), ErrorRecord> {
        let bytes = self.encoding.bytes(text);
        self.put(&bytes)
    }

    /// Writes a text and a line end.
    ///
    /// # Errors
    /// As [`Target::write`].
    pub fn line(&mut self, text: &str) -> Result<(), ErrorRecord> {
        self.write(text)?;
        self.write("\n")
    }

    /// Brings the file to its place.
    ///
    /// # Errors
    /// As [`Target::write`]; what was there is there still then.
    pub fn finish(mut self) -> Result<(), ErrorRecord> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let file = out.into_inner().map_err(|problem| unwritten(&self.path, problem.error()))?;
        if let Some(beside) = &self.beside {
            let placed = file.sync_all().and_then(|()| std::fs::rename(beside, &self.path));
            placed.map_err(|problem| unwritten(&self.path, &problem))?;
            self.beside = None;
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // It did not become whole; there is nobody left to tell.
            let _ = std::fs::remove_file(beside);
        }
    }
}

fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?.to_string_lossy();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    Ok((beside, file))
}

/// The exception that .NET has for a system's error about a path, which `catch [System.IO.…]` waits for.
pub(crate) fn exception(path: &Path, problem: &io::Error, message: &str) -> Record {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = match problem.kind() {
        io::ErrorKind::NotFound if folder.is_dir() => "System.IO.FileNotFoundException",
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "System.IO.DirectoryNotFoundException",
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => "System.UnauthorizedAccessException",
        _ => "System.IO.IOException",
    };
    exceptions::new(name, message, Value::Null)
}

/// It cannot be opened or read.
pub(super) fn failed(path: &Path, problem: &io::Error) -> ErrorRecord {
    let message = format!("The file {} cannot be opened: {problem}.", path.display());
    let exception = exception(path, problem, &message);
    let error = ErrorRecord::new("FileOpenFailure", Category::OpenError, message).target(path.display().to_string());
    error.exception(exception)
}

fn unwritten(path: &Path, problem: &io::Error) -> ErrorRecord {
    let message = format!("The file {} was not written: {problem}.", path.display());
    let exception = exception(path, problem, &message);
    let error = ErrorRecord::new("FileWriteFailure", Category::WriteError, message).target(path.display().to_string());
    error.exception(exception)
}

/// The text of a file: by its mark, else by -Encoding.
///
/// # Errors
/// `FileOpenFailure`.
pub(crate) fn read(path: &str, bound: &Bound) -> Result<String, ErrorRecord> {
    let path = resolved(path)?;
    let bytes = crate::env::file::read(&path, crate::env::file::LARGEST).map_err(|problem| failed(&path, &problem))?;
    Ok(decoded(&bytes, encoding(bound)))
}

/// The names in the first line of a file that is there and not empty.
///
/// # Errors
/// `FileOpenFailure`.
pub(crate) fn first_line(path: &str, bound: &Bound) -> Result<Option<String>, ErrorRecord> {
    let there = resolved(path)?.metadata().is_ok_and(|there| there.is_file() && there.len() > 0);
    if !there {
        return Ok(None);
    }
    let text = read(path, bound)?;
    Ok(text.lines().find(|line| !line.starts_with("#TYPE") && !line.is_empty()).map(str::to_string))
}

/// Bytes as text, by their mark, else by -Encoding.
pub(crate) fn text(bytes: &[u8], bound: &Bound) -> String {
    decoded(bytes, encoding(bound))
}
