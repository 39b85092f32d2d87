//! Which role holds which cmdlet, as a committed table, and what the descriptions of the roles promise.

use crate::support::shared;
use reeve::access::{Role, Roles, family, is_known, is_reserved, names};
use std::fmt::Write as _;
use std::sync::Arc;

/// Verbs that only look.
const LOOKING: [&str; 4] = ["Get", "Test", "Show", "Search"];
/// What changes a user's sign-in for the moment, and no configuration.
const TROUBLESHOOTING: [&str; 2] = ["Lock-CsClientPin", "Unlock-CsClientPin"];

fn role(name: &str) -> Arc<Role> {
    Roles::predefined().get(name).unwrap_or_else(|| panic!("no role {name}")).clone()
}

fn verb(cmdlet: &str) -> &str {
    cmdlet.split_once('-').map_or("", |(verb, _)| verb)
}

fn noun(cmdlet: &str) -> &str {
    cmdlet.split_once('-').map_or("", |(_, noun)| noun)
}

#[test]
fn the_table_of_roles_and_cmdlets_is_as_committed() {
    let roles = Roles::predefined();
    let mut table = String::new();
    for role in roles.all() {
        writeln!(table, "{}: {} cmdlets. {}", role.name, role.cmdlets.len(), role.about).unwrap();
    }
    table.push('\n');
    for cmdlet in names().iter() {
        let held: Vec<&str> = roles.holding(cmdlet).map(|role| &*role.name).collect();
        writeln!(table, "{cmdlet} [{}]: {}", family(cmdlet).unwrap_or("?"), held.join(" ")).unwrap();
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("role_matrix", table);
    });
}

#[test]
fn every_noun_has_a_family() {
    let lost: Vec<_> = names().iter().filter(|name| family(name).is_none()).collect();
    assert!(lost.is_empty(), "add to stdlib/roles/families.json: {lost:?}");
}

#[test]
fn all_roles_of_the_original_are_there_with_global_scope() {
    let listed: Vec<_> = Roles::predefined().listed().map(|role| role.name.to_string()).collect();
    assert_eq!(
        listed,
        [
            "CsAdministrator",
            "CsUserAdministrator",
            "CsVoiceAdministrator",
            "CsServerAdministrator",
            "CsViewOnlyAdministrator",
            "CsHelpDesk",
            "CsArchivingAdministrator",
            "CsResponseGroupAdministrator",
            "CsResponseGroupManager",
            "CsLocationAdministrator",
            "CsPersistentChatAdministrator",
        ]
    );
    for role in Roles::predefined().all() {
        assert!(role.standard && role.scopes() == "Global", "{}", role.name);
        assert!(role.cmdlets.is_sorted_by_key(|name| name.to_ascii_lowercase()), "{}", role.name);
    }
}

#[test]
fn the_administrator_holds_everything() {
    assert_eq!(&role("CsAdministrator").cmdlets, names());
    assert!(names().len() > 899);
}

#[test]
fn viewers_and_the_help_desk_change_nothing() {
    for name in ["CsViewOnlyAdministrator", "CsHelpDesk", "RTCUniversalReadOnlyAdmins"] {
        for cmdlet in role(name).cmdlets.iter() {
            let harmless = LOOKING.contains(&verb(cmdlet)) || TROUBLESHOOTING.contains(&&**cmdlet);
            assert!(harmless, "{name} has {cmdlet}");
        }
    }
    let help_desk = role("CsHelpDesk");
    assert!(TROUBLESHOOTING.iter().all(|cmdlet| help_desk.holds(cmdlet)));
    assert!(!help_desk.holds("New-CsVoicePolicy"));
    assert!(TROUBLESHOOTING.iter().all(|cmdlet| !role("CsViewOnlyAdministrator").holds(cmdlet)));
}

#[test]
fn user_administrators_assign_policies_and_change_none() {
    let users = role("CsUserAdministrator");
    for cmdlet in
        ["Enable-CsUser", "Disable-CsUser", "Move-CsUser", "Set-CsUser", "Grant-CsVoicePolicy", "Get-CsVoicePolicy"]
    {
        assert!(users.holds(cmdlet), "{cmdlet}");
    }
    for cmdlet in users.cmdlets.iter().filter(|cmdlet| !["Get", "Grant", "Test"].contains(&verb(cmdlet))) {
        let noun = noun(cmdlet);
        let setting = ["Policy", "Configuration", "DialPlan", "Rule"].iter().any(|end| noun.contains(end));
        assert!(!setting, "CsUserAdministrator has {cmdlet}");
    }
}

#[test]
fn server_administrators_have_no_global_impact() {
    let servers = role("CsServerAdministrator");
    for cmdlet in ["Stop-CsWindowsService", "Start-CsWindowsService", "Invoke-CsComputerFailOver", "Test-CsComputer"] {
        assert!(servers.holds(cmdlet), "{cmdlet}");
    }
    for cmdlet in servers.cmdlets.iter() {
        assert!(!["New", "Set", "Remove", "Grant", "Move", "Publish"].contains(&verb(cmdlet)), "{cmdlet}");
    }
    assert!(!servers.holds("Invoke-CsManagementServerFailover"));
}

/// Who decides who is in a group can make anybody administrator.
#[test]
fn only_two_change_groups_and_units() {
    let roles = Roles::predefined();
    let changing: Vec<_> = names().iter().filter(|n| family(n) == Some("Groups") && verb(n) != "Get").collect();
    assert_eq!(changing.len(), 6, "{changing:?}");
    for cmdlet in changing {
        let held: Vec<_> = roles.holding(cmdlet).map(|role| role.name.to_string()).collect();
        assert_eq!(held, ["CsAdministrator", "RTCUniversalServerAdmins"], "{cmdlet}");
        assert!(is_reserved(cmdlet));
    }
    let unreserved = ["Get-CsGroup", "Get-CsOU", "New-CsAdUser", "Remove-CsAdUser", "Set-CsUser"];
    assert!(unreserved.iter().all(|cmdlet| !is_reserved(cmdlet)));
    for cmdlet in ["New-CsAdUser", "Remove-CsAdUser"] {
        let held: Vec<_> = roles.holding(cmdlet).map(|role| role.name.to_string()).collect();
        assert_eq!(held, ["CsAdministrator", "CsUserAdministrator", "RTCUniversalUserAdmins"], "{cmdlet}");
    }
}

#[test]
fn the_groups_of_the_management_server_grant_what_is_documented() {
    let servers = role("RTCUniversalServerAdmins");
    for cmdlet in [
        "Invoke-CsManagementStoreReplication",
        "Invoke-CsManagementServerFailover",
        "Invoke-CsBackupServiceSync",
        "Get-CsBackupServiceStatus",
    ] {
        assert!(servers.holds(cmdlet), "{cmdlet}");
        let users = role("RTCUniversalUserAdmins");
        assert!(!users.holds(cmdlet), "{cmdlet}");
    }
    assert!(role("RTCUniversalUserAdmins").holds("Enable-CsUser"));
    assert!(!servers.holds("Enable-CsUser"));
    let reading: Vec<_> = names().iter().filter(|name| verb(name) == "Get").collect();
    assert_eq!(role("RTCUniversalReadOnlyAdmins").cmdlets.iter().collect::<Vec<_>>(), reading);
}

#[test]
fn the_cmdlets_of_the_published_pages_have_roles() {
    let roles = Roles::predefined();
    let held = |cmdlet: &str| roles.holding(cmdlet).map(|role| role.name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        held("Invoke-CsManagementStoreReplication"),
        ["CsAdministrator", "CsServerAdministrator", "RTCUniversalServerAdmins"]
    );
    assert_eq!(
        held("Invoke-CsBackupServiceSync"),
        ["CsAdministrator", "CsServerAdministrator", "RTCUniversalServerAdmins"]
    );
    assert_eq!(held("Invoke-CsManagementServerFailover"), ["CsAdministrator", "RTCUniversalServerAdmins"]);
    let Some(seeds) = shared("seeds") else { return };
    for file in std::fs::read_dir(seeds).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        for cmdlet in words.filter_map(is_known) {
            assert!(role("CsAdministrator").holds(cmdlet), "{cmdlet}");
        }
    }
}

#[test]
fn the_catalogue_is_covered_whole() {
    let Some(path) = shared("oracle/signatures.json") else { return };
    let catalogue: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lost: Vec<_> = catalogue.as_object().unwrap().keys().filter(|name| is_known(name).is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
