//! Leave to change the store is made in few places, and each is known.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Files that hold a text outside their tests, by path from `src`.
fn files_with(text: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    sources(&root, &mut all);
    let holds = |path: &PathBuf| {
        let source = std::fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
        code.lines().any(|line| line.contains(text) && !line.trim_start().starts_with("//"))
    };
    let is_test = |path: &PathBuf| path.file_name().is_some_and(|name| name == "tests.rs");
    let mut found: Vec<String> = all
        .iter()
        .filter(|path| !is_test(path) && holds(path))
        .map(|path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    found.sort();
    found
}

#[test]
fn only_authorize_makes_a_grant_from_a_decision() {
    assert_eq!(files_with("Grant::decided("), ["access/gate.rs", "store/grant.rs"]);
}

/// Rule: leave that another computer gave counts only in orders between computers that decide for the deployment.
#[test]
fn leave_comes_over_in_orders_alone() {
    assert_eq!(files_with("Grant::relayed("), ["host/place/run.rs", "host/users.rs", "pools/store.rs"]);
}

#[test]
fn the_system_gives_itself_leave_where_a_deployment_is_made() {
    // A certificate that a token or an older certificate pays for, and those of directories made before there were any.
    let by_itself = [
        "config/sample.rs",
        "deployment/init.rs",
        "deployment/issue.rs",
        "deployment/tls.rs",
        "people/sample.rs",
        "pools/sample.rs",
    ];
    assert_eq!(files_with("Grant::system("), by_itself);
}
