//! Groups, units and users made and removed, on the lab.

use crate::support::session::{Lab, s, text};
use reeve::cmdlet::registry::Registry;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::Value;
use std::rc::Rc;

fn list(names: &[&str]) -> Value {
    Value::list(names.iter().map(|name| s(name)).collect())
}

fn members(lab: &Lab, group: &str) -> String {
    text(&lab.ok("Get-CsGroup", &[("Identity", s(group))])[0], "Members")
}

#[test]
fn groups_are_shown() {
    let lab = Lab::new();
    assert_eq!(lab.ok("Get-CsGroup", &[]).len(), 25);
    let group = lab.ok("Get-CsGroup", &[("Identity", s("voice team"))]).remove(0);
    let shown = ["Identity", "SamAccountName", "Description", "Members", "DistinguishedName"].map(|p| text(&group, p));
    let expected = ["Voice Team", "Voice Team", "Telephony in Redmond and Atlanta", "noramartinez"];
    assert_eq!(shown[..4], expected);
    assert_eq!(shown[4], "CN=Voice Team,CN=Users,DC=litwareinc,DC=com");
    let by_dn = lab.ok("Get-CsGroup", &[("Identity", s(&shown[4]))]);
    assert_eq!(text(&by_dn[0], "SamAccountName"), "Voice Team");
    assert_eq!(lab.ok("Get-CsGroup", &[("Filter", s("rtc*admins"))]).len(), 3);
    let held = lab.ok("Get-CsGroup", &[("Member", s("Nora Martínez"))]);
    let held: Vec<_> = held.iter().map(|group| text(group, "SamAccountName")).collect();
    assert_eq!(held, ["CsLocationAdministrator", "CsVoiceAdministrator", "Voice Team"]);
    assert_eq!(lab.ok("Get-CsGroup", &[("Member", s("Voice Team"))]).len(), 2);
    assert_eq!(lab.fails("Get-CsGroup", &[("Identity", s("Voice Taem"))]), "GroupNotFound");
    assert_eq!(lab.fails("Get-CsGroup", &[("Member", s("nobody"))]), "ManagementObjectNotFound");
}

#[test]
fn groups_are_made_and_removed() {
    let lab = Lab::new();
    let new = |name: &str| [("Identity", s(name)), ("Description", s("Night"))];
    let before = lab.version();
    for (name, id) in [
        ("voice team", "GroupExists"),
        ("kenmyer", "NameInUse"),
        ("Ken Myer", "NameInUse"),
        ("a*b", "InvalidName"),
        ("  ", "InvalidName"),
    ] {
        assert_eq!(lab.fails("New-CsGroup", &new(name)), id, "{name}");
    }
    let what_if = [("Identity", s("Night")), ("WhatIf", true.into())];
    assert_eq!(lab.run(&[("New-CsGroup", &what_if)]).said.len(), 1);
    assert_eq!(lab.version(), before);
    let made = lab.ok("New-CsGroup", &new(" Night ")).remove(0);
    assert_eq!(text(&made, "DistinguishedName"), "CN=Night,CN=Users,DC=litwareinc,DC=com");
    lab.ok("Add-CsGroupMember", &[("Identity", s("Voice Team")), ("Members", list(&["Night"]))]);
    for (name, id) in [
        ("CsHelpDesk", "PredefinedGroup"),
        ("RTCUniversalConfigReplicator", "PredefinedGroup"),
        ("DublinUserAdministrator", "GroupInUse"),
        ("Nights", "GroupNotFound"),
    ] {
        assert_eq!(lab.fails("Remove-CsGroup", &[("Identity", s(name))]), id, "{name}");
    }
    // What was read before it changed is not removed.
    lab.ok("Add-CsGroupMember", &[("Identity", s("Night")), ("Members", list(&["pilar"]))]);
    assert_eq!(lab.feed(vec![made], &[("Remove-CsGroup", &[])]).errors, ["StoreConflict"]);
    lab.ok("Remove-CsGroup", &[("Identity", s("Night"))]);
    assert_eq!(members(&lab, "Voice Team"), "noramartinez");
    assert_eq!(lab.fails("Get-CsGroup", &[("Identity", s("Night"))]), "GroupNotFound");
}

#[test]
fn members_come_and_go() {
    let lab = Lab::new();
    let team = ("Identity", s("Voice Team"));
    // One that is not there does not keep the others out; one that is in already stays.
    let some = list(&["kenmyer", "nobody", "noramartinez", "sip:pilar@litwareinc.com", "Ken Myer"]);
    let outcome = lab.run(&[("Add-CsGroupMember", &[team.clone(), ("Members", some), ("PassThru", true.into())])]);
    assert_eq!(outcome.errors, ["ManagementObjectNotFound"]);
    assert_eq!(text(&outcome.objects[0], "Members"), "noramartinez, kenmyer, pilar");
    let version = lab.version();
    lab.ok("Add-CsGroupMember", &[team.clone(), ("Members", list(&["kenmyer"]))]);
    assert_eq!(lab.version(), version, "nothing to do, nothing done");
    assert_eq!(lab.fails("Remove-CsGroupMember", &[team.clone(), ("Members", list(&["zoebyrne"]))]), "MemberNotFound");
    lab.ok("Remove-CsGroupMember", &[team.clone(), ("Members", list(&["KenMyer", "pilar"]))]);
    assert_eq!(members(&lab, "Voice Team"), "noramartinez");

    // Users of a pipeline, and rows of a table.
    let finance = [("Filter", s("Department -eq 'Finance'"))];
    let count = lab.ok("Get-CsAdUser", &finance).len();
    let outcome = lab.run(&[("Get-CsAdUser", &finance), ("Add-CsGroupMember", std::slice::from_ref(&team))]);
    assert!(outcome.errors.is_empty() && count > 3, "{outcome:?}");
    assert_eq!(members(&lab, "Voice Team").split(", ").count(), count + 1);
    let row = reeve::value::Record::custom([("Identity", s("Service Desk Leads")), ("Members", s("viewer"))]);
    let outcome = lab.feed(vec![Value::Record(row)], &[("Add-CsGroupMember", &[])]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    assert_eq!(members(&lab, "Service Desk Leads"), "zoebyrne, viewer");
    let outcome = lab.run(&[("Get-CsGroup", &[team]), ("Remove-CsGroupMember", &[])]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    assert_eq!(members(&lab, "Voice Team"), "");
}

#[test]
fn no_group_is_in_itself() {
    let lab = Lab::new();
    let add = |group: &str, member: &str| [("Identity", s(group)), ("Members", list(&[member]))];
    lab.ok("Add-CsGroupMember", &add("Voice Team", "Service Desk Leads"));
    for (group, member) in [
        ("Voice Team", "Voice Team"),
        ("Voice Team", "CsVoiceAdministrator"),
        ("Service Desk Leads", "CsLocationAdministrator"),
    ] {
        assert_eq!(lab.fails("Add-CsGroupMember", &add(group, member)), "GroupCycle", "{member} in {group}");
    }
}

#[test]
fn users_are_made_and_removed() {
    let lab = Lab::new();
    let made = lab.ok(
        "New-CsAdUser",
        &[
            ("Identity", s("adabyron")),
            ("FirstName", s("Ada")),
            ("LastName", s("Byron")),
            ("OU", s("ou=finance,dc=litwareinc,dc=com")),
            ("Title", s("Countess")),
            ("Phone", s("")),
        ],
    );
    let shown = ["Identity", "DisplayName", "UserPrincipalName", "Title", "Enabled"].map(|p| text(&made[0], p));
    let expected =
        ["CN=Ada Byron,OU=Finance,DC=litwareinc,DC=com", "Ada Byron", "adabyron@litwareinc.com", "Countess", ""];
    assert_eq!(shown, expected);
    let enable = [
        ("Identity", s("adabyron")),
        ("RegistrarPool", s("dub-pool.litwareinc.com")),
        ("SipAddressType", s("SamAccountName")),
        ("SipDomain", s("litwareinc.com")),
    ];
    lab.ok("Enable-CsUser", &enable);
    let namesake = [("SamAccountName", s("adabyron2")), ("DisplayName", s("Ada Byron")), ("OU", s("London"))];
    lab.ok("New-CsAdUser", &namesake);
    assert_eq!(lab.fails("Get-CsAdUser", &[("Identity", s("Ada Byron"))]), "AmbiguousIdentity");
    lab.ok("Remove-CsAdUser", &[("Identity", s("adabyron2"))]);
    let user = ("Identity", s("adabyron"));
    assert_eq!(lab.fails("Remove-CsAdUser", std::slice::from_ref(&user)), "UserEnabled");
    lab.ok("Add-CsGroupMember", &[("Identity", s("Voice Team")), ("Members", list(&["adabyron"]))]);
    lab.ok("Remove-CsAdUser", &[user.clone(), ("Force", true.into())]);
    assert_eq!(members(&lab, "Voice Team"), "noramartinez");
    assert_eq!(lab.fails("Get-CsAdUser", &[user]), "ManagementObjectNotFound");
}

#[test]
fn units_are_made_and_removed() {
    let lab = Lab::new();
    let identity = |name: &str| [("Identity", s(name))];
    let made = lab.ok("New-CsOU", &[("Identity", s("Sales, West")), ("OU", s("Redmond"))]);
    assert_eq!(text(&made[0], "DistinguishedName"), r"OU=Sales\, West,OU=Redmond,DC=litwareinc,DC=com");
    assert_eq!(text(&lab.ok("Get-CsOU", &identity("sales, west"))[0], "Name"), "Sales, West");
    let by_name = lab.ok("New-CsOU", &identity("ou=Lisbon,dc=litwareinc,dc=com"));
    assert_eq!(text(&by_name[0], "Identity"), "OU=Lisbon,DC=litwareinc,DC=com");
    for (cmdlet, name, id) in [
        ("New-CsOU", "lisbon", "OUExists"),
        ("New-CsOU", "ou=a,ou=Nowhere,dc=litwareinc,dc=com", "OUNotFound"),
        ("New-CsOU", "cn=a,dc=litwareinc,dc=com", "InvalidName"),
        ("Get-CsOU", "Lisbo", "OUNotFound"),
        ("Remove-CsOU", "Lisbo", "OUNotFound"),
        ("Remove-CsOU", "ou=Redmond,dc=litwareinc,dc=com", "OUNotEmpty"),
    ] {
        assert_eq!(lab.fails(cmdlet, &identity(name)), id, "{cmdlet} {name}");
    }
    let role = [
        ("Identity", s("Voice Team")),
        ("Template", s("CsHelpDesk")),
        ("UserScopes", s("OU:ou=Lisbon,dc=litwareinc,dc=com")),
    ];
    lab.ok("New-CsAdminRole", &role);
    assert_eq!(lab.fails("Remove-CsOU", &identity("Lisbon")), "OUInUse");
    lab.ok("Remove-CsAdminRole", &identity("Voice Team"));
    lab.ok("Remove-CsOU", &identity("Lisbon"));
}

/// Each example of help does on the lab what it says.
#[test]
fn examples_run_on_the_lab() {
    let registry = Registry::default();
    for name in [
        "Get-CsGroup",
        "New-CsGroup",
        "Remove-CsGroup",
        "Add-CsGroupMember",
        "Remove-CsGroupMember",
        "New-CsAdUser",
        "Remove-CsAdUser",
        "Get-CsOU",
        "New-CsOU",
        "Remove-CsOU",
    ] {
        for example in registry.native(name).unwrap().entry.examples {
            let Lab { lab, session, .. } = Lab::new();
            let mut engine = Engine::with_limits(Rc::new(session), Limits::for_stack(6 << 20));
            let ended = engine.run("example", example.run, Mode::Rhai, &[]);
            assert!(ended.is_ok(), "{name}: {}: {ended:?}", example.run);
            drop(lab);
        }
    }
}
