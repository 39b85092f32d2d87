//! Group-Object: the objects that share a value, together.

use super::property::{Keys, Property};
use super::signature::{Signature, many};
use super::{input, key, sort};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Hoard, Record, RecordType, Str, Table, TextForm, Value, enumerate, let_go, text};
use indexmap::IndexMap;
use std::cmp::Ordering;
use std::sync::Arc;

/// Group-Object.
#[derive(Default)]
pub struct GroupObject {
    properties: Vec<Property>,
    groups: Vec<Group>,
    /// Where the group of a key stands.
    /// A map that keeps the hashes grows without working all of them out again.
    index: IndexMap<String, usize>,
}

struct Group {
    values: Vec<Value>,
    items: Vec<Value>,
    count: i64,
}

impl ObjectCmdlet for GroupObject {
    const NAME: &'static str = "Group-Object";
    const ALIASES: &'static [&'static str] = &["group"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "How many pools each site has", run: "Get-CsPool | Group-Object Site -NoElement" },
        Example {
            what: "A hashtable to look things up in",
            run: "$bySite = Get-CsPool | Group-Object Site -AsHashTable -AsString; $bySite[\"Site:Redmond\"]",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["HashTable"])
            .switch("CaseSensitive")
            .parameter("Culture", ParameterType::String)
            .input()
            .switch("NoElement")
            .parameter("Property", many(ParameterType::Object))
            .at(0)
            .switch("AsHashTable")
            .aliases(&["AHT"])
            .only(&["HashTable"])
            .switch("AsString")
            .only(&["HashTable"])
            .build()
    }
}

/// The name of a group: its values, a list in braces.
fn name(values: &[Value]) -> Str {
    let one = |value: &Value| match value {
        Value::List(list) => {
            let parts: Vec<Str> = list.iter().map(text::to_text).collect();
            format!("{{{}}}", parts.join(", ")).into()
        }
        other => text::to_text(other),
    };
    match values {
        [value] => one(value),
        _ => values.iter().map(one).collect::<Vec<Str>>().join(", ").into(),
    }
}

impl Drop for GroupObject {
    fn drop(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        let many = groups.iter().map(|group| group.items.len()).sum();
        let_go(groups, many);
    }
}

impl Run for GroupObject {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.properties = Property::read_all(bound.get("Property"), Keys::Plain)?;
        if bound.switch("AsString") && !bound.switch("AsHashTable") {
            let error = ErrorRecord::new(
                "ArgumentException",
                Category::InvalidArgument,
                "-AsString makes the keys of a hashtable texts, and there is no -AsHashTable.",
            );
            return Err(error.hint("Add -AsHashTable.").into());
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        let Some(item) = input(bound).filter(|item| !item.is_null()) else { return Ok(()) };
        let mut values = Vec::with_capacity(self.properties.len().max(1));
        for property in &self.properties {
            values.push(property.value(item, cx)?.unwrap_or_default());
        }
        if self.properties.is_empty() {
            values.push(item.clone());
        }
        let key = key::of_all(&values, bound.switch("CaseSensitive"));
        let at = *self.index.entry(key).or_insert(self.groups.len());
        if at == self.groups.len() {
            self.groups.push(Group { values, items: Vec::new(), count: 0 });
        }
        if let Some(group) = self.groups.get_mut(at) {
            group.count += 1;
            if !bound.switch("NoElement") || bound.switch("AsHashTable") {
                group.items.push(item.clone());
            }
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let case_sensitive = bound.switch("CaseSensitive");
        let groups = sort::in_order(std::mem::take(&mut self.groups), |left: &Group, right: &Group| {
            left.values
                .iter()
                .zip(&right.values)
                .map(|(left, right)| key::order(left, right, case_sensitive))
                .find(|order| *order != Ordering::Equal)
                .unwrap_or(Ordering::Equal)
        })?;
        if bound.switch("AsHashTable") {
            return hashtable(groups, bound.switch("AsString"), cx);
        }
        let brief = bound.switch("NoElement");
        let kind = RecordType::new(
            if brief {
                "Microsoft.PowerShell.Commands.GroupInfoNoElement"
            } else {
                "Microsoft.PowerShell.Commands.GroupInfo"
            },
            TextForm::TypeName,
        );
        let names: Arc<[Str]> = ["Values", "Count", "Group", "Name"].map(Str::from).into();
        for group in Hoard::from(groups) {
            let name = name(&group.values);
            let values = vec![group.values.into(), group.count.into(), group.items.into(), Value::Str(name)];
            cx.output(Record::from_parts(kind.clone(), names.clone(), values))?;
        }
        Ok(())
    }
}

fn hashtable(groups: Vec<Group>, as_text: bool, cx: &mut Context) -> Result<(), Halt> {
    if groups.is_empty() {
        return Ok(());
    }
    let table = Table::new(false);
    for group in Hoard::from(groups) {
        cx.session.check_interrupt()?;
        let key = match group.values.as_slice() {
            [value] if !as_text => value.clone(),
            values => Value::Str(name(values)),
        };
        if key.is_null() {
            let error = ErrorRecord::new(
                "InvalidOperation",
                Category::InvalidOperation,
                "A hashtable has no $null key; objects without the property are left out.",
            );
            cx.error(error.hint("With -AsString their key is \"\"."))?;
            continue;
        }
        if let Some(other) = table.get(&key) {
            let many = enumerate(other).len() + group.items.len();
            let message = format!(
                "Two groups are named '{}' but for case: as keys of a hashtable they are one, and would lose some of {many} objects.",
                text::to_text(&key),
            );
            let error = ErrorRecord::new("KeysWithDifferentCasing", Category::InvalidOperation, message);
            let hint = "Leave out -AsHashTable and look for the group by its name (-ceq), or leave out -CaseSensitive.";
            return Err(error.target(key).hint(hint).into());
        }
        table.put(key, group.items.into());
    }
    cx.output(table)
}
