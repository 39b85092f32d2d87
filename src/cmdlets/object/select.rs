//! Select-Object: some of the objects, some of their properties.

use super::select_plan::Plan;
use super::signature::{Signature, int, many};
use super::{count, input, items, key};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;
use crate::value::Value;
use std::collections::{BTreeSet, HashSet, VecDeque};

/// Select-Object.
#[derive(Default)]
pub struct SelectObject {
    plan: Plan,
    choice: Choice,
    /// Keys of what was put out, with -Unique.
    seen: Option<HashSet<String>>,
    case_insensitive: bool,
}

/// Which objects.
#[derive(Default)]
enum Choice {
    /// Every one.
    #[default]
    All,
    /// By -First, -Last, -Skip, -SkipLast.
    Window(Window),
    /// -Index; the largest index, and where we are.
    Index { wanted: BTreeSet<usize>, at: usize },
    /// -SkipIndex.
    SkipIndex { unwanted: BTreeSet<usize>, at: usize },
}

#[derive(Default)]
struct Window {
    first: Option<usize>,
    last: Option<usize>,
    skip: usize,
    skip_last: usize,
    /// Put out because of -First.
    passed: usize,
    /// Objects of which the end decides.
    held: VecDeque<Value>,
}

impl ObjectCmdlet for SelectObject {
    const NAME: &'static str = "Select-Object";
    const ALIASES: &'static [&'static str] = &["select"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Two properties", run: "Get-CsPool | Select-Object Identity, Computers" },
        Example { what: "The first three, after which the search stops", run: "Get-CsUser | Select-Object -First 3" },
        Example {
            what: "A calculated property",
            run: "Get-CsAdminRole | Select-Object Identity, @{Name=\"Count\"; Expression={$_.Cmdlets.Count}}",
        },
        Example { what: "The contents of one property", run: "Get-CsPool | Select-Object -ExpandProperty Computers" },
    ];

    fn spec() -> CmdletSpec {
        let shaped = ["DefaultParameter", "SkipLastParameter"];
        Signature::new(Self::NAME)
            .sets(&["DefaultParameter", "SkipLastParameter", "IndexParameter", "SkipIndexParameter"])
            .input()
            .parameter("Property", many(ParameterType::Object))
            .at(0)
            .only(&shaped)
            .parameter("ExcludeProperty", many(ParameterType::String))
            .only(&shaped)
            .parameter("ExpandProperty", ParameterType::String)
            .only(&shaped)
            .switch("Unique")
            .switch("CaseInsensitive")
            .parameter("Last", int())
            .range(0.0, i32::MAX.into())
            .only(&["DefaultParameter"])
            .parameter("First", int())
            .range(0.0, i32::MAX.into())
            .only(&["DefaultParameter"])
            .parameter("Skip", int())
            .range(0.0, i32::MAX.into())
            .only(&shaped)
            .parameter("SkipLast", int())
            .mandatory()
            .range(0.0, i32::MAX.into())
            .only(&["SkipLastParameter"])
            .switch("Wait")
            .only(&["DefaultParameter", "IndexParameter"])
            .parameter("Index", many(int()))
            .range(0.0, i32::MAX.into())
            .mandatory()
            .only(&["IndexParameter"])
            .parameter("SkipIndex", many(int()))
            .range(0.0, i32::MAX.into())
            .mandatory()
            .only(&["SkipIndexParameter"])
            .build()
    }
}

impl Choice {
    fn read(bound: &Bound) -> Choice {
        let indexes = |name: &str| -> BTreeSet<usize> {
            let index = |value: &Value| match value {
                Value::Int(index) => usize::try_from(*index).ok(),
                _ => None,
            };
            items(bound.get(name)).iter().filter_map(index).collect()
        };
        if bound.get("Index").is_some() {
            return Choice::Index { wanted: indexes("Index"), at: 0 };
        }
        if bound.get("SkipIndex").is_some() {
            return Choice::SkipIndex { unwanted: indexes("SkipIndex"), at: 0 };
        }
        if ["First", "Last", "Skip", "SkipLast"].iter().all(|name| bound.get(name).is_none()) {
            return Choice::All;
        }
        Choice::Window(Window {
            first: count(bound, "First"),
            last: count(bound, "Last"),
            skip: count(bound, "Skip").unwrap_or(0),
            skip_last: count(bound, "SkipLast").unwrap_or(0),
            ..Window::default()
        })
    }

    /// The object that passes now, if one does.
    fn next(&mut self, item: &Value) -> Option<Value> {
        match self {
            Choice::All => Some(item.clone()),
            Choice::Window(window) => window.next(item),
            Choice::Index { wanted, at } => {
                *at += 1;
                wanted.contains(&(*at - 1)).then(|| item.clone())
            }
            Choice::SkipIndex { unwanted, at } => {
                *at += 1;
                (!unwanted.contains(&(*at - 1))).then(|| item.clone())
            }
        }
    }

    /// Whether no further object can pass.
    fn is_done(&self) -> bool {
        match self {
            Choice::Window(Window { first: Some(first), last: None, passed, .. }) => passed >= first,
            Choice::Index { wanted, at } => wanted.last().is_none_or(|last| last < at),
            _ => false,
        }
    }

    /// The objects that the end lets through.
    fn rest(&mut self) -> VecDeque<Value> {
        match self {
            Choice::Window(window) => window.rest(),
            _ => VecDeque::new(),
        }
    }
}

impl Window {
    fn next(&mut self, item: &Value) -> Option<Value> {
        // -Skip counts from the start, but from the end where there is only -Last.
        let from_end = self.last.is_some() && self.first.is_none();
        if self.skip > 0 && !from_end {
            self.skip -= 1;
            return None;
        }
        if self.skip_last > 0 {
            self.held.push_back(item.clone());
            return if self.held.len() > self.skip_last { self.held.pop_front() } else { None };
        }
        match (self.first, self.last) {
            (None, None) => Some(item.clone()),
            (Some(first), _) if self.passed < first => {
                self.passed += 1;
                Some(item.clone())
            }
            (_, None) => None,
            (_, Some(last)) => {
                let kept = if from_end { last.saturating_add(self.skip) } else { last };
                self.held.push_back(item.clone());
                if self.held.len() > kept {
                    self.held.pop_front();
                }
                None
            }
        }
    }

    fn rest(&mut self) -> VecDeque<Value> {
        let mut held = std::mem::take(&mut self.held);
        if self.last.is_none() {
            held.clear();
        } else if self.first.is_none() {
            held.truncate(held.len().saturating_sub(self.skip));
        }
        held
    }
}

impl SelectObject {
    fn put_out(&mut self, item: &Value, cx: &mut Context) -> Result<(), Halt> {
        let (seen, insensitive) = (&mut self.seen, self.case_insensitive);
        let mut take = |value: Value, cx: &mut Context| {
            if let Some(seen) = seen.as_mut() {
                // Objects made here are the same where their properties are, others where they compare as equal.
                let key = match &value {
                    Value::Record(record) if record.kind().name.starts_with("Selected.") => {
                        let fields = record.fields();
                        let names = fields.iter().map(|(name, _)| Value::Str(name.clone())).collect::<Vec<_>>();
                        key::of_all(names.iter().chain(fields.iter().map(|(_, value)| value)), !insensitive)
                    }
                    value => key::of(value, !insensitive),
                };
                if !seen.insert(key) {
                    return Ok(());
                }
            }
            cx.output(value)
        };
        if self.plan.is_empty() { take(item.clone(), cx) } else { self.plan.apply(item, cx, &mut take) }
    }
}

impl Run for SelectObject {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.plan = Plan::new(bound)?;
        self.choice = Choice::read(bound);
        self.case_insensitive = bound.switch("CaseInsensitive");
        self.seen = bound.switch("Unique").then(HashSet::new);
        if matches!(&self.choice, Choice::Window(Window { first: Some(0), last: None, .. })) && !bound.switch("Wait") {
            return Err(cx.stop_upstream());
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound).filter(|item| !item.is_null()) else { return Ok(()) };
        if let Some(item) = self.choice.next(item) {
            self.put_out(&item, cx)?;
        }
        if self.choice.is_done() && !bound.switch("Wait") {
            return Err(cx.stop_upstream());
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for item in self.choice.rest() {
            self.put_out(&item, cx)?;
        }
        Ok(())
    }
}
