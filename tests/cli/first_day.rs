//! What somebody meets on the first day with it.

use super::program::Place;

/// Rule: `init` takes its directory from --dir too, and says what is meant where a topology document stands there.
#[test]
fn init_takes_the_directory_from_either_place() {
    let place = Place::empty();
    place.run(&["init", "--dir", "one"]).ok();
    assert_eq!(place.run(&["--dir", "one", "-c", "(Get-CsSite).Count"]).ok().out.trim(), "4");
    let file = place.write("topology.xml", "<Topology/>");
    let ran = place.run(&["--dir", "two", "init", file.to_str().unwrap()]).fails(1, "NotADirectory");
    assert!(ran.err.contains("--topology"), "{}", ran.err);
    assert!(!place.path("two").exists());
}

/// Rule: without a deployment a text says so once, and stops.
#[test]
fn no_deployment_is_said_once() {
    let ran = Place::empty().run(&["--dir", "nowhere", "-c", "Get-CsPool; Get-CsSite\nGet-CsUser"]);
    let ran = ran.fails(4, "NoDeployment");
    assert_eq!(ran.err.matches("NoDeployment").count(), 1, "{}", ran.err);
}

/// Rule: the value of an expression is shown with -c as in the shell; one that is assigned is not.
#[test]
fn the_value_of_an_expression_is_shown() {
    let place = Place::lab();
    for (text, shown) in [
        ("1 + 1", "2"),
        ("\"abc\".Length", "3"),
        ("\"abc\".ToUpper()", "ABC"),
        ("let x = 5; x", "5"),
        ("let x = 5", ""),
        ("$x = 5", ""),
        ("Write-Output a; 2", "a\n2"),
        ("print(1)", "1"),
    ] {
        assert_eq!(place.shell(text).ok().out.trim().replace('\r', ""), shown, "{text}");
    }
}

/// Rule: what a script throws is shown once.
#[test]
fn a_thrown_text_is_shown_once() {
    let ran = Place::lab().shell("throw \"out of paper\"");
    assert_eq!(
        (ran.code, ran.err.lines().filter(|line| line.contains("out of paper")).count()),
        (Some(1), 2),
        "{}",
        ran.err
    );
}

/// Rule: a script that begins as published ones do, and reads its users from a text file, runs.
#[test]
fn a_published_beginning() {
    let place = Place::lab();
    place.write("names.txt", "Ken Myer\nPilar Ackerman\n");
    let file = place.write(
        "begin.ps1",
        "Import-Module Lync\nforeach ($name in Get-Content names.txt) { (Get-CsUser $name).SamAccountName }\n\
         (Get-Content names.txt -TotalCount 1).Length\nGet-Content names.txt -Tail 1\n(Get-Content names.txt -Raw).Length",
    );
    let ran = place.run(&["--dir", "lab", "run", file.to_str().unwrap()]).ok();
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), ["kenmyer", "pilar", "8", "Pilar Ackerman", "24"], "{}", ran.out);
    let missing = place.shell("Get-Content nowhere.txt");
    missing.fails(1, "PathNotFound");
}

/// Rule: whether a user, or a role, may run one cmdlet is one question.
#[test]
fn access_of_one_user_to_one_cmdlet() {
    let place = Place::lab();
    let roles =
        |text: &str| place.shell(&format!("({text}).Role")).ok().out.lines().map(str::to_string).collect::<Vec<_>>();
    let both = roles("Get-CsRoleAccess Grant-CsVoicePolicy -User zoebyrne");
    assert_eq!(both, ["CsUserAdministrator", "DublinUserAdministrator"]);
    assert_eq!(roles("Get-CsRoleAccess -User helpdesk -Cmdlet Grant-CsVoicePolicy"), Vec::<String>::new());
    assert_eq!(roles("Get-CsRoleAccess -Role CsHelpDesk -Cmdlet Get-CsUser"), ["CsHelpDesk"]);
    place.shell("Get-CsRoleAccess -User helpdesk -Cmdlet Grant-CsVoicePolcy").fails(1, "CmdletNotFound");
}

/// Rule: users of a file are tried out before they are enabled, their policies too.
#[test]
fn provisioning_is_tried_out_first() {
    let place = Place::lab();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/provision-users.rhai");
    place.write(
        "users.csv",
        "Identity,RegistrarPool,SipAddress,VoicePolicy\n\
         Dmitri Patel,lon-pool.litwareinc.com,sip:dmitri@litwareinc.com,RedmondVoicePolicy\n\
         Dmitri Pereira,lon-pool.litwareinc.com,sip:pereira@litwareinc.com,NoPolicy\n",
    );
    let words = ["--dir", "lab", "--output", "csv", "run", script, "-Path", "users.csv", "-WhatIf"];
    let ran = place.run(&words).fails(1, "");
    let result = |who: &str| ran.out.lines().find(|line| line.starts_with(who)).unwrap_or_default().to_string();
    assert!(result("\"Dmitri Patel").contains("Would be enabled"), "{}", ran.out);
    assert!(result("\"Dmitri Pereira").contains("NoPolicy"), "{}", ran.out);
    assert_eq!(place.shell("(Get-CsAdUser \"Dmitri Patel\").Enabled").ok().out.trim(), "");
}

/// Rule: what a new topology leaves without its pool or its site is said before it is published.
#[test]
fn a_topology_says_what_it_leaves_behind() {
    let place = Place::lab();
    place.shell("Get-CsTopology -AsXml | Out-File t.xml").ok();
    let text = std::fs::read_to_string(place.path("t.xml")).unwrap();
    assert!(text.contains("<Name>Redmond</Name>") && text.contains("dub-pool."));
    place.write("new.xml", &text.replace("<Name>Redmond<", "<Name>Bellevue<").replace("dub-pool.", "dublin-pool."));
    for command in ["Publish-CsTopology -FileName new.xml -WhatIf", "Publish-CsTopology -FileName new.xml"] {
        let said = place.shell(command).ok().err;
        for part in ["dub-pool.litwareinc.com", "configuration of Site:Redmond", "RedmondVoiceAdministrator"] {
            assert!(said.contains(part), "{command}: {part} is not in\n{said}");
        }
    }
    assert!(!place.shell("Publish-CsTopology -FileName new.xml").ok().err.contains("WARNING"));
}

/// Rule: a page of help reads as a person would write it, also where nobody wrote it.
#[test]
fn pages_of_help_read_well() {
    let place = Place::lab();
    for (name, part) in [
        ("Copy-CsVoicePolicy", "Copies a voice policy."),
        ("Test-CsExUMVoiceMail", "Checks an ex UM voice mail."),
        ("Get-CsUser", "[-ResultSize <Unlimited>]"),
    ] {
        let page = place.shell(&format!("Get-Help {name}")).ok().out;
        let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(part), "{part} is not in\n{page}");
        assert_eq!(page.matches("REMARKS").count(), 1, "{page}");
    }
}

/// Rule: a prompt's folder commands work by PowerShell's names and aliases; what the program was told by relative paths
/// stays what it is.
#[test]
fn folders_are_gone_to() {
    let place = Place::lab();
    let folder = std::fs::canonicalize(place.path(".")).unwrap();
    std::fs::create_dir(place.path("sub")).unwrap();
    place.write("sub/notes.txt", "one\n");
    place.write("sub/lib.rhai", "fn seven() { 7 }");
    place.write("go.rhai", "cd /\nimport \"sub/lib\" as lib;\nprint(lib::seven());\npwd | % Path");
    let shown = |text: &str| place.run(&["--dir", "lab", "-c", text]).ok().out.replace('\r', "").trim().to_string();
    assert_eq!(shown("cd sub\ncat notes.txt\nls | % Name"), "one\nlib.rhai\nnotes.txt");
    assert_eq!(shown("cd sub\n(Get-CsSite).Count\ncd -\n(pwd).Path"), format!("4\n{}", folder.display()));
    assert_eq!(
        shown("pushd sub; pushd /; popd; gl | % Path; popd; \"$PWD\""),
        format!("{0}/sub\n{0}", folder.display())
    );
    assert_eq!(shown("mkdir made/below | Out-Null\nsl made/b*\nSplit-Path -Leaf $PWD"), "below");
    assert_eq!(place.run(&["--dir", "lab", "run", "go.rhai"]).ok().out.trim().replace('\r', ""), "7\n/");
    place.run(&["--dir", "lab", "-c", "cd nowhere"]).fails(1, "PathNotFound");
}
