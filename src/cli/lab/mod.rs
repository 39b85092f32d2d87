//! `reeve lab`: a deployment with a server for every computer, to look around and try things out.

mod end;
mod fleet;
mod probe;
mod ready;
mod report;

use super::arguments::{Common, Output};
use super::exit::Exit;
use super::run;
use super::session::Options;
use super::terminal::Terminal;
use crate::cmdlet::{Host, Message};
use crate::deployment::lab::{Lab, create_of, temporary_place};
use crate::error::ErrorRecord;
use end::Undo;
use fleet::Fleet;
use report::Kind;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// The question that the lab answers where nobody is there to ask one.
const ROLE_QUERY: &str = r#"Get-CsAdminRole | Where-Object {$_.Cmdlets -match "Invoke-CsBackupServiceSync"} | Format-Table Identity, IsStandardRole, ConfigScopes, UserScopes"#;

/// What was asked for.
pub struct What {
    /// A text to run.
    pub text: Option<String>,
    /// A script to run.
    pub file: Option<PathBuf>,
    /// The topology to make it of.
    pub topology: Option<PathBuf>,
    /// Without servers.
    pub embedded: bool,
}

/// Makes or opens the lab, starts its servers, and runs the text, the file, or the shell on it.
pub fn run(common: &Common, what: &What) -> Exit {
    let options = Options::from(common);
    let terminal = Terminal::new(&options);
    let undo: Arc<Undo> = Arc::default();
    let exit = match prepare(common, what, &undo) {
        Ok((lab, text)) => {
            undo.started.store(true, Ordering::Relaxed);
            work(common, what, &terminal, &lab, &text)
        }
        Err(error) => {
            let exit = Exit::of_error(&error);
            terminal.message(Message::Error(error));
            exit
        }
    };
    undo.undo();
    exit
}

/// The lab, made and started, and what is to be said of it.
fn prepare(common: &Common, what: &What, undo: &Arc<Undo>) -> Result<(Lab, String), ErrorRecord> {
    if let Err(error) = end::on_signal(undo.clone()) {
        tracing::warn!(%error, "signals keep their default action");
    }
    let topology = what.topology.as_deref().map(super::init::read_topology).transpose()?;
    let lab = match &common.dir {
        Some(directory) => create_of(directory, topology)?,
        None => {
            let place = temporary_place();
            *undo.temporary.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.clone());
            let lab = create_of(&place, topology)?;
            *undo.kept.lock().unwrap_or_else(PoisonError::into_inner) = lab.keep()?;
            lab
        }
    };
    let quiet = what.text.is_some() || what.file.is_some();
    let kind = if common.dir.is_none() {
        Kind::Temporary
    } else if lab.made {
        Kind::Made
    } else {
        Kind::There
    };
    if what.embedded {
        let text = if quiet { String::new() } else { report::store(&lab, kind)? };
        return Ok((lab, text));
    }
    // Whoever comes second finds the servers that run.
    let Some(running) = lab.run()? else {
        let state = ready::wait(&lab, &undo.fleet)?;
        let text =
            if quiet { String::new() } else { format!("{}{}", report::attached(&lab), report::fleet(&lab, &state)?) };
        return Ok((lab, text));
    };
    // Before the servers hold the directories.
    let mut text = if quiet { String::new() } else { report::store(&lab, kind)? };
    let fleet = Fleet::start(&lab, running)?;
    *undo.fleet.lock().unwrap_or_else(PoisonError::into_inner) = Some(fleet);
    let state = ready::wait(&lab, &undo.fleet)?;
    if !quiet {
        text.push_str(&report::fleet(&lab, &state)?);
    }
    Ok((lab, text))
}

/// Runs what was asked for on the lab.
fn work(common: &Common, what: &What, terminal: &Terminal, lab: &Lab, text: &str) -> Exit {
    let for_programs = matches!(common.output, Output::Json | Output::Csv);
    // Where a program reads the objects it must meet nothing else.
    if for_programs && !text.is_empty() {
        terminal.say(text.trim_end());
    } else {
        terminal.print(text);
    }
    terminal.flush();
    let common = Common { dir: Some(lab.directory.clone()), ..common.clone() };
    match (&what.text, &what.file) {
        (Some(text), _) => run::text(&common, "-c", text.clone()),
        (None, Some(file)) => run::file(&common, false, &[file.as_os_str().to_owned()]),
        (None, None) if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            super::interactive(&common)
        }
        (None, None) if for_programs => {
            // Objects, not the layout of a table.
            run::text(&common, "lab", ROLE_QUERY.replace("Format-Table", "Select-Object"))
        }
        (None, None) => {
            terminal.print(&format!("\n> {ROLE_QUERY}\n"));
            terminal.flush();
            run::text(&common, "lab", ROLE_QUERY.to_string())
        }
    }
}
