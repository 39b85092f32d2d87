//! Add-Member: adds properties to an object.

use super::signature::{Signature, choice};
use super::{input, string};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, Str, Value, same_name, text};

/// Add-Member.
#[derive(Default)]
pub struct AddMember;

impl ObjectCmdlet for AddMember {
    const NAME: &'static str = "Add-Member";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Adds a property to an object and passes it on",
        run: "[pscustomobject]@{Pool=\"dub-pool.litwareinc.com\"} | Add-Member -NotePropertyName Checked -NotePropertyValue $true -PassThru",
    }];

    fn spec() -> CmdletSpec {
        let (multi, single, plain) = ["NotePropertyMultiMemberSet", "NotePropertySingleMemberSet", "MemberSet"].into();
        Signature::new(Self::NAME)
            .sets(&["TypeNameSet", multi, single, plain])
            .input()
            .mandatory()
            .parameter(
                "MemberType",
                choice("PSMemberTypes", &["NoteProperty", "ScriptProperty", "AliasProperty", "ScriptMethod"]),
            )
            .aliases(&["Type"])
            .mandatory()
            .at(0)
            .only(&[plain])
            .parameter("Name", ParameterType::String)
            .mandatory()
            .at(1)
            .only(&[plain])
            .parameter("Value", ParameterType::Object)
            .at(2)
            .only(&[plain])
            // `Add-Member NoteProperty NAME VALUE` binds as a name, a value and this one more; see `wanted`.
            .also(single)
            .at(2)
            .parameter("SecondValue", ParameterType::Object)
            .at(3)
            .only(&[plain])
            .parameter("NotePropertyName", ParameterType::String)
            .mandatory()
            .at(0)
            .not_empty()
            .only(&[single])
            .parameter("NotePropertyValue", ParameterType::Object)
            .mandatory()
            .at(1)
            .allow_null()
            .only(&[single])
            .parameter("NotePropertyMembers", ParameterType::Hashtable)
            .doc("IDictionary")
            .mandatory()
            .at(0)
            .only(&[multi])
            .parameter("TypeName", ParameterType::String)
            .mandatory()
            .only(&["TypeNameSet"])
            .switch("Force")
            .switch("PassThru")
            .build()
    }
}

/// What is added, by name.
fn wanted(bound: &Bound, record: Option<&Record>) -> Result<Vec<(Str, Value)>, ErrorRecord> {
    if let Some(Value::Map(table)) = bound.get("NotePropertyMembers") {
        return Ok(table.named());
    }
    let value = |name: &str| bound.get(name).cloned().unwrap_or_default();
    let by_position = bound.get("NotePropertyName").is_some() && bound.get("Value").is_some();
    let (kind, name) = if by_position { ("NotePropertyName", "NotePropertyValue") } else { ("MemberType", "Name") };
    if let Some(name) = string(bound, "NotePropertyName").filter(|_| !by_position) {
        return Ok(vec![(name, value("NotePropertyValue"))]);
    }
    if bound.get("TypeName").is_some() {
        return Err(ErrorRecord::new(
            "AddMemberNotSupported",
            Category::NotImplemented,
            "An object keeps the type that it was made with.",
        ));
    }
    let name = string(bound, name).unwrap_or_default();
    let kind = string(bound, kind).unwrap_or_default();
    if same_name(&kind, "NoteProperty") {
        return Ok(vec![(name, value("Value"))]);
    }
    if same_name(&kind, "AliasProperty") {
        // There are no live links between properties here: the alias has the value that the other has now.
        let of = text::to_text(&value("Value"));
        return Ok(vec![(name, record.and_then(|record| record.get(&of)).unwrap_or_default())]);
    }
    Err(ErrorRecord::new(
        "AddMemberNotSupported",
        Category::NotImplemented,
        format!("A {kind} cannot be added: objects here hold values and no code."),
    )
    .hint("Compute the value with Select-Object @{Name=…; Expression={…}}."))
}

impl Run for AddMember {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        let record = match item {
            Value::Record(record) => Some(record),
            _ => None,
        };
        for (name, value) in wanted(bound, record)? {
            let Some(record) = record else {
                let error = ErrorRecord::new(
                    "AddMemberNotSupported",
                    Category::InvalidType,
                    format!("No property {name} can be added to \"{}\": only objects take them.", text::to_text(item)),
                );
                cx.error(error.target(item.clone()))?;
                continue;
            };
            if record.get(&name).is_some() && !bound.switch("Force") {
                let error = ErrorRecord::new(
                    "MemberAlreadyExists",
                    Category::InvalidOperation,
                    format!("There is a property {name} already."),
                );
                cx.error(error.hint("-Force replaces it.").target(item.clone()))?;
                continue;
            }
            record.put(&name, value);
        }
        if bound.switch("PassThru") { cx.output(item.clone()) } else { Ok(()) }
    }
}
