//! From a command of the registry to its help page.

use crate::cmdlet::registry::{Command, Registry};
use crate::help::Locale;
use crate::help::page::{Page, Source};
use crate::value::same_name;

/// The help page of a command.
pub(crate) fn of(command: &Command, registry: &Registry, locale: &Locale) -> Page {
    let name = command.name();
    let aliases: Vec<String> =
        registry.aliases().into_iter().filter(|(_, target)| same_name(target, &name)).map(|(alias, _)| alias).collect();
    let (examples, comment) = match command {
        Command::Native(native) => (native.entry.examples, None),
        Command::Function(function) => (&[][..], function.help.clone()),
        Command::Planned(_) => (&[][..], None),
    };
    let runs = !matches!(command, Command::Planned(_));
    Page::new(Source { spec: command.spec(), examples, aliases, runs, comment: comment.as_deref() }, locale)
}

/// What kind of command it is, as Get-Command prints it.
pub(super) fn kind(command: &Command) -> &'static str {
    match command {
        Command::Function(_) => "Function",
        Command::Native(_) | Command::Planned(_) => "Cmdlet",
    }
}
