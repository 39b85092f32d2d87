//! What the cmdlets of the topology give on the lab, to whom, and what they refuse.

use super::bench::{Bench, text};
use crate::support::shared;
use reeve::topology::sample;
use reeve::value::Value;
use std::fs;

#[test]
fn each_selection_gives_what_it_names() {
    let bench = Bench::new();
    let cases: [(&str, &[&str]); 24] = [
        ("Get-CsSite", &["Site:Redmond", "Site:Atlanta", "Site:Dublin", "Site:London"]),
        ("Get-CsSite Redmond", &["Site:Redmond"]),
        ("Get-CsSite -Identity site:redmond", &["Site:Redmond"]),
        ("Get-CsSite -Filter *don", &["Site:London"]),
        ("Get-CsPool -Site Redmond", &["redmond-cs-001.litwareinc.com", "redmond-gw-001.litwareinc.com"]),
        ("Get-CsPool DUB-POOL.litwareinc.com", &["dub-pool.litwareinc.com"]),
        ("Get-CsPool -Filter *-pool.*", &["dub-pool.litwareinc.com", "lon-pool.litwareinc.com"]),
        ("Get-CsPool dub-pool.litwareinc.com -Site London", &[]),
        ("Get-CsComputer -Pool dub-pool.litwareinc.com", &["dub-cs-001.litwareinc.com", "dub-cs-002.litwareinc.com"]),
        ("Get-CsComputer -Local", &["atl-cs-001.litwareinc.com"]),
        ("Get-CsComputer -Filter *-cs-003*", &["lon-cs-003.litwareinc.com"]),
        ("Get-CsComputer lon-cs-003.litwareinc.com", &["lon-cs-003.litwareinc.com"]),
        ("Get-CsService -EdgeServer", &["EdgeServer:atl-edge-001.litwareinc.com"]),
        (
            "Get-CsService -CentralManagement",
            &["CentralManagement:redmond-cs-001.litwareinc.com", "CentralManagement:atl-cs-001.litwareinc.com"],
        ),
        ("Get-CsService -Registrar -PoolFqdn dub-pool.litwareinc.com", &["Registrar:dub-pool.litwareinc.com"]),
        ("Get-CsService Registrar:dub-pool.litwareinc.com", &["Registrar:dub-pool.litwareinc.com"]),
        ("Get-CsService service:registrar:dub-pool.litwareinc.com", &["Registrar:dub-pool.litwareinc.com"]),
        ("Get-CsService -Filter WebServer:atl*", &["WebServer:atl-cs-001.litwareinc.com"]),
        ("Get-CsService -PoolFqdn dub-fs-001.litwareinc.com", &["FileStore:dub-fs-001.litwareinc.com"]),
        (
            "Get-CsService -ConferenceServer -PoolFqdn dub-pool.litwareinc.com",
            &["ConferencingServer:dub-pool.litwareinc.com"],
        ),
        ("Get-CsService -MonitoringDatabase", &["MonitoringDatabase:atl-sql-001.litwareinc.com"]),
        (
            "Get-CsService -PstnGateway",
            &["PstnGateway:redmond-gw-001.litwareinc.com", "PstnGateway:lon-gw-001.litwareinc.com"],
        ),
        ("Get-CsService -ManagementServer", &["ManagementServer:atl-edge-001.litwareinc.com"]),
        ("Get-CsService -Director", &[]),
    ];
    for (command, expected) in cases {
        let given = bench.run(command);
        assert_eq!(given.errors, [""; 0], "{command}");
        assert_eq!(given.texts_of("Identity"), expected, "{command}");
    }
}

#[test]
fn what_is_not_there_has_its_error() {
    let bench = Bench::new();
    for (command, id) in [
        ("Get-CsSite Paris", "SiteNotFound"),
        ("Get-CsPool nowhere.litwareinc.com", "PoolNotFound"),
        ("Get-CsPool -Site Paris", "SiteNotFound"),
        ("Get-CsComputer nobody", "ComputerNotFound"),
        ("Get-CsComputer -Pool nowhere", "PoolNotFound"),
        ("Get-CsService Registrar:nowhere", "ServiceNotFound"),
        ("Get-CsService -PoolFqdn nowhere", "PoolNotFound"),
        ("Get-CsService -Registrar -EdgeServer", "AmbiguousParameterSet"),
        ("Publish-CsTopology -FileName nowhere.xml", "TopologyFileNotFound"),
        ("Publish-CsTopology", "NothingToPublish"),
    ] {
        let given = bench.run(command);
        assert_eq!((given.errors, given.objects.len()), (vec![id.to_string()], 0), "{command}");
    }
}

#[test]
fn properties_stand_in_the_documented_order() {
    let Some(path) = shared("facts/outputs.json") else { return };
    let facts: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let bench = Bench::new();
    let documented = |cmdlet: &str| -> Vec<String> {
        let properties = facts["cmdlets"][cmdlet]["properties"].as_array().cloned().unwrap_or_default();
        properties.iter().filter_map(|p| p[0].as_str().map(str::to_string)).collect()
    };
    let given = |command: &str| -> (Vec<String>, String) {
        let records = bench.run(command).records();
        let record = records.first().unwrap_or_else(|| panic!("{command} gives nothing"));
        (record.names().iter().map(ToString::to_string).collect(), record.kind().name.to_string())
    };
    for cmdlet in ["Get-CsSite", "Get-CsPool", "Get-CsComputer", "Get-CsTopology"] {
        let (names, kind) = given(cmdlet);
        assert_eq!(names, documented(cmdlet), "{cmdlet}");
        assert_eq!(kind, facts["cmdlets"][cmdlet]["type"].as_str().unwrap_or_default(), "{cmdlet}");
    }
    let common = documented("Get-CsService");
    for role in
        ["ApplicationServer", "CentralManagement", "EdgeServer", "FileStore", "Registrar", "UserServer", "WebServer"]
    {
        let mut expected = documented(&format!("Get-CsService -{role}"));
        expected.extend(common.iter().skip(1).cloned());
        assert_eq!(given(&format!("Get-CsService -{role}")).0, expected, "{role}");
    }
}

#[test]
fn values_are_those_of_the_document() {
    let bench = Bench::new();
    let cases = [
        ("Get-CsPool dub-pool.litwareinc.com", "Computers", "dub-cs-001.litwareinc.com,dub-cs-002.litwareinc.com"),
        ("Get-CsPool dub-pool.litwareinc.com", "BackupPoolFqdn", "lon-pool.litwareinc.com"),
        ("Get-CsPool dub-pool.litwareinc.com", "Site", "Site:Dublin"),
        ("Get-CsPool dub-sql-002.litwareinc.com", "Services", ""),
        (
            "Get-CsSite Dublin",
            "Pools",
            "dub-pool.litwareinc.com,dub-sql-001.litwareinc.com,dub-sql-002.litwareinc.com,dub-fs-001.litwareinc.com",
        ),
        ("Get-CsSite Dublin", "FederationRoute", "EdgeServer:atl-edge-001.litwareinc.com"),
        ("Get-CsSite Dublin", "SiteType", "CentralSite"),
        ("Get-CsService CentralManagement:atl-cs-001.litwareinc.com", "Active", "True"),
        ("Get-CsService CentralManagement:redmond-cs-001.litwareinc.com", "Active", "False"),
        (
            "Get-CsService Registrar:atl-cs-001.litwareinc.com",
            "BackupRegistrar",
            "Registrar:redmond-cs-001.litwareinc.com",
        ),
        ("Get-CsService Registrar:atl-cs-001.litwareinc.com", "FailureDetectionInterval", "00:05:00"),
        ("Get-CsService Registrar:atl-cs-001.litwareinc.com", "SipPort", "5061"),
        ("Get-CsService Registrar:atl-cs-001.litwareinc.com", "Version", "6"),
        ("Get-CsService WebServer:atl-cs-001.litwareinc.com", "ServiceId", "2-WebServices-1"),
        ("Get-CsService WebServer:atl-cs-001.litwareinc.com", "PublishedExternalHttpsPort", "443"),
        ("Get-CsService WebServer:atl-cs-001.litwareinc.com", "ExternalHttpsPort", "4443"),
        (
            "Get-CsService WebServer:atl-cs-001.litwareinc.com",
            "ABHandlerExternalUri",
            "https://atl-cs-001-web.litwareinc.com/abs/handler",
        ),
        (
            "Get-CsService WebServer:atl-cs-001.litwareinc.com",
            "DependentServiceList",
            "Registrar:atl-cs-001.litwareinc.com,ConferencingServer:atl-cs-001.litwareinc.com",
        ),
        ("Get-CsService EdgeServer:atl-edge-001.litwareinc.com", "MediaCommunicationPortCount", "10000"),
        ("Get-CsService EdgeServer:atl-edge-001.litwareinc.com", "AccessEdgeExternalFqdn", "sip.litwareinc.com"),
        ("Get-CsService FileStore:dub-fs-001.litwareinc.com", "UncPath", "\\\\dub-fs-001.litwareinc.com\\CsShare"),
        ("Get-CsService UserDatabase:dub-sql-001.litwareinc.com", "MirrorSqlServer", "dub-sql-002.litwareinc.com"),
    ];
    for (command, property, expected) in cases {
        assert_eq!(bench.run(command).texts_of(property), [expected], "{command} {property}");
    }
    let topology = bench.run("Get-CsTopology").records()[0].clone();
    for (property, count) in [("Machines", 17), ("Sites", 4), ("Clusters", 14), ("SqlInstances", 7)] {
        let Some(Value::List(items)) = topology.get(property) else { panic!("{property}") };
        assert_eq!(items.len(), count, "{property}");
    }
}

#[test]
fn a_role_of_one_site_sees_that_site() {
    let bench = Bench::new();
    let seen = bench.run_as(Some("zoebyrne"), "Get-CsPool");
    // She is in the service desk too, whose role sees all.
    assert!(seen.texts_of("Site").contains(&"Site:London".to_string()));
    let principal = reeve::access::Principal::named("somebody", &["RedmondVoiceAdministrator"]);
    let sites = |command: &str| {
        let mut sites = bench.run_for(&principal, command).texts_of("Site");
        sites.dedup();
        sites
    };
    assert_eq!(sites("Get-CsPool"), ["Site:Redmond"]);
    let refused = |command: &str| bench.run_for(&principal, command).errors;
    for command in [
        "Get-CsPool -Site Dublin",
        "Get-CsPool dub-pool.litwareinc.com",
        "Get-CsSite London",
        "Get-CsComputer atl-cs-001.litwareinc.com",
        "Get-CsService Registrar:dub-pool.litwareinc.com",
        "Get-CsTopology -AsXml",
        "Publish-CsTopology -FileName x.xml",
    ] {
        assert_eq!(refused(command), ["AccessDenied"], "{command}");
    }
}

#[test]
fn publishing_changes_the_store_once_and_is_logged() {
    let bench = Bench::new();
    let file = |name: &str, text: &str| {
        let path = bench.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let mirrored = file("mirrored.xml", sample::LITWAREINC_MIRRORED);
    let backup = bench.folder.path().join("before.xml").display().to_string();
    let before = bench.version();
    let what_if = bench.run(&format!("Publish-CsTopology -FileName {mirrored} -WhatIf"));
    assert!(
        what_if.errors.is_empty() && what_if.texts.iter().any(|t| t.starts_with("What if:")),
        "{:?}",
        what_if.texts
    );
    assert_eq!(bench.version(), before);
    let given = bench.run(&format!("Publish-CsTopology {mirrored} -BackupFileName {backup}"));
    assert_eq!((given.errors.len(), given.objects.len()), (0, 0), "{:?}", given.errors);
    assert_eq!(bench.version(), before + 1);
    assert_eq!(fs::read_to_string(&backup).unwrap(), sample::LITWAREINC);
    assert_eq!(text(&bench.run("Get-CsTopology -AsXml").objects[0]), sample::LITWAREINC_MIRRORED);
    assert_eq!(bench.run("Get-CsPool atl-sql-002.litwareinc.com").objects.len(), 1);
    let again = bench.run(&format!("Publish-CsTopology {mirrored}"));
    assert_eq!((again.errors.len(), bench.version()), (0, before + 1), "the same again changes nothing");
    let deployment = reeve::deployment::Deployment::open(&bench.lab.host).unwrap();
    let mut logged = Vec::new();
    let query = reeve::audit::Query::default();
    deployment
        .store()
        .audit(&query, &mut |row| {
            logged.push(row.cmdlet.clone());
            true
        })
        .unwrap();
    assert_eq!(logged.iter().filter(|cmdlet| *cmdlet == "Publish-CsTopology").count(), 1);
}

#[test]
fn a_document_that_is_refused_changes_nothing() {
    let bench = Bench::new();
    let before = bench.version();
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
    let dangling = sample::LITWAREINC.replacen("SiteId=\"3\" Number=\"1\"", "SiteId=\"9\" Number=\"1\"", 1);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("TopologyNotXml", b"not at all".to_vec()),
        ("TopologyNotXml", vec![0xff, 0xfe, 0x3c]),
        ("TopologyUnsafe", bomb.into()),
        ("TopologyForeign", b"<html/>".to_vec()),
        ("TopologyInvalid", dangling.into()),
        ("TopologyTooDeep", "<a>".repeat(100).into()),
        ("TopologyTooLarge", vec![b' '; 17 << 20]),
    ];
    for (at, (id, bytes)) in cases.into_iter().enumerate() {
        let path = bench.folder.path().join(format!("{at}.xml"));
        fs::write(&path, bytes).unwrap();
        let given = bench.run(&format!("Publish-CsTopology -FileName {}", path.display()));
        assert_eq!(given.errors, [id], "case {at}");
    }
    if let Some(draft) = shared("topology/contoso.tbxml") {
        assert_eq!(bench.run(&format!("Publish-CsTopology {}", draft.display())).errors, ["TopologyReadOnly"]);
    }
    assert_eq!(bench.version(), before);
}

#[test]
fn a_published_document_is_given_back_as_it_was() {
    let Some(path) = shared("topology/enterprise-pool.xml") else { return };
    let bench = Bench::new();
    let given = bench.run(&format!("Publish-CsTopology {}", path.display()));
    assert!(given.errors.is_empty(), "{:?}", given.errors);
    // The host of the store is not in it, nor is anything that users, configuration and roles point at.
    for part in ["active store", "50 users are homed on dub-pool", "configuration of Site:Redmond", "DublinUserAdmin"] {
        assert!(given.texts.iter().any(|text| text.contains(part)), "{part}: {:?}", given.texts);
    }
    assert_eq!(text(&bench.run("Get-CsTopology -AsXml").objects[0]), fs::read_to_string(path).unwrap());
}
