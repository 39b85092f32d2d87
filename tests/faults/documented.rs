//! The page on faults.

use std::path::Path;

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Rule: every error id that `docs/faults.md` names is one that the program gives, and the page names every id of the
/// replica stream, of certificates, of what refuses a failover, and of the synchronisation of files.
#[test]
fn the_page_on_faults_names_errors_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/faults.md")).unwrap();
    let mut text = String::new();
    sources(&root.join("src"), &mut text);
    let ids: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.len() > 3 && word.chars().all(|c| c.is_ascii_alphabetic()) && word.starts_with(char::is_uppercase)
        })
        .collect();
    assert!(ids.len() > 30, "{ids:?}");
    for id in ids {
        assert!(text.contains(&format!("\"{id}\"")), "{id} is in no source");
    }
    // Conditions of a failover, and what ends a synchronisation of files, all stand in few files.
    let root = root.join("src");
    for (file, begins) in [
        ("failover/preflight.rs", ["fails(\"", "true, \"", "false, \"", "planned, \""]),
        ("failover/choose.rs", ["new(\"", "new(\"", "new(\"", "new(\""]),
        ("backup/files/trouble.rs", ["new(\"", "new(\"", "new(\"", "new(\""]),
    ] {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for begin in begins {
            for rest in source.split(begin).skip(1) {
                let word = rest.split('"').next().unwrap();
                let condition = word.len() < 13 && begin == "fails(\"";
                assert!(condition || page.contains(word), "{word} of {file} is not on the page");
            }
        }
    }
    for word in text.split('"') {
        let begins = ["Package", "Certificate", "Replica", "Token"].iter().any(|begin| word.starts_with(begin));
        let fault = ["Corrupt", "Truncated", "TooLarge", "Reordered", "Replayed", "DoesNotFit", "Stalled", "Expired"];
        let fault =
            fault.iter().chain(&["Revoked", "Unknown", "Invalid", "NotYetValid", "DiskFull", "Damaged", "Used"]);
        if begins && word.chars().all(|c| c.is_ascii_alphabetic()) && fault.into_iter().any(|end| word.ends_with(end)) {
            assert!(page.contains(word), "{word} is not on the page");
        }
    }
}
