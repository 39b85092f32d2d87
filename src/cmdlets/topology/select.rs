//! What the reading cmdlets here have in common: what the principal may see, and what an identity or filter selects.

use crate::access::Place;
use crate::cmdlet::Context;
use crate::error::{ErrorRecord, Halt};
use crate::topology::Topology;
use crate::value::wildcard::Wildcard;

/// The sites that the principal may see with the cmdlet at hand.
pub(in crate::cmdlets) struct Visible(Vec<String>);

impl Visible {
    /// Asks for each site.
    ///
    /// # Errors
    /// `AccessDenied` where there is none.
    pub fn sites(topology: &Topology, cx: &mut Context) -> Result<Visible, Halt> {
        let mut sites = Vec::new();
        for site in topology.sites() {
            if cx.may_see(&Place::Site(site.identity.clone()))? {
                sites.push(site.identity.clone());
            }
        }
        if let (true, Some(site)) = (sites.is_empty(), topology.sites().first()) {
            cx.authorize(&Place::Site(site.identity.clone()))?;
        }
        Ok(Visible(sites))
    }

    /// Whether a site, by its identity, is among them.
    pub fn has(&self, site: &str) -> bool {
        self.0.iter().any(|s| s == site)
    }

    /// Refuses what was asked for by name and lies elsewhere.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn demand(&self, site: &str, cx: &mut Context) -> Result<(), Halt> {
        if self.has(site) { Ok(()) } else { cx.authorize(&Place::Site(site.to_string())).map(drop) }
    }
}

/// A -Filter: a wildcard that is held against identities.
pub(super) fn filter(pattern: Option<&str>) -> Result<Option<Wildcard>, ErrorRecord> {
    pattern.map(Wildcard::new).transpose()
}
