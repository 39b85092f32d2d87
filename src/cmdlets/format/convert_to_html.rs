//! ConvertTo-Html: objects as a page, or as a part of one.

use super::columns::{self, Field};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::{input, string, texts};
use crate::cmdlets::property::{Keys, Property};
use crate::error::Halt;
use crate::value::statics::html;
use crate::value::text::{to_string, to_text};
use crate::value::{Value, enumerate, same_name};

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

/// What PowerShell writes as the first line of a page: two blanks stand between its parts.
const STRICT: &str = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"  \
\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">";
const TRANSITIONAL: &str = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"  \
\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">";

/// What -Meta may say in the place of the server, and what it may say of the page.
const FOR_SERVER: &[&str] = &["content-type", "default-style", "x-ua-compatible"];
const OF_PAGE: &[&str] = &["application-name", "author", "description", "generator", "keywords", "viewport"];

fn lines(bound: &Bound, name: &str, cx: &mut Context) -> Result<(), Halt> {
    texts(bound.get(name)).into_iter().try_for_each(|line| cx.output(line))
}

/// All of a page up to its body.
fn head(bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    cx.output(if bound.switch("Transitional") { TRANSITIONAL } else { STRICT })?;
    cx.output("<html xmlns=\"http://www.w3.org/1999/xhtml\">")?;
    cx.output("<head>")?;
    if let Some(charset) = string(bound, "Charset") {
        cx.output(format!("<meta charset=\"{}\">", html(&charset)))?;
    }
    if let Some(Value::Map(meta)) = bound.get("Meta") {
        for (name, value) in meta.named() {
            let is = |known: &[&str]| known.iter().any(|known| same_name(known, &name));
            let kind = if is(FOR_SERVER) { "http-equiv" } else { "name" };
            if !is(FOR_SERVER) && !is(OF_PAGE) {
                cx.warning(format!("Browsers look at no -Meta '{name}'; they do at {}.", OF_PAGE.join(", ")));
            }
            cx.output(format!("<meta {kind}=\"{}\" content=\"{}\">", html(&name), html(&to_text(&value))))?;
        }
    }
    match bound.get("Head") {
        Some(_) => lines(bound, "Head", cx)?,
        None => {
            let title = string(bound, "Title").unwrap_or_else(|| "HTML TABLE".into());
            cx.output(format!("<title>{}</title>", html(&title)))?;
        }
    }
    if let Some(address) = string(bound, "CssUri") {
        cx.output(format!("<link rel=\"stylesheet\" type=\"text/css\" href=\"{}\" />", html(&address)))?;
    }
    cx.output("</head><body>")
}

/// The line that says how wide columns are, and where their texts stand.
fn columns(fields: &[Field]) -> String {
    let column = |field: &Field| {
        let width = field.on_page.as_ref().map(|width| format!(" width = \"{}\"", html(width)));
        let align = field.align.map(|align| format!(" align = \"{}\"", format!("{align:?}").to_lowercase()));
        format!("<col{}{}/>", width.unwrap_or_default(), align.unwrap_or_default())
    };
    format!("<colgroup>{}</colgroup>", fields.iter().map(column).collect::<String>())
}

impl ConvertToHtml {
    fn row(&mut self, item: &Value, cx: &mut Context) -> Result<(), Halt> {
        let properties = &self.properties;
        let make = || if properties.is_empty() { columns::all(item) } else { columns::fields(properties, item) };
        let is_first = self.fields.is_none();
        // Each object of a list has lines of its own.
        let own = self.as_list.then(make);
        let fields: &[Field] = match &own {
            Some(own) => own,
            None => self.fields.get_or_insert_with(make),
        };
        let mut values = Vec::with_capacity(fields.len());
        for field in fields {
            values.push(html(&to_string(&field.value(item, cx)?)));
        }
        let labels = fields.iter().map(|field| html(&field.label));
        if own.is_some() {
            if std::mem::replace(&mut self.started, true) {
                cx.output("<tr><td><hr></td></tr>")?;
            }
            let lines = labels.zip(&values).map(|(label, value)| format!("<tr><td>{label}:</td><td>{value}</td></tr>"));
            return lines.collect::<Vec<_>>().into_iter().try_for_each(|line| cx.output(line));
        }
        if is_first {
            let names: String = labels.map(|label| format!("<th>{label}</th>")).collect();
            cx.output(columns(fields))?;
            cx.output(format!("<tr>{names}</tr>"))?;
        }
        cx.output(format!("<tr>{}</tr>", values.iter().map(|value| format!("<td>{value}</td>")).collect::<String>()))
    }
}

impl Run for ConvertToHtml {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.properties = Property::read_all(bound.get("Property"), Keys::Html)?;
        self.as_list = string(bound, "As").is_some_and(|shape| same_name(&shape, "List"));
        if !bound.switch("Fragment") {
            head(bound, cx)?;
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
        if bound.switch("Fragment") { Ok(()) } else { cx.output("</body></html>") }
    }
}
