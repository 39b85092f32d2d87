//! The pipelines of every day: pools of a site, policies for the users of a pool, users from a file.

use crate::cli::program::Place;
use serde_json::json;

/// Rule: pools are found by their site, and only the properties asked for come out.
#[test]
fn pools_of_a_site() {
    let place = Place::lab();
    let text = "Get-CsPool | Where-Object {$_.Site -eq \"Site:Redmond\"} | Select-Object Identity, Computers";
    let pools = place.json(text).ok().objects();
    assert!(!pools.is_empty());
    for pool in &pools {
        let names: Vec<&String> = pool.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["Identity", "Computers"]);
    }
    let computers = |name: &str| pools.iter().find(|p| p["Identity"] == name).map(|p| p["Computers"].clone());
    assert_eq!(computers("redmond-cs-001.litwareinc.com"), Some(json!(["redmond-cs-001.litwareinc.com"])));
    assert_eq!(computers("dub-pool.litwareinc.com"), None);
    let table = place.shell(text).ok().out;
    assert!(table.contains("Identity") && table.contains("{redmond-cs-001.litwareinc.com}"), "{table}");
}

/// Rule: with -WhatIf every user of the pool is named, and no one's policy changes.
#[test]
fn a_policy_for_the_users_of_a_pool() {
    let place = Place::lab();
    let of_pool = "Get-CsUser -Filter {RegistrarPool -eq \"dub-pool.litwareinc.com\"}";
    let users = place.json(&format!("{of_pool} | Select-Object Identity")).ok().objects().len();
    assert!(users > 10, "{users}");
    let before = place.store_version();
    let ran = place.shell(&format!("{of_pool} | Grant-CsVoicePolicy -PolicyName RedmondVoicePolicy -WhatIf")).ok();
    assert_eq!(ran.out.matches("What if:").count(), users, "{}", ran.out);
    assert_eq!(place.store_version(), before);
}

/// Rule: the users of a CSV file are enabled, with what their row says.
#[test]
fn users_from_a_file() {
    let place = Place::lab();
    let free = place.json("Get-CsAdUser | Where-Object {-not $_.Enabled} | Select-Object -First 2 SamAccountName");
    let names: Vec<String> =
        free.ok().objects().iter().map(|user| user["SamAccountName"].as_str().expect("a name").to_string()).collect();
    let rows = names.iter().map(|name| format!("{name},lon-pool.litwareinc.com,sip:{name}@litwareinc.com\n"));
    place.write("users.csv", &format!("Identity,RegistrarPool,SipAddress\n{}", rows.collect::<String>()));
    let text = "Import-Csv users.csv | ForEach-Object { Enable-CsUser -Identity $_.Identity \
                -RegistrarPool $_.RegistrarPool -SipAddress $_.SipAddress }";
    place.shell(text).ok();
    for name in &names {
        let users = place.json(&format!("Get-CsUser -Identity {name}")).ok().objects();
        assert_eq!(users[0]["SipAddress"], format!("sip:{name}@litwareinc.com"));
        assert_eq!(users[0]["RegistrarPool"], "lon-pool.litwareinc.com");
        assert_eq!(users[0]["Enabled"], true);
    }
}
