//! The people of the sample deployment: 200 users, a group for every predefined role, units for every site.
//!
//! All is derived from `stdlib/people/`, so that two labs are alike. There is no password anywhere.

use super::groundwork::{self, GroupData, change, group, unit};
use super::{GROUP, OU, USER, User, dn};
use crate::error::ErrorRecord;
use crate::store::{Change, Grant, Store};
use crate::topology::Topology;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// How many users the sample has.
pub const USERS: usize = 200;
/// Every tenth of the users that only fill the sample is not enabled yet.
const NOT_ENABLED_EVERY: usize = 10;
/// When the sample's people were made.
const MADE: &str = "2013-03-04T09:00:00Z";
const SID: &str = "S-1-5-21-2831376166-2963252556-2165051629";

#[derive(Deserialize)]
struct Data {
    domain: String,
    company: String,
    people: Vec<Person>,
    first: Vec<String>,
    last: Vec<String>,
    sites: Vec<Site>,
    work: Vec<Work>,
    ous: Vec<Unit>,
    policies: Vec<Assigned>,
}

/// A policy of one person, or of all in a department.
#[derive(Deserialize)]
struct Assigned {
    sam: Option<String>,
    department: Option<String>,
    family: String,
    policy: String,
}

#[derive(Deserialize)]
struct Person {
    first: String,
    last: String,
    sam: String,
    site: String,
    department: String,
    title: String,
    ou: Option<String>,
}

#[derive(Deserialize)]
struct Site {
    name: String,
    state: String,
    country: String,
    street: String,
    postal: String,
    phone: String,
    pools: Vec<String>,
}

#[derive(Deserialize)]
struct Work {
    department: String,
    title: String,
}

#[derive(Deserialize)]
struct Unit {
    department: String,
    countries: Vec<String>,
    ou: String,
}

/// Groups that only the sample has, and who is in those of every deployment, by logon name.
#[derive(Deserialize)]
struct Groups {
    members: HashMap<String, Vec<String>>,
    groups: Vec<GroupData>,
}

/// All groups: those of every deployment with their members first.
fn groups() -> Result<Vec<GroupData>, ErrorRecord> {
    let mut sample: Groups = groundwork::parse(include_str!("../../stdlib/people/sample-groups.json"))?;
    let mut all = groundwork::groups()?;
    for group in &mut all {
        group.members.extend(sample.members.remove(&group.name).unwrap_or_default());
    }
    all.append(&mut sample.groups);
    Ok(all)
}

/// Puts the sample's people into a store. A pool that the deployment lacks gets no users: they are not enabled.
///
/// # Errors
/// Those of the store; `StoreConflict` where some of them are there.
pub fn seed(store: &dyn Store, topology: &Topology) -> Result<(), ErrorRecord> {
    seed_where(store, &|pool| topology.pool(pool).is_ok())
}

/// The same with a question in place of the topology.
///
/// # Errors
/// Those of [`seed`].
pub fn seed_where(store: &dyn Store, has_pool: &dyn Fn(&str) -> bool) -> Result<(), ErrorRecord> {
    store.commit(&Grant::system("sample people"), &changes(has_pool)?).map(drop)
}

/// The changes that put the sample's people into a store.
///
/// # Errors
/// None with the data that ship.
pub fn changes(has_pool: &dyn Fn(&str) -> bool) -> Result<Vec<Change>, ErrorRecord> {
    let data: Data = groundwork::parse(include_str!("../../stdlib/people/sample.json"))?;
    let groups = groups()?;
    let users = users(&data, has_pool);
    let mut changes = Vec::new();
    for dn in units(&data, &users) {
        changes.push(change(OU, &dn, &unit(&dn))?);
    }
    for user in &users {
        changes.push(change(USER, &user.dn, user)?);
    }
    let root = dn::of_domain(&data.domain);
    let people = users.iter().map(|u| (u.sam_account_name.clone(), u.dn.clone()));
    let mut dns: HashMap<String, String> = people.collect();
    dns.extend(groups.iter().map(|g| (g.name.clone(), groundwork::group_dn(&g.name, &root))));
    for (at, data) in groups.iter().enumerate() {
        let made = group(data, &root, &dns, SID, at);
        changes.push(change(GROUP, &made.dn, &made)?);
    }
    Ok(changes)
}

/// The containers of the users, with the containers of these.
fn units(data: &Data, users: &[User]) -> BTreeSet<String> {
    let root = dn::of_domain(&data.domain);
    let mut units: BTreeSet<String> = data.sites.iter().map(|site| format!("OU={},{root}", site.name)).collect();
    for user in users {
        let mut at = user.ou();
        while at.starts_with("OU=") {
            units.insert(at.to_string());
            at = dn::parent(at);
        }
    }
    units
}

fn users(data: &Data, has_pool: &dyn Fn(&str) -> bool) -> Vec<User> {
    let mut users: Vec<User> = Vec::with_capacity(USERS);
    for person in &data.people {
        let Some(site) = data.sites.iter().find(|s| s.name == person.site) else { continue };
        let work = Work { department: person.department.clone(), title: person.title.clone() };
        let mut user = user(data, site, &work, [&person.first, &person.last, &person.sam], users.len());
        if let Some(ou) = &person.ou {
            user.dn = format!("CN={},{ou},{}", dn::escape(&user.display_name), dn::of_domain(&data.domain));
        }
        enable(data, &mut user, site, has_pool);
        users.push(user);
    }
    // Names in steps that share no factor with the lists' lengths: no pair comes twice in the first 200.
    let mut step = 0;
    while users.len() < USERS {
        let (first, last) = (&data.first[step * 7 % data.first.len()], &data.last[step * 13 % data.last.len()]);
        let sam = ascii(&format!("{first}{last}"));
        let site = &data.sites[step * 3 % data.sites.len()];
        let work = &data.work[step * 5 % data.work.len()];
        let mut user = user(data, site, work, [first, last, &sam], users.len());
        if step % NOT_ENABLED_EVERY != 3 {
            enable(data, &mut user, site, has_pool);
        }
        users.push(user);
        step += 1;
    }
    users
}

fn user(data: &Data, site: &Site, work: &Work, [first, last, sam]: [&str; 3], at: usize) -> User {
    let root = dn::of_domain(&data.domain);
    let display_name = format!("{first} {last}");
    let unit = data.ous.iter().find(|u| u.department == work.department && u.countries.contains(&site.country));
    let ou = unit.map_or_else(|| format!("OU={}", site.name), |unit| unit.ou.clone());
    let address = format!("{sam}@{}", data.domain);
    User {
        dn: format!("CN={},{ou},{root}", dn::escape(&display_name)),
        sam_account_name: sam.to_string(),
        user_principal_name: address.clone(),
        windows_email_address: address,
        first_name: first.to_string(),
        last_name: last.to_string(),
        display_name,
        guid: guid(sam),
        sid: format!("{SID}-{}", 1257 + at),
        user_account_control: "NormalAccount".into(),
        title: work.title.clone(),
        department: work.department.clone(),
        office: site.name.clone(),
        company: data.company.clone(),
        phone: format!("{}{:04}", site.phone, 100 + at),
        city: site.name.clone(),
        state_or_province: site.state.clone(),
        street_address: site.street.clone(),
        postal_code: site.postal.clone(),
        country_or_region: site.country.clone(),
        when_created: MADE.into(),
        when_changed: MADE.into(),
        ..User::default()
    }
}

fn enable(data: &Data, user: &mut User, site: &Site, has_pool: &dyn Fn(&str) -> bool) {
    let Some(pool) = site.pools.iter().find(|pool| has_pool(pool)) else { return };
    user.enabled = Some(true);
    user.registrar_pool = pool.clone();
    user.sip_address = format!("sip:{}", user.user_principal_name);
    user.hosting_provider = "SRV:".into();
    for assigned in &data.policies {
        let sam = assigned.sam.as_ref().is_some_and(|sam| *sam == user.sam_account_name);
        if sam || assigned.department.as_ref().is_some_and(|department| *department == user.department) {
            user.set_policy(&assigned.family, Some(&assigned.policy));
        }
    }
    // Telephony has come to all but Atlanta's people.
    if site.name != "Atlanta" {
        user.enterprise_voice_enabled = true;
        user.line_uri = format!("tel:{}", user.phone);
    }
}

/// A guid that is the same in every lab.
fn guid(sam: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(sam.as_bytes()).as_bytes()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// A name as a logon name: lower case, letters without marks, nothing else.
fn ascii(name: &str) -> String {
    let letter = |c: char| match c {
        'á' | 'à' | 'ä' => 'a',
        'é' | 'è' | 'ë' => 'e',
        'í' => 'i',
        'ó' | 'ö' | 'ø' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        'ł' => 'l',
        other => other,
    };
    name.to_lowercase().chars().map(letter).filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<User> {
        let all = changes(&|_| true).expect("the data ship with the program");
        let users = all.into_iter().filter(|c| &*c.id.kind == USER).filter_map(|c| c.body);
        users.map(|body| serde_json::from_value(body).expect("a user")).collect()
    }

    #[test]
    fn the_sample_has_two_hundred_users_of_whom_some_wait_to_be_enabled() {
        let users = sample();
        assert_eq!(users.len(), USERS);
        let waiting = users.iter().filter(|u| !u.has_account()).count();
        assert!((15..=25).contains(&waiting), "{waiting}");
        for pool in ["redmond-cs-001", "atl-cs-001", "dub-pool", "lon-pool"] {
            let there = users.iter().filter(|u| u.registrar_pool == format!("{pool}.litwareinc.com")).count();
            assert!(there > 30, "{pool} {there}");
        }
    }

    #[test]
    fn no_two_users_share_a_name() {
        let users = sample();
        for name in [
            |u: &User| dn::normal(&u.dn),
            |u: &User| u.sam_account_name.clone(),
            |u: &User| u.guid.clone(),
            |u: &User| u.phone.clone(),
        ] {
            let names: BTreeSet<_> = users.iter().map(name).collect();
            assert_eq!(names.len(), USERS);
        }
        assert!(users.iter().all(|u| u.sam_account_name.chars().all(|c| c.is_ascii_alphanumeric())));
    }

    #[test]
    fn every_member_of_a_group_exists() {
        let groups = groups().expect("data");
        let mut names: BTreeSet<String> = sample().into_iter().map(|u| u.sam_account_name).collect();
        names.extend(groups.iter().map(|g| g.name.clone()));
        for group in &groups {
            for member in &group.members {
                assert!(names.contains(member), "{member} of {}", group.name);
            }
        }
    }
}
