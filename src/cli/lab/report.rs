//! What is said of a lab when it has started.

use super::ready::State;
use crate::access::Roles;
use crate::deployment::Deployment;
use crate::deployment::lab::Lab;
use crate::error::ErrorRecord;
use crate::people::Directory;
use crate::value::same_name;
use std::fmt::Write as _;

/// What kind of lab it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is gone at the end.
    Temporary,
    /// It was made just now.
    Made,
    /// It was there.
    There,
}

/// What its store holds, in a few lines. No server runs on it yet.
pub fn store(lab: &Lab, kind: Kind) -> Result<String, ErrorRecord> {
    let deployment = Deployment::open(&lab.host)?;
    let store = deployment.store();
    let topology = deployment.topology()?;
    let people = Directory::load(store)?;
    let roles = Roles::load(store)?;
    let custom = roles.listed().filter(|role| !role.standard).count();
    let predefined = roles.listed().count() - custom;
    let how = match kind {
        Kind::Temporary => "temporary: it is gone when you leave",
        Kind::Made => "made just now",
        Kind::There => "as it was",
    };
    let mut text = format!("The lab in {} ({how}).\n\n", lab.directory.display());
    let pools_of = |site: &str| -> Vec<String> {
        topology.pools().iter().filter(|pool| pool.site == site).map(|pool| pool.fqdn.clone()).collect()
    };
    for site in topology.sites() {
        line(&mut text, &site.name, &pools_of(&site.identity).join(", "));
    }
    let enabled = people.users().filter(|user| user.enabled == Some(true)).count();
    line(&mut text, "Computers", &topology.computers().count().to_string());
    line(&mut text, "Users", &format!("{} ({enabled} enabled)", people.users().count()));
    line(&mut text, "Roles", &format!("{predefined} predefined, {custom} custom"));
    line(&mut text, "Store", &format!("on {}, version {}", deployment.computer(), store.version()?));
    line(&mut text, "Try as", "--user admin, helpdesk, voice, viewer; without, you are the owner and administrator");
    Ok(text)
}

/// Who comes second is told so.
pub fn attached(lab: &Lab) -> String {
    format!("The lab in {}: its servers run already, and stay when you leave.\n", lab.directory.display())
}

/// How its servers are and how to reach each.
pub fn fleet(lab: &Lab, state: &State) -> Result<String, ErrorRecord> {
    let book = lab.addresses()?;
    let master = state.iter().find_map(|(_, health)| health.as_ref()?.replicas.as_ref());
    let mut rows = vec![["Computer", "Services", "Replica", "Address", "Process"].map(String::from)];
    for (computer, health) in state {
        let replica = master.and_then(|all| all.iter().find(|replica| same_name(&replica.fqdn, computer)));
        let replica = match replica {
            Some(replica) if replica.up_to_date => {
                format!("UpToDate, version {}", replica.version.unwrap_or_default())
            }
            Some(replica) => replica.reason.clone().unwrap_or_else(|| "not up to date".into()),
            None => "-".into(),
        };
        let services = health.as_ref().map(|health| health.services.join(", ")).filter(|services| !services.is_empty());
        rows.push([
            computer.clone(),
            services.unwrap_or_else(|| "-".into()),
            replica,
            book.get(computer).cloned().unwrap_or_default(),
            health.as_ref().map_or_else(|| "does not run".into(), |health| health.process.to_string()),
        ]);
    }
    let mut text = String::from("\n");
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    let hosts = lab.directory.join("hosts").join("COMPUTER");
    let shown = hosts.display();
    let _ = writeln!(text, "\nA server that has ended is started again with: reeve serve --dir {shown}");
    let _ = writeln!(text, "Its log is {shown}/serve.log");
    Ok(text)
}

/// Columns of a line, of which the narrowest terminals have fewer.
const COLUMNS: usize = 100;

/// A name with its value; what is too long goes on below, between the words of a list.
fn line(text: &mut String, name: &str, value: &str) {
    let mut row = format!("{name:<10}");
    for word in value.split_inclusive(", ") {
        if row.len() + 1 + word.trim_end().len() > COLUMNS && row.len() > 10 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", row.trim_end());
            row = " ".repeat(10);
        }
        if row.len() == 10 {
            row.push(' ');
        }
        row.push_str(word);
    }
    let _ = writeln!(text, "{}", row.trim_end());
}
