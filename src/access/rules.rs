//! The predefined roles, derived from the rules in `stdlib/roles` over the catalogue and our own cmdlets.

use super::place::{ConfigScope, UserScope};
use super::role::{Role, order, sorted};
use crate::value::{Str, same_name};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

#[derive(Deserialize)]
struct Families {
    ours: Vec<String>,
    families: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    name: String,
    nouns: Vec<String>,
}

#[derive(Deserialize)]
struct RoleRules {
    roles: Vec<RoleRule>,
    groups: Vec<RoleRule>,
}

#[derive(Deserialize)]
struct RoleRule {
    name: String,
    about: String,
    allow: Vec<Rule>,
    #[serde(default)]
    deny: Vec<Rule>,
}

/// Cmdlets by name, or by verb (any, if none is said) and by noun or family of nouns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    nouns: Vec<String>,
    #[serde(default)]
    families: Vec<String>,
    #[serde(default)]
    cmdlets: Vec<String>,
    #[allow(dead_code, reason = "for those who read the rules; that it is there is checked by reading it")]
    why: String,
}

struct Tables {
    families: Families,
    /// All names of cmdlets on the deployment, sorted without regard to case.
    names: Arc<[Str]>,
    roles: Vec<Arc<Role>>,
}

/// A name taken apart, with the family of its noun.
struct Parts<'a> {
    name: &'a str,
    verb: &'a str,
    noun: &'a str,
    family: &'a str,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        // Both texts are compiled in and read by a test: they parse.
        let families: Families =
            serde_json::from_str(include_str!("../../stdlib/roles/families.json")).expect("compiled in, tested");
        let rules: RoleRules =
            serde_json::from_str(include_str!("../../stdlib/roles/roles.json")).expect("compiled in, tested");
        let ours = families.ours.iter().map(|name| Str::from(&**name));
        let names = sorted(catalogue().map(Str::from).chain(ours).collect());
        let roles = derive(&families, &rules, &names);
        Tables { families, names, roles }
    })
}

fn catalogue() -> impl Iterator<Item = &'static str> {
    // Until the catalogue's tables are there: the names begin the lines.
    let text = include_str!("../../stdlib/catalogue/signatures.json");
    text.lines().filter_map(|line| line.strip_prefix('"')?.split_once('"').map(|(name, _)| name))
}

fn derive(families: &Families, rules: &RoleRules, names: &Arc<[Str]>) -> Vec<Arc<Role>> {
    let mut known: HashMap<&str, &str> = HashMap::new();
    let parts: Vec<Parts> = names
        .iter()
        .map(|name| {
            let (verb, noun) = name.split_once('-').unwrap_or((name, ""));
            let family = known.entry(noun).or_insert_with(|| family_of(families, noun).unwrap_or(""));
            Parts { name, verb, noun, family }
        })
        .collect();
    let role = |rule: &RoleRule, group: bool| {
        let held = |p: &Parts| rule.allow.iter().any(|r| r.names(p)) && !rule.deny.iter().any(|r| r.names(p));
        // `parts` is in the order of `names`, so what is taken from it is sorted.
        let cmdlets: Arc<[Str]> = if parts.iter().all(held) {
            names.clone()
        } else {
            names.iter().zip(&parts).filter(|(_, p)| held(p)).map(|(name, _)| name.clone()).collect()
        };
        Arc::new(Role {
            name: rule.name.as_str().into(),
            about: rule.about.as_str().into(),
            sid: sid(&rule.name).into(),
            standard: true,
            group,
            template: None,
            cmdlets,
            script_modules: Vec::new(),
            config_scopes: vec![ConfigScope::Global],
            user_scopes: vec![UserScope::Global],
            version: 0,
        })
    };
    let roles = rules.roles.iter().map(|rule| role(rule, false));
    roles.chain(rules.groups.iter().map(|rule| role(rule, true))).collect()
}

impl Rule {
    fn names(&self, cmdlet: &Parts) -> bool {
        let among = |list: &[String], name: &str| list.iter().any(|entry| entry.eq_ignore_ascii_case(name));
        if !self.cmdlets.is_empty() {
            return among(&self.cmdlets, cmdlet.name);
        }
        (self.verbs.is_empty() || among(&self.verbs, cmdlet.verb))
            && (among(&self.nouns, cmdlet.noun)
                || self.families.iter().any(|family| family == "*" || family == cmdlet.family))
    }
}

fn family_of<'a>(families: &'a Families, noun: &str) -> Option<&'a str> {
    let fits = |pattern: &String| match pattern.strip_suffix('*') {
        Some(head) => noun.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)),
        None => pattern.eq_ignore_ascii_case(noun),
    };
    families.families.iter().find(|family| family.nouns.iter().any(fits)).map(|family| &*family.name)
}

/// The security identifier of a predefined role whose group the directory does not have: always the same.
fn sid(name: &str) -> String {
    let hash = blake3::hash(name.to_ascii_lowercase().as_bytes());
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| hash.as_bytes()[at + i]));
    format!("S-1-5-21-{}-{}-{}-{}", number(0), number(4), number(8), 1000 + number(12) % 100_000)
}

/// The predefined roles, and behind them the groups that decide on the management server itself.
pub(super) fn predefined() -> &'static [Arc<Role>] {
    &tables().roles
}

/// The predefined role of a name; the groups of the management server are none.
pub(super) fn standard(name: &str) -> Option<&'static Arc<Role>> {
    predefined().iter().find(|role| !role.group && same_name(&role.name, name))
}

/// All names of cmdlets that work on the deployment, those too that are not built yet, sorted without regard to case.
pub fn names() -> &'static Arc<[Str]> {
    &tables().names
}

/// Whether there is a cmdlet of this name that works on the deployment; its proper spelling.
pub fn is_known(name: &str) -> Option<&'static Str> {
    let names = &tables().names;
    names.binary_search_by(|known| order(known, name)).ok().and_then(|at| names.get(at))
}

/// The family of nouns that a cmdlet belongs to, as the rules name it.
pub fn family(cmdlet: &str) -> Option<&'static str> {
    family_of(&tables().families, cmdlet.split_once('-')?.1)
}
