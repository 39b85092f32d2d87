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
    /// What changes these is for predefined roles alone.
    #[serde(default)]
    reserved: bool,
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
    /// Those of them that predefined roles alone can have.
    reserved: Vec<Str>,
    roles: Vec<Arc<Role>>,
}

/// A name taken apart, its verb and the family of its noun as bits.
struct Parts<'a> {
    name: &'a str,
    noun: &'a str,
    verb: u128,
    family: u128,
}

/// A rule with its verbs and families as bits, so that 900 cmdlets are held against it in no time.
struct Compiled<'a> {
    rule: &'a Rule,
    verbs: u128,
    families: u128,
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
        let family = |noun: &str| family_at(&families, noun).and_then(|at| families.families.get(at));
        let changes_reserved = |name: &&Str| {
            let (verb, noun) = name.split_once('-').unwrap_or((name, ""));
            verb != "Get" && family(noun).is_some_and(|family| family.reserved)
        };
        let reserved = names.iter().filter(changes_reserved).cloned().collect();
        Tables { families, names, reserved, roles }
    })
}

fn catalogue() -> impl Iterator<Item = &'static str> {
    crate::cmdlet::catalogue::names()
}

fn derive(families: &Families, rules: &RoleRules, names: &Arc<[Str]>) -> Vec<Arc<Role>> {
    let mut verbs: Vec<&str> = Vec::new();
    let mut known: HashMap<&str, u128> = HashMap::new();
    let mut parts: Vec<Parts> = Vec::with_capacity(names.len());
    for name in names.iter() {
        let (verb, noun) = name.split_once('-').unwrap_or((name, ""));
        let at = verbs.iter().position(|v| *v == verb).unwrap_or_else(|| {
            verbs.push(verb);
            verbs.len() - 1
        });
        let family = *known.entry(noun).or_insert_with(|| bit(family_at(families, noun)));
        parts.push(Parts { name, noun, verb: bit(Some(at)), family });
    }
    let role = |rule: &RoleRule, group: bool| {
        let allow: Vec<_> = rule.allow.iter().map(|r| r.compile(&verbs, families)).collect();
        let deny: Vec<_> = rule.deny.iter().map(|r| r.compile(&verbs, families)).collect();
        let held = |p: &Parts| allow.iter().any(|r| r.names(p)) && !deny.iter().any(|r| r.names(p));
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

/// A set of one by its place; a test holds that there are places enough.
fn bit(at: Option<usize>) -> u128 {
    at.and_then(|at| 1_u128.checked_shl(u32::try_from(at).ok()?)).unwrap_or(0)
}

impl Rule {
    fn compile(&self, verbs: &[&str], families: &Families) -> Compiled<'_> {
        let verb = |verb: &String| bit(verbs.iter().position(|known| known.eq_ignore_ascii_case(verb)));
        let family = |name: &String| match name.as_str() {
            "*" => u128::MAX,
            name => bit(families.families.iter().position(|family| family.name == name)),
        };
        Compiled {
            rule: self,
            verbs: if self.verbs.is_empty() { u128::MAX } else { self.verbs.iter().fold(0, |all, v| all | verb(v)) },
            families: self.families.iter().fold(0, |all, name| all | family(name)),
        }
    }
}

impl Compiled<'_> {
    fn names(&self, cmdlet: &Parts) -> bool {
        let among = |list: &[String], name: &str| list.iter().any(|entry| entry.eq_ignore_ascii_case(name));
        if !self.rule.cmdlets.is_empty() {
            return among(&self.rule.cmdlets, cmdlet.name);
        }
        self.verbs & cmdlet.verb != 0 && (self.families & cmdlet.family != 0 || among(&self.rule.nouns, cmdlet.noun))
    }
}

/// Which family a noun belongs to, by its place in the file.
fn family_at(families: &Families, noun: &str) -> Option<usize> {
    let fits = |pattern: &String| match pattern.strip_suffix('*') {
        Some(head) => noun.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)),
        None => pattern.eq_ignore_ascii_case(noun),
    };
    families.families.iter().position(|family| family.nouns.iter().any(fits))
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
    let families = &tables().families;
    family_at(families, cmdlet.split_once('-')?.1).and_then(|at| families.families.get(at)).map(|family| &*family.name)
}

/// Whether no role but a predefined one can have a cmdlet: who changes which groups somebody is in could make anybody
/// administrator with it, whatever the role was meant for.
pub fn is_reserved(cmdlet: &str) -> bool {
    tables().reserved.iter().any(|name| same_name(name, cmdlet))
}

/// Of the cmdlets of a role, sorted, those that a role made from it can have.
pub fn delegable(cmdlets: &Arc<[Str]>) -> Arc<[Str]> {
    let holds = |name: &Str| cmdlets.binary_search_by(|known| order(known, name)).is_ok();
    if tables().reserved.iter().any(holds) {
        cmdlets.iter().filter(|name| !is_reserved(name)).cloned().collect()
    } else {
        cmdlets.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A misspelt name in a rule would quietly grant nothing.
    #[test]
    fn rules_name_only_what_there_is() {
        let Tables { families, names, .. } = tables();
        let rules: RoleRules = serde_json::from_str(include_str!("../../stdlib/roles/roles.json")).unwrap();
        let has = |name: &str, part: fn(&str) -> &str| names.iter().any(|known| part(known) == name);
        fn verb(name: &str) -> &str {
            name.split_once('-').map_or("", |(verb, _)| verb)
        }
        fn noun(name: &str) -> &str {
            name.split_once('-').map_or("", |(_, noun)| noun)
        }
        for role in rules.roles.iter().chain(&rules.groups) {
            for rule in role.allow.iter().chain(&role.deny) {
                assert!(!rule.why.is_empty(), "{}", role.name);
                assert!(rule.verbs.iter().all(|name| has(name, verb)), "{}: {:?}", role.name, rule.verbs);
                assert!(rule.nouns.iter().all(|name| has(name, noun)), "{}: {:?}", role.name, rule.nouns);
                assert!(rule.cmdlets.iter().all(|name| has(name, |n| n)), "{}: {:?}", role.name, rule.cmdlets);
                let known = |name: &String| name == "*" || families.families.iter().any(|f| &f.name == name);
                assert!(rule.families.iter().all(known), "{}: {:?}", role.name, rule.families);
            }
        }
    }

    #[test]
    fn there_are_places_enough_for_verbs_and_families() {
        let Tables { families, names, .. } = tables();
        let verbs: std::collections::HashSet<_> =
            names.iter().filter_map(|name| name.split_once('-')).map(|(v, _)| v).collect();
        assert!(verbs.len() <= 128 && families.families.len() <= 128);
    }
}
