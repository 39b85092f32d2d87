//! Compiles the catalogue of cmdlet signatures into a blob with an index by name, so that a start parses nothing.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

const SIGNATURES: &str = "stdlib/catalogue/signatures.json";
const CORRECTIONS: &str = "stdlib/catalogue/corrections.json";

/// Writes `catalogue.bin` and `catalogue.rs` into OUT_DIR.
pub fn generate() {
    for input in [SIGNATURES, CORRECTIONS, "build/catalogue.rs"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut cmdlets = read(SIGNATURES);
    correct(&mut cmdlets, &read(CORRECTIONS));

    let sorted: BTreeMap<String, (&String, &Value)> =
        cmdlets.as_object().expect("an object").iter().map(|(k, v)| (k.to_lowercase(), (k, v))).collect();
    let mut blob = Vec::new();
    let mut index = String::from("pub static INDEX: &[(&str, &str, u32)] = &[\n");
    for (lower, (name, cmdlet)) in sorted {
        writeln!(index, "({lower:?}, {name:?}, {}),", blob.len()).expect("writing to a string");
        encode_cmdlet(&mut blob, cmdlet);
    }
    index.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("catalogue.bin"), blob).expect("OUT_DIR can be written");
    fs::write(Path::new(&out).join("catalogue.rs"), index).expect("OUT_DIR can be written");
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Applies the corrections; one that meets no parameter is a mistake.
fn correct(cmdlets: &mut Value, corrections: &Value) {
    for correction in list(corrections) {
        let wanted = text(&correction["cmdlet"]);
        let mut met = false;
        for (name, cmdlet) in cmdlets.as_object_mut().expect("an object") {
            if !matches(wanted, name) {
                continue;
            }
            let parameters = cmdlet["parameters"].as_array_mut().expect("a list");
            let Some(parameter) = parameters.iter_mut().find(|p| p["name"] == correction["parameter"]) else {
                continue;
            };
            met = true;
            for (key, value) in correction["change"].as_object().expect("an object") {
                match correction["set"].as_str() {
                    Some(set) => parameter["sets"][set][key] = value.clone(),
                    None => parameter[key] = value.clone(),
                }
            }
        }
        assert!(met, "{CORRECTIONS}: nothing fits {correction}");
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn is(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or(false)
}

// The blob, per cmdlet: flags, default set, sets, parameters. Texts and lists have their length before them, in two
// bytes, the lower first. src/cmdlet/catalogue.rs reads it.

fn encode_cmdlet(blob: &mut Vec<u8>, cmdlet: &Value) {
    // One set that bears a name is none to choose from.
    let sets: Vec<&str> = list(&cmdlet["sets"]).iter().map(text).filter(|s| *s != "__AllParameterSets").collect();
    blob.push(u8::from(is(cmdlet, "supportsShouldProcess")));
    encode_text(blob, text(&cmdlet["defaultSet"]));
    encode_texts(blob, sets);
    let parameters = list(&cmdlet["parameters"]);
    encode_length(blob, parameters.len());
    for parameter in parameters {
        for key in ["name", "type", "docType"] {
            encode_text(blob, text(&parameter[key]));
        }
        encode_texts(blob, list(&parameter["aliases"]).iter().map(text).collect());
        encode_texts(blob, list(&parameter["values"]).iter().map(text).collect());
        blob.push(u8::from(is(parameter, "allowNull")) | u8::from(is(parameter, "allowEmptyString")) << 1);
        let sets = parameter["sets"].as_object().expect("sets are an object");
        encode_length(blob, sets.len());
        for (set, role) in sets {
            encode_text(blob, if set == "(All)" { "" } else { set });
            let flags = [is(role, "mandatory"), is(role, "byValue"), is(role, "byPropertyName"), is(role, "remaining")];
            blob.push(flags.iter().enumerate().map(|(bit, on)| u8::from(*on) << bit).sum());
            let position = role["position"].as_i64().map_or(0xff, |p| u8::try_from(p).expect("a small position"));
            blob.push(position);
        }
    }
}

fn encode_texts(blob: &mut Vec<u8>, texts: Vec<&str>) {
    encode_length(blob, texts.len());
    for text in texts {
        encode_text(blob, text);
    }
}

fn encode_text(blob: &mut Vec<u8>, text: &str) {
    encode_length(blob, text.len());
    blob.extend_from_slice(text.as_bytes());
}

fn encode_length(blob: &mut Vec<u8>, length: usize) {
    blob.extend_from_slice(&u16::try_from(length).expect("less than 64 KiB").to_le_bytes());
}
