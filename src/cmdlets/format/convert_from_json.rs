//! ConvertFrom-Json: objects from JSON.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, int};
use crate::cmdlets::object::{count, string};
use crate::error::Halt;
use crate::format::json_reader::{DEEPEST, Dates, Options, read};
use crate::value::{Hoard, Str, Value, enumerate, text};

/// ConvertFrom-Json.
#[derive(Default)]
pub struct ConvertFromJson {
    kept: Vec<Str>,
}

impl ObjectCmdlet for ConvertFromJson {
    const NAME: &'static str = "ConvertFrom-Json";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A property of an object in JSON",
        run: "'{\"Site\": \"Redmond\"}' | ConvertFrom-Json | ForEach-Object Site",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("InputObject", ParameterType::String)
            .mandatory()
            .at(0)
            .by_value()
            .allow_empty_string()
            .switch("AsHashtable")
            .parameter("Depth", int())
            .range(1.0, DEEPEST as f64)
            .switch("NoEnumerate")
            .parameter("DateKind", choice("JsonDateKind", &["Default", "Local", "Utc", "Offset", "String"]))
            .build()
    }
}

impl Run for ConvertFromJson {
    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let text = bound.input().map(text::to_text).or_else(|| string(bound, "InputObject"));
        self.kept.extend(text);
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let dates = match string(bound, "DateKind").as_deref() {
            Some("Local") => Dates::Local,
            Some("Utc") => Dates::Utc,
            Some("String") => Dates::Texts,
            // No value keeps the zone that it was written in.
            Some("Offset") => {
                cx.warning("-DateKind Offset has no meaning here: dates are UTC, local or neither.");
                Dates::AsTheySay
            }
            _ => Dates::AsTheySay,
        };
        let depth = count(bound, "Depth").unwrap_or(DEEPEST);
        let options = Options { as_hashtable: bound.switch("AsHashtable"), depth, dates };
        let kept = std::mem::take(&mut self.kept);
        let put = |value: Option<Value>, cx: &mut Context| match value {
            None => Ok(()),
            Some(value) if bound.switch("NoEnumerate") => cx.output(value),
            Some(value) => Hoard::from(enumerate(value)).try_for_each(|item| cx.output(item)),
        };
        // Where the first text is whole each is one of its own; else they are the lines of one.
        let first = kept.first().filter(|_| kept.len() > 1).map(|text| read(text, options));
        if let Some(Ok(first @ Some(_))) = first {
            put(first, cx)?;
            return kept.iter().skip(1).try_for_each(|text| put(read(text, options)?, cx));
        }
        put(read(&kept.join("\n"), options)?, cx)
    }
}
