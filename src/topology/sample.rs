//! The sample topologies: litwareinc.com with four sites, the second with a mirror of the store.

/// The sample.
pub const LITWAREINC: &str = include_str!("../../stdlib/topology/litwareinc.xml");

/// The same with a mirror of the Central Management store's databases on a computer of its own.
pub const LITWAREINC_MIRRORED: &str = include_str!("../../stdlib/topology/litwareinc-mirrored.xml");
