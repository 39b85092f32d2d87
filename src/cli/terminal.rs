//! The outside of a command line: objects to stdout in the form that was asked for, everything else to stderr.

use super::arguments::Output;
use super::session::Options;
use crate::cmdlet::transcript::Transcripts;
use crate::cmdlet::{Choice, Host, Message, Progress};
use crate::env::bounds;
use crate::error::render::{self, Style};
use crate::format::{self, Formatter, Shape, csv};
use crate::value::{Value, types};
use indicatif::{ProgressBar, ProgressStyle};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::cell::{Cell, OnceCell, RefCell};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Columns where there is no terminal, as PowerShell has it.
const WIDTH_WITHOUT_TERMINAL: usize = 120;

/// Bytes that are gathered before they are written, where nobody watches.
const BUFFER: usize = 32 << 10;

/// Bytes that a pipe which is ready takes without making anybody wait (POSIX: at least 512, Linux: 4096).
const PIPE: usize = 4096;

/// How long somebody who waits for a terminal or a pipe is deaf to Ctrl-C.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// How long rows of a table wait for others, whose widths may count, where somebody watches: as in PowerShell.
const WINDOW: Duration = Duration::from_millis(300);

/// Whether it can be read or written without waiting; waits a little for that. A failure says the reading or writing.
fn ready(what: impl AsFd, how: PollFlags) -> bool {
    let mut asked = [PollFd::new(&what, how)];
    match poll(&mut asked, Some(&LOOK)) {
        Ok(count) => count > 0,
        Err(rustix::io::Errno::INTR) => false,
        Err(_) => true,
    }
}

/// Writes to the terminal, a file or a pipe.
pub struct Terminal {
    output: Output,
    width: Option<usize>,
    color: bool,
    /// What was not yet written to stdout.
    out: RefCell<Vec<u8>>,
    /// stdout is a file, which takes what it is given.
    is_file: bool,
    formatter: RefCell<Option<Formatter>>,
    /// Since when rows of a table wait for others.
    waits_since: Cell<Option<Instant>>,
    csv: RefCell<csv::Writer>,
    bar: RefCell<Option<(i64, ProgressBar)>>,
    /// stdout was closed by its reader (`| head`), or cannot be written: nothing more is.
    closed: Cell<bool>,
    /// stdout cannot be written, for another reason than that nobody reads it.
    failed: Cell<bool>,
    /// Stops what runs when nobody is left to read what it puts out.
    stop: OnceCell<Arc<AtomicBool>>,
    /// Somebody watches stdout: text goes there as it comes, not when the buffer is full.
    live: bool,
    /// What is shown is written there too.
    transcripts: OnceCell<Rc<Transcripts>>,
}

impl Terminal {
    /// The outside that the options describe.
    pub fn new(options: &Options) -> Terminal {
        Terminal {
            output: options.output,
            width: options.width,
            color: options.color,
            out: RefCell::default(),
            is_file: rustix::fs::fstat(io::stdout())
                .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file()),
            formatter: RefCell::new(None),
            waits_since: Cell::new(None),
            csv: RefCell::default(),
            bar: RefCell::new(None),
            closed: Cell::new(false),
            failed: Cell::new(false),
            stop: OnceCell::new(),
            live: io::stdout().is_terminal(),
            transcripts: OnceCell::new(),
        }
    }

    /// How errors are rendered here.
    pub fn style(&self) -> Style {
        Style { color: self.color, unicode: true, width: self.width() }
    }

    /// Writes text to stdout as it is.
    pub fn print(&self, text: &str) {
        self.transcribe(text);
        if self.closed.get() || !bounds::write(text.len()) {
            return;
        }
        let held = {
            let mut out = self.out.borrow_mut();
            out.extend_from_slice(text.as_bytes());
            out.len()
        };
        if held >= BUFFER || (self.live && !text.is_empty()) {
            self.flush_out();
        }
    }

    fn transcribe(&self, text: &str) {
        if let Some(transcripts) = self.transcripts.get() {
            transcripts.write(text);
        }
    }

    fn flush_out(&self) {
        let held = std::mem::take(&mut *self.out.borrow_mut());
        if !self.closed.get() && !held.is_empty() {
            let written = match self.is_file {
                true => io::stdout().write_all(&held).and_then(|()| io::stdout().flush()),
                false => self.patiently(io::stdout(), &held),
            };
            self.look_at(written);
        }
    }

    /// Writes to a pipe or terminal, whose reader may take his time: Ctrl-C ends the waiting.
    fn patiently(&self, to: impl AsFd, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            if !ready(&to, PollFlags::OUT) {
                if self.is_stopped() {
                    return Ok(());
                }
                continue;
            }
            let (piece, _) = left.split_at(left.len().min(PIPE));
            match rustix::io::write(&to, piece) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.stop.get().is_some_and(|stop| stop.load(Ordering::Relaxed)) || bounds::reason_now().is_some()
    }

    /// The flag that stops what runs: set when stdout takes no more.
    pub fn stops(&self, flag: Arc<AtomicBool>) {
        let _ = self.stop.set(flag);
    }

    /// Whether stdout takes no more.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether something was lost because stdout could not be written.
    pub fn has_failed(&self) -> bool {
        self.failed.get()
    }

    fn look_at(&self, written: io::Result<()>) {
        let Err(error) = written else { return };
        self.closed.set(true);
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.failed.set(true);
            let _ = writeln!(io::stderr(), "reeve: OutputNotWritten: standard output: {error}");
        }
        if let Some(stop) = self.stop.get() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn colored(&self, text: &str, code: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    /// Writes a line to stderr, after what stdout has to say.
    pub fn say(&self, text: &str) {
        self.flush();
        self.transcribe(&format!("{text}\n"));
        // Where stderr is closed nobody is left to tell.
        let _ = self.patiently(io::stderr(), format!("{text}\n").as_bytes());
    }

    /// The same without ending a table that is open: what is said among objects of one kind does not take them apart.
    fn say_among(&self, text: &str) {
        self.transcribe(&format!("{text}\n"));
        self.flush_out();
        let _ = self.patiently(io::stderr(), format!("{text}\n").as_bytes());
    }

    fn show_progress(&self, progress: &Progress) {
        if !io::stderr().is_terminal() {
            return;
        }
        let mut bar = self.bar.borrow_mut();
        if progress.completed {
            if let Some((_, bar)) = bar.take() {
                bar.finish_and_clear();
            }
            return;
        }
        let fresh = bar.as_ref().is_none_or(|(id, _)| *id != progress.id);
        if fresh {
            let style = ProgressStyle::with_template("{prefix} [{bar:30}] {percent:>3}% {wide_msg}");
            let new = ProgressBar::new(100);
            if let Ok(style) = style {
                new.set_style(style);
            }
            *bar = Some((progress.id, new));
        }
        if let Some((_, bar)) = &*bar {
            bar.set_prefix(progress.activity.clone());
            bar.set_message(progress.status.clone());
            bar.set_position(progress.percent.unwrap_or(0).into());
        }
    }
}

impl Host for Terminal {
    fn output(&self, value: Value) {
        let text = match self.output {
            Output::Auto | Output::Table | Output::List => {
                let mut formatter = self.formatter.borrow_mut();
                let formatter = formatter.get_or_insert_with(|| match self.output {
                    Output::Table => Formatter::new(self.width()).forced(Shape::Table),
                    Output::List => Formatter::new(self.width()).forced(Shape::List),
                    _ => Formatter::new(self.width()),
                });
                // Who watches does not wait for long: the next object after that brings out those before it.
                let late = self.live && self.waits_since.get().is_some_and(|since| since.elapsed() > WINDOW);
                let before = if late { formatter.release() } else { String::new() };
                let text = before + formatter.push(&value).as_str();
                let since = self.waits_since.get().unwrap_or_else(Instant::now);
                self.waits_since.set(formatter.waits().then_some(since));
                // A text is put out as it is; what stands in the properties of an object may be anybody's.
                if matches!(value, Value::Str(_)) { text } else { render::visible(&text).into_owned() }
            }
            Output::Json => format::to_json(&value) + "\n",
            Output::Csv => self.csv.borrow_mut().lines(&value).iter().map(|line| format!("{line}\n")).collect(),
        };
        self.print(&text);
    }

    fn message(&self, message: Message) {
        match message {
            Message::Error(error) => {
                self.say(render::error(&error, self.style()).trim_end_matches('\n'));
            }
            Message::Warning(text) => self.say_among(&self.colored(&format!("WARNING: {text}"), "33")),
            Message::Verbose(text) => self.say_among(&self.colored(&format!("VERBOSE: {text}"), "36")),
            Message::Debug(text) => self.say_among(&self.colored(&format!("DEBUG: {text}"), "35")),
            // As in PowerShell it stands there at once, and a table that is open goes on behind it: what was written
            // among objects of one kind does not take them apart.
            Message::Information { text, no_newline, foreground, background } => {
                let code = |name: Option<String>, behind| name.and_then(|name| color_code(&name, behind));
                let codes: Vec<String> = [code(foreground, false), code(background, true)]
                    .into_iter()
                    .flatten()
                    .map(|n| n.to_string())
                    .collect();
                let text = if codes.is_empty() { text } else { self.colored(&text, &codes.join(";")) };
                // Information stands where a reader of the terminal looks for it; a program reads objects, so for it
                // (json, csv) stdout holds objects alone.
                if matches!(self.output, Output::Json | Output::Csv) {
                    let _ = if no_newline { write!(io::stderr(), "{text}") } else { writeln!(io::stderr(), "{text}") };
                } else {
                    self.print(&text);
                    self.print(if no_newline { "" } else { "\n" });
                    self.flush_out();
                }
            }
            Message::Progress(progress) => self.show_progress(&progress),
        }
    }

    fn flush(&self) {
        let rest = self.formatter.borrow_mut().take().map(|mut formatter| formatter.finish());
        self.waits_since.set(None);
        self.print(&rest.unwrap_or_default());
        self.flush_out();
    }

    fn width(&self) -> usize {
        let terminal =
            || io::stdout().is_terminal().then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten();
        self.width
            .or_else(|| terminal().map(|size| usize::from(size.ws_col)).filter(|width| *width > 0))
            .unwrap_or(WIDTH_WITHOUT_TERMINAL)
    }

    fn redraws(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
        self.live && !dumb && !matches!(self.output, Output::Json | Output::Csv)
    }

    fn clear(&self) {
        if self.redraws() {
            self.flush();
            // Cursor to the top, the screen, and what was scrolled out of it; it is nothing that was shown.
            self.out.borrow_mut().extend_from_slice(b"\x1b[H\x1b[2J\x1b[3J");
            self.flush_out();
        }
    }

    fn transcribes(&self, transcripts: &Rc<Transcripts>) -> bool {
        Rc::ptr_eq(self.transcripts.get_or_init(|| transcripts.clone()), transcripts)
    }

    fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn choose(&self, caption: &str, question: &str, choices: &[Choice], default: usize) -> Option<usize> {
        if !self.can_ask() {
            return None;
        }
        let key = |choice: &Choice| Some(choice.label.split('&').nth(1)?.chars().next()?.to_ascii_uppercase());
        loop {
            self.say(&format!("\n{caption}\n{question}"));
            let list: Vec<String> = choices
                .iter()
                .map(|choice| format!("[{}] {}", key(choice).unwrap_or('?'), choice.label.replace('&', "")))
                .collect();
            let preset = choices.get(default).and_then(key).unwrap_or('?');
            let answer =
                self.read_line(&format!("{}  [?] Help (default is \"{preset}\"): ", list.join("  ")), false)?;
            let answer = answer.trim();
            if answer.is_empty() {
                return Some(default);
            }
            if answer == "?" {
                for choice in choices {
                    self.say(&format!("{} - {}", key(choice).unwrap_or('?'), choice.help));
                }
                continue;
            }
            let chosen = choices.iter().position(|choice| {
                answer.eq_ignore_ascii_case(&choice.label.replace('&', ""))
                    || key(choice).is_some_and(|key| answer.eq_ignore_ascii_case(&key.to_string()))
            });
            if chosen.is_some() {
                return chosen;
            }
        }
    }

    fn read_line(&self, prompt: &str, hidden: bool) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        self.flush();
        let _ = write!(io::stderr(), "{prompt}");
        let _ = io::stderr().flush();
        let _quiet = hidden.then(EchoOff::new);
        // Ctrl-C ends the waiting too: the line is read when it is there.
        while !ready(io::stdin(), PollFlags::IN) {
            if self.is_stopped() {
                return None;
            }
        }
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_string()),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.flush_out();
    }
}

/// Switches the terminal's echo off while it lives.
struct EchoOff(Option<rustix::termios::Termios>);

impl EchoOff {
    fn new() -> EchoOff {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut quiet) = before.clone() {
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        EchoOff(before)
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
            let _ = writeln!(io::stderr());
        }
    }
}

/// The ANSI code of one of .NET's colours, of text or of what is behind it. Its numbers are those of the ANSI colours
/// with the bits of red and blue the other way round, the light ones eight higher.
fn color_code(name: &str, behind: bool) -> Option<u8> {
    let number = u8::try_from(types::enum_by_name("System.ConsoleColor", name)?).ok().filter(|n| *n < 16)?;
    let ansi = (number & 2) | (number & 1) << 2 | (number & 4) >> 2;
    Some(ansi + if number < 8 { 30 } else { 90 } + if behind { 10 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours are those of the terminal.
    #[test]
    fn colours() {
        for (name, code) in
            [("Black", 30), ("DarkBlue", 34), ("DarkRed", 31), ("Gray", 37), ("DarkGray", 90), ("yellow", 93)]
        {
            assert_eq!(color_code(name, false), Some(code), "{name}");
        }
        assert_eq!((color_code("White", true), color_code("Pink", false)), (Some(107), None));
    }
}
