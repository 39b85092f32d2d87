//! Get-Verb: the verbs that cmdlets are named with.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run, verbs};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::{ErrorRecord, Halt};
use crate::value::wildcard::Wildcard;
use crate::value::{Record, Value};

/// Get-Verb.
#[derive(Default)]
pub struct GetVerb;

impl ObjectCmdlet for GetVerb {
    const NAME: &'static str = "Get-Verb";
    const EXAMPLES: &'static [Example] = &[Example { what: "Verbs that begin with S", run: "Get-Verb S*" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).parameter("Verb", many(ParameterType::String)).at(0).by_value().by_property().build()
    }
}

impl Run for GetVerb {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let patterns: Result<Vec<Wildcard>, ErrorRecord> =
            texts(bound.get("Verb")).iter().map(|text| Wildcard::new(text)).collect();
        let patterns = patterns?;
        // Those that Get-Verb does not list: they belong to the object cmdlets alone.
        for verb in verbs::all().iter().filter(|verb| !matches!(**verb, "foreach" | "where" | "sort" | "tee")) {
            if patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(verb)) {
                cx.output(Record::custom([("Verb", Value::str(spelled(verb)))]))?;
            }
        }
        Ok(())
    }
}

/// A verb as it is written.
fn spelled(verb: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    };
    match verb.strip_prefix("convert") {
        Some(rest) if !rest.is_empty() => format!("Convert{}", capital(rest)),
        _ => capital(verb),
    }
}
