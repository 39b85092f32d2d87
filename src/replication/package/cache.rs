//! Packages that were made and may be wanted again: bounded in memory and in open files.

use super::Package;
use crate::replication::id::PackageId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of packages in memory: some hundred full snapshots of a usual store, thousands of changes.
const MEMORY: u64 = 64 << 20;
/// Packages in files: each holds a file open and disk up to its size.
const FILES: usize = 4;

/// Packages that are kept; the one that was used longest ago gives way.
#[derive(Debug, Default)]
pub struct Cache {
    packages: BTreeMap<PackageId, (Arc<Package>, u64)>,
    /// Counts the uses.
    used: u64,
}

impl Cache {
    /// A package that is kept.
    pub fn get(&mut self, id: PackageId) -> Option<Arc<Package>> {
        self.used += 1;
        let (package, used) = self.packages.get_mut(&id)?;
        *used = self.used;
        Some(package.clone())
    }

    /// Keeps a package, at the cost of others.
    pub fn put(&mut self, package: Arc<Package>) {
        self.used += 1;
        self.packages.insert(package.announce().package, (package, self.used));
        while self.is_too_large() {
            let oldest = self.packages.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
            match oldest {
                Some(id) if self.packages.len() > 1 => self.packages.remove(&id),
                _ => break,
            };
        }
    }

    fn is_too_large(&self) -> bool {
        let (mut memory, mut files) = (0, 0);
        for (package, _) in self.packages.values() {
            match package.in_memory() {
                Some(bytes) => memory += bytes.len() as u64,
                None => files += 1,
            }
        }
        memory > MEMORY || files > FILES
    }
}
