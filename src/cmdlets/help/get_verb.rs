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
        for verb in verbs::all() {
            if patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(verb)) {
                cx.output(Record::custom([("Verb", Value::str(verb))]))?;
            }
        }
        Ok(())
    }
}
