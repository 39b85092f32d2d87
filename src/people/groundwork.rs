//! What the directory of every deployment begins with: a unit for each site, and the groups that hold the predefined
//! roles, with nobody in them.

use super::{GROUP, Group, OU, OrganizationalUnit, dn, document_id};
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Expected};
use crate::topology::Topology;
use crate::value::same_name;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// A group as the data have it; its members by name.
#[derive(Deserialize)]
pub(super) struct GroupData {
    pub name: String,
    pub description: String,
    pub members: Vec<String>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<GroupData>,
}

/// The changes that make the directory of a new deployment. Its security identifiers follow from the deployment's id.
///
/// # Errors
/// None with the data that ship.
pub fn changes(topology: &Topology, deployment: &str, computer: &str) -> Result<Vec<Change>, ErrorRecord> {
    let root = root_of(topology, computer);
    let mut changes = Vec::new();
    let units: BTreeSet<String> =
        topology.sites().iter().map(|site| format!("OU={},{root}", dn::escape(site.name.trim()))).collect();
    for dn in units {
        changes.push(change(OU, &dn, &unit(&dn))?);
    }
    let groups = groups()?;
    let dns: HashMap<String, String> = groups.iter().map(|g| (g.name.clone(), group_dn(&g.name, &root))).collect();
    let authority = authority(deployment);
    for (at, data) in groups.iter().enumerate() {
        let made = group(data, &root, &dns, &authority, at);
        changes.push(change(GROUP, &made.dn, &made)?);
    }
    Ok(changes)
}

/// The root of the directory, `DC=litwareinc,DC=com`: the topology's domain, or else that of a computer.
pub fn root_of(topology: &Topology, computer: &str) -> String {
    let domain = topology.default_domain().or_else(|| computer.split_once('.').map(|(_, domain)| domain));
    dn::of_domain(domain.filter(|domain| !domain.is_empty()).unwrap_or("local"))
}

/// Where groups and users are that no unit was named for: `CN=Users,DC=litwareinc,DC=com`.
pub fn container(root: &str) -> String {
    format!("CN=Users,{root}")
}

/// Whether a group is one that every deployment begins with.
pub fn is_predefined(name: &str) -> bool {
    groups().is_ok_and(|groups| groups.iter().any(|group| same_name(&group.name, name)))
}

/// The groups of every deployment.
pub(super) fn groups() -> Result<Vec<GroupData>, ErrorRecord> {
    parse::<Groups>(include_str!("../../stdlib/people/groups.json")).map(|data| data.groups)
}

/// The distinguished name of a group.
pub(super) fn group_dn(name: &str, root: &str) -> String {
    format!("CN={},{}", dn::escape(name), container(root))
}

/// A group with its members, the `at`th that is made.
pub(super) fn group(data: &GroupData, root: &str, dns: &HashMap<String, String>, authority: &str, at: usize) -> Group {
    Group {
        dn: group_dn(&data.name, root),
        sam_account_name: data.name.clone(),
        description: data.description.clone(),
        sid: format!("{authority}-{}", 3100 + at),
        members: data.members.iter().filter_map(|member| dns.get(member).cloned()).collect(),
        other: serde_json::Map::default(),
    }
}

/// A unit.
pub(super) fn unit(dn: &str) -> OrganizationalUnit {
    let name = dn::parts(dn)[0].split_once('=').map_or("", |(_, name)| name);
    OrganizationalUnit { dn: dn.to_string(), name: dn::unescape(name.trim()), other: serde_json::Map::default() }
}

/// The first part of all security identifiers of a deployment.
pub fn authority(deployment: &str) -> String {
    let hash = blake3::hash(deployment.as_bytes());
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| hash.as_bytes()[at + i]));
    format!("S-1-5-21-{}-{}-{}", number(0), number(4), number(8))
}

pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ErrorRecord> {
    serde_json::from_str(text).map_err(damaged)
}

pub(super) fn change(kind: &str, dn: &str, body: &impl Serialize) -> Result<Change, ErrorRecord> {
    let body = serde_json::to_value(body).map_err(damaged)?;
    Ok(Change { id: document_id(kind, dn), expected: Expected::Absent, body: Some(body) })
}

fn damaged(error: serde_json::Error) -> ErrorRecord {
    ErrorRecord::new("SampleDamaged", Category::InvalidData, format!("The directory that ships: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Directory;
    use crate::store::{Grant, SqliteStore, Store};

    #[test]
    fn every_deployment_has_a_unit_for_each_site_and_a_group_for_each_role() {
        let topology = Topology::parse(crate::topology::sample::LITWAREINC).expect("the sample");
        let store = SqliteStore::in_memory().expect("made");
        let changes = changes(&topology, "one", "a.litwareinc.com").expect("data");
        store.commit(&Grant::system("test"), &changes).expect("kept");
        let directory = Directory::load(&store).expect("loaded");
        assert_eq!((directory.users().count(), directory.ous().count()), (0, 4));
        assert!(directory.find_ou("ou=Redmond,dc=litwareinc,dc=com").is_ok());
        let group = directory.find_group("CsAdministrator").expect("a group");
        assert!(group.members.is_empty() && group.sid.starts_with("S-1-5-21-"));
        assert!(is_predefined("cshelpdesk") && !is_predefined("Voice Team"));
        let other = super::changes(&topology, "two", "").expect("data");
        assert!(!other.iter().any(|c| c.body.as_ref().is_some_and(|b| b["Sid"] == *group.sid)));
    }
}
