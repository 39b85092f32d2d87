//! What tests of all subjects share.

use std::path::{Path, PathBuf};

/// A file of `../shared`, where the sources of truth are; `None`, after saying so, where it is not present.
///
/// With `CI=true` a missing file fails the test.
pub fn shared(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let named = std::env::var_os("REEVE_SHARED").map(PathBuf::from);
    let places = named.into_iter().chain([beside, PathBuf::from("/work/shared")]);
    let found = places.map(|place| place.join(path)).find(|file| file.exists());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared/{path} is missing");
        println!("skipped: ../shared/{path} is not present");
    }
    found
}
