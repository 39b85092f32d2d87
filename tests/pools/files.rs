//! Real servers: files of conferences that were written at the backup pool come back with the users.

use super::{DUBLIN, DUBLIN_FILES, DUBLIN_USERS, LONDON_FILES, LONDON_USERS, MASTER, refused, said, served, state};
use crate::backup::tree;
use crate::support::fleet::{Fleet, wait};
use std::fs;
use std::path::{Path, PathBuf};

const ALL: [&str; 5] = [MASTER, DUBLIN_USERS, LONDON_USERS, DUBLIN_FILES, LONDON_FILES];

/// The files of Dublin's conferences on a computer.
fn files(fleet: &Fleet, computer: &str) -> PathBuf {
    fleet.host(computer).join("pools").join(DUBLIN).join("files")
}

/// Both sides, which begin alike. Cycles come so seldom that none comes between.
fn pair() -> (Fleet, PathBuf, PathBuf) {
    let mut fleet = Fleet::new();
    fleet.shell("Set-CsBackupServiceConfiguration -Identity global -SyncInterval 03:00:00");
    let (dublin, london) = (files(&fleet, DUBLIN_FILES), files(&fleet, LONDON_FILES));
    fs::write(dublin.join("both.txt"), "first").unwrap();
    fs::write(dublin.join("there.txt"), "first").unwrap();
    fleet.launch(&ALL);
    served(&fleet, DUBLIN);
    synchronised(&fleet);
    assert_eq!(tree(&dublin), tree(&london));
    (fleet, dublin, london)
}

fn synchronised(fleet: &Fleet) {
    fleet.shell(&format!("Invoke-CsBackupServiceSync -PoolFqdn {DUBLIN} -BackupModule DataConf"));
}

/// The texts of all files of a folder whose name begins so.
fn texts(folder: &Path, name: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let of_it = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
    let mut texts: Vec<String> = of_it.map(|entry| fs::read_to_string(entry.path()).unwrap()).collect();
    texts.sort();
    texts
}

/// Rule: before users come back the pool has what was written at the backup pool meanwhile; what both sides changed is
/// kept twice, and said on the console and in the page; nothing goes the old way while the pool is failed over.
#[test]
fn files_come_back_with_the_users() {
    let (fleet, dublin, london) = pair();
    let page = fleet.path("over.html");
    let over = format!(
        "Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00 -Verbose -Report {}",
        page.display()
    );
    let (code, told) = said(&fleet, &over);
    assert_eq!(code, Some(0), "{told}");
    let text = fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("ConfServices.DataConf") && text.contains("FailedOver") && text.contains("Promote"),
        "{text}"
    );
    // Now files go from London: one that Dublin writes does not go there, one of London comes.
    fs::write(dublin.join("old-way.txt"), "written at home").unwrap();
    fs::write(london.join("by-cycle.txt"), "written in London").unwrap();
    synchronised(&fleet);
    assert!(!london.join("old-way.txt").exists() && dublin.join("by-cycle.txt").exists());

    fs::write(london.join("meanwhile.txt"), "new in London").unwrap();
    fs::write(london.join("there.txt"), "changed in London").unwrap();
    fs::write(london.join("both.txt"), "changed in London").unwrap();
    fs::write(dublin.join("both.txt"), "changed in Dublin").unwrap();
    fs::remove_file(london.join("by-cycle.txt")).unwrap();
    let page = fleet.path("back.html");
    let back = format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00 -Verbose");
    refused(&fleet, &format!("{back} -Report {}", fleet.path("no/such/folder.html").display()), "ReportNotWritten");
    assert_eq!(state(&fleet, DUBLIN), "FailedOver", "a report that cannot be written is said before anything is done");
    let (code, told) = said(&fleet, &format!("{back} -Report {}", page.display()));
    assert_eq!((code, state(&fleet, DUBLIN)), (Some(0), "Active".to_string()), "{told}");
    assert!(told.contains("ConfServices.DataConf") && told.contains("both sides changed it"), "{told}");
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("both sides changed it") && text.contains("Active now"), "{text}");
    let came = || {
        assert_eq!(fs::read_to_string(dublin.join("meanwhile.txt")).unwrap(), "new in London");
        assert_eq!(fs::read_to_string(dublin.join("there.txt")).unwrap(), "changed in London");
        assert_eq!(texts(&dublin, "both.txt"), ["changed in Dublin", "changed in London"]);
        assert_eq!(fs::read_to_string(dublin.join("both.txt")).unwrap(), "changed in London");
        assert!(!dublin.join("by-cycle.txt").exists(), "what was deleted in London is deleted");
    };
    came();
    // And from now on London follows again, and changes nothing of it.
    synchronised(&fleet);
    came();
    assert_eq!(tree(&dublin), tree(&london));
    assert!(london.join("old-way.txt").exists());
}

/// Rule: after a disaster too; and where the backup pool is lost as well, the pool takes its users back, says what it could
/// not carry, and nothing of it is overwritten when the backup pool is there again.
#[test]
fn files_come_back_after_a_disaster() {
    let (mut fleet, dublin, london) = pair();
    for computer in [DUBLIN_FILES, DUBLIN_USERS] {
        fleet.kill(computer);
    }
    let over = format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -DisasterMode");
    let back = format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00");
    let modules = format!(
        "((Get-CsBackupServiceStatus -PoolFqdn {DUBLIN}).BackupModules | Where-Object Identity -like *DataConf).ExportStatus"
    );
    assert_eq!(fleet.shell(&modules).trim(), "ErrorState", "the computer that has the files does not answer");
    let told = said(&fleet, &format!("{over} -WhatIf")).1;
    assert!(told.contains("lost      Files of conferences") && told.contains("it would succeed"), "{told}");
    let page = fleet.path("lost.html");
    let (code, told) = said(&fleet, &format!("{over} -Report {}", page.display()));
    assert!(code == Some(0) && told.contains("Lost: Files of conferences"), "{told}");
    assert!(fs::read_to_string(&page).unwrap().contains("Files of conferences that were changed after"));
    fs::write(dublin.join("both.txt"), "only Dublin had it").unwrap();
    fs::write(london.join("both.txt"), "changed in London").unwrap();
    fs::write(london.join("meanwhile.txt"), "new in London").unwrap();
    for computer in [DUBLIN_FILES, DUBLIN_USERS] {
        fleet.start(computer);
    }
    let mut told = String::new();
    wait("the users come back", || {
        let (code, said) = said(&fleet, &back);
        told = said;
        code == Some(0)
    });
    assert_eq!(fs::read_to_string(dublin.join("meanwhile.txt")).unwrap(), "new in London", "{told}");
    assert_eq!(texts(&dublin, "both.txt"), ["changed in London", "only Dublin had it"]);

    synchronised(&fleet);
    let over = format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false -WaitTime 00:01:00");
    let (code, told) = said(&fleet, &over);
    assert_eq!(code, Some(0), "{told}");
    synchronised(&fleet);
    fs::write(london.join("there.txt"), "London had it alone").unwrap();
    fs::write(london.join("last.txt"), "new, and London is lost").unwrap();
    for computer in [LONDON_FILES, LONDON_USERS] {
        fleet.kill(computer);
    }
    let (code, told) = said(&fleet, &format!("Invoke-CsPoolFailBack -PoolFqdn {DUBLIN} -Confirm:$false -DisasterMode"));
    assert_eq!((code, state(&fleet, DUBLIN)), (Some(0), "Active".to_string()), "{told}");
    assert!(told.contains("were not carried back"), "{told}");
    for computer in [LONDON_FILES, LONDON_USERS] {
        fleet.start(computer);
    }
    wait("London follows again", || {
        said(&fleet, &format!("Invoke-CsBackupServiceSync -PoolFqdn {DUBLIN} -BackupModule DataConf")).0 == Some(0)
    });
    assert_eq!(texts(&london, "there.txt"), ["London had it alone", "first"]);
    assert!(
        london.join("last.txt").exists()
            && fs::read_to_string(london.join("there.txt")).unwrap() != "London had it alone"
    );
}

/// Rule: where the file store of either side cannot be reached -WhatIf says so, and what it says happens: the command is
/// refused, and the pool's users were never on their way.
#[test]
fn a_file_store_out_of_reach_refuses() {
    let mut fleet = Fleet::new();
    fleet.launch(&ALL);
    served(&fleet, DUBLIN);
    let over = format!("Invoke-CsPoolFailOver -PoolFqdn {DUBLIN} -Confirm:$false");
    for lost in [LONDON_FILES, DUBLIN_FILES] {
        fleet.kill(lost);
        let told = fleet.shell(&format!("{over} -WhatIf"));
        let says = told.lines().find(|line| line.contains("ConferenceFiles")).unwrap_or_default();
        assert!(says.contains("refuses") && says.contains(lost), "{lost}: {told}");
        assert!(told.contains("it would be refused"), "{lost}: {told}");
        refused(&fleet, &format!("{over} -WaitTime 00:00:01"), "HostUnreachable");
        // Its Registrar gets settings of its own with the first state that is written.
        let settings = format!("Get-CsRegistrarConfiguration -Identity service:Registrar:{DUBLIN}");
        refused(&fleet, &settings, "ManagementObjectNotFound");
        fleet.start(lost);
    }
}
