//! The hook: a program, or a script of ours, that is run when documents changed. Bounded in time and in output.

use crate::error::{Category, ErrorRecord};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{ErrorKind, PipeReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Most of the output that goes into the log, in bytes. The rest is read and dropped, so that the hook does not stall.
const OUTPUT: usize = 64 << 10;
/// Most of the output that goes into the status, in characters: its last line.
const LINE: usize = 300;
/// How often a running hook is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// What is run, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    words: Vec<String>,
    limit: Duration,
}

/// What a hook is told.
pub(super) struct Told<'a> {
    pub(super) documents: &'a Path,
    pub(super) changed: &'a Path,
    pub(super) version: u64,
    pub(super) epoch: u64,
}

/// Where it runs: the host directory, and the program that runs scripts.
pub(super) struct Place<'a> {
    pub(super) directory: &'a Path,
    pub(super) executable: &'a Path,
}

impl Hook {
    /// A hook by its command: a program with its arguments, apart by blanks (quotation marks hold one together), or a
    /// script that ends in `.rhai`. A path that is not absolute goes from the host directory.
    pub fn new(command: &str, limit: Duration) -> Hook {
        Hook { words: words(command), limit }
    }

    /// Runs it.
    ///
    /// # Errors
    /// `HookNotFound`, `HookFailed`, `HookTimedOut`, `HookStopped`.
    pub(super) fn run(&self, place: &Place, told: &Told, stop: &dyn Fn() -> bool) -> Result<(), ErrorRecord> {
        let name = self.words.first().map_or("", String::as_str);
        let program = place.directory.join(name);
        if !program.is_file() {
            return Err(not_found(&program, "there is no such file"));
        }
        let mut command = if program.extension().is_some_and(|end| end.eq_ignore_ascii_case("rhai")) {
            let mut command = Command::new(place.executable);
            command.arg("run").arg("--dir").arg(place.directory).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        command
            .args(self.words.iter().skip(1))
            .current_dir(place.directory)
            .env("REEVE_DOCUMENTS", told.documents)
            .env("REEVE_VERSION", told.version.to_string())
            .env("REEVE_EPOCH", told.epoch.to_string())
            .env("REEVE_CHANGED", told.changed)
            .stdin(Stdio::null())
            // A group of its own: what it starts is killed with it.
            .process_group(0);
        let began = Instant::now();
        let (mut output, mut child) = spawn(&mut command).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::PermissionDenied => not_found(&program, &error.to_string()),
            _ => failed(&program, &format!("cannot be started: {error}"), ""),
        })?;
        drop(command);
        let mut text = Vec::new();
        let ended = loop {
            drain(&mut output, &mut text);
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) if stop() => break Err(stopped(&program)),
                Ok(None) if began.elapsed() >= self.limit => break Err(self.timed_out(&program)),
                Ok(None) => std::thread::sleep(LOOK),
                Err(error) => break Err(failed(&program, &format!("cannot be waited for: {error}"), "")),
            }
        };
        if ended.is_err() {
            kill(&mut child);
        }
        drain(&mut output, &mut text);
        let text = String::from_utf8_lossy(&text);
        tracing::info!(
            hook = %program.display(),
            version = told.version,
            milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            output = text.trim_end(),
            "the hook ended"
        );
        let status = ended?;
        if status.success() { Ok(()) } else { Err(failed(&program, &how(status), last_line(&text))) }
    }

    fn timed_out(&self, program: &Path) -> ErrorRecord {
        let seconds = self.limit.as_secs();
        let message = format!("The hook '{}' took longer than {seconds} s and was ended.", program.display());
        ErrorRecord::new("HookTimedOut", Category::OperationTimeout, message)
            .hint("Give it more time in host.toml, or let it start in the background what takes long.")
    }
}

/// Starts a command whose outputs both go into one pipe.
fn spawn(command: &mut Command) -> std::io::Result<(PipeReader, Child)> {
    let (reader, writer) = std::io::pipe()?;
    // Who keeps the pipe open after the hook has ended does not make us wait.
    rustix::io::ioctl_fionbio(&reader, true)?;
    let child = command.stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // Closes our ends of the pipe.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((reader, child))
}

/// Reads what is there.
fn drain(output: &mut PipeReader, text: &mut Vec<u8>) {
    let mut piece = [0; 4096];
    // At most what a hook can write between two looks; it is looked at again.
    for _ in 0..256 {
        match output.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                let room = OUTPUT.saturating_sub(text.len()).min(count);
                text.extend_from_slice(piece.get(..room).unwrap_or_default());
            }
        }
    }
}

fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself just now.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended oddly".to_string(),
    }
}

fn last_line(text: &str) -> &str {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.char_indices().nth(LINE).map_or(line, |(end, _)| line.get(..end).unwrap_or_default())
}

/// A command's words: apart by blanks; quotation marks of either kind hold one together.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn not_found(program: &Path, why: &str) -> ErrorRecord {
    let message = format!("The hook '{}' cannot be run: {why}.", program.display());
    ErrorRecord::new("HookNotFound", Category::ObjectNotFound, message)
        .hint("host.toml names it; it must be there and executable by the server's user.")
}

fn failed(program: &Path, how: &str, line: &str) -> ErrorRecord {
    let line = if line.is_empty() { String::new() } else { format!(" Its last words: {line}") };
    let message = format!("The hook '{}' {how}.{line}", program.display());
    ErrorRecord::new("HookFailed", Category::InvalidResult, message)
        .hint("Its output is in the server's log. It runs again with the next change, or when the server starts.")
}

fn stopped(program: &Path) -> ErrorRecord {
    let message = format!("The hook '{}' was ended because the server stops.", program.display());
    ErrorRecord::new("HookStopped", Category::OperationStopped, message).hint("It runs again when the server starts.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_apart_by_blanks_and_quotation_marks() {
        for (command, expected) in [
            ("/bin/x", vec!["/bin/x"]),
            ("  /bin/x  -a 'b c' \"d\"e ''", vec!["/bin/x", "-a", "b c", "de", ""]),
            ("'/a b/x' it\"'\"s", vec!["/a b/x", "it's"]),
            ("", vec![]),
        ] {
            assert_eq!(words(command), expected, "{command}");
        }
    }
}
