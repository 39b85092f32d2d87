//! Planned failovers under load, and computers that die in the midst of one.

use super::site::Ran;
use super::{ATLANTA, EDGE, REDMOND, Site, Writer};
use crate::support::fleet::wait;
use reeve::failover::{RunRecord, Stage};
use reeve::store::{Placed, Role, SqliteStore};
use std::process::{Child, Stdio};
use std::time::Instant;

pub(super) const PLANNED: &str = "Invoke-CsManagementServerFailover -Confirm:$false";
pub(super) const RESTORE: &str = "Invoke-CsManagementServerFailover -Restore -Confirm:$false";

/// Begins a command in a process of its own.
pub(super) fn begin(site: &Site, computer: &str, text: &str) -> Child {
    let host = site.host(computer).to_str().unwrap().to_string();
    let mut command = site.command(&["--dir", &host, "-c", text]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the target has recorded a step of a failover that begins now, or the command ended without its being seen:
/// a step takes a moment.
fn until_recorded(target: &SqliteStore, before: Option<&str>, wanted: Stage, command: &mut Child) {
    let start = Instant::now();
    loop {
        let note = target.note(RunRecord::NOTE).unwrap();
        let record: Option<RunRecord> = note.and_then(|note| serde_json::from_value(note).ok());
        let is_new = |record: &RunRecord| Some(record.id.as_str()) != before;
        if record.filter(is_new).is_some_and(|record| record.stage >= wanted) {
            return;
        }
        if command.try_wait().unwrap().is_some() {
            return;
        }
        assert!(start.elapsed() < crate::support::fleet::PATIENCE, "{wanted:?} was never recorded");
    }
}

/// The active one of the two.
pub(super) fn active(site: &Site) -> &'static str {
    let mut found = None;
    wait("one is active, the other follows", || {
        let roles = [ATLANTA, REDMOND].map(|computer| site.standing(computer).map(|standing| standing.role));
        found = match roles {
            [Some(Role::Active), Some(Role::Standby)] => Some(ATLANTA),
            [Some(Role::Standby), Some(Role::Active)] => Some(REDMOND),
            _ => None,
        };
        found.is_some()
    });
    found.unwrap()
}

/// Rule: while a client writes all the time the store goes over and back as planned: no acknowledged change is lost, and
/// the report says how long no change could be made.
#[test]
fn there_and_back_under_load() {
    let site = Site::up();
    let writer = Writer::begin(&site, "P");
    writer.goes_on(10);
    let begin = Instant::now();
    site.lab(&format!("{PLANNED} -Report over.html")).ok();
    let took = begin.elapsed();
    writer.goes_on(10);
    let record = site.record(REDMOND).unwrap();
    assert_eq!(record.stage, Stage::Done);
    let outage = record.outage.expect("it reports the outage");
    assert!(outage > 0 && u128::from(outage) <= took.as_millis(), "{outage} ms of {took:?}");
    site.lab(RESTORE).ok();
    writer.goes_on(10);
    site.whole(ATLANTA, &[REDMOND], &[ATLANTA, REDMOND, EDGE], &writer.end());
    assert!(std::fs::read_to_string(site.path("over.html")).unwrap().contains(REDMOND));
}

/// Rule: kill -9 of the target, of the source, or of the command, at any recorded step: run again, from another computer
/// too, the failover is finished or undone; one is active then, and nothing that was acknowledged is lost.
#[test]
fn killed_at_a_step() {
    let mut site = Site::up();
    let mut acknowledged = Vec::new();
    let cases = [
        (Stage::Close, "target"),
        (Stage::Pull, "source"),
        (Stage::Export, "target"),
        (Stage::Promote, "source"),
        (Stage::Promote, "target"),
        (Stage::Release, "target"),
        (Stage::Close, "command"),
        (Stage::Follow, "target"),
    ];
    for (at, (stage, victim)) in cases.into_iter().enumerate() {
        let source = active(&site);
        let target = if source == ATLANTA { REDMOND } else { ATLANTA };
        site.whole(source, &[target], &[ATLANTA, REDMOND, EDGE], &acknowledged);
        let writer = Writer::begin(&site, &format!("K{at}x"));
        writer.goes_on(3);
        let before = site.record(target).map(|record| record.id);
        let text = if source == ATLANTA { PLANNED } else { RESTORE };
        let database = site.store(target);
        let mut command = begin(&site, source, text);
        until_recorded(&database, before.as_deref(), stage, &mut command);
        match victim {
            "target" => site.kill(target),
            "source" => site.kill(source),
            _ => command.kill().unwrap(),
        }
        drop(database);
        let first = Ran::of(text, command.wait_with_output().unwrap());
        for computer in [source, target] {
            if !site.runs(computer) {
                site.start(computer);
            }
        }
        if victim == "command" {
            // Nobody heard of its end: given again it says how it ended, and does not lead back; without the name of a
            // target, which could mean another failover, it is refused until its report was fetched.
            wait("it ends by itself", || site.record(target).is_some_and(|record| record.stage == Stage::Done));
            let again = site.on(source, text);
            let again = if text == PLANNED { again.fails("FailoverOver") } else { again.ok() };
            assert_eq!(active(&site), target, "{again:?}");
            if text == PLANNED {
                let report = site.on(source, "Invoke-CsManagementServerFailover -LastReport").ok();
                assert!(format!("{}{}", report.out, report.err).contains("was done"), "{report:?}");
                let would = site.on(source, "(Test-CsManagementServerFailover).TargetFqdn").ok();
                assert_eq!(would.out.trim(), source);
            }
        }
        // Every other time it is undone instead, where that is still possible.
        let recorded = site.record(target).filter(|record| Some(&record.id) != before.as_ref());
        let open = recorded.filter(|record| !matches!(record.stage, Stage::Done | Stage::Undone));
        if let Some(open) = open {
            let undo = at % 2 == 1 && open.stage < Stage::Promote;
            let again = if undo { RESTORE } else { text };
            let from = if at % 4 < 2 { target } else { source };
            // A computer that starts takes a moment; and where the command alone was lost it goes on by itself.
            let (start, mut last) = (Instant::now(), None);
            loop {
                let ran = site.on(from, again);
                let over = |record: RunRecord| matches!(record.stage, Stage::Done | Stage::Undone);
                // One that took over is finished by the command, or waited for: it is in nobody's way.
                assert!(undo || from != target || !ran.err.contains("TargetIsActive"), "{ran:?}");
                if ran.code == Some(0) || site.record(target).is_some_and(over) {
                    break;
                }
                let patient = start.elapsed() < crate::support::fleet::PATIENCE;
                assert!(patient, "{stage:?}, {victim} killed: neither finished nor undone\n{ran:?}\n{last:?}");
                last = site.record(target).map(|record| record.stage);
            }
        }
        let now = active(&site);
        writer.goes_on(3);
        acknowledged.extend(writer.end());
        println!("{stage:?}, {victim} killed: {now} is active; the command: {:?} {}", first.code, first.err.trim());
        site.whole(now, &[if now == ATLANTA { REDMOND } else { ATLANTA }], &[ATLANTA, REDMOND, EDGE], &acknowledged);
    }
}

/// Rule: of two administrators who fail the store over at once, to two computers or to the same, one at most succeeds, and
/// the other is told why; there is one master.
#[test]
fn two_administrators_at_once() {
    let site = Site::up();
    let (one, other) = (begin(&site, ATLANTA, PLANNED), begin(&site, REDMOND, PLANNED));
    let ran = [one, other].map(|child| Ran::of(PLANNED, child.wait_with_output().unwrap()));
    let done = ran.iter().filter(|ran| ran.code == Some(0)).count();
    assert!(done >= 1, "{ran:?}");
    for ran in ran.iter().filter(|ran| ran.code != Some(0)) {
        let why = [
            "FailoverUnderway",
            "TargetIsActive",
            "TargetNotStandby",
            "NotActive",
            "SourceNotActive",
            "FailoverFailed",
        ];
        assert!(why.iter().any(|id| ran.err.contains(id)), "{ran:?}");
    }
    let now = active(&site);
    let other = if now == ATLANTA { REDMOND } else { ATLANTA };
    site.lab("New-CsVoicePolicy -Identity Both | Out-Null").ok();
    site.whole(now, &[other], &[ATLANTA, REDMOND, EDGE], &["Both".to_string()]);
    no_synchronisation_meanwhile(&site);
}

/// While a failover waits for a replica that hangs, the store is not synchronised.
fn no_synchronisation_meanwhile(site: &Site) {
    let sync = "Invoke-CsBackupServiceSync -PoolFqdn atl-cs-001.litwareinc.com -BackupModule CentralMgmt.CMSMaster";
    for _ in 0..5 {
        let source = active(site);
        let target = if source == ATLANTA { REDMOND } else { ATLANTA };
        site.stands_by(target, source);
        site.follow(source, &[ATLANTA, REDMOND, EDGE]);
        let before = site.record(target).map(|record| record.id);
        let mut command = begin(site, source, if target == REDMOND { PLANNED } else { RESTORE });
        until_recorded(&site.store(target), before.as_deref(), Stage::Close, &mut command);
        site.freeze(EDGE, true);
        let ran = site.lab(sync);
        let over = command.try_wait().unwrap().is_some();
        site.freeze(EDGE, false);
        let done = command.wait_with_output().unwrap();
        assert!(done.status.success(), "{done:?}");
        if ran.err.contains("FailoverUnderway") {
            return;
        }
        // The replica may have been there before it was stopped; or the source closed while it heard of the order.
        assert!(over || ran.err.contains("StoreNotActive"), "{ran:?}");
    }
}
