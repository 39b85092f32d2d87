//! Get-Content: the lines of files.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::format::file;
use crate::cmdlets::format::lines::Lines;
use crate::cmdlets::object::signature::int;
use crate::cmdlets::object::{number, string};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// How often -Wait looks whether a file has grown.
const LOOK: Duration = Duration::from_millis(200);

/// Bytes that are taken of it at a time.
const PIECE: u64 = 1 << 20;

/// Get-Content.
#[derive(Default)]
pub struct GetContent;

impl ObjectCmdlet for GetContent {
    const NAME: &'static str = "Get-Content";
    const ALIASES: &'static [&'static str] = &["gc", "type", "cat"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The users that a file names, one in a line",
        run: "\"Ken Myer\" | Out-File names.txt; Get-Content names.txt | Get-CsUser | Select-Object DisplayName",
    }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME))
            .parameter("ReadCount", int64())
            .range(0.0, i64::MAX as f64)
            .parameter("TotalCount", int64())
            .aliases(&["First", "Head"])
            .range(0.0, i64::MAX as f64)
            .parameter("Tail", int())
            .aliases(&["Last"])
            .range(0.0, i32::MAX.into())
            .parameter("Delimiter", ParameterType::String)
            .switch("Raw")
            .switch("Wait")
            .switch("AsByteStream")
            .switch("Force")
            .parameter("Encoding", file::encodings())
            .build()
    }
}

fn int64() -> ParameterType {
    ParameterType::Integer { name: "Int64".into(), min: i64::MIN, max: i64::MAX }
}

fn conflict(id: &'static str, message: &str) -> Halt {
    Halt::Error(ErrorRecord::new(id, Category::InvalidArgument, message))
}

/// Hands on lines one by one, or so many together as -ReadCount says; 0 is all.
struct Batch {
    together: usize,
    waiting: Vec<Value>,
}

impl Batch {
    fn put(&mut self, line: &str, cx: &mut Context) -> Result<(), Halt> {
        if self.together == 1 {
            return cx.output(Value::str(line));
        }
        cx.session.check_interrupt()?;
        self.waiting.push(Value::str(line));
        if self.waiting.len() == self.together { self.flush(cx) } else { Ok(()) }
    }

    fn flush(&mut self, cx: &mut Context) -> Result<(), Halt> {
        if self.waiting.is_empty() { Ok(()) } else { cx.output(Value::list(std::mem::take(&mut self.waiting))) }
    }
}

/// Follows a file that grows, until Ctrl-C or until nobody wants more. A file that was cut short is read from its
/// beginning.
fn follow(path: &Path, bound: &Bound, batch: &mut Batch, cx: &mut Context) -> Result<(), Halt> {
    let failed = |problem: std::io::Error| Halt::Error(paths::failed("GetContentReaderIOError", path, &problem));
    let length = || path.metadata().map(|there| there.len()).map_err(failed);
    let (mut at, mut rest) = (length()?, Vec::new());
    loop {
        batch.flush(cx)?;
        cx.session.sleep(LOOK)?;
        let now = length()?;
        if now < at {
            (at, rest) = (0, Vec::new());
        }
        if now == at {
            continue;
        }
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(at)).map_err(failed)?;
        // What is more waits for the next look.
        let mut piece = Vec::new();
        at += file.take(PIECE).read_to_end(&mut piece).map_err(failed)? as u64;
        rest.extend_from_slice(&piece);
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        let whole: Vec<u8> = rest.drain(..=end).collect();
        for line in file::text(&whole, bound).lines() {
            batch.put(line, cx)?;
        }
    }
}

impl Run for GetContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if bound.get("Tail").is_some() && bound.get("TotalCount").is_some() {
            return Err(conflict("TailAndHeadCannotCoexist", "-Tail and -TotalCount do not go together."));
        }
        if bound.switch("Raw") && (bound.switch("Wait") || bound.get("Tail").is_some()) {
            return Err(conflict("RawAndWaitCannotCoexist", "-Raw goes neither with -Wait nor with -Tail."));
        }
        let choice = paths::Choice::read(bound)?;
        for path in paths::given(bound, cx)?.into_iter().filter(|path| choice.wants(path)) {
            if path.is_dir() {
                let message = format!("{} is a folder, which has no content.", path.display());
                let error = ErrorRecord::new("GetContainerContentException", Category::InvalidOperation, message);
                cx.error(error.target(path.display().to_string()))?;
                continue;
            }
            // One that cannot be read leaves the others as they are.
            match Content::open(&path, bound) {
                Ok(content) => content.put_out(&path, bound, cx)?,
                Err(error) => paths::tell(unread(&path, &error), cx)?,
            }
        }
        Ok(())
    }
}

/// The error where a file cannot be read, by PowerShell's ids.
fn unread(path: &Path, error: &ErrorRecord) -> ErrorRecord {
    if error.is_stop() {
        return error.clone();
    }
    let exception = error.exception_value().cloned().unwrap_or_default();
    let name = match &exception {
        Value::Record(exception) => exception.kind().name.clone(),
        _ => "".into(),
    };
    let (id, category) = match &*name {
        "System.UnauthorizedAccessException" => ("GetContentReaderUnauthorizedAccessError", Category::PermissionDenied),
        "System.IO.FileNotFoundException" => ("GetContentReaderFileNotFoundError", Category::ObjectNotFound),
        "" => return error.clone(),
        _ => ("GetContentReaderIOError", Category::ReadError),
    };
    ErrorRecord::new(id, category, error.message()).target(path.display().to_string()).exception(exception)
}

/// What a file gives, as it is asked for.
enum Content {
    Bytes(Vec<u8>),
    Text(String),
    Parts(Box<dyn Iterator<Item = Result<String, ErrorRecord>>>),
}

impl Content {
    /// Opens a file.
    ///
    /// # Errors
    /// `GetContentReaderIOError`, `FileOpenFailure`.
    fn open(path: &Path, bound: &Bound) -> Result<Content, ErrorRecord> {
        if bound.switch("AsByteStream") {
            let bytes = crate::env::file::read(path, crate::env::file::LARGEST);
            let bytes = bytes.map_err(|problem| paths::failed("GetContentReaderIOError", path, &problem))?;
            return Ok(Content::Bytes(bytes));
        }
        let shown = path.display().to_string();
        if bound.switch("Raw") {
            return Ok(Content::Text(file::read(&shown, bound)?));
        }
        Ok(Content::Parts(match string(bound, "Delimiter") {
            Some(delimiter) if !delimiter.is_empty() => {
                let text = file::read(&shown, bound)?;
                let parts = text.split(&*delimiter).filter(|part| !part.is_empty()).map(|part| Ok(part.to_string()));
                Box::new(parts.collect::<Vec<_>>().into_iter())
            }
            _ => Box::new(Lines::open(&shown, bound)?),
        }))
    }

    fn put_out(self, path: &Path, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let parts = match self {
            Content::Bytes(bytes) if bound.switch("Raw") => {
                return cx.output(Value::list(bytes.into_iter().map(|byte| Value::Int(byte.into())).collect()));
            }
            Content::Bytes(bytes) => return bytes.into_iter().try_for_each(|byte| cx.output(i64::from(byte))),
            Content::Text(text) => return cx.output(Value::from(text)),
            Content::Parts(parts) => parts,
        };
        let most = |name: &str| number(bound, name).and_then(|count| usize::try_from(count).ok());
        let mut batch = Batch { together: most("ReadCount").unwrap_or(1), waiting: Vec::new() };
        let mut last = VecDeque::new();
        for part in parts.take(most("TotalCount").unwrap_or(usize::MAX)) {
            let part = match part {
                Ok(part) => part,
                Err(error) => {
                    paths::tell(unread(path, &error), cx)?;
                    break;
                }
            };
            let Some(tail) = most("Tail") else {
                batch.put(&part, cx)?;
                continue;
            };
            cx.session.check_interrupt()?;
            last.push_back(part);
            if last.len() > tail {
                last.pop_front();
            }
        }
        last.iter().try_for_each(|part| batch.put(part, cx))?;
        batch.flush(cx)?;
        if bound.switch("Wait") { follow(path, bound, &mut batch, cx) } else { Ok(()) }
    }
}
