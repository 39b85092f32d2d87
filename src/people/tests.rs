//! The directory read from a store that lives in memory.

use super::*;
use crate::store::SqliteStore;

fn directory() -> Directory {
    let topology = crate::topology::Topology::parse(crate::topology::sample::LITWAREINC).expect("the sample");
    let store = SqliteStore::in_memory().expect("made");
    sample::seed(&store, &topology).expect("seeded");
    Directory::load(&store).expect("loaded")
}

#[test]
fn a_user_is_found_by_every_name() {
    let directory = directory();
    for name in [
        "Ken Myer",
        "ken myer",
        "kenmyer",
        "sip:kenmyer@litwareinc.com",
        "SIP:kenmyer@LITWAREINC.com",
        "kenmyer@litwareinc.com",
        r"litwareinc\kenmyer",
        "cn=Ken Myer, ou=Redmond, dc=litwareinc, dc=com",
    ] {
        assert_eq!(directory.find_user(name).map(|u| u.sam_account_name.as_str()).ok(), Some("kenmyer"), "{name}");
    }
    let error = directory.find_user("Ken Mayer").expect_err("nobody of that name");
    assert_eq!(error.id(), "ManagementObjectNotFound");
    assert!(error.hints()[0].contains("Ken Myer"), "{:?}", error.hints());
}

#[test]
fn groups_are_held_through_groups() {
    let directory = directory();
    let groups = |name: &str| directory.groups_of(directory.find_user(name).expect("a user"));
    assert_eq!(groups("helpdesk"), ["CsHelpDesk"]);
    assert_eq!(groups("viewer"), ["CsViewOnlyAdministrator"]);
    assert!(groups("admin").contains(&"CsAdministrator".to_string()));
    assert_eq!(groups("noramartinez"), ["CsLocationAdministrator", "CsVoiceAdministrator", "Voice Team"]);
    let group = directory.find_group("cshelpdesk").expect("a group");
    assert!(directory.members_of(group).iter().any(|u| u.sam_account_name == "zoebyrne"));
}

#[test]
fn units_hold_the_users_of_the_published_examples() {
    let directory = directory();
    for ou in [
        "ou=Finance,dc=litwareinc,dc=com",
        "ou=Finance,ou=North America,dc=litwareinc,dc=com",
        "ou=US,dc=litwareinc,dc=com",
    ] {
        directory.find_ou(ou).expect("a unit");
        assert!(directory.users().any(|u| dn::within(&u.dn, ou)), "{ou}");
    }
    assert_eq!(directory.find_ou("ou=Finanze,dc=litwareinc,dc=com").expect_err("none").id(), "OUNotFound");
}
