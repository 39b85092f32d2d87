//! `reeve lab`: the sample deployment with its data, to look around and try things out.

use super::arguments::{Common, Output};
use super::exit::Exit;
use super::run;
use super::session::Options;
use super::terminal::Terminal;
use crate::access::Roles;
use crate::cmdlet::{Host, Message};
use crate::deployment::lab::Lab;
use crate::deployment::{self, Deployment};
use crate::error::ErrorRecord;
use crate::people::Directory;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;

/// The question that the lab answers where nobody is there to ask one.
const ROLE_QUERY: &str = r#"Get-CsAdminRole | Where-Object {$_.Cmdlets -match "Invoke-CsBackupServiceSync"} | Format-Table Identity, IsStandardRole, ConfigScopes, UserScopes"#;

/// Makes or opens the lab, and runs the text, the file, or the shell on it.
pub fn run(common: &Common, text: Option<String>, file: Option<&Path>) -> Exit {
    let options = Options::from(common);
    let terminal = Terminal::new(&options);
    let failed = |error: ErrorRecord| {
        let exit = Exit::of_error(&error);
        terminal.message(Message::Error(error));
        exit
    };
    // A temporary lab lives as long as this value.
    let mut temporary = None;
    let lab = match &common.dir {
        Some(directory) => deployment::lab::create(directory),
        None => deployment::lab::Temporary::new().map(|new| temporary.insert(new).lab().clone()),
    };
    let lab = match lab {
        Ok(lab) => lab,
        Err(error) => return failed(error),
    };
    let for_programs = matches!(options.output, Output::Json | Output::Csv);
    let quiet = text.is_some() || file.is_some();
    if !quiet {
        match status(&lab, temporary.is_some()) {
            // Where a program reads the objects it must meet nothing else.
            Ok(status) if for_programs => terminal.say(status.trim_end()),
            Ok(status) => terminal.print(&status),
            Err(error) => return failed(error),
        }
        terminal.flush();
    }
    let common = Common { dir: Some(lab.directory.clone()), ..common.clone() };
    match (text, file) {
        (Some(text), _) => run::text(&common, "-c", text),
        (None, Some(file)) => run::file(&common, false, &[file.as_os_str().to_owned()]),
        (None, None) if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            super::interactive(&Options::from(&common))
        }
        (None, None) => {
            if for_programs {
                // Objects, not the layout of a table.
                let objects = ROLE_QUERY.replace("Format-Table", "Select-Object");
                return run::text(&common, "lab", objects);
            }
            terminal.print(&format!("\n> {ROLE_QUERY}\n"));
            terminal.flush();
            run::text(&common, "lab", ROLE_QUERY.to_string())
        }
    }
}

/// What the lab holds, in a few lines.
fn status(lab: &Lab, temporary: bool) -> Result<String, ErrorRecord> {
    let deployment = Deployment::open(&lab.host)?;
    let store = deployment.store();
    let topology = deployment.topology()?;
    let people = Directory::load(store)?;
    let roles = Roles::load(store)?;
    let custom = roles.listed().filter(|role| !role.standard).count();
    let predefined = roles.listed().count() - custom;
    let how = match (temporary, lab.made) {
        (true, _) => "temporary: it is gone when you leave",
        (false, true) => "made just now",
        (false, false) => "as it was",
    };
    let mut text = format!("The lab in {} ({how}).\n\n", lab.directory.display());
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name:<10} {value}");
    };
    let pools_of = |site: &str| -> Vec<String> {
        topology.pools().iter().filter(|pool| pool.site == site).map(|pool| pool.fqdn.clone()).collect()
    };
    for site in topology.sites() {
        line(&site.name, pools_of(&site.identity).join(", "));
    }
    let enabled = people.users().filter(|user| user.enabled == Some(true)).count();
    line("Computers", topology.computers().count().to_string());
    line("Users", format!("{} ({enabled} enabled)", people.users().count()));
    line("Roles", format!("{predefined} predefined, {custom} custom"));
    line("Store", format!("on {}, version {}", deployment.computer(), store.version()?));
    line("Try as", "--user admin, helpdesk, voice, viewer; without, you are the owner and administrator".into());
    Ok(text)
}
