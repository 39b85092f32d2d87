//! The backup of paired pools: real servers of a pair, and connections that are cut.

mod cuts;
mod pair;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Everything below a folder: kind, mode, time, and the hash of the content. Staging folders are no part of it.
pub fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with(".reeve") {
            continue;
        }
        let (path, name) = (entry.path(), format!("{prefix}{name}"));
        let meta = path.symlink_metadata().unwrap();
        let about = format!("{:o} {}.{}", meta.mode() & 0o777, meta.mtime(), meta.mtime_nsec());
        if meta.is_dir() {
            collect(&path, &format!("{name}/"), found);
            found.insert(name, format!("folder {about}"));
        } else {
            found.insert(name, format!("file {about} {}", blake3::hash(&fs::read(&path).unwrap())));
        }
    }
}

/// Bytes that do not pack.
pub fn noise(n: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(n + 8);
    while bytes.len() < n {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(n);
    bytes
}
