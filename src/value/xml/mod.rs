//! `[xml]`: a document as objects, read as PowerShell's adapter shows it: an element is a property; attributes and
//! child elements are its properties; an element of text alone is that text; several of a name are a list. The objects
//! are doors to one tree, so that a change is seen through each of them.

mod dom;
mod methods;
mod properties;
mod read;
mod save;
mod spaces;
mod write;
mod xpath;

pub use spaces::{MANAGER, manager, of as spaces_of};

use super::member::{Answer, Call};
use super::{Record, RecordType, Str, TextForm, Value};
use crate::error::ErrorRecord;
use dom::{At, DOCUMENT, Dom, Kind};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use xpath::Found;

/// Type name of a document.
pub const DOCUMENT_TYPE: &str = "System.Xml.XmlDocument";
/// Type name of the attributes of an element.
const ATTRIBUTES: &str = "System.Xml.XmlAttributeCollection";

/// A node of a document, or the attributes of one: what a record of XML has its properties from.
#[derive(Clone)]
pub struct Node {
    dom: Arc<Mutex<Dom>>,
    at: At,
    /// It stands for the attributes of the node.
    attributes: bool,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.at)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        Arc::ptr_eq(&self.dom, &other.dom) && self.at == other.at && self.attributes == other.attributes
    }
}

impl Eq for Node {}

/// Reads a document.
///
/// # Errors
/// What is wrong with the text, and where.
pub fn parse(text: &str) -> Result<Record, String> {
    Ok(Node::read(text)?.record())
}

/// A document with nothing in it.
pub fn empty() -> Record {
    Node::of(Dom::new()).record()
}

/// The node behind a record, if there is one.
pub fn node(value: &Value) -> Option<&Node> {
    match value {
        Value::Record(record) => record.kind().node(),
        _ => None,
    }
}

/// Calls a method of a namespace manager.
pub(super) fn call_manager(record: &Record, call: &Call) -> Answer {
    spaces::call(record, call)
}

/// Whether a text is a well-formed document.
fn check(text: &str) -> Result<(), String> {
    roxmltree::Document::parse(text).map(|_| ()).map_err(|error| error.to_string())
}

impl Node {
    fn of(dom: Dom) -> Node {
        Node { dom: Arc::new(Mutex::new(dom)), at: DOCUMENT, attributes: false }
    }

    fn read(text: &str) -> Result<Node, String> {
        let text = text.trim_start_matches('\u{feff}').trim();
        check(text)?;
        let mut dom = Dom::new();
        read::fill(&mut dom, DOCUMENT, text);
        Ok(Node::of(dom))
    }

    fn lock(&self) -> MutexGuard<'_, Dom> {
        // A panic while the lock is held leaves a tree that can be walked: places are never taken off its list.
        self.dom.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, at: At) -> Node {
        Node { dom: self.dom.clone(), at, attributes: false }
    }

    /// The record of this node.
    fn record(&self) -> Record {
        let name = if self.attributes { ATTRIBUTES } else { type_name(self.lock().item(self.at).kind) };
        Record::new(RecordType::of_node(name, self.clone()), Vec::<(Str, Value)>::new())
    }

    fn value(&self, at: At) -> Value {
        Value::Record(self.at(at).record())
    }

    fn values(&self, nodes: &[At]) -> Value {
        Value::list(nodes.iter().map(|at| self.value(*at)).collect())
    }

    /// The names of the properties that are shown.
    pub(super) fn names(&self) -> Vec<Str> {
        if self.attributes { Vec::new() } else { properties::names(&self.lock(), self.at) }
    }

    /// The value of a property, shown or not, its name in any case.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        properties::get(self, name)
    }

    /// Sets a property; `None` where there is none of that name.
    pub(super) fn set(&self, name: &str, to: &Value) -> Option<Result<(), ErrorRecord>> {
        properties::set(self, name, to)
    }

    /// Calls a method; `None` for what every object has.
    pub(super) fn call(&self, call: &Call) -> Answer {
        methods::call(self, call)
    }

    /// What it says of itself.
    pub(super) fn text(&self) -> Str {
        if self.attributes { ATTRIBUTES.into() } else { self.lock().item(self.at).local().into() }
    }

    /// The elements of a collection.
    pub(super) fn items(&self) -> Option<Vec<Value>> {
        let attributes = self.attributes.then(|| self.lock().item(self.at).attributes.clone())?;
        Some(attributes.into_iter().map(|at| self.value(at)).collect())
    }

    /// The attribute of a name, of a collection.
    pub(super) fn named(&self, name: &str) -> Option<Value> {
        let found = self.lock().attribute(self.at, name);
        found.map(|at| self.value(at))
    }

    /// The text of the node with all that is in it.
    pub fn outer(&self) -> String {
        write::outer(&self.lock(), self.at)
    }

    /// What an expression finds from this node on: nodes as records, all else as it is.
    ///
    /// # Errors
    /// `XPathException`.
    pub fn select(&self, xpath: &str, spaces: &[(String, String)]) -> Result<Value, ErrorRecord> {
        let found = xpath::evaluate(&self.lock(), self.at, xpath, spaces)?;
        Ok(match found {
            Found::Nodes(nodes) => self.values(&nodes),
            Found::Text(text) => text.into(),
            Found::Number(number) => number.into(),
            Found::Truth(truth) => truth.into(),
        })
    }
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Document => DOCUMENT_TYPE,
        Kind::Element => "System.Xml.XmlElement",
        Kind::Attribute => "System.Xml.XmlAttribute",
        Kind::Text => "System.Xml.XmlText",
        Kind::CData => "System.Xml.XmlCDataSection",
        Kind::Comment => "System.Xml.XmlComment",
        Kind::Instruction => "System.Xml.XmlProcessingInstruction",
        Kind::Declaration => "System.Xml.XmlDeclaration",
    }
}

impl RecordType {
    /// The type of a record that has its properties from a node.
    fn of_node(name: &str, node: Node) -> Arc<RecordType> {
        Arc::new(RecordType { name: name.into(), text: TextForm::TypeName, node: Some(Box::new(node)) })
    }
}

#[cfg(test)]
mod tests;
