//! Format-Custom: an object with all that is in it, level by level.

use super::columns::{self, Field, Grouping, Shown};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::count;
use crate::cmdlets::object::signature::int;
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::format::{Entry, Layout, Shape};
use crate::value::{Value, enumerate, text, types};

/// How deep it goes where nobody says, as in PowerShell.
const DEPTH: usize = 5;

/// Elements of a list that are shown, as PowerShell's `$FormatEnumerationLimit` has it for these.
const MOST_ELEMENTS: usize = 1000;

/// Deepest level, whatever -Depth says: below it lies what holds itself.
const DEEPEST: usize = 64;

/// Format-Custom.
#[derive(Default)]
pub struct FormatCustom {
    properties: Vec<Property>,
    group: Grouping,
    depth: usize,
    /// Something was laid out.
    began: bool,
}

impl ObjectCmdlet for FormatCustom {
    const NAME: &'static str = "Format-Custom";
    const ALIASES: &'static [&'static str] = &["fc"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All that is in a pool", run: "Get-CsPool | Select-Object -First 1 | Format-Custom -Depth 2" },
        Example { what: "Two properties", run: "Get-CsSite | Format-Custom -Property Identity, Pools" },
    ];

    fn spec() -> CmdletSpec {
        columns::signature(Self::NAME).parameter("Depth", int()).range(1.0, i32::MAX.into()).build()
    }
}

/// Lines in the making.
struct Lines {
    text: String,
    indent: usize,
    deepest: usize,
}

impl Lines {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn object(&mut self, value: &Value, fields: &[Field], level: usize, cx: &mut Context) -> Result<(), Halt> {
        let name = types::type_of(value).short;
        // A custom object is called by the short of its name, whatever else it is.
        self.line(&format!("class {name}"));
        self.line("{");
        self.indent += 2;
        for field in fields {
            let shown = field.value(value, cx)?;
            self.property(&field.label, &shown, level, cx)?;
        }
        self.indent -= 2;
        self.line("}");
        Ok(())
    }

    fn property(&mut self, label: &str, value: &Value, level: usize, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        if is_leaf(value) || level >= self.deepest {
            let shown = match enumerate::items(value) {
                Some(items) => format!("{{{}}}", text::joined(&items, ", ")),
                None => text::to_text(value).to_string(),
            };
            self.line(&format!("{label} = {shown}"));
            return Ok(());
        }
        self.line(&format!("{label} = "));
        self.indent += 2;
        self.nested(value, level + 1, cx)?;
        self.indent -= 2;
        Ok(())
    }

    fn nested(&mut self, value: &Value, level: usize, cx: &mut Context) -> Result<(), Halt> {
        let elements = match value {
            Value::Map(table) => Some(crate::value::member::entries(table)),
            other => enumerate::items(other).map(|items| items.to_vec()),
        };
        let Some(elements) = elements else { return self.object(value, &columns::all(value), level, cx) };
        self.line("[");
        self.indent += 2;
        for element in elements.iter().take(MOST_ELEMENTS) {
            if is_leaf(element) || level >= self.deepest {
                self.line(&text::to_text(element));
            } else {
                self.nested(element, level + 1, cx)?;
            }
        }
        if elements.len() > MOST_ELEMENTS {
            self.line("…");
        }
        self.indent -= 2;
        self.line("]");
        self.line("");
        Ok(())
    }
}

/// Whether a value has nothing in it to show.
fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Record(record) => record.kind().is_scalar() || (record.is_empty() && enumerate::items(value).is_none()),
        Value::List(_) | Value::Map(_) => false,
        _ => true,
    }
}

impl Run for FormatCustom {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        (self.properties, self.group) = columns::begin(Keys::List, bound, cx)?;
        self.depth = count(bound, "Depth").unwrap_or(DEPTH).min(DEEPEST);
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
            let fields = match self.properties.is_empty() {
                true => columns::all(&item),
                false => columns::fields(&self.properties, &item).into_iter().filter(|f| f.exists).collect(),
            };
            let mut lines = Lines { text: String::new(), indent: 0, deepest: self.depth };
            lines.object(&item, &fields, 0, cx)?;
            let layout = Layout { shape: Shape::Custom, ..Layout::default() };
            let group = self.group.of(&item, cx)?;
            self.began = true;
            cx.output(Entry::to_record(&layout.to_record(), vec![lines.text.into()], group))?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if self.began { cx.output(Entry::end()) } else { Ok(()) }
    }
}
