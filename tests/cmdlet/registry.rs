//! Every cmdlet that is built agrees with its signature.

use reeve::cmdlet::registry::Registry;
use std::collections::BTreeMap;

/// Parameters that are taken and mean nothing here, for all cmdlets (`*`) or one, with the reason.
const WITHOUT_MEANING: &str = include_str!("../../stdlib/catalogue/without-meaning.json");

#[test]
fn fields_and_signatures_agree() {
    let without: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(WITHOUT_MEANING).unwrap();
    let registry = Registry::default();
    let mut wrong = Vec::new();
    let mut used = std::collections::BTreeSet::new();
    let mut count = 0;
    for native in registry.natives() {
        let name = native.entry.name.as_ref();
        let spec = native.spec();
        let Some(looks_at) = native.looks_at() else { continue };
        count += 1;
        for field in looks_at {
            if spec.parameter(field).is_none() {
                wrong.push(format!("{name}: field {field} is no parameter of the signature"));
            }
        }
        for parameter in &spec.parameters {
            if looks_at.iter().any(|f| f.eq_ignore_ascii_case(&parameter.name))
                || ["Force", "LocalStore"].contains(&&*parameter.name)
            {
                continue;
            }
            let listed = |key: &str| without.get(key).is_some_and(|list| list.contains_key(&*parameter.name));
            match (listed(name), listed("*")) {
                (true, _) => drop(used.insert((name.to_string(), parameter.name.to_string()))),
                (_, true) => drop(used.insert(("*".to_string(), parameter.name.to_string()))),
                _ => wrong.push(format!("{name}: -{} is no field and not in without-meaning.json", parameter.name)),
            }
        }
    }
    println!("registry: {count} typed cmdlets looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let idle: Vec<String> = without
        .iter()
        .flat_map(|(cmdlet, list)| list.keys().map(move |p| (cmdlet.clone(), p.clone())))
        .filter(|key| key.0 != "*" && !used.contains(key))
        .map(|(cmdlet, parameter)| format!("{cmdlet} -{parameter}"))
        .collect();
    assert!(idle.is_empty(), "listed as without meaning, but not needed: {}", idle.join(", "));
}

#[test]
fn every_native_cmdlet_has_a_known_verb_and_an_example() {
    let mut wrong = Vec::new();
    for native in Registry::default().natives() {
        let name = native.entry.name.as_ref();
        let verb = name.split('-').next().unwrap_or_default();
        if name.contains('-') && !reeve::cmdlet::verbs::is_verb(verb) {
            wrong.push(format!("{name}: unknown verb"));
        }
        if native.entry.examples.is_empty() {
            wrong.push(format!("{name}: no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: a name leads to one parameter of a cmdlet: none is declared twice, and no alias is another one's name.
#[test]
fn no_parameter_is_declared_twice() {
    let mut wrong = Vec::new();
    for native in Registry::default().natives() {
        let mut seen = std::collections::BTreeSet::new();
        for parameter in &native.spec().parameters {
            for name in std::iter::once(&parameter.name).chain(&parameter.aliases) {
                if !seen.insert(name.to_lowercase()) {
                    wrong.push(format!("{}: -{name}", native.entry.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
