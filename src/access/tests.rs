//! Who may do what where, case by case.

use super::*;
use crate::audit::{self, Query};
use crate::store::{Change, Expected, Grant, SqliteStore, Store};
use serde_json::{Value as Json, json};

fn store_with(roles: &[Json]) -> SqliteStore {
    let store = SqliteStore::in_memory().unwrap();
    let change = |body: &Json| Change {
        id: document_id(body["Identity"].as_str().unwrap()),
        expected: Expected::Absent,
        body: Some(body.clone()),
    };
    store.commit(&Grant::system("test"), &roles.iter().map(change).collect::<Vec<_>>()).unwrap();
    store
}

fn redmond_voice() -> Json {
    json!({
        "Identity": "RedmondVoice", "SID": "S-1-5-21-1", "Template": "CsVoiceAdministrator",
        "ConfigScopes": ["site:Redmond"], "UserScopes": ["OU:ou=Redmond,dc=litwareinc,dc=com"]
    })
}

fn log(store: &dyn Store) -> Vec<audit::AuditRow> {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        true
    };
    store.audit(&Query::default(), &mut keep).unwrap();
    rows
}

#[test]
fn places_and_scopes_decide_together() {
    let user = |ou: &str| Place::User(ou.into());
    let site = |id: &str| Place::Site(id.into());
    let cases: Vec<(&[&str], &str, Place, bool)> = vec![
        (&["CsVoiceAdministrator"], "New-CsVoicePolicy", Place::Global, true),
        (&["csvoiceadministrator"], "new-csvoicepolicy", Place::Global, true),
        (&["CsHelpDesk"], "New-CsVoicePolicy", Place::Global, false),
        (&["CsHelpDesk", "CsVoiceAdministrator"], "New-CsVoicePolicy", Place::Global, true),
        (&["CsHelpDesk"], "Lock-CsClientPin", user("ou=any,dc=x"), true),
        (&[], "Get-CsPool", Place::Global, false),
        (&["Domain Users"], "Get-CsPool", Place::Global, false),
        (&["RTCUniversalServerAdmins"], "Invoke-CsManagementServerFailover", Place::Global, true),
        (&["RTCUniversalUserAdmins"], "Invoke-CsManagementServerFailover", Place::Global, false),
        (&["RTCUniversalReadOnlyAdmins"], "Get-CsBackupServiceStatus", Place::Global, true),
        (&["RedmondVoice"], "Set-CsVoicePolicy", Place::Global, false),
        (&["RedmondVoice"], "Set-CsVoicePolicy", site("Site:redmond"), true),
        (&["RedmondVoice"], "Set-CsVoicePolicy", site("Site:Dublin"), false),
        (&["RedmondVoice"], "Set-CsClientPolicy", site("Site:Redmond"), false),
        (&["RedmondVoice"], "Grant-CsVoicePolicy", user("OU=Redmond,DC=litwareinc,DC=com"), true),
        (&["RedmondVoice"], "Grant-CsVoicePolicy", user("ou=Sales,ou=Redmond,dc=litwareinc,dc=com"), true),
        (&["RedmondVoice"], "Grant-CsVoicePolicy", user("ou=Dublin,dc=litwareinc,dc=com"), false),
        (
            &["RedmondVoice", "CsVoiceAdministrator"],
            "Grant-CsVoicePolicy",
            user("ou=Dublin,dc=litwareinc,dc=com"),
            true,
        ),
        (&["CsAdministrator"], "Get-NoSuchThing", Place::Global, false),
    ];
    let store = store_with(&[redmond_voice()]);
    let roles = Roles::load(&store).unwrap();
    for (groups, cmdlet, place, allowed) in cases {
        let principal = Principal::named("someone", groups);
        let result = authorize(&store, &roles, &principal, cmdlet, Json::Null, Some(&place));
        assert_eq!(result.is_ok(), allowed, "{groups:?} {cmdlet} {place}: {result:?}");
        if let Err(error) = result {
            assert_eq!((error.id(), error.category()), ("AccessDenied", crate::error::Category::PermissionDenied));
        }
    }
}

#[test]
fn the_owner_may_do_everything() {
    let store = store_with(&[]);
    let gate = Gate::new(Principal::owner("root"));
    let grant = gate.authorize(&store, "Get-NoSuchThing", Json::Null, &Place::Global).unwrap();
    assert_eq!(grant.through(), "owner");
    assert!(log(&store).is_empty());
}

#[test]
fn a_denial_names_who_what_and_which_roles_would_do_and_is_logged() {
    let store = store_with(&[redmond_voice()]);
    let gate = Gate::new(Principal::named("nora", &["RedmondVoice", "CsHelpDesk"]));
    let error = gate.authorize(&store, "Set-CsVoicePolicy", json!({"Identity": "Global"}), &Place::Global).unwrap_err();
    let text = format!("{} {}", error.message(), error.hints().join(" "));
    for part in ["nora", "RedmondVoice", "CsHelpDesk", "Set-CsVoicePolicy", "site:Redmond", "CsVoiceAdministrator"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let rows = log(&store);
    let row = &rows[0];
    assert_eq!((row.decision, &*row.principal, &*row.outcome), (audit::Decision::Denied, "nora", "AccessDenied"));
    assert_eq!((&*row.parameters, &*row.place), (r#"{"Identity":"Global"}"#, "Global"));
    assert_eq!(row.version_before, row.version_after);
    assert_eq!(store.verify_audit().unwrap().fault, None);
}

#[test]
fn whether_a_cmdlet_may_start_does_not_ask_where() {
    let store = store_with(&[redmond_voice()]);
    let gate = Gate::new(Principal::named("nora", &["RedmondVoice"]));
    assert!(gate.may_start(&store, "Set-CsVoicePolicy", &|| Json::Null, None).is_ok());
    assert!(gate.may_start(&store, "Set-CsClientPolicy", &|| Json::Null, None).is_err());
    assert!(!gate.may(&store, "Set-CsVoicePolicy", &Place::Global).unwrap());
    assert_eq!(log(&store).iter().filter(|row| row.decision == audit::Decision::Denied).count(), 1);
}

#[test]
fn a_gate_notices_that_roles_change() {
    let store = store_with(&[redmond_voice()]);
    let gate = Gate::new(Principal::named("nora", &["RedmondVoice"]));
    let redmond = Place::Site("Site:Redmond".into());
    assert!(gate.may(&store, "Set-CsVoicePolicy", &redmond).unwrap());
    let other =
        Change { id: crate::store::DocumentId::new("X", "Global", ""), expected: Expected::Any, body: Some(json!(1)) };
    store.commit(&Grant::system("test"), &[other]).unwrap();
    assert!(gate.may(&store, "Set-CsVoicePolicy", &redmond).unwrap());
    let gone = Change { id: document_id("redmondvoice"), expected: Expected::Any, body: None };
    store.commit(&Grant::system("test"), &[gone]).unwrap();
    assert!(!gate.may(&store, "Set-CsVoicePolicy", &redmond).unwrap());
}

#[test]
fn a_gate_notices_that_groups_change() {
    let store = SqliteStore::in_memory().unwrap();
    crate::people::sample::seed_where(&store, &|_| true).unwrap();
    let directory = crate::people::Directory::load(&store).unwrap();
    let gate = Gate::new(Principal::find(&directory, "voice").unwrap());
    assert!(gate.may(&store, "New-CsVoicePolicy", &Place::Global).unwrap());
    let group = directory.find_group("CsVoiceAdministrator").unwrap();
    let id = crate::people::document_id(crate::people::GROUP, &group.dn);
    store.commit(&Grant::system("test"), &[Change { id, expected: Expected::Any, body: None }]).unwrap();
    assert!(!gate.may(&store, "New-CsVoicePolicy", &Place::Global).unwrap());
}

#[test]
fn a_custom_role_follows_its_template_until_it_has_a_list_of_its_own() {
    let store = store_with(&[
        redmond_voice(),
        json!({ "Identity": "OnlyPools", "SID": "", "Template": "CsHelpDesk", "Cmdlets": ["get-cspool"],
                "ConfigScopes": ["Global"], "UserScopes": ["Global"] }),
    ]);
    let roles = Roles::load(&store).unwrap();
    let voice = roles.get("CsVoiceAdministrator").unwrap();
    assert_eq!(roles.get("redmondvoice").unwrap().cmdlets, voice.cmdlets);
    let only = roles.get("OnlyPools").unwrap();
    assert!(only.holds("Get-CsPool") && !only.holds("Get-CsUser"));
    for role in [roles.get("RedmondVoice").unwrap(), only] {
        let body = role.body().unwrap();
        let document = crate::store::Document { id: document_id(&role.name), version: role.version, body: Some(body) };
        assert_eq!(&Role::from_document(&document).unwrap(), &**role);
    }
}

#[test]
fn a_document_that_is_no_role_denies_rather_than_allows() {
    for body in [
        json!({ "Identity": "X", "SID": "", "Template": "CsHelpDesk", "ConfigScopes": ["everywhere"], "UserScopes": [] }),
        json!({ "Identity": "X", "SID": "", "Template": "NoSuchRole", "ConfigScopes": [], "UserScopes": [] }),
        json!({ "Identity": "X" }),
    ] {
        let store = store_with(&[body]);
        let gate = Gate::new(Principal::named("x", &["X", "CsAdministrator"]));
        assert_eq!(gate.may(&store, "Get-CsPool", &Place::Global).unwrap_err().id(), "StoreDamaged");
    }
}

#[test]
fn roles_lack_what_they_lack() {
    let roles = Roles::predefined();
    let helpdesk = roles.get("CsHelpDesk").unwrap();
    assert_eq!(lacks(helpdesk, ["Get-CsUser", "New-CsVoicePolicy", "Lock-CsClientPin"]), ["New-CsVoicePolicy"]);
    assert!(roles.find("CsHelpdesc").is_err_and(|e| e.id() == "RoleNotFound"));
    assert_eq!(is_known("get-CSPOOL").map(|name| &**name), Some("Get-CsPool"));
    assert_eq!(is_known("Get-CsPoool"), None);
}
