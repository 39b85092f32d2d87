//! A place of the store that the topology makes while the deployment lives.

use super::{ATLANTA, MIRROR, REDMOND};
use crate::support::fleet::{Fleet, wait};
use reeve::store::{Placed, Role, SqliteStore};
use reeve::topology::{Topology, sample};

/// The mirror of the store's own service, in the mirrored sample.
const OF_THE_STORE: &str = "      <MirrorInstalledOn>
        <SqlInstanceId Name=\"RTC\">
          <ClusterId SiteId=\"2\" Number=\"4\" />
        </SqlInstanceId>
      </MirrorInstalledOn>
";

/// The mirrored sample, in which the store alone has no mirror.
fn before() -> String {
    let text = sample::LITWAREINC_MIRRORED;
    // The last one is that of the active site; others only name it as what they depend on.
    let service = text.rfind("RoleName=\"CentralMgmtStore\"");
    let at = service.and_then(|from| text[from..].find(OF_THE_STORE).map(|at| from + at)).unwrap();
    let text = [&text[..at], &text[at + OF_THE_STORE.len()..]].concat();
    let topology = Topology::parse(&text).unwrap();
    assert!(topology.store_places().iter().all(|place| place.mirror.is_none()), "the store has a mirror yet");
    text
}

/// Rule: a computer that a published topology makes a place of the store gets a copy and the authority's key by itself;
/// then it can take over.
#[test]
fn a_new_place_gets_the_key_and_can_take_over() {
    let mut fleet = Fleet::of(Topology::parse(&before()).unwrap());
    let key = |fleet: &Fleet, computer: &str| std::fs::read(fleet.host(computer).join("tls/ca.key")).ok();
    assert!(key(&fleet, ATLANTA).is_some() && key(&fleet, MIRROR).is_none());
    fleet.launch(&[ATLANTA, MIRROR, REDMOND]);
    std::fs::write(fleet.path("mirrored.xml"), sample::LITWAREINC_MIRRORED).unwrap();
    fleet.shell("Publish-CsTopology -FileName mirrored.xml -Confirm:$false");
    wait("the new place holds the authority's key", || key(&fleet, MIRROR) == key(&fleet, ATLANTA));
    let at = |computer: &str| {
        let path = fleet.host(computer).join("store/cms.db");
        let store = path.exists().then(|| SqliteStore::open(&path).ok()).flatten()?;
        Some((store.role().ok()?, store.position().ok()?))
    };
    wait("it has a copy", || {
        let (there, here) = (at(MIRROR), at(ATLANTA));
        there.is_some_and(|there| there.0 == Role::Standby && here.is_some_and(|here| here.1 == there.1))
    });
    let state = "(Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt).MirroringStatusOnMirror";
    wait("it is synchronized", || fleet.shell(state).trim() == "synchronized");

    fleet.kill(ATLANTA);
    // What survives is a mirror, and nobody's principal.
    let text = "Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt | ForEach-Object {\"$($_.StateOnMirror) $($_.MirroringStatusOnMirror) '$($_.Principal)'\"}";
    let mirror = fleet.host(MIRROR);
    let ran = fleet.run(&["--dir", mirror.to_str().unwrap(), "-c", text]);
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(out.trim(), "Mirror disconnected ''", "{}", String::from_utf8_lossy(&ran.stderr));
    let over = "Invoke-CsDatabaseFailover -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt -NewPrincipal Mirror -Force";
    let ran = fleet.run(&["--dir", mirror.to_str().unwrap(), "-c", over]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    fleet.shell("New-CsVoicePolicy -Identity There | Out-Null");
}
