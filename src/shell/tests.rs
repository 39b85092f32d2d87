//! Completion and colours over the lab.

use super::complete::complete;
use super::highlight::colored;
use crate::cmdlet::outputs;
use crate::cmdlet::{Host, Message, Session};
use crate::deployment::lab::Temporary;
use crate::language::Mode;
use crate::script::Engine;
use crate::value::{Value, member};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<Value>>>);

impl Host for Kept {
    fn output(&self, value: Value) {
        self.0.borrow_mut().push(value);
    }
    fn message(&self, _message: Message) {}
}

struct Desk {
    engine: Engine,
    kept: Kept,
    _lab: Temporary,
}

fn desk(user: Option<&str>) -> Desk {
    let lab = Temporary::new().unwrap();
    let kept = Kept::default();
    let mut session = Session::new(Box::new(kept.clone())).on(&lab.lab().host);
    if let Some(user) = user {
        session = session.as_user(user);
    }
    Desk { engine: Engine::new(Rc::new(session)), kept, _lab: lab }
}

impl Desk {
    /// What Tab puts in at the end of a text.
    fn tab(&self, text: &str) -> Vec<String> {
        complete(text, text.len(), Mode::Rhai, &self.engine).candidates.into_iter().map(|c| c.text).collect()
    }

    fn run(&mut self, text: &str) -> Vec<Value> {
        self.engine.run_line("test", text).unwrap();
        self.kept.0.take()
    }
}

#[test]
fn tab_offers_what_fits() {
    let mut desk = desk(None);
    desk.run("$thing = [pscustomobject]@{Colour=1; Size=2}; $things = @($thing, $thing); fn half(x) { x / 2 }");
    let cases: &[(&str, &[&str])] = &[
        ("Get-CsPoo", &["Get-CsPool", "Get-CsPoolBackupRelationship"]),
        ("get-cspoo", &["Get-CsPool", "Get-CsPoolBackupRelationship"]),
        ("let x = Get-CsPoo", &["Get-CsPool", "Get-CsPoolBackupRelationship"]),
        ("Get-CsPool | Where-O", &["Where-Object"]),
        ("if true { Get-CsPoo", &["Get-CsPool", "Get-CsPoolBackupRelationship"]),
        ("Get-CsPool -Iden", &["-Identity"]),
        ("Get-CsPool -Identity x -Iden", &[]),
        ("Get-CsPool -WarningA", &["-WarningAction"]),
        ("Set-CsUser -What", &["-WhatIf"]),
        ("Get-CsPool -ErrorAction Si", &["SilentlyContinue"]),
        ("Get-CsSite red", &["site:Redmond"]),
        ("Get-CsSite -Identity \"site:Red", &["\"site:Redmond\""]),
        ("Get-CsAdminRole CsVoice", &["CsVoiceAdministrator"]),
        ("Get-CsPool | Select-Object Identity, Comp", &["Computers"]),
        ("Get-CsPool | Sort-Object Fq", &["Fqdn"]),
        ("Get-CsPool | Where-Object Site -eq a | Format-Table Back", &["BackupPoolFqdn"]),
        ("Get-CsPool | Where-Object { $_.Back", &["BackupPoolFqdn"]),
        ("Get-CsVoicePolicy | Select-Object AllowSim", &["AllowSimulRing"]),
        ("Get-CsPool | Group-Object Site | Select-Object Cou", &["Count"]),
        ("$things | Select-Object Col", &["Colour"]),
        ("$thing.Si", &["Size"]),
        ("$things.Cou", &["Count"]),
        ("[math]::Ro", &["Round"]),
        ("$x = [System.DayOfWeek]::S", &["Saturday", "Sunday"]),
        ("let x = [guid]::n", &["new", "NewGuid"]),
        ("[nosuchtype]::", &[]),
        ("$thi", &["$thing", "$things"]),
        ("Get-CsPool | Where-Object { $_.Site -eq $thing", &["$thing", "$things"]),
        (
            "Get-CsUser -Filter {EnabledFor",
            &["EnabledForFederation", "EnabledForInternetAccess", "EnabledForRichPresence"],
        ),
        ("Get-CsUser -Filter {Enabled -eq $t", &["$true"]),
        ("Get-CsUser -Filter {(Enabled -notl", &["-notlike"]),
        ("Get-CsUser -Filter \"Enabled -eq $true -and RegistrarP", &["\"Enabled -eq $true -and RegistrarPool"]),
        ("$ErrorActionP", &["$ErrorActionPreference"]),
        ("hal", &["half"]),
        ("help Get-CsPoo", &["Get-CsPool", "Get-CsPoolBackupRelationship"]),
        ("Out-File Cargo.to", &["Cargo.toml"]),
        ("Import-Csv sr", &["src/"]),
        ("# Get-CsPoo", &[]),
        ("\"Get-CsPoo", &[]),
        ("Get-CsNothing -Iden", &[]),
        ("Get-CsPool \u{e9}", &[]),
    ];
    for (text, expected) in cases {
        let mut found = desk.tab(text);
        found.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
    let has = |text: &str, wanted: &str| {
        let found = desk.tab(text);
        assert!(found.iter().any(|candidate| candidate == wanted), "{wanted} is not offered for {text}: {found:?}");
    };
    has("Get-CsPool -", "-Identity");
    has("Get-CsPool | ", "$_");
    has("Get-CsPool ", "atl-cs-001.litwareinc.com");
    has("Move-CsUser -Target atl", "atl-cs-001.litwareinc.com");
    has("Get-CsUser -Identity sip:", "sip:kenmyer@litwareinc.com");
    has("Get-CsUser ken", "sip:kenmyer@litwareinc.com");
    has("Get-CsUser 'Ken M", "'Ken Myer'");
    has("Get-CsUser Ken", "'Ken Myer'");
    has("Grant-CsVoicePolicy -Identity x -PolicyName ", "RedmondVoicePolicy");
    has("gcm", "gcm");
}

#[test]
fn tab_shows_only_what_the_user_may_see() {
    let helpdesk = desk(Some("viewer"));
    assert!(helpdesk.tab("Get-CsSite ").contains(&"site:Redmond".to_string()));
    let nobody = desk(Some("aishaabbott"));
    for text in ["Get-CsSite ", "Get-CsUser -Identity sip:", "Get-CsAdminRole -Identity Cs", "Get-CsPool "] {
        assert_eq!(nobody.tab(text), [""; 0], "{text}");
    }
}

#[test]
fn the_words_of_a_cursor_in_the_middle() {
    let desk = desk(None);
    let found = complete("Get-CsPoo | Select-Object Identity", 9, Mode::Rhai, &desk.engine);
    assert_eq!((found.start, found.candidates[0].text.as_str()), (0, "Get-CsPool"));
}

/// Rule: what completion says of a cmdlet's output is what it puts out.
#[test]
fn the_properties_that_are_offered_are_there() {
    let mut desk = desk(None);
    for (command, names, complete) in outputs::listed() {
        let text = match command {
            "Group-Object" | "Get-Member" => format!("1, 2 | {command}"),
            // Which of its properties are there depends on its switches.
            "Measure-Object" => continue,
            "Compare-Object" => "Compare-Object 1 2".to_string(),
            other => format!("{other} | Select-Object -First 1"),
        };
        let found = desk.run(&text);
        let item = found.first().unwrap_or_else(|| panic!("{command} puts out nothing"));
        for name in names {
            assert!(member::get(item, name).is_some(), "{command} has no {name}");
        }
        for name in member::names(item).iter().filter(|_| complete) {
            assert!(names.iter().any(|known| **known == **name), "{command} has {name}, too");
        }
    }
}

#[test]
fn colours_change_no_text() {
    let desk = desk(None);
    let names = desk.engine.names();
    for text in [
        "Get-CsPool -Identity \"atl é\" | Where-Object { $_.Site -eq 1.5 } # end",
        "Get-CsNothing; let x = [int]5; if x > 3 { foo(x) }",
        "\"open $(Get-CsPool",
        "",
        "  \u{1f600} | % {",
    ] {
        let colored = colored(text, &names);
        let mut plain = String::new();
        let mut parts = colored.split("\x1b[");
        plain.push_str(parts.next().unwrap());
        parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
        assert_eq!(plain, text);
    }
    let shown = colored("Get-CsPool | Get-Nothing 'x'", &names);
    assert!(shown.contains("\x1b[1;36mGet-CsPool\x1b[0m"), "{shown:?}");
    assert!(shown.contains("\x1b[31mGet-Nothing\x1b[0m") && shown.contains("\x1b[32m'x'\x1b[0m"), "{shown:?}");
}

/// Rule: a line that may tell a secret is not written to the history's file.
#[test]
fn lines_that_stay_out_of_the_history() {
    for (line, tells) in [
        ("ConvertTo-SecureString 'P@ss' -AsPlainText -Force", true),
        ("$Password = 'x'", true),
        ("Invoke-RestMethod https://x -Headers @{ 'ApiKey' = 'y' }", true),
        ("Get-CsUser | Where-Object Enabled", false),
    ] {
        assert_eq!(super::repl::tells_secret(line), tells, "{line}");
    }
}
