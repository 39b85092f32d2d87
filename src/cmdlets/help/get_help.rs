//! Get-Help: what a cmdlet is for and how it is used; texts about the language.

use super::pages;
use crate::cmdlet::registry::Registry;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::{string, texts, warn_of};
use crate::error::{Category, ErrorRecord, Halt};
use crate::help::{Locale, Page, View, render, syntax, texts as library};
use crate::value::wildcard::{Wildcard, has_wildcard};
use crate::value::{Record, RecordType, Str, TextForm, Value, near};

/// Get-Help.
#[derive(Default)]
pub struct GetHelp;

impl ObjectCmdlet for GetHelp {
    const NAME: &'static str = "Get-Help";
    const ALIASES: &'static [&'static str] = &["help", "man"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "What a cmdlet is for", run: "Get-Help Invoke-CsBackupServiceSync" },
        Example { what: "One parameter", run: "Get-Help Get-CsUser -Parameter Filter" },
        Example {
            what: "In Italian, with the examples",
            run: "Get-Help Invoke-CsBackupServiceSync -Examples -Locale it",
        },
        Example { what: "What there is about a word", run: "Get-Help *Voice*" },
        Example { what: "How this language differs from PowerShell", run: "Get-Help about_PowerShell" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["AllUsersView", "DetailedView", "Examples", "Parameters", "Online", "ShowWindow"])
            .parameter("Name", ParameterType::String)
            .at(0)
            .by_property()
            .parameter("Category", many(ParameterType::String))
            .switch("Full")
            .only(&["AllUsersView"])
            .switch("Detailed")
            .mandatory()
            .only(&["DetailedView"])
            .switch("Examples")
            .mandatory()
            .only(&["Examples"])
            .parameter("Parameter", many(ParameterType::String))
            .mandatory()
            .only(&["Parameters"])
            .switch("Online")
            .mandatory()
            .only(&["Online"])
            .switch("ShowWindow")
            .mandatory()
            .only(&["ShowWindow"])
            .parameter("Locale", ParameterType::String)
            .aliases(&["Culture", "UICulture"])
            .ours()
            .build()
    }
}

/// The topic where no name is given.
const FIRST_TOPIC: &str = "about_Reeve";

/// The language: the one asked for, or the environment's.
fn locale(bound: &Bound) -> Locale {
    match string(bound, "Locale") {
        Some(name) => Locale::new(&name),
        None => Locale::from_environment(|name| std::env::var(name).ok()),
    }
}

impl Run for GetHelp {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let registry = &cx.session.registry;
        warn_of(&["Online", "ShowWindow"], bound, cx);
        let locale = locale(bound);
        let name = string(bound, "Name").unwrap_or_else(|| FIRST_TOPIC.into());
        if !has_wildcard(&name) || registry.lookup(&name).is_some() {
            if let Some(command) = registry.lookup(&name) {
                let page = pages::of(&command, registry, &locale);
                let record = self.page(&page, pages::kind(&command), bound, cx)?;
                return record.map_or(Ok(()), |record| cx.output(record));
            }
            if let Some(text) = topic(&name, &locale) {
                return cx.output(about(text, cx.session.host.width()));
            }
        }
        let found = listed(&name, registry, &locale)?;
        match found.as_slice() {
            [] => {
                let error = not_found(&name, registry);
                cx.error(error)
            }
            _ => found.into_iter().try_for_each(|record| cx.output(record)),
        }
    }
}

impl GetHelp {
    /// The object for one page; `None` where an error was written.
    fn page(&self, page: &Page, kind: &str, bound: &Bound, cx: &mut Context) -> Result<Option<Record>, Halt> {
        let width = cx.session.host.width();
        let mut text = String::new();
        let wanted = texts(bound.get("Parameter"));
        for pattern in &wanted {
            match render::parameters(page, pattern, width) {
                Some(found) => text.push_str(&found),
                None => {
                    let names = page.parameters.iter().map(|parameter| &*parameter.name);
                    let mut error = ErrorRecord::new(
                        "NoParmsFound",
                        Category::ObjectNotFound,
                        format!("{} has no parameter {pattern}.", page.spec.name),
                    );
                    if let Some(near) = near::nearest(pattern, names) {
                        error = error.hint(format!("Did you mean {near}?"));
                    }
                    cx.error(error.target(pattern.clone()))?;
                }
            }
        }
        if !wanted.is_empty() && text.is_empty() {
            return Ok(None);
        }
        let view = if bound.switch("Full") {
            View::Full
        } else if bound.switch("Detailed") {
            View::Detailed
        } else if bound.switch("Examples") {
            View::Examples
        } else {
            View::Brief
        };
        if wanted.is_empty() {
            text = render(page, view, width);
        }
        let parameters: Vec<Value> = page
            .parameters
            .iter()
            .map(|parameter| {
                Record::custom([("Name", Value::str(&*parameter.name)), ("Description", Value::str(&*parameter.text))])
                    .into()
            })
            .collect();
        let examples: Vec<Value> = page
            .examples
            .iter()
            .map(|example| {
                Record::custom([("Title", Value::str(&*example.what)), ("Code", Value::str(&*example.run))]).into()
            })
            .collect();
        let list = |texts: &[String]| Value::list(texts.iter().map(|text| Value::str(&**text)).collect());
        Ok(Some(help_record([
            ("Name", Value::Str(page.spec.name.clone())),
            ("Category", Value::str(kind)),
            ("Synopsis", Value::str(&*page.synopsis)),
            ("Syntax", list(&syntax::lines(&page.spec))),
            ("Description", Value::str(&*page.description)),
            ("Parameters", Value::list(parameters)),
            ("Examples", Value::list(examples)),
            ("Aliases", list(&page.aliases)),
            ("RelatedLinks", list(&page.related)),
            ("Text", Value::str(text)),
        ])))
    }
}

fn help_record<const N: usize>(fields: [(&'static str, Value); N]) -> Record {
    Record::new(RecordType::new("HelpInfo", TextForm::Property("Text")), fields)
}

/// The object for a topic that is no cmdlet.
fn about(text: &str, width: usize) -> Record {
    help_record([
        ("Name", Value::str(library::title(text))),
        ("Category", Value::str("HelpFile")),
        ("Synopsis", Value::str(library::first_paragraph(text))),
        ("Text", Value::str(render::topic(text, width))),
    ])
}

/// The text of a topic, with or without its `about_`.
fn topic(name: &str, locale: &Locale) -> Option<&'static str> {
    let name = name.to_lowercase();
    let full = if name.starts_with("about_") { name } else { format!("about_{name}") };
    library::source(locale, &full)
}

/// A line for each command and topic that a pattern, or a part of a name, fits.
fn listed(name: &str, registry: &Registry, locale: &Locale) -> Result<Vec<Record>, ErrorRecord> {
    let pattern = if has_wildcard(name) { name.to_string() } else { format!("*{name}*") };
    let wildcard = Wildcard::new(&pattern)?;
    let kind = RecordType::new("HelpInfoShort", TextForm::Property("Name"));
    let row = |name: Str, category: &str, synopsis: String| {
        Record::new(
            kind.clone(),
            [("Name", Value::Str(name)), ("Category", Value::str(category)), ("Synopsis", Value::str(synopsis))],
        )
    };
    let mut rows = Vec::new();
    for name in registry.names().into_iter().filter(|name| wildcard.matches(name)) {
        if let Some(command) = registry.command(&name) {
            let page = pages::of(&command, registry, locale);
            rows.push(row(name, pages::kind(&command), page.synopsis));
        }
    }
    for name in library::topics().into_iter().filter(|name| wildcard.matches(name)) {
        if let Some(text) = library::source(locale, name) {
            rows.push(row(library::title(text).into(), "HelpFile", library::first_paragraph(text)));
        }
    }
    Ok(rows)
}

fn not_found(name: &str, registry: &Registry) -> ErrorRecord {
    let error = ErrorRecord::new("HelpNotFound", Category::ObjectNotFound, format!("There is no help on {name}."));
    let topics = library::topics();
    let near = registry
        .near(name)
        .or_else(|| near::nearest(name, topics.iter().copied()).map(String::from))
        .or_else(|| near::nearest(&format!("about_{name}"), topics.iter().copied()).map(String::from));
    let error = match near {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error.hint("Get-Help *WORD* lists what has a word in its name; Get-Help about_* lists the topics."),
    };
    error.target(name)
}
