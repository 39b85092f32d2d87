//! Sort-Object: the objects in order of themselves, of properties, or of what script blocks make of them.

use super::property::{Expression, Keys, Property};
use super::signature::{Signature, int, many};
use super::{count, input, key};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{ErrorRecord, Halt};
use crate::value::sorting::{stop_if_asked, until_stopped};
use crate::value::{Hoard, Value, collate, let_go};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// Sort-Object.
#[derive(Default)]
pub struct SortObject {
    items: Vec<Value>,
}

impl ObjectCmdlet for SortObject {
    const NAME: &'static str = "Sort-Object";
    const ALIASES: &'static [&'static str] = &["sort"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "By one property", run: "Get-CsPool | Sort-Object Site" },
        Example {
            what: "By two, the second from the largest",
            run: "Get-CsPool | Sort-Object Site, @{Expression=\"Identity\"; Descending=$true}",
        },
        Example { what: "Each value once", run: "\"b\",\"a\",\"B\" | Sort-Object -Unique" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Default", "Top", "Bottom"])
            .input()
            .parameter("Property", many(ParameterType::Object))
            .at(0)
            .switch("Descending")
            .switch("Unique")
            .switch("CaseSensitive")
            .parameter("Culture", ParameterType::String)
            .switch("Stable")
            .only(&["Default"])
            .parameter("Top", int())
            .range(1.0, i32::MAX.into())
            .mandatory()
            .only(&["Top"])
            .parameter("Bottom", int())
            .range(1.0, i32::MAX.into())
            .mandatory()
            .only(&["Bottom"])
            .build()
    }
}

/// The values that an object is sorted by: mostly one or two.
type Keyed = SmallVec<[Option<Value>; 1]>;

/// An object with the values that it is sorted by.
struct Entry {
    item: Value,
    keys: Keyed,
}

/// How one key is compared.
struct Rule {
    descending: bool,
    case_sensitive: bool,
}

fn compare(left: &[Option<Value>], right: &[Option<Value>], rules: &[Rule]) -> Ordering {
    for ((left, right), rule) in left.iter().zip(right).zip(rules) {
        let order = key::order_found(left.as_ref(), right.as_ref(), rule.case_sensitive, rule.descending);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Sorts; the commonest kind, objects that are whole numbers, without calling a comparison of values.
fn sort(entries: &mut [Entry], rules: &[Rule]) {
    let mut looked = 0;
    if let [rule] = rules {
        let number = |entry: &Entry| match entry.keys.first() {
            Some(Some(Value::Int(number))) => Some(*number),
            _ => None,
        };
        if entries.iter().all(|entry| number(entry).is_some()) {
            entries.sort_by(|left, right| {
                stop_if_asked(&mut looked);
                let order = number(left).cmp(&number(right));
                if rule.descending { order.reverse() } else { order }
            });
            return;
        }
        if sort_texts(entries, rule, &mut looked) {
            return;
        }
    }
    entries.sort_by(|left, right| {
        stop_if_asked(&mut looked);
        compare(&left.keys, &right.keys, rules)
    });
}

/// Sorts objects whose keys are texts of printable ASCII, by bytes that the collation makes of each text once; `false`
/// where one is not, and nothing was changed.
fn sort_texts(entries: &mut [Entry], rule: &Rule, looked: &mut u32) -> bool {
    /// The first bytes, where all of them stand, and whose they are.
    struct Text {
        first: u64,
        from: usize,
        to: usize,
        at: usize,
    }
    if rule.case_sensitive {
        return false;
    }
    let mut bytes = Vec::with_capacity(entries.len().saturating_mul(16));
    let mut texts = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        stop_if_asked(looked);
        let Some(Some(Value::Str(text))) = entry.keys.first() else { return false };
        let from = bytes.len();
        if !collate::append_key(&mut bytes, text) {
            return false;
        }
        let mut first = [0; 8];
        first.iter_mut().zip(bytes.iter().skip(from)).for_each(|(to, byte)| *to = *byte);
        texts.push(Text { first: u64::from_be_bytes(first), from, to: bytes.len(), at });
    }
    let of = |text: &Text| bytes.get(text.from..text.to);
    texts.sort_by(|left, right| {
        stop_if_asked(looked);
        let order = left.first.cmp(&right.first).then_with(|| of(left).cmp(&of(right)));
        if rule.descending { order.reverse() } else { order }
    });
    let mut order: Vec<usize> = texts.iter().map(|text| text.at).collect();
    drop(texts);
    arrange(entries, &mut order, looked);
    true
}

/// Puts where `order` says it what stands there: at each place what stood at the place that is named for it, each once.
/// It goes round the circles that this makes, so that nothing is missing whenever it is left.
fn arrange<T>(items: &mut [T], order: &mut [usize], looked: &mut u32) {
    for start in 0..order.len() {
        let mut to = start;
        // A place that names itself is done.
        while let Some(from) = order.get_mut(to).map(|from| std::mem::replace(from, to))
            && from != start
            && from != to
        {
            stop_if_asked(looked);
            items.swap(to, from);
            to = from;
        }
    }
}

/// As [`sort`], and stops when what runs is stopped.
fn sorted(entries: Vec<Entry>, rules: &[Rule]) -> Result<Vec<Entry>, ErrorRecord> {
    until_stopped(entries, |entries| sort(entries, rules))
}

/// Things in the order that a comparison says; those that are equal stay as they are.
///
/// # Errors
/// `PipelineStopped`.
pub(super) fn in_order<T: Send + 'static>(
    items: Vec<T>,
    mut compare: impl FnMut(&T, &T) -> Ordering,
) -> Result<Vec<T>, ErrorRecord> {
    let mut looked = 0;
    until_stopped(items, |items| {
        items.sort_by(|left, right| {
            stop_if_asked(&mut looked);
            compare(left, right)
        });
    })
}

impl Drop for SortObject {
    fn drop(&mut self) {
        let many = self.items.len();
        let_go(std::mem::take(&mut self.items), many);
    }
}

impl Run for SortObject {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(item) = input(bound).filter(|item| !item.is_null()) {
            self.items.push(item.clone());
        }
        cx.session.check_interrupt()
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let properties = Property::read_all(bound.get("Property"), Keys::Sorting)?;
        let case_sensitive = bound.switch("CaseSensitive");
        let descending = bound.switch("Descending");
        let mut rules: Vec<Rule> = properties
            .iter()
            .map(|property| Rule { descending: property.descending.unwrap_or(descending), case_sensitive })
            .collect();
        if rules.is_empty() {
            rules.push(Rule { descending, case_sensitive });
        }
        let mut entries = Vec::with_capacity(self.items.len());
        for item in Hoard::from(std::mem::take(&mut self.items)) {
            match keys(&item, &properties, cx) {
                Ok(keys) => entries.push(Entry { item, keys }),
                Err(halt) => {
                    let many = entries.len();
                    let_go(entries, many);
                    return Err(halt);
                }
            }
        }
        // Where the only key is a name that no object has, there is nothing to sort by.
        if let [Property { expression: Expression::Name(_), .. }] = properties.as_slice()
            && entries.iter().all(|entry| entry.keys.iter().all(Option::is_none))
        {
            return put_out(entries, bound, cx);
        }
        let mut entries = sorted(entries, &rules)?;
        if bound.switch("Unique") {
            entries.dedup_by(|next, kept| compare(&kept.keys, &next.keys, &rules) == Ordering::Equal);
        }
        put_out(entries, bound, cx)
    }
}

/// What an object is sorted by: itself, where nothing is named.
fn keys(item: &Value, properties: &[Property], cx: &mut Context) -> Result<Keyed, Halt> {
    cx.session.check_interrupt()?;
    if properties.is_empty() {
        return Ok(Keyed::from_iter([Some(item.clone())]));
    }
    properties.iter().map(|property| property.value(item, cx)).collect()
}

fn put_out(mut entries: Vec<Entry>, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    if let Some(top) = count(bound, "Top") {
        entries.truncate(top);
    }
    if let Some(bottom) = count(bound, "Bottom") {
        entries.drain(..entries.len().saturating_sub(bottom));
    }
    Hoard::from(entries).try_for_each(|entry| cx.output(entry.item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::bounds;
    use crate::value::sorting::LOOKS;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Rule: each place gets what its number names.
    #[test]
    fn what_is_arranged_stands_where_its_number_says() {
        for order in
            [vec![], vec![0], vec![1, 0], vec![0, 1, 2], vec![2, 0, 1], vec![3, 2, 0, 1, 4], vec![1, 2, 3, 0, 5, 4]]
        {
            let mut items: Vec<usize> = (100..100 + order.len()).collect();
            arrange(&mut items, &mut order.clone(), &mut 0);
            let expected: Vec<usize> = order.iter().map(|at| 100 + at).collect();
            assert_eq!(items, expected, "{order:?}");
        }
    }

    /// What is stopped from outside leaves the sorting, of Group-Object too, in the midst of it.
    #[test]
    fn sorting_stops_when_asked() {
        let numbers = || (0..3 * LOOKS).rev().collect::<Vec<u32>>();
        assert_eq!(in_order(numbers(), u32::cmp).unwrap().first(), Some(&0));
        let _bounds = bounds::begin(&Arc::new(AtomicBool::new(true)), None, None);
        let alternating = numbers().into_iter().map(|number| number.wrapping_mul(2_654_435_761)).collect();
        assert!(in_order(alternating, u32::cmp).unwrap_err().is_stop());
    }
}
