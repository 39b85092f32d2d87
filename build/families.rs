//! The configuration families: static tables made from `stdlib/types/*.json`, so that adding one is a data file and
//! nothing else, and a start parses none of them.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Writes `families.rs` and `family_examples.rs` into OUT_DIR.
pub fn generate() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("stdlib/types");
    println!("cargo::rerun-if-changed=build/families.rs");
    println!("cargo::rerun-if-changed=stdlib/types");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("stdlib/types is part of the source")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    files.sort();
    let mut sources = format!("static SOURCES: [Source; {}] = [\n", files.len());
    let mut examples = String::from("fn examples(cmdlet: &str) -> &'static [Example] {\n    match cmdlet {\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(file).expect("a readable file");
        let data: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        one(file, &data, &mut sources, &mut examples);
    }
    sources.push_str("];\n");
    examples.push_str("        _ => &[],\n    }\n}\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("families.rs"), sources).expect("OUT_DIR can be written");
    fs::write(Path::new(&out).join("family_examples.rs"), examples).expect("OUT_DIR can be written");
}

fn one(file: &Path, data: &Value, sources: &mut String, examples: &mut String) {
    let text_of = |data: &Value, key: &str| -> String {
        data[key].as_str().unwrap_or_else(|| panic!("{}: no {key}", file.display())).to_string()
    };
    let (family, kind) = (text_of(data, "family"), text_of(data, "kind"));
    let sited = data["scopes"].as_array().is_some_and(|scopes| scopes.iter().any(|s| s == "Site"));
    let placed = data["properties"].as_array().is_some_and(|properties| properties.iter().any(|p| p["place"] == true));
    write!(
        sources,
        "    Source {{ family: {family:?}, kind: {kind:?}, sited: {}, text: include_str!({file:?}), \
         parsed: OnceLock::new(), cmdlets: &[",
        sited || placed
    )
    .expect("writing to a string");
    for verb in data["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        write!(sources, "Declared {{ name: \"{verb}-Cs{family}\", verb: Verb::{verb} }}, ")
            .expect("writing to a string");
        write!(examples, "        \"{verb}-Cs{family}\" => &[").expect("writing to a string");
        for example in data["examples"].as_array().into_iter().flatten().filter(|e| e["of"] == verb) {
            let (what, run) = (text_of(example, "what"), text_of(example, "run"));
            write!(examples, "Example {{ what: {what:?}, run: {run:?} }}, ").expect("writing to a string");
        }
        examples.push_str("],\n");
    }
    sources.push_str("] },\n");
}
