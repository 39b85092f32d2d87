//! The computer that was to take the store over is lost in the midst of it, after the source was closed.

use super::planned::{PLANNED, RESTORE, active, begin};
use super::site::Ran;
use super::{ATLANTA, EDGE, REDMOND, Site};
use reeve::failover::{RunRecord, Stage};
use reeve::store::{Placed, Role};

/// A session at Atlanta, in a window wide enough that nothing is broken into lines.
fn wide(site: &Site, text: &str) -> Ran {
    site.ran(&["--dir", site.host(ATLANTA).to_str().unwrap(), "--width", "1000", "-c", text])
}

/// Kills the target when the source has just closed; what it had recorded then, if it had not taken over. Else all is as
/// before.
fn killed_in_the_midst(site: &mut Site) -> Option<RunRecord> {
    let source = site.store(ATLANTA);
    let mut command = begin(site, ATLANTA, PLANNED);
    while source.role().unwrap() == Role::Active && command.try_wait().unwrap().is_none() {}
    site.kill(REDMOND);
    drop(source);
    command.wait_with_output().unwrap();
    let record = site.record(REDMOND).filter(|left| left.stage <= Stage::Export);
    if record.is_some() && site.standing(ATLANTA).unwrap().role == Role::Closed {
        return record;
    }
    site.start(REDMOND);
    if active(site) == REDMOND {
        site.lab(RESTORE).ok();
    }
    site.stands_by(REDMOND, ATLANTA);
    site.follow(ATLANTA, &[ATLANTA, REDMOND, EDGE]);
    None
}

/// Rule: commands at a source that is closed name the failover that is not over, and the ways out; it takes changes again
/// by its own name, and loses nothing; a target that comes back drops its order, which then stands in nobody's way, and the
/// next failover counts its own outage alone.
#[test]
fn the_source_is_made_active_again() {
    let mut site = Site::up();
    site.lab("New-CsVoicePolicy -Identity Kept | Out-Null").ok();
    site.stands_by(REDMOND, ATLANTA);
    // Where the failover was quicker than the test it is led back, and tried again.
    let left =
        (0..8).find_map(|_| killed_in_the_midst(&mut site)).expect("the target is never killed before it took over");
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
