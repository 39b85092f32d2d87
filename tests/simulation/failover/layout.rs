//! The topologies of the simulated worlds: the samples, and one with a mirror on either side; each with either pool active.

use reeve::topology::sample::{LITWAREINC, LITWAREINC_MIRRORED};
use reeve::topology::{Database, Topology};
use std::sync::OnceLock;

/// Pool that is active in the beginning.
pub const ATLANTA: &str = "atl-cs-001.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";

/// A layout of places.
pub struct Layout {
    /// With the one pool active, and with the other.
    topologies: [Topology; 2],
    /// The computers of all places.
    pub computers: Vec<String>,
}

impl Layout {
    /// The topology in which a pool is active.
    pub fn with_active(&self, pool: &str) -> &Topology {
        &self.topologies[usize::from(pool != ATLANTA)]
    }
}

/// With a mirror of the store at Redmond too.
fn both_mirrored() -> String {
    const STORE: &str =
        "\n      <ServiceId SiteId=\"1\" RoleName=\"CentralMgmtStore\" Instance=\"1\" />\n      <DependsOn />";
    let cluster = "<Cluster RequiresReplication=\"false\" RequiresSetup=\"false\" Fqdn=\"redmond-sql-002.litwareinc.com\">\
         <ClusterId SiteId=\"1\" Number=\"9\" /><Machine OrdinalInCluster=\"1\" Fqdn=\"redmond-sql-002.litwareinc.com\" />\
         </Cluster></Clusters>";
    let on = "<SqlInstanceId Name=\"RTC\"><ClusterId SiteId=\"1\" Number=\"9\" /></SqlInstanceId>";
    let text = LITWAREINC_MIRRORED.replacen("</Clusters>", cluster, 1).replacen(
        "</SqlInstances>",
        &format!("<SqlInstance>{on}</SqlInstance></SqlInstances>"),
        1,
    );
    let at = text.find(STORE).expect("the store's service at Redmond");
    let end = at + text[at..].find("</InstalledOn>").expect("where it is") + "</InstalledOn>".len();
    format!("{}<MirrorInstalledOn>{on}</MirrorInstalledOn>{}", &text[..end], &text[end..])
}

/// Layout 0: two places; 1: with a mirror of the active one; 2: with a mirror of either.
pub fn layout(number: u64) -> &'static Layout {
    static LAYOUTS: OnceLock<[Layout; 3]> = OnceLock::new();
    let layouts = LAYOUTS.get_or_init(|| {
        [LITWAREINC.to_owned(), LITWAREINC_MIRRORED.to_owned(), both_mirrored()].map(|text| {
            let active = Topology::parse(&text).expect("a topology");
            let other = active.with_active_pool(REDMOND).expect("the other pool");
            let places = active.database(&Database::CentralMgmt).expect("the store");
            let computers = places.computers().map(str::to_owned).collect();
            Layout { topologies: [active, other], computers }
        })
    });
    &layouts[number as usize % 3]
}
