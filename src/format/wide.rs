//! Wide output: one property of each object, in columns.

use super::{Align, Layout, cell};
use crate::value::Value;

/// Items that -AutoSize looks at before it fixes the width.
const LOOKED_AT: usize = 1000;

/// Wide output in the making.
#[derive(Debug)]
pub struct Wide {
    /// The label of the group.
    pub group: Option<String>,
    columns: usize,
    cell: usize,
    screen: usize,
    auto: bool,
    pending: Vec<String>,
}

impl Wide {
    /// An empty one.
    pub fn new(layout: &Layout, screen: usize, group: Option<String>) -> Wide {
        let columns = layout.wide_columns.unwrap_or(2).max(1);
        let cell = (screen.saturating_sub(columns - 1) / columns).max(1);
        let auto = layout.auto_size && layout.wide_columns.is_none();
        Wide { group, columns, cell, screen, auto, pending: Vec::new() }
    }

    /// Takes an object's property; the lines that can be printed by now.
    pub fn item(&mut self, value: &Value) -> String {
        self.pending.push(cell::of(value, true));
        let full = if self.auto { LOOKED_AT } else { self.columns };
        if self.pending.len() >= full { self.end_row() } else { String::new() }
    }

    /// Prints what is left.
    pub fn end_row(&mut self) -> String {
        if self.pending.is_empty() {
            return String::new();
        }
        if self.auto {
            self.cell = self.pending.iter().map(|text| cell::width(text)).max().unwrap_or(1).max(1);
            self.columns = ((self.screen + 1) / (self.cell + 1)).max(1);
        }
        let pending = std::mem::take(&mut self.pending);
        let mut out = String::new();
        for row in pending.chunks(self.columns) {
            // A row that is not full is filled up with empty cells.
            for at in 0..self.columns {
                let text = row.get(at).map_or("", String::as_str);
                // PowerShell gives its first column one more.
                let width = if at == 0 { self.cell + 1 } else { self.cell };
                let text = cell::cut(text, width, false);
                if at + 1 == self.columns {
                    out.push_str(&text);
                } else {
                    out.push_str(&cell::pad(&text, width, Align::Left));
                    out.push(' ');
                }
            }
            out.push('\n');
        }
        out
    }
}
