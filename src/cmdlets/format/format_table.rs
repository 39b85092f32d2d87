//! Format-Table: a row for each object.

use super::columns::{self, Field, Grouping, Shown};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::format::{Entry, Layout, Shape};
use crate::value::{Record, Value};

/// Columns of an object for which neither a view nor -Property says which.
const COLUMNS: usize = 10;

/// Format-Table.
#[derive(Default)]
pub struct FormatTable {
    properties: Vec<Property>,
    group: Grouping,
    /// Decided by the first object.
    table: Option<(Vec<Field>, Record)>,
}

impl ObjectCmdlet for FormatTable {
    const NAME: &'static str = "Format-Table";
    const ALIASES: &'static [&'static str] = &["ft"];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Two columns, as wide as they must be",
            run: "Get-CsPool | Format-Table Identity, Site -AutoSize",
        },
        Example {
            what: "A column that is calculated",
            run: "Get-CsAdminRole | Format-Table Identity, @{Name=\"Count\"; Expression={$_.Cmdlets.Count}; Width=6}",
        },
        Example { what: "A table for each site", run: "Get-CsPool | Sort-Object Site | Format-Table -GroupBy Site" },
    ];

    fn spec() -> CmdletSpec {
        let switches = ["AutoSize", "HideTableHeaders", "Wrap", "RepeatHeader"];
        switches.into_iter().fold(columns::signature(Self::NAME), Signature::switch).build()
    }
}

impl FormatTable {
    fn decide(&mut self, item: &Value, bound: &Bound, cx: &mut Context) -> Result<(Vec<Field>, Record), Halt> {
        let mut fields = columns::fields(&self.properties, item);
        if self.properties.is_empty() {
            let view = columns::view(item).filter(|view| view.shape == Shape::Table);
            self.group.or_of_view(view.as_ref());
            fields = match view.filter(|view| !view.columns.is_empty()) {
                Some(view) => columns::of_view(&view),
                None => columns::all(item).into_iter().take(COLUMNS).collect(),
            };
        }
        let mut shown = Vec::new();
        for field in &fields {
            let first = field.raw(item, cx)?;
            shown.push(field.column(&first));
        }
        if bound.switch("AutoSize") && self.properties.is_empty() {
            // The view's widths are for those who do not ask for others.
            shown.iter_mut().for_each(|column| column.width = None);
        }
        let layout = Layout {
            shape: Shape::Table,
            columns: shown,
            wrap: bound.switch("Wrap"),
            auto_size: bound.switch("AutoSize"),
            hide_headers: bound.switch("HideTableHeaders"),
            wide_columns: None,
        };
        Ok((fields, layout.to_record()))
    }
}

impl Run for FormatTable {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        (self.properties, self.group) = columns::begin(Keys::Table, bound, cx)?;
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
            if self.table.is_none() {
                self.table = Some(self.decide(&item, bound, cx)?);
            }
            let Some((fields, layout)) = &self.table else { continue };
            let mut values = Vec::with_capacity(fields.len());
            for field in fields {
                values.push(field.value(&item, cx)?);
            }
            let group = self.group.of(&item, cx)?;
            cx.output(Entry::to_record(layout, values, group))?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if self.table.is_some() { cx.output(Entry::end()) } else { Ok(()) }
    }
}
