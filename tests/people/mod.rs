//! Users through their cmdlets, on the lab.

mod delegation;
mod directory;

use crate::support::session::{Lab, s, text};
use crate::support::shared;
use reeve::value::{Table, Value};

fn named(value: &Value) -> Vec<String> {
    let Value::Record(record) = value else { panic!("{value:?}") };
    record.names().iter().map(ToString::to_string).collect()
}

fn display_names(objects: &[Value]) -> Vec<String> {
    objects.iter().map(|o| text(o, "DisplayName")).collect()
}

#[test]
fn users_show_the_properties_of_the_original_in_its_order() {
    let Some(path) = shared("facts/outputs.json") else { return };
    let facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lab = Lab::new();
    for cmdlet in ["Get-CsUser", "Get-CsAdUser", "Get-CsEffectivePolicy"] {
        let object = lab.ok(cmdlet, &[("Identity", s("Ken Myer"))]).remove(0);
        let expected = facts["cmdlets"][cmdlet]["properties"].as_array().unwrap();
        let expected: Vec<_> = expected.iter().map(|p| p[0].as_str().unwrap()).collect();
        assert_eq!(named(&object)[..expected.len()], expected, "{cmdlet}");
    }
}

#[test]
fn users_are_found() {
    let lab = Lab::new();
    let count = |cmdlet: &str, parameters: &[(&str, Value)]| lab.ok(cmdlet, parameters).len();
    assert_eq!(count("Get-CsAdUser", &[]), 200);
    let enabled = count("Get-CsUser", &[]);
    assert_eq!(enabled + count("Get-CsAdUser", &[("Filter", s("Enabled -ne $True"))]), 200);
    assert!(enabled < 190);
    for (name, value) in [
        ("Filter", r#"RegistrarPool -eq "dub-pool.litwareinc.com""#),
        ("Filter", "VoicePolicy -ne $Null"),
        ("Filter", "EnterpriseVoiceEnabled -eq $true -and LineURI -like 'tel:+4420*'"),
        ("LdapFilter", "Department=Finance"),
        ("LdapFilter", "&(Department=Finance)(Title=Manager)"),
        ("LdapFilter", "|(Title=Supervisor)(Title=Manager)"),
        ("LdapFilter", "l=Redmond"),
        ("OU", "ou=Finance,ou=North America,dc=litwareinc,dc=com"),
        ("OU", "ou=US,dc=litwareinc,dc=com"),
        ("Identity", "Pilar*"),
    ] {
        let found = count("Get-CsUser", &[(name, s(value))]);
        assert!(found > 0 && found < enabled, "-{name} {value}: {found}");
    }
    assert_eq!(count("Get-CsUser", &[("OU", s("dc=litwareinc,dc=com"))]), enabled);
    let few = lab.run(&[("Get-CsUser", &[("ResultSize", 3.into())])]);
    assert_eq!((few.objects.len(), few.said.len()), (3, 1), "{few:?}");
    for (cmdlet, name, value, id) in [
        ("Get-CsUser", "Identity", "Ken Mayer", "ManagementObjectNotFound"),
        ("Get-CsUser", "Filter", "RegistrarPol -eq 'x'", "InvalidFilter"),
        ("Get-CsUser", "LdapFilter", "(Department=Finance", "InvalidFilter"),
        ("Get-CsUser", "OU", "ou=Finanse,dc=litwareinc,dc=com", "OUNotFound"),
        ("Get-CsUser", "ResultSize", "few", "InvalidResultSize"),
        ("Get-CsEffectivePolicy", "Identity", "nobody at all", "ManagementObjectNotFound"),
    ] {
        assert_eq!(lab.fails(cmdlet, &[(name, s(value))]), id, "{cmdlet} -{name} {value}");
    }
}

#[test]
fn a_user_is_enabled_changed_moved_and_disabled() {
    let lab = Lab::new();
    let waiting = lab.ok("Get-CsAdUser", &[("Filter", s("Enabled -ne $true")), ("ResultSize", 1.into())]).remove(0);
    let name = s(&text(&waiting, "SamAccountName"));
    let user = |lab: &Lab| lab.ok("Get-CsUser", &[("Identity", name.clone())]).remove(0);
    let pool = ("RegistrarPool", s("lon-pool.litwareinc.com"));
    let before = lab.version();
    for (parameters, id) in [
        (vec![pool.clone(), ("SipAddress", s("newcomer@litwareinc.com"))], "InvalidSipAddress"),
        (vec![pool.clone(), ("SipAddress", s("sip:newcomer@litware.com"))], "SipDomainNotFound"),
        (vec![pool.clone(), ("SipAddress", s("sip:kenmyer@litwareinc.com"))], "SipAddressInUse"),
        (
            vec![pool.clone(), ("SipAddressType", s("Nickname")), ("SipDomain", s("litwareinc.com"))],
            "InvalidSipAddressType",
        ),
        (vec![pool.clone()], "MissingMandatoryParameter"),
        (
            vec![("RegistrarPool", s("lon-pol.litwareinc.com")), ("SipAddress", s("sip:n@litwareinc.com"))],
            "PoolNotFound",
        ),
        (
            vec![("RegistrarPool", s("dub-sql-001.litwareinc.com")), ("SipAddress", s("sip:n@litwareinc.com"))],
            "RegistrarNotFound",
        ),
        (vec![("SipAddress", s("sip:n@litwareinc.com"))], "MissingMandatoryParameter"),
    ] {
        let mut all = vec![("Identity", name.clone())];
        all.extend(parameters);
        assert_eq!(lab.fails("Enable-CsUser", &all), id);
    }
    assert_eq!(
        lab.fails("Set-CsUser", &[("Identity", name.clone()), ("EnterpriseVoiceEnabled", true.into())]),
        "UserNotEnabled"
    );
    assert_eq!(lab.version(), before, "nothing changed");
    let enable = [("Identity", name.clone()), pool, ("SipAddress", s("sip:Newcomer@litwareinc.com"))];
    lab.ok("Enable-CsUser", &enable);
    assert_eq!(text(&user(&lab), "SipAddress"), "sip:newcomer@litwareinc.com");
    let again = lab.run(&[("Enable-CsUser", &enable)]);
    assert_eq!((again.errors.len(), again.said.len()), (0, 1), "{again:?}");
    let elsewhere = [enable[0].clone(), ("RegistrarPool", s("dub-pool.litwareinc.com")), enable[2].clone()];
    assert_eq!(lab.fails("Enable-CsUser", &elsewhere), "UserAlreadyEnabled");
    lab.ok(
        "Set-CsUser",
        &[("Identity", name.clone()), ("LineUri", s("tel:+15550100;ext=7")), ("EnterpriseVoiceEnabled", true.into())],
    );
    assert_eq!(text(&user(&lab), "LineURI"), "tel:+15550100;ext=7");
    assert_eq!(
        lab.fails("Set-CsUser", &[("Identity", s("kenmyer")), ("LineUri", s("tel:+15550100;ext=7"))]),
        "LineUriInUse"
    );
    assert_eq!(
        lab.fails("Set-CsUser", &[("Identity", name.clone()), ("AudioVideoDisabled", true.into())]),
        "SettingsConflict"
    );
    lab.ok("Set-CsUser", &[("Identity", name.clone()), ("LineUri", Value::Null)]);
    assert_eq!(text(&user(&lab), "LineURI"), "");
    // No server runs that could ask the old pool what it keeps of the user.
    let to = ("Target", s("dub-pool.litwareinc.com"));
    assert_eq!(lab.fails("Move-CsUser", &[("Identity", name.clone()), to.clone()]), "HostUnreachable");
    lab.ok("Move-CsUser", &[("Identity", name.clone()), to, ("Force", true.into()), ("Confirm", false.into())]);
    assert_eq!(text(&user(&lab), "RegistrarPool"), "dub-pool.litwareinc.com");
    lab.ok("Disable-CsUser", &[("Identity", name.clone()), ("Confirm", false.into())]);
    assert_eq!(lab.fails("Get-CsUser", &[("Identity", name.clone())]), "ManagementObjectNotFound");
}

#[test]
fn users_come_from_a_table() {
    let lab = Lab::new();
    let waiting = lab.ok("Get-CsAdUser", &[("Filter", s("Enabled -ne $true")), ("ResultSize", 2.into())]);
    for (number, user) in waiting.iter().enumerate() {
        // As Import-Csv | ForEach-Object gives them: all texts.
        let parameters = [
            ("Identity", s(&text(user, "SamAccountName"))),
            ("RegistrarPool", s("dub-pool.litwareinc.com")),
            ("SipAddress", s(&format!("sip:user{number}@litwareinc.com"))),
        ];
        lab.ok("Enable-CsUser", &parameters);
    }
    let rest = [("Filter", s("Enabled -ne $true"))];
    let count = lab.ok("Get-CsAdUser", &rest).len();
    let by_name = [
        ("RegistrarPool", s("atl-cs-001.litwareinc.com")),
        ("SipAddressType", s("SamAccountName")),
        ("SipDomain", s("litwareinc.com")),
    ];
    let outcome = lab.run(&[("Get-CsAdUser", &rest), ("Enable-CsUser", &by_name)]);
    assert!(outcome.errors.is_empty() && count > 10, "{outcome:?}");
    assert!(lab.ok("Get-CsAdUser", &rest).is_empty());
}

#[test]
fn policies_are_granted() {
    let lab = Lab::new();
    let dublin = [("Filter", s(r#"RegistrarPool -eq "dub-pool.litwareinc.com""#))];
    let grant = [("PolicyName", s("redmondvoicepolicy"))];
    let mut what_if = grant.to_vec();
    what_if.push(("WhatIf", true.into()));
    let before = lab.version();
    let outcome = lab.run(&[("Get-CsUser", &dublin), ("Grant-CsVoicePolicy", &what_if)]);
    assert!(outcome.errors.is_empty() && outcome.said.len() > 30, "{outcome:?}");
    assert_eq!(lab.version(), before);
    let outcome = lab.run(&[("Get-CsUser", &dublin), ("Grant-CsVoicePolicy", &grant)]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    let granted = lab.ok("Get-CsUser", &[("Filter", s("VoicePolicy -eq 'RedmondVoicePolicy'"))]);
    assert_eq!(granted.len(), lab.ok("Get-CsUser", &dublin).len() + 1, "Ken Myer has it too");
    let effective =
        |lab: &Lab, who: &str, family: &str| text(&lab.ok("Get-CsEffectivePolicy", &[("Identity", s(who))])[0], family);
    assert_eq!(effective(&lab, "Ken Myer", "VoicePolicy"), "RedmondVoicePolicy");
    assert_eq!(effective(&lab, "Ken Myer", "LocationProfile"), "RedmondDialPlan");
    lab.ok("Grant-CsVoicePolicy", &[("Identity", s("Ken Myer")), ("PolicyName", Value::Null)]);
    lab.ok("Grant-CsDialPlan", &[("Identity", s("Ken Myer")), ("PolicyName", Value::Null)]);
    assert_eq!(effective(&lab, "Ken Myer", "VoicePolicy"), "Site:Redmond");
    assert_eq!(effective(&lab, "Ken Myer", "LocationProfile"), "Site:Redmond");
    assert_eq!(effective(&lab, "Pilar Ackerman", "PinPolicy"), "Global");
    lab.ok("New-CsDialPlan", &[("Identity", s("service:Registrar:redmond-cs-001.litwareinc.com"))]);
    assert_eq!(effective(&lab, "Ken Myer", "LocationProfile"), "Service:Registrar:redmond-cs-001.litwareinc.com");
    for (who, policy, id) in [
        ("Ken Myer", "RedmondVoicePolic", "ManagementObjectNotFound"),
        ("Ken Myer", "Global", "InvalidScope"),
        ("Ken Myer", "site:Redmond", "InvalidScope"),
        ("Ken Mayer", "RedmondVoicePolicy", "ManagementObjectNotFound"),
    ] {
        assert_eq!(
            lab.fails("Grant-CsVoicePolicy", &[("Identity", s(who)), ("PolicyName", s(policy))]),
            id,
            "{who} {policy}"
        );
    }
    // An unknown user among others does not stop the others.
    let outcome =
        lab.feed(vec![s("nobody"), s("Ken Myer")], &[("Grant-CsPinPolicy", &[("PolicyName", s("RedmondPinPolicy"))])]);
    assert_eq!(outcome.errors, ["ManagementObjectNotFound"]);
    assert_eq!(effective(&lab, "Ken Myer", "PinPolicy"), "RedmondPinPolicy");
}

#[test]
fn a_record_with_a_policy_name_grants_by_property() {
    let lab = Lab::new();
    let row = |who: &str, policy: &str| {
        let fields = [("Identity", s(who)), ("PolicyName", s(policy))];
        Value::Record(reeve::value::Record::custom(fields))
    };
    let outcome =
        lab.feed(vec![row("Ken Myer", "ignored")], &[("Grant-CsPinPolicy", &[("PolicyName", s("RedmondPinPolicy"))])]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    let table = Value::Map(Table::new(false));
    assert!(!lab.run(&[("Get-CsUser", &[("Identity", table)])]).errors.is_empty(), "a hashtable is no user");
}

#[test]
fn roles_decide_on_users() {
    let lab = Lab::new().for_user("helpdesk");
    assert!(!display_names(&lab.ok("Get-CsUser", &[("Identity", s("Ken Myer"))])).is_empty());
    let before = lab.version();
    let who = ("Identity", s("Ken Myer"));
    for (cmdlet, parameter) in [
        ("Set-CsUser", ("EnterpriseVoiceEnabled", Value::Bool(true))),
        ("Move-CsUser", ("Target", s("dub-pool.litwareinc.com"))),
        ("Grant-CsVoicePolicy", ("PolicyName", s("UserPolicy1"))),
        ("Disable-CsUser", ("Confirm", false.into())),
    ] {
        assert_eq!(lab.fails(cmdlet, &[who.clone(), parameter]), "AccessDenied", "{cmdlet}");
    }
    assert_eq!(lab.version(), before);
    let lab = lab.for_user("amarasingh");
    lab.ok("Set-CsUser", &[("Identity", s("Pilar Ackerman")), ("EnterpriseVoiceEnabled", true.into())]);
}
