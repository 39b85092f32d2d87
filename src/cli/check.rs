//! `reeve check FILE`: what is wrong with a script, without running it.

use super::arguments::{Common, Output};
use super::exit::Exit;
use super::run;
use super::session::{self, Options, Shell};
use crate::check;
use crate::cmdlet::{Host, Message};
use crate::env::bounds;
use crate::error::render::line_and_column;
use crate::error::{Diagnostic, Halt, Severity, Source};
use crate::language::Mode;
use serde_json::json;
use std::path::Path;

/// Checks a script, with a role also what that role lacks. 2: an error, 3: the role lacks a right, 0: neither.
pub fn run(common: &Common, file: &Path, role: Option<&str>) -> Exit {
    let source = match run::read(file) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    let options = Options::from(common);
    let shell = session::open(&options);
    let mode = Mode::of_file(file);
    bounds::ends_the_process();
    let wrong = shell.before_run(|| wrong(&options, &shell, &source, mode, role));
    shell.terminal().flush();
    shell.abandon();
    wrong.unwrap_or_else(|exit| exit)
}

/// Shows what is wrong; the exit code that says it.
fn wrong(options: &Options, shell: &Shell, source: &Source, mode: Mode, role: Option<&str>) -> Exit {
    let mut found = shell.check(source, mode);
    let broken = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let mut exit = if broken { Exit::USAGE } else { Exit::OK };
    if let Some(role) = role {
        match lacking(shell, source, mode, role) {
            Ok(lacking) => {
                exit = exit.max(if lacking.is_empty() { Exit::OK } else { Exit::DENIED });
                found.extend(lacking);
            }
            Err(halt) => {
                exit = exit.max(Exit::of_halt(&halt));
                if let Halt::Error(error) = halt {
                    shell.terminal().message(Message::Error(error));
                }
            }
        }
    }
    match options.output {
        Output::Json => {
            let shown = found.iter().take_while(|_| !bounds::stopped());
            shown.for_each(|diagnostic| shell.terminal().print(&line(diagnostic, source)));
        }
        _ => {
            shell.show(source, &found);
        }
    }
    exit
}

fn lacking(shell: &Shell, source: &Source, mode: Mode, role: &str) -> Result<Vec<Diagnostic>, Halt> {
    let roles = shell.roles()?;
    let role = roles.find(role)?;
    let parsed = shell.engine().borrow().check(&source.text, mode).parsed;
    Ok(check::rights(&parsed.script, &source.text, mode, &shell.session().registry, role, &roles))
}

/// One diagnostic as a line for programs.
fn line(diagnostic: &Diagnostic, source: &Source) -> String {
    let (line, column) = line_and_column(&source.text, diagnostic.span.start as usize);
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let object = json!({
        "id": diagnostic.id,
        "stage": diagnostic.phase.name(),
        "severity": severity,
        "start": diagnostic.span.start,
        "end": diagnostic.span.end,
        "line": line,
        "column": column,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    });
    format!("{object}\n")
}
