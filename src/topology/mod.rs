//! The topology: sites, pools, computers, SQL instances and services, read from the published XML document.
//!
//! The document is the record: its text is kept as it came, unknown parts and all, and an export gives it back byte
//! for byte. What is here is a reading of it. Two forms are read:
//!
//! - the published document (root `Topology`), which is what the store holds and `Publish-CsTopology` takes;
//! - Topology Builder's draft (`.tbxml`, root `TopologyBuilder`), read only: a deployment can be made from one and
//!   shows it, but nothing writes one and `Publish-CsTopology` refuses it (`TopologyReadOnly`).
//!
//! Where the published schema has no documented way to say a thing, ours is kept here:
//!
//! - pools are paired by `<Dependency Usage="Backup">` from the `UserServices` of each to that of the other; the
//!   same from `Registrar` to `Registrar` names the backup registrar (and pairs the pools where both sides do so);
//! - the mirror of a database stands in `<MirrorInstalledOn>` beside `<InstalledOn>` of its service.

mod builder;
mod databases;
mod edit;
mod file;
mod lookup;
mod model;
mod next_hop;
mod published;
mod raw;
mod resolve;
pub mod roles;
pub mod sample;
mod stored;
#[cfg(test)]
mod tests;
mod xml;

pub use databases::{Database, DatabasePlaces};
pub use file::{LARGEST_FILE, of_file, read_file};
pub use model::{
    Computer, Dependency, Domain, Form, Pool, Port, Service, SimpleUrl, Site, SqlInstance, SqlPlace, StorePlace,
};
pub use stored::{change, document_id, load};

use crate::error::{Category, ErrorRecord};
use std::sync::Arc;

/// A topology: the document and the reading of it. Immutable.
#[derive(Debug)]
pub struct Topology {
    text: Arc<str>,
    form: Form,
    signature: Option<String>,
    default_domain: Option<String>,
    domains: Vec<Domain>,
    simple_urls: Vec<SimpleUrl>,
    sites: Vec<Site>,
    pools: Vec<Pool>,
    sql_instances: Vec<SqlInstance>,
    services: Vec<Service>,
    warnings: Vec<String>,
}

impl Topology {
    /// Reads a document of either form.
    ///
    /// # Errors
    /// Each with line and column: `TopologyNotXml` (not well formed), `TopologyUnsafe` (a document type declaration,
    /// so any entity bomb), `TopologyTooLarge`, `TopologyTooDeep`, `TopologyForeign` (another kind of document),
    /// `TopologyInvalid` (something missing, doubled or dangling; all findings are listed).
    pub fn parse(text: &str) -> Result<Topology, ErrorRecord> {
        let document = xml::parse(text)?;
        let root = document.root_element();
        let mut findings = raw::Findings::default();
        let raw = match (root.tag_name().name(), root.tag_name().namespace()) {
            ("Topology", Some(published::NAMESPACE)) => published::read(root, &mut findings),
            ("TopologyBuilder", Some(builder::NAMESPACE)) => builder::read(root, &mut findings),
            (name, namespace) => return Err(xml::foreign(text, root.range().start, name, namespace)),
        };
        let topology = resolve::resolve(text, raw, &mut findings);
        if findings.is_empty() { Ok(topology) } else { Err(xml::invalid(text, findings.into_sorted())) }
    }

    /// Reads a document from a file's bytes: UTF-8 with or without its mark, or UTF-16 with its mark, as Windows
    /// PowerShell's `Out-File` writes it.
    ///
    /// # Errors
    /// Those of [`Topology::parse`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Topology, ErrorRecord> {
        Topology::parse(&xml::decode(bytes)?)
    }

    /// The document's text, as it came.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Which form it came in.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The signature that the document carries, a GUID that changes with each publication by the original's tools.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// The default SIP domain.
    pub fn default_domain(&self) -> Option<&str> {
        self.default_domain.as_deref()
    }

    /// The SIP domains.
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// The simple URLs, where the document has them.
    pub fn simple_urls(&self) -> &[SimpleUrl] {
        &self.simple_urls
    }

    /// What is odd but does not keep the document from use: a pairing that is not mutual, no active store.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Refuses a document that can be read but not published.
    ///
    /// # Errors
    /// `TopologyReadOnly` for a Topology Builder document.
    pub fn check_publishable(&self) -> Result<(), ErrorRecord> {
        match self.form {
            Form::Published => Ok(()),
            Form::Builder => Err(ErrorRecord::new(
                "TopologyReadOnly",
                Category::InvalidOperation,
                "This is a Topology Builder document, a draft: it can be read, but not published.",
            )
            .hint("Publish the published form: the text that (Get-CsTopology -AsXml).ToString() gives, root element Topology.")
            .hint("A new deployment can be made from the draft as it is: reeve init DIR --topology FILE.")),
        }
    }
}
