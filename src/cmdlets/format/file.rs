//! Files that cmdlets write and read. A new content is written beside the old one and takes its place at the end, so
//! that a failure or Ctrl-C on the way loses nothing.

use crate::cmdlet::Bound;
use crate::cmdlet::spec::ParameterType;
use crate::cmdlets::object::signature::choice;
use crate::cmdlets::object::string;
use crate::env::bounds;
use crate::error::{Category, ErrorRecord};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// How text becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    Utf8Mark,
    Ascii,
    Latin1,
    Utf16,
    Utf16Big,
    Utf32,
}

/// The values of -Encoding.
const ENCODINGS: &[(&str, Encoding)] = &[
    ("ascii", Encoding::Ascii),
    ("bigendianunicode", Encoding::Utf16Big),
    ("default", Encoding::Utf8),
    ("latin1", Encoding::Latin1),
    ("unicode", Encoding::Utf16),
    ("utf8", Encoding::Utf8),
    ("utf8BOM", Encoding::Utf8Mark),
    ("utf8NoBOM", Encoding::Utf8),
    ("utf32", Encoding::Utf32),
];

/// The type of -Encoding.
pub(crate) fn encodings() -> ParameterType {
    let names: Vec<&str> = ENCODINGS.iter().map(|(name, _)| *name).collect();
    choice("Encoding", &names)
}

/// -Encoding.
pub(super) fn encoding(bound: &Bound) -> Encoding {
    let name = string(bound, "Encoding");
    let found = name.and_then(|name| ENCODINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)).copied());
    found.map_or(Encoding::Utf8, |(_, encoding)| encoding)
}

impl Encoding {
    /// The bytes with which a file in it begins, where it is marked.
    pub(super) fn mark(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 | Encoding::Ascii | Encoding::Latin1 => b"",
            Encoding::Utf8Mark => b"\xef\xbb\xbf",
            Encoding::Utf16 => b"\xff\xfe",
            Encoding::Utf16Big => b"\xfe\xff",
            Encoding::Utf32 => b"\xff\xfe\0\0",
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Mark => text.as_bytes().to_vec(),
            Encoding::Ascii => text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }).collect(),
            Encoding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            Encoding::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Utf32 => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        }
    }
}

/// The path that a cmdlet was given: by a parameter, or literally.
pub(crate) fn path(bound: &Bound, name: &str) -> String {
    string(bound, name).or_else(|| string(bound, "LiteralPath")).map(|path| path.to_string()).unwrap_or_default()
}

/// A path as the system takes it: `~` is the home folder, and `\` separates as `/` does.
pub(crate) fn resolved(path: &str) -> PathBuf {
    let slashed = if cfg!(windows) { path.to_string() } else { path.replace('\\', "/") };
    let path = slashed.as_str();
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    match path.strip_prefix('~') {
        Some("") => home().unwrap_or_else(|| path.into()),
        Some(rest) if rest.starts_with('/') => {
            home().map_or_else(|| path.into(), |home| home.join(rest.trim_start_matches('/')))
        }
        _ => path.into(),
    }
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
        let path = resolved(path);
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
            return Err(failed(&path, &"it is read-only").hint("-Force writes it nevertheless."));
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

/// It cannot be opened or read.
pub(super) fn failed(path: &Path, problem: &dyn std::fmt::Display) -> ErrorRecord {
    let message = format!("The file {} cannot be opened: {problem}.", path.display());
    ErrorRecord::new("FileOpenFailure", Category::OpenError, message).target(path.display().to_string())
}

fn unwritten(path: &Path, problem: &dyn std::fmt::Display) -> ErrorRecord {
    let message = format!("The file {} was not written: {problem}.", path.display());
    ErrorRecord::new("FileWriteFailure", Category::WriteError, message).target(path.display().to_string())
}

/// The text of a file: by its mark, else by -Encoding.
///
/// # Errors
/// `FileOpenFailure`.
pub(crate) fn read(path: &str, bound: &Bound) -> Result<String, ErrorRecord> {
    let path = resolved(path);
    let bytes = crate::env::file::read(&path, crate::env::file::LARGEST).map_err(|problem| failed(&path, &problem))?;
    Ok(decoded(&bytes, encoding(bound)))
}

/// The names in the first line of a file that is there and not empty.
///
/// # Errors
/// `FileOpenFailure`.
pub(crate) fn first_line(path: &str, bound: &Bound) -> Result<Option<String>, ErrorRecord> {
    let there = resolved(path).metadata().is_ok_and(|there| there.is_file() && there.len() > 0);
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

/// Bytes as text, by their mark, else by the name of an encoding as the web has it; UTF-8 where it is not known.
pub(crate) fn text_of(bytes: &[u8], charset: &str) -> String {
    let encoding = match charset.to_lowercase().as_str() {
        "iso-8859-1" | "latin1" | "windows-1252" => Encoding::Latin1,
        "us-ascii" | "ascii" => Encoding::Ascii,
        "utf-16" | "utf-16le" => Encoding::Utf16,
        "utf-16be" => Encoding::Utf16Big,
        "utf-32" => Encoding::Utf32,
        _ => Encoding::Utf8,
    };
    decoded(bytes, encoding)
}

fn decoded(bytes: &[u8], given: Encoding) -> String {
    let marks = [Encoding::Utf32, Encoding::Utf8Mark, Encoding::Utf16, Encoding::Utf16Big];
    let marked = marks.into_iter().find(|encoding| bytes.starts_with(encoding.mark()));
    let encoding = marked.unwrap_or(given);
    let body = marked.and_then(|encoding| bytes.get(encoding.mark().len()..)).unwrap_or(bytes);
    let pairs = |make: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = body.as_chunks().0.iter().map(|pair| make(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Mark | Encoding::Ascii => String::from_utf8_lossy(body).into_owned(),
        Encoding::Latin1 => body.iter().map(|byte| char::from(*byte)).collect(),
        Encoding::Utf16 => pairs(u16::from_le_bytes),
        Encoding::Utf16Big => pairs(u16::from_be_bytes),
        Encoding::Utf32 => body
            .as_chunks()
            .0
            .iter()
            .map(|four| char::from_u32(u32::from_le_bytes(*four)).unwrap_or('\u{fffd}'))
            .collect(),
    }
}
