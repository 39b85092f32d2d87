//! Get-Unique: of objects that follow each other and are the same, the first.

use super::signature::Signature;
use super::{input, key};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;
use crate::value::{Str, Value, text, types};

/// Get-Unique.
#[derive(Default)]
pub struct GetUnique {
    last: Option<String>,
}

impl ObjectCmdlet for GetUnique {
    const NAME: &'static str = "Get-Unique";
    const ALIASES: &'static [&'static str] = &["gu"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Each value of a sorted list once", run: "\"b\",\"a\",\"b\" | Sort-Object | Get-Unique" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["AsString", "UniqueByType"])
            .input()
            .switch("AsString")
            .only(&["AsString"])
            .switch("OnType")
            .mandatory()
            .only(&["UniqueByType"])
            .switch("CaseInsensitive")
            .build()
    }
}

impl Run for GetUnique {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        let case_sensitive = !bound.switch("CaseInsensitive");
        let key = if bound.switch("OnType") {
            types::name_of(item).to_string()
        } else if bound.switch("AsString") {
            key::of(&Value::Str(Str::clone(&text::to_text(item))), case_sensitive)
        } else {
            key::of(item, case_sensitive)
        };
        if self.last.as_ref() == Some(&key) {
            return Ok(());
        }
        self.last = Some(key);
        cx.output(item.clone())
    }
}
