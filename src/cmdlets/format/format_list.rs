//! Format-List: a line for each property.

use super::columns::{self, Field, Grouping, Shown};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::format::{Column, Entry, Layout, Shape};
use crate::value::Value;

/// Format-List.
#[derive(Default)]
pub struct FormatList {
    properties: Vec<Property>,
    group: Grouping,
    /// Something was laid out.
    began: bool,
}

impl ObjectCmdlet for FormatList {
    const NAME: &'static str = "Format-List";
    const ALIASES: &'static [&'static str] = &["fl"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Every property", run: "Get-CsPool | Select-Object -First 1 | Format-List *" },
        Example { what: "Two of them", run: "Get-CsAdminRole | Format-List Identity, IsStandardRole" },
    ];

    fn spec() -> CmdletSpec {
        columns::signature(Self::NAME).build()
    }
}

impl FormatList {
    fn fields(&self, item: &Value) -> Vec<Field> {
        if !self.properties.is_empty() {
            // A line that has nothing to say is left out, unlike a column.
            return columns::fields(&self.properties, item).into_iter().filter(|field| field.exists).collect();
        }
        match columns::view(item).filter(|view| view.shape == Shape::List && !view.columns.is_empty()) {
            Some(view) => columns::of_view(&view),
            None => columns::all(item),
        }
    }
}

impl Run for FormatList {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        (self.properties, self.group) = columns::begin(Keys::List, bound, cx)?;
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
            let fields = self.fields(&item);
            let mut values = Vec::with_capacity(fields.len());
            for field in &fields {
                values.push(field.value(&item, cx)?);
            }
            let shown = fields.iter().map(|field| Column::new(field.label.clone())).collect();
            let layout = Layout { shape: Shape::List, columns: shown, ..Layout::default() };
            let group = self.group.of(&item, cx)?;
            self.began = true;
            cx.output(Entry::to_record(&layout.to_record(), values, group))?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if self.began { cx.output(Entry::end()) } else { Ok(()) }
    }
}
