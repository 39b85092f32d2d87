//! Compiles in the help: a table of all files under `stdlib/help`, by locale and name.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Writes the table to `OUT_DIR/help_texts.rs`; a build without it cannot go on.
pub fn generate() {
    write().expect("the help texts can be read and OUT_DIR written");
}

fn write() -> io::Result<()> {
    println!("cargo::rerun-if-changed=stdlib/help");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("stdlib/help");
    let mut found: Vec<(String, String, String)> = Vec::new();
    for folder in fs::read_dir(root)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
                found.push((
                    folder.file_name().to_string_lossy().into_owned(),
                    name,
                    path.to_string_lossy().into_owned(),
                ));
            }
        }
    }
    found.sort();
    let mut text = String::from(
        "/// Locale, name in lower case, text; sorted.\npub(super) static TEXTS: &[(&str, &str, &str)] = &[\n",
    );
    for (locale, name, path) in found {
        let _ = writeln!(text, "    ({locale:?}, {name:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("help_texts.rs");
    fs::write(out, text)
}
