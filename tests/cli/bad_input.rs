//! Rule: bad input has its own error id and the right exit code, and changes nothing.

use super::program::Place;

/// A command text, run on the lab, and the id and exit code that it must give.
const TEXTS: &[(&str, &str, &str, i32)] = &[
    ("unknown cmdlet", "Get-CsPol", "CommandNotFoundException", 2),
    ("unknown parameter", "Get-CsPool -Sitte Redmond", "NamedParameterNotFound", 2),
    (
        "unknown value",
        "Set-CsConferencingPolicy -Identity Global -EnableAppDesktopSharing Everything",
        "PropertyValueNotAllowed",
        1,
    ),
    ("unknown identity", "Get-CsVoicePolicy -Identity NoSuchPolicy", "ManagementObjectNotFound", 1),
    ("unknown user", "Get-CsUser -Identity nobody@litwareinc.com", "ManagementObjectNotFound", 1),
    ("unknown pool", "Get-CsPool -Identity dub-poool.litwareinc.com", "PoolNotFound", 1),
    ("unknown scope", "New-CsVoicePolicy -Identity site:Nowhere", "SiteNotFound", 1),
    (
        "two parameter sets mixed",
        "Invoke-CsManagementServerFailover -BackupSqlServerFqdn redmond-cs-001.litwareinc.com -Force -Restore",
        "AmbiguousParameterSet",
        2,
    ),
    ("missing mandatory parameter", "New-CsAdminRole -Template CsHelpDesk", "MissingMandatoryParameter", 2),
    (
        "the seed page's stray dash",
        r#"Invoke-CsManagementServerFailover -BackupSqlServerFqdn "redmond-cs-001.litwareinc.com" - BackupSqlInstanceName "RTC" -Force"#,
        "PositionalParameterNotFound",
        2,
    ),
    (
        "stale Set",
        "$p = Get-CsVoicePolicy -Identity Global; Set-CsVoicePolicy -Identity Global -EnableTeamCall $false; \
         $p.EnableDelegation = $false; Set-CsVoicePolicy -Instance $p",
        "StoreConflict",
        1,
    ),
    ("syntax error", "Get-CsPool | Where-Object {$_.Site -eq", "MissingEndCurlyBrace", 2),
    (
        "a question nobody answers",
        "Set-CsVoicePolicy -Identity Global -EnableTeamCall $true -Confirm",
        "PromptNotAvailable",
        1,
    ),
];

/// Texts that change something before they fail; the rest must leave the version of the store as it was.
const CHANGES_FIRST: &[&str] = &["stale Set"];

#[test]
fn bad_texts_have_their_id_and_change_nothing() {
    let place = Place::lab();
    let mut wrong = Vec::new();
    for (what, text, id, code) in TEXTS {
        let before = place.store_version();
        let ran = place.shell(text);
        if ran.code != Some(*code) || !ran.err.contains(id) {
            wrong.push(format!("{what}: wanted {id}, exit {code}, got exit {:?}:\n{}{}", ran.code, ran.out, ran.err));
        }
        if place.store_version() != before && !CHANGES_FIRST.contains(what) {
            wrong.push(format!("{what}: the store changed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: what is misspelt gets the near name.
#[test]
fn near_names_are_offered() {
    let place = Place::lab();
    for (text, near) in [
        ("Get-CsPol", "Get-CsPool"),
        ("Get-CsPool -Sitte Redmond", "-Site"),
        ("Get-CsPool -Identity dub-poool.litwareinc.com", "dub-pool.litwareinc.com"),
    ] {
        let ran = place.shell(text);
        assert!(ran.err.contains(near), "{near} is not offered:\n{}", ran.err);
    }
}

/// Rule: without a deployment, with one of a newer version, or a damaged one, exit code 4 and nothing is touched.
#[test]
fn deployments_that_cannot_be_used() {
    let place = Place::empty();
    place.run(&["--dir", "nowhere", "-c", "Get-CsPool"]).fails(4, "NoDeployment");
    assert!(!place.path("nowhere").exists(), "a question made a directory");

    let newer = Place::lab();
    let host = reeve::deployment::locate(&newer.path("lab")).unwrap();
    let manifest = host.join("reeve.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut about: serde_json::Value = serde_json::from_str(&text).unwrap();
    about["Format"] = 999.into();
    std::fs::write(&manifest, about.to_string()).unwrap();
    newer.shell("Get-CsPool").fails(4, "DeploymentNewer");

    let damaged = Place::lab();
    let host = reeve::deployment::locate(&damaged.path("lab")).unwrap();
    let store = host.join("store").join("cms.db");
    assert!(store.exists());
    std::fs::write(&store, b"this is no database, but it was one").unwrap();
    damaged.shell("Get-CsPool").fails(4, "Damaged");
}

/// Rule: a role without the right is refused with exit code 3, the roles that would do are named, nothing changes.
#[test]
fn a_role_without_the_right() {
    let place = Place::lab();
    let before = place.store_version();
    let ran = place.shell_as("helpdesk", "New-CsVoicePolicy -Identity Fresh").fails(3, "AccessDenied");
    assert!(ran.err.contains("CsVoiceAdministrator"), "the roles that would do are not named:\n{}", ran.err);
    place
        .shell_as("viewer", "Grant-CsVoicePolicy -Identity kenmyer -PolicyName RedmondVoicePolicy")
        .fails(3, "AccessDenied");
    assert_eq!(place.store_version(), before);
    place.shell_as("nobody-here", "Get-CsPool").fails(1, "PrincipalNotFound");
}

/// Rule: runaway scripts end with an error of their own, and never abort the process.
#[test]
fn runaway_scripts() {
    let place = Place::lab();
    for (what, text, id) in [
        ("recursion", "fn deep(n) { deep(n + 1) + 1 } deep(0)", "CallDepthOverflow"),
        ("big string", r#"let s = "xxxxxxxxxxxxxxxx"; loop { s += s; }"#, "DataSizeExceeded"),
        ("big string by repetition", r#"$x = "x" * 1gb; $x.Length"#, "DataSizeExceeded"),
    ] {
        let ran = place.shell(text);
        assert_eq!(ran.code, Some(1), "{what}: {}", ran.err);
        assert!(ran.err.contains(id), "{what}: {}", ran.err);
    }
    let ran = place.run(&["--dir", "lab", "--max-operations", "100000", "-c", "loop { }"]);
    ran.fails(1, "OperationLimitExceeded");
    let ran = place.run(&["--dir", "lab", "--max-operations", "100000", "-c", "while ($true) { $x += 1 }"]);
    ran.fails(1, "OperationLimitExceeded");
}

#[test]
fn commands_in_their_rhai_spelling_need_the_right_too() {
    let lab = Place::lab();
    let cases = [
        ("let x = Set_CsVoicePolicy(#{Identity: \"Global\"});", 1),
        ("fn f() { Set_CsUser (#{}) } let g = |x| Move_CsUser(x, x);", 2),
        ("let s = `${Set_CsPinPolicy(#{})}`; Fn(\"Set_CsDialPlan\").call();", 2),
        ("Get_CsUser().Grant_CsVoicePolicy(#{PolicyName: \"x\"});", 1),
        ("Set-CsVoicePolicy -Identity Global\nfunction Set-CsVoicePolicy { 1 }", 1),
        ("function f { function Set-CsPinPolicy { 1 } }\nSet-CsPinPolicy -Identity Global", 1),
        ("function Set-CsPinPolicy { 1 }\nSet-CsPinPolicy", 0),
        ("// Set_CsVoicePolicy()\nlet x = \"a Set_CsVoicePolicy\";", 0),
    ];
    for (text, lacking) in cases {
        lab.write("s.rhai", text);
        let ran = lab.run(&["--dir", "lab", "--output", "json", "check", "s.rhai", "--role", "CsHelpDesk"]);
        let found = ran.out.matches("RoleLacksCmdlet").count();
        assert_eq!(found, lacking, "{text}\n{}{}", ran.out, ran.err);
    }
}

#[test]
fn a_text_that_cannot_be_read_does_not_run_unchecked_either() {
    let place = Place::empty();
    place.write("s.rhai", "let x = ;");
    place.run(&["run", "--no-check", "s.rhai"]).fails(2, "RhaiSyntax");
}

#[test]
fn what_fills_the_memory_ends_with_an_error() {
    let place = Place::empty();
    let text = "$h = @{}; $i = 0; try { while ($true) { $h[$i++] = 'x' * 1000000 } } catch { 1 }";
    let mut limited = std::process::Command::new("sh");
    let script = format!("ulimit -v 1600000; exec {} -c \"$0\"", env!("CARGO_BIN_EXE_reeve"));
    let ran = limited.args(["-c", &script, text]).current_dir(place.path(".")).output().unwrap();
    let err = String::from_utf8_lossy(&ran.stderr);
    if cfg!(target_os = "linux") {
        assert_eq!(ran.status.code(), Some(1), "{err}");
        assert!(err.contains("MemoryLimitExceeded"), "{err}");
    }
}
