//! Tests of this room: Help.

use super::{Locale, syntax, texts};
use crate::cmdlet::catalogue;
use crate::cmdlet::registry::Registry;
use crate::value::same_name;

#[test]
fn the_language_is_that_of_the_environment() {
    let of = |values: &'static [(&str, &str)]| {
        Locale::from_environment(|name| values.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_string()))
    };
    assert_eq!(of(&[]).code(), "en");
    assert_eq!(of(&[("LANG", "it_IT.UTF-8")]).code(), "it");
    assert_eq!(of(&[("LANG", "it_IT"), ("LC_MESSAGES", "ko_KR")]).code(), "ko");
    assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ko")]).code(), "ko");
    assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "it")]).code(), "en");
    assert_eq!(of(&[("LANG", "de_DE")]).code(), "en");
}

#[test]
fn syntax_is_printed_as_powershell_does() {
    let line = |name: &str| catalogue::signature(name).map(|spec| syntax::lines(&spec)).unwrap_or_default();
    let failover = line("Invoke-CsManagementServerFailover");
    assert_eq!(failover.len(), 2, "{failover:?}");
    assert!(failover.iter().any(|line| line.contains("-BackupSqlServerFqdn <Fqdn> -Force")), "{failover:?}");
    assert!(failover.iter().all(|line| line.ends_with("[-WhatIf] [-Confirm] [<CommonParameters>]")), "{failover:?}");
    let replication = line("Invoke-CsManagementStoreReplication");
    assert!(replication[0].contains("-ReplicaFqdn] <") && replication[0].contains("[-Force]"), "{replication:?}");
}

/// Texts describe cmdlets and parameters that are there, and every language has what a seed cmdlet needs.
#[test]
fn texts_speak_of_what_there_is() {
    let registry = Registry::default();
    for (language, name) in texts::cmdlets() {
        let text = texts::find(language, name).unwrap_or_default();
        assert!(!text.synopsis.is_empty(), "{language}/{name} has no synopsis");
        // Texts may be there before their cmdlet is.
        let Some(command) = registry.lookup(name) else { continue };
        let spec = command.spec();
        if registry.native_names().iter().any(|native| same_name(native, name)) {
            continue;
        }
        for (parameter, _) in &text.parameters {
            assert!(
                spec.parameters.iter().any(|p| same_name(&p.name, parameter)),
                "{language}/{name} describes -{parameter}, which is not there"
            );
        }
    }
    for language in ["en", "it", "ko"] {
        for name in
            ["Invoke-CsManagementStoreReplication", "Invoke-CsBackupServiceSync", "Invoke-CsManagementServerFailover"]
        {
            let text = texts::find(language, name).unwrap_or_default();
            assert!(!text.examples.is_empty() && !text.description.is_empty(), "{language}/{name}");
            let spec = catalogue::signature(name).expect("a cmdlet of the catalogue");
            for parameter in spec.parameters.iter().filter(|p| !matches!(&*p.name, "WhatIf" | "Confirm")) {
                assert!(
                    text.parameters.iter().any(|(known, _)| same_name(known, &parameter.name)),
                    "{language}/{name} lacks -{}",
                    parameter.name
                );
            }
        }
    }
}

/// The cmdlets of this part of the house have a text, and describe every parameter or leave it to the shared ones.
#[test]
fn object_and_utility_cmdlets_are_described() {
    let shared = texts::find("en", "_parameters").unwrap_or_default();
    let entries = [crate::cmdlets::object::all(), crate::cmdlets::utility::all(), crate::cmdlets::help::all()];
    for entry in entries.into_iter().flatten() {
        let text = texts::find("en", &entry.name).unwrap_or_default();
        assert!(!text.synopsis.is_empty(), "{} has no help", entry.name);
        assert!(!entry.examples.is_empty(), "{} has no example", entry.name);
        for parameter in &(entry.spec)().parameters {
            let known = |list: &[(String, String)]| list.iter().any(|(name, _)| same_name(name, &parameter.name));
            let case_twin = entry.name == "Where-Object" && parameter.name.starts_with('C');
            assert!(
                known(&text.parameters) || known(&shared.parameters) || case_twin,
                "{} -{} is not described",
                entry.name,
                parameter.name
            );
        }
    }
}

#[test]
fn a_cmdlet_without_a_text_is_described_by_its_name() {
    let registry = Registry::default();
    for (name, expected) in [
        ("Get-CsPinPolicy", "Shows pin policies."),
        ("New-CsExternalAccessPolicy", "Makes an external access policy."),
        ("Grant-CsVoicePolicy", "Assigns a voice policy to users."),
        ("Remove-CsNetworkSubnet", "Removes a network subnet."),
    ] {
        let spec = registry.lookup(name).map(|command| command.spec()).expect("a cmdlet of the catalogue");
        let source = super::page::Source { spec, examples: &[], aliases: Vec::new(), runs: true, comment: None };
        assert_eq!(super::Page::new(source, &Locale::default()).synopsis, expected);
    }
}
