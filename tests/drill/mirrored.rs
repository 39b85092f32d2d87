//! Disasters where the store has a mirror: nothing that was acknowledged is lost.

use super::{ATLANTA, EDGE, MIRROR, REDMOND, SEED, Site, Writer};
use reeve::store::Role;

/// Rule: with a mirror the list of lost changes is empty, and every acknowledged change is there: where Redmond takes
/// over, which was held back, while the mirror lives; and where the mirror takes over. Who comes back stands by.
#[test]
fn with_a_mirror_nothing_is_lost() {
    let mut site = Site::mirrored();
    let state = "Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt";
    let sides = |site: &Site, from: &str| {
        let names = ["StateOnPrimary", "StateOnMirror", "MirroringStatusOnPrimary", "MirroringStatusOnMirror"];
        let text = format!("{state} | ForEach-Object {{$_.{}}}", names.join("; $_."));
        site.on(from, &text).ok().lines().join(" ")
    };
    assert_eq!(sides(&site, ATLANTA), "Principal Mirror synchronized synchronized");

    // Redmond knows nothing of the last changes, and takes them from the mirror.
    let writer = Writer::begin(&site, "M");
    writer.goes_on(5);
    site.kill(REDMOND);
    writer.goes_on(10);
    site.kill(ATLANTA);
    site.start(REDMOND);
    site.on(REDMOND, &format!("{SEED} -Report redmond.html")).ok();
    let record = site.record(REDMOND).unwrap();
    assert!(record.lost.is_empty(), "{:?}", record.lost);
    assert!(site.path("redmond.html").exists());
    writer.goes_on(5);
    let mut acknowledged = writer.end();
    site.whole(REDMOND, &[MIRROR], &[REDMOND, EDGE], &acknowledged);
    site.start(ATLANTA);
    site.whole(REDMOND, &[ATLANTA, MIRROR], &[ATLANTA, REDMOND, EDGE], &acknowledged);
    site.lab("Invoke-CsManagementServerFailover -Restore -Confirm:$false").ok();
    site.whole(ATLANTA, &[REDMOND, MIRROR], &[ATLANTA, REDMOND, EDGE], &acknowledged);

    // The mirror takes over.
    crate::support::fleet::wait("the mirror has everything", || {
        sides(&site, ATLANTA) == "Principal Mirror synchronized synchronized"
    });
    let writer = Writer::begin(&site, "N");
    writer.goes_on(10);
    site.kill(ATLANTA);
    let over = "Invoke-CsDatabaseFailover -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt -NewPrincipal Mirror -Force";
    site.on(MIRROR, over).ok();
    let record = site.record(MIRROR).unwrap();
    assert!(record.lost.is_empty(), "{:?}", record.lost);
    assert_eq!(site.standing(MIRROR).unwrap().role, Role::Active);
    writer.goes_on(5);
    acknowledged.extend(writer.end());
    site.whole(MIRROR, &[REDMOND], &[REDMOND, EDGE], &acknowledged);
    site.start(ATLANTA);
    site.whole(MIRROR, &[ATLANTA, REDMOND], &[ATLANTA, REDMOND, EDGE], &acknowledged);
    crate::support::fleet::wait("the sides have changed", || {
        sides(&site, MIRROR) == "Mirror Principal synchronized synchronized"
    });
}

/// Rule: the drill of scripts/ passes where the store has a mirror: to it, and back.
#[test]
fn the_drill_passes_with_a_mirror() {
    let site = Site::mirrored();
    let script = format!("{}/scripts/failover-drill.rhai", env!("CARGO_MANIFEST_DIR"));
    let ran = site.run(&["--dir", "lab", "--output", "json", "run", &script]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&ran.stdout), text(&ran.stderr));
    let steps: Vec<serde_json::Value> = out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let names: Vec<&str> = steps.iter().filter_map(|step| step["Step"].as_str()).collect();
    assert_eq!(names, ["Plan", "There", "Verify There", "Back", "Verify Back"], "{out}\n{err}");
    assert!(ran.status.code() == Some(0) && steps.iter().all(|step| step["Result"] == "Passed"), "{out}\n{err}");
    let there = steps[1]["Found"].as_str().unwrap_or_default();
    assert!(there.contains(&format!("From {ATLANTA} to {MIRROR}")), "{there}");
    assert_eq!(site.standing(ATLANTA).map(|standing| standing.role), Some(Role::Active));
}
