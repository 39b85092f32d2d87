//! Compare-Object: what two lists have in common, and what only one of them has.

use super::property::{Keys, Property};
use super::signature::{Signature, int, many};
use super::{items, key};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;
use crate::value::{Hoard, Kept, Record, Str, Value, text};
use indexmap::IndexMap;
use std::collections::VecDeque;

/// Compare-Object.
#[derive(Default)]
pub struct CompareObject {
    difference: Vec<Value>,
}

impl ObjectCmdlet for CompareObject {
    const NAME: &'static str = "Compare-Object";
    const ALIASES: &'static [&'static str] = &["compare", "diff"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "What two lists do not share", run: "Compare-Object 1,2,3 2,3,4" },
        Example {
            what: "What one role may run and another may not",
            run: "Compare-Object (Get-CsAdminRole CsHelpDesk).Cmdlets (Get-CsAdminRole CsViewOnlyAdministrator).Cmdlets -Property Name",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("ReferenceObject", many(ParameterType::Object))
            .doc("psobject[]")
            .mandatory()
            .at(0)
            .allow_empty()
            .parameter("DifferenceObject", many(ParameterType::Object))
            .doc("psobject[]")
            .mandatory()
            .at(1)
            .by_value()
            .allow_empty()
            .parameter("SyncWindow", int())
            .range(0.0, i32::MAX.into())
            .parameter("Property", many(ParameterType::Object))
            .switch("ExcludeDifferent")
            .switch("IncludeEqual")
            .switch("PassThru")
            .parameter("Culture", ParameterType::String)
            .switch("CaseSensitive")
            .build()
    }
}

/// One object with what it is compared by.
struct Entry {
    item: Value,
    values: Vec<Value>,
    key: String,
}

/// Objects of one side that have met no equal yet, the oldest first.
#[derive(Default)]
struct Backlog {
    entries: VecDeque<Option<Entry>>,
    /// How many were dropped from the front.
    dropped: usize,
    waiting: usize,
    /// A map that keeps the hashes grows without working all of them out again.
    places: IndexMap<String, VecDeque<usize>>,
}

impl Backlog {
    fn push(&mut self, entry: Entry) {
        let place = self.dropped + self.entries.len();
        self.places.entry(entry.key.clone()).or_default().push_back(place);
        self.entries.push_back(Some(entry));
        self.waiting += 1;
    }

    fn take(&mut self, key: &str) -> Option<Entry> {
        let place = self.places.get_mut(key)?.pop_front()?;
        self.waiting -= 1;
        self.entries.get_mut(place.checked_sub(self.dropped)?)?.take()
    }

    fn oldest(&mut self) -> Option<Entry> {
        while let Some(entry) = self.entries.pop_front() {
            self.dropped += 1;
            if let Some(entry) = entry {
                if let Some(places) = self.places.get_mut(&entry.key) {
                    places.pop_front();
                }
                self.waiting -= 1;
                return Some(entry);
            }
        }
        None
    }
}

/// How what is found is put out.
struct Report {
    names: Vec<Str>,
    equal: bool,
    different: bool,
    pass_thru: bool,
}

impl Report {
    fn put_out(&self, entry: &Entry, side: &'static str, cx: &mut Context) -> Result<(), Halt> {
        if !(if side == "==" { self.equal } else { self.different }) {
            return Ok(());
        }
        if self.pass_thru {
            if let Value::Record(record) = &entry.item {
                record.put("SideIndicator", side.into());
            }
            return cx.output(entry.item.clone());
        }
        let mut fields: Vec<(Str, Value)> = if self.names.is_empty() {
            vec![("InputObject".into(), entry.item.clone())]
        } else {
            self.names.iter().cloned().zip(entry.values.iter().cloned()).collect()
        };
        fields.push(("SideIndicator".into(), side.into()));
        cx.output(Record::custom(fields))
    }
}

fn entries(
    items: Vec<Value>,
    properties: &[Property],
    case_sensitive: bool,
    cx: &mut Context,
) -> Result<Kept<VecDeque<Entry>>, Halt> {
    let many = items.len();
    let mut entries = Kept::new(VecDeque::with_capacity(many), many);
    for item in Hoard::from(items).filter(|item| !item.is_null()) {
        cx.session.check_interrupt()?;
        let mut values = Vec::with_capacity(properties.len());
        for property in properties {
            values.push(property.value(&item, cx)?.unwrap_or_default());
        }
        let key =
            if properties.is_empty() { key::of(&item, case_sensitive) } else { key::of_all(&values, case_sensitive) };
        entries.push_back(Entry { item, values, key });
    }
    Ok(entries)
}

impl Run for CompareObject {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.difference.extend(items(bound.get("DifferenceObject")));
        cx.session.check_interrupt()
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let properties = Property::read_all(bound.get("Property"), Keys::Plain)?;
        let case_sensitive = bound.switch("CaseSensitive");
        let window = super::count(bound, "SyncWindow").unwrap_or(usize::MAX);
        let report = Report {
            names: properties
                .iter()
                .zip(items(bound.get("Property")))
                .map(|(property, given)| match &property.expression {
                    super::property::Expression::Name(name) => name.clone(),
                    super::property::Expression::Block(_) => text::to_text(&given).trim().into(),
                })
                .collect(),
            equal: bound.switch("IncludeEqual")
                || (bound.switch("ExcludeDifferent") && bound.get("IncludeEqual").is_none()),
            different: !bound.switch("ExcludeDifferent"),
            pass_thru: bound.switch("PassThru"),
        };
        let mut left = entries(items(bound.get("ReferenceObject")), &properties, case_sensitive, cx)?;
        let mut right = entries(std::mem::take(&mut self.difference), &properties, case_sensitive, cx)?;
        let mut left_waits = Kept::new(Backlog::default(), left.len());
        let mut right_waits = Kept::new(Backlog::default(), right.len());
        // Both lists are walked side by side; what finds no partner waits for one that comes later on the other side.
        while !(left.is_empty() && right.is_empty()) {
            cx.session.check_interrupt()?;
            let (mut reference, mut difference) = (left.pop_front(), right.pop_front());
            if let (Some(a), Some(b)) = (&reference, &difference)
                && a.key == b.key
            {
                report.put_out(a, "==", cx)?;
                continue;
            }
            if let Some(partner) = difference.as_ref().and_then(|entry| left_waits.take(&entry.key)) {
                report.put_out(&partner, "==", cx)?;
                difference = None;
            }
            if let Some(entry) = reference.take_if(|entry| right_waits.take(&entry.key).is_some()) {
                report.put_out(&entry, "==", cx)?;
            }
            if let Some(entry) = difference {
                wait(entry, &mut right_waits, window, &report, "=>", cx)?;
            }
            if let Some(entry) = reference {
                wait(entry, &mut left_waits, window, &report, "<=", cx)?;
            }
        }
        while let Some(entry) = right_waits.oldest() {
            report.put_out(&entry, "=>", cx)?;
        }
        while let Some(entry) = left_waits.oldest() {
            report.put_out(&entry, "<=", cx)?;
        }
        Ok(())
    }
}

/// Puts an object on the list of those that wait, which is no longer than -SyncWindow.
fn wait(
    entry: Entry,
    backlog: &mut Backlog,
    window: usize,
    report: &Report,
    side: &'static str,
    cx: &mut Context,
) -> Result<(), Halt> {
    if window == 0 {
        return report.put_out(&entry, side, cx);
    }
    while backlog.waiting >= window {
        match backlog.oldest() {
            Some(oldest) => report.put_out(&oldest, side, cx)?,
            None => break,
        }
    }
    backlog.push(entry);
    Ok(())
}
