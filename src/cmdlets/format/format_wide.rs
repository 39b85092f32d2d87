//! Format-Wide: one property of each object, side by side.

use super::columns::{self, Field, Grouping, Shown};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::count;
use crate::cmdlets::object::signature::{Signature, int};
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::format::{Column, Entry, Layout, Shape};
use crate::value::{Record, Value};

/// Format-Wide.
#[derive(Default)]
pub struct FormatWide {
    property: Option<Property>,
    group: Grouping,
    /// Decided by the first object.
    layout: Option<Record>,
}

impl ObjectCmdlet for FormatWide {
    const NAME: &'static str = "Format-Wide";
    const ALIASES: &'static [&'static str] = &["fw"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The names of all roles in four columns",
        run: "Get-CsAdminRole | Format-Wide Identity -Column 4",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .input()
            .parameter("Property", ParameterType::Object)
            .at(0)
            .parameter("GroupBy", ParameterType::Object)
            .switch("AutoSize")
            .parameter("Column", int())
            .range(1.0, i32::MAX.into())
            .switch("Force")
            .build()
    }
}

/// The property that names an object: `Name` or the like, else the first.
fn naming(item: &Value) -> Option<Field> {
    let mut all = columns::all(item);
    let is = |wanted: &str, label: &str| match wanted.strip_prefix('*') {
        Some(end) => label.to_ascii_lowercase().ends_with(end),
        None => label.eq_ignore_ascii_case(wanted),
    };
    let wanted = ["name", "id", "key", "*key", "*name", "*id"];
    let at = wanted.iter().find_map(|wanted| all.iter().position(|field| is(wanted, &field.label))).unwrap_or(0);
    (at < all.len()).then(|| all.swap_remove(at))
}

impl Run for FormatWide {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.property = bound.get("Property").map(|value| Property::read(value, Keys::Wide)).transpose()?;
        self.group = Grouping::read(bound)?;
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for shown in columns::objects(bound) {
            let item = match shown {
                Shown::AsIs(value) => {
                    cx.output(value)?;
                    continue;
                }
                Shown::Object(item) => item,
            };
            let field = match &self.property {
                Some(property) => columns::fields(std::slice::from_ref(property), &item).into_iter().next(),
                None => naming(&item),
            };
            let Some(field) = field else { continue };
            let layout = self.layout.get_or_insert_with(|| {
                Layout {
                    shape: Shape::Wide,
                    columns: vec![Column::new(field.label.clone())],
                    auto_size: bound.switch("AutoSize"),
                    wide_columns: count(bound, "Column"),
                    ..Layout::default()
                }
                .to_record()
            });
            let layout = layout.clone();
            let value = field.value(&item, cx)?;
            let group = self.group.of(&item, cx)?;
            cx.output(Entry::to_record(&layout, vec![value], group))?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if self.layout.is_some() { cx.output(Entry::end()) } else { Ok(()) }
    }
}
