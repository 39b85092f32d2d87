//! What the lab's pools keep of their users: documents and files that belong together, the same in every lab.

use super::conference::{self, Amount, Conference};
use super::document::{UserDocument, What};
use crate::error::ErrorRecord;
use crate::people::{Directory, User};
use crate::store::{Change, Grant, Store};
use crate::value::same_name;
use serde_json::json;

/// States that people are in, as clients count them.
const STATES: [(u32, &str); 4] = [(3500, "Available"), (6500, "Busy"), (9500, "Do not disturb"), (15500, "Away")];
/// What some of them say.
const NOTES: [&str; 5] = [
    "In Dublin until Friday",
    "Ask the service desk first, please",
    "Working from home",
    "On the second floor now",
    "Back on Monday",
];

/// The users that are homed on a pool, by distinguished name.
pub fn homed<'a>(directory: &'a Directory, pool: &str) -> Vec<&'a User> {
    directory.users().filter(|user| user.has_account() && same_name(&user.registrar_pool, pool)).collect()
}

/// The documents of people who are homed on one pool: each has contacts and presence, some a note, some conferences.
pub fn documents(people: &[&User], conferences: &[Conference]) -> Vec<UserDocument> {
    let mut documents = Vec::new();
    for (at, user) in people.iter().enumerate() {
        let mut add = |what, value| {
            let (dn, address) = (user.dn.clone(), user.sip_address.clone());
            documents.push(UserDocument { dn, address, what, value, version: 0 });
        };
        let contact = |other: &&User| json!({"Address": other.sip_address, "Name": other.display_name});
        let known: Vec<&User> =
            (1..=4 + at % 6).filter_map(|step| people.get((at + step * 7) % people.len()).copied()).collect();
        let (team, others): (Vec<&User>, Vec<&User>) =
            known.into_iter().partition(|other| other.department == user.department);
        let group = |name: &str, members: &[&User]| json!({"Name": name, "Contacts": members.iter().map(contact).collect::<Vec<_>>()});
        add(What::Contacts, json!({"Groups": [group(&user.department, &team), group("Other Contacts", &others)]}));
        let (number, state) = STATES[at * 3 % STATES.len()];
        add(What::Presence, json!({"Availability": number, "Activity": state, "Location": user.office}));
        if at % 3 == 0 {
            add(What::Note, json!({"Text": NOTES[at / 3 % NOTES.len()]}));
        }
        let mine: Vec<_> = conferences.iter().filter(|c| c.organizer == user.dn).map(Conference::json).collect();
        if !mine.is_empty() {
            add(What::Conferences, json!({"Conferences": mine}));
        }
    }
    documents
}

/// Puts the sample's documents of a pool's users into its user store, in one go.
///
/// # Errors
/// Those of the store.
pub fn seed(store: &dyn Store, directory: &Directory, pool: &str) -> Result<(), ErrorRecord> {
    let people = homed(directory, pool);
    let conferences = conference::conferences(&people, Amount::default());
    let changes: Result<Vec<Change>, ErrorRecord> =
        documents(&people, &conferences).iter().map(UserDocument::change).collect();
    store.commit(&Grant::system("sample documents of users"), &changes?).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{Query, list};
    use crate::store::SqliteStore;

    /// Rule: each user has documents of several kinds, and a note says whose it is.
    #[test]
    fn people_have_documents() {
        let cms = SqliteStore::in_memory().unwrap();
        crate::people::sample::seed_where(&cms, &|_| true).unwrap();
        let directory = Directory::load(&cms).unwrap();
        let store = SqliteStore::in_memory().unwrap();
        seed(&store, &directory, "dub-pool.litwareinc.com").unwrap();
        let people = homed(&directory, "dub-pool.litwareinc.com");
        let mut kinds = std::collections::BTreeMap::new();
        let mut all = |document: UserDocument| {
            *kinds.entry(document.what).or_insert(0) += 1;
            assert!(people.iter().any(|user| user.dn == document.dn && user.sip_address == document.address));
            Ok(true)
        };
        list(&store, &Query::default(), &mut all).unwrap();
        assert_eq!((kinds[&What::Contacts], kinds[&What::Presence]), (people.len(), people.len()));
        assert!(kinds[&What::Note] > 5 && kinds[&What::Conferences] == 24, "{kinds:?}");
        // One is enough, where one is wanted.
        let mut seen = 0;
        let query = Query { dn: Some(people[0].dn.to_uppercase()), what: None };
        list(&store, &query, &mut |_| {
            seen += 1;
            Ok(false)
        })
        .unwrap();
        assert_eq!(seen, 1);
        let mut seen = 0;
        list(&store, &Query::default(), &mut |_| {
            seen += 1;
            Ok(seen < 3)
        })
        .unwrap();
        assert_eq!(seen, 3);
    }
}
