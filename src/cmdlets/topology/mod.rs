//! Cmdlets that read and publish the topology.

mod get_computer;
mod get_pool;
mod get_service;
mod get_site;
mod get_topology;
mod left_behind;
mod publish_topology;
mod records;
pub(super) mod select;
mod service_fields;
mod set_edge_server;

use crate::cmdlet::{CmdletEntry, run::entry};

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::<get_computer::GetComputer>(),
        entry::<get_pool::GetPool>(),
        entry::<get_service::GetService>(),
        entry::<get_site::GetSite>(),
        entry::<get_topology::GetTopology>(),
        entry::<publish_topology::PublishTopology>(),
        entry::<set_edge_server::SetEdgeServer>(),
    ]
}
