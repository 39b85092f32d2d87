//! Topology documents: real ones and the samples, read and given back; what a hostile one does to a deployment.

mod bench;
mod cmdlets;
mod documents;
