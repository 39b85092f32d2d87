//! Tables: widths from the rows, what does not fit cut or dropped from the right.

use super::{Align, Layout, cell};
use crate::value::{Value, types};

/// Rows that the widths are taken from; later rows are cut to them, and no more rows than these are kept.
const LOOKED_AT: usize = 5000;

/// A table in the making.
#[derive(Debug)]
pub struct Table {
    /// The label of the group that it shows.
    pub group: Option<String>,
    /// Doubles are shown with two decimals.
    pub two_decimals: bool,
    /// What stands before the header: it waits with the rows.
    pub lead: String,
    layout: Layout,
    screen: usize,
    aligns: Option<Vec<Align>>,
    pending: Vec<Item>,
    rows: usize,
    /// Widths of the columns, 0 of one that is dropped, once they are fixed.
    widths: Option<Vec<usize>>,
}

#[derive(Debug)]
enum Item {
    Row(Vec<String>),
    Text(String),
}

impl Table {
    /// A table without rows.
    pub fn new(layout: Layout, screen: usize, group: Option<String>) -> Table {
        let lead = String::new();
        Table {
            group,
            two_decimals: true,
            lead,
            layout,
            screen,
            aligns: None,
            pending: Vec::new(),
            rows: 0,
            widths: None,
        }
    }

    /// Takes an object; the lines that can be printed by now.
    pub fn row_of(&mut self, get: &dyn Fn(&str) -> Option<Value>) -> String {
        let values: Vec<Value> = self.layout.columns.iter().map(|c| get(&c.label).unwrap_or_default()).collect();
        self.row(&values)
    }

    /// Takes a row; the lines that can be printed by now.
    pub fn row(&mut self, values: &[Value]) -> String {
        if self.aligns.is_none() {
            let columns = self.layout.columns.iter().enumerate();
            let of = |(at, column): (usize, &super::Column)| {
                column.align.unwrap_or_else(|| natural(values.get(at).unwrap_or(&Value::Null)))
            };
            self.aligns = Some(columns.map(of).collect());
        }
        let cells: Vec<String> = values.iter().map(|value| cell::of(value, self.two_decimals)).collect();
        if let Some(widths) = &self.widths {
            return self.line(&cells, widths);
        }
        self.pending.push(Item::Row(cells));
        self.rows += 1;
        if self.rows >= LOOKED_AT { self.print_pending() } else { String::new() }
    }

    /// Takes a text that stands among the rows.
    pub fn text(&mut self, text: String) -> String {
        if self.widths.is_some() {
            return text;
        }
        self.pending.push(Item::Text(text));
        String::new()
    }

    /// Whether rows wait for their widths.
    pub fn waits(&self) -> bool {
        self.widths.is_none() && self.rows > 0
    }

    /// Prints the rows that wait; later ones have the widths of these.
    pub fn release(&mut self) -> String {
        if self.waits() { self.print_pending() } else { String::new() }
    }

    /// Prints what is left.
    pub fn finish(&mut self) -> String {
        if self.widths.is_none() { self.print_pending() } else { String::new() }
    }

    fn print_pending(&mut self) -> String {
        let widths = self.fit();
        let mut out = std::mem::take(&mut self.lead);
        if !self.layout.hide_headers {
            out.push_str(&self.header(&widths));
        }
        for item in std::mem::take(&mut self.pending) {
            match item {
                Item::Row(cells) => out.push_str(&self.line(&cells, &widths)),
                Item::Text(text) => out.push_str(&text),
            }
        }
        self.widths = Some(widths);
        out
    }

    /// The widths: what header and rows need, then what the screen has.
    fn fit(&self) -> Vec<usize> {
        let columns = &self.layout.columns;
        let fixed = columns.iter().any(|column| column.width.is_some()) && !self.layout.auto_size;
        let widest = |at: usize| {
            let cells = self.pending.iter().filter_map(|item| match item {
                Item::Row(cells) => cells.get(at),
                Item::Text(_) => None,
            });
            cells.map(|text| cell::width(text)).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (columns.iter().enumerate())
            .map(|(at, column)| match column.width {
                Some(width) => width.max(1),
                None if fixed => 0,
                None => cell::width(&column.label).max(widest(at)).max(1),
            })
            .collect();
        if fixed {
            let open = widths.iter().filter(|width| **width == 0).count();
            let used: usize = widths.iter().sum::<usize>() + columns.len().saturating_sub(1);
            if let Some(each) = self.screen.saturating_sub(used).checked_div(open) {
                widths.iter_mut().filter(|width| **width == 0).for_each(|width| *width = each.max(1));
            }
        }
        self.drop_what_does_not_fit(&mut widths);
        widths
    }

    /// Narrows the last column to what is left; drops it where nothing is, and goes on with the one before.
    fn drop_what_does_not_fit(&self, widths: &mut [usize]) {
        for at in (0..widths.len()).rev() {
            let used: usize = widths.iter().take(at + 1).sum::<usize>() + at;
            if used <= self.screen {
                return;
            }
            let Some(width) = widths.get_mut(at) else { return };
            *width = width.saturating_sub(used - self.screen);
            if *width > 0 {
                return;
            }
        }
    }

    fn align(&self, at: usize) -> Align {
        self.aligns.as_ref().and_then(|aligns| aligns.get(at)).copied().unwrap_or(Align::Left)
    }

    fn header(&self, widths: &[usize]) -> String {
        let shown = || self.layout.columns.iter().enumerate().zip(widths).filter(|(_, width)| **width > 0);
        let labels: Vec<Vec<String>> = shown().map(|((_, column), width)| cell::wrap(&column.label, *width)).collect();
        let height = labels.iter().map(Vec::len).max().unwrap_or(0);
        let last = labels.len().saturating_sub(1);
        let mut out = String::new();
        for number in 0..height {
            let mut line = String::new();
            for (place, (((at, _), width), lines)) in shown().zip(&labels).enumerate() {
                let text = lines.get(number).map_or("", String::as_str);
                line.push_str(&self.place(text, *width, self.align(at), place == last));
                line.push_str(if place == last { "" } else { " " });
            }
            out.push_str(&line);
            out.push('\n');
        }
        let dropped = widths.last() == Some(&0);
        for (place, ((at, column), width)) in shown().enumerate() {
            let dashes = "-".repeat(cell::width(&column.label).min(*width));
            out.push_str(&self.place(&dashes, *width, self.align(at), place == last && !dropped));
            out.push_str(if place == last { "" } else { " " });
        }
        out.push('\n');
        out
    }

    /// A text in its column; behind the last one nothing is filled up.
    fn place(&self, text: &str, width: usize, align: Align, last: bool) -> String {
        let padded = cell::pad(text, width, align);
        if !last {
            return padded;
        }
        let tail = padded.len() - padded.trim_end_matches(' ').len();
        let own = text.len() - text.trim_end_matches(' ').len();
        // Its own blanks stay, and a right-aligned empty cell is blanks on its left.
        if align == Align::Right { padded } else { padded[..padded.len() - tail.saturating_sub(own)].to_string() }
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let shown = || widths.iter().enumerate().filter(|(_, width)| **width > 0);
        let last = shown().count().saturating_sub(1);
        let dropped = widths.last() == Some(&0);
        let text = |at: usize| cells.get(at).map_or("", String::as_str);
        let columns: Vec<Vec<String>> = shown()
            .map(|(at, width)| match self.layout.wrap {
                true => cell::wrap(text(at), *width),
                false => vec![cell::cut(text(at), *width, self.align(at) == Align::Right)],
            })
            .collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        let mut out = String::new();
        for number in 0..height {
            for (place, ((at, width), lines)) in shown().zip(&columns).enumerate() {
                let is_last = place == last && !dropped;
                let text = lines.get(number).map_or("", String::as_str);
                let text = if is_last && lines.len() > 1 { text.trim_end() } else { text };
                // Below the end of a wrapped cell nothing stands.
                if lines.get(number).is_none()
                    && shown().skip(place).zip(columns.iter().skip(place)).all(|(_, c)| c.len() <= number)
                {
                    break;
                }
                out.push_str(&self.place(text, *width, self.align(at), is_last));
                out.push_str(if place == last { "" } else { " " });
            }
            while height > 1 && number > 0 && out.ends_with(' ') {
                out.pop();
            }
            out.push('\n');
        }
        out
    }
}

/// Numbers and truth stand to the right.
fn natural(value: &Value) -> Align {
    match value {
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Bool(_) => Align::Right,
        Value::Record(record) if types::enum_number(record).is_some() => Align::Right,
        _ => Align::Left,
    }
}
