//! The loop: read a text, check it, run it, show what it gives; Ctrl-C stops what runs and leaves the shell usable.

use super::editor::Assistant;
use crate::cli::{Exit, Options, Shell};
use crate::error::Source;
use rustyline::error::ReadlineError;
use rustyline::history::{FileHistory, History};
use rustyline::{CompletionType, Config, Editor};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Lines that the history file keeps.
const HISTORY: usize = 5000;

/// The prompt of a line that continues the one before.
const CONTINUED: &str = ">> ";

/// What clears the screen, as Ctrl-L does: it is the terminal's matter alone, so no command.
const CLEARS: [&str; 3] = ["clear", "cls", "Clear-Host"];

/// Runs the shell until `exit` or the end of input.
pub fn run(options: &Options) -> Exit {
    let mut shell = crate::cli::open(options);
    greet(&shell);
    let mut editor = match editor(&shell, options.color) {
        Ok(editor) => editor,
        Err(error) => {
            eprintln!("reeve: no terminal to edit lines on: {error}");
            return Exit::ERRORS;
        }
    };
    let history = history_file();
    if let Some(file) = &history {
        // The first start has none yet.
        let _ = editor.load_history(file);
    }
    let mut number = 0_usize;
    // The lines of a text that is not yet whole.
    let mut pending = String::new();
    let exit = loop {
        let prompt = if pending.is_empty() { format!("{}> ", shell.prompt()) } else { CONTINUED.to_string() };
        match editor.readline(&prompt) {
            Ok(text) if pending.is_empty() && text.trim().is_empty() => {}
            Ok(text) if pending.is_empty() && CLEARS.iter().any(|word| text.trim().eq_ignore_ascii_case(word)) => {
                // A terminal that cannot be cleared stays as it is.
                let _ = editor.clear_screen();
            }
            Ok(line) => {
                // As many programs have it; nothing else begins so and ends there.
                let asks = pending.is_empty() && line.trim() == "?";
                let text = if asks { "help".to_string() } else { format!("{pending}{line}") };
                let waits =
                    shell.before_run(|| editor.helper().is_some_and(|assistant| assistant.is_incomplete(&text)));
                let stopped = waits.is_err();
                let waits = waits.unwrap_or(false);
                pending = if waits { format!("{text}\n") } else { String::new() };
                if let Some(assistant) = editor.helper_mut() {
                    assistant.continues(&pending);
                }
                if stopped {
                    shell.interrupt().store(false, Ordering::Relaxed);
                }
                if waits || stopped {
                    continue;
                }
                number += 1;
                // A line that begins with a blank stays out of the history.
                let _ = editor.add_history_entry(text.as_str());
                let source = Arc::new(Source { name: format!("line {number}"), text });
                if let Some(exit) = shell.line(&source) {
                    break exit;
                }
            }
            Err(ReadlineError::Interrupted) => {
                pending.clear();
                if let Some(assistant) = editor.helper_mut() {
                    assistant.continues("");
                }
                shell.interrupt().store(false, Ordering::Relaxed);
            }
            Err(ReadlineError::Eof) => break Exit::OK,
            Err(error) => {
                eprintln!("reeve: the terminal cannot be read: {error}");
                break Exit::ERRORS;
            }
        }
    };
    if let Some(file) = history {
        save_history(&editor, &file);
    }
    exit
}

fn greet(shell: &Shell) {
    println!(
        "reeve {}: Get-Command lists what there is, help NAME explains it.\nTab completes, Ctrl-C stops, Ctrl-D leaves.",
        env!("CARGO_PKG_VERSION")
    );
    if let Some(problem) = shell.problem() {
        eprintln!("{problem}");
    }
}

fn editor(shell: &Shell, color: bool) -> rustyline::Result<Editor<Assistant, FileHistory>> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .auto_add_history(false)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant::new(shell.engine(), color)));
    Ok(editor)
}

/// `$XDG_STATE_HOME/reeve/history`, else `~/.local/state/reeve/history`; its folder is made, readable by its owner alone.
fn history_file() -> Option<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    let state = std::env::var_os("XDG_STATE_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let folder = state.or_else(home)?.join("reeve");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    Some(folder.join("history"))
}

/// Whether a line may tell a secret: it names one, as PowerShell's own history sees it.
pub(super) fn tells_secret(line: &str) -> bool {
    const WORDS: [&str; 5] = ["password", "asplaintext", "token", "apikey", "secret"];
    let line = line.to_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

fn save_history(editor: &Editor<Assistant, FileHistory>, file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    // What tells a secret is kept for this session alone.
    let mut kept = FileHistory::new();
    let saved = kept.set_max_len(HISTORY).and_then(|()| {
        let lines = editor.history().iter().filter(|line| !tells_secret(line));
        lines.cloned().try_for_each(|line| kept.add_owned(line).map(drop))?;
        kept.save(file)
    });
    if let Err(error) = saved {
        eprintln!("reeve: the history was not saved to {}: {error}", file.display());
        return;
    }
    // rustyline makes the file with the umask of the process.
    let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
}
