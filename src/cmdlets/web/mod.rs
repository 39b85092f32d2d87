//! Invoke-RestMethod and Invoke-WebRequest. They run in the client: what a server may reach is not what its users may.

mod address;
mod answer;
mod asking;
mod client;
mod cookies;
mod form;
#[cfg(test)]
mod tests;
mod tls;

use crate::cmdlet::entry::object_entry;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, CmdletEntry, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::string;
use crate::error::{ErrorRecord, Halt};
use crate::format::json_reader;
use crate::value::{Value, xml};
use client::Answer;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![object_entry::<InvokeRestMethod>(), object_entry::<InvokeWebRequest>()]
}

/// The bound parameters with the body that the pipeline gives.
fn with_body(bound: &Bound) -> Bound {
    let mut whole = bound.clone();
    if let (Some(input), None) = (bound.input(), bound.get("Body")) {
        whole.values.push(("Body".into(), input.clone()));
    }
    whole
}

/// Invoke-RestMethod.
#[derive(Default)]
pub struct InvokeRestMethod;

impl ObjectCmdlet for InvokeRestMethod {
    const NAME: &'static str = "Invoke-RestMethod";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "What a server says in JSON, as objects",
        run: "Invoke-RestMethod https://localhost:8443/api/pools -TimeoutSec 5 -ErrorAction SilentlyContinue",
    }];

    fn spec() -> CmdletSpec {
        asking::signature(Self::NAME)
            .parameter("StatusCodeVariable", ParameterType::String)
            .parameter("ResponseHeadersVariable", ParameterType::String)
            .aliases(&["RHV"])
            .build()
    }
}

/// What an answer says: JSON and XML as objects, all else as text.
fn said(answer: &Answer) -> Result<Value, ErrorRecord> {
    let (media, text) = (answer::media_type(answer), answer::content(answer));
    let options = json_reader::Options::default();
    let json = || json_reader::read(&text, options).ok().flatten();
    let document = || xml::parse(&text).ok().map(Value::Record);
    let found = if media.contains("json") { json().or_else(document) } else { document().or_else(json) };
    // A text that is no more than a word of JSON stays a text unless it says what it is.
    let is_said = media.contains("json") || text.trim_start().starts_with(['{', '[', '<', '"']);
    Ok(found.filter(|_| is_said).unwrap_or_else(|| text.as_str().into()))
}

impl Run for InvokeRestMethod {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let answer = asking::ask(&with_body(bound), cx)?;
        if let Some(name) = string(bound, "StatusCodeVariable") {
            cx.blocks.set_variable(&name, i64::from(answer.status.as_u16()).into());
        }
        if let Some(name) = string(bound, "ResponseHeadersVariable") {
            cx.blocks.set_variable(&name, answer::headers(&answer.headers));
        }
        if bound.get("OutFile").is_some() && !bound.switch("PassThru") {
            return Ok(());
        }
        cx.output(said(&answer)?)
    }
}

/// Invoke-WebRequest.
#[derive(Default)]
pub struct InvokeWebRequest;

impl ObjectCmdlet for InvokeWebRequest {
    const NAME: &'static str = "Invoke-WebRequest";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Whether a page is there",
        run: "(Invoke-WebRequest https://localhost:8443/health -TimeoutSec 5 -ErrorAction SilentlyContinue).StatusCode",
    }];

    fn spec() -> CmdletSpec {
        asking::signature(Self::NAME).build()
    }
}

impl Run for InvokeWebRequest {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let answer = asking::ask(&with_body(bound), cx)?;
        if bound.get("OutFile").is_some() && !bound.switch("PassThru") {
            return Ok(());
        }
        cx.output(answer::object(&answer))
    }
}
