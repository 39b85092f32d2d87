//! The forms of the command line and their options.

use super::program::Place;

/// Rule: `lab` without a terminal says what is in it, answers the role query, and exits with 0.
#[test]
fn a_lab_without_a_terminal() {
    let ran = Place::empty().run(&["lab", "--embedded"]).ok();
    for part in ["Redmond", "Atlanta", "Dublin", "London", "dub-pool.litwareinc.com", "200", "Users", "Roles"] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
    assert!(ran.out.contains("CsAdministrator"), "the role query was not run:\n{}", ran.out);
}

/// Rule: a lab that is there is opened as it is; a temporary one is gone afterwards.
#[test]
fn a_lab_is_kept_where_it_has_a_directory() {
    let place = Place::empty();
    place.run(&["lab", "--embedded", "--dir", "mine", "-c", "New-CsVoicePolicy -Identity Kept"]).ok();
    let ran =
        place.run(&["lab", "--embedded", "--dir", "mine", "-c", "(Get-CsVoicePolicy -Identity Kept).Identity"]).ok();
    assert!(ran.out.contains("Tag:Kept"), "{}", ran.out);
    place.run(&["lab", "--embedded", "-c", "1"]).ok();
    let left: Vec<_> = std::fs::read_dir(place.path(".")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("reeve-lab")), "{left:?}");
}

/// Rule: `init` makes a deployment, from the sample or a document, and refuses what is taken.
#[test]
fn init_makes_a_deployment() {
    let place = Place::empty();
    place.run(&["init", "one"]).ok();
    let ran = place.run(&["--dir", "one", "-c", "(Get-CsSite).Count"]).ok();
    assert_eq!(ran.out.trim(), "4");
    place.run(&["init", "one"]).fails(1, "DeploymentExists");
    let file = place.write("broken.xml", "<Topology xmlns=\"urn:x\">\n<Sites>");
    place.run(&["init", "two", "--topology", file.to_str().unwrap()]).fails(1, "Topology");
    assert!(!place.path("two").exists(), "a refused init left something behind");
}

/// Rule: a text runs from -c, from standard input, and from a file, with the same result.
#[test]
fn a_text_from_everywhere() {
    let place = Place::lab();
    let text = "Get-CsSite | ForEach-Object { $_.Identity }";
    let from_c = place.shell(text).ok().out;
    assert!(from_c.contains("Site:Redmond"), "{from_c}");
    assert_eq!(place.run_with(&["--dir", "lab", "-"], text).ok().out, from_c);
    let file = place.write("sites.rhai", text);
    assert_eq!(place.run(&["--dir", "lab", "run", file.to_str().unwrap()]).ok().out, from_c);
    let file = place.write("sites.ps1", text);
    assert_eq!(place.run(&["--dir", "lab", "run", file.to_str().unwrap()]).ok().out, from_c);
}

/// Rule: everything after FILE belongs to the script.
#[test]
fn words_after_the_file_are_the_scripts() {
    let place = Place::lab();
    let file = place.write("words.rhai", "param([string]$Output, [switch]$Help)\nWrite-Output \"$Output $Help\"");
    let ran = place.run(&["--dir", "lab", "run", file.to_str().unwrap(), "-Output", "json", "-Help"]).ok();
    assert_eq!(ran.out.trim(), "json True");
}

/// Rule: every form of output holds the same objects.
#[test]
fn forms_of_output() {
    let place = Place::lab();
    let run = |form: &str| {
        place.run(&["--dir", "lab", "--output", form, "-c", "Get-CsSite | Select-Object Identity"]).ok().out
    };
    for form in ["auto", "table", "list", "json", "csv"] {
        let out = run(form);
        assert!(out.contains("Site:Dublin"), "{form}: {out}");
    }
    assert_eq!(run("csv").lines().next(), Some("\"Identity\""));
    assert_eq!(run("json").lines().count(), 4);
    assert!(run("list").contains("Identity : Site:"));
}

/// Rule: -WhatIf says what would be, and changes nothing.
#[test]
fn what_if_changes_nothing() {
    let place = Place::lab();
    let before = place.store_version();
    let text = "Get-CsUser -Filter {RegistrarPool -eq \"dub-pool.litwareinc.com\"} | \
                Grant-CsVoicePolicy -PolicyName RedmondVoicePolicy -WhatIf";
    let ran = place.shell(text).ok();
    assert!(ran.out.contains("What if:"), "{}", ran.out);
    assert_eq!(place.store_version(), before);
    place.shell(&text.replace(" -WhatIf", "")).ok();
    assert!(place.store_version() > before);
    let left = place.shell("@(Get-CsUser -Filter {RegistrarPool -eq \"dub-pool.litwareinc.com\" -and VoicePolicy -ne \"RedmondVoicePolicy\"}).Count");
    assert_eq!(left.ok().out.trim(), "0");
}

/// Rule: `check` says what is wrong without running, one object a line for programs, and what a role lacks.
#[test]
fn check_says_what_is_wrong() {
    let place = Place::lab();
    let file = place.write("bad.rhai", "let x = 1;\nGet-CsPol\nGet-CsPool -Sitte Redmond\n");
    let name = file.to_str().unwrap();
    let ran = place.run(&["--dir", "lab", "--output", "json", "check", name]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let found = ran.objects();
    let ids: Vec<&str> = found.iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CommandNotFoundException", "NamedParameterNotFound"]);
    assert_eq!(found[0]["stage"], "name");
    assert_eq!((&found[1]["line"], &found[1]["column"]), (&3.into(), &12.into()));
    assert_eq!(found[1]["start"], 32);
    let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "stage", "severity", "start", "end", "line", "column", "message", "hint"]);

    let file = place.write("change.rhai", "New-CsVoicePolicy -Identity Fresh -WhatIf\n");
    let name = file.to_str().unwrap();
    place.run(&["--dir", "lab", "check", name]).ok();
    place.run(&["--dir", "lab", "check", name, "--role", "CsVoiceAdministrator"]).ok();
    place.run(&["--dir", "lab", "check", name, "--role", "CsHelpDesk"]).fails(3, "New-CsVoicePolicy");
}

/// Rule: a script that cannot work does not start, unless it is told to.
#[test]
fn the_check_comes_first() {
    let place = Place::lab();
    let file = place.write("half.rhai", "Write-Output before\nGet-CsPol\n");
    let name = file.to_str().unwrap();
    let ran = place.run(&["--dir", "lab", "run", name]).fails(2, "CommandNotFoundException");
    assert_eq!(ran.out, "");
    let ran = place.run(&["--dir", "lab", "run", "--no-check", name]).fails(1, "CommandNotFoundException");
    assert_eq!(ran.out.trim(), "before");
    let ran = place.shell("try { Get-CsPol } catch { \"caught\" }").ok();
    assert_eq!(ran.out.trim(), "caught");
}

/// Rule: `lower` prints the Rhai that runs.
#[test]
fn lower_prints_rhai() {
    let place = Place::lab();
    let file = place.write("one.rhai", "let p = Get-CsPool -Site Redmond;\n");
    let ran = place.run(&["--dir", "lab", "lower", file.to_str().unwrap()]).ok();
    assert!(ran.out.contains("Get_CsPool(#{Site: \"Redmond\"})"), "{}", ran.out);
}

/// Rule: `exit N` gives N, errors 1, all well 0.
#[test]
fn exit_codes() {
    let place = Place::lab();
    for (text, code) in [
        ("exit 7", 7),
        ("Write-Error wrong", 1),
        ("throw \"x\"", 1),
        ("1", 0),
        ("Write-Error a -ErrorAction SilentlyContinue", 0),
    ] {
        assert_eq!(place.shell(text).code, Some(code), "{text}");
    }
}

/// Rule: help, version and completions need no deployment.
#[test]
fn help_and_version() {
    let place = Place::empty();
    assert!(place.run(&["--version"]).ok().out.starts_with("reeve "));
    assert!(place.run(&["--help"]).ok().out.contains("lab"));
    assert!(place.run(&["completions", "bash"]).ok().out.contains("reeve"));
    assert_eq!(place.run(&["-c", "Write-Output (1 + 1)"]).ok().out.trim(), "2");
}

#[test]
fn objects_alone_are_on_the_output_for_programs() {
    let ran = Place::empty().run(&["lab", "--embedded", "--output", "json"]).ok();
    assert!(ran.objects().len() >= 2, "{}", ran.out);
    assert!(ran.err.contains("Computers"), "{}", ran.err);
}

#[test]
fn what_nobody_reads_stops() {
    let shell = |text: &str| std::process::Command::new("sh").args(["-c", text]).output().unwrap();
    let reeve = env!("CARGO_BIN_EXE_reeve");
    let ran = shell(&format!("{{ {reeve} -c 'while ($true) {{ \"x\" * 1000 }}'; echo $? >&2; }} | head -n 1"));
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "0\n");
    if std::path::Path::new("/dev/full").exists() {
        let ran = shell(&format!("{reeve} -c '$x = 1; $x' >/dev/full"));
        assert_eq!(ran.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("OutputNotWritten"));
    }
}

/// Rule: Write-Host speaks at once, and takes a table of one kind of objects not apart.
#[test]
fn a_table_goes_on_behind_what_is_said() {
    let script = "foreach ($i in 1..2) { Write-Host \"host $i\"; [pscustomobject]@{A=$i} }";
    let ran = Place::empty().run(&["-c", script]).ok();
    assert_eq!(ran.out, "host 1\nhost 2\n\nA\n-\n1\n2\n\n");
}

/// Rule: -WhatIf says what a Set- cmdlet was asked for, also where everything is so already.
#[test]
fn what_if_speaks_where_nothing_would_change() {
    let script = "Set-CsVoicePolicy -Identity Global -AllowCallForwarding (Get-CsVoicePolicy -Identity Global).AllowCallForwarding -WhatIf";
    let ran = Place::empty().run(&["lab", "--embedded", "-c", script]).ok();
    assert!(ran.out.contains("What if: Performing the operation \"Set-CsVoicePolicy\""), "{}", ran.out);
}
