//! The computer that was to take the store over is lost in the midst of it, after the source was closed.

use super::planned::{PLANNED, begin, until_recorded};
use super::site::Ran;
use super::{ATLANTA, EDGE, REDMOND, Site};
use reeve::failover::Stage;
use reeve::store::Role;

/// A session at Atlanta, in a window wide enough that nothing is broken into lines.
fn wide(site: &Site, text: &str) -> Ran {
    site.ran(&["--dir", site.host(ATLANTA).to_str().unwrap(), "--width", "1000", "-c", text])
}

/// Rule: commands at a source that is closed name the failover that is not over, and the ways out; it takes changes again
/// by its own name, and loses nothing; a target that comes back drops its order, which then stands in nobody's way, and the
/// next failover counts its own outage alone.
#[test]
fn the_source_is_made_active_again() {
    let mut site = Site::up();
    site.lab("New-CsVoicePolicy -Identity Kept | Out-Null").ok();
    site.stands_by(REDMOND, ATLANTA);
    let before = site.record(REDMOND).map(|record| record.id);
    let database = site.store(REDMOND);
    let mut command = begin(&site, ATLANTA, PLANNED);
    until_recorded(&database, before.as_deref(), Stage::Pull, &mut command);
    site.kill(REDMOND);
    drop(database);
    command.wait_with_output().unwrap();
    let left = site.record(REDMOND).unwrap();
    if site.standing(ATLANTA).unwrap().role != Role::Closed || left.stage > Stage::Export {
        // It was quicker than the test: what is tested cannot be seen then, and other tests see to the rest.
        println!("it came to {:?} before it was killed", left.stage);
        return;
    }
    let refused = wide(&site, "New-CsVoicePolicy -Identity Late").fails("NotActive");
    for part in [left.id.as_str(), REDMOND, "is not over", "-Restore", "makes atl-cs-001.litwareinc.com active again"] {
        assert!(refused.err.contains(part), "{part} is not in\n{}", refused.err);
    }
    let looked = wide(&site, "Invoke-CsManagementServerFailover -WhatIf").ok();
    let said = format!("{}{}", looked.out, looked.err);
    assert!(said.contains(&left.id) && said.contains("TargetUnreachable"), "{said}");
    assert!(!said.contains("No other failover is under way"), "{said}");

    let itself = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"atl-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force";
    let looked = wide(&site, &format!("{itself} -WhatIf")).ok();
    let said = format!("{}{}", looked.out, looked.err);
    assert!(said.contains("Make atl-cs-001.litwareinc.com active again"), "{said}");
    assert!(
        !said.contains("from atl-cs-001.litwareinc.com to atl-cs-001") && !said.contains("last heard of"),
        "{said}"
    );
    wide(&site, itself).ok();
    wide(&site, "New-CsVoicePolicy -Identity After | Out-Null").ok();

    site.start(REDMOND);
    let acknowledged = ["Kept".to_string(), "After".to_string()];
    site.whole(ATLANTA, &[REDMOND], &[ATLANTA, REDMOND, EDGE], &acknowledged);
    crate::support::fleet::wait("the order is dropped", || {
        site.record(REDMOND).is_some_and(|record| record.stage == Stage::Undone)
    });
    site.lab("Invoke-CsBackupServiceSync -PoolFqdn atl-cs-001.litwareinc.com -BackupModule CentralMgmt.CMSMaster").ok();
    // Long enough that an outage counted from the first try would show.
    let since = left.closing.unwrap();
    let begun = std::time::Instant::now();
    site.lab(PLANNED).ok();
    let record = site.record(REDMOND).unwrap();
    assert_ne!(record.id, left.id);
    assert!(record.closing.unwrap() > since);
    assert!(u128::from(record.outage.unwrap()) <= begun.elapsed().as_millis(), "{:?}", record.outage);
    site.whole(REDMOND, &[ATLANTA], &[ATLANTA, REDMOND, EDGE], &acknowledged);
}
