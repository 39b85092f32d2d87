//! The next hop of an Edge pool: read from the topology, and changed in its document, in place.

use super::{Service, Topology, published, xml};
use crate::error::{Category, ErrorRecord};
use crate::value::same_name;
use std::ops::Range;

impl Topology {
    /// The Edge servers whose next hop is the Registrar of a pool.
    pub fn edges_behind<'a>(&'a self, pool: &'a str) -> impl Iterator<Item = &'a Service> {
        self.services().iter().filter(move |service| {
            let hop = service.needs("Registrar", "Default").and_then(|identity| identity.split_once(':'));
            service.role == "EdgeServer" && hop.is_some_and(|(_, hop)| same_name(hop, pool))
        })
    }

    /// The topology in which the next hop of an Edge server is another Registrar. Every other byte of the text stays; the
    /// signature too, for it names a publication.
    ///
    /// # Errors
    /// `TopologyReadOnly` for a draft; `ServiceNotFound`; `InvalidService` where one of them is no Edge server or no
    /// Registrar, or where the Edge server's part of the document names no next hop; those of [`Topology::parse`].
    pub fn with_next_hop(&self, edge: &str, registrar: &str) -> Result<Topology, ErrorRecord> {
        self.check_publishable()?;
        let edge = self.of_role(edge, "EdgeServer")?;
        let registrar = self.of_role(registrar, "Registrar")?;
        let wrong = |what: &str| {
            let message = format!("The next hop of {} cannot be changed: {what}.", edge.identity);
            ErrorRecord::new("InvalidService", Category::InvalidData, message).target(edge.identity.as_str())
        };
        let mut parts = registrar.service_id.split('-');
        let (Some(site), Some(_), Some(instance)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("the Registrar has no number"));
        };
        let document = xml::parse(self.text())?;
        // Services of the reading stand in the document's order, so the n-th of one is the n-th of the other.
        let at = self.services().iter().position(|service| service.identity == edge.identity).unwrap_or(0);
        let service =
            document.descendants().filter(|node| node.has_tag_name((published::NAMESPACE, "Service"))).nth(at);
        let hop = service.into_iter().flat_map(|service| service.descendants()).find(|node| {
            node.tag_name().name() == "ServiceId"
                && node.attribute("RoleName") == Some("Registrar")
                && node.parent().is_some_and(|parent| parent.tag_name().name() == "Dependency")
        });
        let hop = hop.ok_or_else(|| wrong("its part of the topology names none"))?;
        let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
        for (name, value) in [("SiteId", site), ("Instance", instance)] {
            let attribute = hop.attribute_node(name).ok_or_else(|| wrong("its part of the topology is not whole"))?;
            edits.push((attribute.range_value(), value));
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut text, mut end) = (String::with_capacity(self.text().len() + 8), 0);
        for (range, new) in edits {
            text.push_str(self.text().get(end..range.start).unwrap_or_default());
            text.push_str(new);
            end = range.end;
        }
        text.push_str(self.text().get(end..).unwrap_or_default());
        Topology::parse(&text)
    }

    /// A service of a role by its identity or by the name of its pool.
    fn of_role(&self, identity: &str, role: &str) -> Result<&Service, ErrorRecord> {
        let found = self.services_named(identity)?;
        found.into_iter().find(|service| service.role == role).ok_or_else(|| {
            let message = format!("'{identity}' is no service of the role {role}.");
            ErrorRecord::new("InvalidService", Category::InvalidArgument, message)
                .target(identity)
                .hint(format!("Get-CsService -{role} lists those that are."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::sample;

    const EDGE: &str = "EdgeServer:atl-edge-001.litwareinc.com";

    /// Rule: the next hop goes to another Registrar and back, and nothing else in the document changes.
    #[test]
    fn the_next_hop_goes_there_and_back() {
        let topology = Topology::parse(sample::LITWAREINC).unwrap();
        let behind = |topology: &Topology, pool: &str| {
            topology.edges_behind(pool).map(|edge| edge.identity.clone()).collect::<Vec<_>>()
        };
        assert_eq!(behind(&topology, "ATL-cs-001.litwareinc.com"), [EDGE]);
        let moved = topology.with_next_hop(EDGE, "Registrar:redmond-cs-001.litwareinc.com").unwrap();
        assert_eq!(behind(&moved, "redmond-cs-001.litwareinc.com"), [EDGE]);
        assert!(behind(&moved, "atl-cs-001.litwareinc.com").is_empty());
        let back = moved.with_next_hop("Service:EdgeServer:atl-edge-001.litwareinc.com", "2-Registrar-1").unwrap();
        assert_eq!(back.text(), topology.text());
        for (edge, registrar, id) in [
            ("Registrar:dub-pool.litwareinc.com", "Registrar:dub-pool.litwareinc.com", "InvalidService"),
            (EDGE, "UserServer:dub-pool.litwareinc.com", "InvalidService"),
            (EDGE, "Registrar:dub-poool.litwareinc.com", "ServiceNotFound"),
        ] {
            assert_eq!(topology.with_next_hop(edge, registrar).unwrap_err().id(), id, "{edge} {registrar}");
        }
    }
}
