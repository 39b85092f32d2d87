//! Topology Builder's draft: root `TopologyBuilder`; everything refers to everything by unique ids.

use super::model::Form;
use super::raw::{self, Findings, Raw, RawCluster, RawRef, RawService, RawSql};
use roxmltree::Node;

/// The namespace of its root.
pub(super) const NAMESPACE: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.TopologyBuilder.2008";

pub(super) fn read(root: Node, findings: &mut Findings) -> Raw {
    let new = raw::child(root, "NewTopology").and_then(|n| raw::child(n, "PartialTopology"));
    let Some(partial) = new else {
        findings.add(root.range().start, "TopologyBuilder has no NewTopology/PartialTopology");
        return raw::head(root, Form::Builder, findings);
    };
    let mut raw = raw::head(partial, Form::Builder, findings);
    for central in raw::listed(partial, "CentralSites", "CentralSite") {
        let read = raw::site(central, None, findings);
        let id = read.id.clone();
        raw.sites.push(read);
        clusters(central, &id, &mut raw, findings);
        for branch in raw::listed(central, "RemoteSites", "RemoteSite") {
            let read = raw::site(branch, Some(id.clone()), findings);
            let id = read.id.clone();
            raw.sites.push(read);
            clusters(branch, &id, &mut raw, findings);
        }
    }
    raw.services = raw::listed(partial, "Services", "Service").map(|s| service(s, findings)).collect();
    raw
}

fn unique(node: Node, name: &str, findings: &mut Findings) -> String {
    raw::required(node, name, findings).to_lowercase()
}

fn clusters(site: Node, id: &str, raw: &mut Raw, findings: &mut Findings) {
    for node in raw::listed(site, "Clusters", "Cluster") {
        let key = unique(node, "UniqueId", findings);
        for sql in raw::listed(node, "SqlInstances", "SqlInstance") {
            raw.sql.push(RawSql {
                at: sql.range().start,
                key: unique(sql, "UniqueId", findings),
                cluster: key.clone(),
                name: raw::optional(sql, "Name").unwrap_or_default(),
                always_on_primary: raw::optional(sql, "AlwaysOnPrimaryNodeFqdn"),
            });
        }
        raw.clusters.push(RawCluster {
            at: node.range().start,
            key,
            site: id.to_string(),
            fqdn: raw::required(node, "Fqdn", findings),
            requires_replication: raw::flag(node, "RequiresReplication", findings),
            requires_setup: raw::flag(node, "RequiresSetup", findings),
            machines: raw::listed(node, "Machines", "Machine").map(raw::machine).collect(),
        });
    }
}

fn service(node: Node, findings: &mut Findings) -> RawService {
    let at = node.range().start;
    let (settings, components) = raw::details(node);
    RawService {
        at,
        key: unique(node, "UniqueId", findings),
        numbers: None,
        role_name: raw::required(node, "RoleName", findings),
        version: raw::optional_number(node, "ServiceVersion", findings).unwrap_or_default(),
        installed: RawRef { at, key: unique(node, "InstalledOn", findings) },
        mirror: raw::optional(node, "MirrorInstalledOn").map(|key| RawRef { at, key: key.to_lowercase() }),
        depends: raw::listed(node, "DependsOn", "Dependency")
            .map(|d| {
                let usage = raw::optional(d, "Usage").unwrap_or_else(|| "Default".to_string());
                (usage, RawRef { at: d.range().start, key: unique(d, "ServiceUniqueId", findings) })
            })
            .collect(),
        ports: raw::ports(node, findings),
        settings,
        components,
    }
}
