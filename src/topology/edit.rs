//! Edits of the published document, in place: one attribute changes, every other byte stays.

use super::{Topology, published, roles, xml};
use crate::error::{Category, ErrorRecord};
use crate::value::same_name;
use std::ops::Range;

impl Topology {
    /// The topology in which the Central Management service of a pool is the active one. The text changes in the values
    /// of the attributes `IsActive` alone; the signature stays, for it names a publication.
    ///
    /// # Errors
    /// `TopologyReadOnly` for a draft; `PoolNotFound`; `RoleNotPresent` where the pool has no Central Management service;
    /// those of [`Topology::parse`].
    pub fn with_active_pool(&self, pool: &str) -> Result<Topology, ErrorRecord> {
        self.check_publishable()?;
        let pool = self.pool(pool)?.fqdn.clone();
        let absent = || {
            let message = format!("The role CentralMgmt is not present on the pool {pool}.");
            ErrorRecord::new("RoleNotPresent", Category::ObjectNotFound, message)
                .target(pool.as_str())
                .hint("Get-CsService -CentralManagement lists the pools that can hold the store.")
        };
        // Services of the reading stand in the document's order, so the n-th of one is the n-th of the other.
        let wanted: Vec<bool> = self
            .services()
            .iter()
            .filter(|service| service.role == roles::role("CentralMgmt"))
            .map(|service| same_name(&service.pool, &pool))
            .collect();
        if !wanted.contains(&true) {
            return Err(absent());
        }
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let document = xml::parse(self.text())?;
        let services = document.descendants().filter(|node| {
            let id = node.children().find(|child| child.tag_name().name() == "ServiceId");
            node.has_tag_name((published::NAMESPACE, "Service"))
                && id.and_then(|id| id.attribute("RoleName")) == Some("CentralMgmt")
        });
        for (service, active) in services.zip(wanted) {
            let Some(part) = service.children().find(|child| child.tag_name().name() == "CentralMgmtService") else {
                // A standby may go without; the active one must be able to say so.
                if active {
                    return Err(absent().hint("Its service has no element CentralMgmtService in the document."));
                }
                continue;
            };
            match part.attribute_node("IsActive") {
                Some(attribute) => {
                    let is = attribute.value().eq_ignore_ascii_case("true");
                    if is != active {
                        edits.push((attribute.range_value(), active.to_string()));
                    }
                }
                None if active => {
                    // Behind the element's name, which the range begins with.
                    let name = self.text().get(part.range().start..).unwrap_or_default();
                    let length = name.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(name.len());
                    let at = part.range().start + length;
                    edits.push((at..at, " IsActive=\"true\"".to_owned()));
                }
                None => {}
            }
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut text, mut end) = (String::with_capacity(self.text().len() + 32), 0);
        for (range, new) in edits {
            text.push_str(self.text().get(end..range.start).unwrap_or_default());
            text.push_str(&new);
            end = range.end;
        }
        text.push_str(self.text().get(end..).unwrap_or_default());
        Topology::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::sample::{LITWAREINC, LITWAREINC_MIRRORED};

    const ATLANTA: &str = "atl-cs-001.litwareinc.com";
    const REDMOND: &str = "redmond-cs-001.litwareinc.com";

    /// Rule: the other pool is active then, and the text differs in nothing but the two attributes; and back again it is
    /// the very text that it was.
    #[test]
    fn nothing_but_the_attributes_changes() {
        for text in [LITWAREINC, LITWAREINC_MIRRORED] {
            let before = Topology::parse(text).unwrap();
            let after = before.with_active_pool("REDMOND-cs-001.litwareinc.com").unwrap();
            assert_eq!(after.active_store().map(|place| place.pool), Some(REDMOND.to_owned()));
            assert_eq!(after.signature(), before.signature());
            let plain = |text: &str| text.replace("IsActive=\"true\"", "").replace("IsActive=\"false\"", "");
            assert_eq!(plain(after.text()), plain(text));
            assert_eq!(&**after.with_active_pool(ATLANTA).unwrap().text(), text);
            assert_eq!(after.with_active_pool(REDMOND).unwrap().text(), after.text());
        }
    }

    /// Rule: what cannot be active is refused by its id.
    #[test]
    fn what_cannot_be_active_is_refused() {
        let topology = Topology::parse(LITWAREINC).unwrap();
        for (pool, id) in [("nowhere.litwareinc.com", "PoolNotFound"), ("dub-pool.litwareinc.com", "RoleNotPresent")] {
            assert_eq!(topology.with_active_pool(pool).unwrap_err().id(), id, "{pool}");
        }
    }

    /// Rule: however the attribute is written: in other quotes, missing, or beside others.
    #[test]
    fn however_the_attribute_is_written() {
        let odd = LITWAREINC.replace("IsActive=\"true\"", "IsActive = 'True'").replace(" IsActive=\"false\"", "");
        let topology = Topology::parse(&odd).unwrap();
        let moved = topology.with_active_pool(REDMOND).unwrap();
        assert_eq!(moved.active_store().map(|place| place.pool), Some(REDMOND.to_owned()));
        assert_eq!(moved.store_places().iter().filter(|place| place.active).count(), 1);
    }
}
