//! Real servers: a pool's users are served at its backup pool and come back with what changed.

use super::{
    DUBLIN, DUBLIN_FILES, DUBLIN_USERS, LONDON, LONDON_FILES, LONDON_USERS, MASTER, documents, refused, said, served,
    state,
};
use crate::support::fleet::Fleet;

/// Rule: a planned failover loses nothing, a failback gives back what changed meanwhile; what is refused has its id, and
/// changes nothing.
#[test]
fn users_go_over_and_come_back() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN_USERS, LONDON_USERS, DUBLIN_FILES, LONDON_FILES]);
    served(&fleet, DUBLIN);
    served(&fleet, LONDON);
    let note =
        |text: &str| format!("Set-CsUserDocument -Identity \"Liam O'Brien\" -Kind Note -Value @{{Text = \"{text}\"}}");
    fleet.shell(&note("Before"));
    let before = documents(&fleet, DUBLIN);
    assert!(before.contains("Before") && before.lines().count() > 80, "{before}");

    let told = fleet.shell(&format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -WhatIf"));
    assert!(told.contains("PoolState") && told.contains("EdgeNextHop") && told.contains("What if"), "{told}");
    refused(
        &fleet,
        &format!("Get-CsRegistrarConfiguration -Identity service:Registrar:{DUBLIN}"),
        "ManagementObjectNotFound",
    );
    refused(&fleet, &format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false"), "PoolNotFailedOver");
    let told =
        refused(&fleet, &format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -DisasterMode"), "PromptNotAvailable");
    assert!(told.contains("would lose nothing"), "a pool that answers need not go over like that: {told}");
    let stops = format!(
        "Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -ErrorAction Stop; Write-Output \"went-$(40 + 2)\""
    );
    assert!(!refused(&fleet, &stops, "PoolNotFailedOver").contains("went-42"), "an error from a server stops too");
    assert_eq!(documents(&fleet, DUBLIN), before, "what only asks changes nothing");

    let (code, told) =
        said(&fleet, &format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00 -Verbose"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(LONDON_USERS) && told.contains("FailedOver"), "{told}");
    assert_eq!(state(&fleet, DUBLIN), "FailedOver");
    assert_eq!(documents(&fleet, DUBLIN), before, "nothing is lost");
    let info = fleet.shell("Get-CsUserPoolInfo \"Liam O'Brien\" | Select-Object PrimaryPoolFqdn, UserServicesPoolFqdn | ConvertTo-Json -Compress");
    assert!(
        info.contains(&format!("\"PrimaryPoolFqdn\":\"{DUBLIN}\",\"UserServicesPoolFqdn\":\"{LONDON}\"")),
        "{info}"
    );
    refused(&fleet, &format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false"), "PoolFailedOver");
    refused(&fleet, &format!("Invoke-CsPoolFailOver -PoolFqdn {LONDON} -Confirm:$false"), "PartnerFailedOver");

    fleet.shell(&note("Meanwhile"));
    fleet.shell("Remove-CsUserDocument -Identity \"Zoë Byrne\" -Kind Presence");
    let meanwhile = documents(&fleet, DUBLIN);
    assert!(meanwhile != before && meanwhile.contains("Meanwhile"));
    let (code, told) =
        said(&fleet, &format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00 -Verbose"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("ConfServices.DataConf"), "files of conferences come back first: {told}");
    assert_eq!(state(&fleet, DUBLIN), "Active");
    assert_eq!(documents(&fleet, DUBLIN), meanwhile, "what changed came back");

    // One that was begun and interrupted before anything went over is undone.
    let begun = format!("Set-CsRegistrarConfiguration -Identity service:Registrar:{DUBLIN} -PoolState FailingOver");
    fleet.shell(&begun);
    refused(&fleet, &note("Too late"), "UserInResiliencyMode");
    fleet.shell(&format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false"));
    assert_eq!((state(&fleet, DUBLIN), documents(&fleet, DUBLIN)), ("Active".into(), meanwhile.clone()));
    // And one that was run again is finished.
    fleet.shell(&begun);
    fleet.shell(&format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00"));
    assert_eq!((state(&fleet, DUBLIN), documents(&fleet, DUBLIN)), ("FailedOver".into(), meanwhile));
    let rows = fleet.shell(
        "Get-CsAuditLog | Where-Object {$_.Cmdlet -like 'Invoke-CsPoolFail*'} | Measure-Object | ForEach-Object Count",
    );
    assert!(rows.trim().parse::<u32>().unwrap() >= 4, "{rows}");
}

/// Rule: after a disaster the backup pool serves what it had; what the lost computer alone had is in a file that is named
/// when it comes back.
#[test]
fn a_lost_pool_is_served_from_what_was_synchronised() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN_USERS, LONDON_USERS, DUBLIN_FILES, LONDON_FILES]);
    served(&fleet, DUBLIN);
    // There and back: so London has a copy.
    fleet.shell(&format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00"));
    fleet.shell(&format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00"));
    let had = documents(&fleet, DUBLIN);
    fleet.shell("Set-CsUserDocument -Identity \"Liam O'Brien\" -Kind Note -Value @{Text = \"Only here\"}");
    fleet.kill(DUBLIN_USERS);
    refused(
        &fleet,
        &format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:00:01"),
        "SourceUnreachable",
    );
    assert_eq!(state(&fleet, DUBLIN), "Active", "a refusal changes nothing");
    let (code, told) =
        said(&fleet, &format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -DisasterMode -Verbose"));
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(documents(&fleet, DUBLIN), had);

    fleet.start(DUBLIN_USERS);
    fleet.shell("Set-CsUserDocument -Identity \"Liam O'Brien\" -Kind Note -Value @{Text = \"In London\"}");
    let meanwhile = documents(&fleet, DUBLIN);
    let (code, told) =
        said(&fleet, &format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00 -Verbose"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("WARNING: Changes of the users"), "{told}");
    assert_eq!(documents(&fleet, DUBLIN), meanwhile);
    for shows in ["Get-CsBackupServiceStatus", "Get-CsDatabaseMirrorState"] {
        let files = fleet.shell(&format!("({shows} -PoolFqdn {DUBLIN} | Where-Object UnsentChanges).UnsentChanges"));
        assert!(files.contains(&format!("{DUBLIN_USERS}: ")), "{shows}: {files}");
    }
    let kept = fleet.host(DUBLIN_USERS);
    let unsent = walk(&kept).into_iter().find(|path| path.contains("unsent") && path.ends_with(".json"));
    let unsent = unsent.unwrap_or_else(|| panic!("no file of unsent changes in {:?}", walk(&kept)));
    assert!(std::fs::read_to_string(unsent).unwrap().contains("Only here"));
}

/// Every file below a folder.
fn walk(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path.to_string_lossy().into_owned()] })
        .collect()
}
