//! A host directory: what belongs to one computer, and how it is made and opened.

use crate::store::Store;
use std::path::{Path, PathBuf};

/// An open host directory.
pub struct Deployment {
    directory: PathBuf,
    store: Box<dyn Store>,
}

impl Deployment {
    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }
}
