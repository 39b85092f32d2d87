//! The configuration families: a static table made from `stdlib/types/*.json`, so that adding one is a data file and
//! nothing else, and a start parses none of them.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Writes `families.rs` into OUT_DIR.
pub fn generate() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("stdlib/types");
    println!("cargo::rerun-if-changed=stdlib/types");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("stdlib/types is part of the source")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    files.sort();
    let mut code = format!("static SOURCES: [Source; {}] = [\n", files.len());
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file).expect("a readable file");
        let data: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let text_of =
            |key: &str| data[key].as_str().unwrap_or_else(|| panic!("{}: no {key}", file.display())).to_string();
        let family = text_of("family");
        let sited = data["scopes"].as_array().is_some_and(|scopes| scopes.iter().any(|s| s == "Site"));
        let _ = writeln!(
            code,
            "    Source {{ family: {family:?}, kind: {:?}, sited: {sited}, text: include_str!({file:?}), parsed: OnceLock::new(), cmdlets: &[",
            text_of("kind")
        );
        for verb in data["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let _ = write!(code, "        Declared {{ name: \"{verb}-Cs{family}\", verb: Verb::{verb}, examples: &[");
            for example in data["examples"].as_array().into_iter().flatten().filter(|e| e["of"] == verb) {
                let part = |key: &str| {
                    example[key].as_str().unwrap_or_else(|| panic!("{}: an example without {key}", file.display()))
                };
                let _ = write!(code, "({:?}, {:?}), ", part("what"), part("run"));
            }
            code.push_str("] },\n");
        }
        code.push_str("    ] },\n");
    }
    code.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("families.rs"), code).expect("OUT_DIR can be written");
}
