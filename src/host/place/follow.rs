//! Following and feeding: the log of a database on its way between its places.

use super::{Place, Shared};
use crate::error::{Category, ErrorRecord};
use crate::failover::{Feed, PlaceState, Source};
use crate::host::node::Node;
use crate::net::http::{Answer, Lines};
use crate::store::sqlite::Gate;
use crate::topology::Database;
use std::sync::Arc;
use std::time::Duration;

pub struct Feeds;
impl Feeds {
    pub fn gate(&self) -> Arc<Gate> { Arc::new(|_| Ok(())) }
    pub fn serve(&self, _serves: bool, _epoch: u64) {}
    pub fn mirror(&self, _mirror: Option<&str>) {}
    pub fn state(&self) -> Vec<Feed> { Vec::new() }
}

pub(super) fn feeds(_node: &Arc<Node>, _database: &Database) -> Arc<Feeds> { Arc::new(Feeds) }

#[derive(Default)]
pub(super) struct Following;
impl Following {
    pub async fn stop(&self) {}
    pub fn say(&self, _state: &mut PlaceState) {}
}
impl Shared {
    pub(super) async fn follow(&self, _whom: Option<String>, _epoch: u64) {}
    pub(super) async fn pull(&self, _from: &str, _to: &Source, _within: Duration) -> Result<Source, ErrorRecord> {
        Err(ErrorRecord::new("NotYet", Category::NotImplemented, "not yet"))
    }
}
pub(super) async fn serve(_place: Arc<Place>, _from: String, _body: Lines) -> Result<Answer, ErrorRecord> {
        Err(ErrorRecord::new("NotYet", Category::NotImplemented, "not yet"))
}
