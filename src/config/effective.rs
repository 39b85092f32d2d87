//! Which object of a family rules for a user: assigned to it, of its pool, of its site, or the global one.

use super::family::{Family, Scope};
use super::identity::Identity;
use super::reader::Reader;
use crate::error::ErrorRecord;

impl Reader<'_> {
    /// The identity of what rules for a user that has `assigned` and registers at `pool`; an assigned policy without
    /// `Tag:`. An assignment of what is gone counts for nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub fn effective(
        &self,
        family: &'static Family,
        assigned: Option<&str>,
        pool: &str,
    ) -> Result<String, ErrorRecord> {
        if let Some(name) = assigned
            && let Some(item) = self.find(family, &Identity::Tag(name.to_string()))?
        {
            return Ok(item.identity.name());
        }
        if family.has_scope(Scope::Service) {
            for role in &family.services {
                let identity = Identity::Service { role: role.clone(), pool: pool.to_string() };
                if let Some(item) = self.find(family, &identity)? {
                    return Ok(item.text());
                }
            }
        }
        if let (true, Ok(site)) = (family.has_scope(Scope::Site), self.topology.site_of_pool(pool))
            && let Some(item) = self.find(family, &Identity::Site(site.name.clone()))?
        {
            return Ok(item.text());
        }
        Ok("Global".into())
    }

    /// The names of the deployment's SIP domains.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sip_domains(&self) -> Result<Vec<String>, ErrorRecord> {
        let Some(family) = super::family("SipDomain") else { return Ok(Vec::new()) };
        Ok(self.items(family)?.iter().map(|item| item.identity.name()).collect())
    }
}
