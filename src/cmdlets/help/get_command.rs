//! Get-Command: which commands there are.

use super::{metadata, pages};
use crate::cmdlet::registry::{Command, Registry};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, int, many};
use crate::cmdlets::object::{count, texts};
use crate::cmdlets::utility::get_module;
use crate::error::Halt;
use crate::help::syntax;
use crate::value::wildcard::{Wildcard, has_wildcard};
use crate::value::{Record, RecordType, Str, TextForm, Value, same_name};

/// Get-Command.
#[derive(Default)]
pub struct GetCommand;

impl ObjectCmdlet for GetCommand {
    const NAME: &'static str = "Get-Command";
    const ALIASES: &'static [&'static str] = &["gcm"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Everything with a word in its name", run: "Get-Command *AdminRole*" },
        Example { what: "How a cmdlet is written", run: "Get-Command Get-CsUser -Syntax" },
        Example { what: "What reads policies", run: "Get-Command -Verb Get -Noun *Policy" },
        Example { what: "What came with the product", run: "Get-Command -Module SkypeForBusiness -Noun CsPool*" },
        Example { what: "Those too that cannot run here yet", run: "Get-Command *Failover* -All" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["CmdletSet", "AllCommandSet"])
            .parameter("Name", many(ParameterType::String))
            .at(0)
            .by_value()
            .by_property()
            .only(&["AllCommandSet"])
            .parameter("Verb", many(ParameterType::String))
            .by_property()
            .only(&["CmdletSet"])
            .parameter("Noun", many(ParameterType::String))
            .by_property()
            .only(&["CmdletSet"])
            .parameter("Module", many(ParameterType::String))
            .aliases(&["PSSnapin"])
            .by_property()
            .parameter("CommandType", many(choice("CommandTypes", &["Alias", "Function", "Cmdlet", "All"])))
            .aliases(&["Type"])
            .only(&["AllCommandSet"])
            .parameter("ParameterName", many(ParameterType::String))
            .parameter("TotalCount", int())
            .switch("Syntax")
            .switch("All")
            .build()
    }
}

/// One command that is found: itself, or an alias for it.
struct Found {
    name: Str,
    kind: &'static str,
    command: Command,
}

fn record(found: &Found) -> Record {
    let spec = found.command.spec();
    let name = if found.kind == "Alias" { found.command.name() } else { found.name.clone() };
    let (verb, noun) = name.split_once('-').unwrap_or(("", &name));
    let status = if matches!(found.command, Command::Planned(_)) { "NotBuilt" } else { "Runs" };
    let definition = match &found.command {
        _ if found.kind == "Alias" => name.to_string(),
        // A function's text, which stands for its block too: it is run by its name.
        Command::Function(function) => function.text.to_string(),
        _ => syntax::lines(&spec).join("\n"),
    };
    let block = match &found.command {
        Command::Function(function) if found.kind != "Alias" => {
            Some(("ScriptBlock", Value::Str(function.text.clone())))
        }
        _ => None,
    };
    Record::new(
        RecordType::new("System.Management.Automation.CommandInfo", TextForm::Property("Name")),
        [
            ("CommandType", Value::str(found.kind)),
            ("Name", Value::Str(found.name.clone())),
            ("Status", Value::str(status)),
            ("Verb", Value::str(verb)),
            ("Noun", Value::str(noun)),
            ("DefaultParameterSet", spec.default_set.clone().into()),
            ("Parameters", metadata::parameters(&spec)),
            ("Definition", Value::str(definition)),
            ("Source", Value::str(modules(found).first().copied().unwrap_or_default())),
        ]
        .into_iter()
        .chain(block),
    )
}

/// The modules that a command counts as one of; a script's function is of none.
fn modules(found: &Found) -> &'static [&'static str] {
    if matches!(found.command, Command::Function(_)) { &[] } else { get_module::of_cmdlet(&found.command.name()) }
}

struct Wanted {
    modules: Vec<Wildcard>,
    verbs: Vec<Wildcard>,
    nouns: Vec<Wildcard>,
    parameters: Vec<Wildcard>,
    kinds: Vec<Str>,
    all: bool,
}

fn wildcards(value: Option<&Value>) -> Result<Vec<Wildcard>, Halt> {
    texts(value).iter().map(|text| Wildcard::new(text).map_err(Halt::from)).collect()
}

impl Wanted {
    fn takes(&self, found: &Found, named: bool) -> bool {
        let fits = |patterns: &[Wildcard], text: &str| patterns.is_empty() || patterns.iter().any(|p| p.matches(text));
        let (verb, noun) = found.name.split_once('-').unwrap_or(("", &found.name));
        let kind = self.kinds.is_empty() || self.kinds.iter().any(|k| same_name(k, found.kind) || same_name(k, "All"));
        let built = self.all || named || !matches!(found.command, Command::Planned(_));
        let parameter = self.parameters.is_empty() || {
            let spec = found.command.spec();
            spec.parameters
                .iter()
                .any(|p| fits(&self.parameters, &p.name) || p.aliases.iter().any(|a| fits(&self.parameters, a)))
        };
        let module = self.modules.is_empty() || modules(found).iter().any(|module| fits(&self.modules, module));
        kind && built && module && fits(&self.verbs, verb) && fits(&self.nouns, noun) && parameter
    }
}

/// The commands that a name or pattern fits. Aliases are found by name, or where they are asked for.
fn search(pattern: &str, registry: &Registry, wanted: &Wanted) -> Result<Vec<Found>, Halt> {
    let wildcard = Wildcard::new(pattern)?;
    let aliases =
        !has_wildcard(pattern) || wanted.kinds.iter().any(|kind| same_name(kind, "Alias") || same_name(kind, "All"));
    let mut found = Vec::new();
    if aliases {
        for (alias, target) in
            registry.aliases().into_iter().filter(|(alias, _)| wildcard.matches(alias) || same_name(alias, pattern))
        {
            if let Some(command) = registry.command(&target) {
                found.push(Found { name: alias.into(), kind: "Alias", command });
            }
        }
    }
    for name in registry.names().into_iter().filter(|name| wildcard.matches(name)) {
        if let Some(command) = registry.command(&name) {
            found.push(Found { name, kind: pages::kind(&command), command });
        }
    }
    Ok(found)
}

impl Run for GetCommand {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let registry = &cx.session.registry;
        let wanted = Wanted {
            modules: wildcards(bound.get("Module"))?,
            verbs: wildcards(bound.get("Verb"))?,
            nouns: wildcards(bound.get("Noun"))?,
            parameters: wildcards(bound.get("ParameterName"))?,
            kinds: texts(bound.get("CommandType")),
            all: bound.switch("All"),
        };
        let mut names = texts(bound.get("Name"));
        if names.is_empty() {
            names.push("*".into());
        }
        let mut left = count(bound, "TotalCount").unwrap_or(usize::MAX);
        for pattern in names {
            let named = !has_wildcard(&pattern) || registry.alias(&pattern).is_some();
            let found: Vec<Found> =
                search(&pattern, registry, &wanted)?.into_iter().filter(|found| wanted.takes(found, named)).collect();
            if found.is_empty() && named {
                cx.error(registry.not_found(&pattern))?;
            }
            for found in found {
                if left == 0 {
                    return Ok(());
                }
                left -= 1;
                if bound.switch("Syntax") && found.kind != "Alias" {
                    cx.output(syntax::lines(&found.command.spec()).join("\n"))?;
                } else if bound.switch("Syntax") {
                    cx.output(format!("{} (alias) -> {}", found.name, found.command.name()))?;
                } else {
                    cx.output(record(&found))?;
                }
            }
        }
        Ok(())
    }
}
