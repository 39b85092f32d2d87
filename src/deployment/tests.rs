//! Deployments made, found, opened and refused.

use super::*;
use crate::store::{Change, DocumentId, Expected, Grant};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("host");
    (folder, place)
}

fn made() -> (tempfile::TempDir, PathBuf) {
    let (folder, place) = place();
    init(&place, Options::default()).unwrap();
    (folder, place)
}

fn refused(place: &Path) -> String {
    Deployment::open(place).err().map(|error| error.id().to_string()).unwrap_or_default()
}

#[test]
fn a_deployment_is_made_for_the_host_of_the_active_store() {
    let (_folder, place) = made();
    let deployment = Deployment::open(&place).unwrap();
    assert_eq!(deployment.computer(), "atl-cs-001.litwareinc.com");
    assert_eq!(deployment.topology().unwrap().sites().len(), 4);
    assert_eq!(deployment.owner_uid().unwrap(), rustix::process::getuid().as_raw());
    assert!(!deployment.id().is_empty());
}

#[test]
fn its_files_are_the_owners_alone() {
    let (folder, place) = made();
    let deployment = Deployment::open(&place).unwrap();
    let change = Change { id: DocumentId::new("X", "Global", ""), expected: Expected::Any, body: Some(1.into()) };
    deployment.store().commit(&Grant::system("test"), &[change]).unwrap();
    let mut folders = vec![place.clone()];
    while let Some(path) = folders.pop() {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
        for entry in fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
            }
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn the_topology_is_read_again_only_when_it_changed() {
    let (_folder, place) = made();
    let deployment = Deployment::open(&place).unwrap();
    let first = deployment.topology().unwrap();
    let other = Change { id: DocumentId::new("X", "Global", ""), expected: Expected::Any, body: Some(1.into()) };
    deployment.store().commit(&Grant::system("test"), &[other]).unwrap();
    assert!(Rc::ptr_eq(&first, &deployment.topology().unwrap()));
    let mirrored = Topology::parse(topology::sample::LITWAREINC_MIRRORED).unwrap();
    let change = topology::change(&mirrored, Expected::Any);
    deployment.store().commit(&Grant::system("test"), &[change]).unwrap();
    assert!(deployment.topology().unwrap().active_store().unwrap().mirror.is_some());
}

#[test]
fn an_empty_directory_will_do_and_a_full_one_will_not() {
    let (_folder, place) = place();
    fs::create_dir(&place).unwrap();
    init(&place, Options::default()).unwrap();
    let id = |place: &Path| init(place, Options::default()).unwrap_err().id().to_string();
    assert_eq!(id(&place), "DeploymentExists");
    let (_folder, foreign) = self::place();
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    assert_eq!(id(&foreign), "DirectoryNotEmpty");
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
    let file = foreign.join("thesis.txt");
    assert_eq!(id(&file), "DirectoryNotEmpty");
    assert_eq!(lab::create(&foreign).unwrap_err().id(), "DirectoryNotEmpty");
    assert_eq!(lab::create(&place).unwrap_err().id(), "DeploymentExists");
}

#[test]
fn what_a_killed_run_left_is_swept_away_and_what_a_living_one_makes_is_not() {
    let (folder, place) = place();
    let stale = folder.path().join(".host.making-1");
    let living = folder.path().join(".host.making-2");
    for path in [&stale, &living] {
        fs::create_dir(path).unwrap();
        fs::write(path.join("lock"), "").unwrap();
    }
    let held = lock::alone(&living).unwrap();
    assert!(held.is_some());
    init(&place, Options::default()).unwrap();
    assert!(!stale.exists() && living.exists());
}

#[test]
fn a_directory_that_is_there_stays_the_same_one() {
    use std::os::unix::fs::MetadataExt;
    let (_folder, place) = place();
    fs::create_dir(&place).unwrap();
    let inode = place.metadata().unwrap().ino();
    // What runs that were killed at two points left: nothing moved up yet, and all but the last.
    for left in [&[".making-1/store"][..], &[".making-2", "store", "hosts/a"][..]] {
        for path in left {
            fs::create_dir_all(place.join(path)).unwrap();
        }
        fs::write(place.join("lock"), "").unwrap();
        assert_eq!(refused(&place), "NoDeployment");
        init(&place, Options::default()).unwrap();
        let mut names: Vec<_> = fs::read_dir(&place).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["active.json", "addresses.toml", "host.toml", "lock", "reeve.json", "store", "tls"]);
        assert_eq!(refused(&place), "");
        assert_eq!((place.metadata().unwrap().ino(), place.metadata().unwrap().mode() & 0o777), (inode, 0o700));
        for name in names {
            let path = place.join(name);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
    }
    let held = lock::directory(&place).unwrap();
    assert!(held.is_some());
    assert_eq!(init(&place, Options::default()).unwrap_err().id(), "DirectoryNotEmpty", "somebody is at work there");
    drop(held);
    let failed = make::make(&place, |_| Err::<(), _>(failed("Oops", String::new())));
    assert_eq!(failed.unwrap_err().id(), "Oops");
    assert!(make::is_empty(&place).unwrap());
    lab::create(&place).unwrap();
    assert_eq!(place.metadata().unwrap().ino(), inode);
}

#[test]
fn a_failed_init_leaves_nothing() {
    let (folder, place) = place();
    let options = |computer: &str| Options { computer: Some(computer.into()), ..Options::default() };
    assert_eq!(init(&place, options("nobody")).unwrap_err().id(), "ComputerNotFound");
    let failed = make::make(&place, |_| Err::<(), _>(failed("Oops", String::new())));
    assert_eq!(failed.unwrap_err().id(), "Oops");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(init(&place, options("LON-cs-002.litwareinc.com")).unwrap().computer, "lon-cs-002.litwareinc.com");
}

#[test]
fn what_keeps_a_deployment_from_opening_has_its_id() {
    let (folder, empty) = place();
    assert_eq!(refused(&empty), "NoDeployment");
    assert_eq!(refused(folder.path()), "NoDeployment");
    type Harm = fn(&Path);
    let cases: [(&str, Harm); 9] = [
        ("StoreNewer", |place| {
            let file = rusqlite::Connection::open(place.join(STORE)).unwrap();
            file.pragma_update(None, "user_version", 99).unwrap();
        }),
        ("DeploymentDamaged", |place| fs::write(place.join("reeve.json"), "{").unwrap()),
        ("DeploymentDamaged", |place| fs::write(place.join("reeve.json"), [0xff, 0xfe]).unwrap()),
        ("DeploymentDamaged", |place| fs::write(place.join("reeve.json"), "{\"Format\":1}").unwrap()),
        ("DeploymentDamaged", |place| fs::write(place.join("reeve.json"), "[]").unwrap()),
        ("DeploymentNewer", |place| fs::write(place.join("reeve.json"), "{\"Format\":2}").unwrap()),
        ("DeploymentDamaged", |place| fs::remove_file(place.join(STORE)).unwrap()),
        ("StoreDamaged", |place| fs::write(place.join(STORE), "this is no database at all, not even close").unwrap()),
        ("NoDeployment", |place| fs::remove_file(place.join("reeve.json")).unwrap()),
    ];
    for (id, harm) in cases {
        let (_folder, place) = made();
        harm(&place);
        assert_eq!(refused(&place), id);
    }
}

#[test]
fn a_deployment_that_somebody_holds_alone_is_locked() {
    let (_folder, place) = made();
    let open = Deployment::open(&place).unwrap();
    assert_eq!(refused(&place), "", "sessions share it");
    assert!(lock::alone(&place).unwrap().is_none(), "nobody gets it alone meanwhile");
    drop(open);
    let held = lock::alone(&place).unwrap();
    assert!(held.is_some());
    assert_eq!(refused(&place), "DeploymentLocked");
    drop(held);
    assert_eq!(refused(&place), "");
}

#[test]
fn a_lab_has_a_directory_for_each_computer_and_is_opened_as_it_is() {
    let (_folder, place) = place();
    let lab = lab::create(&place).unwrap();
    assert!(lab.made);
    let deployment = Deployment::open(&place).unwrap();
    assert_eq!(deployment.directory(), lab.host);
    let computers: Vec<String> = deployment.topology().unwrap().computers().map(|c| c.fqdn.clone()).collect();
    for computer in &computers {
        assert!(place.join("hosts").join(computer).join("reeve.json").exists(), "{computer}");
    }
    assert_eq!(fs::read_dir(place.join("hosts")).unwrap().count(), computers.len());
    assert!(deployment.store().list("User").unwrap().len() >= 200);
    let roles = crate::access::Roles::load(deployment.store()).unwrap();
    let directory = crate::people::Directory::load(deployment.store()).unwrap();
    for role in roles.all().iter().filter(|role| !role.standard && !role.group) {
        assert_eq!(directory.find_group(&role.name).unwrap().sid, *role.sid, "{}", role.name);
        for scope in &role.user_scopes {
            let crate::access::UserScope::Ou(ou) = scope else { panic!("{} is not narrowed", role.name) };
            assert!(directory.find_ou(ou).is_ok(), "{ou}");
        }
    }
    let version = deployment.store().version().unwrap();
    drop(deployment);
    assert!(!lab::create(&place).unwrap().made);
    assert_eq!(Deployment::open(&place).unwrap().store().version().unwrap(), version);
    let other = place.join("hosts/lon-cs-002.litwareinc.com");
    let error = Deployment::open(&other).err().unwrap();
    assert_eq!(error.id(), "HostUnreachable");
    assert!(error.hints()[0].contains("atl-cs-001"));
    fs::write(place.join("lab.json"), "{\"Format\":7}").unwrap();
    assert_eq!(refused(&place), "DeploymentNewer");
    fs::write(place.join("lab.json"), "{\"Format\":1,\"Store\":\"../../etc\"}").unwrap();
    assert_eq!(refused(&place), "DeploymentDamaged");
}

#[test]
fn a_temporary_lab_goes_away() {
    let lab = lab::Temporary::new().unwrap();
    let directory = lab.lab().directory.clone();
    assert!(Deployment::open(&directory).is_ok());
    drop(lab);
    assert!(!directory.exists());
}

/// Rule: a lab's pools have what they own at the computers that the topology names; an old lab gets it once, and what was
/// lost since is not made anew.
#[test]
fn the_pools_of_a_lab_own_something() {
    let folder = tempfile::tempdir().unwrap();
    let lab = lab::create(&folder.path().join("lab")).unwrap();
    let pools = |computer: &str| lab.directory.join("hosts").join(format!("{computer}.litwareinc.com")).join("pools");
    let dublin = "dub-pool.litwareinc.com";
    let have = || {
        let users = SqliteStore::open(pools("dub-sql-001").join(dublin).join("users.db")).unwrap();
        assert!(users.list(crate::pools::KIND).unwrap().len() > 80);
        assert!(pools("dub-fs-001").join(dublin).join("files").is_dir());
        assert!(!pools("dub-sql-001").join(dublin).join("files").exists() && !pools("dub-sql-002").exists());
        let atlanta = pools("atl-cs-001").join("atl-cs-001.litwareinc.com");
        assert!(atlanta.join("users.db").exists() && atlanta.join("files").is_dir());
    };
    have();
    for (_, host) in lab.hosts().unwrap() {
        let _ = fs::remove_dir_all(host.join("pools"));
    }
    lab.equip().unwrap();
    have();
    fs::remove_file(pools("dub-sql-001").join(dublin).join("users.db")).unwrap();
    lab.equip().unwrap();
    assert!(!pools("dub-sql-001").join(dublin).join("users.db").exists());
}
