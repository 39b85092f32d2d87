//! ConvertTo-Html: objects as a page, or as a part of one.

use super::columns::{self, Field};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::{input, string, texts};
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::format::html;
use crate::value::text::to_text;
use crate::value::{Str, Value, enumerate, same_name};

/// ConvertTo-Html.
#[derive(Default)]
pub struct ConvertToHtml {
    properties: Vec<Property>,
    /// Decided by the first object.
    fields: Option<Vec<Field>>,
    as_list: bool,
    started: bool,
}

impl ObjectCmdlet for ConvertToHtml {
    const NAME: &'static str = "ConvertTo-Html";
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A report",
            run: "Get-CsPool | ConvertTo-Html Identity, Site -Title Pools -PreContent \"<h1>Pools</h1>\" | Out-File pools.html",
        },
        Example { what: "A table alone", run: "Get-CsSite | ConvertTo-Html -Property Identity -Fragment" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Page", "Fragment"])
            .input()
            .parameter("Property", many(ParameterType::Object))
            .at(0)
            .parameter("Body", many(ParameterType::String))
            .at(3)
            .only(&["Page"])
            .parameter("Head", many(ParameterType::String))
            .at(1)
            .only(&["Page"])
            .parameter("Title", ParameterType::String)
            .at(2)
            .only(&["Page"])
            .parameter("As", choice("String", &["Table", "List"]))
            .parameter("CssUri", ParameterType::String)
            .doc("uri")
            .aliases(&["cu", "uri"])
            .only(&["Page"])
            .parameter("Charset", ParameterType::String)
            .not_empty()
            .only(&["Page"])
            .parameter("Meta", ParameterType::Hashtable)
            .only(&["Page"])
            .switch("Transitional")
            .only(&["Page"])
            .parameter("PostContent", many(ParameterType::String))
            .parameter("PreContent", many(ParameterType::String))
            .switch("Fragment")
            .only(&["Fragment"])
            .build()
    }
}

fn lines(bound: &Bound, name: &str, cx: &mut Context) -> Result<(), Halt> {
    texts(bound.get(name)).into_iter().try_for_each(|line| cx.output(line))
}

impl ConvertToHtml {
    fn row(&mut self, item: &Value, cx: &mut Context) -> Result<(), Halt> {
        let properties = &self.properties;
        let make = || if properties.is_empty() { columns::all(item) } else { columns::fields(properties, item) };
        let first = self.fields.is_none();
        // Each object of a list has lines of its own.
        let own = self.as_list.then(make);
        let fields: &[Field] = match &own {
            Some(own) => own,
            None => self.fields.get_or_insert_with(make),
        };
        let names: Vec<Str> = fields.iter().map(|field| field.label.clone()).collect();
        let mut values = Vec::with_capacity(fields.len());
        for field in fields {
            values.push(field.value(item, cx)?);
        }
        if own.is_some() {
            if std::mem::replace(&mut self.started, true) {
                cx.output("<tr><td colspan=\"2\"><hr></td></tr>")?;
            }
            return html::list(&names, &values).into_iter().try_for_each(|line| cx.output(line));
        }
        if first {
            cx.output(html::table_head(&names))?;
        }
        cx.output(html::row(&values))
    }
}

impl Run for ConvertToHtml {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.properties = Property::read_all(bound.get("Property"), Keys::Table)?;
        self.as_list = string(bound, "As").is_some_and(|shape| same_name(&shape, "List"));
        if !bound.switch("Fragment") {
            let title = string(bound, "Title").unwrap_or_else(|| "HTML TABLE".into());
            let head = bound.get("Head").map(|head| texts(Some(head)));
            let meta: Vec<(Str, Str)> = match bound.get("Meta") {
                Some(Value::Map(meta)) => {
                    meta.named().iter().map(|(name, value)| (name.clone(), to_text(value))).collect()
                }
                _ => Vec::new(),
            };
            let (style_sheet, charset) = (string(bound, "CssUri"), string(bound, "Charset"));
            let page = html::Page {
                title: &title,
                style_sheet: style_sheet.as_deref(),
                own: head.as_deref(),
                charset: charset.as_deref(),
                meta: &meta,
                transitional: bound.switch("Transitional"),
            };
            cx.output(page.head())?;
            cx.output("<body>")?;
            lines(bound, "Body", cx)?;
        }
        lines(bound, "PreContent", cx)?;
        cx.output("<table>")
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for item in input(bound).map(|item| enumerate(item.clone())).unwrap_or_default() {
            if !item.is_null() {
                self.row(&item, cx)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.output("</table>")?;
        lines(bound, "PostContent", cx)?;
        if bound.switch("Fragment") { Ok(()) } else { cx.output("</body>\n</html>") }
    }
}
