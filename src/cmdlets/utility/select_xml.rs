//! Select-Xml: what an XPath finds in documents.

use super::matched::STREAM;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::file::paths;
use crate::cmdlets::format::file;
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::{items, string, texts};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, RecordType, Str, TextForm, Value, enumerate, text, xml};

/// Select-Xml.
#[derive(Default)]
pub struct SelectXml;

impl ObjectCmdlet for SelectXml {
    const NAME: &'static str = "Select-Xml";
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "The names in a text",
            run: "Select-Xml -Content \"<Pools><Pool Fqdn='a'/><Pool Fqdn='b'/></Pools>\" -XPath \"//Pool/@Fqdn\" | ForEach-Object { $_.Node.Value }",
        },
        Example {
            what: "The same with a name space",
            run: "Select-Xml -Content \"<p xmlns='urn:p'><q>1</q></p>\" -XPath \"//t:q\" -Namespace @{t = 'urn:p'} | ForEach-Object { $_.Node.InnerText }",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Xml", "Path", "LiteralPath", "Content"])
            .parameter("XPath", ParameterType::String)
            .mandatory()
            .at(0)
            .not_empty()
            .parameter("Xml", many(ParameterType::Object))
            .doc("XmlNode[]")
            .aliases(&["Node"])
            .mandatory()
            .at(1)
            .by_value()
            .by_property()
            .only(&["Xml"])
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(1)
            .by_property()
            .only(&["Path"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["LiteralPath"])
            .parameter("Content", many(ParameterType::String))
            .mandatory()
            .by_value()
            .only(&["Content"])
            .parameter("Namespace", ParameterType::Hashtable)
            .build()
    }
}

/// What is no document, as an error.
fn no_document(of: &str, why: &str) -> ErrorRecord {
    ErrorRecord::new("ProcessingFile", Category::InvalidType, format!("{of} is no XML document: {why}."))
}

fn select(document: &Value, path: &str, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    let xpath = string(bound, "XPath").unwrap_or_default();
    let spaces = bound.get("Namespace").map(xml::spaces_of).unwrap_or_default();
    let Some(node) = xml::node(document) else {
        let error =
            no_document("An object of the pipeline", &format!("it is a {}", crate::value::types::name_of(document)));
        return cx.error(error.hint("Make one of a text with [xml]$text, or use -Content."));
    };
    for found in enumerate(node.select(&xpath, &spaces)?) {
        let kind = RecordType::new("Microsoft.PowerShell.Commands.SelectXmlInfo", TextForm::Property(" text"));
        let shown = xml::node(&found).map_or_else(|| text::to_text(&found), |node| node.outer().into());
        let fields: [(&str, Value); 4] = [
            ("Node", found),
            ("Path", path.into()),
            ("Pattern", Value::Str(xpath.clone())),
            (" text", Value::Str(shown)),
        ];
        cx.output(Record::new(kind, fields))?;
    }
    Ok(())
}

fn select_in(content: &str, path: &str, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    match xml::parse(content) {
        Ok(document) => select(&Value::Record(document), path, bound, cx),
        Err(why) => cx.error(no_document(if path == STREAM { "The text" } else { path }, &why)),
    }
}

impl Run for SelectXml {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if bound.get("Path").is_some() || bound.get("LiteralPath").is_some() {
            for path in paths::given(bound, cx)? {
                let path = path.display().to_string();
                match file::read(&path, bound) {
                    Ok(content) => select_in(&content, &path, bound, cx)?,
                    Err(error) => paths::tell(error, cx)?,
                }
            }
            return Ok(());
        }
        if bound.get("Content").is_some() {
            let contents: Vec<Str> = texts(bound.get("Content"));
            return contents.iter().try_for_each(|content| select_in(content, STREAM, bound, cx));
        }
        items(bound.get("Xml")).iter().try_for_each(|document| select(document, STREAM, bound, cx))
    }
}
