//! The published form: root `Topology`; sites, clusters and services refer to each other by numbers.

use super::model::Form;
use super::raw::{self, Findings, Raw, RawCluster, RawRef, RawService, RawSql};
use roxmltree::Node;

/// The namespace of its root.
pub(super) const NAMESPACE: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008";

pub(super) fn read(root: Node, findings: &mut Findings) -> Raw {
    let mut raw = raw::head(root, Form::Published, findings);
    for part in ["Sites", "Clusters", "Services"] {
        if raw::child(root, part).is_none() {
            findings.add(root.range().start, format!("Topology has no part {part}"));
        }
    }
    for site in raw::named(root, "Sites").flat_map(raw::elements) {
        let parent = raw::optional(site, "ParentSiteId").or_else(|| raw::optional(site, "CentralSiteId"));
        let read = raw::site(site, parent, findings);
        let central = read.id.clone();
        raw.sites.push(read);
        for branch in raw::listed(site, "RemoteSites", "RemoteSite") {
            raw.sites.push(raw::site(branch, Some(central.clone()), findings));
        }
    }
    raw.clusters = raw::listed(root, "Clusters", "Cluster").map(|c| cluster(c, findings)).collect();
    raw.sql = raw::listed(root, "SqlInstances", "SqlInstance").map(|s| sql(s, findings)).collect();
    raw.services = raw::listed(root, "Services", "Service").map(|s| service(s, findings)).collect();
    raw
}

/// `1/2`: site and number. A place is there even where the element is not.
fn cluster_key(holder: Node, findings: &mut Findings) -> (String, String) {
    let Some(id) = raw::child(holder, "ClusterId") else {
        findings.add(holder.range().start, format!("{} has no ClusterId", holder.tag_name().name()));
        return (String::new(), String::new());
    };
    let site = raw::required(id, "SiteId", findings);
    let number: u32 = raw::number(id, "Number", findings);
    (format!("{site}/{number}"), site)
}

/// `1/2\rtc`: a cluster and the name of the instance, in any case.
fn sql_key(id: Node, findings: &mut Findings) -> (String, String, String) {
    let (cluster, _) = cluster_key(id, findings);
    let name = raw::optional(id, "Name").unwrap_or_default();
    (format!("{cluster}\\{}", name.to_lowercase()), cluster, name)
}

fn service_key(id: Node, findings: &mut Findings) -> (String, String, String, u32) {
    let site = raw::required(id, "SiteId", findings);
    let role = raw::required(id, "RoleName", findings);
    let instance = raw::number(id, "Instance", findings);
    (format!("{site}-{role}-{instance}"), site, role, instance)
}

fn cluster(node: Node, findings: &mut Findings) -> RawCluster {
    let (key, site) = cluster_key(node, findings);
    RawCluster {
        at: node.range().start,
        key,
        site,
        fqdn: raw::required(node, "Fqdn", findings),
        requires_replication: raw::flag(node, "RequiresReplication", findings),
        requires_setup: raw::flag(node, "RequiresSetup", findings),
        machines: raw::named(node, "Machine").map(raw::machine).collect(),
    }
}

fn sql(node: Node, findings: &mut Findings) -> RawSql {
    let (key, cluster, name) = match raw::child(node, "SqlInstanceId") {
        Some(id) => sql_key(id, findings),
        None => {
            findings.add(node.range().start, "SqlInstance has no SqlInstanceId");
            Default::default()
        }
    };
    let always_on_primary = raw::optional(node, "AlwaysOnPrimaryNodeFqdn");
    RawSql { at: node.range().start, key, cluster, name, always_on_primary }
}

/// What an `InstalledOn` names: a cluster or an SQL instance.
fn place(node: Node, findings: &mut Findings) -> RawRef {
    let key = match raw::child(node, "SqlInstanceId") {
        Some(id) => sql_key(id, findings).0,
        None => cluster_key(node, findings).0,
    };
    RawRef { at: node.range().start, key }
}

fn service(node: Node, findings: &mut Findings) -> RawService {
    let at = node.range().start;
    let (key, site, role_name, instance) = match raw::child(node, "ServiceId") {
        Some(id) => service_key(id, findings),
        None => {
            findings.add(at, "Service has no ServiceId");
            Default::default()
        }
    };
    let installed = match raw::child(node, "InstalledOn") {
        Some(on) => place(on, findings),
        None => {
            findings.add(at, format!("service {key} has no InstalledOn"));
            RawRef { at, key: String::new() }
        }
    };
    let mut depends = Vec::new();
    for dependency in raw::listed(node, "DependsOn", "Dependency") {
        let usage = raw::optional(dependency, "Usage").unwrap_or_else(|| "Default".to_string());
        match raw::child(dependency, "ServiceId") {
            Some(id) => {
                depends.push((usage, RawRef { at: id.range().start, key: service_key(id, findings).0 }));
            }
            None => findings.add(dependency.range().start, "Dependency has no ServiceId"),
        }
    }
    let (settings, components) = raw::details(node);
    RawService {
        at,
        key,
        numbers: Some((site, instance)),
        role_name,
        version: raw::optional_number(node, "ServiceVersion", findings).unwrap_or_default(),
        installed,
        mirror: raw::child(node, "MirrorInstalledOn").map(|on| place(on, findings)),
        depends,
        ports: raw::ports(node, findings),
        settings,
        components,
    }
}
