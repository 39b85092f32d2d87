//! Get-Alias: short names for commands.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::{Wildcard, has_wildcard};
use crate::value::{Record, RecordType, Str, TextForm, Value, near};

/// Get-Alias.
#[derive(Default)]
pub struct GetAlias;

impl ObjectCmdlet for GetAlias {
    const NAME: &'static str = "Get-Alias";
    const ALIASES: &'static [&'static str] = &["gal"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "What an alias stands for", run: "Get-Alias ft" },
        Example { what: "The aliases of a cmdlet", run: "Get-Alias -Definition Where-Object" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Default", "Definition"])
            .parameter("Name", many(ParameterType::String))
            .at(0)
            .by_value()
            .by_property()
            .only(&["Default"])
            .parameter("Exclude", many(ParameterType::String))
            .parameter("Scope", ParameterType::String)
            .parameter("Definition", many(ParameterType::String))
            .only(&["Definition"])
            .build()
    }
}

pub(super) fn record(alias: &str, target: &str) -> Record {
    Record::new(
        RecordType::new("System.Management.Automation.AliasInfo", TextForm::Property("Name")),
        [
            ("CommandType", Value::str("Alias")),
            ("Name", Value::str(alias)),
            ("DisplayName", Value::str(format!("{alias} -> {target}"))),
            ("Definition", Value::str(target)),
            ("ResolvedCommandName", Value::str(target)),
        ],
    )
}

fn missing(text: &str, by_definition: bool, aliases: &[(String, String)]) -> ErrorRecord {
    let what = if by_definition { "no alias for" } else { "no alias" };
    let error = ErrorRecord::new("ItemNotFoundException", Category::ObjectNotFound, format!("There is {what} {text}."));
    let names = aliases.iter().map(|(alias, target)| if by_definition { &**target } else { &**alias });
    let error = match near::nearest(text, names) {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error,
    };
    error.target(text)
}

impl Run for GetAlias {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let aliases = cx.session.registry.aliases();
        let by_definition = bound.get("Definition").is_some();
        let mut patterns = texts(bound.get("Definition").or(bound.get("Name")));
        if patterns.is_empty() {
            patterns.push(Str::from("*"));
        }
        let exclude: Result<Vec<Wildcard>, ErrorRecord> =
            texts(bound.get("Exclude")).iter().map(|text| Wildcard::new(text)).collect();
        let exclude = exclude?;
        for pattern in patterns {
            let wildcard = Wildcard::new(&pattern)?;
            let mut any = false;
            for (alias, target) in &aliases {
                let against = if by_definition { target } else { alias };
                // `?` is an alias, and a pattern too.
                let fits = wildcard.matches(against) || **against == *pattern;
                let only = &*pattern != "?" || against == "?";
                if fits && only && !exclude.iter().any(|pattern| pattern.matches(alias)) {
                    any = true;
                    cx.output(record(alias, target))?;
                }
            }
            if !any && !has_wildcard(&pattern) {
                cx.error(missing(&pattern, by_definition, &aliases))?;
            }
        }
        Ok(())
    }
}
