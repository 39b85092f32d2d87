//! What both forms of a document are read into before names are resolved: everything by key, with its place.

use super::model::{Domain, Form, Port, SimpleUrl};
use roxmltree::Node;

/// Everything wrong that is kept of one document; more would help nobody.
const MOST: usize = 200;

/// Something wrong with a document.
#[derive(Debug)]
pub(super) struct Finding {
    /// The byte where it is.
    pub at: usize,
    /// What is wrong, without a full stop.
    pub message: String,
}

/// All that is wrong with a document.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub fn add(&mut self, at: usize, message: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(Finding { at, message: message.into() });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the document's order.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.at);
        self.0
    }
}

#[derive(Debug)]
pub(super) struct Raw {
    pub form: Form,
    pub signature: Option<String>,
    pub default_domain: Option<String>,
    pub domains: Vec<Domain>,
    pub simple_urls: Vec<SimpleUrl>,
    pub sites: Vec<RawSite>,
    pub clusters: Vec<RawCluster>,
    pub sql: Vec<RawSql>,
    pub services: Vec<RawService>,
}

#[derive(Debug)]
pub(super) struct RawSite {
    pub at: usize,
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub parent: Option<String>,
    pub location: [Option<String>; 3],
}

#[derive(Debug)]
pub(super) struct RawCluster {
    pub at: usize,
    pub key: String,
    pub site: String,
    pub fqdn: String,
    pub requires_replication: bool,
    pub requires_setup: bool,
    pub machines: Vec<RawMachine>,
}

#[derive(Debug)]
pub(super) struct RawMachine {
    pub at: usize,
    pub fqdn: Option<String>,
    pub fault_domain: Option<String>,
    pub upgrade_domain: Option<String>,
}

#[derive(Debug)]
pub(super) struct RawSql {
    pub at: usize,
    pub key: String,
    pub cluster: String,
    pub name: String,
    pub always_on_primary: Option<String>,
}

/// A reference by key, with its place.
#[derive(Debug)]
pub(super) struct RawRef {
    pub at: usize,
    pub key: String,
}

#[derive(Debug)]
pub(super) struct RawService {
    pub at: usize,
    pub key: String,
    /// `SiteId` and instance as the document gives them; a draft has none.
    pub numbers: Option<(String, u32)>,
    pub role_name: String,
    pub version: u32,
    pub installed: RawRef,
    pub mirror: Option<RawRef>,
    pub depends: Vec<(String, RawRef)>,
    pub ports: Vec<Port>,
    pub settings: Vec<(String, String)>,
    pub components: Vec<String>,
}

/// All namespaces of the product begin so; elements of others are not looked at.
const OURS: &str = "urn:schema:Microsoft.Rtc.Management.";

/// The elements inside a node that are the product's.
pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|n| n.is_element() && n.tag_name().namespace().is_some_and(|ns| ns.starts_with(OURS)))
}

/// The elements of a name inside a node.
pub(super) fn named<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    elements(node).filter(move |n| n.tag_name().name() == name)
}

/// The elements of a name inside the parts of a node that have another name: `Clusters/Cluster`.
pub(super) fn listed<'a, 'i>(
    node: Node<'a, 'i>,
    list: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    named(node, list).flat_map(move |part| named(part, name))
}

/// The first element of a name inside a node.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    named(node, name).next()
}

/// An attribute that must be there.
pub(super) fn required(node: Node, name: &str, findings: &mut Findings) -> String {
    match node.attribute(name) {
        Some(value) => value.trim().to_string(),
        None => {
            findings.add(node.range().start, format!("{} has no attribute {name}", node.tag_name().name()));
            String::new()
        }
    }
}

/// An attribute that holds a number and must be there.
pub(super) fn number<T: std::str::FromStr + Default>(node: Node, name: &str, findings: &mut Findings) -> T {
    let text = required(node, name, findings);
    text.parse().unwrap_or_else(|_| {
        if node.has_attribute(name) {
            let what = format!("{name}=\"{}\" of {} is not a number in range", shown(&text), node.tag_name().name());
            findings.add(node.range().start, what);
        }
        T::default()
    })
}

/// An attribute that holds a number and may be left out.
pub(super) fn optional_number<T: std::str::FromStr + Default>(
    node: Node,
    name: &str,
    findings: &mut Findings,
) -> Option<T> {
    node.has_attribute(name).then(|| number(node, name, findings))
}

/// An attribute that says true or false.
pub(super) fn flag(node: Node, name: &str, findings: &mut Findings) -> bool {
    match node.attribute(name).map(str::trim) {
        None | Some("false" | "False" | "0") => false,
        Some("true" | "True" | "1") => true,
        Some(other) => {
            let what = format!("{name}=\"{}\" of {} is neither true nor false", shown(other), node.tag_name().name());
            findings.add(node.range().start, what);
            false
        }
    }
}

/// An attribute that is there and not empty.
pub(super) fn optional(node: Node, name: &str) -> Option<String> {
    node.attribute(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_string)
}

/// A text of the document as a message shows it: not endless.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST { text.to_string() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

/// What both forms have alike at the top: SIP domains and simple URLs.
pub(super) fn head(node: Node, form: Form, findings: &mut Findings) -> Raw {
    let domains = child(node, "InternalDomains");
    Raw {
        form,
        signature: optional(node, "Signature"),
        default_domain: domains.and_then(|d| optional(d, "DefaultDomain")),
        domains: domains
            .into_iter()
            .flat_map(|d| named(d, "InternalDomain"))
            .map(|d| Domain {
                name: required(d, "Name", findings),
                allow_sub_domains: flag(d, "AllowSubDomains", findings),
            })
            .collect(),
        simple_urls: listed(node, "SimpleUrlConfiguration", "SimpleUrl")
            .map(|u| SimpleUrl {
                component: optional(u, "Component").unwrap_or_default(),
                domain: optional(u, "Domain").unwrap_or_default(),
                active_url: optional(u, "ActiveUrl").unwrap_or_default(),
            })
            .collect(),
        sites: Vec::new(),
        clusters: Vec::new(),
        sql: Vec::new(),
        services: Vec::new(),
    }
}

/// What both forms have alike in a site.
pub(super) fn site(node: Node, parent: Option<String>, findings: &mut Findings) -> RawSite {
    let text = |name| child(node, name).and_then(|n| n.text()).map(str::trim).filter(|t| !t.is_empty());
    let name = text("Name").map(str::to_string).or_else(|| optional(node, "Name")).unwrap_or_default();
    if name.is_empty() || name.chars().any(char::is_control) {
        findings.add(node.range().start, "a site has no name");
    }
    let location = child(node, "Location");
    let part = |name| location.and_then(|n| optional(n, name));
    RawSite {
        at: node.range().start,
        id: required(node, "SiteId", findings),
        name,
        description: text("Description").map(str::to_string),
        parent,
        location: [part("City"), part("State"), part("CountryCode")],
    }
}

/// What both forms have alike in a computer.
pub(super) fn machine(node: Node) -> RawMachine {
    RawMachine {
        at: node.range().start,
        fqdn: optional(node, "Fqdn"),
        fault_domain: optional(node, "FaultDomain"),
        upgrade_domain: optional(node, "UpgradeDomain"),
    }
}

/// What both forms have alike in a service: its ports.
pub(super) fn ports(service: Node, findings: &mut Findings) -> Vec<Port> {
    listed(service, "Ports", "Port")
        .map(|p| Port {
            owner: optional(p, "Owner").unwrap_or_default(),
            usage: optional(p, "Usage").unwrap_or_default(),
            side: optional(p, "InterfaceSide").unwrap_or_default(),
            port: number(p, "Port", findings),
            configured_port: optional_number(p, "ConfiguredPort", findings),
            protocol: optional(p, "Protocol").unwrap_or_default(),
            range: optional_number(p, "Range", findings),
            configured_fqdn: optional(p, "ConfiguredFqdn"),
        })
        .collect()
}

/// What only one role has: the attributes of its own element and of those inside, and the components.
pub(super) fn details(service: Node) -> (Vec<(String, String)>, Vec<String>) {
    const COMMON: [&str; 6] =
        ["ServiceId", "DependsOn", "InstalledOn", "MirrorInstalledOn", "WitnessInstalledOn", "Ports"];
    let mut settings = Vec::new();
    let mut components = Vec::new();
    for part in elements(service).filter(|n| !COMMON.contains(&n.tag_name().name())) {
        settings.extend(part.attributes().map(|a| (a.name().to_string(), a.value().to_string())));
        for inner in elements(part) {
            let name = inner.tag_name().name();
            settings.extend(inner.attributes().map(|a| (format!("{name}.{}", a.name()), a.value().to_string())));
            components.extend(elements(inner).filter_map(|c| optional(c, "ComponentName")));
        }
    }
    (settings, components)
}
