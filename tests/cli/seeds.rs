//! Rule: the role queries that the published pages print run as they are printed, typographic dash and all.

use super::program::Place;

/// The cmdlets whose pages print the query.
const CMDLETS: &[&str] =
    &["Invoke-CsManagementStoreReplication", "Invoke-CsBackupServiceSync", "Invoke-CsManagementServerFailover"];

fn query(cmdlet: &str) -> String {
    format!("Get-CsAdminRole | Where-Object {{$_.Cmdlets \u{2013}match \"{cmdlet}\"}}")
}

/// The same query as the pages have it in their source: Markdown's backslash before the underscore.
fn escaped(cmdlet: &str) -> String {
    query(cmdlet).replace("$_", "$\\_")
}

#[test]
fn role_queries_answer_the_same_in_every_form() {
    let place = Place::lab();
    for cmdlet in CMDLETS {
        let text = query(cmdlet);
        let objects = place.json(&text).ok().objects();
        let names: Vec<&str> = objects.iter().map(|role| role["Identity"].as_str().unwrap()).collect();
        assert!(names.contains(&"CsAdministrator"), "{cmdlet}: {names:?}");
        for without in ["CsHelpDesk", "CsViewOnlyAdministrator"] {
            assert!(!names.contains(&without), "{cmdlet} is in {without}");
        }
        let table = place.run(&["--dir", "lab", "--output", "table", "-c", &text]).ok().out;
        let list = place.shell(&text).ok().out;
        for name in names {
            assert!(table.contains(name) && list.contains(name), "{name} is not in\n{table}\n{list}");
        }
    }
}

/// Rule: the properties come in the order that was published.
#[test]
fn a_role_prints_its_properties_in_order() {
    let objects = Place::lab().json(&query(CMDLETS[0])).ok().objects();
    let names: Vec<&String> = objects[0].as_object().unwrap().keys().collect();
    let wanted =
        ["Identity", "SID", "IsStandardRole", "Cmdlets", "ScriptModules", "ConfigScopes", "UserScopes", "TemplateName"];
    assert_eq!(names, wanted);
}

/// Rule: the backslash that Markdown put there is named, the fix is offered, and with the fix applied it runs.
#[test]
fn markdown_escapes_are_named_and_the_fix_works() {
    let place = Place::lab();
    for cmdlet in CMDLETS {
        let ran = place.run(&["--dir", "lab", "-c", &escaped(cmdlet)]).fails(2, "UnexpectedToken");
        assert!(ran.err.contains("remove `\\`"), "the fix is not offered:\n{}", ran.err);
        assert_eq!(escaped(cmdlet).replace("$\\_", "$_"), query(cmdlet));
    }
}

/// The page's example of a failover, with the dash that stands alone in it.
const STRAY: &str = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" \
                     - BackupSqlInstanceName \"RTC\" -Force";

/// Rule: the example as the page prints it is refused before anything runs; the diagnostic points at the dash and offers
/// the fix, also in a script behind commands that would have run, and with the fix applied it binds.
#[test]
fn the_stray_dash_is_refused_and_the_fix_offered() {
    let place = Place::lab();
    let before = place.store_version();
    let script = place.write("failover.rhai", &format!("New-CsVoicePolicy -Identity Fresh\n{STRAY}\n"));
    for ran in [
        place.run(&["--dir", "lab", "-c", STRAY]),
        place.run(&["--dir", "lab", "run", script.to_str().unwrap()]),
        place.run(&["--dir", "lab", "check", script.to_str().unwrap()]),
    ] {
        let ran = ran.fails(2, "PositionalParameterNotFound");
        for part in ["write `-BackupSqlInstanceName` instead of `- BackupSqlInstanceName`", "The dash stands alone"] {
            assert!(ran.err.contains(part) || ran.out.contains(part), "{part} is not in\n{}{}", ran.out, ran.err);
        }
    }
    assert_eq!(place.store_version(), before, "nothing ran");
    let mended = STRAY.replace("- Backup", "-Backup");
    place.run(&["--dir", "lab", "-c", &mended]).fails(4, "HostUnreachable");
}

/// Rule: a disaster demands -Force in so many words, and the whole command with it is offered; a name from the published
/// procedure is answered with the one that is meant; the two forms do not mix. Nothing runs.
#[test]
fn published_forms_are_answered_with_the_form_that_runs() {
    let place = Place::lab();
    let plain = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn redmond-cs-001.litwareinc.com";
    let ran = place.run(&["--dir", "lab", "-c", plain]).fails(2, "ForceRequired");
    assert!(ran.err.contains(&format!("write `{plain} -Force`")), "{}", ran.err);
    let mirror = format!("{plain} -MirrorSQLServerFqdn m.litwareinc.com -MirrorSQLInstanceName RTC -Force");
    let ran = place.run(&["--dir", "lab", "-c", &mirror]).fails(2, "NamedParameterNotFound");
    for name in ["-BackupMirrorSqlServerFqdn", "-BackupMirrorSqlInstanceName"] {
        assert!(ran.err.contains(name), "{name} is not in\n{}", ran.err);
    }
    place.run(&["--dir", "lab", "-c", &format!("{plain} -Force -Restore")]).fails(2, "AmbiguousParameterSet");
}

/// Rule: a page's example of a cmdlet that is not there yet binds, and says so.
#[test]
fn examples_of_cmdlets_to_come_bind() {
    let place = Place::lab();
    place.shell("Invoke-CsBackupServiceSync -PoolFqdn \"atl-cs-001.litwareinc.com\"").fails(4, "HostUnreachable");
}
