//! The texts of `stdlib/help`, compiled in, and how they are read.
//!
//! A text is Markdown: a title, a first paragraph that is the synopsis, then sections. The headings of sections are the
//! same in every language: `Description`, `Parameters` and `Examples` (with a `###` heading for each), `Notes`,
//! `Related`. Names that begin with `_` are not topics: they hold what several pages share.

use super::Locale;

include!(concat!(env!("OUT_DIR"), "/help_texts.rs"));

/// One example of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What it shows.
    pub what: String,
    /// The command.
    pub run: String,
}

/// A text, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// One or two sentences.
    pub synopsis: String,
    /// Paragraphs.
    pub description: String,
    /// Descriptions by the name of the parameter.
    pub parameters: Vec<(String, String)>,
    /// Examples.
    pub examples: Vec<Sample>,
    /// What else there is to know.
    pub notes: String,
    /// Names of related topics.
    pub related: Vec<String>,
}

/// Whether there are texts in a language.
pub fn has_language(language: &str) -> bool {
    TEXTS.iter().any(|(known, ..)| *known == language)
}

fn raw(language: &str, name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    TEXTS.binary_search_by(|(l, n, _)| (*l, *n).cmp(&(language, &name))).ok().map(|at| TEXTS[at].2)
}

/// The whole text of a topic in a language, or in English.
pub fn source(locale: &Locale, name: &str) -> Option<&'static str> {
    locale.and_fallback().find_map(|language| raw(language, name))
}

/// The text of a topic, read, in exactly this language.
pub fn find(language: &str, name: &str) -> Option<Text> {
    raw(language, name).map(parse)
}

/// The names of topics that are no cmdlets, in lower case: `about_…`.
pub fn topics() -> Vec<&'static str> {
    TEXTS
        .iter()
        .filter(|(language, name, _)| *language == "en" && name.starts_with("about_"))
        .map(|(_, n, _)| *n)
        .collect()
}

/// Language and name of every text that is about a cmdlet.
pub fn cmdlets() -> Vec<(&'static str, &'static str)> {
    let is_cmdlet = |name: &str| !name.starts_with('_') && !name.starts_with("about_");
    TEXTS.iter().filter(|(_, name, _)| is_cmdlet(name)).map(|(language, name, _)| (*language, *name)).collect()
}

/// The title of a text: its first heading.
pub fn title(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim()
}

/// The first paragraph after the title, in one line.
pub fn first_paragraph(text: &str) -> String {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty() || line.starts_with('#'));
    let paragraph: Vec<&str> = lines.by_ref().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    paragraph.join(" ")
}

/// Reads a text.
pub fn parse(text: &str) -> Text {
    let mut read = Text { synopsis: first_paragraph(text), ..Text::default() };
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push((heading.trim(), String::new()));
        } else if let Some((_, body)) = sections.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    for (heading, body) in sections {
        match heading {
            "Description" => read.description = body.trim().into(),
            "Notes" => read.notes = body.trim().into(),
            "Related" => {
                read.related = body.lines().filter_map(|line| line.strip_prefix("- ")).map(String::from).collect()
            }
            "Parameters" => read.parameters = entries(&body),
            "Examples" => {
                read.examples = entries(&body)
                    .into_iter()
                    .map(|(what, body)| Sample {
                        what,
                        run: body.trim_start_matches("```").trim_end_matches("```").trim().into(),
                    })
                    .collect();
            }
            _ => {}
        }
    }
    read
}

/// The `###` entries of a section.
fn entries(body: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in body.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            entries.push((heading.trim().into(), String::new()));
        } else if let Some((_, text)) = entries.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    for (_, text) in &mut entries {
        *text = text.trim().into();
    }
    entries
}
