//! A help page: what is known of one cmdlet in one language.

use super::texts::{self, Sample, Text};
use super::{Locale, labels};
use crate::cmdlet::Example;
use crate::cmdlet::spec::CmdletSpec;
use crate::value::same_name;
use std::sync::Arc;

/// What a page says of a parameter beside its signature.
#[derive(Clone, Debug)]
pub struct ParameterHelp {
    /// Its name.
    pub name: String,
    /// What it is for; empty where nobody wrote anything.
    pub text: String,
}

/// Everything about one cmdlet.
#[derive(Clone, Debug)]
pub struct Page {
    /// The signature.
    pub spec: Arc<CmdletSpec>,
    /// The language.
    pub locale: Locale,
    /// One or two sentences.
    pub synopsis: String,
    /// Paragraphs.
    pub description: String,
    /// A description for every parameter.
    pub parameters: Vec<ParameterHelp>,
    /// Examples.
    pub examples: Vec<Sample>,
    /// What else there is to know.
    pub notes: String,
    /// Names of related topics.
    pub related: Vec<String>,
    /// Aliases.
    pub aliases: Vec<String>,
    /// Whether it runs here.
    pub runs: bool,
}

/// What a page is made of beside the texts.
pub struct Source<'a> {
    /// The signature.
    pub spec: Arc<CmdletSpec>,
    /// The examples that the cmdlet itself brings.
    pub examples: &'a [Example],
    /// Aliases.
    pub aliases: Vec<String>,
    /// Whether it runs here.
    pub runs: bool,
    /// The comment-based help of a function.
    pub comment: Option<&'a str>,
}

impl Page {
    /// The page of a cmdlet. What a language lacks is taken from English, what nobody wrote from texts that many
    /// cmdlets share.
    pub fn new(source: Source, locale: &Locale) -> Page {
        let name = source.spec.name.to_string();
        let found: Vec<Text> = locale.and_fallback().filter_map(|language| texts::find(language, &name)).collect();
        let shared: Vec<Text> =
            locale.and_fallback().filter_map(|language| texts::find(language, "_parameters")).collect();
        let comment = source.comment.map(super::page::comment).unwrap_or_default();
        let first = |pick: fn(&Text) -> &String| {
            std::iter::once(&comment).chain(&found).map(pick).find(|text| !text.is_empty()).cloned().unwrap_or_default()
        };
        let mut synopsis = first(|text| &text.synopsis);
        if synopsis.is_empty() {
            synopsis = guess(&name);
        }
        let describe = |parameter: &str| {
            std::iter::once(&comment)
                .chain(&found)
                .chain(&shared)
                .flat_map(|text| &text.parameters)
                .find(|(name, text)| same_name(name, parameter) && !text.is_empty())
                .map(|(_, text)| text.clone())
                .unwrap_or_default()
        };
        let labels = labels::of(locale);
        let mut parameters: Vec<ParameterHelp> = source
            .spec
            .parameters
            .iter()
            .map(|parameter| ParameterHelp { name: parameter.name.to_string(), text: describe(&parameter.name) })
            .collect();
        if source.spec.should_process {
            for (name, text) in [("WhatIf", labels.what_if), ("Confirm", labels.confirm)] {
                if !parameters.iter().any(|known| same_name(&known.name, name)) {
                    parameters.push(ParameterHelp { name: name.into(), text: text.into() });
                }
            }
        }
        let written = std::iter::once(&comment).chain(&found).map(|text| &text.examples).find(|list| !list.is_empty());
        let examples = match written {
            Some(list) => list.clone(),
            None => source.examples.iter().map(|e| Sample { what: e.what.into(), run: e.run.into() }).collect(),
        };
        let related = std::iter::once(&comment).chain(&found).map(|text| &text.related).find(|list| !list.is_empty());
        Page {
            locale: locale.clone(),
            synopsis,
            description: first(|text| &text.description),
            parameters,
            examples,
            notes: first(|text| &text.notes),
            related: related.cloned().unwrap_or_default(),
            aliases: source.aliases,
            runs: source.runs,
            spec: source.spec,
        }
    }
}

/// What a name says by itself: `Get-CsVoicePolicy` shows voice policies.
fn guess(name: &str) -> String {
    let Some((verb, noun)) = name.split_once('-') else { return String::new() };
    let noun = noun.strip_prefix("Cs").unwrap_or(noun);
    let mut words = String::new();
    let letters: Vec<char> = noun.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && letters.get(at - 1).is_some_and(|before| before.is_lowercase());
        let before_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if at > 0 && letter.is_uppercase() && (after_small || before_small) {
            words.push(' ');
        }
        // `UM` in ExUMVoiceMail stays as it is.
        let in_capitals = letters.get(at + 1).is_some_and(|next| next.is_uppercase());
        if before_small || (after_small && !in_capitals) {
            words.extend(letter.to_lowercase())
        } else {
            words.push(*letter)
        }
    }
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
    match verb {
        "Get" => format!("Shows {}.", plural(&words)),
        "New" => format!("Makes {article} {words}."),
        "Set" => format!("Changes properties of {article} {words}."),
        "Remove" => format!("Removes {article} {words}."),
        "Grant" => format!("Assigns {article} {words} to users."),
        "Enable" => format!("Turns on: {words}."),
        "Disable" => format!("Turns off: {words}."),
        "Test" => format!("Checks {article} {words}."),
        "Backup" => format!("Backs up {article} {words}."),
        "Move" => format!("Moves {article} {words}."),
        "Import" => format!("Reads in {}.", plural(&words)),
        "Export" => format!("Writes out {}.", plural(&words)),
        other => format!("{} {article} {words}.", third_person(other)),
    }
}

/// `Copy` as `Copies`, `Publish` as `Publishes`, `Lock` as `Locks`.
fn third_person(verb: &str) -> String {
    match verb.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if verb.ends_with("sh") || verb.ends_with("ch") || verb.ends_with(['s', 'x']) => format!("{verb}es"),
        _ => format!("{verb}s"),
    }
}

fn plural(words: &str) -> String {
    match words.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if words.ends_with('s') || words.ends_with("ion") => words.to_string(),
        _ => format!("{words}s"),
    }
}

/// Comment-based help of a function: `.SYNOPSIS`, `.DESCRIPTION`, `.PARAMETER Name`, `.EXAMPLE`, `.NOTES`, `.LINK`.
fn comment(text: &str) -> Text {
    let mut read = Text::default();
    let mut sections: Vec<(String, String, String)> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        let bare = line.trim_start().trim_start_matches('#').trim_start();
        match bare.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
            Some(heading) => {
                let (keyword, argument) = heading.split_once(char::is_whitespace).unwrap_or((heading, ""));
                sections.push((keyword.to_uppercase(), argument.trim().into(), String::new()));
            }
            None => match sections.last_mut() {
                Some((_, _, body)) => {
                    body.push_str(bare);
                    body.push('\n');
                }
                // A comment without keywords is the synopsis.
                None if !bare.is_empty() => {
                    read.synopsis.push_str(if read.synopsis.is_empty() { "" } else { " " });
                    read.synopsis.push_str(bare);
                }
                None => {}
            },
        }
    }
    for (keyword, argument, body) in sections {
        let body = body.trim().to_string();
        match &*keyword {
            "SYNOPSIS" => read.synopsis = body,
            "DESCRIPTION" => read.description = body,
            "PARAMETER" => read.parameters.push((argument, body)),
            "NOTES" => read.notes = body,
            "LINK" => read.related.push(body),
            "EXAMPLE" => {
                let (run, what) = body.split_once('\n').unwrap_or((&body, ""));
                read.examples.push(Sample { what: what.trim().into(), run: run.trim().into() });
            }
            _ => {}
        }
    }
    read
}
