//! The store at several computers: mirrored, taken over, put back by hand.

use super::fleet::{Fleet, wait};
use super::{LONDON, MASTER};
use reeve::store::{DocumentId, Placed, Position, Role, SqliteStore, Store};
use reeve::topology::{self, Topology, sample};
use std::path::Path;
use std::process::Stdio;

const REDMOND: &str = "redmond-cs-001.litwareinc.com";
const MIRROR: &str = "atl-sql-002.litwareinc.com";

/// To Redmond, whatever became of the active one.
const DISASTER: &str = "Invoke-CsManagementServerFailover -BackupSqlServerFqdn redmond-cs-001.litwareinc.com \
                        -BackupSqlInstanceName RTC -Force -WarningAction SilentlyContinue";

fn store(host: &Path) -> Option<SqliteStore> {
    SqliteStore::open(host.join("store/cms.db")).ok()
}

fn position(host: &Path) -> Option<Position> {
    store(host)?.position().ok()
}

fn has_policy(host: &Path, name: &str) -> bool {
    let id = DocumentId::new("VoicePolicy", &format!("Tag:{name}"), "");
    store(host).is_some_and(|store| store.get(&id).unwrap().is_some())
}

/// Waits until two places hold the same log.
fn alike(fleet: &Fleet, one: &str, other: &str) {
    wait("one place is an exact copy of the other", || {
        let (one, other) = (position(&fleet.host(one)), position(&fleet.host(other)));
        one.is_some() && one == other
    });
}

/// Rule: with a mirror every acknowledged change is there too, whenever both computers are killed. A mirror that gets no
/// time for five seconds is left behind, and that is said: then nothing was promised, and it is tried again.
#[test]
fn what_is_acknowledged_is_at_the_mirror() {
    assert!(
        (0..5).any(|_| both_are_killed()),
        "the mirror was left behind each time: the machine is too busy for this"
    );
}

/// Whether the mirror was synchronised all the time until both were killed; then everything acknowledged is there.
fn both_are_killed() -> bool {
    let mut fleet = Fleet::of(Topology::parse(sample::LITWAREINC_MIRRORED).unwrap());
    fleet.launch(&[MASTER, MIRROR]);
    fleet.up_to_date(&[MASTER]);
    alike(&fleet, MASTER, MIRROR);
    // That it has the same is not yet that changes wait for it.
    wait("changes wait for the mirror", || {
        let state = "Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt";
        fleet.shell(&format!("({state}).MirroringStatusOnPrimary")).trim() == "synchronized"
    });
    let lab = fleet.lab.directory.to_str().unwrap().to_string();
    let text = "foreach ($n in 1..500) { New-CsVoicePolicy -Identity \"A$n\" -ErrorAction Stop | Out-Null; \"A$n\" }";
    let mut command = fleet.command(&["--dir", &lab, "-c", text]);
    let said = fleet.path("said");
    let out = std::fs::File::create(&said).unwrap();
    let mut session = command.stdout(Stdio::from(out)).stderr(Stdio::null()).spawn().unwrap();
    // What was cut off in the middle of a line was not said.
    let heard = || -> Vec<String> {
        let out = std::fs::read_to_string(&said).unwrap();
        let whole = out.rfind('\n').map_or("", |end| &out[..end]);
        whole.lines().map(str::trim).filter(|line| line.starts_with('A')).map(str::to_string).collect()
    };
    wait("some changes are acknowledged", || heard().len() > 10);
    fleet.kill(MASTER);
    fleet.kill(MIRROR);
    let _ = session.kill();
    session.wait().unwrap();
    let log = std::fs::read_to_string(fleet.host(MASTER).join("serve.log")).unwrap();
    if log.contains("without this mirror") {
        return false;
    }
    for name in heard() {
        assert!(has_policy(&fleet.host(MIRROR), &name), "{name} was acknowledged");
    }
    true
}

/// Rule: an export that is put in the place of the store stands by, takes no change, and brings back what it holds when it
/// takes over: under a later epoch, with the topology naming it, and with everybody following. The one that had the store
/// before comes back as its copy.
#[test]
fn an_export_is_put_back_by_hand() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, REDMOND, LONDON]);
    fleet.up_to_date(&[MASTER, REDMOND, LONDON]);
    fleet.shell("New-CsVoicePolicy -Identity Kept | Out-Null");
    alike(&fleet, MASTER, REDMOND);
    assert_eq!(store(&fleet.host(REDMOND)).unwrap().role().unwrap(), Role::Standby);
    assert!(store(&fleet.host(REDMOND)).unwrap().verify_audit().is_ok());
    fleet.kill(MASTER);
    fleet.shell(DISASTER);
    fleet.shell("New-CsVoicePolicy -Identity Later | Out-Null");
    // A version that a replica has seen is never given again; one that died with its only holder may be.
    fleet.up_to_date_with(&fleet.host(REDMOND), &[REDMOND, LONDON]);
    let before = position(&fleet.host(REDMOND)).unwrap();
    fleet.kill(REDMOND);

    let folder = fleet.host(REDMOND).join("store");
    for name in ["cms.db", "cms.db-wal", "cms.db-shm"] {
        let _ = std::fs::rename(folder.join(name), fleet.path(name));
    }
    let exports: Vec<_> = std::fs::read_dir(folder.join("exports")).unwrap().flatten().collect();
    let [export] = &exports[..] else { panic!("{exports:?}") };
    std::fs::copy(export.path(), folder.join("cms.db")).unwrap();
    let refused = fleet.run(&["--dir", fleet.host(REDMOND).to_str().unwrap(), "-c", "New-CsVoicePolicy -Identity No"]);
    assert!(!refused.status.success(), "it took a change");

    fleet.start(REDMOND);
    fleet.shell(DISASTER);
    let there = fleet.host(REDMOND);
    let now = position(&there).unwrap();
    assert!(now.epoch > before.epoch && now.version > before.version, "{before:?} {now:?}");
    assert!(has_policy(&there, "Kept") && !has_policy(&there, "Later"));
    let (topology, _) = topology::load(&store(&there).unwrap()).unwrap();
    assert_eq!(topology.active_store().unwrap().sql.computer, REDMOND);
    fleet.start(MASTER);
    alike(&fleet, MASTER, REDMOND);
    assert_eq!(store(&fleet.host(MASTER)).unwrap().role().unwrap(), Role::Standby);
    assert!(fleet.shell("(Get-CsManagementConnection).ActiveMaster").contains(REDMOND));
}
