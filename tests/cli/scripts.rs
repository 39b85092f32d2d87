//! The scripts in `scripts/`, run as an administrator would.

use super::program::Place;

fn script(name: &str) -> String {
    format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Rule: a lab that was just made is healthy, and a broken one is found out.
#[test]
fn health_check() {
    let place = Place::lab();
    let ran = place.run(&["--dir", "lab", "--output", "json", "run", &script("health-check.rhai")]);
    let errors: Vec<_> = ran.objects().into_iter().filter(|finding| finding["Severity"] == "Error").collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", ran.err);
    assert_eq!(ran.code, Some(1), "no server runs, which is a warning: {}", ran.err);
    let only = |area: &str, more: &[&str]| {
        let mut words = vec!["--dir", "lab", "--output", "json", "run"];
        let name = script("health-check.rhai");
        words.extend([name.as_str(), "-Only", area]);
        words.extend(more);
        let ran = place.run(&words);
        (ran.code, ran.objects().len())
    };
    assert_eq!(only("Replication, Certificate", &[]), (Some(0), 0));
    assert_eq!(only("certificate", &["-Days", "91"]), (Some(2), 17), "a certificate of each computer");
    let (_, pools) = only("Pool", &[]);
    let on = "New-CsRegistrarConfiguration -Identity service:Registrar:dub-pool.litwareinc.com -PoolState FailingOver";
    place.shell(on).ok();
    assert_eq!(only("Pool", &[]), (Some(1), pools + 1), "a pool on its way is found");
    let report = place.path("report.html");
    place.shell("Set-CsSipDomain -Identity fabrikam.com -IsDefault $true; Remove-CsSipDomain -Identity litwareinc.com -Force").ok();
    let ran = place.run(&["--dir", "lab", "run", &script("health-check.rhai"), "-Report", report.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(std::fs::read_to_string(report).unwrap().contains("<table"));
}

/// Rule: a refusal under -ErrorAction Stop ends the script, unless it is caught; the exit code says that it was one; a drill
/// by somebody without rights says so, and nothing else.
#[test]
fn a_refusal_ends_the_script() {
    let place = Place::lab();
    for (text, code, goes_on) in [
        ("New-CsVoicePolicy x -ErrorAction Stop; Write-Output \"went-$(40 + 2)\"", 3, false),
        ("Test-CsManagementServerFailover -ErrorAction Stop; Write-Output \"went-$(40 + 2)\"", 3, false),
        ("Get-CsPool nowhere -ErrorAction Stop; Write-Output \"went-$(40 + 2)\"", 1, false),
        ("New-CsVoicePolicy x; Write-Output \"went-$(40 + 2)\"", 3, true),
        ("try { New-CsVoicePolicy x -ErrorAction Stop } catch { Write-Output \"went-$(40 + 2)\" }", 0, true),
    ] {
        let ran = place.shell_as("helpdesk", text);
        assert_eq!((ran.code, ran.out.contains("went-42")), (Some(code), goes_on), "{text}: {}{}", ran.out, ran.err);
    }
    let ran = place.run(&["--dir", "lab", "--user", "helpdesk", "run", &script("failover-drill.rhai")]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(!ran.out.contains("drill ends here"), "{}", ran.out);
}

/// Rule: the matrix has a row for each cmdlet and a column for each role, and users with two roles are found.
#[test]
fn role_audit() {
    let place = Place::lab();
    let (csv, html) = (place.path("roles.csv"), place.path("roles.html"));
    let ran = place
        .run(&[
            "--dir",
            "lab",
            "--output",
            "json",
            "run",
            &script("role-audit.rhai"),
            "-Csv",
            csv.to_str().unwrap(),
            "-Html",
            html.to_str().unwrap(),
        ])
        .ok();
    let several = ran.objects();
    assert!(!several.is_empty());
    assert!(several.iter().all(|user| user["Roles"].as_str().unwrap().contains(", ")), "{several:?}");
    let text = std::fs::read_to_string(&csv).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    assert!(header.contains("Cmdlet") && header.contains("CsHelpDesk"), "{header}");
    let row = |name: &str| text.lines().find(|line| line.contains(&format!("\"{name}\""))).unwrap().to_string();
    let column = header.split(',').position(|name| name == "\"CsHelpDesk\"").unwrap();
    assert_eq!(row("New-CsVoicePolicy").split(',').nth(column), Some("\"\""));
    assert_eq!(row("Lock-CsClientPin").split(',').nth(column), Some("\"x\""));
    assert!(std::fs::read_to_string(&html).unwrap().contains("New-CsVoicePolicy"));
}

/// Rule: provisioning says what it would do under -WhatIf, does it without, and one bad row does not stop the next.
#[test]
fn provision_users() {
    let place = Place::lab();
    let free = place
        .json("Get-CsAdUser | Where-Object { -not $_.Enabled } | Select-Object -First 2 SamAccountName")
        .ok()
        .objects();
    let name = |at: usize| free[at]["SamAccountName"].as_str().unwrap().to_string();
    let csv = format!(
        "Identity,RegistrarPool,SipAddress\n{0},dub-pool.litwareinc.com,sip:{0}@litwareinc.com\n\
         nobody,dub-pool.litwareinc.com,sip:nobody@litwareinc.com\n{1},lon-pool.litwareinc.com,sip:{1}@litwareinc.com\n",
        name(0),
        name(1)
    );
    let file = place.write("users.csv", &csv);
    let before = place.store_version();
    let script = script("provision-users.rhai");
    let run = |more: &[&str]| {
        let mut words = vec!["--dir", "lab", "--output", "json", "run", &script, "-Path", file.to_str().unwrap()];
        words.extend(more);
        place.run(&words)
    };
    let ran = run(&["-WhatIf"]);
    assert_eq!(place.store_version(), before, "-WhatIf changed the store");
    assert_eq!(ran.objects()[0]["Result"], "Would be enabled", "{}", ran.err);
    let ran = run(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let results: Vec<String> = ran.objects().iter().map(|row| row["Result"].as_str().unwrap().to_string()).collect();
    assert!(results[0] == "Enabled" && results[1].starts_with("Failed") && results[2] == "Enabled", "{results:?}");
    let ran = run(&[]);
    assert_eq!(ran.objects()[0]["Result"], "Already enabled");
}
