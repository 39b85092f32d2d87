//! Names of the deployment for completion: pools, sites, users, policies, roles. Only what the session's user may see.

use super::complete::begins;
use crate::access::Place;
use crate::cmdlet::session::Session;
use crate::config::{self, Family, Reader, Verb};
use crate::error::Halt;
use crate::people::Directory;
use crate::topology::Topology;
use crate::value::same_name;

/// Users that are offered: nobody chooses among more.
const MOST: usize = 200;

/// Where the values of a parameter come from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The names of commands.
    Commands,
    /// Files.
    Files,
    /// Pools.
    Pools,
    /// Computers.
    Computers,
    /// Sites, as `site:Redmond`.
    Sites,
    /// Services, as `Registrar:pool`.
    Services,
    /// Users, by address and display name.
    Users,
    /// Roles.
    Roles,
    /// Objects of a family.
    Objects(&'static Family),
    /// Scopes at which an object of a family could be made.
    NewObjects(&'static Family),
    /// Per-user policies of a family, without their `Tag:`.
    Policies(&'static Family),
}

/// Where the values of a cmdlet's parameter come from.
pub(super) fn source(command: &str, parameter: &str) -> Option<Source> {
    let is = |names: &[&str]| names.iter().any(|name| same_name(name, parameter));
    if is(&["Path", "LiteralPath", "FilePath", "FileName"]) {
        return Some(Source::Files);
    }
    let noun = command.split_once('-').map_or("", |(_, noun)| noun);
    let of = |nouns: &[&str]| nouns.iter().any(|known| same_name(known, noun));
    if (of(&["Help", "Command"]) && is(&["Name"])) || (of(&["CsRoleAccess"]) && is(&["Cmdlet"])) {
        return Some(Source::Commands);
    }
    let family = config::sources()
        .iter()
        .find_map(|source| source.cmdlets.iter().find(|c| same_name(c.name, command)).map(|c| (source, c.verb)));
    if let Some((source, verb)) = family {
        match verb {
            Verb::Grant if is(&["PolicyName"]) => return Some(Source::Policies(source.family())),
            Verb::Grant if is(&["Identity"]) => return Some(Source::Users),
            Verb::New if is(&["Identity"]) => return Some(Source::NewObjects(source.family())),
            Verb::Get | Verb::Set | Verb::Remove if is(&["Identity"]) => return Some(Source::Objects(source.family())),
            _ => {}
        }
    }
    if is(&["Identity"]) {
        return match () {
            () if of(&["CsPool"]) => Some(Source::Pools),
            () if of(&["CsComputer", "CsReplica"]) => Some(Source::Computers),
            () if of(&["CsSite"]) => Some(Source::Sites),
            () if of(&["CsService"]) => Some(Source::Services),
            () if of(&["CsAdminRole"]) => Some(Source::Roles),
            () if of(&["CsUser", "CsAdUser", "CsAdminRoleAssignment", "CsEffectivePolicy"]) => Some(Source::Users),
            () => None,
        };
    }
    match () {
        () if is(&["User", "SipAddress", "Manager"]) => Some(Source::Users),
        () if is(&["Role", "Template"]) && of(&["CsAdminRole", "CsRoleAccess", "CsAuditLog"]) => Some(Source::Roles),
        () if is(&["Site", "SiteId", "ConfigScopes"]) => Some(Source::Sites),
        () if is(&["Computer", "ComputerName", "ReplicaFqdn"]) => Some(Source::Computers),
        () if is(&["Pool", "PoolFqdn", "RegistrarPool", "BackupPoolFqdn", "TargetPool", "Target"]) => {
            Some(Source::Pools)
        }
        () => None,
    }
}

/// The names that a parameter of a command takes and that begin with a word, as the session's deployment has them: what
/// a server says to a remote shell.
pub fn of(session: &Session, command: &str, parameter: &str, word: &str) -> Vec<String> {
    source(command, parameter).map_or_else(Vec::new, |source| matching(session, source, word))
}

/// The same from wherever the deployment is: a remote session asks its server.
pub(super) fn offered(session: &Session, command: &str, parameter: &str, source: Source, word: &str) -> Vec<String> {
    let Some(link) = session.link() else { return matching(session, source, word) };
    let user = session.asks_to_be().map_or_else(String::new, |user| format!("&user={}", encoded(user)));
    let [command, parameter, word] = [command, parameter, word].map(encoded);
    let answer = link.get(&format!("/v1/names?command={command}&parameter={parameter}&word={word}{user}"));
    let names = answer.ok().and_then(|names| serde_json::from_value(names).ok());
    names.unwrap_or_default()
}

/// Percent-encoded for a query.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The names of a source that begin with a word. Where the deployment cannot answer there are none: a key press
/// writes no errors.
pub(super) fn matching(session: &Session, source: Source, word: &str) -> Vec<String> {
    find(session, source, word).unwrap_or_default()
}

fn find(session: &Session, source: Source, word: &str) -> Result<Vec<String>, Halt> {
    let deployment = session.deployment()?;
    let store = deployment.store();
    let topology = deployment.topology()?;
    let mut found = Vec::new();
    let mut add = |name: String, cmdlet: &str, place: &Place| -> Result<(), Halt> {
        if fits(&name, word) && session.may(cmdlet, place)? {
            found.push(name);
        }
        Ok(())
    };
    match source {
        Source::Commands | Source::Files => {}
        Source::Pools => {
            for pool in topology.pools() {
                add(pool.fqdn.clone(), "Get-CsPool", &Place::Site(pool.site.clone()))?;
            }
        }
        Source::Computers => {
            for computer in topology.computers() {
                add(computer.fqdn.clone(), "Get-CsComputer", &site_of(&topology, &computer.pool))?;
            }
        }
        Source::Services => {
            for service in topology.services() {
                add(service.identity.clone(), "Get-CsService", &site_of(&topology, &service.pool))?;
            }
        }
        Source::Sites => {
            for site in topology.sites() {
                let shown = format!("site:{}", site.name);
                add(shown, "Get-CsSite", &Place::Site(site.identity.clone()))?;
            }
        }
        Source::Roles => {
            for role in session.roles()?.listed() {
                add(role.name.to_string(), "Get-CsAdminRole", &Place::Global)?;
            }
        }
        Source::Users => {
            let directory = Directory::load(store)?;
            let mut users = Vec::new();
            for user in directory.users() {
                for name in [user.sip_address.as_str(), &user.display_name] {
                    if !name.is_empty() && fits(name, word) && users.len() < MOST {
                        users.push((name.to_string(), Place::User(user.ou().to_string())));
                    }
                }
            }
            for (name, place) in users {
                add(name, "Get-CsUser", &place)?;
            }
        }
        Source::Objects(family) | Source::Policies(family) => {
            let reader = Reader { store, topology: &topology };
            let policies = matches!(source, Source::Policies(_));
            for item in reader.items(family)? {
                let place = reader.site(&item).map_or(Place::Global, Place::Site);
                let name = item.identity.text(family);
                match (policies, name.strip_prefix("Tag:")) {
                    (true, Some(name)) => add(name.to_string(), getter(family), &place)?,
                    (true, None) => {}
                    (false, _) => add(name, getter(family), &place)?,
                }
            }
        }
        Source::NewObjects(family) => {
            if family.has_scope(config::Scope::Site) {
                for site in topology.sites() {
                    let shown = format!("site:{}", site.name);
                    add(shown, "Get-CsSite", &Place::Site(site.identity.clone()))?;
                }
            }
        }
    }
    found.sort_by_cached_key(|name| name.to_lowercase());
    found.dedup();
    Ok(found)
}

fn getter(family: &Family) -> &'static str {
    let source = config::sources().iter().find(|source| source.family == family.name);
    let get = source.and_then(|source| source.cmdlets.iter().find(|cmdlet| cmdlet.verb == Verb::Get));
    get.map_or("", |cmdlet| cmdlet.name)
}

fn site_of(topology: &Topology, pool: &str) -> Place {
    topology.site_of_pool(pool).map_or(Place::Global, |site| Place::Site(site.identity.clone()))
}

/// Whether a name begins with a word; what stands before its colon may be left out.
fn fits(name: &str, word: &str) -> bool {
    begins(name, word) || name.split_once(':').is_some_and(|(_, rest)| begins(rest, word))
}
