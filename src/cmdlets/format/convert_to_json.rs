//! ConvertTo-Json: an object as JSON.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, int};
use crate::cmdlets::object::{count, input, string};
use crate::error::Halt;
use crate::format::json::{self, Escapes};
use crate::value::{Value, let_go, same_name};

/// ConvertTo-Json.
#[derive(Default)]
pub struct ConvertToJson {
    kept: Vec<Value>,
}

impl ObjectCmdlet for ConvertToJson {
    const NAME: &'static str = "ConvertTo-Json";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The pools as JSON", run: "Get-CsPool | Select-Object Identity, Computers | ConvertTo-Json" },
        Example {
            what: "In one line, and deeper than two levels",
            run: "Get-CsAdminRole -Identity CsHelpDesk | ConvertTo-Json -Depth 5 -Compress",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .input()
            .doc("Object")
            .mandatory()
            .at(0)
            .parameter("Depth", int())
            .range(0.0, 100.0)
            .switch("Compress")
            .switch("EnumsAsStrings")
            .switch("AsArray")
            .parameter("EscapeHandling", choice("StringEscapeHandling", &["Default", "EscapeNonAscii", "EscapeHtml"]))
            .build()
    }
}

fn options(bound: &Bound) -> json::Options {
    let escapes = match string(bound, "EscapeHandling").as_deref() {
        Some(name) if same_name(name, "EscapeNonAscii") => Escapes::NonAscii,
        Some(name) if same_name(name, "EscapeHtml") => Escapes::Html,
        _ => Escapes::Default,
    };
    json::Options {
        depth: count(bound, "Depth").unwrap_or_else(|| json::Options::default().depth),
        compress: bound.switch("Compress"),
        enums_as_strings: bound.switch("EnumsAsStrings"),
        escapes,
    }
}

impl Drop for ConvertToJson {
    fn drop(&mut self) {
        let many = self.kept.len();
        let_go(std::mem::take(&mut self.kept), many);
    }
}

impl Run for ConvertToJson {
    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.kept.extend(input(bound).cloned());
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let kept = std::mem::take(&mut self.kept);
        let many = kept.len();
        let value = match kept.len() {
            0 => return Ok(()),
            1 if !bound.switch("AsArray") => Value::from_outputs(kept),
            _ => Value::list(kept),
        };
        let options = options(bound);
        let written = json::write(&value, options);
        let_go(value, many);
        let (text, cut) = written?;
        if cut {
            cx.warning(format!("What lies deeper than {} levels became text. -Depth shows more of it.", options.depth));
        }
        cx.output(text)
    }
}
