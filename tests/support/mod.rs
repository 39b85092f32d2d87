//! What tests of all subjects share.

pub mod fleet;
pub mod probes;
pub mod remote;
pub mod semantics;
pub mod session;
pub mod shell;

use std::path::{Path, PathBuf};

/// A file of `../shared`, where the sources of truth are; `None`, after saying so, where it is not present.
///
/// REEVE_SHARED names another place. With `CI=true` a missing file fails the test.
pub fn shared(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let named = std::env::var_os("REEVE_SHARED").map(PathBuf::from);
    let places = named.into_iter().chain([beside]);
    let found = places.map(|place| place.join(path)).find(|file| file.exists());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared/{path} is missing");
        println!("skipped: ../shared/{path} is not present");
    }
    found
}

/// The JSON values of a file, one a line.
pub fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}
