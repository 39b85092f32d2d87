//! The configuration families through their cmdlets, on the lab.

use crate::support::session::{Lab, s, table, text};
use crate::support::shared;
use reeve::cmdlet::catalogue;
use reeve::config;
use reeve::value::{Record, Value, same_name};

fn record(value: &Value) -> &Record {
    match value {
        Value::Record(record) => record,
        other => panic!("{other:?}"),
    }
}

fn names(value: &Value) -> Vec<String> {
    record(value).names().iter().map(ToString::to_string).collect()
}

/// What every family shows, against the facts: type, properties and their order.
#[test]
fn families_show_the_properties_of_the_original_in_its_order() {
    let Some(path) = shared("facts/outputs.json") else { return };
    let facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lab = Lab::new();
    for family in config::families() {
        let about = &facts["cmdlets"][format!("Get-Cs{}", family.name)];
        let objects = lab.ok(&format!("Get-Cs{}", family.name), &[]);
        let first = objects.first().unwrap_or_else(|| panic!("the lab has no {}", family.name));
        assert_eq!(&*record(first).kind().name, about["type"].as_str().unwrap());
        let expected: Vec<_> = about["properties"].as_array().unwrap().iter().map(|p| p[0].as_str().unwrap()).collect();
        // Of some families the facts say in words that more follow.
        assert_eq!(names(first)[..expected.len()], expected, "{}", family.name);
    }
}

/// What the facts say of defaults, ranges and values, against the declared properties.
#[test]
fn families_have_the_limits_of_the_original() {
    let Some(path) = shared("facts/outputs.json") else { return };
    let facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = 0;
    for family in config::families() {
        let Some(defaults) = facts["defaults"][&family.name].as_object() else { continue };
        for (name, fact) in defaults {
            let Some((_, property)) = family.property(name) else { continue };
            if let Some(values) = fact["values"].as_array() {
                let values: Vec<_> = values.iter().filter_map(|v| v.as_str()).collect();
                assert_eq!(property.values, values, "{} {name}", family.name);
                checked += 1;
            }
            let numbers =
                |pair: &serde_json::Value| -> Option<(i64, i64)> { Some((pair[0].as_i64()?, pair[1].as_i64()?)) };
            if let (Some(limits), Some(range)) = (numbers(&fact["range"]), &property.range)
                && let (Some(least), Some(most)) = (range[0].as_i64(), range[1].as_i64())
            {
                assert_eq!((least, most), limits, "{} {name}", family.name);
                checked += 1;
            }
            if let (Some(default), None) = (fact["default"].as_bool(), fact["note"].as_str()) {
                let cloud = family.name == "ExternalAccessPolicy";
                assert!(cloud || property.default == default, "{} {name}", family.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 80, "{checked}");
}

/// Every parameter of every generic cmdlet means something here, or is on the list of those that do not.
#[test]
fn every_parameter_is_looked_at_or_declared_without_meaning() {
    let generic = ["Identity", "Instance", "Filter", "LocalStore", "InMemory", "Force", "PassThru", "PolicyName"];
    for source in config::sources() {
        let family = source.family();
        for cmdlet in source.cmdlets {
            let spec =
                catalogue::signature(cmdlet.name).unwrap_or_else(|| panic!("{} is not in the catalogue", cmdlet.name));
            for parameter in &spec.parameters {
                let name = &*parameter.name;
                let known = generic.iter().any(|g| same_name(g, name))
                    || family.property_of_parameter(name).is_some()
                    || family.key.iter().any(|k| same_name(k, name))
                    || family.shortcuts.iter().any(|s| same_name(&s.parameter, name))
                    || family.switches.keys().any(|s| same_name(s, name))
                    || family.without_meaning.iter().any(|u| same_name(u, name));
                assert!(known, "{} -{name}", cmdlet.name);
            }
        }
    }
}

#[test]
fn objects_are_listed_filtered_and_named() {
    let lab = Lab::new();
    let identities = |parameters: &[(&str, Value)]| -> Vec<String> {
        lab.ok("Get-CsVoicePolicy", parameters).iter().map(|o| text(o, "Identity")).collect()
    };
    let all = identities(&[]);
    assert_eq!(all[..2], ["Global", "Site:Redmond"]);
    assert_eq!(identities(&[("Filter", s("site:*"))]), ["Site:Redmond"]);
    assert_eq!(identities(&[("Filter", s("tag*"))]).len(), all.len() - 2);
    assert_eq!(identities(&[("Identity", s("redmondvoicepolicy"))]), ["Tag:RedmondVoicePolicy"]);
    assert_eq!(lab.fails("Get-CsVoicePolicy", &[("Identity", s("RedmondVoicePolic"))]), "ManagementObjectNotFound");
    assert_eq!(lab.fails("Get-CsVoicePolicy", &[("Identity", s("site:Paris"))]), "SiteNotFound");
    assert_eq!(lab.fails("Get-CsVoicePolicy", &[("Identity", s("site:London"))]), "ManagementObjectNotFound");
    assert_eq!(
        lab.fails("Get-CsPinPolicy", &[("Identity", s("service:Registrar:dub-pool.litwareinc.com"))]),
        "InvalidScope"
    );
    let routes = lab.ok("Get-CsTrustedApplication", &[("ApplicationId", s("tapp2"))]);
    assert_eq!(text(&routes[0], "Identity"), "TrustPool.litwareinc.com/urn:application:tapp2");
}

#[test]
fn a_policy_lives_through_its_cmdlets() {
    let lab = Lab::new();
    let made = lab.ok("New-CsVoicePolicy", &[("Identity", s("Sales")), ("PstnUsages", table("add", "local"))]);
    assert_eq!((text(&made[0], "Identity"), text(&made[0], "PstnUsages")), ("Tag:Sales".into(), "Local".into()));
    assert_eq!(lab.fails("New-CsVoicePolicy", &[("Identity", s("SALES"))]), "DuplicateIdentity");
    lab.ok(
        "Set-CsVoicePolicy",
        &[("Identity", s("Sales")), ("PstnUsages", table("remove", "Local")), ("Description", s("Sellers"))],
    );
    let policy = lab.ok("Get-CsVoicePolicy", &[("Identity", s("Sales"))]).remove(0);
    assert_eq!((text(&policy, "Description"), text(&policy, "PstnUsages")), ("Sellers".into(), String::new()));
    let before = lab.version();
    assert_eq!(
        lab.fails("Set-CsVoicePolicy", &[("Identity", s("Sales")), ("NoSuchThing", true.into())]),
        "NamedParameterNotFound"
    );
    assert_eq!(
        lab.fails("Set-CsVoicePolicy", &[("Identity", s("Nobody")), ("EnableTeamCall", true.into())]),
        "ManagementObjectNotFound"
    );
    assert_eq!(
        lab.fails("New-CsPresencePolicy", &[("Identity", s("P")), ("MaxPromptedSubscriber", 601.into())]),
        "PropertyValueOutOfRange"
    );
    let outcome = lab.run(&[("Remove-CsVoicePolicy", &[("Identity", s("Sales")), ("WhatIf", true.into())])]);
    assert!(outcome.said[0].contains("Tag:Sales"), "{outcome:?}");
    assert_eq!(lab.version(), before, "nothing changed");
    lab.ok("Remove-CsVoicePolicy", &[("Identity", s("Sales"))]);
    assert_eq!(lab.fails("Remove-CsVoicePolicy", &[("Identity", s("RedmondVoicePolicy"))]), "ItemInUse");
    lab.ok("Remove-CsVoicePolicy", &[("Identity", s("RedmondVoicePolicy")), ("Force", true.into())]);
    let ken = lab.ok("Get-CsEffectivePolicy", &[("Identity", s("Ken Myer"))]).remove(0);
    assert_eq!(text(&ken, "VoicePolicy"), "Site:Redmond", "the site's rules where the assigned one is gone");
}

#[test]
fn drafts_and_objects_that_were_read_are_set() {
    let lab = Lab::new();
    let before = lab.version();
    let draft = lab.ok("New-CsPresencePolicy", &[("Identity", s("site:London")), ("InMemory", true.into())]).remove(0);
    assert_eq!(lab.version(), before, "a draft changes nothing");
    assert!(record(&draft).set("MaxPromptedSubscriber", s("300")));
    lab.ok("Set-CsPresencePolicy", &[("Instance", draft.clone())]);
    // The same object can be changed and set again …
    assert!(record(&draft).set("MaxPromptedSubscriber", 301.into()));
    lab.ok("Set-CsPresencePolicy", &[("Instance", draft.clone())]);
    let read = lab.ok("Get-CsPresencePolicy", &[("Identity", s("site:london"))]).remove(0);
    assert_eq!(text(&read, "MaxPromptedSubscriber"), "301");
    // … but not after somebody else changed what it shows.
    lab.ok("Set-CsPresencePolicy", &[("Identity", s("site:London")), ("Description", s("changed"))]);
    for stale in [draft, read] {
        assert!(record(&stale).set("MaxCategorySubscription", 7.into()));
        assert_eq!(lab.fails("Set-CsPresencePolicy", &[("Instance", stale)]), "StoreConflict");
    }
    let bad = lab.ok("Get-CsPresencePolicy", &[("Identity", s("Global"))]).remove(0);
    assert!(record(&bad).set("MaxPromptedSubscriber", s("many")));
    assert_eq!(lab.fails("Set-CsPresencePolicy", &[("Instance", bad.clone())]), "InvalidPropertyValue");
    assert_eq!(lab.fails("Set-CsVoicePolicy", &[("Instance", bad)]), "InstanceTypeMismatch");
}

#[test]
fn pipelines_change_many() {
    let lab = Lab::new();
    lab.ok("New-CsAddressBookConfiguration", &[("Identity", s("site:Dublin"))]);
    let sites: &[(&str, Value)] = &[("Filter", s("site:*"))];
    let outcome = lab.run(&[
        ("Get-CsAddressBookConfiguration", sites),
        ("Set-CsAddressBookConfiguration", &[("RunTimeOfDay", s("23:00"))]),
    ]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    let times = lab.ok("Get-CsAddressBookConfiguration", &[]);
    let times: Vec<_> = times.iter().map(|o| text(o, "RunTimeOfDay")).collect();
    assert_eq!(times, ["1:30 AM", "11:00 PM", "11:00 PM"]);
    let outcome = lab.run(&[("Get-CsAddressBookConfiguration", sites), ("Remove-CsAddressBookConfiguration", &[])]);
    assert!(outcome.errors.is_empty(), "{outcome:?}");
    assert_eq!(lab.ok("Get-CsAddressBookConfiguration", &[]).len(), 1);
}

#[test]
fn elements_are_named_by_their_parts() {
    let lab = Lab::new();
    lab.ok("New-CsNetworkSite", &[("NetworkSiteID", s("Cork")), ("NetworkRegionID", s("emea"))]);
    assert_eq!(text(&lab.ok("Get-CsNetworkSite", &[("Identity", s("Cork"))])[0], "NetworkRegionID"), "EMEA");
    lab.ok("Set-CsNetworkSite", &[("Identity", s("Cork")), ("NetworkRegionID", Value::Null)]);
    let made = lab.ok(
        "New-CsTrustedApplication",
        &[
            ("ApplicationId", s("bot")),
            ("TrustedApplicationPoolFqdn", s("trustpool.litwareinc.com")),
            ("Port", 6001.into()),
            ("EnableTcp", true.into()),
        ],
    );
    assert_eq!(text(&made[0], "Identity"), "trustpool.litwareinc.com/urn:application:bot");
    assert_eq!(text(&made[0], "Protocol"), "Tcp");
    let pool = lab.ok("Get-CsTrustedApplicationPool", &[("PoolFqdn", s("TrustPool.litwareinc.com"))]).remove(0);
    assert_eq!(text(&pool, "Applications"), "urn:application:bot, urn:application:tapp2");
    assert_eq!(lab.fails("Set-CsNetworkSite", &[("Description", s("which one?"))]), "MissingMandatoryParameter");
    assert_eq!(
        lab.fails("New-CsNetworkRegion", &[("Identity", s("Asia")), ("CentralSite", s("Tokyo"))]),
        "SiteNotFound"
    );
    let cloud = lab.run(&[(
        "Set-CsExternalAccessPolicy",
        &[("Identity", s("Global")), ("EnableAcsFederationAccess", true.into())],
    )]);
    assert!(cloud.said[0].contains("EnableAcsFederationAccess"), "{cloud:?}");
}

#[test]
fn scopes_of_roles_hold() {
    let lab = Lab::new().for_user("voice");
    lab.ok("Set-CsVoicePolicy", &[("Identity", s("Global")), ("EnableCallPark", true.into())]);
    assert_eq!(
        lab.fails("Set-CsArchivingPolicy", &[("Identity", s("Global")), ("ArchiveInternal", true.into())]),
        "AccessDenied"
    );
    let lab = lab.for_user("viewer");
    assert!(!lab.ok("Get-CsVoicePolicy", &[]).is_empty());
    let before = lab.version();
    assert_eq!(lab.fails("New-CsVoicePolicy", &[("Identity", s("Mine"))]), "AccessDenied");
    assert_eq!(lab.fails("Remove-CsVoicePolicy", &[("Identity", s("UserPolicy1"))]), "AccessDenied");
    assert_eq!(lab.version(), before);
}
