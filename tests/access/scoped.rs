//! A principal whose roles are for one site and one unit: what lies elsewhere is neither changed nor told of.

use super::cmdlets::{Lab, id, run, s, table};
use reeve::access::Principal;
use reeve::cmdlet::Session;
use reeve::value::Value;
use reeve::value::member::set;

/// A session as somebody who has these roles and no others.
fn holding(lab: &Lab, roles: &[&str]) -> Session {
    lab.as_principal(Principal::named("somebody", roles))
}

#[test]
fn an_object_of_another_scope_is_refused_before_anything_is_said_of_it() {
    let lab = Lab::new();
    let dublin = |name: &str| (name.to_string(), s("Site:Dublin"));
    let somebody = holding(&lab, &["RedmondVoiceAdministrator"]);
    for there in [false, true] {
        if there {
            lab.run("New-CsVoicePolicy", &[("Identity", s("Site:Dublin"))]).unwrap();
        }
        for cmdlet in ["Get-CsVoicePolicy", "Set-CsVoicePolicy", "New-CsVoicePolicy", "Remove-CsVoicePolicy"] {
            let (name, identity) = dublin("Identity");
            let result = run(&somebody, cmdlet, &[(&name, identity), ("ErrorAction", s("Stop"))]);
            assert_eq!(id(result), "AccessDenied", "{cmdlet}, there: {there}");
        }
    }
}

#[test]
fn an_object_in_scope_does_not_carry_a_change_elsewhere() {
    let lab = Lab::new();
    lab.run("New-CsVoicePolicy", &[("Identity", s("Site:Dublin"))]).unwrap();
    let somebody = holding(&lab, &["RedmondVoiceAdministrator"]);
    let mine = run(&somebody, "Get-CsVoicePolicy", &[("Identity", s("Site:Redmond"))]).unwrap().remove(0);
    set(&mine, "Identity", s("Site:Dublin")).unwrap();
    let result = run(&somebody, "Set-CsVoicePolicy", &[("Instance", mine), ("ErrorAction", s("Stop"))]);
    assert_eq!(id(result), "AccessDenied");
}

#[test]
fn nobody_makes_a_role_that_can_do_more_than_its_maker() {
    let lab = Lab::new();
    let template = |template: &str| [("Identity", s("Service Desk Leads")), ("Template", s(template))];
    lab.run(
        "New-CsAdminRole",
        &[
            ("Identity", s("Voice Team")),
            ("Template", s("CsHelpDesk")),
            ("Cmdlets", table("Add", Value::list(vec![s("New-CsAdminRole"), s("Set-CsAdminRole")]))),
        ],
    )
    .unwrap();
    let somebody = holding(&lab, &["Voice Team"]);
    assert_eq!(id(run(&somebody, "New-CsAdminRole", &template("CsAdministrator"))), "RoleExceedsOwn");
    let own = [("Identity", s("Voice Team")), ("Cmdlets", table("Add", s("Publish-CsTopology")))];
    assert_eq!(id(run(&somebody, "Set-CsAdminRole", &own)), "RoleExceedsOwn");
    assert!(run(&somebody, "New-CsAdminRole", &template("CsHelpDesk")).is_ok());
}
