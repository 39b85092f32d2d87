//! A page as text, as much of it as is asked for.

use super::labels::{self, Labels};
use super::page::Page;
use super::syntax;
use super::wrap::paragraphs;
use crate::cmdlet::spec::{ParameterSpec, ParameterType};
use crate::value::same_name;
use crate::value::wildcard::Wildcard;
use std::fmt::Write;

/// How much of a page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Name, synopsis, syntax, description.
    Brief,
    /// Descriptions of the parameters and examples too.
    Detailed,
    /// Everything.
    Full,
    /// Name, synopsis, examples.
    Examples,
}

fn heading(text: &mut String, heading: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(heading);
    text.push('\n');
}

/// The text of a page in lines of a width.
pub fn render(page: &Page, view: View, width: usize) -> String {
    let labels = labels::of(&page.locale);
    let mut text = String::new();
    let section = |text: &mut String, title: &str, body: &str| {
        if !body.is_empty() {
            heading(text, title);
            paragraphs(text, body, 4, width);
        }
    };
    section(&mut text, labels.name, &page.spec.name);
    section(&mut text, labels.synopsis, &page.synopsis);
    if view != View::Examples {
        heading(&mut text, labels.syntax);
        for line in syntax::lines(&page.spec) {
            paragraphs(&mut text, &line, 4, width);
            text.push('\n');
        }
        text.pop();
        section(&mut text, labels.description, &page.description);
        if !page.runs && view != View::Brief {
            section(&mut text, labels.remarks, labels.not_built);
        }
        section(&mut text, labels.aliases, &page.aliases.join(", "));
    }
    if matches!(view, View::Detailed | View::Full) {
        heading(&mut text, labels.parameters);
        for parameter in &page.parameters {
            one(&mut text, page, &parameter.name, view == View::Full, width);
            text.push('\n');
        }
        let _ = writeln!(text, "    <CommonParameters>");
        paragraphs(&mut text, labels.common, 8, width);
    }
    if view == View::Full {
        section(&mut text, labels.inputs, &inputs(page, labels));
    }
    if view != View::Brief {
        examples(&mut text, page, labels, width);
    }
    if view == View::Full {
        section(&mut text, labels.notes, &page.notes);
    }
    if matches!(view, View::Brief | View::Full) && !page.related.is_empty() {
        heading(&mut text, labels.related);
        for name in &page.related {
            let _ = writeln!(text, "    {name}");
        }
    }
    if view == View::Brief {
        let more = labels.more.replace("{}", &page.spec.name);
        let remarks = if page.runs { more } else { format!("{}\n\n{more}", labels.not_built) };
        section(&mut text, labels.remarks, &remarks);
    }
    text
}

/// A topic that is no cmdlet, in lines of a width.
pub fn topic(text: &str, width: usize) -> String {
    let mut plain = String::new();
    paragraphs(&mut plain, text, 0, width);
    plain
}

/// The parameters that a name or pattern fits, as text; `None` where it fits none.
pub fn parameters(page: &Page, pattern: &str, width: usize) -> Option<String> {
    let wildcard = Wildcard::new(pattern).ok()?;
    let mut text = String::new();
    for parameter in &page.parameters {
        let aliases = page.spec.parameters.iter().find(|spec| same_name(&spec.name, &parameter.name));
        let by_alias = aliases.is_some_and(|spec| spec.aliases.iter().any(|alias| wildcard.matches(alias)));
        if wildcard.matches(&parameter.name) || by_alias {
            if !text.is_empty() {
                text.push('\n');
            }
            one(&mut text, page, &parameter.name, true, width);
        }
    }
    (!text.is_empty()).then_some(text)
}

/// One parameter: its type, what it is for, and with `full` its attributes.
fn one(text: &mut String, page: &Page, name: &str, full: bool, width: usize) {
    let labels = labels::of(&page.locale);
    let spec = page.spec.parameters.iter().find(|spec| same_name(&spec.name, name));
    let help = page.parameters.iter().find(|help| same_name(&help.name, name)).map_or("", |help| &help.text);
    // Writing to a string cannot fail.
    let _ = match spec.filter(|spec| spec.kind != ParameterType::Switch) {
        Some(spec) => writeln!(text, "    -{name} <{}>", syntax::short(&spec.doc_type)),
        None => writeln!(text, "    -{name}"),
    };
    if !help.is_empty() {
        paragraphs(text, help, 8, width);
    }
    let Some(spec) = spec else { return };
    let choices = syntax::choices(spec);
    if !choices.is_empty() {
        paragraphs(text, &format!("{}: {}", labels.values, choices.join(", ")), 8, width);
    }
    if spec.ours {
        paragraphs(text, labels.ours, 8, width);
    }
    if !full {
        return;
    }
    text.push('\n');
    let yes = |is: bool| if is { labels.yes } else { labels.no };
    let mandatory = spec.sets.iter().any(|role| role.mandatory);
    let position = spec.sets.iter().find_map(|role| role.position);
    let rows = [
        (labels.required, yes(mandatory).to_string()),
        (labels.position, position.map_or_else(|| labels.named.to_string(), |position| position.to_string())),
        (labels.pipeline, pipeline(spec, labels)),
        (labels.aliases, spec.aliases.join(", ")),
    ];
    for (label, value) in rows {
        if !value.is_empty() {
            let gap = 30usize.saturating_sub(unicode_width::UnicodeWidthStr::width(label)).max(1);
            let _ = writeln!(text, "        {label}{}{value}", " ".repeat(gap));
        }
    }
}

fn pipeline(spec: &ParameterSpec, labels: &Labels) -> String {
    let by_value = spec.sets.iter().any(|role| role.by_value);
    let by_property = spec.sets.iter().any(|role| role.by_property_name);
    let ways: Vec<&str> = [(by_value, labels.by_value), (by_property, labels.by_property)]
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, way)| way)
        .collect();
    if ways.is_empty() { labels.no.into() } else { format!("{} ({})", labels.yes, ways.join(", ")) }
}

fn inputs(page: &Page, labels: &Labels) -> String {
    let taking: Vec<String> = page
        .spec
        .parameters
        .iter()
        .filter(|spec| spec.sets.iter().any(|role| role.by_value || role.by_property_name))
        .map(|spec| format!("- -{} <{}>: {}", spec.name, syntax::short(&spec.doc_type), pipeline(spec, labels)))
        .collect();
    if taking.is_empty() { labels.none.into() } else { taking.join("\n") }
}

fn examples(text: &mut String, page: &Page, labels: &Labels, width: usize) {
    if page.examples.is_empty() {
        return;
    }
    heading(text, labels.examples);
    for (at, example) in page.examples.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "    -------- {} {} --------", labels.example, at + 1);
        paragraphs(text, &example.what, 4, width);
        text.push('\n');
        for line in example.run.lines() {
            let _ = writeln!(text, "    PS> {line}");
        }
    }
}
